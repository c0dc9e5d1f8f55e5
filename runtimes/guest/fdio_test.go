package guest_test

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

func TestFileIO(t *testing.T) {
	r := newRig(t, guest.Config{})
	fd := r.open("f", creat)
	r.write(fd, "hello world")
	r.ok("fd_tell", fd, out)
	if r.u64() != 11 {
		t.Errorf("offset %d", r.u64())
	}
	for _, c := range []struct {
		whence int
		by     int64
		want   uint64
		errno  memfs.Errno
	}{
		{0, 6, 6, 0}, {1, -2, 4, 0}, {2, -5, 6, 0}, {2, 5, 16, 0}, {0, 0, 0, 0},
		{0, -1, 0, memfs.EINVAL}, {1, -1, 0, memfs.EINVAL}, {2, -12, 0, memfs.EINVAL},
		{1, math.MinInt64, 0, memfs.EINVAL}, {2, math.MaxInt64, 0, memfs.EINVAL}, {3, 0, 0, memfs.EINVAL},
	} {
		r.want(c.errno, "fd_seek", fd, uint64(c.by), c.whence, out)
		if c.errno == 0 && r.u64() != c.want {
			t.Errorf("seek by %d from %d: %d, want %d", c.by, c.whence, r.u64(), c.want)
		}
	}
	if got := r.read(fd, 5); got != "hello" {
		t.Errorf("read %q", got)
	}
	r.ok("fd_pread", fd, r.vec(buf, 100), 1, uint64(6), out)
	if got := string(r.mem[buf:][:r.u32()]); got != "world" {
		t.Errorf("pread %q", got)
	}
	r.ok("fd_pwrite", fd, r.vec(r.put([]byte("W")), 1), 1, uint64(6), out)
	r.ok("fd_pwrite", fd, r.vec(r.put([]byte("!")), 1), 1, uint64(13), out)
	if got := r.content("f"); got != "hello World\x00\x00!" {
		t.Errorf("content %q", got)
	}
	r.ok("fd_filestat_set_size", fd, uint64(5))
	r.ok("fd_allocate", fd, uint64(2), uint64(5))
	r.ok("fd_allocate", fd, uint64(0), uint64(1))
	r.want(memfs.EINVAL, "fd_allocate", fd, uint64(0), uint64(0))
	if got := r.content("f"); got != "hello\x00\x00" {
		t.Errorf("content %q", got)
	}
	r.want(memfs.EFBIG, "fd_pwrite", fd, r.vec(0, 1), 1, uint64(math.MaxInt64), out)
	r.ok("fd_advise", fd, uint64(0), uint64(0), 5)
	r.want(memfs.EINVAL, "fd_advise", fd, uint64(0), uint64(0), 6)
	r.ok("fd_sync", fd)
	r.ok("fd_datasync", fd)
}

func TestAppend(t *testing.T) {
	r := newRig(t, guest.Config{})
	r.file("f", "one")
	const app = 1
	r.ok("path_open", root, 0, "f", 0, allRights, allRights, app, out)
	fd := r.u32()
	r.write(fd, " two")
	r.ok("fd_seek", fd, 0, 0, out)
	r.write(fd, " three")
	r.ok("fd_fdstat_set_flags", fd, 0)
	r.ok("fd_seek", fd, 0, 0, out)
	r.write(fd, "ONE")
	if got := r.content("f"); got != "ONE two three" {
		t.Errorf("content %q", got)
	}
	r.want(memfs.EINVAL, "fd_fdstat_set_flags", fd, 2)
	r.want(memfs.EINVAL, "fd_fdstat_set_flags", fd, 1<<16|1)
}

