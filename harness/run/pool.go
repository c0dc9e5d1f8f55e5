package run

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/shirou/gopsutil/v4/mem"
	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/progress"
)

// attempts is how often a fault of ours is tried again before it stands.
const attempts = 3

// pool judges what a plan holds.
type pool struct {
	judge Judge
	log   *appendlog.Log // nil: nothing is kept (verify)
	plan  *Plan
	stage string // what this judging is, for people
	queue *queue
	tells progress.Func

	mu       sync.Mutex
	status   standing
	workAll  float64
	workDone float64
}

// standing is where a run stands.
type standing struct {
	tasks, prepared int // tasks, and those whose expected values are there
	total, done     int // samples, and those judged, resumed ones included
	resumed         int // of done, how many came from the log
	verdicts        map[harness.Verdict]int
}

// run judges every item that has no line yet, with so many workers.
func (p *pool) run(ctx context.Context, workers int) error {
	group, ctx := errgroup.WithContext(ctx)
	p.queue = newQueue(ctx)
	p.queue.add(p.open()...)
	if err := p.takeEarly(); err != nil {
		return err
	}
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
	p.status = standing{tasks: len(p.plan.tasks), total: len(p.plan.items), verdicts: map[harness.Verdict]int{}}
	for _, t := range p.plan.tasks {
		open, cost := false, p.judge.Cost(t.problem)
		for _, g := range t.groups {
			p.workAll += float64(cost)
			for _, it := range g.items {
				open = open || !it.done
				if it.done {
					p.status.done++
					p.status.resumed++
					p.status.verdicts[g.record.Verdict]++
				}
			}
			if g.done() {
				p.workDone += float64(cost)
			}
		}
		if open {
			units = append(units, unit{task: t, cost: cost})
		} else {
			p.status.prepared++
		}
	}
	return units
}

