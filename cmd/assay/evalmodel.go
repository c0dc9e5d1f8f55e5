package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/ahead"
	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
)

// evalModel has a model write the samples and judges them, the first while the
// last are still to come.
func (a *app) evalModel(ctx context.Context, f *evalFlags) error {
	ask := &f.write.ask
	samples := filepath.Join(f.out, "samples.jsonl")
	end, err := ask.open(ctx, filepath.Join(f.out, "plugin.log"))
	if err != nil {
		return err
	}
	defer end()
	if err := f.claimModel(samples); err != nil {
		return err
	}
	s, err := a.openAsking(ctx, ask, generate.LogPath(samples), false, f.quiet)
	if err != nil {
		return err
	}
	summary, err := s.eval(ctx, f, samples)
	if err = errors.Join(err, s.close()); err != nil {
		return err
	}
	return a.report(f, summary)
}

// claimModel makes the folder. One that holds a run of other samples is refused
// before anything is paid.
func (f *evalFlags) claimModel(samples string) error {
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("making the results folder: %w; name another with --out", err)
	}
	if _, err := os.Lstat(generate.LogPath(samples)); err != nil && !f.force {
		return run.Vacant(f.out)
	}
	return nil
}

func (s *asking) eval(ctx context.Context, f *evalFlags, samples string) (*run.Summary, error) {
	suite, err := s.openSuite(ctx, f.suite, f.data)
	if err != nil {
		return nil, err
	}
	problems, err := run.SelectTasks(suite, f.pick.selection())
	if err != nil {
		return nil, err
	}
	f.runtime.libraries = suite.LibrariesUnder(benchmarks.Compat(f.compat))
	b, err := s.bench(ctx, f.runtime, f.workers, f.options(), f.fresh)
	if err != nil {
		return nil, err
	}
	if err := s.write(ctx, f, b, suite, problems, samples); err != nil {
		return nil, err
	}
	plan, err := s.plan(f, suite, samples)
	if err != nil {
		return nil, err
	}
	return b.run(ctx, f, plan)
}

// write asks for the samples. Until all are there, the bench judges those that
// are; then it takes the programs out of all of them.
func (s *asking) write(ctx context.Context, f *evalFlags, b *bench, suite *benchmarks.Suite, problems []*benchmarks.Problem, samples string) error {
	var j ahead.Judge = b.judge
	if f.calibrated {
		j = calibrated{b.judge}
	}
	queue := ahead.Start(ctx, j, s.worker, b.workers)
	defer queue.Stop()
	_, err := generate.Run(ctx, generate.Config{
		Suite: suite, Problems: problems, Options: f.write.options(), Client: s.client, Runtime: s.worker,
		Batch: f.write.batch, Out: samples, Partial: f.partial, Workers: b.workers,
		Answered: queue.Add, Asked: queue.Stop,
		Progress: func(st generate.Status) {
			st.Judged = queue.Judged()
			s.display.asked(st)
		},
		Stage: s.display.stage, Notice: s.display.notice,
	})
	return err
}

// calibrated judges what the run will judge: see peers.Calibrate.
type calibrated struct{ judge *judge.Judge }

func (c calibrated) Judge(ctx context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error) {
	s.Solution = p.Calibration + s.Solution
	return c.judge.Judge(ctx, p, s)
}