func TestVectors(t *testing.T) {
	r := newRig(t, guest.Config{})
	fd := r.open("f", creat)
	a, b := r.put([]byte("abcd")), r.put([]byte("xyz"))
	vecs := []byte{}
	for _, v := range [][2]uint32{{a, 2}, {0, 0}, {b, 3}, {a, 4}} {
		vecs = le.AppendUint32(le.AppendUint32(vecs, v[0]), v[1])
	}
	r.ok("fd_write", fd, r.put(vecs), 4, out)
	if got := r.content("f"); r.u32() != 0 && got != "abxyzabcd" {
		t.Errorf("content %q", got)
	}
	r.want(memfs.EINVAL, "fd_write", fd, 0, uint32(1<<30), out)
	r.want(memfs.EINVAL, "fd_read", fd, 0, uint32(1<<30), out)
	r.want(memfs.EFAULT, "fd_write", fd, len(r.mem)-8, 2, out)
	r.want(memfs.EFAULT, "fd_write", fd, r.vec(uint32(len(r.mem)-1), 2), 1, out)
	r.want(memfs.EFAULT, "fd_write", fd, r.vec(math.MaxUint32, math.MaxUint32), 1, out)
	r.want(memfs.EFAULT, "fd_write", fd, r.vec(0, 1), 1, len(r.mem)-3)
	r.ok("fd_write", fd, r.vec(uint32(len(r.mem)), 0), 1, out)
}

func TestVectorsOverEachOtherAddUp(t *testing.T) {
	r := newRig(t, guest.Config{})
	r.mem = make([]byte, 4<<20)
	vecs := []byte{}
	for range 1024 {
		vecs = le.AppendUint32(le.AppendUint32(vecs, 0), 4<<20)
	}
	fd := r.open("f", creat)
	at := r.put(vecs)
	r.want(memfs.EINVAL, "fd_write", fd, at, 1024, out) // 4 GiB from 4 MiB
	r.halts(runtimes.FSLimit, "fd_write", fd, at, 500, out)
}

func TestStreams(t *testing.T) {
	r := newRig(t, guest.Config{Stdin: []byte("first\nsecond"), Limits: runtimes.Limits{OutputBytes: 10}})
	if got := r.read(0, 6) + r.read(0, 100) + r.read(0, 100); got != "first\nsecond" {
		t.Errorf("stdin gave %q", got)
	}
	r.SetStdin([]byte("again"))
	if got := r.read(0, 100); got != "again" {
		t.Errorf("stdin gave %q", got)
	}
	r.write(1, "12345")
	r.write(2, "err")
	r.write(1, "67890")
	r.halts(runtimes.OutputLimit, "fd_write", 1, r.vec(r.put([]byte("x")), 1), 1, out)
	r.halts(runtimes.OutputLimit, "fd_write", 2, r.vec(r.put([]byte("12345678")), 8), 1, out)
	if got := string(r.Stdout()) + "|" + string(r.Stderr()); got != "1234567890|err1234567" {
		t.Errorf("captured %q", got)
	}
	r.ResetOutput()
	if len(r.Stdout())+len(r.Stderr()) > 0 {
		t.Error("output is still there")
	}
	r.want(memfs.EBADF, "fd_write", 0, 0, 0, out)
	r.want(memfs.EBADF, "fd_read", 1, 0, 0, out)
	r.want(memfs.ESPIPE, "fd_seek", 1, 0, 0, out)
	r.want(memfs.ESPIPE, "fd_pread", 1, 0, 0, 0, out)
	r.want(memfs.ESPIPE, "fd_filestat_set_size", 0, 0)
	r.ok("fd_fdstat_get", 1, out)
	if r.mem[out] == 2 {
		t.Error("stdout says that it is a terminal")
	}
}

