package python

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/pip"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// Libraries is a set of libraries that programs find beside Python's own, with
// an image of its own that has them imported. The plain image knows nothing of
// it, so no set changes what other suites' programs do.
type Libraries struct {
	Name   string
	Wheels []Wheel // what pip fetches

	driver  string // the driver's source
	native  string // source of what stands in for what the sandbox lacks; "" where shims do
	imports string // names of modules that the image has imported, in this order
	shims   string // folder in files of modules of ours, which go before all others
}

// usual is no set: Python as the wheel has it.
var usual = &Libraries{driver: driverSource, native: threadsSource + "\n" + systemSource, imports: imports}

//go:embed driver/tests.py
var testsSource string

//go:embed bigcodebench
var files embed.FS

// Sets for BigCodeBench: with the switch assay_compat, and without.
const (
	BigCodeBench     = "bigcodebench"
	bigCodeBenchAsIs = "bigcodebench-as-is"
)

var sets = []*Libraries{
	bigCodeBench(BigCodeBench, " assay_compat"), // last: it changes what is there
	bigCodeBench(bigCodeBenchAsIs, ""),
}

func bigCodeBench(name, last string) *Libraries {
	return &Libraries{
		Name:   name,
		Wheels: mustLock(BigCodeBench),
		driver: driverSource + "\n" + mustRead("bigcodebench/path.py") + "\n" + testsSource,
		// Shims first: what is imported after them finds them.
		imports: "assay_shims " + imports + " " + mustRead("bigcodebench/imports.txt") + last,
		shims:   "bigcodebench/shims",
	}
}

// Sets lists the sets that there are.
func Sets() []*Libraries { return slices.Clone(sets) }

func libraries(name string) (*Libraries, error) {
	if name == "" {
		return usual, nil
	}
	for _, l := range sets {
		if l.Name == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no set of libraries is called %q", name)
}

func mustRead(name string) string {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is in the program
	}
	return strings.TrimSpace(string(data))
}

// Where CPython of the wheel looks for its library, and where matplotlib looks
// for its data. A directory in place of the archive imports faster.
const (
	libraryDir = "usr/local/lib/python315.zip"
	mplDataDir = libraryDir + "/matplotlib/mpl-data"
	mplDataZip = "matplotlib/mpl-data.zip" // within the library
	executable = "/usr/local/bin/python.wasm"
)

//go:embed all:modules
var modules embed.FS

// buildTree makes the guest's root directory: the library with what modules has
// beside, matplotlib's data, an empty /tmp, /dev/null, an empty file for what looks
// at sys.executable (platform does), and
// what else is laid over it.
// Files are unpacked when they are first read.
func buildTree(stdlib, mplData []byte, overlay *memfs.Tree) (*memfs.Tree, error) {
	b := memfs.NewBuilder()
	if overlay != nil {
		if err := b.Mount("", overlay); err != nil {
			return nil, fmt.Errorf("python libraries: %w", err)
		}
	}
	for _, part := range []struct {
		dir string
		zip []byte
	}{{libraryDir, stdlib}, {mplDataDir, mplData}} {
		t, err := memfs.FromZip(bytes.NewReader(part.zip), int64(len(part.zip)), []byte(pythonWheel.SHA256))
		if err != nil {
			return nil, fmt.Errorf("python library, %s: %w", part.dir, err)
		}
		if err := b.Mount(part.dir, t); err != nil {
			return nil, fmt.Errorf("python library: %w", err)
		}
	}
	if err := mountFiles(b, modules, "modules", libraryDir); err != nil {
		return nil, fmt.Errorf("modules of assay: %w", err)
	}
	if err := errors.Join(b.Dir("tmp"), b.Null("dev/null"), b.File(executable, nil)); err != nil {
		return nil, err
	}
	return b.Tree(), nil
}

