package guest_test

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

var le = binary.LittleEndian

// fake is an instance: a memory and a tank.
type fake struct {
	mem  []byte
	fuel uint64
	used uint64
}

func (f *fake) Memory() []byte { return f.mem }
func (f *fake) Used() uint64   { return f.used }
func (f *fake) Charge(n uint64) bool {
	if n > f.fuel {
		f.used, f.fuel = f.used+f.fuel, 0
		return false
	}
	f.used, f.fuel = f.used+n, f.fuel-n
	return true
}

// rig calls a world's functions by name, with a memory of 256 KiB.
type rig struct {
	testing.TB
	*guest.World
	*fake
	functions map[string]guest.Function
	next      uint32 // where the next string or buffer goes
}

// root is the preopened directory's number.
const root = 3

func newRig(t testing.TB, cfg guest.Config) *rig {
	t.Helper()
	w, err := guest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return newRigOver(t, w)
}

func newRigOver(t testing.TB, w *guest.World) *rig {
	r := &rig{TB: t, World: w, fake: &fake{mem: make([]byte, 256<<10), fuel: math.MaxInt64}, functions: map[string]guest.Function{}}
	for _, f := range w.Functions() {
		r.functions[f.Name] = f
	}
	return r
}

// raw calls a function. Integers of any type may be given, and strings, which
// become an address and a length.
func (r *rig) raw(name string, args ...any) (uint64, error) {
	f, ok := r.functions[name]
	if !ok {
		r.Fatalf("there is no function %s", name)
	}
	var params []uint64
	for _, a := range args {
		switch a := a.(type) {
		case int:
			params = append(params, uint64(a))
		case uint32:
			params = append(params, uint64(a))
		case uint64:
			params = append(params, a)
		case string:
			params = append(params, uint64(r.put([]byte(a))), uint64(len(a)))
		default:
			r.Fatalf("%s: an argument of type %T", name, a)
		}
	}
	for i := range params {
		if i < len(f.Params) && f.Params[i] == guest.I32 {
			params[i] = uint64(uint32(params[i]))
		}
	}
	return f.Call(r.fake, params)
}

// errno calls a function that must not end the guest.
func (r *rig) errno(name string, args ...any) memfs.Errno {
	r.Helper()
	n, err := r.raw(name, args...)
	if err != nil {
		r.Fatalf("%s%v: %v", name, args, err)
	}
	return memfs.Errno(n)
}

// want calls a function that must answer so.
func (r *rig) want(want memfs.Errno, name string, args ...any) {
	r.Helper()
	if got := r.errno(name, args...); got != want {
		r.Errorf("%s%v: errno %d, want %d", name, args, uint16(got), uint16(want))
	}
}

func (r *rig) ok(name string, args ...any) { r.Helper(); r.want(0, name, args...) }

// halts calls a function that must end the guest for this reason.
func (r *rig) halts(kind runtimes.Kind, name string, args ...any) {
	r.Helper()
	n, err := r.raw(name, args...)
	var halt *guest.Halt
	if !errors.As(err, &halt) || halt.Kind != kind {
		r.Errorf("%s%v: %d, %v, want a halt of kind %s", name, args, n, err, kind)
	}
}

// put places bytes in memory; what was placed 64 KiB before is written over.
func (r *rig) put(b []byte) uint32 {
	if r.next < 4096 || r.next+uint32(len(b)) > 128<<10 {
		r.next = 4096
	}
	at := r.next
	copy(r.mem[at:], b)
	r.next += uint32(len(b)+7) &^ 7
	return at
}

// vec places one iovec.
func (r *rig) vec(ptr, n uint32) uint32 {
	return r.put(le.AppendUint32(le.AppendUint32(nil, ptr), n))
}

// out is where results go.
const out = 64

func (r *rig) u32() uint32 { return le.Uint32(r.mem[out:]) }
func (r *rig) u64() uint64 { return le.Uint64(r.mem[out:]) }

const (
	creat      = 1
	directory  = 2
	excl       = 4
	trunc      = 8
	allRights  = uint64(1<<28 - 1)
	rightWrite = uint64(1 << 6)
)

// open opens a file for reading and writing, following links.
func (r *rig) open(path string, oflags int) uint32 {
	r.Helper()
	r.ok("path_open", root, 1, path, oflags, allRights, allRights, 0, out)
	return r.u32()
}

func (r *rig) write(fd uint32, data string) {
	r.Helper()
	r.ok("fd_write", fd, r.vec(r.put([]byte(data)), uint32(len(data))), 1, out)
	if got := r.u32(); got != uint32(len(data)) {
		r.Errorf("fd_write wrote %d of %d bytes", got, len(data))
	}
}

// buf is a place for what is read, past what put uses.
const buf = 128 << 10

func (r *rig) read(fd uint32, n int) string {
	r.Helper()
	r.ok("fd_read", fd, r.vec(buf, uint32(n)), 1, out)
	return string(r.mem[buf:][:r.u32()])
}

func (r *rig) close(fd uint32) { r.Helper(); r.ok("fd_close", fd) }

// file makes a file with content.
func (r *rig) file(path, data string) {
	r.Helper()
	fd := r.open(path, creat|trunc)
	r.write(fd, data)
	r.close(fd)
}

// content reads a whole file.
func (r *rig) content(path string) string {
	r.Helper()
	fd := r.open(path, 0)
	defer r.close(fd)
	return r.read(fd, 64<<10)
}

type dirent struct {
	name string
	kind byte
	ino  uint64
}

// list reads a directory through a buffer of n bytes.
func (r *rig) list(path string, n int) (all []dirent) {
	r.Helper()
	r.ok("path_open", root, 0, path, directory, 0, 0, 0, out)
	fd := r.u32()
	defer r.close(fd)
	for cookie := uint64(0); ; {
		r.ok("fd_readdir", fd, buf, n, cookie, out)
		used := r.u32()
		for b := r.mem[buf:][:used]; len(b) >= 24; {
			end := 24 + int(le.Uint32(b[16:]))
			if end > len(b) {
				break
			}
			all = append(all, dirent{string(b[24:end]), b[20], le.Uint64(b[8:])})
			cookie, b = le.Uint64(b), b[end:]
		}
		if int(used) < n {
			return all
		}
	}
}

func names(list []dirent) (all []string) {
	for _, d := range list {
		all = append(all, d.name)
	}
	return all
}

func tree(t testing.TB, files map[string][]byte) *memfs.Tree {
	t.Helper()
	b := memfs.NewBuilder()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if err := b.File(path, files[path]); err != nil {
			t.Fatal(err)
		}
	}
	return b.Tree()
}
