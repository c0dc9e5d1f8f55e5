package guest

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// Caller is what a host call sees of the instance that called it. It is valid
// during the call only.
type Caller interface {
	// Memory is the guest's linear memory as it is now. A call that lets the
	// guest run again (Alloc) must ask anew.
	Memory() []byte
	// Charge takes n fuel. False means that the tank is empty: the host call
	// must have no effect and must return Halt{Kind: runtimes.OutOfFuel}.
	Charge(n uint64) bool
	// Used is the fuel that the instance has used since it was made or
	// restored, up to now. The guest's clock runs on it.
	Used() uint64
}

// Function is one host function in the form that every engine can bind.
type Function struct {
	Module, Name string
	Params       []ValType
	Results      []ValType // at most one
	// Call runs it. Params come as raw 64-bit words (i32 zero-extended). A
	// non-nil error ends the guest: *Exit, *Halt, or a fault of ours.
	Call func(c Caller, params []uint64) (result uint64, err error)
}

// ValType is a WebAssembly value type, by its byte in the binary format.
type ValType byte

const (
	I32 ValType = 0x7f
	I64 ValType = 0x7e
	F32 ValType = 0x7d
	F64 ValType = 0x7c
)

// iovMax is how many iovecs one call may name.
const iovMax = 1024

var le = binary.LittleEndian

// call is one host call: its parameters and the guest's memory.
type call struct {
	w      *World
	mem    []byte
	params []uint64
}

func (k *call) u32(i int) uint32 { return uint32(k.params[i]) }
func (k *call) u64(i int) uint64 { return k.params[i] }

// view is n bytes of the guest's memory at an address.
func (k *call) view(ptr uint32, n uint64) ([]byte, error) {
	start, size := uint64(ptr), uint64(len(k.mem))
	if start > size || n > size-start {
		return nil, memfs.EFAULT
	}
	return k.mem[start : start+n : start+n], nil
}

// out is view at the address in parameter i.
func (k *call) out(i int, n uint64) ([]byte, error) { return k.view(k.u32(i), n) }

// text is the string whose address and length are parameters i and i+1.
func (k *call) text(i int) (string, error) {
	n := k.u32(i + 1)
	b, err := k.out(i, uint64(n))
	if err != nil {
		return "", err
	}
	if n > memfs.PathMax {
		return "", memfs.ENAMETOOLONG
	}
	if err := k.w.charge(uint64(n)); err != nil {
		return "", err
	}
	return string(b), nil
}

// vectors are the iovecs whose address and count are parameters i and i+1,
// with their lengths' sum.
func (k *call) vectors(i int) (vecs [][]byte, total uint64, err error) {
	n := k.u32(i + 1)
	if n > iovMax {
		return nil, 0, memfs.EINVAL
	}
	raw, err := k.out(i, 8*uint64(n))
	if err != nil {
		return nil, 0, err
	}
	if err := k.w.charge(uint64(len(raw))); err != nil {
		return nil, 0, err
	}
	vecs = make([][]byte, n)
	for j := range vecs {
		v, err := k.view(le.Uint32(raw[8*j:]), uint64(le.Uint32(raw[8*j+4:])))
		if err != nil {
			return nil, 0, err
		}
		vecs[j] = v
		total += uint64(len(v))
	}
	if total > 1<<31-1 {
		return nil, 0, memfs.EINVAL
	}
	return vecs, total, nil
}

// fd is the open descriptor whose number is parameter i.
func (k *call) fd(i int) (*descriptor, error) { return k.w.descriptor(k.u32(i)) }

// dir is fd of a directory.
func (k *call) dir(i int) (*descriptor, error) {
	d, err := k.fd(i)
	if err != nil {
		return nil, err
	}
	if d.kind != openDir {
		return nil, memfs.ENOTDIR
	}
	return d, nil
}

// Module is the import module of every function of a World.
const Module = "wasi_snapshot_preview1"

// What a call costs before it starts, in fuel: part of schedule fuel/2. On top
// come one per byte that is read, written, zeroed or copied (a path, an iovec,
// a subscription, a directory's entry names, a file that is copied before its
// first change) and one per entry of a directory that changes. What each call has
// the host do, and what bounds that, is a table in SPECIFICATION.md (13.1).
const (
	costPlain = 200  // looks at the world's own state
	costFile  = 500  // works on an open file
	costPath  = 2000 // resolves a path
)

// row is a line of the table: parameters are i for i32, I for i64.
type row struct {
	name   string
	params string
	cost   uint64
	right  uint64 // that the descriptor in the first parameter must not have given up
	call   func(*call) error
}