// TestStandardInputIsAFile: as a shell's "<" gives it.
func TestStandardInputIsAFile(t *testing.T) {
	r := newRig(t, guest.Config{Stdin: []byte("0123456789")})
	r.ok("fd_filestat_get", 0, out)
	if kind, size := r.mem[out+16], le.Uint64(r.mem[out+32:]); kind != 4 || size != 10 {
		t.Errorf("kind %d of %d bytes", kind, size)
	}
	r.ok("fd_seek", 0, 4, 0, out)
	r.ok("fd_tell", 0, out)
	if got := r.read(0, 2); got != "45" || le.Uint64(r.mem[out:]) == 0 {
		t.Errorf("at 4 stands %q", got)
	}
	open := func(path string, rights uint64) (memfs.Errno, uint32) {
		errno := r.errno("path_open", root, 1, path, 0, rights, uint64(0), 0, out)
		return errno, le.Uint32(r.mem[out:])
	}
	const read, write = 1 << 1, 1 << 6
	for _, c := range []struct{ path, want string }{
		{"dev/stdin", "012"}, {"dev/fd/0", "012"}, {"proc/self/fd/0", "012"}, {"dev/dup/0", "678"},
	} {
		errno, fd := open(c.path, read)
		if errno != 0 {
			t.Fatalf("%s: errno %d", c.path, errno)
		}
		if got := r.read(fd, 3); got != c.want {
			t.Errorf("%s gives %q, want %q", c.path, got, c.want)
		}
		r.ok("fd_close", fd)
		r.ok("path_filestat_get", root, 1, c.path, out)
	}
	if got := r.read(0, 3); got != "9" {
		t.Errorf("after its copy was read standard input gives %q", got)
	}
	if errno, fd := open("dev/stdout", write); errno != 0 {
		t.Errorf("dev/stdout: errno %d", errno)
	} else {
		r.write(fd, "said")
	}
	if got := string(r.Stdout()); got != "said" {
		t.Errorf("stdout has %q", got)
	}
	if errno, _ := open("dev/stdin", write); errno != memfs.EACCES {
		t.Errorf("dev/stdin for writing: errno %d", errno)
	}
	for _, path := range []string{"dev/fd/77", "dev/fd/x", "dev/fd/-1", "dev/fd/3", "dev/dup/", "dev/tty"} {
		if errno, _ := open(path, read); errno != memfs.ENOENT {
			t.Errorf("%s: errno %d", path, errno)
		}
	}
}

func TestDirectoriesAreNoFiles(t *testing.T) {
	r := newRig(t, guest.Config{})
	fd := root
	r.want(memfs.EBADF, "fd_read", fd, 0, 0, out)
	r.want(memfs.EBADF, "fd_write", fd, 0, 0, out)
	r.want(memfs.EBADF, "fd_pread", fd, 0, 0, 0, out)
	r.want(memfs.EBADF, "fd_pwrite", fd, 0, 0, 0, out)
	r.want(memfs.EBADF, "fd_seek", fd, 0, 0, out)
	r.want(memfs.EBADF, "fd_tell", fd, out)
	r.want(memfs.EBADF, "fd_advise", fd, 0, 0, 0)
	r.want(memfs.EBADF, "fd_allocate", fd, 0, 1)
	r.want(memfs.EBADF, "fd_filestat_set_size", fd, 0)
	r.want(memfs.EBADF, "fd_fdstat_set_flags", fd, 0)
}

func TestReadAndWriteAsAskedFor(t *testing.T) {
	const fdRead, fdWrite = 1 << 1, 1 << 6
	r := newRig(t, guest.Config{})
	r.file("f", "content")
	r.ok("path_open", root, 0, "f", 0, fdRead, 0, 0, out)
	ro := r.u32()
	r.want(memfs.EBADF, "fd_write", ro, r.vec(0, 1), 1, out)
	r.want(memfs.EBADF, "fd_pwrite", ro, r.vec(0, 1), 1, 0, out)
	r.want(memfs.EBADF, "fd_filestat_set_size", ro, 1)
	r.want(memfs.EBADF, "fd_allocate", ro, 0, 100)
	r.ok("path_open", root, 0, "f", 0, fdWrite, 0, 0, out)
	wo := r.u32()
	r.want(memfs.EBADF, "fd_read", wo, r.vec(buf, 1), 1, out)
	r.want(memfs.EBADF, "fd_pread", wo, r.vec(buf, 1), 1, 0, out)
	r.write(wo, "C")
	if got := r.content("f"); got != "Content" {
		t.Errorf("content %q", got)
	}
}

