package guest_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestAgainstWazero does the same random calls in a world of ours and in
// wazero's WASI over a real directory: the same errors, the same numbers of
// descriptors, the same bytes.
func TestAgainstWazero(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p := &pair{Rand: rand.New(rand.NewPCG(seed, 3)), t: t, ours: newRelay(t, oursIn), theirs: newRelay(t, theirsIn)}
			for i := 0; i < 60 && !p.over; i++ {
				p.step()
				if t.Failed() {
					t.Fatalf("after:\n%s", strings.Join(p.done, "\n"))
				}
			}
		})
	}
}

// relay is an instance that passes calls on to the WASI that it imports.
type relay struct {
	ctx context.Context
	mod api.Module
}

func newRelay(t *testing.T, wasi func(*testing.T, context.Context, wazero.Runtime) wazero.ModuleConfig) *relay {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	t.Cleanup(func() { rt.Close(ctx) })
	mod, err := rt.InstantiateWithConfig(ctx, relayModule, wasi(t, ctx, rt))
	if err != nil {
		t.Fatal(err)
	}
	return &relay{ctx, mod}
}

func oursIn(t *testing.T, _ context.Context, rt wazero.Runtime) wazero.ModuleConfig {
	b := memfs.NewBuilder()
	world, err := guest.New(guest.Config{Root: b.Tree()})
	if err != nil {
		t.Fatal(err)
	}
	bind(t, rt, world)
	return wazero.NewModuleConfig()
}

func theirsIn(t *testing.T, ctx context.Context, rt wazero.Runtime) wazero.ModuleConfig {
	wasi_snapshot_preview1.MustInstantiate(ctx, rt)
	return wazero.NewModuleConfig().WithFSConfig(wazero.NewFSConfig().WithDirMount(t.TempDir(), "/"))
}

// relayModule exports every function of WASI under its own name.
var relayModule = func() []byte {
	world, err := guest.New(guest.Config{})
	if err != nil {
		panic(err)
	}
	m := wasmtest.New()
	m.Memory(1, 1)
	m.Export("memory", 2, 0)
	names := map[guest.ValType]string{guest.I32: "i32", guest.I64: "i64"}
	types := func(ts []guest.ValType) (s string) {
		for _, t := range ts {
			s += names[t] + " "
		}
		return s
	}
	functions := world.Functions()
	for _, f := range functions {
		m.Import(f.Module, f.Name, types(f.Params), types(f.Results))
	}
	for i, f := range functions {
		code := ""
		for p := range f.Params {
			code += fmt.Sprintf("local.get %d ", p)
		}
		m.ExportFunc(f.Name, m.Func(types(f.Params), types(f.Results), "", code+fmt.Sprintf("call %d", i)))
	}
	return m.Bytes()
}()

// Where in memory things go.
const (
	relayPath  = 1024
	relayPath2 = 2048
	relayIovec = 3072
	relayOut   = 4096
	relayData  = 8192
)

// pair does everything twice.
type pair struct {
	*rand.Rand
	t            *testing.T
	ours, theirs *relay
	done         []string
	over         bool // the two do not hold the same any more
}

// wazeroDiffers lists where wazero is not what the names of its errors say.
var wazeroDiffers = []struct{ name, ours, theirs string }{
	{"fd_", "errno 8", "errno 31"},                    // on a directory: EBADF, as wasmtime says too, or EISDIR
	{"fd_filestat_set_size", "errno 8", "errno 28"},   // on a file open for reading: EBADF or EINVAL
	{"fd_pwrite", "errno 8", "errno 29"},              // Go's os refuses to write at an offset where
	{"fd_pwrite", "errno 0", "errno 29"},              // the file is open for appending: EIO
	{"path_create_directory", "errno 54", "errno 44"}, // below a file: ENOTDIR or ENOENT
	{"path_rename", "errno 31", "errno 55"},           // a file onto a full directory: EISDIR or ENOTEMPTY
}

// both calls a function in both and compares errors; what out bytes at relayOut
// and at relayData then hold is compared as see shows it.
func (p *pair) both(see func(mem []byte) string, name string, params ...uint64) {
	p.t.Helper()
	var answers [2]string
	for i, r := range []*relay{p.ours, p.theirs} {
		out, err := r.mod.ExportedFunction(name).Call(r.ctx, params...)
		if err != nil {
			p.t.Fatalf("%s%v: %v", name, params, err)
		}
		answers[i] = fmt.Sprint("errno ", out[0])
		if out[0] == 0 && see != nil {
			mem, _ := r.mod.Memory().Read(0, r.mod.Memory().Size())
			answers[i] += " " + see(mem)
		}
	}
	p.done = append(p.done, fmt.Sprintf("%s%v: %s", name, params, answers[0]))
	if answers[0] == answers[1] {
		return
	}
	for _, d := range wazeroDiffers {
		if strings.HasPrefix(name, d.name) && strings.HasPrefix(answers[0], d.ours) && answers[1] == d.theirs {
			p.over = p.over || d.ours == "errno 0"
			return
		}
	}
	p.t.Errorf("%s%v: we say %s, wazero %s", name, params, answers[0], answers[1])
}