var table = []row{
	{"args_get", "ii", costPlain, 0, argsGet},
	{"args_sizes_get", "ii", costPlain, 0, argsSizesGet},
	{"clock_res_get", "ii", costPlain, 0, clockResGet},
	{"clock_time_get", "iIi", costPlain, 0, clockTimeGet},
	{"environ_get", "ii", costPlain, 0, environGet},
	{"environ_sizes_get", "ii", costPlain, 0, environSizesGet},
	{"fd_advise", "iIIi", costFile, rightAdvise, fdAdvise},
	{"fd_allocate", "iII", costFile, rightAllocate, fdAllocate},
	{"fd_close", "i", costFile, 0, fdClose},
	{"fd_datasync", "i", costFile, rightDatasync, fdSync},
	{"fd_fdstat_get", "ii", costFile, 0, fdFdstatGet},
	{"fd_fdstat_set_flags", "ii", costFile, rightSetFlags, fdFdstatSetFlags},
	{"fd_fdstat_set_rights", "iII", costFile, 0, fdFdstatSetRights},
	{"fd_filestat_get", "ii", costFile, rightFilestatGet, fdFilestatGet},
	{"fd_filestat_set_size", "iI", costFile, rightSetSize, fdFilestatSetSize},
	{"fd_filestat_set_times", "iIIi", costFile, rightSetTimes, fdFilestatSetTimes},
	{"fd_pread", "iiiIi", costFile, rightRead | rightSeek, fdPread},
	{"fd_prestat_dir_name", "iii", costPlain, 0, fdPrestatDirName},
	{"fd_prestat_get", "ii", costPlain, 0, fdPrestatGet},
	{"fd_pwrite", "iiiIi", costFile, rightWrite | rightSeek, fdPwrite},
	{"fd_read", "iiii", costFile, rightRead, fdRead},
	{"fd_readdir", "iiiIi", costFile, rightReaddir, fdReaddir},
	{"fd_renumber", "ii", costFile, 0, fdRenumber},
	{"fd_seek", "iIii", costFile, rightSeek, fdSeek},
	{"fd_sync", "i", costFile, rightSync, fdSync},
	{"fd_tell", "ii", costFile, rightTell, fdTell},
	{"fd_write", "iiii", costFile, rightWrite, fdWrite},
	{"path_create_directory", "iii", costPath, rightCreateDir, pathCreateDirectory},
	{"path_filestat_get", "iiiii", costPath, rightPathFilestat, pathFilestatGet},
	{"path_filestat_set_times", "iiiiIIi", costPath, rightPathTimes, pathFilestatSetTimes},
	{"path_link", "iiiiiii", costPath, rightLinkSource, pathLink},
	{"path_open", "iiiiiIIii", costPath, rightPathOpen, pathOpen},
	{"path_readlink", "iiiiii", costPath, rightReadlink, pathReadlink},
	{"path_remove_directory", "iii", costPath, rightRemoveDir, pathRemoveDirectory},
	{"path_rename", "iiiiii", costPath, rightRenameSource, pathRename},
	{"path_symlink", "iiiii", costPath, 0, pathSymlink},
	{"path_unlink_file", "iii", costPath, rightUnlink, pathUnlinkFile},
	{"poll_oneoff", "iiii", costPlain, 0, pollOneoff},
	{"proc_exit", "i", costPlain, 0, procExit},
	{"proc_raise", "i", costPlain, 0, procRaise},
	{"random_get", "ii", costPlain, 0, randomGet},
	{"sched_yield", "", costPlain, 0, schedYield},
	{"sock_accept", "iii", costPlain, 0, sock},
	{"sock_recv", "iiiiii", costPlain, 0, sock},
	{"sock_send", "iiiii", costPlain, 0, sock},
	{"sock_shutdown", "ii", costPlain, 0, sock},
}

// Functions are the 46 functions of preview 1 over this world, sorted by name.
func (w *World) Functions() []Function {
	out := make([]Function, len(table))
	for i, r := range table {
		out[i] = Function{
			Module: Module, Name: r.name, Params: types(r.params), Results: []ValType{I32},
			Call: func(c Caller, params []uint64) (uint64, error) { return w.run(&r, c, params) },
		}
		if r.name == "proc_exit" {
			out[i].Results = nil
		}
	}
	return out
}

func types(s string) []ValType {
	out := make([]ValType, len(s))
	for i := range s {
		out[i] = I32
		if s[i] == 'I' {
			out[i] = I64
		}
	}
	return out
}

// run charges a call, runs it and turns what came back into the guest's terms.
func (w *World) run(r *row, c Caller, params []uint64) (uint64, error) {
	if !c.Charge(r.cost) {
		return 0, outOfFuel()
	}
	if len(params) != len(r.params) {
		return 0, fmt.Errorf("%s was bound with %d parameters: it has %d", r.name, len(params), len(r.params))
	}
	w.caller, w.fs.Now = c, w.clock.realtime(c.Used())
	defer func() { w.caller = nil }()
	k := &call{w: w, mem: c.Memory(), params: params}
	err := w.permit(r, k)
	if err == nil {
		err = r.call(k)
	}
	return answer(r.name, err)
}

// permit refuses what the descriptor gave up the right to.
func (w *World) permit(r *row, k *call) error {
	if r.right == 0 {
		return nil
	}
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	return d.permit(r.right)
}

func answer(name string, err error) (uint64, error) {
	if err == nil {
		return 0, nil
	}
	if e, ok := err.(memfs.Errno); ok {
		return uint64(e), nil
	}
	if errors.Is(err, memfs.ErrLimit) {
		return 0, &Halt{Kind: runtimes.FSLimit, Detail: name + " went past the limit of files or bytes"}
	}
	switch err.(type) {
	case *Halt, *Exit:
		return 0, err
	}
	return 0, fmt.Errorf("%s: %w", name, err)
}
