//go:build unix

package plainfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOnlyPlainFiles: what is no plain file is refused at once, by every door, and
// a link is followed where the user named it, or within its folder.
func TestOnlyPlainFiles(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := errors.Join(
		os.WriteFile(outside, []byte("secret"), 0o600),
		os.WriteFile(filepath.Join(dir, "plain"), []byte("text"), 0o600),
		syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600),
		os.Mkdir(filepath.Join(dir, "folder"), 0o700),
		os.Symlink("plain", filepath.Join(dir, "within")),
		os.Symlink(outside, filepath.Join(dir, "out")),
		os.Symlink(filepath.Dir(outside), filepath.Join(dir, "outfolder")),
		os.Symlink("fifo", filepath.Join(dir, "tofifo")),
		os.Symlink("/dev/zero", filepath.Join(dir, "zero")),
		os.Symlink("loop", filepath.Join(dir, "loop")),
	); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, named, in string }{
		{"plain", "text", "text"},
		{"within", "text", "text"},
		{"out", "secret", "escapes"},
		{"outfolder/secret", "secret", "escapes"},
		{"../" + filepath.Base(dir) + "/plain", "text", "escapes"},
		{"fifo", "not a plain file, but a pipe", "not a plain file, but a pipe"},
		{"tofifo", "not a plain file, but a pipe", "not a plain file, but a pipe"},
		{"folder", "not a plain file, but a folder", "not a plain file, but a folder"},
		{"socket", "not a plain file, but a socket", "not a plain file, but a socket"},
		{"zero", "not a plain file, but a device", "escapes"},
		{"loop", "too many levels", "too many levels"},
		{"absent", "no such file", "no such file"},
	} {
		named, err := Read(t.Context(), filepath.Join(dir, test.name), 10)
		if test.name[0] != '.' && !says(named, err, test.named) {
			t.Errorf("%s, named: %q, %v, want %s", test.name, named, err, test.named)
		}
		in, err := ReadIn(t.Context(), dir, test.name, 10)
		if !says(in, err, test.in) {
			t.Errorf("%s, in its folder: %q, %v, want %s", test.name, in, err, test.in)
		}
		var at *fs.PathError
		if err != nil && (!errors.As(err, &at) || !strings.HasPrefix(at.Path, dir) && test.name[0] != '.') {
			t.Errorf("%s: %v names no path", test.name, err)
		}
	}
	if _, err := Read(t.Context(), filepath.Join(dir, "plain"), 3); err == nil || !strings.Contains(err.Error(), "plain has more than 3 bytes") {
		t.Errorf("too long: %v", err)
	}
	if _, err := ReadIn(t.Context(), filepath.Join(dir, "fifo"), "x", 3); err == nil {
		t.Error("a pipe is no folder")
	}
}

func says(text []byte, err error, want string) bool {
	if err != nil {
		return strings.Contains(err.Error(), want)
	}
	return string(text) == want
}

// TestCancelled: a read ends with its context, of a file and of a pipe that nobody
// writes to.
func TestCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, f); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, cancel = context.WithCancel(t.Context())
	name := "/dev/fd/" + itoa(r.Fd())
	if _, err := Open(ctx, name); !errors.Is(err, ErrNotPlain) {
		t.Errorf("a pipe that is open already, where a file is wanted: %v", err)
	}
	stream, err := OpenStream(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if _, err := w.WriteString("hello"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(stream, got); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
	ended := make(chan error)
	go func() {
		_, err := stream.Read(got)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func itoa(n uintptr) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}
