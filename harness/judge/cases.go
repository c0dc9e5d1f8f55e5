package judge

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// cases judges by inputs and expected values, set by set. Inputs go in, values
// come out and are compared here.
type cases struct{}

func (cases) given(p *benchmarks.Problem) (*prepared, error) {
	if p.Tests != nil {
		return givenCalls(p)
	}
	got := &prepared{sets: make([]inputSet, len(p.Sets))}
	for i := range p.Sets {
		var err error
		if got.sets[i], err = newInputSet(p, &p.Sets[i]); err != nil {
			return nil, err
		}
	}
	return got, nil
}

// givenCalls reads tests that come with the data set, as inputs with the values
// that they have to give.
func givenCalls(p *benchmarks.Problem) (*prepared, error) {
	source, expected, err := p.Tests.Calls()
	if err != nil {
		return nil, fmt.Errorf("tests of %s: %w", p.ID, err)
	}
	set, err := newInputSet(p, &source)
	if err != nil {
		return nil, fmt.Errorf("tests of %s: %w", p.ID, err)
	}
	out := expectedSet{Whole: true}
	for i, v := range expected {
		t := taker{rule: p.Rule}
		raw, err := value.AppendMarshal(nil, v)
		if err == nil {
			err = t.take(context.Background(), runtimes.Result{Raw: raw})
		}
		if err != nil {
			return nil, fmt.Errorf("tests of %s: output %d: %w", p.ID, i, err)
		}
		out.Wants = append(out.Wants, t.want)
	}
	return &prepared{sets: []inputSet{set}, expected: &Expected{Sets: []expectedSet{out}}}, nil
}

func (cases) sizes(p *benchmarks.Problem) (out []int) {
	for i := range p.Sets {
		out = append(out, p.Sets[i].N)
	}
	return out
}

func (cases) expect(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, got *prepared) (*Expected, error) {
	e := &Expected{Sets: make([]expectedSet, len(got.sets))}
	for i, set := range got.sets {
		whole := p.Rule.Special != "" || p.Rule.Atol != 0
		expected, err := canonicalSet(ctx, r, p, set, whole)
		if errors.Is(err, errNeedsWhole) {
			expected, err = canonicalSet(ctx, r, p, set, true)
		}
		if err != nil {
			return nil, fmt.Errorf("expected values of %s, inputs %q: %w", p.ID, set.name, err)
		}
		e.Sets[i] = expected
	}
	return e, nil
}

