package guest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

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
	read      int // bytes of stdin that were read
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
func (w *World) SetStdin(data []byte) { w.stdin, w.read = data, 0 }

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
