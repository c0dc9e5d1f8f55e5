package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"assay/harness"
	"assay/harness/causes"
	"assay/harness/run"
	"assay/harness/score"
)

// evalRun is a results folder.
type evalRun struct {
	ID     string // of its section in the page: e0
	Name   string
	stored *run.Stored

	About    [][2]string // what was judged by what
	Scores   []scoreRow
	Verdicts []count
	Errors   causes.Analysis
	Fuel     fuel
	Rows     []row
	Two      bool // base and plus have verdicts of their own
	Notes    []string

	pages book
}

// sets are the input sets that have scores, the stricter one last.
var sets = []string{"base", "plus"}

// scoreRow is a score with its interval.
type scoreRow struct {
	Set string
	score.Estimate
	Correct, Samples int
}

// Percent is the interval's confidence.
func (s scoreRow) Percent() float64 { return 100 * s.Interval.Confidence }

// row is a sample in the table.
type row struct {
	Index      int
	Task       string
	Sample     int
	Verdict    verdict
	Base, Plus string
	Fuel       uint64
	Pages      uint32
	Says       string // what went wrong, in a line

	record harness.Record
}

// fuel is how much programs used.
type fuel struct {
	Median, Ninety, Most uint64
	MostOf               string
}

func openRun(path, name, id string, room *int) (*evalRun, error) {
	stored, err := run.Load(path)
	if err != nil {
		return nil, err
	}
	if len(stored.Records) == 0 {
		return nil, fmt.Errorf("%s: the results have no sample", path)
	}
	e := &evalRun{ID: id, Name: name, stored: stored, pages: book{room: room}}
	e.scores()
	missing := 0
	for i, r := range stored.Records {
		source, err := stored.Candidate(r)
		if err != nil {
			missing++
		}
		e.Two = e.Two || r.Plus != ""
		e.Rows = append(e.Rows, rowOf(i, r))
		if err := e.pages.add(samplePage(r, source, err)); err != nil {
			return nil, err
		}
	}
	e.note(missing)
	e.count()
	return e, nil
}

// scores takes the summary's, or works them out where there is none.
func (e *evalRun) scores() {
	s := e.stored.Summary
	scores := map[string]score.Score{}
	if s != nil {
		scores = s.Scores
		e.About = [][2]string{
			{"suite", line(s.Suite.String())},
			{"judged", fmt.Sprintf("%d of %s, %s", s.Tasks.Judged, plural(s.Tasks.Suite, "task"), plural(s.Samples, "sample"))},
			{"runtime", line(s.Runtime.Name)},
			{"rules", line(s.Options.Compat)},
			{"fuel in all", grouped(s.Fuel)},
		}
	} else {
		for set, passed := range e.stored.Scored() {
			scores[set] = score.Of(e.stored.Records, passed, score.Options{})
		}
	}
	for _, set := range sets {
		for _, estimate := range scores[set].PassAtK {
			e.Scores = append(e.Scores, scoreRow{set, estimate, scores[set].Correct, scores[set].Samples})
		}
	}
}

// note says what a reader must know of the numbers.
func (e *evalRun) note(missing int) {
	if s := e.stored.Summary; s == nil {
		e.Notes = append(e.Notes, "The folder has no summary.json: scores were worked out from the records.")
	} else {
		if s.Tasks.Judged < s.Tasks.Suite {
			e.Notes = append(e.Notes, fmt.Sprintf("The scores cover %d of the suite's %d tasks.", s.Tasks.Judged, s.Tasks.Suite))
		}
		if n := s.InfraErrors(); n > 0 {
			e.Notes = append(e.Notes, fmt.Sprintf("%s got no verdict by a fault of ours, and count in no score.", plural(n, "sample")))
		}
	}
	if missing > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("The programs of %s are not in the folder, and are not shown.", plural(missing, "sample")))
	}
	if e.pages.left > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("%s have no page here, which has room for %d MiB: assay show shows them.", plural(e.pages.left, "sample"), mostPages>>20))
	}
}

// Words are the verdicts that the table can be filtered by.
func (e *evalRun) Words() []string {
	var out []string
	for _, v := range e.Verdicts {
		out = append(out, v.Word)
	}
	return out
}

func (e *evalRun) count() {
	e.Errors = causes.Analyse(e.stored.Records)
	words := map[harness.Verdict]int{}
	for _, r := range e.stored.Records {
		words[r.Verdict]++
	}
	e.Verdicts = counted(words)
	byFuel := slices.SortedFunc(slices.Values(e.stored.Records), func(a, b harness.Record) int { return cmp.Compare(a.Fuel, b.Fuel) })
	n := len(byFuel)
	most := byFuel[n-1]
	e.Fuel = fuel{byFuel[n/2].Fuel, byFuel[n*9/10].Fuel, most.Fuel, fmt.Sprintf("%s #%d", line(most.TaskID), most.Sample)}
}

// failure is what went wrong first, in all.
func failure(r harness.Record) *harness.Failure {
	if r.Failure != nil {
		return r.Failure
	}
	return r.PlusFailure
}

func rowOf(i int, r harness.Record) row {
	out := row{
		Index: i, Task: line(r.TaskID), Sample: r.Sample, Verdict: verdictOf(r.Verdict),
		Base: line(string(r.Base)), Plus: line(string(r.Plus)), Fuel: r.Fuel, Pages: r.Pages, record: r,
	}
	switch f := failure(r); {
	case f == nil:
	case f.Exception != nil:
		out.Says = line(strings.TrimSuffix(f.Exception.Type+": "+f.Exception.Message, ": "))
	case f.Detail != "":
		out.Says = line(f.Detail)
	case f.Expected != "":
		out.Says = line("expected " + f.Expected)
	}
	return out
}

// samplePage is all that a record says, and its program.
func samplePage(r harness.Record, source string, missing error) page {
	p := page{Title: fmt.Sprintf("%s #%d", line(r.TaskID), r.Sample), Verdict: line(string(r.Verdict))}
	p.fact("base", string(r.Base))
	p.fact("plus", string(r.Plus))
	p.fact("fuel", grouped(r.Fuel))
	p.fact("peak memory", memory(r.Pages))
	p.fact("oracle", r.Oracle)
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
	return p
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

func memory(pages uint32) string { return fmt.Sprintf("%.1f MiB", float64(pages)/16) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// grouped is a number with its thousands apart.
func grouped(n uint64) string {
	s := fmt.Sprint(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
