package guest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// Defaults of Config.
const (
	// DefaultClockOrigin is 2026-01-01T00:00:00Z in ns since 1970.
	DefaultClockOrigin uint64 = 1_767_225_600 * second
	// defaultFuelPerNanosecond is about what a fast engine burns.
	defaultFuelPerNanosecond uint64 = 10
)

// Config says what a new world holds. Zero fields take the default beside them.
type Config struct {
	Args     []string
	Env      []string    // "KEY=value"
	Stdin    []byte      // all that standard input will ever give
	Root     *memfs.Tree // shared with others, never written to (default: an empty directory)
	Preopens []string    // directories of Root that the guest starts with, by their paths (default "/")
	Seed     uint64      // of the random bytes

	ClockOrigin       uint64 // the wall clock at the start, ns since 1970 (default DefaultClockOrigin)
	FuelPerNanosecond uint64 // speed of the clock (default DefaultFuelPerNanosecond)

	Limits runtimes.Limits // OutputBytes, FSBytes, FSNodes, OpenFiles
}

func (c Config) withDefaults() Config {
	if c.Root == nil {
		c.Root = memfs.NewBuilder().Tree()
	}
	if c.Preopens == nil {
		c.Preopens = []string{"/"}
	}
	if c.ClockOrigin == 0 {
		c.ClockOrigin = DefaultClockOrigin
	}
	if c.FuelPerNanosecond == 0 {
		c.FuelPerNanosecond = defaultFuelPerNanosecond
	}
	return c
}

func (c Config) check() error {
	if c.ClockOrigin > math.MaxInt64 {
		return fmt.Errorf("clock origin %d: past the year 2262", c.ClockOrigin)
	}
	for _, s := range slices.Concat(c.Args, c.Env) {
		if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
			return fmt.Errorf("argument or variable %q: not UTF-8, or with a NUL", s)
		}
	}
	if len(c.Preopens) == 0 {
		return errors.New("no preopened directory: a guest needs one to find any file")
	}
	return nil
}

// World is what one guest sees. It serves one guest at a time and is not safe
// for concurrent use.
type World struct {
	args, env []string
	limits    runtimes.Limits
	fs        *memfs.FS
	fds       []descriptor // by number
	clock     clock
	random    *rand.ChaCha8
	stdin     []byte
	stdout    sink
	stderr    sink
	caller    Caller // of the host call that is running
}

// New makes a world.
func New(cfg Config) (*World, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("guest world: %w", err)
	}
	w := bare(cfg.Root)
	w.args, w.env = slices.Clone(cfg.Args), slices.Clone(cfg.Env)
	w.clock = clock{origin: cfg.ClockOrigin, rate: cfg.FuelPerNanosecond}
	w.random = newRandom(cfg.Seed)
	w.SetLimits(cfg.Limits)
	w.SetStdin(cfg.Stdin)
	w.fds = stdio()
	for _, path := range cfg.Preopens {
		d, err := w.preopen(path)
		if err != nil {
			return nil, fmt.Errorf("guest world: preopened directory %q: %w", path, err)
		}
		w.fds = append(w.fds, d)
		w.fs.Hold(d.ino)
	}
	return w, nil
}

// bare is a world without content.
func bare(t *memfs.Tree) *World {
	w := &World{fs: memfs.New(t, memfs.Limits{})}
	w.fs.Charge = w.charge
	return w
}

// SetLimits takes OutputBytes, FSBytes, FSNodes and OpenFiles from l, or their
// defaults. They hold from the next call on.
func (w *World) SetLimits(l runtimes.Limits) {
	w.limits = l.WithDefaults()
	w.fs.Limits = memfs.Limits{Bytes: w.limits.FSBytes, Nodes: w.limits.FSNodes}
}

// SetStdin replaces what standard input gives, from its start.
func (w *World) SetStdin(data []byte) {
	w.stdin = data
	for i := range w.fds {
		if w.fds[i].kind == openStdin {
			*w.fds[i].offset = 0
		}
	}
}

// Stdout is what was written to standard output since the start or
// ResetOutput. It is valid until the guest goes on.
func (w *World) Stdout() []byte { return w.stdout.data }

