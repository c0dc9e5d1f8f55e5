package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/run"
)

// smallRun is up to how many samples each is listed at the end.
const smallRun = 30

// table prints the last lines of eval.
func (a *app) table(dir string, s *run.Summary) error {
	var b strings.Builder
	stored, err := run.Load(dir)
	if err != nil {
		return err
	}
	if len(stored.Records) <= smallRun {
		if err := fuelTable(&b, painter(a.stdout), stored.Records); err != nil {
			return err
		}
	}
	fmt.Fprintf(&b, "%s: %s, %s, %s\n\n", s.Suite, plural(s.Tasks.Judged, "task"), plural(s.Samples, "sample"), s.Runtime.Name)
	scoreTable(&b, s)
	if r, ok := s.Scores["runnable"]; ok {
		fmt.Fprintf(&b, "\nrunnable leaves out %s whose own solution can't pass here (assay suites info %s).\n",
			plural(s.Scores["base"].Tasks-r.Tasks, "task"), s.Suite)
	}
	fmt.Fprintf(&b, "\n%s\n", verdictCounts(s.Verdicts))
	b.WriteString(fuelLine(stored.Records))
	if s.Tasks.Judged < s.Tasks.Suite {
		fmt.Fprintf(&b, "The scores cover %d of the suite's %d tasks.\n", s.Tasks.Judged, s.Tasks.Suite)
	}
	fmt.Fprintf(&b, "\nIn %s: %s\n", dir, strings.Join(run.Files(dir), ", "))
	_, err = a.stdout.Write([]byte(b.String()))
	return err
}

// fuelTable lists the samples of a small run with the fuel that each used.
func fuelTable(b *strings.Builder, p paint, records []harness.Record) error {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "sample\tfuel\tmemory\tverdict")
	for _, r := range records {
		verdict := p.red(string(r.Verdict))
		if r.Verdict == harness.Pass {
			verdict = p.green(string(r.Verdict))
		}
		fmt.Fprintf(w, "%s#%d\t%s\t%s\t%s\n", r.TaskID, r.Sample, grouped(r.Fuel), bytesText(int64(r.Pages)<<16), verdict)
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// fuelLine says what programs used: each one's fuel is in results.jsonl.
func fuelLine(records []harness.Record) string {
	if len(records) == 0 {
		return ""
	}
	byFuel := slices.SortedFunc(slices.Values(records), func(a, b harness.Record) int { return cmp.Compare(a.Fuel, b.Fuel) })
	most := byFuel[len(byFuel)-1]
	return fmt.Sprintf("fuel of a program: median %s, most %s (%s#%d)\n",
		grouped(byFuel[len(byFuel)/2].Fuel), grouped(most.Fuel), most.TaskID, most.Sample)
}

func scoreTable(b *strings.Builder, s *run.Summary) {
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, set := range []string{"base", "plus", "runnable"} {
		score, ok := s.Scores[set]
		if !ok {
			continue
		}
		for _, e := range score.PassAtK {
			fmt.Fprintf(w, "%s\t%s\t%.4f\t%.0f %% interval %.4f to %.4f\t%d of %d samples right\n",
				set, e.Name(), e.Value, 100*e.Interval.Confidence, e.Interval.Low, e.Interval.High, score.Correct, score.Samples)
		}
		if len(score.PassAtK) == 0 {
			fmt.Fprintf(w, "%s\tno score\n", set)
		}
	}
	for _, d := range slices.SortedFunc(maps.Keys(s.Difficulty), byDifficulty) {
		score := s.Difficulty[d]
		if e, ok := score.At(1); ok {
			fmt.Fprintf(w, "%s\t%s\t%.4f\t\t%d of %d samples right\n", d, e.Name(), e.Value, score.Correct, score.Samples)
		}
	}
	_ = w.Flush() // to memory
}

// byDifficulty puts the usual words in their order.
func byDifficulty(a, b string) int {
	order := []string{"easy", "medium", "hard"}
	return cmp.Or(cmp.Compare(slices.Index(order, a), slices.Index(order, b)), strings.Compare(a, b))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