func TestRightsGivenUpStayGivenUp(t *testing.T) {
	const seek = 1 << 2
	r := newRig(t, guest.Config{})
	fd := r.open("f", creat)
	r.ok("fd_fdstat_get", fd, out)
	rights := le.Uint64(r.mem[out+8:])
	r.ok("fd_fdstat_set_rights", fd, rights&^seek, 0)
	r.want(memfs.ENOTCAPABLE, "fd_seek", fd, 0, 0, out)
	r.want(memfs.ENOTCAPABLE, "fd_fdstat_set_rights", fd, rights, 0)

	r.ok("fd_fdstat_get", root, out)
	base, below := le.Uint64(r.mem[out+8:]), le.Uint64(r.mem[out+16:])
	const createFile, truncate, write = 1 << 10, 1 << 19, 1 << 6
	r.ok("fd_fdstat_set_rights", root, base&^(createFile|truncate), below&^write)
	r.want(memfs.ENOTCAPABLE, "path_open", root, 0, "g", creat, allRights, allRights, 0, out)
	r.want(memfs.ENOTCAPABLE, "path_open", root, 0, "f", trunc, allRights, allRights, 0, out)
	fd = r.open("f", 0)
	r.want(memfs.EBADF, "fd_write", fd, r.vec(0, 1), 1, out)
}

func TestDescriptorNumbers(t *testing.T) {
	r := newRig(t, guest.Config{})
	a, b := r.open("a", creat), r.open("b", creat)
	if a != 4 || b != 5 {
		t.Fatalf("numbers %d and %d", a, b)
	}
	r.write(a, "to a")
	r.ok("fd_renumber", a, b)
	r.want(memfs.EBADF, "fd_write", a, 0, 0, out)
	r.write(b, " and a")
	if got := r.content("a"); got != "to a and a" {
		t.Errorf("content %q", got)
	}
	r.want(memfs.EBADF, "fd_renumber", b, 77)
	r.want(memfs.EBADF, "fd_renumber", 77, b)
	r.ok("fd_renumber", b, b)
	r.want(memfs.EBADF, "fd_close", uint32(math.MaxUint32))
}

// The streams are numbers like any other: what is closed or covered is gone
// for the guest, and gives it no way to another's output.
func TestStreamsCanBeClosedAndCovered(t *testing.T) {
	r := newRig(t, guest.Config{})
	for fd := range 3 {
		r.close(uint32(fd))
	}
	r.want(memfs.EBADF, "fd_write", 1, 0, 0, out)
	for want := range uint32(3) {
		if fd := r.open("f", creat); fd != want {
			t.Errorf("number %d, want %d", fd, want)
		}
	}
	r.write(1, "into the file")
	if len(r.Stdout()) > 0 || r.content("f") != "into the file" {
		t.Errorf("stdout %q, file %q", r.Stdout(), r.content("f"))
	}

	r = newRig(t, guest.Config{})
	r.ok("fd_renumber", 2, 1)
	r.write(1, "x")
	if string(r.Stderr()) != "x" || len(r.Stdout()) > 0 {
		t.Errorf("stdout %q, stderr %q", r.Stdout(), r.Stderr())
	}
	r.ok("fd_renumber", root, 1)
	r.want(memfs.EBADF, "fd_prestat_get", root, out)
	r.ok("fd_prestat_get", 1, out)
}

func TestPreopens(t *testing.T) {
	r := newRig(t, guest.Config{
		Root:     tree(t, map[string][]byte{"work/in.txt": []byte("x"), "secret": []byte("y")}),
		Preopens: []string{"/work"},
	})
	r.ok("fd_prestat_get", root, out)
	if r.mem[out] != 0 || le.Uint32(r.mem[out+4:]) != 5 {
		t.Errorf("prestat % x", r.mem[out:out+8])
	}
	r.ok("fd_prestat_dir_name", root, buf, 5)
	if got := string(r.mem[buf : buf+5]); got != "/work" {
		t.Errorf("named %q", got)
	}
	r.want(memfs.ENAMETOOLONG, "fd_prestat_dir_name", root, buf, 4)
	r.want(memfs.EBADF, "fd_prestat_get", 4, out)
	if got := r.content("in.txt"); got != "x" {
		t.Errorf("content %q", got)
	}
	r.want(memfs.EPERM, "path_open", root, 0, "../secret", 0, allRights, allRights, 0, out)

	for _, bad := range []string{"/absent", "/secret", "/../x"} {
		_, err := guest.New(guest.Config{Root: tree(t, map[string][]byte{"secret": nil}), Preopens: []string{bad}})
		if err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("preopen %s: %v", bad, err)
		}
	}
	if _, err := guest.New(guest.Config{Preopens: []string{}}); err == nil {
		t.Error("a world without a directory was made")
	}
}
