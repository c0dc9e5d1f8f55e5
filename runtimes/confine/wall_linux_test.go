//go:build amd64 || arm64

package confine

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The test binary is the process within the walls too: it raises the walls that
// its first argument names, makes the attempts that the others name, and says
// what came of each.
const insideArg = "inside-the-walls"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case insideArg:
			inside(os.Args[2], os.Args[3:])
			return
		case confinedArg:
			confined(os.Args[2], os.Args[3:])
			return
		case parentArg:
			parent(os.Args[2])
		}
	}
	os.Exit(m.Run())
}

var raisers = map[string]func() []Wall{
	"none":         func() []Wall { return nil },
	"all":          func() []Wall { return Raise(few(false)) },
	"all but code": func() []Wall { return Raise(few(true)) },
	"sealed": func() []Wall {
		walls := Raise(few(true))
		return append(walls, stands("seal", "", Seal()))
	},
	nameLimits:     func() []Wall { return []Wall{limits(measure(few(false)))} },
	namePrivileges: func() []Wall { return []Wall{privileges()} },
	nameFiles:      func() []Wall { return []Wall{files()} },
	nameCalls:      func() []Wall { return []Wall{calls(false)} },
}

// few are limits that leave 64 MiB of memory.
func few(code bool) Limits {
	has, err := dataSize()
	if err != nil {
		panic(err)
	}
	return Limits{Memory: has + 64<<20, Code: code}
}

// scene is what was opened before the walls were raised.
type scene struct {
	dir    string
	opened *os.File // for writing
}

func inside(walls string, names []string) {
	s := scene{dir: os.Getenv("SCENE")}
	s.opened, _ = os.Create(filepath.Join(s.dir, "opened")) // an attempt that needs it finds nil
	for _, w := range raisers[walls]() {
		if !w.Stands {
			fmt.Printf("no %s: %s\n", w.Name, w.About)
		}
	}
	for _, name := range names {
		fmt.Printf("%s: %v\n", name, attempts[name](s))
	}
}

var attempts = map[string]func(s scene) error{
	"compute": func(scene) error { // in threads of its own, with garbage to collect
		var wg sync.WaitGroup
		sums := make([]int, 64)
		for i := range sums {
			wg.Go(func() {
				for _, b := range make([]byte, 1<<18) {
					sums[i] += int(b) + 1
				}
			})
		}
		wg.Wait()
		if sums[63] != 1<<18 {
			return errors.New("a wrong sum")
		}
		return nil
	},
	"read a file": func(s scene) error {
		_, err := os.ReadFile(filepath.Join(s.dir, "there"))
		return err
	},
	"open many files": func(s scene) error {
		for range 1000 {
			if _, err := unix.Open(filepath.Join(s.dir, "there"), unix.O_RDONLY, 0); err != nil {
				return err
			}
		}
		return nil
	},
	"read /proc/self": func(scene) error {
		_, err := os.ReadFile("/proc/self/maps")
		return err
	},
	"make a file": func(s scene) error {
		return os.WriteFile(filepath.Join(s.dir, "new"), nil, 0o600)
	},
	"write on": func(s scene) error {
		_, err := s.opened.Write([]byte("more"))
		return err
	},
	"rename": func(s scene) error {
		return errors.Join(os.Rename(filepath.Join(s.dir, "there"), filepath.Join(s.dir, "gone")),
			os.Rename(filepath.Join(s.dir, "gone"), filepath.Join(s.dir, "there")))
	},
	"connect": func(scene) error {
		conn, err := net.Dial("tcp", os.Getenv("LISTENING"))
		if err == nil {
			err = conn.Close()
		}
		return err
	},
	"resolve": func(scene) error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err == nil {
			err = unix.Close(fd)
		}
		return err
	},
	"start a program": func(scene) error { return exec.Command("/proc/self/exe", "-test.run=^$").Run() },
	"fork": func(scene) error {
		pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		switch {
		case errno != 0:
			return errno
		case pid == 0:
			unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
		return nil
	},
	"signal another": func(scene) error { return unix.Kill(os.Getppid(), 0) },
	"look into another": func(scene) error {
		var b [1]byte
		local := []unix.Iovec{{Base: &b[0], Len: 1}}
		_, err := unix.ProcessVMReadv(os.Getppid(), local, []unix.RemoteIovec{{Base: uintptr(unsafe.Pointer(&attemptsAddress)), Len: 1}}, 0)
		return err
	},
	"new code": func(scene) error {
		_, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
		return err
	},
	"new code under another call's number": func(scene) error { // prctl's, and what it may do
		_, _, errno := unix.Syscall6(unix.SYS_MMAP, unix.PR_SET_NAME, 4096, unix.SYS_PRCTL|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON, ^uintptr(0), 0)
		if errno != 0 {
			return errno
		}
		return nil
	},
	"make code of data": func(scene) error {
		page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			return err
		}
		return unix.Mprotect(page, unix.PROT_READ|unix.PROT_EXEC)
	},
	"a memory file": func(scene) error {
		_, err := unix.MemfdCreate("m", 0)
		return err
	},
	"much memory": func(scene) error {
		_, err := unix.Mmap(-1, 0, 1<<30, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
		return err
	},
	"much address space": func(scene) error {
		_, err := unix.Mmap(-1, 0, 1<<40, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
		return err
	},
	"dump core": func(scene) error {
		var core unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err != nil || core.Max != 0 {
			return err
		}
		return errRefused
	},
	"gain privileges": func(scene) error {
		if no, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || no != 1 {
			return err
		}
		return errRefused
	},
	"be looked into": func(scene) error {
		if may, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || may != 0 {
			return err
		}
		return errRefused
	},
}

var (
	attemptsAddress byte
	errRefused      = errors.New("refused")
)

// try makes attempts in a process within walls.
func try(t *testing.T, walls string, names ...string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "there"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := exec.Command(os.Args[0], append([]string{insideArg, walls}, names...)...)
	cmd.Env = append(os.Environ(), "SCENE="+dir, "LISTENING="+l.Addr().String())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, result, _ := strings.Cut(strings.TrimSpace(line), ": ")
		got[name] = result
	}
	if why, absent := got["no "+walls]; absent {
		t.Skipf("%s can't be had here: %s", walls, why)
	}
	return got
}

