package judge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
)

// oracle is one way to judge. It makes jobs of a problem and a program, and reads
// what comes of them; it runs nothing itself.
type oracle interface {
	// given reads what the data set has of a problem: inputs or tests, and
	// expected values where they are not the canonical solution's.
	given(p *benchmarks.Problem) (*prepared, error)
	// expect runs the canonical solution, and takes what it must leave behind.
	expect(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, got *prepared) (*Expected, error)
	// groups makes the jobs of a candidate. Each group is run up to its first step
	// that fails; reading the steps fills the trial's record.
	groups(t *trial) ([]group, error)
	// sizes are the numbers of inputs that expected values are kept of, by set.
	sizes(p *benchmarks.Problem) []int
}

// oracleOf is the oracle that a problem asks for. Nothing else looks at its name.
func oracleOf(p *benchmarks.Problem) (oracle, error) {
	switch p.Oracle {
	case benchmarks.Cases:
		return cases{}, nil
	case benchmarks.Script:
		return script{}, nil
	case benchmarks.Stdio:
		return stdio{}, nil
	case benchmarks.Unittest:
		if p.TestCase == "" {
			return shared{}, nil
		}
		return unittest{}, nil
	}
	return nil, fmt.Errorf("%s: no oracle is called %q", p.ID, p.Oracle)
}

// trial is one candidate before an oracle.
type trial struct {
	*prepared
	config   *Config
	problem  *benchmarks.Problem
	solution string
	rec      *harness.Record
	turned   *Turned // once a step has asked for them
}

// group is steps of which those after the first that fails are of no account.
type group struct {
	steps []step
	lanes int // how many may run at once; 0: one
}

// step is a job of a trial, and who reads what comes of it.
type step struct {
	name string // for an error: which part of the problem it is
	job  *runtimes.Job
	emit func(context.Context, runtimes.Result) bool // of a job with results
	// ready completes a job of the tests turned around.
	ready func(*Turned)
	// known is what came of the job, where it was run before.
	known *runtimes.Outcome
	// read takes the outcome, after those of the steps before it. An error is a
	// fault of ours.
	read func(runtimes.Outcome) (passed bool, err error)
}

// Bounds of what a Judge keeps in memory, in bytes.
const (
	preparedBytes = 256 << 20
	verdictBytes  = 64 << 20
)

// Judge gives verdicts on samples. It is safe for concurrent use.
type Judge struct {
	config Config

	preparing   singleflight.Group
	prepared    *recent[*prepared]
	turnedTests *recent[*Turned]
	costs       sync.Map // problem hash → uint64

	judging  singleflight.Group
	verdicts *recent[harness.Record]
}

// New makes a Judge.
func New(c Config) (*Judge, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Judge{
		config:      c,
		prepared:    newRecent[*prepared](preparedBytes),
		turnedTests: newRecent[*Turned](verdictBytes),
		verdicts:    newRecent[harness.Record](verdictBytes),
	}, nil
}

// Judge judges one sample. A fault of ours is a record that says infra_error;
// the error is ctx's own, when the run was given up.
func (j *Judge) Judge(ctx context.Context, p *benchmarks.Problem, s benchmarks.Sample) (harness.Record, error) {
	identity := j.Identity(p, s.Solution)
	rec, ok := j.recall(identity)
	if !ok {
		v, err, _ := j.judging.Do(identity, func() (any, error) {
			if rec, ok := j.recall(identity); ok { // equal work ended just now
				return rec, nil
			}
			rec, err := j.judge(ctx, p, s.Solution)
			if err == nil {
				rec.Identity = identity
				j.remember(identity, rec)
			}
			return rec, err
		})
		if err != nil {
			return harness.Record{}, err
		}
		rec = v.(harness.Record)
	}
	rec.TaskID, rec.Sample = s.TaskID, s.Index
	return rec, nil
}

func (j *Judge) judge(ctx context.Context, p *benchmarks.Problem, solution string) (harness.Record, error) {
	blank := harness.Record{Version: harness.RecordVersion, Oracle: string(p.Oracle), Candidate: candidateHash(solution)}
	rec := blank
	fault := j.try(ctx, p, solution, &rec)
	switch err := ctx.Err(); {
	case fault == nil:
		return rec.Bounded(), nil
	case err != nil:
		return harness.Record{}, err
	}
	blank.Verdict, blank.Failure = harness.InfraError, &harness.Failure{Detail: fault.Error()}
	return blank.Bounded(), nil
}

// try has the oracle make jobs, carries them, and has the oracle read what came.
func (j *Judge) try(ctx context.Context, p *benchmarks.Problem, solution string, rec *harness.Record) error {
	prep, err := j.prepare(ctx, p)
	if err != nil {
		return err
	}
	o, err := oracleOf(p)
	if err != nil {
		return err
	}
	return j.hold(ctx, o, &trial{prepared: prep, config: &j.config, problem: p, solution: solution, rec: rec})
}

// hold holds a candidate against an oracle.
func (j *Judge) hold(ctx context.Context, o oracle, t *trial) error {
	groups, err := o.groups(t)
	for i := range groups {
		if err == nil {
			err = j.carry(ctx, t, &groups[i])
		}
	}
	if err != nil {
		return fmt.Errorf("%s%w", t.problem.ID, err)
	}
	return nil
}