// takeEarly keeps what was judged before the plan was whole.
func (p *pool) takeEarly() error {
	for _, t := range p.plan.tasks {
		for _, g := range t.groups {
			if rec := t.early[g.candidate]; rec != nil && !g.done() {
				if err := p.keep(g, *rec, p.judge.Cost(t.problem)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (g *group) done() bool {
	for _, it := range g.items {
		if !it.done {
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
	p.status.prepared++
	p.workAll += float64(len(units)) * (float64(cost) - float64(u.cost))
	p.mu.Unlock()
	p.tell()
	p.queue.add(units...)
	return nil
}

func (p *pool) judgeGroup(ctx context.Context, g *group, cost uint64) error {
	var rec harness.Record
	fault := retry(ctx, func() (err error) {
		rec, err = p.judge.Judge(ctx, g.task.problem, g.sample())
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
	rec = rec.Bounded()
	p.mu.Lock()
	defer p.mu.Unlock()
	g.record = &rec
	for _, it := range g.items {
		if it.done {
			continue
		}
		line, err := jsonl.Marshal(it.record())
		if err != nil {
			return fmt.Errorf("%s: %w", it.name(), err)
		}
		if p.log != nil && rec.Verdict != harness.InfraError {
			if err := p.log.Append(line); err != nil {
				return fmt.Errorf("writing the log: %w; what was judged is kept: make room and go on with --resume", err)
			}
		}
		it.done = true
		p.status.done++
		p.status.verdicts[rec.Verdict]++
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
	if p.tells == nil {
		return
	}
	s := p.status
	e := progress.Event{
		Stage: p.stage, Verb: "judged", Things: "samples",
		Done: int64(s.done), Total: int64(s.total), Known: int64(s.resumed), Detail: VerdictCounts(s.verdicts),
	}
	if s.prepared < s.tasks {
		e.Detail = fmt.Sprintf("prepared %d/%d  %s", s.prepared, s.tasks, e.Detail)
	}
	if p.workAll > 0 {
		e.Work = min(1, p.workDone/p.workAll)
	}
	p.tells(e)
}

// VerdictCounts lists verdicts, the most frequent first.
func VerdictCounts(counts map[harness.Verdict]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b harness.Verdict) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(string(a), string(b)))
	})
	parts := make([]string, len(names))
	for i, v := range names {
		parts[i] = fmt.Sprintf("%s %d", v, counts[v])
	}
	return strings.Join(parts, ", ")
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
	return harness.Record{
		Version:   harness.RecordVersion,
		TaskID:    g.task.problem.ID,
		Verdict:   harness.InfraError,
		Oracle:    string(g.task.problem.Oracle),
		Candidate: g.candidate,
		Failure:   &harness.Failure{Detail: fault.Error()},
	}
}

// unit is what a worker takes: a task to prepare, or a program to judge.
type unit struct {
	task  *task
	group *group // nil: prepare the task, or
	read  Reader // judge what is read, before the plan is whole
	cost  uint64
}

func (u unit) prepares() bool { return u.group == nil && u.read == nil }

// queue hands out the longest work first, so that no long task is left for the
// end. Preparing a task counts as much as one of its samples; its samples are
// queued when it is prepared.
type queue struct {
	mu     sync.Mutex
	wake   *sync.Cond
	units  unitHeap
	open   int // prepares taken or queued: their samples are still to come
	closed bool
}

func newQueue(ctx context.Context) *queue {
	q := &queue{}
	q.wake = sync.NewCond(&q.mu)
	context.AfterFunc(ctx, q.close)
	return q
}

func (q *queue) add(units ...unit) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, u := range units {
		if u.prepares() {
			q.open++
		}
		heap.Push(&q.units, u)
	}
	q.wake.Broadcast()
}

// prepared says that a prepare is over, well or not; its samples were added.
func (q *queue) prepared() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open--
	q.wake.Broadcast()
}

// take waits for work; false: there is none left, or the run is over.
func (q *queue) take() (unit, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.units) == 0 && q.open > 0 && !q.closed {
		q.wake.Wait()
	}
	if len(q.units) == 0 || q.closed {
		return unit{}, false
	}
	return heap.Pop(&q.units).(unit), true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
}

// unitHeap is ordered by cost, the greatest first; then samples before
// prepares, then as the suite has them.
type unitHeap []unit

func (h unitHeap) Len() int      { return len(h) }
func (h unitHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h unitHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	switch {
	case a.cost != b.cost:
		return a.cost > b.cost
	case a.prepares() != b.prepares():
		return b.prepares()
	}
	return a.task.order < b.task.order
}
func (h *unitHeap) Push(x any) { *h = append(*h, x.(unit)) }
func (h *unitHeap) Pop() any {
	old := *h
	u := old[len(old)-1]
	*h = old[:len(old)-1]
	return u
}

// Memory beside the guests', in bytes: what the workers share (compiled code,
// data set, expected values), and what the host keeps for each of them.
const (
	sharedBytes = 512 << 20
	besideBytes = 256 << 20
)

// Workers returns how many programs of so much memory may run at once, and a
// sentence when they are fewer than asked for because memory is short. All
// sizes are in bytes; asked 0: one for each core.
func Workers(asked int, memory, available uint64) (int, string) {
	if asked <= 0 {
		asked = runtime.GOMAXPROCS(0)
	}
	each := memory + besideBytes
	fit := max(1, int(min((available-min(available, sharedBytes))/each, 1<<20)))
	if fit >= asked {
		return asked, ""
	}
	return fit, fmt.Sprintf("%d of %d workers: %.1f GiB of memory are free and one worker may need %.1f GiB (lower --memory for more)",
		fit, asked, gib(available), gib(each))
}

func gib(n uint64) float64 { return float64(n) / (1 << 30) }

// AvailableMemory is what this process may still take, in bytes: of the
// machine, or of the container where that is less.
func AvailableMemory() (uint64, error) {
	vm, err := mem.VirtualMemory()
	if err != nil {
		return 0, fmt.Errorf("reading the memory that is free: %w", err)
	}
	return min(vm.Available, cgroupHeadroom("/sys/fs/cgroup")), nil
}

// cgroupHeadroom is what a container's limit (cgroup v2) leaves, or all there
// is. Cached files count as used there though they can be dropped.
func cgroupHeadroom(root string) uint64 {
	limit, ok := readUint(filepath.Join(root, "memory.max"))
	used, ok2 := readUint(filepath.Join(root, "memory.current"))
	if !ok || !ok2 {
		return ^uint64(0)
	}
	used -= min(used, inactiveFile(filepath.Join(root, "memory.stat")))
	return limit - min(limit, used)
}

func readUint(path string) (uint64, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
	return n, err == nil // "max" is no number: no limit
}

func inactiveFile(path string) uint64 {
	data, _ := os.ReadFile(path)
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "inactive_file "); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(rest), 10, 64)
			return n
		}
	}
	return 0
}
