package value

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
)

// ErrSteps says that work on a value took more steps than its Meter allows.
var ErrSteps = errors.New("too many steps")

// The steps that a Meter allows: what reading, comparing and digesting a value
// needs is far below, unless the value is made to be slow.
const (
	stepsBase    = 64 << 10
	stepsPerByte = 64
)

// A step is one item, or so many bytes of a text or an int.
const bytesPerStep = 16

// Meter counts the steps of the host's work on values that come from a guest:
// one for each item each time that it is read, digested, compared or printed,
// and one for each 16 bytes of text and digits. What is not linear costs its
// product: a division of ints, a number held against each of a row. The same
// values cost the same steps everywhere.
//
// A nil Meter counts nothing: it is for values of our own.
type Meter struct {
	ctx   context.Context
	limit int
	used  int
	look  int // steps after which ctx is looked at again
}

// lookEvery is how many steps pass between two looks at the context: well below
// a second's.
const lookEvery = 1 << 16

// NewMeter allows the steps that work on frames of so many bytes in all may
// take. The work ends when ctx does, too.
func NewMeter(ctx context.Context, bytes int) *Meter {
	return &Meter{ctx: ctx, limit: stepsBase + stepsPerByte*bytes, look: lookEvery}
}

// Used is the number of steps taken.
func (m *Meter) Used() int { return m.used }

// Take takes n steps. The error wraps ErrSteps, or is the context's.
func (m *Meter) Take(n int) error {
	if m == nil {
		return nil
	}
	if n < 0 || n > m.limit-m.used {
		m.used = m.limit
		return fmt.Errorf("%w: more than %d", ErrSteps, m.limit)
	}
	m.used += n
	if m.used < m.look {
		return nil
	}
	m.look = m.used + lookEvery
	if m.ctx.Err() != nil {
		return context.Cause(m.ctx)
	}
	return nil
}

// text takes the steps of going once through n bytes.
func (m *Meter) text(n int) error { return m.Take(1 + n/bytesPerStep) }

// product takes the steps of what compares or multiplies each of a with each of b.
func (m *Meter) product(a, b int) error {
	high, low := bits.Mul64(uint64(a), uint64(b))
	if high != 0 || int(low) < 0 {
		return m.Take(-1)
	}
	return m.Take(int(low))
}
