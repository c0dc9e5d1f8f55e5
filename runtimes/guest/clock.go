package guest

import (
	"math"

	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

const (
	second uint64 = 1_000_000_000
	// boot is what the monotonic clock shows at the start: some programs take
	// 0 for a clock that is broken.
	boot = second
)

// Clocks of preview 1.
const (
	clockRealtime  = 0
	clockMonotonic = 1
	clockProcess   = 2
	clockThread    = 3
)

// clock runs on fuel. What a guest sleeps is skipped.
type clock struct {
	origin uint64 // ns since 1970
	rate   uint64 // fuel per ns
	ran    uint64 // ns that fuel had moved it before Used was at 0
	skip   uint64 // ns that were slept
}

// worked is the processor's time in ns.
func (c *clock) worked(used uint64) uint64 { return c.ran + used/c.rate }

// elapsed is the time since the start in ns. It stands still in the year 2262,
// where the clocks of most languages end.
func (c *clock) elapsed(used uint64) uint64 {
	return min(c.worked(used)+c.skip, c.end())
}

func (c *clock) end() uint64 { return math.MaxInt64 - max(c.origin, boot) }

func (c *clock) realtime(used uint64) uint64  { return c.origin + c.elapsed(used) }
func (c *clock) monotonic(used uint64) uint64 { return boot + c.elapsed(used) }

// sleep skips ns.
func (c *clock) sleep(ns uint64) { c.skip = min(c.skip+min(ns, c.end()), c.end()) }

// read gives a clock by its number.
func (c *clock) read(id uint32, used uint64) (uint64, error) {
	switch id {
	case clockRealtime:
		return c.realtime(used), nil
	case clockMonotonic:
		return c.monotonic(used), nil
	case clockProcess, clockThread:
		return c.worked(used), nil
	}
	return 0, memfs.EINVAL
}

func clockResGet(k *call) error {
	if k.u32(0) > clockThread {
		return memfs.EINVAL
	}
	return k.put64(1, 1)
}

func clockTimeGet(k *call) error {
	t, err := k.w.clock.read(k.u32(0), k.w.caller.Used())
	if err != nil {
		return err
	}
	return k.put64(2, t)
}

func (k *call) put64(i int, v uint64) error {
	b, err := k.out(i, 8)
	if err != nil {
		return err
	}
	le.PutUint64(b, v)
	return nil
}
