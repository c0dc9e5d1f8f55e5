package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/atomicfile"
)

// Run judges the samples and writes the results folder. When ctx is cancelled
// it returns *Interrupted; what was judged until then is kept. Samples that
// could not be judged by a fault of ours are in the summary, not in the error.
func Run(ctx context.Context, cfg Config) (*Summary, error) {
	f, err := claim(cfg, headerOf(cfg))
	if err != nil {
		return nil, err
	}
	summary, err := f.run(ctx, cfg, cfg.Plan)
	return summary, errors.Join(err, f.close())
}

func headerOf(cfg Config) header {
	return header{
		Log:     logVersion,
		Suite:   suiteID(cfg.Plan.suite),
		Runtime: cfg.Runtime,
		Options: cfg.Options,
		Work:    cfg.Plan.work,
		Total:   len(cfg.Plan.items),
	}
}

func (f *folder) run(ctx context.Context, cfg Config, p *Plan) (*Summary, error) {
	cfg.Extract = p.rule()
	err := p.judged(func(p *Plan, stage string) error { return f.judge(ctx, cfg, p, stage) })
	if err != nil {
		return nil, err
	}
	return f.finish(cfg, p)
}

// judge judges what a plan holds. What the log held of it is taken over.
func (f *folder) judge(ctx context.Context, cfg Config, p *Plan, stage string) error {
	f.old = p.logged(f.old, cfg.Judge, func(it *item, rec harness.Record, _ []byte) { it.group.record, it.done = &rec, true })
	if err := candidates(f.path(candidatesName)).write(p); err != nil {
		return err
	}
	pool := &pool{judge: cfg.Judge, log: f.log, plan: p, stage: stage, tells: cfg.Progress}
	err := pool.run(ctx, cfg.Workers)
	if err != nil && ctx.Err() != nil {
		return &Interrupted{Dir: f.dir, Done: pool.status.done, Total: len(p.items), Cause: ctx.Err()}
	}
	return err
}

// logged visits those records of a log that are of this plan's programs, in the
// log's order. One whose identity this judge would not give is judged again, and
// isn't visited. The lines that are left are returned.
func (p *Plan) logged(lines [][]byte, judge Judge, visit func(*item, harness.Record, []byte)) (left [][]byte) {
	for _, line := range lines {
		rec, err := decodeRecord(line)
		if err != nil {
			continue // it is judged again
		}
		it := p.find(rec.TaskID, rec.Sample)
		if it != nil && it.group.candidate == rec.Candidate && judge.Identity(it.group.task.problem, it.group.solution) == rec.Identity {
			visit(it, rec, line)
		} else {
			left = append(left, line)
		}
	}
	return left
}

// finish writes the files that a run leaves.
func (f *folder) finish(cfg Config, p *Plan) (*Summary, error) {
	return render(cfg, p, func(name string, write peers.Writing) error {
		out, err := atomicfile.Create(f.path(name))
		if err != nil {
			return err
		}
		defer out.Discard()
		if err := write(out); err != nil {
			return err
		}
		return out.Commit()
	})
}

// render makes the files of a run that was judged, one after the other: the
// results first, the summary last.
func render(cfg Config, p *Plan, visit func(name string, write peers.Writing) error) (*Summary, error) {
	sum := sha256.New()
	if err := visit(ResultsName, func(w io.Writer) error { return p.results(io.MultiWriter(w, sum)) }); err != nil {
		return nil, err
	}
	if p.best != nil {
		if err := visit(bestName, p.best.results); err != nil {
			return nil, err
		}
	}
	s := summarize(cfg, p, hex.EncodeToString(sum.Sum(nil)))
	if err := peers.Render(peerRun(cfg, s), visit); err != nil {
		return nil, err
	}
	data, err := s.encode()
	if err != nil {
		return nil, err
	}
	return s, visit(summaryName, peers.Whole(data))
}

// results writes results.jsonl.
func (p *Plan) results(w io.Writer) error {
	for _, it := range p.items {
		line, err := it.line()
		if err == nil {
			_, err = w.Write(append(line, '\n'))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