func (p *pair) put(at uint32, b []byte) {
	for _, r := range []*relay{p.ours, p.theirs} {
		r.mod.Memory().Write(at, b)
	}
}

// path puts one of a few paths in memory.
func (p *pair) path(at uint32) (uint64, uint64) {
	all := []string{"a", "b", "d", "d/x", "d/y", "d/e", "d/e/z", "./a", "missing/x", "a/x"}
	path := all[p.IntN(len(all))]
	p.put(at, []byte(path))
	p.done = append(p.done, "  path "+path)
	return uint64(at), uint64(len(path))
}

// same says whether the last two paths are one.
func (p *pair) same() bool {
	n := len(p.done)
	return strings.Replace(p.done[n-1], "./", "", 1) == strings.Replace(p.done[n-2], "./", "", 1)
}

func (p *pair) fd() uint64 { return uint64(3 + p.IntN(5)) }

// vec puts an iovec over n bytes of data in memory.
func (p *pair) vec(n int) {
	var v [8]byte
	binary.LittleEndian.PutUint32(v[:], relayData)
	binary.LittleEndian.PutUint32(v[4:], uint32(n))
	p.put(relayIovec, v[:])
}

// letters puts data to write in memory.
func (p *pair) letters() { p.put(relayData, bytes.Repeat([]byte{byte('a' + p.IntN(26))}, 32)) }

func seeU32(mem []byte) string { return fmt.Sprint(binary.LittleEndian.Uint32(mem[relayOut:])) }
func seeU64(mem []byte) string { return fmt.Sprint(binary.LittleEndian.Uint64(mem[relayOut:])) }

// seeRead shows how much was read, and that.
func seeRead(mem []byte) string {
	n := binary.LittleEndian.Uint32(mem[relayOut:])
	return fmt.Sprintf("%q", mem[relayData:][:n])
}

// seeStat shows the type of a file, and the size of a regular one.
func seeStat(mem []byte) string {
	stat := mem[relayOut:]
	const regular = 4
	if stat[16] != regular {
		return fmt.Sprint("type ", stat[16])
	}
	return fmt.Sprintf("type %d, %d bytes", stat[16], binary.LittleEndian.Uint64(stat[32:]))
}

// seeNames shows the names and types in a directory, sorted.
func seeNames(mem []byte) string {
	n := binary.LittleEndian.Uint32(mem[relayOut:])
	var all []string
	for b := mem[relayData:][:n]; len(b) >= 24; {
		end := 24 + int(binary.LittleEndian.Uint32(b[16:]))
		all = append(all, fmt.Sprintf("%s %d", b[24:end], b[20]))
		b = b[end:]
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// step does one random call.
func (p *pair) step() {
	const root = 3
	switch p.IntN(17) {
	case 0, 1, 2, 3:
		at, n := p.path(relayPath)
		oflags := []uint64{0, creat, creat, creat | excl, creat | trunc, trunc, directory, directory | creat}[p.IntN(8)]
		fdflags := []uint64{0, 0, 1}[p.IntN(3)]
		rights := []uint64{2, 2 | 64, 2 | 64}[p.IntN(3)] // read, write
		p.both(seeU32, "path_open", root, 1, at, n, oflags, rights, rights, fdflags, relayOut)
	case 4, 5:
		p.letters()
		p.vec(1 + p.IntN(20))
		p.both(seeU32, "fd_write", p.fd(), relayIovec, 1, relayOut)
	case 6:
		p.vec(1 + p.IntN(40))
		p.both(seeRead, "fd_read", p.fd(), relayIovec, 1, relayOut)
	case 7:
		p.both(seeU64, "fd_seek", p.fd(), uint64(p.IntN(60)-10), uint64(p.IntN(3)), relayOut)
	case 8:
		p.vec(1 + p.IntN(40))
		p.both(seeRead, "fd_pread", p.fd(), relayIovec, 1, uint64(p.IntN(30)), relayOut)
	case 9:
		p.letters()
		p.vec(1 + p.IntN(20))
		p.both(seeU32, "fd_pwrite", p.fd(), relayIovec, 1, uint64(p.IntN(30)), relayOut)
	case 10:
		p.both(nil, "fd_close", uint64(4+p.IntN(4)))
	case 11:
		at, n := p.path(relayPath)
		p.both(nil, []string{"path_create_directory", "path_remove_directory", "path_unlink_file"}[p.IntN(3)], root, at, n)
	case 12:
		at, n := p.path(relayPath)
		to, m := p.path(relayPath2)
		if p.same() {
			return // wazero does nothing, even where there is no such file
		}
		p.both(nil, "path_rename", root, at, n, root, to, m)
	case 13:
		at, n := p.path(relayPath)
		p.both(seeStat, "path_filestat_get", root, 1, at, n, relayOut)
	case 14:
		p.both(seeStat, "fd_filestat_get", p.fd(), relayOut)
	case 15:
		p.both(nil, "fd_filestat_set_size", p.fd(), uint64(p.IntN(50)))
	case 16:
		p.both(seeNames, "fd_readdir", p.fd(), relayData, 4096, 0, relayOut)
	}
}
