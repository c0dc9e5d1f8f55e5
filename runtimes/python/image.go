package python

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/snapshot"
)

//go:embed driver/encode.py
var encodeSource string

//go:embed driver/report.py
var reportSource string

//go:embed driver/turned.py
var turnedSource string

//go:embed driver/meant.py
var meantSource string

//go:embed driver/modes.py
var modesSource string

//go:embed driver/threads.py
var threadsSource string

//go:embed driver/system.py
var systemSource string

//go:embed driver/boot.py
var bootSource string

// driverSource is the driver as it is compiled: one module.
var driverSource = strings.Join([]string{encodeSource, reportSource, turnedSource, meantSource, modesSource}, "\n")

// imports are what programs commonly import. They are in the image, so that no
// program pays for them.
const imports = `abc array asyncio base64 bisect calendar cmath collections collections.abc copy csv
dataclasses datetime decimal enum fractions functools hashlib heapq io itertools json math
numbers numpy operator os queue random re statistics string struct sys textwrap threading
time traceback types typing unicodedata warnings`

const (
	imageVersion = "python image 4"
	worldSeed    = 1     // of the guest's random bytes
	bootFuel     = 200e9 // fuel for making the image
	bootMemory   = 1 << 30
	bootLine     = `exec(__import__("_host").call(b"boot"), {})`
	// turnLine is what every program's turn runs; boot.py binds the name. It is
	// compiled for each, so what the turn does stands compiled in the driver.
	turnLine = "exec(assay())"
)

// recipe is everything beside module and library that makes an image.
func (l *Libraries) recipe() [][]byte {
	return [][]byte{
		[]byte(imageVersion), []byte(l.driver), []byte(l.native), []byte(bootSource), []byte(wideSource), []byte(l.imports),
		[]byte(bootLine), []byte(turnLine), {worldSeed},
	}
}

// text of a turn that lies in the guest's memory.
type located struct{ at, size uint32 }

// makeImage starts Python, lets it do what no program shall have to do, and
// takes its memory. The data are m's: code from the cache has none.
func makeImage(ctx context.Context, code engine.Code, m *instrument.Module, library *memfs.Tree, l *Libraries) (*snapshot.Image, error) {
	w, err := guest.New(worldConfig(library))
	if err != nil {
		return nil, err
	}
	p := &port{ctx: ctx, maxFrame: 1 << 10, handle: l.serveBoot}
	inst, err := code.New(ctx, append(w.Functions(), p.function()), 0)
	if err != nil {
		return nil, err
	}
	defer inst.Close(context.WithoutCancel(ctx))
	p.inst = inst
	lim := runtimes.Limits{}.WithDefaults()
	inst.SetFuel(bootFuel)
	inst.SetMemoryLimit(bootMemory / pageSize)
	inst.SetStack(lim.StackSlots)
	line, err := boot(ctx, m, inst)
	if err != nil {
		return nil, fmt.Errorf("starting Python: %w%s", err, said(w))
	}
	if err := raiseStackLimit(inst.Memory()); err != nil {
		return nil, fmt.Errorf("starting Python: %w", err)
	}
	state, err := w.Snapshot(inst.Used())
	if err != nil {
		return nil, err
	}
	raw, err := state.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return snapshot.Take(inst, append(line.bytes(), raw...))
}

func worldConfig(library *memfs.Tree) guest.Config {
	return guest.Config{
		Args: []string{executable},
		Env:  []string{"HOME=/tmp", "PYTHONTZPATH=", "TMPDIR=/tmp"},
		Root: library,
		Seed: worldSeed,
	}
}

// boot brings Python to where every program starts, and puts the text of a
// program's turn into its memory.
func boot(ctx context.Context, m *instrument.Module, inst engine.Instance) (located, error) {
	if err := engine.Boot(ctx, m, inst); err != nil {
		return located{}, err
	}
	if _, err := inst.Call(ctx, "_initialize"); err != nil {
		return located{}, fmt.Errorf("_initialize: %w", err)
	}
	first, err := place(ctx, inst, bootLine)
	if err != nil {
		return located{}, err
	}
	status, err := inst.Call(ctx, "turn", uint64(first.at), uint64(first.size))
	if err != nil {
		return located{}, fmt.Errorf("the boot turn: %w", err)
	}
	if len(status) != 1 || status[0] != 0 {
		return located{}, fmt.Errorf("the boot turn ended with status %v", status)
	}
	return place(ctx, inst, turnLine)
}

