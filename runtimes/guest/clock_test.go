package guest_test

import (
	"math"
	"testing"

	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

func (r *rig) now(id int) uint64 {
	r.Helper()
	r.ok("clock_time_get", id, 1, out)
	return r.u64()
}

func TestClockRunsOnFuel(t *testing.T) {
	r := newRig(t, guest.Config{})
	first := r.now(0)
	if first < guest.DefaultClockOrigin || first > guest.DefaultClockOrigin+1000 {
		t.Errorf("the clock starts at %d", first)
	}
	r.Charge(10_000_000_000)
	if d := r.now(0) - first; d < 1e9 || d > 1e9+1000 {
		t.Errorf("10e9 fuel took %d ns", d)
	}
	for id := range 4 {
		if a, b := r.now(id), r.now(id); a >= b {
			t.Errorf("clock %d: %d, then %d", id, a, b)
		}
		r.ok("clock_res_get", id, out)
		if r.u64() != 1 {
			t.Errorf("clock %d: resolution %d", id, r.u64())
		}
	}
	r.want(memfs.EINVAL, "clock_time_get", 4, 0, out)
	r.want(memfs.EINVAL, "clock_res_get", 4, out)
	r.want(memfs.EFAULT, "clock_time_get", 0, 0, len(r.mem)-7)
}

// sub appends a subscription to a clock.
func sub(b []byte, user uint64, clock uint32, timeout uint64, absolute bool) []byte {
	b = le.AppendUint64(b, user)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, uint64(clock))
	b = le.AppendUint64(b, timeout)
	b = le.AppendUint64(b, 0)
	flags := uint64(0)
	if absolute {
		flags = 1
	}
	return le.AppendUint64(b, flags)
}

// subFD appends a subscription to a descriptor.
func subFD(b []byte, user uint64, kind byte, fd uint32) []byte {
	b = le.AppendUint64(b, user)
	b = le.AppendUint64(b, uint64(kind))
	b = le.AppendUint64(b, uint64(fd))
	return append(b, make([]byte, 24)...)
}

type event struct {
	user  uint64
	errno uint16
	kind  byte
	bytes uint64
}

func (r *rig) poll(subs []byte) (all []event) {
	r.Helper()
	r.ok("poll_oneoff", r.put(subs), buf, len(subs)/48, out)
	for i := range r.u32() {
		b := r.mem[buf+32*i:]
		all = append(all, event{le.Uint64(b), le.Uint16(b[8:]), b[10], le.Uint64(b[16:])})
	}
	return all
}

func TestPollMovesTheClock(t *testing.T) {
	r := newRig(t, guest.Config{Stdin: []byte("abc")})
	for _, id := range []int{0, 1} {
		start := r.now(id)
		if got := r.poll(sub(sub(nil, 7, uint32(id), 5e9, false), 8, uint32(id), 9e9, false)); len(got) != 1 || got[0].user != 7 {
			t.Errorf("events %v", got)
		}
		if d := r.now(id) - start; d < 5e9 || d > 5e9+1000 {
			t.Errorf("slept %d ns", d)
		}
		target := r.now(id) + 3e9
		r.poll(sub(nil, 1, uint32(id), target, true))
		if now := r.now(id); now < target || now > target+1000 {
			t.Errorf("slept until %d, not %d", now, target)
		}
		past := r.now(id)
		r.poll(sub(nil, 1, uint32(id), 5, true))
		if d := r.now(id) - past; d > 1000 {
			t.Errorf("an instant that is past took %d ns", d)
		}
	}
	cpu := r.now(2)
	if cpu > 1e9 {
		t.Errorf("sleeping took %d ns of the processor", cpu)
	}
}

func TestPollOfDescriptors(t *testing.T) {
	r := newRig(t, guest.Config{Stdin: []byte("abc")})
	before := r.now(1)
	subs := subFD(subFD(subFD(sub(nil, 1, 1, 1e9, false), 2, 1, 0), 3, 2, 1), 4, 1, 99)
	got := r.poll(subs)
	want := []event{{2, 0, 1, 3}, {3, 0, 2, 1 << 16}, {4, uint16(memfs.EBADF), 1, 0}}
	if len(got) != len(want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("event %v, want %v", got[i], want[i])
		}
	}
	if d := r.now(1) - before; d > 1000 {
		t.Errorf("polling what is ready took %d ns", d)
	}
}

func TestPollIsBounded(t *testing.T) {
	r := newRig(t, guest.Config{})
	r.want(memfs.EINVAL, "poll_oneoff", 0, 0, 0, out)
	r.want(memfs.EINVAL, "poll_oneoff", 0, 0, uint32(1<<31), out)
	r.want(memfs.EINVAL, "poll_oneoff", 0, 0, uint32(math.MaxUint32), out)
	r.want(memfs.EFAULT, "poll_oneoff", len(r.mem)-47, buf, 1, out)
	r.want(memfs.EFAULT, "poll_oneoff", 0, len(r.mem)-31, 1, out)

	bad := sub(nil, 0, 1, 1, false)
	bad[8] = 3
	r.want(memfs.EINVAL, "poll_oneoff", r.put(bad), buf, 1, out)
	if got := r.poll(sub(nil, 5, 9, 1e9, false)); len(got) != 1 || got[0].errno != uint16(memfs.EINVAL) {
		t.Errorf("an unknown clock: %v", got)
	}
}

func TestPollForCenturies(t *testing.T) {
	r := newRig(t, guest.Config{})
	const century = 100 * 365 * 86400 * 1_000_000_000
	start := r.now(0)
	r.poll(sub(nil, 1, 0, century, false))
	if d := r.now(0) - start; d < century {
		t.Errorf("a century took %d ns", d)
	}
	for range 5 {
		r.poll(sub(nil, 1, 0, math.MaxUint64, false))
		r.poll(sub(nil, 1, 1, math.MaxUint64, true))
	}
	for _, id := range []int{0, 1} {
		if now := r.now(id); now > math.MaxInt64 {
			t.Errorf("clock %d went to %d: programs keep time in 63 bits", id, now)
		}
	}
}

func TestRandomIsOfTheSeed(t *testing.T) {
	draw := func(seed uint64) string {
		r := newRig(t, guest.Config{Seed: seed})
		r.ok("random_get", buf, 33)
		r.ok("random_get", buf+33, 31)
		return string(r.mem[buf : buf+64])
	}
	first, again, other := draw(1), draw(1), draw(2)
	if first != again || first == other {
		t.Error("random bytes are not a function of the seed")
	}
	r := newRig(t, guest.Config{})
	r.want(memfs.EFAULT, "random_get", buf, uint32(math.MaxUint32))
}
