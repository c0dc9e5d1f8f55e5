package judge

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/value"
)

// expectedVersion is the version of the expected values' meaning and encoding.
const expectedVersion = 4

// canonicalLimits are those that canonical solutions run under: far above what
// any of them needs, and never the user's, so that expected values are the same
// whatever a run is limited to.
var canonicalLimits = runtimes.Limits{
	LoadFuel:    1_000_000_000_000,
	CallFuel:    4_000_000_000_000,
	MemoryBytes: 2 << 30,
	OutputBytes: 64 << 20,
}.WithDefaults()

// MostMemory is the most that a program is given where candidates have so many
// bytes: canonical solutions have limits of their own.
func MostMemory(memory uint64) uint64 { return max(memory, canonicalLimits.MemoryBytes) }

// Expected is what the canonical solution of a problem did in the sandbox.
type Expected struct {
	// For the oracle cases: one for each input set.
	Sets []ExpectedSet
	// For script and unittest: fuel used by the candidate's side, loading
	// included, and by the trusted side.
	Fuel, TestFuel uint64
	// For script: the compiled test (for unittest: the names of the tests, a line
	// each), and what it and the canonical solution said
	// to each other (nil where it did not pass, or said too much).
	Test       []byte
	Transcript *python.Transcript

	ran *python.TestsOutcome // for unittest, where it was run just now; not kept
}

// ExpectedSet is what the canonical solution did with one input set.
type ExpectedSet struct {
	Load  uint64 // fuel used by loading the program
	Whole bool   // long lists are asked for whole: a rule needs to see all of one
	Wants []Want
}

// Want is the expected value of one input: whole where it is small or a rule
// may need it, by its digest else, because outputs can have more than a
// gigabyte.
type Want struct {
	Fuel uint64 // used by this input
	// Pieces are the frames that the value came in: one, or several for a list
	// of more than partItems.
	Pieces []Piece
	// Exact: equal frames are a right answer. Not so under a special rule, and
	// with a NaN or something opaque in it.
	Exact bool
	// Turns: meeting this value changes the state of the rule (evalplus's
	// tolerance for floats, which stays on for the inputs that follow).
	Turns bool

	Tagged bool   // Kept is in the tagged encoding
	Kept   []byte // the only frame, or nil
	Shown  string // where Kept is nil: head of the repr
}

// Piece is a value, or a part of a list.
type Piece struct {
	Frame [32]byte // sha-256 of the frame that the driver wrote
	// Digest is the value's, where it wasn't kept: the value is then of plain
	// types, and equal to what has the same digest.
	Digest [32]byte
}

// partItems is how many items of a list come in one frame. All parts but the
// last have so many, so two lists are equal if their parts are.
const partItems = 16 << 10

// total is the fuel of everything.
func (e *Expected) total() uint64 {
	sum := e.Fuel + e.TestFuel
	for _, s := range e.Sets {
		sum += s.Load
		for i := range s.Wants {
			sum += s.Wants[i].Fuel
		}
	}
	return sum
}

// weight is about how many bytes of memory e takes.
func (e *Expected) weight() int {
	sum := len(e.Test) + e.Transcript.Weight()
	for _, s := range e.Sets {
		for i := range s.Wants {
			sum += 160 + 64*len(s.Wants[i].Pieces) + len(s.Wants[i].Kept) + len(s.Wants[i].Shown)
		}
	}
	return sum
}

// value is the expected value, of those that are kept.
func (w *Want) value(rule benchmarks.Rule) (value.Value, error) {
	v, err := python.Result{Raw: w.Kept, Tagged: w.Tagged}.Decode(canonicalLimits)
	if err != nil {
		return nil, fmt.Errorf("expected value: %w", err)
	}
	return rule.Expect(v), nil
}

