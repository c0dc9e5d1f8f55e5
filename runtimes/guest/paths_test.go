package guest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

func base(t testing.TB) *memfs.Tree {
	t.Helper()
	b := memfs.NewBuilder()
	for _, err := range []error{
		b.File("dir/nested/file", []byte("content")), b.File("lib/a.py", []byte("a")), b.File("lib/b.py", nil),
		b.Dir("empty"), b.Symlink("to-file", "dir/nested/file"), b.Symlink("to-dir", "dir/nested"),
		b.Symlink("absolute", "/dir/nested/file"), b.Symlink("up", "../../etc"), b.Symlink("loop", "loop"),
		b.Symlink("dangling", "new-file"), b.Null("null"), b.Symlink("dir/abs", "/lib/a.py"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.Tree()
}

func TestPathsLeadNowhereElse(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	long := strings.Repeat("x", 256)
	for _, c := range []struct {
		path string
		want memfs.Errno
	}{
		{"dir/nested/file", 0},
		{"dir/.//nested/../../dir/nested/../nested///./file", 0},
		{"./to-file", 0}, {"to-dir/file", 0}, {"absolute", 0}, {"to-dir/../nested/file", 0},
		{"", memfs.ENOENT}, {"/", memfs.EPERM}, {"/dir/nested/file", memfs.EPERM}, {"..", memfs.EPERM},
		{"../etc/passwd", memfs.EPERM}, {"dir/../../x", memfs.EPERM}, {"up", memfs.EPERM}, {"up/passwd", memfs.EPERM},
		{"proc/self/fd", memfs.ENOENT}, {"dir/nested/file/", memfs.ENOTDIR}, {"dir/nested/file/x", memfs.ENOTDIR},
		{"dir/nested/file/..", memfs.ENOTDIR}, {"to-file/", memfs.ENOTDIR}, {"absent/../dir", memfs.ENOENT},
		{"loop", memfs.ELOOP}, {"loop/x", memfs.ELOOP}, {"dangling", memfs.ENOENT},
		{"dir\x00", memfs.EINVAL}, {"\xff", memfs.EILSEQ}, {long, memfs.ENAMETOOLONG},
		{strings.Repeat("./", 2049), memfs.ENAMETOOLONG},
	} {
		r.want(c.want, "path_filestat_get", root, 1, c.path, out)
		r.want(c.want, "path_open", root, 1, c.path, 0, 2, 0, 0, out)
	}
}

func TestLinksStayBelowTheDirectoryTheyAreFollowedFrom(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	r.ok("path_symlink", "../lib/a.py", root, "dir/out")
	r.want(memfs.EPERM, "path_symlink", "/lib/a.py", root, "dir/abs2")
	r.ok("path_symlink", "nested/file", root, "dir/in")
	if got := r.content("dir/out") + r.content("dir/abs"); got != "aa" {
		t.Errorf("from the root: %q", got)
	}
	r.ok("path_open", root, 0, "dir", directory, 0, 0, 0, out)
	dir := r.u32()
	r.want(memfs.EPERM, "path_open", dir, 1, "out", 0, 2, 0, 0, out)
	r.want(memfs.EPERM, "path_open", dir, 1, "abs", 0, 2, 0, 0, out)
	r.ok("path_open", dir, 1, "in", 0, 2, 0, 0, out)
}

func TestManyHops(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	r.file("l0", "end")
	for i := range 45 {
		r.ok("path_symlink", fmt.Sprintf("l%d", i), root, fmt.Sprintf("l%d", i+1))
	}
	if got := r.content("l40"); got != "end" {
		t.Errorf("40 hops: %q", got)
	}
	r.want(memfs.ELOOP, "path_filestat_get", root, 1, "l41", out)
	r.ok("path_filestat_get", root, 0, "l45", out)
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		path   string
		oflags int
		want   memfs.Errno
	}{
		{"new", creat, 0}, {"new", creat | excl, 0}, {"new", 0, memfs.ENOENT}, {"new", trunc, memfs.ENOENT},
		{"new/", creat, memfs.ENOENT}, {"absent/new", creat, memfs.ENOENT},
		{"lib/a.py", creat, 0}, {"lib/a.py", creat | excl, memfs.EEXIST}, {"lib/a.py", directory, memfs.ENOTDIR},
		{"lib", directory, 0}, {"lib", 0, memfs.EISDIR}, {"lib/", directory, 0}, {"lib", trunc, memfs.EISDIR},
		{"lib", directory | creat, memfs.EINVAL}, {"lib", creat, memfs.EISDIR}, {".", directory, 0}, {"dir/..", directory, 0},
		{"dangling", creat, 0}, {"dangling", creat | excl, memfs.EEXIST}, {"to-file", creat | excl, memfs.EEXIST},
		{"null", trunc, 0}, {"lib/a.py", 16, memfs.EINVAL},
	} {
		r := newRig(t, guest.Config{Root: base(t)})
		rights := allRights
		if c.oflags&directory != 0 {
			rights &^= rightWrite
		}
		r.want(c.want, "path_open", root, 1, c.path, c.oflags, rights, rights, 0, out)
	}
	r := newRig(t, guest.Config{Root: base(t)})
	r.want(memfs.EISDIR, "path_open", root, 0, "lib", directory, allRights, allRights, 0, out)
	r.want(memfs.ELOOP, "path_open", root, 0, "to-file", 0, 2, 0, 0, out)
	r.want(memfs.ENOTDIR, "path_open", r.open("lib/a.py", 0), 0, "x", 0, 2, 0, 0, out)
	r.want(memfs.EFAULT, "path_open", root, 0, "unmade", creat, 2, 0, 0, len(r.mem))
	r.want(memfs.ENOENT, "path_filestat_get", root, 0, "unmade", out)
}

func TestNullDevice(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	fd := r.open("null", trunc)
	r.write(fd, strings.Repeat("x", 1000))
	r.ok("fd_seek", fd, 0, 0, out)
	if got := r.read(fd, 10); got != "" {
		t.Errorf("read %q", got)
	}
}

func TestNames(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	r.ok("path_create_directory", root, "made/")
	r.want(memfs.EEXIST, "path_create_directory", root, "made")
	r.want(memfs.EEXIST, "path_create_directory", root, ".")
	r.want(memfs.ENOENT, "path_create_directory", root, "absent/x")
	r.file("made/f", "data")
	r.want(memfs.ENOTEMPTY, "path_remove_directory", root, "made")
	r.want(memfs.ENOTDIR, "path_remove_directory", root, "made/f")
	r.want(memfs.EINVAL, "path_remove_directory", root, "made/.")
	r.want(memfs.EISDIR, "path_unlink_file", root, "made")
	r.want(memfs.ENOTDIR, "path_unlink_file", root, "made/f/")
	r.ok("path_link", root, 0, "made/f", root, "hard")
	r.want(memfs.EEXIST, "path_link", root, 0, "made/f", root, "hard")
	r.want(memfs.EPERM, "path_link", root, 0, "made", root, "hard-dir")
	r.ok("path_unlink_file", root, "made/f")
	r.ok("path_remove_directory", root, "made")
	if got := r.content("hard"); got != "data" {
		t.Errorf("content %q", got)
	}
	r.ok("path_symlink", "hard", root, "soft")
	r.ok("path_readlink", root, "soft", buf, 100, out)
	if got := string(r.mem[buf:][:r.u32()]); got != "hard" {
		t.Errorf("target %q", got)
	}
	r.ok("path_readlink", root, "soft", buf, 2, out)
	if r.u32() != 2 {
		t.Errorf("%d bytes in a buffer of 2", r.u32())
	}
	r.want(memfs.EINVAL, "path_readlink", root, "hard", buf, 100, out)
	r.want(memfs.ENOENT, "path_symlink", "", root, "empty-target")
	r.want(memfs.ENOENT, "path_symlink", "x", root, "new/")
	r.want(memfs.EEXIST, "path_symlink", "x", root, "soft")
}

func TestRename(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     memfs.Errno
	}{
		{"lib/a.py", "dir/moved", 0}, {"lib/a.py", "lib/b.py", 0}, {"lib", "dir/lib", 0}, {"lib", "empty", 0},
		{"lib/", "renamed/", 0}, {"lib/a.py", "lib/a.py", 0}, {"to-file", "moved", 0}, {"dir/nested", "nested", 0},
		{"lib/a.py", "empty", memfs.EISDIR}, {"lib", "dir/nested/file", memfs.ENOTDIR}, {"lib", "dir", memfs.ENOTEMPTY},
		{"dir", "dir/nested/x", memfs.EINVAL}, {"dir", "dir/x", memfs.EINVAL}, {".", "x", memfs.EINVAL},
		{"dir/.", "x", memfs.EINVAL}, {"absent", "x", memfs.ENOENT}, {"lib/a.py", "absent/x", memfs.ENOENT},
		{"lib/a.py/", "x", memfs.ENOTDIR}, {"lib/a.py", "x/", memfs.ENOTDIR}, {"lib/a.py", "../x", memfs.EPERM},
	} {
		r := newRig(t, guest.Config{Root: base(t)})
		r.want(c.want, "path_rename", root, c.from, root, c.to)
		if c.want == 0 && c.from != c.to {
			r.want(memfs.ENOENT, "path_filestat_get", root, 0, c.from, out)
			r.ok("path_filestat_get", root, 0, c.to, out)
		}
	}
	r := newRig(t, guest.Config{Root: base(t)})
	r.ok("path_rename", root, "dir/nested", root, "lib/nested")
	if got := r.content("lib/nested/../nested/../a.py"); got != "a" {
		t.Errorf("a moved directory leads up to %q", got)
	}
}

