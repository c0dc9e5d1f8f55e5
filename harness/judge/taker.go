package judge

import (
	"crypto/sha256"
	"errors"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/value"
)

// keptBytes is up to which encoded size an expected value is kept only to be
// shown in a failure; of larger ones the head of the repr is kept.
const keptBytes = 4 << 10

// errNeedsWhole says that a list can't be compared part by part.
var errNeedsWhole = errors.New("a rule needs to see all of a list")

// taker makes a Want of each of the canonical solution's results.
type taker struct {
	rule  benchmarks.Rule
	state benchmarks.RuleState
	want  Want // of the value whose frames are coming in
}

// take keeps of a result, or of a part of one, what comparing with it takes.
func (t *taker) take(r python.Result) error {
	v, err := r.Decode(canonicalLimits)
	if err != nil {
		return err
	}
	digest, incomparable := value.Digest(v)
	before := t.state
	settled := t.rule.Digest(t.rule.Expect(v), &t.state) && incomparable == nil
	first := len(t.want.Pieces) == 0
	if (r.More || !first) && !settled {
		return errNeedsWhole
	}
	w := &t.want
	w.Fuel = r.Fuel
	w.Exact = incomparable == nil && !value.HasNaN(v) && t.rule.Special == ""
	w.Turns = t.state != before
	piece := Piece{Frame: frameHash(r)}
	switch {
	case !first:
		piece.Digest = digest
	case !r.More && (len(r.Raw) <= keptBytes || !settled || w.Turns):
		w.Kept, w.Tagged = append([]byte{}, r.Raw...), r.Tagged
	default:
		piece.Digest, w.Shown = digest, value.Repr(v, shownBytes)
	}
	w.Pieces = append(w.Pieces, piece)
	return nil
}

// frameHash tells the two encodings apart too.
func frameHash(r python.Result) [32]byte {
	h := sha256.New()
	if r.Tagged {
		h.Write([]byte("tagged"))
	} else {
		h.Write([]byte("plain"))
	}
	h.Write(r.Raw)
	return [32]byte(h.Sum(nil))
}