// place writes a turn's text into memory that the guest allocates.
func place(ctx context.Context, inst engine.Instance, line string) (located, error) {
	out, err := inst.Call(ctx, "host_alloc", uint64(len(line)))
	if err != nil {
		return located{}, fmt.Errorf("host_alloc: %w", err)
	}
	if len(out) != 1 {
		return located{}, errors.New("host_alloc gives no pointer")
	}
	dst, ok := span(inst.Memory(), uint64(uint32(out[0])), uint64(len(line)))
	if !ok || uint32(out[0]) == 0 {
		return located{}, errors.New("host_alloc gives no memory")
	}
	copy(dst, line)
	return located{uint32(out[0]), uint32(len(line))}, nil
}

// serveBoot gives boot.py what it asks for.
func (l *Libraries) serveBoot(frame []byte) (reply, error) {
	switch string(frame) {
	case "boot":
		return reply{body: []byte(bootSource)}, nil
	case "driver":
		return reply{body: []byte(l.driver)}, nil
	case "native":
		return reply{body: []byte(l.native)}, nil
	case "wide":
		return reply{body: []byte(wideSource)}, nil
	case "imports":
		return reply{body: []byte(l.imports)}, nil
	}
	return reply{}, fmt.Errorf("boot asks for %q", frame)
}

// said is what Python wrote while it failed to start.
func said(w *guest.World) string {
	out := strings.TrimSpace(string(w.Stderr()))
	if out == "" {
		return ""
	}
	return "\n" + out
}

const locatedSize = 8

func (l located) bytes() []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, l.at), l.size)
}

// imageState takes apart what makeImage put beside the memory.
func imageState(raw []byte, library *memfs.Tree) (located, *guest.State, error) {
	if len(raw) < locatedSize {
		return located{}, nil, errors.New("image without its state")
	}
	line := located{binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint32(raw[4:])}
	state, err := guest.LoadState(raw[locatedSize:], library)
	return line, state, err
}

// The C stack of the interpreter, in its linear memory: it grows down from
// stackTop to 0. CPython assumes that WASI gives it 128 KiB and raises
// RecursionError near their end, two hundred calls through functools.lru_cache
// deep; with more room its own limit of 1,000 calls comes first, as elsewhere.
const (
	stackTop     = 16 << 20
	stackAssumed = 112 << 10 // where it raises, from the top
	stackHard    = 120 << 10 // where it ends itself
	stackAllowed = 2 << 20   // with 8 an engine's own stack could end first
	stackLast    = 4 << 20   // where it then ends itself

	// Where so many slots of the metered stack are left, the interpreter is told that
	// it is at the end of its own. Some functions call themselves by way of others and
	// keep nothing in memory (the parser of json, the freeing of a list), so that it
	// would never know.
	lowSlots = 1 << 20
)

// raiseStackLimit changes where CPython sees the end of its stack: the fields
// c_stack_top, c_stack_soft_limit and c_stack_hard_limit of its one thread,
// which are followed by c_stack_init_base and c_stack_init_top.
func raiseStackLimit(mem []byte) error {
	found := stackFields(stackAssumed, stackHard)
	at := bytes.Index(mem, found)
	if at < 0 || bytes.Contains(mem[at+1:], found) {
		return errors.New("the limits of the C stack are not where this version of CPython has them")
	}
	copy(mem[at:], stackFields(stackAllowed, stackLast))
	return nil
}

func stackFields(soft, hard uint32) []byte {
	var b []byte
	for _, word := range []uint32{stackTop, stackTop - soft, stackTop - hard, 0, stackTop} {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	return b
}