func TestUnlinkedFilesLiveOn(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	fd := r.open("lib/a.py", 0)
	own := r.open("own", creat)
	r.write(own, "mine")
	r.ok("path_unlink_file", root, "lib/a.py")
	r.ok("path_unlink_file", root, "own")
	r.file("own", "another")
	r.ok("fd_seek", own, 0, 0, out)
	if got := r.read(fd, 10) + r.read(own, 10); got != "amine" {
		t.Errorf("read %q", got)
	}
	r.write(own, "!")
	r.ok("fd_filestat_get", own, out)
	if links, size := le.Uint64(r.mem[out+24:]), le.Uint64(r.mem[out+32:]); links != 0 || size != 5 {
		t.Errorf("%d links, %d bytes", links, size)
	}
	r.ok("path_open", root, 0, "empty", directory, 0, 0, 0, out)
	dir := r.u32()
	r.ok("path_remove_directory", root, "empty")
	r.want(memfs.ENOENT, "path_open", dir, 0, "x", creat, allRights, allRights, 0, out)
	r.want(memfs.ENOENT, "path_create_directory", dir, "x")
	r.ok("fd_readdir", dir, buf, 100, 0, out)
}

func TestDirectoriesAreSorted(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	for _, name := range []string{"zz", "m", "a", "ü", "B"} {
		r.file("lib/"+name, "")
	}
	want := []string{".", "..", "B", "a", "a.py", "b.py", "m", "zz", "ü"}
	for _, size := range []int{4096, 60, 40} {
		if got := names(r.list("lib", size)); !slices.Equal(got, want) {
			t.Errorf("through %d bytes: %v, want %v", size, got, want)
		}
	}
	for _, d := range r.list(".", 4096) {
		if want := map[string]byte{"dir": 3, "to-file": 7, "null": 2}[d.name]; want != 0 && d.kind != want {
			t.Errorf("%s is of kind %d", d.name, d.kind)
		}
	}
	r.want(memfs.EBADF, "fd_readdir", r.open("lib/m", 0), buf, 100, 0, out)
}

