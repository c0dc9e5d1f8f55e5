package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/runtimes"
)

// page is all that is known of one sample or trace. The browser makes it when it
// is asked for.
type page struct {
	Title   string      `json:"title"`
	Verdict string      `json:"verdict"`
	Facts   [][2]string `json:"facts"`
	Parts   []part      `json:"parts"`
}

// part is a titled text of a page.
type part struct {
	Head string `json:"h"`
	text
	Code   bool  `json:"n,omitempty"` // lines have numbers
	Lines  []int `json:"l,omitempty"` // lines that are pointed out
	Beside *part `json:"b,omitempty"` // stands beside it
	Folded bool  `json:"f,omitempty"` // opened when asked for
	Step   bool  `json:"s,omitempty"` // a new attempt begins
}

// add appends a part, if it has a text.
func (p *page) add(x part) {
	if x.Text != "" || x.Beside != nil && x.Beside.Text != "" {
		p.Parts = append(p.Parts, x)
	}
}

// plainPart is a part without classes.
func plainPart(head, s string) part { return part{Head: head, text: text{Text: shown(s, mostText)}} }

// mostPages bounds what a report holds of samples and traces, in bytes of JSON.
const mostPages = 128 << 20

// book is the pages of a folder, in the order of its rows; one that has no room
// is null.
type book struct {
	pages [][]byte
	room  *int // what is left of mostPages, for all books
	left  int  // pages without room
}

func (b *book) add(p page) error {
	data, err := json.Marshal(p) // < and > are escapes in it
	if err != nil {
		return err
	}
	if len(data) > *b.room {
		data = []byte("null")
		b.left++
	}
	*b.room -= len(data)
	b.pages = append(b.pages, data)
	return nil
}

// packed is the pages as the page's script unpacks them: a list of JSON,
// gzipped, in base64.
func (b *book) packed() (string, error) {
	var out bytes.Buffer
	encoder := base64.NewEncoder(base64.StdEncoding, &out)
	z, err := gzip.NewWriterLevel(encoder, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(z, "[%s]", bytes.Join(b.pages, []byte(",\n")))
	for _, end := range []func() error{z.Close, encoder.Close} {
		if err == nil {
			err = end()
		}
	}
	return out.String(), err
}

// samplePage is all that a record says, and its program.
func samplePage(r harness.Record, source string, missing error) page {
	p := page{Title: fmt.Sprintf("%s #%d", line(r.TaskID), r.Sample), Verdict: line(string(r.Verdict))}
	p.fact("base", string(r.Base))
	p.fact("plus", string(r.Plus))
	p.fact("fuel", humanize.Grouped(r.Fuel))
	p.fact("peak memory", memory(r.Pages))
	p.fact("oracle", r.Oracle)
	p.fact("tests", testCount(r))
	p.fact("candidate", r.Candidate)
	p.fact("identity", r.Identity)
	code := part{Head: "program", text: program(source, ""), Code: true}
	if missing != nil {
		code = plainPart("program", "It is not shown: "+missing.Error())
	}
	if f := failure(r); f != nil && f.Exception != nil && f.Exception.Line > 0 {
		code.Lines = []int{f.Exception.Line}
	}
	for _, f := range []*harness.Failure{r.Failure, r.PlusFailure} {
		if f != nil {
			p.failure(f)
		}
	}
	p.add(code)
	p.tests(r.Tests)
	return p
}

// testCount is how many tests there are and passed, where that is known.
func testCount(r harness.Record) string {
	switch {
	case len(r.Tests) > 0:
		return fmt.Sprintf("%d of %d that ended passed", passedTests(r), len(r.Tests))
	case r.TestCount > 0:
		return fmt.Sprint(r.TestCount)
	}
	return ""
}

func passedTests(r harness.Record) int {
	n := 0
	for _, t := range r.Tests {
		if t.Outcome == runtimes.TestPass {
			n++
		}
	}
	return n
}

// tests lists the unit tests, and what was raised in each.
func (p *page) tests(tests []runtimes.TestResult) {
	var list strings.Builder
	for _, t := range tests {
		fmt.Fprintf(&list, "%-6s %s\n", t.Outcome, t.Name)
	}
	p.add(plainPart("tests", list.String()))
	for _, t := range tests {
		if x := t.Exception; x != nil {
			raised := plainPart("raised in "+line(t.Name), strings.TrimSuffix(x.Type+": "+x.Message, ": ")+"\n\n"+x.Traceback)
			raised.Folded = true
			p.add(raised)
		}
	}
}

func (p *page) fact(name, value string) {
	if value != "" {
		p.Facts = append(p.Facts, [2]string{name, line(value)})
	}
}

// failure shows what went wrong first.
func (p *page) failure(f *harness.Failure) {
	head := "input"
	if f.Input != nil {
		head = fmt.Sprintf("input %d", *f.Input)
	}
	if f.Set != "" {
		head += " of " + line(f.Set)
	}
	p.add(plainPart(head, f.Args))
	expected, actual := difference(f.Expected, f.Actual)
	p.add(part{Head: "expected", text: expected, Beside: &part{Head: "actual", text: actual}})
	if x := f.Exception; x != nil {
		says := strings.TrimSuffix(x.Type+": "+x.Message, ": ")
		if x.Line > 0 {
			says += fmt.Sprintf("\nline %d of the program", x.Line)
		}
		p.add(plainPart("raised", says))
		p.add(plainPart("traceback", x.Traceback))
	}
	p.add(plainPart("detail", f.Detail))
}
