package run

import (
	"fmt"
	"io"

	"github.com/assay-dev/assay/harness/score"
)

// Comparison is two runs side by side, for each set that both have.
type Comparison struct {
	Sets  map[string]score.Comparison `json:"sets"`
	Notes []string                    `json:"notes,omitempty"` // what makes the two hard to compare
}

// Compare holds run b against run a.
func Compare(a, b *Stored) Comparison {
	c := Comparison{Sets: map[string]score.Comparison{}}
	for set, passed := range commonSets(a, b) {
		c.Sets[set] = score.Compare(a.Records, b.Records, passed, score.Options{})
	}
	c.Notes = Notes(a, b)
	return c
}

// Scored says which scores the records have, and what counts as right in each.
func (s *Stored) Scored() map[string]score.Passed { return commonSets(s, s) }

func commonSets(a, b *Stored) map[string]score.Passed {
	setsA, setsB := a.sets(), b.sets()
	switch {
	case setsA[plusSet] && setsB[plusSet]:
		return map[string]score.Passed{baseSet: score.Base, plusSet: score.Plus}
	case setsA[baseSet] && setsB[baseSet]:
		return map[string]score.Passed{baseSet: score.Base}
	}
	return map[string]score.Passed{baseSet: score.Overall}
}

// sets says which input sets have verdicts of their own.
func (s *Stored) sets() map[string]bool {
	sets := map[string]bool{}
	for _, r := range s.Records {
		sets[baseSet] = sets[baseSet] || r.Base != ""
		sets[plusSet] = sets[plusSet] || r.Plus != ""
	}
	return sets
}

// Notes says what makes two runs hard to compare.
func Notes(x, y *Stored) []string {
	a, b := x.Summary, y.Summary
	if a == nil || b == nil {
		return nil
	}
	var out []string
	if a.Suite != b.Suite {
		out = append(out, fmt.Sprintf("the suites differ: %s and %s", a.Suite, b.Suite))
	}
	if a.Options != b.Options {
		out = append(out, "the options differ: see the two summary.json")
	}
	if a.Runtime != b.Runtime {
		out = append(out, fmt.Sprintf("the runtimes differ: %s and %s", a.Runtime.Name, b.Runtime.Name))
	}
	return out
}

// Write prints the comparison for people.
func (c Comparison) Write(w io.Writer) error {
	for _, note := range c.Notes {
		if _, err := fmt.Fprintf(w, "note: %s\n", note); err != nil {
			return err
		}
	}
	for _, set := range []string{baseSet, plusSet} {
		sc, ok := c.Sets[set]
		if !ok {
			continue
		}
		if err := writeComparison(w, set, sc); err != nil {
			return err
		}
	}
	return nil
}

func writeComparison(w io.Writer, set string, c score.Comparison) error {
	_, err := fmt.Fprintf(w, "%s: pass@1 %.4f -> %.4f over %d common tasks (difference %+.4f, %.0f %% interval %+.4f to %+.4f)\n  gained %d, lost %d; %s: p = %.4g\n",
		set, c.RateA, c.RateB, c.Tasks, c.RateB-c.RateA, 100*c.Interval.Confidence, c.Interval.Low, c.Interval.High,
		len(c.Gained), len(c.Lost), c.Test, c.P)
	for _, list := range []struct {
		title string
		ids   []string
	}{{"gained", c.Gained}, {"lost", c.Lost}, {"only in the first", c.OnlyA}, {"only in the second", c.OnlyB}} {
		for _, id := range list.ids {
			if err == nil {
				_, err = fmt.Fprintf(w, "  %-18s %s\n", list.title, id)
			}
		}
	}
	return err
}
