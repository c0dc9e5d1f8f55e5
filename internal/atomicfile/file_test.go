package atomicfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, c := range []struct {
		text   string
		commit bool
		want   string
	}{{"a", true, "a"}, {"b", false, "a"}, {"c", true, "c"}} {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(c.text)); err != nil {
			t.Fatal(err)
		}
		if c.commit {
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		f.Discard()
		wantFile(t, path, c.want)
	}
	wantNames(t, dir, "f")
	if err := Write(filepath.Join(dir, "none", "f"), nil); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "writing ") {
		t.Errorf("a folder that isn't there: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "folder"), []byte("x")); err == nil {
		t.Error("a file took the place of a folder")
	}
	wantNames(t, dir, "f", "folder")
}

func TestOptions(t *testing.T) {
	dir, aside := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "f")
	f, err := Options{Mode: 0o600, Unsynced: true, Aside: aside}.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(aside); len(left) != 1 || !strings.HasPrefix(left[0].Name(), ".tmp-") {
		t.Errorf("aside is %v, %v", left, err)
	}
	wantNames(t, dir)
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	wantNames(t, aside)
	wantMode(t, path, 0o600)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	wantMode(t, path, 0o640) // it keeps its mode
	wantFile(t, path, "ab")
}

// TestLinksAndDevices: what a link leads to is replaced, not the link; a pipe or
// a device is written to, and stays what it is.
func TestLinksAndDevices(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.Symlink(filepath.Join(elsewhere, "f"), link), os.WriteFile(filepath.Join(elsewhere, "f"), nil, 0o644)); err != nil {
		t.Skip("no links here: ", err)
	}
	if err := Write(link, []byte("a")); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(elsewhere, "f"), "a")
	wantNames(t, dir, "link")
	wantNames(t, elsewhere, "f")
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	device := filepath.Join(dir, "device")
	if err := os.Symlink(os.DevNull, device); err != nil {
		t.Fatal(err)
	}
	if err := Write(device, []byte("a")); err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, "device", "link")
	if info, err := os.Stat(device); err != nil || info.Mode()&fs.ModeDevice == 0 {
		t.Errorf("the device is %v, %v", info, err)
	}
}

// TestTwoWriters: each reader sees all of one text, and nothing is left.
func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	text := func(n int) []byte { return bytes.Repeat([]byte{byte('a' + n)}, 100_000) }
	if err := Write(path, text(0)); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for range 20 {
				if err := Write(path, text(n)); err != nil {
					t.Error(err)
				}
				got, err := os.ReadFile(path)
				if err != nil || len(got) != 100_000 || len(bytes.Trim(got, string(got[:1]))) > 0 {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			}
		})
	}
	all.Wait()
	wantNames(t, dir, "f")
}

// TestKilled kills a process that writes a file and a folder again and again:
// each is there whole, at any moment.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("ATOMICFILE_DIR"); dir != "" {
		write := func(n int) error {
			text := fmt.Appendf(nil, "%d", n%10)
			text = append(bytes.Repeat(text, 10_000), '\n')
			return errors.Join(Write(filepath.Join(dir, "file"), text), Folder(filepath.Join(dir, "folder"), func(in string) error {
				return errors.Join(os.WriteFile(filepath.Join(in, "a"), text, 0o444), os.WriteFile(filepath.Join(in, "b"), text, 0o600))
			}))
		}
		for n := 0; ; n++ {
			if err := write(n); err != nil {
				t.Fatal(err)
			}
			fmt.Print(".")
		}
	}
	dir := t.TempDir()
	for n := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "ATOMICFILE_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadFull(out, make([]byte, n+1)) // at least once both are there
		if err := errors.Join(err, cmd.Process.Signal(syscall.SIGKILL)); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		wantWhole(t, filepath.Join(dir, "file"))
		a, b := wantWhole(t, filepath.Join(dir, "folder", "a")), wantWhole(t, filepath.Join(dir, "folder", "b"))
		if a != b {
			t.Error("the folder's files are of two writings")
		}
	}
}

