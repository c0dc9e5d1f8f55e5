package report

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// samplePage is all that a record says, and its program.
func samplePage(r harness.Record, source string, missing error) page {
	p := page{Title: fmt.Sprintf("%s #%d", line(r.TaskID), r.Sample), Verdict: line(string(r.Verdict))}
	p.fact("base", string(r.Base))
	p.fact("plus", string(r.Plus))
	p.fact("fuel", grouped(r.Fuel))
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
