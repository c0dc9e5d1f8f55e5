package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// expectedVersion is the version of the expected values' meaning and encoding.
const expectedVersion = 7

// canonicalLimits are those that canonical solutions run under: far above what
// any of them needs, and never the user's, so that expected values are the same
// whatever a run is limited to.
var canonicalLimits = runtimes.Limits{
	LoadFuel:    1_000_000_000_000,
	CallFuel:    4_000_000_000_000,
	MemoryBytes: 2 << 30,
	OutputBytes: 64 << 20,
	ValueBytes:  256 << 20,
	ValueNodes:  64 << 20,
}.WithDefaults()

// MostMemory is the most that a program is given where candidates have so many
// bytes: canonical solutions have limits of their own.
func MostMemory(memory uint64) uint64 { return max(memory, canonicalLimits.MemoryBytes) }

// Expected is what the canonical solution of a problem did in the sandbox.
type Expected struct {
	_ struct{} `cbor:",toarray"`
	// For the oracle cases: one for each input set.
	Sets []expectedSet
	// For script and unittest: fuel used by the candidate's side, loading
	// included, and by the trusted side.
	Fuel, TestFuel uint64
	// For script: the compiled test (for unittest: the names of the tests, a line
	// each), and what it and the canonical solution said to each other (nil where it
	// did not pass, or said too much).
	Test       []byte
	Transcript *runtimes.Transcript
	// For stdio: how the canonical solution fails its own tests; "" where it doesn't.
	Fails string

	ran *runtimes.Outcome // for unittest, where it was run just now; not kept
}

// expectedSet is what the canonical solution did with one input set.
type expectedSet struct {
	_     struct{} `cbor:",toarray"`
	Load  uint64   // fuel used by loading the program
	Whole bool     // long lists are asked for whole: a rule needs to see all of one
	Wants []Want
}

// Want is the expected value of one input: whole where it is small or a rule
// may need it, by its digest else, because outputs can have more than a
// gigabyte.
type Want struct {
	_    struct{} `cbor:",toarray"`
	Fuel uint64   // used by this input
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
	_     struct{} `cbor:",toarray"`
	Frame [32]byte // sha-256 of the frame that the driver wrote
	Bytes int      // of the frame
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
	for i := range e.Sets {
		sum += e.Sets[i].total()
	}
	return sum
}

// total is the fuel of loading once and of every input.
func (s *expectedSet) total() uint64 {
	sum := s.Load
	for i := range s.Wants {
		sum += s.Wants[i].Fuel
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
	v, err := decode(nil, runtimes.Result{Raw: w.Kept, Tagged: w.Tagged}, canonicalLimits)
	if err != nil {
		return nil, fmt.Errorf("expected value: %w", err)
	}
	return rule.Expect(v), nil
}

// encode gives e as the cache keeps it.
func (e *Expected) encode() ([]byte, error) {
	var b bytes.Buffer
	err := runtimes.Encode(&b, e)
	return b.Bytes(), err
}

// anySize stands for the size of a set that isn't known yet.
const anySize = -1

// decodeExpected reads what encode wrote, for a problem with sets of these
// sizes.
func decodeExpected(data []byte, sizes []int) (*Expected, error) {
	e := &Expected{}
	if err := runtimes.Decode(data, e); err != nil {
		return nil, err
	}
	if len(e.Sets) != len(sizes) {
		return nil, fmt.Errorf("%d input sets, want %d", len(e.Sets), len(sizes))
	}
	for i, size := range sizes {
		s := &e.Sets[i]
		if len(s.Wants) != size && size != anySize {
			return nil, fmt.Errorf("%d expected values, want %d", len(s.Wants), size)
		}
		for k := range s.Wants {
			if len(s.Wants[k].Pieces) == 0 && size != anySize {
				return nil, fmt.Errorf("expected value %d has no pieces", k)
			}
		}
	}
	return e, nil
}

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
func (t *taker) take(ctx context.Context, r runtimes.Result) error {
	if r.Long > 0 {
		return fmt.Errorf("a value of %d bytes; at most %d", r.Long, canonicalLimits.ValueBytes)
	}
	m := value.NewMeter(ctx, len(r.Raw))
	v, err := decode(m, r, canonicalLimits)
	if err != nil {
		return err
	}
	digest, incomparable := value.Digest(m, v)
	if incomparable != nil && !errors.Is(incomparable, value.ErrIncomparable) {
		return incomparable
	}
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
	piece := Piece{Frame: frameHash(r), Bytes: len(r.Raw)}
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
