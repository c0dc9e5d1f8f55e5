package run

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
)

func TestSelectTasks(t *testing.T) {
	s := suite(25)
	tests := map[string]struct {
		patterns []string
		limit    int
		want     string
	}{
		"all":            {nil, 0, "25 tasks"},
		"limit":          {nil, 2, "T/0 T/1"},
		"whole id":       {[]string{"T/3"}, 0, "T/3"},
		"glob":           {[]string{"T/2?"}, 0, "T/20 T/21 T/22 T/23 T/24"},
		"number":         {[]string{"7", "1"}, 0, "T/1 T/7"},
		"glob and limit": {[]string{"1?"}, 3, "T/10 T/11 T/12"},
		"star":           {[]string{"*"}, 1, "T/0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			problems, err := SelectTasks(s, Selection{Tasks: tt.patterns, Limit: tt.limit})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, p := range problems {
				ids = append(ids, p.ID)
			}
			if got := strings.Join(ids, " "); got != tt.want && !(tt.want == "25 tasks" && len(ids) == 25) {
				t.Errorf("selected %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSelectNothing(t *testing.T) {
	for _, pattern := range []string{"T/99", "[", "HumanEval/0"} {
		if _, err := SelectTasks(suite(3), Selection{Tasks: []string{pattern}}); !errors.Is(err, ErrSelection) {
			t.Errorf("%q: error %v, want ErrSelection", pattern, err)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	tests := map[string]struct {
		change func(*setup)
		want   string
	}{
		"a task without samples":  {func(c *setup) { c.samples = c.samples[1:] }, "no sample for 1 of 8 tasks (T/0)"},
		"many without samples":    {func(c *setup) { c.samples = c.samples[:1] }, "(T/1, T/2, T/3, T/4, T/5, …)"},
		"nothing, even if partly": {func(c *setup) { c.samples, c.sel.Partial = nil, true }, "no sample for 8 of 8"},
		"an index twice":          {func(c *setup) { c.samples[1].TaskID = "T/0" }, "s.jsonl:2: sample 0 of T/0 is there already (s.jsonl:1)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, _ := config(t, 8, 1)
			tt.change(cfg)
			if _, err := cfg.plan(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPartial(t *testing.T) {
	cfg, _ := config(t, 8, 1)
	cfg.samples, cfg.sel.Partial = cfg.samples[:3], true
	s := mustRun(t, cfg)
	if s.Tasks != (TaskCount{Suite: 8, Judged: 3}) {
		t.Errorf("tasks %+v, want 3 of 8", s.Tasks)
	}
}

// TestMemoryOfSamples: what a run holds of a sample is small and of one size; what
// is long stands once for each program.
func TestMemoryOfSamples(t *testing.T) {
	const n = 100_000
	cfg, _ := config(t, 1, 1)
	task := cfg.suite.Problems[0].ID
	p, err := OpenPlan(cfg.suite, Selection{Partial: true})
	if err != nil {
		t.Fatal(err)
	}
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	for i := range n {
		solution := "pass " + strings.Repeat("x", 1000) // a text of its own
		p.Add(benchmarks.Sample{TaskID: task, Index: i, Solution: solution, Origin: fmt.Sprint("f:", i)})
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Plan = p
	if _, err := Run(t.Context(), cfg.Config); err != nil {
		t.Fatal(err)
	}
	if each := (live() - before) / n; each > 200 {
		t.Errorf("a sample takes %d bytes", each)
	}
	if got := strings.Count(read(t, cfg.Dir, ResultsName), "\n"); got != n {
		t.Errorf("%d records", got)
	}
	runtime.KeepAlive(p)
}