// A program that removes what it has read of a directory, and reads on, must
// still see all of it.
func TestRemovingWhileListing(t *testing.T) {
	r := newRig(t, guest.Config{})
	r.ok("path_create_directory", root, "d")
	for i := range 50 {
		r.file(fmt.Sprintf("d/f%02d", i), "")
	}
	r.ok("path_open", root, 0, "d", directory, 0, 0, 0, out)
	fd := r.u32()
	cookie, removed := uint64(2), 0
	r.ok("fd_readdir", fd, buf, 24, 0, out)
	for {
		r.ok("fd_readdir", fd, buf, 60, cookie, out)
		if r.u32() < 27 {
			break
		}
		cookie = le.Uint64(r.mem[buf:])
		r.ok("path_unlink_file", fd, string(r.mem[buf+24:][:3]))
		removed++
	}
	r.ok("path_remove_directory", root, "d")
	if removed != 50 {
		t.Errorf("%d of 50 removed", removed)
	}
}

func TestTimes(t *testing.T) {
	r := newRig(t, guest.Config{Root: base(t)})
	stamps := func(path string) [3]uint64 {
		r.ok("path_filestat_get", root, 0, path, out)
		return [3]uint64{le.Uint64(r.mem[out+40:]), le.Uint64(r.mem[out+48:]), le.Uint64(r.mem[out+56:])}
	}
	if got := stamps("lib/a.py"); got != [3]uint64{memfs.Stamp, memfs.Stamp, memfs.Stamp} {
		t.Errorf("stamps %v", got)
	}
	const setA, nowA, setM, nowM = 1, 2, 4, 8
	r.ok("path_filestat_set_times", root, 0, "lib/a.py", uint64(11), uint64(22), setA|setM)
	if got := stamps("lib/a.py"); got[0] != 11 || got[1] != 22 || got[2] < guest.DefaultClockOrigin {
		t.Errorf("stamps %v", got)
	}
	fd := r.open("lib/a.py", 0)
	r.ok("fd_filestat_set_times", fd, 0, 0, nowM)
	if got := stamps("lib/a.py"); got[0] != 11 || got[1] < guest.DefaultClockOrigin {
		t.Errorf("stamps %v", got)
	}
	before := stamps("lib/a.py")[1]
	r.write(fd, "x")
	if got := stamps("lib/a.py")[1]; got <= before {
		t.Errorf("written at %d, after %d", got, before)
	}
	r.ok("path_filestat_set_times", root, 0, "to-file", uint64(5), 0, setA)
	r.ok("path_filestat_set_times", root, 1, "to-dir", uint64(6), 0, setA)
	if a, b := stamps("to-file"), stamps("dir/nested"); a[0] != 5 || b[0] != 6 {
		t.Errorf("stamps %v, %v", a, b)
	}
	r.want(memfs.EINVAL, "fd_filestat_set_times", fd, 0, 0, setA|nowA)
	r.want(memfs.EINVAL, "fd_filestat_set_times", fd, 0, 0, setM|nowM)
	r.want(memfs.EINVAL, "fd_filestat_set_times", fd, 0, 0, 16)
}
