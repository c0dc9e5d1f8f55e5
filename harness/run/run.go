package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks/peers"
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
	if err := p.recover(f.old, cfg.Judge); err != nil {
		return nil, err
	}
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

// recover takes over what the log held of this plan. A record whose identity
// this judge would not give is judged again.
func (p *Plan) recover(lines [][]byte, judge Judge) error {
	byName := make(map[string]*item, len(p.items))
	problems := make(map[string]*task, len(p.tasks))
	for _, t := range p.tasks {
		problems[t.problem.ID] = t
	}
	for _, it := range p.items {
		byName[it.name()] = it
	}
	for _, line := range lines {
		rec, err := decodeRecord(line)
		if err != nil {
			continue // it is judged again
		}
		it := byName[fmt.Sprintf("%s#%d", rec.TaskID, rec.Sample)]
		if it == nil || it.candidate != rec.Candidate {
			continue
		}
		if judge.Identity(problems[rec.TaskID].problem, it.sample.Solution) == rec.Identity {
			it.record, it.line = rec, line
		}
	}
	return nil
}

// finish writes the files that a run leaves, the results first.
func (f *folder) finish(cfg Config, p *Plan) (*Summary, error) {
	results := p.results()
	if err := atomicfile.Write(f.path(ResultsName), results); err != nil {
		return nil, err
	}
	s := summarize(cfg, p, results)
	if err := peers.Write(f.dir, peerRun(cfg, s)); err != nil {
		return nil, err
	}
	return s, s.write(f.path(summaryName))
}

// results is results.jsonl.
func (p *Plan) results() []byte {
	var b bytes.Buffer
	for _, it := range p.items {
		b.Write(it.line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}