// expect runs the canonical solution.
func (j *Judge) expect(ctx context.Context, p *benchmarks.Problem, got *prepared) (*Expected, error) {
	switch p.Oracle {
	case benchmarks.Cases:
		return j.expectCases(ctx, p, got.sets)
	case benchmarks.Stdio:
		return j.expectStdio(ctx, p, got.tests)
	case benchmarks.Script, benchmarks.Unittest:
		return j.expectScript(ctx, p)
	}
	return nil, fmt.Errorf("%s: no oracle is called %q", p.ID, p.Oracle)
}

func (j *Judge) expectCases(ctx context.Context, p *benchmarks.Problem, sets []inputSet) (*Expected, error) {
	e := &Expected{Sets: make([]ExpectedSet, len(sets))}
	for i, set := range sets {
		got, err := j.expectSet(ctx, p, set)
		if err != nil {
			return nil, fmt.Errorf("expected values of %s, inputs %q: %w", p.ID, set.name, err)
		}
		e.Sets[i] = got
	}
	return e, nil
}

func (j *Judge) expectSet(ctx context.Context, p *benchmarks.Problem, set inputSet) (ExpectedSet, error) {
	whole := p.Rule.Special != "" || p.Rule.Atol != 0
	got, err := j.runCanonical(ctx, p, set, whole)
	if errors.Is(err, errNeedsWhole) {
		return j.runCanonical(ctx, p, set, true)
	}
	return got, err
}

// runCanonical takes what the canonical solution gives for each input.
func (j *Judge) runCanonical(ctx context.Context, p *benchmarks.Problem, set inputSet, whole bool) (ExpectedSet, error) {
	out := ExpectedSet{Whole: whole, Wants: make([]Want, 0, len(set.args))}
	t := taker{rule: p.Rule}
	var failed error
	outcome, err := j.config.Runtime.RunCases(ctx, program(p, p.Canonical, whole), set.inputs(nil), canonicalLimits, func(i int, r python.Result) bool {
		if i == 0 {
			out.Load = r.Total - r.Fuel
		}
		if failed = t.take(r); failed != nil {
			failed = fmt.Errorf("input %d: %w", i, failed)
			return false
		}
		if !r.More {
			out.Wants = append(out.Wants, t.want)
			t.want = Want{}
		}
		return true
	})
	switch {
	case err != nil:
		return out, err
	case failed != nil:
		return out, failed
	case outcome.Kind != runtimes.OK:
		return out, fmt.Errorf("input %d: the canonical solution ended with %s%s", len(out.Wants), outcome.Kind, because(outcome))
	case len(out.Wants) != len(set.args):
		return out, fmt.Errorf("%d results for %d inputs", len(out.Wants), len(set.args))
	}
	if len(set.args) == 0 {
		out.Load = outcome.Fuel
	}
	return out, nil
}

// expectScript measures the canonical solution. Where it fails its own tests,
// the budgets fall back to the floor: what that says about a sample is for the
// sample's verdict.
func (j *Judge) expectScript(ctx context.Context, p *benchmarks.Problem) (*Expected, error) {
	lim := canonicalLimits
	s := script(p)
	s.Fuel = lim.CallFuel
	if p.TestCase != "" {
		return j.expectTests(ctx, p)
	}
	if p.Oracle == benchmarks.Unittest {
		outcome, err := j.config.Runtime.RunShared(ctx, program(p, p.Canonical, true), s, lim)
		if err != nil {
			return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
		}
		return &Expected{Fuel: outcome.Fuel}, nil
	}
	var err error
	if s.Compiled, err = j.config.Runtime.Compile(ctx, s); err != nil {
		return nil, fmt.Errorf("test of %s: %w", p.ID, err)
	}
	s.Record = true
	outcome, err := j.config.Runtime.RunScript(ctx, s, program(p, p.Canonical, true), lim)
	if err != nil {
		return nil, fmt.Errorf("canonical solution of %s: %w", p.ID, err)
	}
	return &Expected{Fuel: outcome.Candidate.Fuel, TestFuel: outcome.Test.Fuel, Test: s.Compiled, Transcript: outcome.Transcript}, nil
}