// overlay gives the tree of a set of libraries; nil for none.
func (t *toolchain) overlay(ctx context.Context) (*memfs.Tree, error) {
	l := t.libraries
	if l == usual {
		return nil, nil
	}
	wheels, err := t.wheels(ctx, l.Wheels)
	if err != nil {
		return nil, err
	}
	b := memfs.NewBuilder()
	for i, w := range l.Wheels {
		if err := w.mount(b, wheels[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", w.File, err)
		}
	}
	if err := mountFiles(b, files, l.shims, shimDir); err != nil {
		return nil, fmt.Errorf("shims of %s: %w", l.Name, err)
	}
	return b.Tree(), nil
}

// wheels gives the bytes of each, from the cache or by pip.
func (t *toolchain) wheels(ctx context.Context, wheels []Wheel) ([][]byte, error) {
	if t.store != nil {
		unlock, err := t.store.Lock(ctx, cache.Wheels, t.libraries.Name+"-wheels")
		if err == nil { // without the lock they may be fetched twice, no more
			defer unlock()
		} else if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	out := make([][]byte, len(wheels))
	var missing []Wheel
	for i, w := range wheels {
		if out[i] = t.keptWheel(w); out[i] == nil {
			missing = append(missing, w)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	if t.ready {
		return nil, &MissingError{"libraries of " + t.libraries.Name}
	}
	stage := fmt.Sprintf("fetch %d libraries of %s with pip", len(missing), t.libraries.Name)
	t.tell.Stage(stage, 0, 0)
	fetched, err := fetchLibraries(ctx, missing, func(done, total int64) { t.tell.Stage(stage, done, total) })
	if err != nil {
		return nil, err
	}
	for i, w := range wheels {
		if out[i] == nil {
			out[i], fetched = fetched[0], fetched[1:]
			if t.store != nil {
				_ = t.store.Put(cache.Wheels, w.File, out[i]) // without it the next process fetches again
			}
		}
	}
	return out, nil
}

func (t *toolchain) keptWheel(w Wheel) []byte {
	if t.store == nil {
		return nil
	}
	data, err := t.store.Get(cache.Wheels, w.File)
	if err != nil || w.Check(data) != nil {
		return nil
	}
	return data
}

// mount puts what is used of the archive where the guest has it. What wheels
// carry beside their packages (scripts, headers) stays away, and so do the
// packages that Python of the wheel has itself.
func (w Wheel) mount(b *memfs.Builder, data []byte) error {
	key, err := hex.DecodeString(w.SHA256)
	if err != nil {
		return err
	}
	t, err := memfs.FromZip(bytes.NewReader(data), int64(len(data)), key)
	if err != nil {
		return err
	}
	if w.from == "" {
		return b.Mount(w.to, t)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, w.from+"/")
		if !ok || name == "" || strings.HasSuffix(name, "/") {
			continue
		}
		content, err := pip.Unpack(f, memberLimit)
		if err != nil {
			return err
		}
		if err := b.File(w.to+"/"+name, content); err != nil {
			return err
		}
	}
	return nil
}

// mountFiles puts a folder of ours where the guest has it.
func mountFiles(b *memfs.Builder, from embed.FS, folder, to string) error {
	return fs.WalkDir(from, folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := from.ReadFile(path)
		return errors.Join(err, b.File(to+strings.TrimPrefix(path, folder), data))
	})
}

// Wheel is a line of a lock file: a wheel without native code, and where it goes.
type Wheel struct {
	pip.Wheel
	Licence string

	from string // the folder of the archive that is used; "" for all
	to   string // where the guest has it
}

// siteDir is where the guest has wheels, and shimDir where it has modules of ours.
const (
	siteDir = "usr/local/lib/site-packages"
	shimDir = "usr/local/lib/shims"
)

// mustLock reads the lock file of a set: lines of project, version, file,
// SHA-256 and licence, tabs between them, and for a wheel that is data a folder
// of the archive and the place where it goes.
func mustLock(set string) []Wheel {
	wheels, err := parseLock(mustRead(set + "/wheels.lock"))
	if err != nil {
		panic(err) // it is in the program
	}
	return wheels
}

func parseLock(text string) ([]Wheel, error) {
	var out []Wheel
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 5 && len(f) != 7 {
			return nil, fmt.Errorf("lock file, line %d: %d fields, want 5 or 7", i+1, len(f))
		}
		w := Wheel{Wheel: pip.Wheel{Project: f[0], Version: f[1], File: f[2], SHA256: f[3]}, Licence: f[4], to: siteDir}
		if len(f) == 7 {
			w.from, w.to = f[5], f[6]
		}
		out = append(out, w)
	}
	return out, nil
}
