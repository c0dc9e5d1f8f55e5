package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/jsonl"
)

// attempts is how often a fault of ours is tried again before it stands.
const attempts = 3

// pool judges what a plan holds.
type pool struct {
	judge  Judge
	log    *appendlog.Journal // nil: nothing is kept (verify)
	plan   *Plan
	queue  *queue
	report func(Status)

	mu       sync.Mutex
	status   Status
	workAll  float64
	workDone float64
}

// run judges every item that has no line yet, with so many workers.
func (p *pool) run(ctx context.Context, workers int) error {
	group, ctx := errgroup.WithContext(ctx)
	p.queue = newQueue(ctx)
	p.queue.add(p.open()...)
	p.tell()
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for range workers {
		group.Go(func() error { return p.work(ctx) })
	}
	return group.Wait()
}

// open counts what is there and returns what is to be done first.
func (p *pool) open() []unit {
	var units []unit
	p.status = Status{Tasks: len(p.plan.tasks), Total: len(p.plan.items), Verdicts: map[harness.Verdict]int{}}
	for _, t := range p.plan.tasks {
		open, cost := false, p.judge.Cost(t.problem)
		for _, g := range t.groups {
			p.workAll += float64(cost)
			for _, it := range g.items {
				open = open || it.line == nil
				if it.line != nil {
					p.status.Done++
					p.status.Resumed++
					p.status.Verdicts[it.record.Verdict]++
				}
			}
			if g.done() {
				p.workDone += float64(cost)
			}
		}
		if open {
			units = append(units, unit{task: t, cost: cost})
		} else {
			p.status.Prepared++
		}
	}
	return units
}

func (g *group) done() bool {
	for _, it := range g.items {
		if it.line == nil {
			return false
		}
	}
	return true
}

func (p *pool) work(ctx context.Context) error {
	for {
		u, ok := p.queue.take()
		if !ok {
			return ctx.Err()
		}
		var err error
		if u.group == nil {
			err = p.prepare(ctx, u)
		} else {
			err = p.judgeGroup(ctx, u.group, u.cost)
		}
		if err != nil {
			return err
		}
	}
}

// prepare makes a task ready and queues its samples. A task that can't be made
// ready is a fault of ours for each of its samples.
func (p *pool) prepare(ctx context.Context, u unit) error {
	defer p.queue.prepared()
	fault := retry(ctx, func() error { return p.judge.Prepare(ctx, u.task.problem) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cost := p.judge.Cost(u.task.problem)
	var units []unit
	for _, g := range u.task.groups {
		switch {
		case g.done():
		case fault != nil:
			if err := p.keep(g, infraError(g, fmt.Errorf("preparing %s: %w", u.task.problem.ID, fault)), u.cost); err != nil {
				return err
			}
		default:
			units = append(units, unit{task: u.task, group: g, cost: cost})
		}
	}
	p.mu.Lock()
	p.status.Prepared++
	p.workAll += float64(len(units)) * (float64(cost) - float64(u.cost))
	p.mu.Unlock()
	p.tell()
	p.queue.add(units...)
	return nil
}

func (p *pool) judgeGroup(ctx context.Context, g *group, cost uint64) error {
	var rec harness.Record
	fault := retry(ctx, func() (err error) {
		rec, err = p.judge.Judge(ctx, g.task.problem, g.items[0].sample)
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if fault != nil {
		rec = infraError(g, fault)
	}
	return p.keep(g, rec, cost)
}

// keep writes the verdict of one program down for each sample that is it. A
// fault of ours is not logged, so that a resumed run tries again.
func (p *pool) keep(g *group, rec harness.Record, cost uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, it := range g.items {
		if it.line != nil {
			continue
		}
		rec.Sample = it.sample.Index
		line, err := jsonl.Marshal(rec)
		if err != nil {
			return fmt.Errorf("%s: %w", it.name(), err)
		}
		if p.log != nil && rec.Verdict != harness.InfraError {
			if err := p.log.Append(line); err != nil {
				return fmt.Errorf("writing the log: %w; what was judged is kept: make room and go on with --resume", err)
			}
		}
		it.record, it.line = rec, line
		p.status.Done++
		p.status.Verdicts[rec.Verdict]++
	}
	p.workDone += float64(cost)
	p.tellLocked()
	return nil
}

func (p *pool) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tellLocked()
}

func (p *pool) tellLocked() {
	if p.report == nil {
		return
	}
	s := p.status
	s.Verdicts = maps.Clone(s.Verdicts)
	if p.workAll > 0 {
		s.Work = min(1, p.workDone/p.workAll)
	}
	p.report(s)
}

func retry(ctx context.Context, f func() error) error {
	var err error
	for range attempts {
		if err = f(); err == nil || ctx.Err() != nil || errors.Is(err, context.Canceled) {
			return err
		}
	}
	return err
}

func infraError(g *group, fault error) harness.Record {
	it := g.items[0]
	return harness.Record{
		Version:   harness.RecordVersion,
		TaskID:    it.sample.TaskID,
		Sample:    it.sample.Index,
		Verdict:   harness.InfraError,
		Oracle:    string(g.task.problem.Oracle),
		Candidate: it.candidate,
		Failure:   &harness.Failure{Detail: fault.Error()},
	}
}