func wantWhole(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || len(text) != 10_001 || strings.Trim(string(text[:10_000]), string(text[:1])) != "" {
		t.Errorf("%s has %d bytes, %v", path, len(text), err)
	}
	return string(text)
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f[*]?")
	fill := func(text string, err error) func(string) error {
		return func(in string) error {
			return errors.Join(os.MkdirAll(filepath.Join(in, "sub"), 0o755), os.WriteFile(filepath.Join(in, "sub", text), []byte(text), 0o444), err)
		}
	}
	bad := errors.New("bad")
	for _, c := range []struct {
		text string
		err  error
		want string
	}{{"a", bad, ""}, {"a", nil, "a"}, {"b", nil, "b"}, {"c", bad, "b"}} {
		err := Folder(path, fill(c.text, c.err))
		if !errors.Is(err, c.err) || c.err != nil && !strings.Contains(err.Error(), "writing "+path) {
			t.Errorf("%v, want %v", err, c.err)
		}
		if c.want != "" {
			wantNames(t, filepath.Join(path, "sub"), c.want)
			wantNames(t, dir, "f[*]?")
		} else {
			wantNames(t, dir)
		}
	}
	// What a killed process left goes; what a living one makes stays, and another
	// folder's.
	for _, name := range []string{".new-f[*]?-abandoned", ".new-f[*]?-livingone", ".new-fat-abandoned"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if release, ok := hold(f); strings.HasSuffix(name, "livingone") && ok {
			defer release()
		} else {
			release()
		}
		_ = f.Close()
		long := time.Now().Add(-2 * stale)
		if err := os.Chtimes(filepath.Join(dir, name), long, long); err != nil {
			t.Fatal(err)
		}
	}
	if err := Folder(path, fill("d", nil)); err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, ".new-f[*]?-livingone", ".new-fat-abandoned", "f[*]?")
}

// TestLeft: what a process that was killed had under way is removed by the next one
// that writes there, or asks for a folder for temporary files; what a living one has
// stays.
func TestLeft(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no locks on what is renamed")
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	busy := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "ATOMICFILE=busy", "FOLDER="+dir)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(line, err)
		}
		return cmd
	}
	count := func() (n int) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				n++
			}
		}
		return n
	}
	start := func() { // as the next command does
		swept.Delete(dir)
		if err := Write(filepath.Join(dir, "f"), []byte("b")); err != nil {
			t.Fatal(err)
		}
		if _, remove, err := Scratch("x"); err != nil {
			t.Fatal(err)
		} else {
			remove()
		}
	}
	living, dying := busy(), busy()
	defer func() { _ = living.Process.Kill(); _ = living.Wait() }()
	if n := count(); n != 4 {
		t.Fatalf("%d are under way", n)
	}
	start()
	if n := count(); n != 4 {
		t.Errorf("%d are left of living processes", n)
	}
	_ = dying.Process.Kill()
	_ = dying.Wait()
	start()
	if n := count(); n != 2 {
		t.Errorf("%d are left", n)
	}
	wantFile(t, filepath.Join(dir, "f"), "b")
}

// TestMain is also the process that has something under way.
func TestMain(m *testing.M) {
	if os.Getenv("ATOMICFILE") == "busy" {
		busyProcess()
	}
	os.Exit(m.Run())
}

func busyProcess() {
	dir := os.Getenv("FOLDER")
	f, err := Create(filepath.Join(dir, "f"))
	if err == nil {
		_, err = f.Write([]byte("half"))
	}
	scratch, _, err2 := Scratch("half")
	if err := errors.Join(err, err2, os.WriteFile(filepath.Join(scratch, "x"), nil, 0o600)); err != nil {
		panic(err)
	}
	fmt.Println("busy")
	time.Sleep(time.Hour) // until it is killed
}

// TestReplaceWithoutExchange is the way of systems and disks that can't exchange
// two names.
func TestReplaceWithoutExchange(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".new-f-1", "f"} {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, name), 0o755), os.WriteFile(filepath.Join(dir, name, name), nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := swap(filepath.Join(dir, ".new-f-1"), filepath.Join(dir, "f")); err != nil {
		t.Fatal(err)
	}
	wantNames(t, filepath.Join(dir, "f"), ".new-f-1")
	wantNames(t, filepath.Join(dir, ".new-f-1"), "f")
	wantNames(t, dir, ".new-f-1", "f")
	if err := swap(filepath.Join(dir, ".new-absent"), filepath.Join(dir, "f")); err == nil {
		t.Error("an absent folder took the place")
	}
	wantNames(t, filepath.Join(dir, "f"), ".new-f-1")
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TryLock(path); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
	locked := make(chan error)
	go func() {
		free, err := Lock(t.Context(), path)
		if err == nil {
			err = free()
		}
		locked <- err
	}()
	if err := errors.Join(unlock(), <-locked); err != nil {
		t.Error(err)
	}
	if unlock, err = TryLock(path); err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := TryLock(filepath.Join(path, "none")); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("no folder: %v", err)
	}
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s has %q, want %q: %v", path, got, want, err)
	}
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
		t.Errorf("%s: %v, want %v: %v", path, info, want, err)
	}
}

// wantNames wants a folder to have these names in it and no other.
func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}
