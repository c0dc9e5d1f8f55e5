package judge

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
)

// Bounds of what a Judge keeps in memory, in bytes.
const (
	preparedBytes = 256 << 20
	verdictBytes  = 64 << 20
)

// Judge gives verdicts on samples. It is safe for concurrent use.
type Judge struct {
	config Config

	preparing singleflight.Group
	prepared  *recent[*prepared]
	costs     sync.Map // problem hash → uint64

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
		config:   c,
		prepared: newRecent[*prepared](preparedBytes),
		verdicts: newRecent[harness.Record](verdictBytes),
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

// judge tries twice: what fails the same way again is said.
func (j *Judge) judge(ctx context.Context, p *benchmarks.Problem, solution string) (harness.Record, error) {
	var fault error
	for range 2 {
		rec := harness.Record{
			Version:   harness.RecordVersion,
			Oracle:    string(p.Oracle),
			Candidate: candidateHash(solution),
		}
		if fault = j.attempt(ctx, p, solution, &rec); fault == nil {
			return rec, nil
		}
		if err := ctx.Err(); err != nil {
			return harness.Record{}, err
		}
	}
	return harness.Record{
		Version:   harness.RecordVersion,
		Verdict:   harness.InfraError,
		Oracle:    string(p.Oracle),
		Candidate: candidateHash(solution),
		Failure:   &harness.Failure{Detail: fault.Error()},
	}, nil
}

func (j *Judge) attempt(ctx context.Context, p *benchmarks.Problem, solution string, rec *harness.Record) error {
	prep, err := j.prepare(ctx, p)
	if err != nil {
		return err
	}
	switch p.Oracle {
	case benchmarks.Cases:
		return j.cases(ctx, p, prep, solution, rec)
	case benchmarks.Script:
		return j.script(ctx, p, prep, solution, rec)
	case benchmarks.Unittest:
		if p.TestCase != "" {
			return j.unittest(ctx, p, prep, solution, rec)
		}
		return j.shared(ctx, p, prep, solution, rec)
	case benchmarks.Stdio:
		return j.stdio(ctx, p, prep, solution, rec)
	}
	return fmt.Errorf("%s: no oracle is called %q", p.ID, p.Oracle)
}

// program is a candidate whose long lists come in parts, unless they are asked
// for whole.
func program(p *benchmarks.Problem, source string, whole bool) python.Program {
	prog := python.Program{Source: source, Entry: p.EntryPoint, Before: p.Before, Iterate: p.Rule.Iterates(), Part: partItems}
	if whole {
		prog.Part = 0
	}
	if p.Class != "" && strings.Contains(source, "class "+p.Class) {
		prog.Entry, prog.After = methodEntry, fmt.Sprintf("%s = %s().%s\n", methodEntry, p.Class, p.EntryPoint)
	}
	return prog
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