// carry runs the steps of a group and has each read, in order, up to the first
// that fails. Some run beside each other where the group has lanes.
func (j *Judge) carry(ctx context.Context, t *trial, g *group) error {
	next := func(i int) (runtimes.Outcome, error) {
		o, _, err := j.run(ctx, &g.steps[i])
		return o, err
	}
	if lanes := min(g.lanes, len(g.steps)); lanes > 1 {
		ctx, stop := context.WithCancel(ctx)
		var wait func()
		next, wait = j.ahead(ctx, g.steps, lanes)
		defer wait()
		defer stop()
	}
	for i := range g.steps {
		if ready := g.steps[i].ready; ready != nil {
			var err error
			if t.turned, err = j.turned(ctx, t.problem, t.expected); err != nil {
				return fmt.Errorf("%s: %w", g.steps[i].name, err)
			}
			if len(t.turned.Fails) == 0 {
				return nil // nothing is asked of anybody
			}
			ready(t.turned)
		}
		o, err := next(i)
		passed := false
		if err == nil {
			passed, err = g.steps[i].read(o)
		}
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", g.steps[i].name, err)
		case !passed:
			return nil
		}
	}
	return nil
}

// ahead runs steps in lanes, and gives what came of each when it is asked for.
func (j *Judge) ahead(ctx context.Context, steps []step, lanes int) (next func(i int) (runtimes.Outcome, error), wait func()) {
	type end struct {
		outcome runtimes.Outcome
		err     error
	}
	waiting := make(chan int, len(steps))
	ended := make([]chan end, len(steps))
	for i := range steps {
		waiting <- i
		ended[i] = make(chan end, 1)
	}
	close(waiting)
	var running sync.WaitGroup
	for range lanes {
		running.Go(func() {
			for i := range waiting {
				o, stopped, err := j.run(ctx, &steps[i])
				ended[i] <- end{o, err}
				if err != nil || stopped || o.Kind != runtimes.OK {
					return // steps before this one are taken already
				}
			}
		})
	}
	return func(i int) (runtimes.Outcome, error) {
		e := <-ended[i]
		return e.outcome, e.err
	}, running.Wait
}

func (j *Judge) run(ctx context.Context, s *step) (o runtimes.Outcome, stopped bool, err error) {
	if s.known != nil {
		return *s.known, false, nil
	}
	o, err = j.config.Runner.Run(ctx, s.job, func(r runtimes.Result) bool {
		stopped = !s.emit(ctx, r)
		return !stopped
	})
	return o, stopped, err
}

// newJob is the job of a program of a problem. Long lists come in parts, unless
// they are asked for whole.
func newJob(p *benchmarks.Problem, mode runtimes.Mode, source string, whole bool, lim runtimes.Limits) *runtimes.Job {
	prog := runtimes.Program{Source: source, Entry: p.EntryPoint, Before: p.Before, Iterate: p.Rule.Iterates(), Part: partItems}
	if whole {
		prog.Part = 0
	}
	if p.Class != "" && strings.Contains(source, "class "+p.Class) {
		prog.Entry, prog.After = methodEntry, fmt.Sprintf("%s = %s().%s\n", methodEntry, p.Class, p.EntryPoint)
	}
	return &runtimes.Job{Language: runtimes.Python, Mode: mode, Program: prog, Limits: lim}
}

// methodEntry is how a method is called that belongs to an object.
const methodEntry = "_assay_entry"

// verdictOf says in a verdict's word how a candidate ended that gave no wrong
// answer.
func verdictOf(k runtimes.Kind) harness.Verdict {
	if k == runtimes.OK {
		return harness.Pass
	}
	return harness.Verdict(k)
}

// Identity is the hash, in hex, over everything that the record of this
// solution depends on: candidate, problem with its oracle and rule, runtime
// (which covers fuel schedule, driver and seed), the Python that is meant, limits, compat rules and the
// judge's version.
func (j *Judge) Identity(p *benchmarks.Problem, solution string) string {
	return runtimes.Key("assay verdict", struct {
		Judge                   int
		Candidate, Turn         string
		Problem                 [32]byte
		Oracle, Runtime, Compat string
		Python                  string
		FuelFactor              float64
		Floor                   uint64
		Limits                  runtimes.Limits
		BaseOnly                bool
	}{Version, candidateHash(solution), turnID, p.Hash, string(p.Oracle), j.config.Runtime, string(j.config.Compat), j.config.Python, j.config.FuelFactor, j.config.Floor, j.config.Limits, j.config.BaseOnly})
}

func candidateHash(solution string) string {
	sum := sha256.Sum256([]byte(solution))
	return hex.EncodeToString(sum[:])
}

// recall finds the record of equal work: judged by this Judge, or, unless all
// is to be judged anew, by an earlier one.
func (j *Judge) recall(identity string) (harness.Record, bool) {
	if rec, ok := j.verdicts.get(identity); ok {
		return rec, true
	}
	if j.config.Cache == nil || j.config.Fresh {
		return harness.Record{}, false
	}
	data, err := j.config.Cache.Get(cache.Verdicts, identity)
	if err != nil || len(data) > harness.MostRecord {
		return harness.Record{}, false
	}
	var rec harness.Record
	if json.Unmarshal(data, &rec) != nil || rec.Identity != identity || rec.Version != harness.RecordVersion {
		return harness.Record{}, false
	}
	j.verdicts.put(identity, rec, len(data))
	return rec, true
}

// remember keeps a record for the next sample with the same identity. A fault
// of ours is not kept: the next try may do better.
func (j *Judge) remember(identity string, rec harness.Record) {
	if rec.Verdict == harness.InfraError {
		return
	}
	data, err := json.Marshal(rec)
	if err != nil {
		return
	}
	j.verdicts.put(identity, rec, len(data))
	if j.config.Cache != nil && !j.config.Fresh {
		// The cache only saves time: a full disk is no reason to fail here.
		_ = j.config.Cache.Put(cache.Verdicts, identity, data)
	}
}
