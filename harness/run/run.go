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
	// What the log held of this plan is taken over.
	p.logged(f.old, cfg.Judge, func(it *item, rec harness.Record, _ []byte) { it.group.record, it.done = &rec, true })
	f.old = nil
	if err := candidates(f.path(candidatesName)).write(p); err != nil {
		return nil, err
	}
	pool := &pool{judge: cfg.Judge, log: f.log, plan: p, tells: cfg.Progress}
	if err := pool.run(ctx, cfg.Workers); err != nil {
		if ctx.Err() != nil {
			return nil, &Interrupted{Dir: f.dir, Done: pool.status.done, Total: len(p.items), Cause: ctx.Err()}
		}
		return nil, err
	}
	return f.finish(cfg, p)
}

// logged visits those records of a log that are of this plan's programs, in the
// log's order. One whose identity this judge would not give is judged again, and
// isn't visited.
func (p *Plan) logged(lines [][]byte, judge Judge, visit func(*item, harness.Record, []byte)) {
	for _, line := range lines {
		rec, err := decodeRecord(line)
		if err != nil {
			continue // it is judged again
		}
		it := p.find(rec.TaskID, rec.Sample)
		if it != nil && it.group.candidate == rec.Candidate && judge.Identity(it.group.task.problem, it.group.solution) == rec.Identity {
			visit(it, rec, line)
		}
	}
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