// TestEachWall: what each keeps out by itself, and what it lets through.
func TestEachWall(t *testing.T) {
	tests := map[string]struct{ out, through []string }{
		nameLimits: {
			out:     []string{"open many files", "write on", "much memory", "dump core"},
			through: []string{"much address space"},
		},
		namePrivileges: {out: []string{"gain privileges", "be looked into"}},
		nameFiles: {
			out:     []string{"read a file", "read /proc/self", "make a file", "rename", "connect", "signal another", "start a program"},
			through: []string{"write on"},
		},
		nameCalls: {
			out: []string{"read a file", "make a file", "rename", "connect", "resolve", "fork", "start a program", "signal another",
				"look into another", "new code", "new code under another call's number", "make code of data", "a memory file"},
			through: []string{"much address space", "write on"},
		},
	}
	for walls, tt := range tests {
		t.Run(walls, func(t *testing.T) {
			names := append([]string{"compute"}, append(tt.out, tt.through...)...)
			before, got := try(t, "none", names...), try(t, walls, names...)
			for _, name := range names {
				if before[name] != "<nil>" {
					t.Errorf("without walls: %s: %s", name, before[name])
				}
			}
			for _, name := range append(tt.through, "compute") {
				if got[name] != "<nil>" {
					t.Errorf("%s: %s", name, got[name])
				}
			}
			for _, name := range tt.out {
				if got[name] == "<nil>" || got[name] == "" {
					t.Errorf("%s: let through", name)
				}
			}
		})
	}
}

// TestAllWalls: nothing gets out of all of them, but for code where it is still to
// be made; sealing ends that.
func TestAllWalls(t *testing.T) {
	var names []string
	for name := range attempts {
		names = append(names, name)
	}
	for walls, code := range map[string]bool{"all": false, "all but code": true, "sealed": false} {
		t.Run(walls, func(t *testing.T) {
			for name, result := range try(t, walls, names...) {
				through := name == "compute" || name == "much address space" || code && (strings.HasPrefix(name, "new code") || name == "make code of data")
				if through != (result == "<nil>") {
					t.Errorf("%s: %s", name, result)
				}
			}
		})
	}
}
