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

const (
	pollMax = 4096 // subscriptions of one call
	subSize = 48   // bytes of a subscription
	evtSize = 32   // bytes of an event
)

// Kinds of subscriptions.
const (
	pollClock = 0
	pollRead  = 1
	pollWrite = 2
)

// subscription is what poll_oneoff waits for.
type subscription struct {
	user  uint64
	kind  byte
	fd    uint32
	clock uint32
	after uint64 // ns from now until the clock is there
	errno memfs.Errno
}

// pollOneoff never waits: files and streams are always ready, and where only
// clocks are asked for, the clock is moved to the first of them.
func pollOneoff(k *call) error {
	subs, err := k.subscriptions()
	if err != nil {
		return err
	}
	buf, err := k.out(1, evtSize*uint64(len(subs)))
	if err != nil {
		return err
	}
	count, err := k.out(3, 4)
	if err != nil {
		return err
	}
	first := wait(subs)
	k.w.clock.sleep(first)
	n := uint32(0)
	for _, s := range subs {
		if s.kind == pollClock && s.errno == 0 && s.after > first {
			continue
		}
		k.w.event(s, buf[evtSize*n:][:evtSize])
		n++
	}
	le.PutUint32(count, n)
	return nil
}

func (k *call) subscriptions() ([]subscription, error) {
	n := k.u32(2)
	if n == 0 || n > pollMax {
		return nil, memfs.EINVAL
	}
	raw, err := k.out(0, subSize*uint64(n))
	if err != nil {
		return nil, err
	}
	if err := k.w.charge(uint64(len(raw))); err != nil {
		return nil, err
	}
	subs := make([]subscription, n)
	for i := range subs {
		if subs[i], err = k.w.subscription(raw[subSize*i:]); err != nil {
			return nil, err
		}
	}
	return subs, nil
}

func (w *World) subscription(b []byte) (subscription, error) {
	s := subscription{user: le.Uint64(b), kind: b[8]}
	switch s.kind {
	case pollClock:
		s.clock = le.Uint32(b[16:])
		now, err := w.clock.read(s.clock, w.caller.Used())
		if err != nil || s.clock > clockMonotonic {
			s.errno = memfs.EINVAL
		}
		s.after = le.Uint64(b[24:])
		if absolute := le.Uint16(b[40:])&1 != 0; absolute {
			s.after -= min(now, s.after)
		}
	case pollRead, pollWrite:
		s.fd = le.Uint32(b[16:])
		if _, err := w.descriptor(s.fd); err != nil {
			s.errno = memfs.EBADF
		}
	default:
		return s, memfs.EINVAL
	}
	return s, nil
}

// wait is how long until the first of subs is ready.
func wait(subs []subscription) uint64 {
	first := uint64(math.MaxUint64)
	for _, s := range subs {
		if s.kind != pollClock || s.errno != 0 {
			return 0
		}
		first = min(first, s.after)
	}
	return first
}

// event says that a subscription is ready.
func (w *World) event(s subscription, b []byte) {
	clear(b)
	le.PutUint64(b, s.user)
	le.PutUint16(b[8:], uint16(s.errno))
	b[10] = s.kind
	if s.kind == pollClock || s.errno != 0 {
		return
	}
	switch d := &w.fds[s.fd]; {
	case s.kind == pollWrite:
		le.PutUint64(b[16:], 1<<16)
	case d.kind == openStdin:
		left := uint64(len(w.stdin)) - min(uint64(len(w.stdin)), *d.offset)
		le.PutUint64(b[16:], left)
		if left == 0 {
			const hangup = 1
			le.PutUint16(b[24:], hangup)
		}
	case d.kind == openFile:
		size := w.fs.Stat(d.ino).Size
		le.PutUint64(b[16:], size-min(size, *d.offset))
	}
}
