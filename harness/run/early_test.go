package run

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
)

// slow takes a second for each program.
type slow struct{ *fakeJudge }

func (s slow) Judge(ctx context.Context, p *benchmarks.Problem, sample benchmarks.Sample) (harness.Record, error) {
	time.Sleep(time.Second)
	return s.fakeJudge.Judge(ctx, p, sample)
}

// TestEarly: samples are judged as they come, an equal one once; what waits at the
// end, what can't be read and what met a fault is left to the run, which judges
// nothing again and ends with the bytes of a run that knew of all at once.
func TestEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, judge := config(t, 4, 2)
		all := cfg.samples
		all[1].Solution = all[0].Solution
		judge.faults["T/3"] = 1
		plan, err := OpenPlan(cfg.suite, cfg.sel)
		if err != nil {
			t.Fatal(err)
		}
		early := plan.Begin(t.Context(), slow{judge}, 2)
		add := func(s benchmarks.Sample) {
			early.Add(s.TaskID, func(context.Context) (benchmarks.Sample, error) { return s, nil })
		}
		add(all[0])
		add(all[1]) // the same program
		add(all[2])
		add(all[6]) // a fault
		early.Add("T/2", func(context.Context) (benchmarks.Sample, error) { return benchmarks.Sample{}, errors.New("unreadable") })
		time.Sleep(3500 * time.Millisecond) // in the bubble's time
		if early.Judged() != 2 || len(judge.order) != 2 {
			t.Errorf("%d judged, %d programs", early.Judged(), len(judge.order))
		}
		for _, s := range []benchmarks.Sample{all[3], all[4], all[5]} {
			add(s)
		}
		time.Sleep(500 * time.Millisecond)
		early.Stop()
		add(all[7])
		if early.Judged() != 4 {
			t.Errorf("%d judged in the end, of two more under way", early.Judged())
		}
		for _, s := range all {
			plan.Add(s)
		}
		if err := plan.Close(); err != nil {
			t.Fatal(err)
		}
		cfg.Plan = plan
		s, err := Run(t.Context(), cfg.Config)
		if err != nil {
			t.Fatal(err)
		}
		for program, n := range judge.judged {
			if n != 1 {
				t.Errorf("%s was judged %d times", program, n)
			}
		}
		if s.Samples != 8 || len(judge.judged) != 7 {
			t.Errorf("%d samples, %d programs", s.Samples, len(judge.judged))
		}
		written, err := os.ReadFile(filepath.Join(cfg.Dir, ResultsName))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Dir, cfg.Judge = t.TempDir(), newFake()
		mustRun(t, cfg)
		if at, err := os.ReadFile(filepath.Join(cfg.Dir, ResultsName)); err != nil || !bytes.Equal(at, written) {
			t.Errorf("other bytes than those of a run that knew all at once (%v)", err)
		}
	})
}
