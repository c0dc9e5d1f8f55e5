package guest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// allocated is what f took from the Go heap, in bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestSparseFileTakesNoMemory(t *testing.T) {
	const huge = uint64(10 << 30)
	for name, call := range map[string]func(*rig, uint32){
		"seek and write": func(r *rig, fd uint32) {
			r.ok("fd_seek", fd, huge, 0, out)
			r.halts(runtimes.FSLimit, "fd_write", fd, r.vec(0, 1), 1, out)
		},
		"pwrite":   func(r *rig, fd uint32) { r.halts(runtimes.FSLimit, "fd_pwrite", fd, r.vec(0, 1), 1, huge, out) },
		"truncate": func(r *rig, fd uint32) { r.halts(runtimes.FSLimit, "fd_filestat_set_size", fd, huge) },
		"allocate": func(r *rig, fd uint32) { r.halts(runtimes.FSLimit, "fd_allocate", fd, uint64(0), huge) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, guest.Config{})
			fd := r.open("sparse", creat)
			if n := allocated(func() { call(r, fd) }); n > 1<<20 {
				t.Errorf("%d bytes were taken", n)
			}
		})
	}
}

func TestMillionFiles(t *testing.T) {
	r := newRig(t, guest.Config{Limits: runtimes.Limits{FSNodes: 1000}})
	for i := range 1000 {
		r.close(r.open(fmt.Sprintf("f%d", i), creat))
	}
	name := "one more"
	r.halts(runtimes.FSLimit, "path_open", root, 0, name, creat, allRights, allRights, 0, out)
	r.halts(runtimes.FSLimit, "path_create_directory", root, name)
	r.halts(runtimes.FSLimit, "path_symlink", "f0", root, name)
	r.halts(runtimes.FSLimit, "path_link", root, 0, "f0", root, name)
	r.ok("path_rename", root, "f0", root, name)
	r.ok("path_unlink_file", root, "f1")
	r.close(r.open("f1", creat))
}

func TestBytesAreGivenBack(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t), Limits: runtimes.Limits{FSBytes: 1000}})
	data := strings.Repeat("x", 900)
	for range 5 {
		r.file("f", data)
		r.ok("path_unlink_file", root, "f")
		fd := r.open("g", creat)
		r.write(fd, data)
		r.ok("path_unlink_file", root, "g")
		r.close(fd)
		r.file("h", data)
		r.file("h", "")
		r.ok("path_symlink", data, root, "s")
		r.ok("path_unlink_file", root, "s")
	}
	held := r.open("held", creat)
	r.write(held, data)
	r.ok("path_unlink_file", root, "held")
	r.halts(runtimes.FSLimit, "fd_write", r.open("f", creat), r.vec(0, 101), 1, out)
	r.halts(runtimes.FSLimit, "path_symlink", data, root, "s")
	r.halts(runtimes.FSLimit, "fd_pwrite", r.open("dir/nested/file", 0), r.vec(0, 101), 1, uint64(0), out)
}

func TestOpenFilesAreBounded(t *testing.T) {
	r := newRig(t, guest.Config{Limits: runtimes.Limits{OpenFiles: 10}})
	for range 6 {
		r.open("f", creat)
	}
	r.halts(runtimes.FSLimit, "path_open", root, 0, "f", 0, allRights, allRights, 0, out)
	r.close(5)
	if fd := r.open("f", 0); fd != 5 {
		t.Errorf("number %d", fd)
	}
}

func TestDeepDirectories(t *testing.T) {
	r := newRig(t, guest.Config{})
	dir := uint32(root)
	for range 3000 {
		r.ok("path_create_directory", dir, "d")
		r.ok("path_open", dir, 0, "d", directory, 0, 0, 0, out)
		next := r.u32()
		if dir != root {
			r.close(dir)
		}
		dir = next
	}
	used := r.used
	r.want(memfs.EINVAL, "path_rename", root, "d", dir, "d")
	if r.used-used < 3000 {
		t.Errorf("looking 3000 directories up cost %d fuel", r.used-used)
	}
}

// A path that leads through links is paid for by its expanded length.
func TestExpandedLinksAreCharged(t *testing.T) {
	r := newRig(t, guest.Config{})
	long := strings.Repeat("./", 2000)
	r.ok("path_symlink", long+"end", root, "l0")
	for i := range 30 {
		r.ok("path_symlink", long+fmt.Sprintf("l%d", i), root, fmt.Sprintf("l%d", i+1))
	}
	used := r.used
	r.want(memfs.ENOENT, "path_filestat_get", root, 1, "l30", out)
	if cost := r.used - used; cost < 30*4000 {
		t.Errorf("30 links of 4000 bytes cost %d fuel", cost)
	}
}

// A path of many components takes as long as many paths.
func TestLongPathsAreCharged(t *testing.T) {
	r := newRig(t, guest.Config{})
	r.ok("path_create_directory", root, "d")
	cost := func(path string) uint64 {
		used := r.used
		r.ok("path_filestat_get", root, 0, path, out)
		return r.used - used
	}
	if few, many := cost(strings.Repeat("./", 15)+"d"), cost(strings.Repeat("./", 1015)+"d"); few != 2000+31 || many != few+1000*(2+30) {
		t.Errorf("16 components cost %d fuel, 1,016 %d", few, many)
	}
}

// The first write to a big file of the tree copies it: that is paid for.
func TestCopyOnWriteIsCharged(t *testing.T) {
	const size = 1 << 20
	shared := tree(t, map[string][]byte{"big": make([]byte, size)})
	r := newRig(t, guest.Config{Root: shared})
	fd := r.open("big", 0)
	used := r.used
	r.write(fd, "x")
	if cost := r.used - used; cost < size {
		t.Errorf("copying %d bytes cost %d fuel", size, cost)
	}
	used = r.used
	r.write(fd, "y")
	if cost := r.used - used; cost > 10_000 {
		t.Errorf("a second write cost %d fuel", cost)
	}
	if got, err := shared.ReadFile("big"); err != nil || got[0] != 0 {
		t.Errorf("the tree was written to: %v %v", got[0], err)
	}
}

func TestGuestsSeeNothingOfEachOther(t *testing.T) {
	shared := base(t)
	a, b := newRig(t, guest.Config{Root: shared}), newRig(t, guest.Config{Root: shared})
	a.file("lib/a.py", "changed")
	a.ok("path_unlink_file", root, "lib/b.py")
	a.file("lib/new", "")
	if got := b.content("lib/a.py"); got != "a" {
		t.Errorf("content %q", got)
	}
	b.ok("path_filestat_get", root, 0, "lib/b.py", out)
	b.want(memfs.ENOENT, "path_filestat_get", root, 0, "lib/new", out)
}

func TestNothingOfTheHostIsThere(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	for _, path := range []string{"proc", "proc/self/environ", "etc/passwd", "dev", "tmp", "home", "sys"} {
		r.want(memfs.ENOENT, "path_filestat_get", root, 1, path, out)
	}
	r.ok("environ_sizes_get", out, out+4)
	if r.u64() != 0 {
		t.Error("there is an environment")
	}
	if got := names(r.list(".", 4096)); len(got) != 12 || got[1] != ".." {
		t.Errorf("the root holds %v", got)
	}
	for _, d := range r.list(".", 4096)[:2] {
		if d.ino != uint64(memfs.Root) {
			t.Errorf("%s is node %d", d.name, d.ino)
		}
	}
}