// canonicalSet takes what the canonical solution gives for each input.
func canonicalSet(ctx context.Context, r runtimes.Runner, p *benchmarks.Problem, set inputSet, whole bool) (expectedSet, error) {
	out := expectedSet{Whole: whole, Wants: make([]Want, 0, len(set.args))}
	t := taker{rule: p.Rule}
	var failed error
	job := newJob(p, runtimes.ModeCases, p.Canonical, whole, canonicalLimits)
	job.Inputs = set.inputs(nil)
	outcome, err := r.Run(ctx, job, func(res runtimes.Result) bool {
		if res.Input == 0 {
			out.Load = res.Total - res.Fuel
		}
		if failed = t.take(ctx, res); failed != nil {
			failed = fmt.Errorf("input %d: %w", res.Input, failed)
			return false
		}
		if !res.More {
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

func (cases) groups(t *trial) ([]group, error) {
	t.rec.Verdict = harness.Pass
	if t.problem.Tests != nil {
		t.rec.TestCount = len(t.sets[0].args)
	}
	var all []group
	for i, set := range t.sets {
		if t.config.BaseOnly && set.name != "base" {
			continue
		}
		r := &setRun{trial: t, set: set, expected: &t.expected.Sets[i]}
		r.budget = t.config.grantAll(t.problem, r.expected.total())
		parts, err := r.parts()
		if err != nil {
			return nil, fmt.Errorf(", inputs %q: %w", set.name, err)
		}
		g := group{lanes: t.config.Parallel}
		for k := range parts {
			g.steps = append(g.steps, parts[k].step(k == len(parts)-1))
		}
		all = append(all, g)
	}
	return all, nil
}

// partFuel is what the canonical solution uses on the inputs of one part of an
// input set, some seconds: one instance gets no more than that of a set, so that
// the longest set doesn't bound a run. Nearly every set is one part.
const partFuel = 50_000_000_000

// setRun is one candidate on one input set, part by part.
type setRun struct {
	*trial
	set      inputSet
	expected *expectedSet
	budget   uint64 // of fuel, for all inputs together

	verdict harness.Verdict
	failure *harness.Failure
	fuel    uint64
	pages   uint32
}

// add takes a part on which the candidate ended. After the last, or the first
// that fails, the set's verdict goes into the record.
func (r *setRun) add(p *partRun, last bool) {
	r.fuel += p.fuel
	if p.verdict == harness.Pass && r.fuel > r.budget {
		p.failAll(p.to - 1)
	}
	r.verdict, r.failure = p.verdict, p.failure
	r.pages = max(r.pages, p.pages)
	if r.verdict == harness.Pass && !last {
		return
	}
	if r.verdict == harness.Pass && r.problem.Rule.NeverRecorded(r.config.Compat) {
		r.verdict = harness.WrongAnswer
		r.failure = &harness.Failure{Set: r.set.name, Detail: neverRecordedDetail}
	}
	rec := r.rec
	rec.Fuel += r.fuel
	rec.Pages = max(rec.Pages, r.pages)
	switch r.set.name {
	case "base":
		rec.Base = r.verdict
	case "plus":
		rec.Plus = r.verdict
	}
	switch {
	case r.verdict == harness.Pass:
	case rec.Verdict == harness.Pass:
		rec.Verdict, rec.Failure = r.verdict, r.failure
	default:
		rec.PlusFailure = r.failure
	}
}

// neverRecordedDetail explains a benchmarks.Rule that is NeverRecorded.
const neverRecordedDetail = "every answer was right, but evalplus 0.3.1 never records one to find_zero, so that it fails every sample"

// parts divides the set by what the canonical solution used. A set without
// inputs is one part: its program is loaded all the same.
func (r *setRun) parts() ([]partRun, error) {
	parts := []partRun{{setRun: r, to: len(r.set.args)}}
	var state benchmarks.RuleState
	used := uint64(0)
	for i := range r.expected.Wants {
		w := &r.expected.Wants[i]
		last := &parts[len(parts)-1]
		if used > 0 && used+w.Fuel > partFuel {
			last.to = i
			parts = append(parts, partRun{setRun: r, done: i, to: len(r.set.args), state: state})
			used = 0
		}
		used += w.Fuel
		if err := r.turn(i, w, &state); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// partRun is one candidate on the inputs of a set from one to before another,
// in a fresh instance, in order, up to the first that fails.
type partRun struct {
	*setRun
	done, to int // inputs that were right, or come before; and the end
	state    benchmarks.RuleState

	limits  runtimes.Limits
	pieces  int // frames of the next input that were right
	verdict harness.Verdict
	failure *harness.Failure
	fuel    uint64
	pages   uint32
	fault   error
}

// answerFactor is how much longer than the expected value an answer may be, where
// the limit on values is less: as numbers of numpy's, say.
const answerFactor = 8

// step is the part's job.
func (r *partRun) step(last bool) step {
	c := r.config
	lim := c.Limits
	lim.LoadFuel = c.grant(r.problem, r.expected.Load)
	lim.CallFuel = c.Floor
	from := r.done
	for i := from; i < r.to; i++ {
		for _, p := range r.expected.Wants[i].Pieces {
			room := answerFactor * uint64(p.Bytes)
			lim.ValueBytes, lim.ValueNodes = max(lim.ValueBytes, room), max(lim.ValueNodes, room)
		}
	}
	r.limits = lim
	job := newJob(r.problem, runtimes.ModeCases, r.solution, r.expected.Whole, lim)
	job.Inputs = r.set.inputs(func(i int) uint64 { return c.grant(r.problem, r.expected.Wants[i].Fuel) })[from:r.to]
	return step{
		name: fmt.Sprintf(", inputs %q", r.set.name), job: job,
		emit: func(ctx context.Context, res runtimes.Result) bool { return r.visit(ctx, from+res.Input, res) },
		read: func(o runtimes.Outcome) (bool, error) {
			if r.fault == nil && r.verdict == "" { // not ended by visit
				r.end(o)
			}
			if r.fault == nil {
				r.setRun.add(r, last)
			}
			return r.verdict == harness.Pass, r.fault
		},
	}
}

// visit compares one result and says whether to go on.
func (r *partRun) visit(ctx context.Context, i int, res runtimes.Result) bool {
	r.fuel, r.pages = res.Total, res.Pages
	m, err := r.compare(ctx, i, res)
	if err != nil {
		r.fault = err
		return false
	}
	if m.verdict == harness.Pass && res.Total > r.budget {
		r.failAll(i)
		return false
	}
	if m.verdict == harness.Pass {
		r.pieces++
		if !res.More {
			r.done, r.pieces = r.done+1, 0
		}
		return true
	}
	r.fail(m.verdict, i)
	r.failure.Expected, r.failure.Actual, r.failure.Detail = r.shownExpected(i), m.actual, m.detail
	return false
}

// end judges a run that visit didn't stop.
func (r *partRun) end(o runtimes.Outcome) {
	r.fuel, r.pages = o.Fuel, o.Pages
	switch {
	case o.Kind != runtimes.OK:
		r.fail(verdictOf(o.Kind), r.done)
		r.failure.Exception, r.failure.Detail = o.Exception, o.Detail
	case r.done < r.to:
		r.fail(harness.NoResult, r.done)
		r.failure.Detail = fmt.Sprintf("%d results for %d inputs", r.done, len(r.set.args))
	default:
		r.verdict = harness.Pass
	}
}

// fail notes the first failing input; one past the end is no input.
func (r *partRun) fail(v harness.Verdict, input int) {
	r.verdict, r.failure = v, &harness.Failure{Set: r.set.name}
	if input < r.to {
		r.failure.Input = &input
		r.failure.Args = r.shownArgs(input)
	}
}

// failAll fails at the input that uses up the budget of all.
func (r *partRun) failAll(input int) {
	r.fail(harness.OutOfFuel, input)
	r.failure.Detail = overAll(r.budget)
}

// match is the outcome of comparing one result.
type match struct {
	verdict harness.Verdict
	actual  string // repr, capped, where it doesn't pass
	detail  string
}

// compare holds a result, or a part of one, against the expected value. Mostly
// the frames are equal, and that settles it; only else is anything decoded. An
// error is a fault of ours.
func (r *partRun) compare(ctx context.Context, i int, res runtimes.Result) (match, error) {
	w := &r.expected.Wants[i]
	piece, fits := w.piece(r.pieces, res.More)
	if fits && w.Exact && frameHash(res) == piece.Frame {
		return match{verdict: harness.Pass}, r.turn(i, w, &r.state)
	}
	if res.Long > 0 {
		return match{verdict: harness.WrongAnswer, detail: fmt.Sprintf("an answer of %d bytes; those that can be right have at most %d", res.Long, r.limits.ValueBytes)}, nil
	}
	m := value.NewMeter(ctx, len(res.Raw)+piece.Bytes)
	var same bool
	actual, err := decode(m, res, r.limits)
	switch {
	case err != nil && ctx.Err() == nil && !errors.Is(err, value.ErrSteps):
		return undecodable(err), nil
	case err != nil:
	case !fits:
		_, err = value.Digest(m, actual)
	case w.Kept == nil:
		var digest [32]byte
		digest, err = value.Digest(m, actual)
		same = digest == piece.Digest
	default:
		same, err = r.equal(m, i, w, actual)
	}
	switch {
	case ctx.Err() != nil:
		return match{}, context.Cause(ctx)
	case errors.Is(err, value.ErrSteps):
		return match{verdict: harness.OutOfFuel, detail: "comparing the answer took " + err.Error()}, nil
	case isFault(err):
		return match{}, err
	case err != nil:
		return match{verdict: harness.BadValue, actual: value.Repr(actual, shownBytes), detail: err.Error()}, nil
	case !same:
		return match{verdict: harness.WrongAnswer, actual: value.Repr(actual, shownBytes), detail: r.where()}, nil
	}
	return match{verdict: harness.Pass}, nil
}

// piece is what frame n of the value has to equal; none, where the value has
// no such frame, or goes on after it as the actual one doesn't.
func (w *Want) piece(n int, more bool) (Piece, bool) {
	if n >= len(w.Pieces) || more != (n < len(w.Pieces)-1) {
		return Piece{}, false
	}
	return w.Pieces[n], true
}

// where says which part of a list is shown.
func (r *partRun) where() string {
	if r.pieces == 0 {
		return ""
	}
	return fmt.Sprintf("shown from index %d on: the items before it are right", r.pieces*partItems)
}

// turn carries the state of the rule past an input that isn't compared.
func (r *setRun) turn(i int, w *Want, state *benchmarks.RuleState) error {
	if !w.Turns {
		return nil
	}
	expected, err := w.value(r.problem.Rule)
	if err != nil {
		return fmt.Errorf("input %d: %w", i, err)
	}
	r.problem.Rule.Digest(expected, state)
	return nil
}

// equal decides by the problem's rule.
func (r *partRun) equal(m *value.Meter, i int, w *Want, actual value.Value) (bool, error) {
	rule := r.problem.Rule
	expected, err := w.value(rule)
	if err != nil {
		return false, fault{fmt.Errorf("input %d: %w", i, err)}
	}
	var args value.Tuple
	if rule.Special != "" {
		if args, err = r.set.values(i); err != nil {
			return false, fault{err}
		}
	}
	return rule.Equal(m, args, expected, actual, &r.state, r.compat())
}

// compat is what Equal is told. Under rules that never record an answer, each
// answer is judged as if it were, and end fails the run: so the first wrong
// input is still found.
func (r *setRun) compat() benchmarks.Compat {
	c := r.config.Compat
	if r.problem.Rule.NeverRecorded(c) {
		return benchmarks.EvalplusMain
	}
	return c
}

// undecodable says why a frame has no value.
func undecodable(err error) match {
	if errors.Is(err, value.ErrBounds) || errors.Is(err, value.ErrForeign) {
		return match{verdict: harness.BadValue, detail: err.Error()}
	}
	return match{verdict: harness.ForgedResult, detail: err.Error()}
}

// fault marks an error that is ours.
type fault struct{ error }

func (f fault) Unwrap() error { return f.error }

func isFault(err error) bool {
	var f fault
	return errors.As(err, &f)
}

// frameHash tells the two encodings apart too.
func frameHash(r runtimes.Result) [32]byte {
	h := sha256.New()
	if r.Tagged {
		h.Write([]byte("tagged"))
	} else {
		h.Write([]byte("plain"))
	}
	h.Write(r.Raw)
	return [32]byte(h.Sum(nil))
}

// decode gives the value of a result, within limits.
func decode(m *value.Meter, r runtimes.Result, lim runtimes.Limits) (value.Value, error) {
	return value.DecodeFrame(m, r.Raw, r.Tagged, lim.ValueBytes, lim.ValueNodes, lim.ValueDepth)
}

// inputSet is one input set of a problem, ready to be sent.
type inputSet struct {
	name   string
	args   [][]byte // each a marshalled tuple of arguments
	source *benchmarks.InputSet
}

func newInputSet(p *benchmarks.Problem, s *benchmarks.InputSet) (inputSet, error) {
	set := inputSet{name: s.Name, args: make([][]byte, s.N), source: s}
	var buf []byte
	for n := range s.N {
		args, err := s.Input(n)
		if err != nil {
			return set, fmt.Errorf("inputs of %s: %w", p.ID, err)
		}
		start := len(buf)
		if buf, err = value.AppendMarshal(buf, value.Tuple(args)); err != nil {
			return set, fmt.Errorf("inputs of %s, %q, input %d: %w", p.ID, s.Name, n, err)
		}
		set.args[n] = buf[start:len(buf):len(buf)]
	}
	return set, nil
}

// inputs gives each input its budget; without budgets the limit on calls holds.
func (s inputSet) inputs(budget func(i int) uint64) []runtimes.Input {
	out := make([]runtimes.Input, len(s.args))
	for i := range out {
		out[i].Args = s.args[i]
		if budget != nil {
			out[i].Fuel = budget(i)
		}
	}
	return out
}

// values are the arguments of input i, for rules and messages.
func (s inputSet) values(i int) (value.Tuple, error) {
	args, err := s.source.Input(i)
	return value.Tuple(args), err
}

func (s inputSet) weight() int {
	sum := 0
	for _, a := range s.args {
		sum += 24 + len(a)
	}
	return sum
}
