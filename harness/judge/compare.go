package judge

import (
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/value"
)

// match is the outcome of comparing one result.
type match struct {
	verdict harness.Verdict
	actual  string // repr, capped, where it doesn't pass
	detail  string
}

// compare holds a result, or a part of one, against the expected value. Mostly
// the frames are equal, and that settles it; only else is anything decoded. An
// error is a fault of ours.
func (r *partRun) compare(i int, res python.Result) (match, error) {
	w := &r.expected.Wants[i]
	piece, fits := w.piece(r.pieces, res.More)
	if fits && w.Exact && frameHash(res) == piece.Frame {
		return match{verdict: harness.Pass}, r.turn(i, w, &r.state)
	}
	actual, err := res.Decode(r.judge.config.Limits)
	if err != nil {
		return undecodable(err), nil
	}
	var same bool
	switch {
	case !fits:
		_, err = value.Digest(actual)
	case w.Kept == nil:
		var digest [32]byte
		digest, err = value.Digest(actual)
		same = digest == piece.Digest
	default:
		same, err = r.equal(i, w, actual)
	}
	switch {
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
func (r *partRun) equal(i int, w *Want, actual value.Value) (bool, error) {
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
	return rule.Equal(args, expected, actual, &r.state, r.compat())
}

// compat is what Equal is told. Under rules that never record an answer, each
// answer is judged as if it were, and end fails the run: so the first wrong
// input is still found.
func (r *setRun) compat() benchmarks.Compat {
	c := r.judge.config.Compat
	if r.problem.Rule.NeverRecorded(c) {
		return benchmarks.EvalplusMain
	}
	return c
}

// undecodable says why a frame has no value.
func undecodable(err error) match {
	if errors.Is(err, value.ErrBounds) {
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
