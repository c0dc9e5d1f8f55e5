package guest

import (
	"math"

	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

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
		left := uint64(len(w.stdin) - w.read)
		le.PutUint64(b[16:], left)
		if left == 0 {
			const hangup = 1
			le.PutUint16(b[24:], hangup)
		}
	case d.kind == openFile:
		size := w.fs.Stat(d.ino).Size
		le.PutUint64(b[16:], size-min(size, d.offset))
	}
}
