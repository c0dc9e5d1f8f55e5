package judge

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes/python"
)

// The encoding of Expected: unsigned varints; byte strings with their length
// before them; for each Want a byte of flags, the fuel, the number of pieces and
// their hashes, then what is kept, or the repr. Digests are there where nothing
// is kept.
const (
	flagExact = 1 << iota
	flagTurns
	flagTagged
	flagKept
)

// leastWant is the size of the smallest Want.
const leastWant = 1 + 1 + 1 + 1

func (e *Expected) encode() []byte {
	b := binary.AppendUvarint(nil, e.Fuel)
	b = binary.AppendUvarint(b, e.TestFuel)
	b = appendTranscript(appendBytes(b, e.Test), e.Transcript)
	b = binary.AppendUvarint(b, uint64(len(e.Sets)))
	for _, s := range e.Sets {
		b = binary.AppendUvarint(b, s.Load)
		b = binary.AppendUvarint(b, bit(s.Whole))
		b = binary.AppendUvarint(b, uint64(len(s.Wants)))
		for i := range s.Wants {
			b = s.Wants[i].append(b)
		}
	}
	return b
}

func (w *Want) append(b []byte) []byte {
	flags := byte(0)
	for _, f := range []struct {
		set bool
		bit byte
	}{{w.Exact, flagExact}, {w.Turns, flagTurns}, {w.Tagged, flagTagged}, {w.Kept != nil, flagKept}} {
		if f.set {
			flags |= f.bit
		}
	}
	b = binary.AppendUvarint(append(b, flags), w.Fuel)
	b = binary.AppendUvarint(b, uint64(len(w.Pieces)))
	for _, p := range w.Pieces {
		b = append(b, p.Frame[:]...)
		if w.Kept == nil {
			b = append(b, p.Digest[:]...)
		}
	}
	if w.Kept != nil {
		return appendBytes(b, w.Kept)
	}
	return appendBytes(b, []byte(w.Shown))
}

// appendTranscript writes the number of exchanges and one, or 0 for none.
func appendTranscript(b []byte, t *python.Transcript) []byte {
	if t == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(t.Exchanges))+1)
	b = binary.AppendUvarint(b, uint64(t.Pages))
	b = binary.AppendUvarint(b, t.Output)
	for _, e := range t.Exchanges {
		b = appendBytes(appendBytes(b, e.Call), e.Answer)
	}
	return b
}

func bit(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

func appendBytes(b, s []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(s))), s...) }

var errShort = errors.New("ends too early")

// anySize stands for the size of a set that isn't known yet.
const anySize = -1

// decodeExpected reads what encode wrote, for a problem with sets of these
// sizes. Nothing is allocated that b could not fill.
func decodeExpected(b []byte, sizes []int) (*Expected, error) {
	r := reader{b: b}
	e := &Expected{Fuel: r.number(), TestFuel: r.number()}
	e.Test = r.take(r.number())
	e.Transcript = r.transcript()
	if n := r.number(); n != uint64(len(sizes)) {
		return nil, r.fail(fmt.Errorf("%d input sets, want %d", n, len(sizes)))
	}
	for _, size := range sizes {
		set := ExpectedSet{Load: r.number(), Whole: r.number() != 0}
		n := r.number()
		if n != uint64(size) && size != anySize || n > uint64(len(r.b)/leastWant) {
			return nil, r.fail(fmt.Errorf("%d expected values in %d bytes, want %d", n, len(r.b), size))
		}
		set.Wants = make([]Want, n)
		for i := range set.Wants {
			r.want(&set.Wants[i])
		}
		e.Sets = append(e.Sets, set)
	}
	if len(r.b) > 0 {
		return nil, r.fail(fmt.Errorf("%d bytes too many", len(r.b)))
	}
	return e, r.err
}

// reader takes fields off b until one of them is not there.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(err error) error {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
	return r.err
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail(errShort)
		return nil
	}
	s := r.b[:n:n]
	r.b = r.b[n:]
	return s
}

// leastExchange is the size of the smallest Exchange.
const leastExchange = 1 + 1

func (r *reader) transcript() *python.Transcript {
	n := r.number()
	if n == 0 {
		return nil
	}
	t := &python.Transcript{Pages: uint32(r.number()), Output: r.number()}
	if n--; n > uint64(len(r.b)/leastExchange) {
		r.fail(errShort)
		return nil
	}
	t.Exchanges = make([]python.Exchange, n)
	for i := range t.Exchanges {
		t.Exchanges[i] = python.Exchange{Call: r.take(r.number()), Answer: r.take(r.number())}
	}
	return t
}

func (r *reader) want(w *Want) {
	flags := r.take(1)
	if r.err != nil {
		return
	}
	f := flags[0]
	w.Exact, w.Turns, w.Tagged = f&flagExact != 0, f&flagTurns != 0, f&flagTagged != 0
	w.Fuel = r.number()
	kept := f&flagKept != 0
	size := 64
	if kept {
		size = 32
	}
	n := r.number()
	if n > uint64(len(r.b)/size) {
		r.fail(errShort)
		return
	}
	w.Pieces = make([]Piece, n)
	for i := range w.Pieces {
		copy(w.Pieces[i].Frame[:], r.take(32))
		if !kept {
			copy(w.Pieces[i].Digest[:], r.take(32))
		}
	}
	if kept {
		w.Kept = r.take(r.number())
	} else {
		w.Shown = string(r.take(r.number()))
	}
}