// Stderr is the like of Stdout.
func (w *World) Stderr() []byte { return w.stderr.data }

// ResetOutput drops what was written.
func (w *World) ResetOutput() { w.stdout.reset(); w.stderr.reset() }

// charge takes fuel for work of the call that is running; between calls the
// host works for itself.
func (w *World) charge(n uint64) error {
	if n > 0 && w.caller != nil && !w.caller.Charge(n) {
		return outOfFuel()
	}
	return nil
}

func outOfFuel() error {
	return &Halt{Kind: runtimes.OutOfFuel, Detail: "in a host call"}
}

// sink captures one output stream.
type sink struct {
	data   []byte
	shared bool // a State holds data too
}

func (s *sink) reset() { *s = sink{} }

// write keeps what fits below the cap and ends the guest past it.
func (s *sink) write(name string, vecs [][]byte, limit uint64) error {
	if s.shared {
		s.data, s.shared = slices.Clone(s.data), false
	}
	for _, v := range vecs {
		room := limit - min(limit, uint64(len(s.data)))
		fits := min(room, uint64(len(v)))
		s.data = append(s.data, v[:fits]...)
		if fits < uint64(len(v)) {
			return &Halt{Kind: runtimes.OutputLimit, Detail: fmt.Sprintf("more than %d bytes to %s", limit, name)}
		}
	}
	return nil
}

func argsGet(k *call) error         { return k.strings(k.w.args) }
func argsSizesGet(k *call) error    { return k.sizes(k.w.args) }
func environGet(k *call) error      { return k.strings(k.w.env) }
func environSizesGet(k *call) error { return k.sizes(k.w.env) }

// strings writes a list of strings as C has them: addresses to parameter 0,
// the bytes with a NUL after each to parameter 1.
func (k *call) strings(list []string) error {
	total := size(list)
	ptrs, err := k.out(0, 4*uint64(len(list)))
	if err != nil {
		return err
	}
	buf, err := k.out(1, total)
	if err != nil {
		return err
	}
	if err := k.w.charge(uint64(len(ptrs)) + total); err != nil {
		return err
	}
	at := k.u32(1)
	for i, s := range list {
		le.PutUint32(ptrs[4*i:], at)
		n := copy(buf, s)
		buf[n] = 0
		buf = buf[n+1:]
		at += uint32(n) + 1
	}
	return nil
}

func (k *call) sizes(list []string) error {
	count, err := k.out(0, 4)
	if err != nil {
		return err
	}
	bytes, err := k.out(1, 4)
	if err != nil {
		return err
	}
	le.PutUint32(count, uint32(len(list)))
	le.PutUint32(bytes, uint32(size(list)))
	return nil
}

func size(list []string) (n uint64) {
	for _, s := range list {
		n += uint64(len(s)) + 1
	}
	return n
}

// newRandom is ChaCha8 keyed with a hash of the seed.
func newRandom(seed uint64) *rand.ChaCha8 {
	return rand.NewChaCha8(sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("assay random/1 "), seed)))
}

func randomGet(k *call) error {
	b, err := k.out(0, uint64(k.u32(1)))
	if err != nil {
		return err
	}
	if err := k.w.charge(uint64(len(b))); err != nil {
		return err
	}
	_, err = k.w.random.Read(b)
	return err
}

func procExit(k *call) error { return &Exit{Code: k.u32(0)} }

// procRaise: there are no signals.
func procRaise(*call) error { return memfs.ENOTSUP }

func schedYield(*call) error { return nil }

// sock answers every socket function: no descriptor is a socket.
func sock(k *call) error {
	if _, err := k.fd(0); err != nil {
		return err
	}
	return memfs.ENOTSOCK
}

// Exit is proc_exit: data, never a verdict by itself.
type Exit struct{ Code uint32 }

func (e *Exit) Error() string { return fmt.Sprintf("guest exited with code %d", e.Code) }

// Halt ends a guest for a reason that is the guest's own doing.
type Halt struct {
	Kind   runtimes.Kind // OutOfFuel, OutputLimit, FSLimit, ForgedResult, …
	Detail string
}

func (h *Halt) Error() string { return string(h.Kind) + ": " + h.Detail }
