package guest_test

import (
	"slices"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

func TestFunctionsAreAllOfPreview1(t *testing.T) {
	w, err := guest.New(guest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range w.Functions() {
		names = append(names, f.Name)
		want := 1
		if f.Name == "proc_exit" {
			want = 0
		}
		if f.Module != "wasi_snapshot_preview1" || len(f.Results) != want {
			t.Errorf("%s.%s has %d results", f.Module, f.Name, len(f.Results))
		}
	}
	if len(names) != 46 || !slices.IsSorted(names) {
		t.Errorf("%d functions, sorted: %t: %v", len(names), slices.IsSorted(names), names)
	}
}

// Every call on an empty tank must leave world and memory as they are.
func TestEmptyTankStopsEveryCall(t *testing.T) {
	r := newRig(t, guest.Config{Root: tree(t, map[string][]byte{"f": []byte("content")})})
	for i := range r.mem {
		r.mem[i] = 0xaa
	}
	before := slices.Clone(r.mem)
	for _, f := range r.Functions() {
		r.fuel = 100
		if _, err := f.Call(r.fake, make([]uint64, len(f.Params))); !isHalt(err, runtimes.OutOfFuel) {
			t.Errorf("%s: %v, want out_of_fuel", f.Name, err)
		}
	}
	if !slices.Equal(before, r.mem) {
		t.Error("memory was written to")
	}
}

// With every budget a call either happens whole or not at all.
func TestChargeComesBeforeTheEffect(t *testing.T) {
	const name, data = "new", "hello"
	setup := func() *rig {
		r := newRig(t, guest.Config{Root: tree(t, map[string][]byte{"old": []byte("old content"), "d/x": nil})})
		r.open("old", 0)
		return r
	}
	calls := map[string]func(*rig) (uint64, error){
		"create": func(r *rig) (uint64, error) {
			return r.raw("path_open", root, 0, name, creat, allRights, allRights, 0, out)
		},
		"truncate": func(r *rig) (uint64, error) {
			return r.raw("path_open", root, 0, "old", trunc, allRights, allRights, 0, out)
		},
		"mkdir":   func(r *rig) (uint64, error) { return r.raw("path_create_directory", root, name) },
		"unlink":  func(r *rig) (uint64, error) { return r.raw("path_unlink_file", root, "old") },
		"rename":  func(r *rig) (uint64, error) { return r.raw("path_rename", root, "old", root, "d/x") },
		"link":    func(r *rig) (uint64, error) { return r.raw("path_link", root, 0, "old", root, "d/y") },
		"symlink": func(r *rig) (uint64, error) { return r.raw("path_symlink", "old", root, name) },
		"resize":  func(r *rig) (uint64, error) { return r.raw("fd_filestat_set_size", 4, 1000) },
		"write": func(r *rig) (uint64, error) {
			return r.raw("fd_pwrite", 4, r.vec(r.put([]byte(data)), uint32(len(data))), 1, 3, out)
		},
		"readdir": func(r *rig) (uint64, error) { return r.raw("fd_readdir", root, buf, 100, 0, out) },
		"random":  func(r *rig) (uint64, error) { return r.raw("random_get", buf, 50) },
		"stdout": func(r *rig) (uint64, error) {
			return r.raw("fd_write", 1, r.vec(r.put([]byte(data)), uint32(len(data))), 1, out)
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			r := setup()
			used := r.used
			if n, err := call(r); n != 0 || err != nil {
				t.Fatalf("errno %d, %v", n, err)
			}
			cost := r.used - used
			for budget := uint64(0); budget < cost; budget += 1 + cost/64 {
				r := setup()
				before := dump(t, r)
				r.fuel = budget
				if _, err := call(r); !isHalt(err, runtimes.OutOfFuel) {
					t.Fatalf("with %d of %d fuel: %v", budget, cost, err)
				}
				if after := dump(t, r); after != before {
					t.Fatalf("with %d of %d fuel something changed:\n%s\n%s", budget, cost, before, after)
				}
			}
		})
	}
}

// dump is all of a world but its clock.
func dump(t *testing.T, r *rig) string {
	t.Helper()
	s, err := r.Snapshot(0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func isHalt(err error, kind runtimes.Kind) bool {
	h, ok := err.(*guest.Halt)
	return ok && h.Kind == kind
}

func TestProcess(t *testing.T) {
	r := newRig(t, guest.Config{})
	for _, code := range []uint32{0, 1, 0xefffffff, 0xffffffff} {
		_, err := r.raw("proc_exit", code)
		if e, ok := err.(*guest.Exit); !ok || e.Code != code {
			t.Errorf("proc_exit(%d): %v", code, err)
		}
	}
	r.want(memfs.ENOTSUP, "proc_raise", 6)
	r.ok("sched_yield")
}

func TestSockets(t *testing.T) {
	r := newRig(t, guest.Config{})
	for _, fd := range []int{0, root} {
		r.want(memfs.ENOTSOCK, "sock_accept", fd, 0, out)
		r.want(memfs.ENOTSOCK, "sock_recv", fd, 0, 0, 0, out, out)
		r.want(memfs.ENOTSOCK, "sock_send", fd, 0, 0, 0, out)
		r.want(memfs.ENOTSOCK, "sock_shutdown", fd, 0)
	}
	r.want(memfs.EBADF, "sock_shutdown", 9, 0)
}

func TestArgumentsAndEnvironment(t *testing.T) {
	r := newRig(t, guest.Config{Args: []string{"prog", "é"}, Env: []string{"A=1"}})
	r.ok("args_sizes_get", out, out+4)
	if n, size := le.Uint32(r.mem[out:]), le.Uint32(r.mem[out+4:]); n != 2 || size != 8 {
		t.Errorf("%d arguments of %d bytes", n, size)
	}
	r.ok("args_get", out, buf)
	if got := string(r.mem[buf : buf+8]); got != "prog\x00é\x00" {
		t.Errorf("%q", got)
	}
	if got := le.Uint32(r.mem[out+4:]); got != buf+5 {
		t.Errorf("second argument at %d", got)
	}
	r.ok("environ_sizes_get", out, out+4)
	r.ok("environ_get", out, buf)
	if got := string(r.mem[buf : buf+4]); got != "A=1\x00" {
		t.Errorf("%q", got)
	}
	r.want(memfs.EFAULT, "args_get", out, len(r.mem)-3)
	r.want(memfs.EFAULT, "args_sizes_get", uint32(0xffffffff), out)

	for _, bad := range []string{"a\x00b", "\xff"} {
		if _, err := guest.New(guest.Config{Args: []string{bad}}); err == nil {
			t.Errorf("argument %q was taken", bad)
		}
	}
}
