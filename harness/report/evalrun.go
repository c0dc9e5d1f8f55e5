package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/efficiency"
	"github.com/assay-dev/assay/harness/failures"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/humanize"
)

// evalRun is a results folder.
type evalRun struct {
	ID     string // of its section in the page: e0
	Name   string
	stored *run.Stored

	About    [][2]string // what was judged by what
	Scores   []scoreRow
	Verdicts []count
	Errors   failures.Analysis
	Fuel     fuel
	Cost     *efficiency.Report // nil where assay cost measured nothing
	Rows     []row
	Disputed []benchmarks.Dispute
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
	Ratio      string // of its fuel to the canonical solution's, where that was measured
	Disputed   string // what is disputed of the task
	Says       string // what went wrong, in a line

	record harness.Record
}

// fuel is how much programs used.
type fuel struct {
	Median, Ninety, Most uint64
	MostOf               string
}

func openRun(ctx context.Context, path, name, id string, room *int, withoutDisputed bool) (*evalRun, error) {
	stored, err := run.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	if lost := stored.Damage.Lines; len(stored.Records) == 0 && len(lost) > 0 {
		return nil, lost[0]
	}
	if len(stored.Records) == 0 {
		return nil, fmt.Errorf("%s: the results have no sample", path)
	}
	e := &evalRun{ID: id, Name: name, stored: stored, pages: book{room: room}}
	if err := e.scores(withoutDisputed); err != nil {
		return nil, err
	}
	ratios, err := e.costs()
	if err != nil {
		return nil, err
	}
	missing := 0
	for i, r := range stored.Records {
		source, err := stored.Candidate(r)
		if err != nil {
			missing++
		}
		e.Two = e.Two || r.Plus != ""
		row := rowOf(i, r)
		row.Ratio = ratios[sampleKey{r.TaskID, r.Sample}]
		row.Disputed = stored.DisputeText(r)
		e.Rows = append(e.Rows, row)
		p := samplePage(r, source, err)
		p.fact("the task is disputed", row.Disputed)
		p.fact("fuel, relative to the canonical solution", row.Ratio)
		p.fact("the program", strings.Join(run.Reaches(source), "; "))
		p.fact("to know", strings.Join(run.NarrowNotes(r, source), "; "))
		if err := e.pages.add(p); err != nil {
			return nil, err
		}
	}
	e.note(missing)
	e.count()
	return e, nil
}

// sampleKey names a sample.
type sampleKey struct {
	task   string
	sample int
}

// costs reads what assay cost measured, where it did.
func (e *evalRun) costs() (ratios map[sampleKey]string, err error) {
	e.Cost, err = optional(func() (*efficiency.Report, error) {
		return efficiency.ReadReport(filepath.Join(e.stored.Dir, efficiency.FileName))
	})
	if e.Cost == nil {
		return nil, err
	}
	ratios = map[sampleKey]string{}
	for _, t := range e.Cost.Tasks {
		for _, s := range t.Samples {
			ratios[sampleKey{t.TaskID, s.Sample}] = fmt.Sprintf("%.3g", s.Ratio)
		}
	}
	return ratios, nil
}

// scores works the scores out from the records. What the summary alone knows,
// which tasks are difficult and which can't pass here, is the summary's word.
func (e *evalRun) scores(withoutDisputed bool) error {
	s := e.stored.Summary
	scores := map[string]score.Score{}
	for set, passed := range e.stored.Scored() {
		var o score.Options
		if s != nil {
			o.Ks = s.Asked.K
		}
		scores[set] = score.Of(e.stored.Records, passed, o)
	}
	if s == nil {
		e.addScores(scores, "")
		return nil
	}
	e.About = [][2]string{
		{"suite", line(s.Suite.String())},
		{"judged", fmt.Sprintf("%d of %s, %s", s.Tasks.Judged, humanize.Plural(s.Tasks.Suite, "task"), humanize.Plural(s.Samples, "sample"))},
		{"runtime", line(s.Runtime.Name)},
		{"rules", line(s.Options.Compat)},
		{"python", line(s.Options.PythonName())},
		{"fuel in all", humanize.Grouped(s.Fuel)},
	}
	if s.RunnableOnly {
		e.About = append(e.About, [2]string{"the score that counts", "of tasks whose canonical solution passes here"})
	}
	if err := s.Plausible(); err != nil {
		return fmt.Errorf("%s: %w: it was changed since the run wrote it (assay verify says where)", e.Name, err)
	}
	if withoutDisputed {
		scores[run.UndisputedSet] = s.Undisputed(slices.Values(e.stored.Records))
	}
	for _, d := range s.Disputed {
		d.About, d.Thread = line(d.About), line(d.Thread)
		d.Task, d.What = line(d.Task), line(d.What)
		e.Disputed = append(e.Disputed, d)
	}
	for _, set := range slices.Sorted(maps.Keys(s.Scores)) {
		sc := s.Scores[set]
		// Records that were lost explain a difference, and are named.
		now, again := scores[set]
		if again && len(e.stored.Damage.Lines) == 0 && !reflect.DeepEqual(now.PassAtK, sc.PassAtK) {
			return fmt.Errorf("%s: summary.json has other scores of %q than its records give: one of the two was changed since the run wrote it (assay verify says which)", e.Name, set)
		}
		if !again {
			scores[set] = sc
		}
	}
	e.addScores(scores, "")
	e.addScores(s.Difficulty, "difficulty ")
	return nil
}

// addScores adds a row for each score: base before plus, before what else a suite
// has, such as runnable.
func (e *evalRun) addScores(scores map[string]score.Score, what string) {
	for _, set := range slices.Sorted(maps.Keys(scores)) {
		for _, estimate := range scores[set].PassAtK {
			e.Scores = append(e.Scores, scoreRow{what + line(set), estimate, scores[set].Correct, scores[set].Samples})
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
		if text := s.BestText(); text != "" {
			e.Notes = append(e.Notes, line(text)+".")
		}
		if n := s.InfraErrors(); n > 0 {
			e.Notes = append(e.Notes, fmt.Sprintf("%s got no verdict by a fault of ours, and count in no score.", humanize.Plural(n, "sample")))
		}
	}
	for _, notice := range e.stored.Damage.Notices(run.LineIsLost) {
		e.Notes = append(e.Notes, line(notice))
	}
	if missing > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("The programs of %s are not in the folder, and are not shown.", humanize.Plural(missing, "sample")))
	}
	if e.pages.left > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("%s have no page here, which has room for %d MiB: assay show shows them.", humanize.Plural(e.pages.left, "sample"), mostPages>>20))
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
	e.Errors = failures.Analyse(e.stored.Records)
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

func memory(pages uint32) string { return fmt.Sprintf("%.1f MiB", float64(pages)/16) }
