package judge

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/testkit"
)

// Every canonical solution passes, but for those named here, each with its reason.
func TestCanonicalSolutions(t *testing.T) {
	for _, c := range []struct {
		spec string
		step int
		fail map[string]string
	}{
		{spec: "humaneval", step: 4},
		{spec: "humaneval+", step: 16},
		{spec: "humaneval+@mini", step: 8},
		{spec: "mbpp-sanitized", step: 10},
		{spec: "mbpp+", step: 20},
	} {
		t.Run(c.spec, func(t *testing.T) {
			s := realSuite(t, c.spec, c.step)
			records := judgeSuite(t, s, "", func(p *benchmarks.Problem) string { return p.Canonical })
			passed := 0
			for _, p := range s.Problems {
				rec := records[p.ID]
				if rec.Verdict == harness.Pass {
					passed++
				}
				if why, known := c.fail[p.ID]; known == (rec.Verdict == harness.Pass) {
					t.Errorf("%s: %s (%s): %+v", p.ID, rec.Verdict, why, rec.Failure)
				}
			}
			t.Logf("%s: %d of %d canonical solutions pass", c.spec, passed, len(s.Problems))
		})
	}
}

// published is evalplus's result file, as far as it is needed here.
type published struct {
	Eval map[string][]struct {
		Solution string `json:"solution"`
		Base     string `json:"base_status"`
		Plus     string `json:"plus_status"`
	} `json:"eval"`
}

func readPublished(t *testing.T, name string) published {
	t.Helper()
	var p published
	if err := json.Unmarshal(testkit.Unpack(t, filepath.Join(testkit.Samples(t, name), "generated_eval_results.json.gz")), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// asSets is why evalplus 0.3.1, run on the same samples, differs from what was
// published by an earlier one.
const asSets = "compared as sets since 0.3.1, in order before"

// The verdicts that Qwen's team published on one model's samples, of September
// 2024 and by an evalplus before 0.3.1, are found again, but for those named
// here, each with its reason.
func TestPublishedVerdicts(t *testing.T) {
	for _, c := range []struct {
		spec, name string
		step       int
		differ     map[string]string // "Mbpp/2 base" → why
	}{
		{spec: "humaneval+@v0.1.9", name: "humaneval", step: 16},
		{spec: "mbpp+@v0.1.0", name: "mbpp", step: 24, differ: map[string]string{
			"Mbpp/2 base":   asSets,
			"Mbpp/2 plus":   asSets,
			"Mbpp/111 base": asSets,
			"Mbpp/111 plus": asSets,
			"Mbpp/232 base": asSets,
			"Mbpp/249 plus": asSets,
			"Mbpp/579 plus": asSets,
		}},
	} {
		t.Run(c.spec, func(t *testing.T) {
			theirs := readPublished(t, c.name)
			s := realSuite(t, c.spec, c.step)
			records := judgeSuite(t, s, benchmarks.Evalplus031, func(p *benchmarks.Problem) string {
				if len(theirs.Eval[p.ID]) != 1 {
					t.Errorf("%d published samples of %s, want 1", len(theirs.Eval[p.ID]), p.ID)
					return ""
				}
				return theirs.Eval[p.ID][0].Solution
			})
			var equal, differ int
			for _, p := range s.Problems {
				rec, their := records[p.ID], theirs.Eval[p.ID][0]
				for _, v := range []struct {
					set    string
					ours   harness.Verdict
					theirs string
				}{{"base", rec.Base, their.Base}, {"plus", rec.Plus, their.Plus}} {
					key := p.ID + " " + v.set
					same := (v.ours == harness.Pass) == (v.theirs == "pass")
					if same {
						equal++
					} else {
						differ++
					}
					if why, known := c.differ[key]; known == same {
						t.Errorf("%s: %s, published %s (%s): %s", key, v.ours, v.theirs, why, shown(rec))
					}
				}
			}
			t.Logf("%s: %d of %d verdicts as published", c.spec, equal, equal+differ)
		})
	}
}

func shown(rec harness.Record) string {
	f := rec.Failure
	if f == nil {
		return "no failure"
	}
	cut := func(s string) string { return s[:min(len(s), 200)] }
	input := -1
	if f.Input != nil {
		input = *f.Input
	}
	return fmt.Sprintf("%s %s[%d] args %s expected %s actual %s %+v %s", rec.Verdict, f.Set, input, cut(f.Args), cut(f.Expected), cut(f.Actual), f.Exception, cut(f.Detail))
}

// Judging again, in another order, gives the same records.
func TestRecordsDoNotDependOnOrder(t *testing.T) {
	s := realSuite(t, "humaneval", 20)
	solution := func(p *benchmarks.Problem) string { return p.Canonical }
	first := judgeSuite(t, s, "", solution)
	slices.Reverse(s.Problems)
	second := judgeSuite(t, s, "", solution)
	for id, rec := range first {
		if !reflect.DeepEqual(rec, second[id]) {
			t.Errorf("%s: %+v, then %+v", id, rec, second[id])
		}
	}
}
