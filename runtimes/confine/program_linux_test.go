//go:build amd64 || arm64

package confine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The test binary is the program behind the walls, too, and a parent of one.
const (
	confinedArg = "be-confined"
	parentArg   = "be-a-parent"
)

// confined does what it is told, and says what came of it.
func confined(what string, args []string) {
	err := deeds(what)(args)
	fmt.Printf("%v\n", err)
	if err != nil {
		os.Exit(1)
	}
}

func deeds(what string) func(args []string) error {
	return map[string]func(args []string) error{
		"nothing": func([]string) error { return nil },
		"read":    func(a []string) error { _, err := os.ReadFile(a[0]); return err },
		"list":    func(a []string) error { _, err := os.ReadDir(a[0]); return err },
		"write":   func(a []string) error { return os.WriteFile(a[0], []byte("x"), 0o700) },
		"move": func(a []string) error {
			return errors.Join(os.WriteFile(a[0], nil, 0o600), os.MkdirAll(filepath.Dir(a[1]), 0o700), os.Rename(a[0], a[1]))
		},
		"link": func(a []string) error { return os.Symlink("/etc/passwd", a[0]) },
		"pipe": func(a []string) error { return unix.Mkfifo(a[0], 0o600) },
		"run":  func(a []string) error { return exec.Command(a[0], a[1:]...).Run() },
		"become": func(a []string) error {
			return unix.Exec(a[0], a, nil)
		},
		"socket": func(a []string) error {
			family, _ := strconv.Atoi(a[0])
			kind, _ := strconv.Atoi(a[1])
			fd, err := unix.Socket(family, kind, 0)
			if err == nil {
				err = unix.Close(fd)
			}
			return err
		},
		"listen":  func(a []string) error { _, err := net.Listen("unix", a[0]); return err },
		"connect": func(a []string) error { _, err := net.Dial("unix", a[0]); return err },
		"io_uring": func([]string) error {
			var params [120]byte
			_, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
			if errno != 0 {
				return errno
			}
			return nil
		},
		"signal": func(a []string) error {
			pid, _ := strconv.Atoi(a[0])
			return unix.Kill(pid, 0)
		},
		"leave": func([]string) error { _, err := unix.Setsid(); return err },
		"environment": func([]string) error {
			return errors.New(strings.Join(os.Environ(), "|"))
		},
		"descriptors": func([]string) error {
			for fd := 3; fd < 100; fd++ {
				if n, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && n&unix.FD_CLOEXEC == 0 {
					return fmt.Errorf("%d is open", fd)
				}
			}
			return nil
		},
		"eat": func(a []string) error {
			n, _ := strconv.Atoi(a[0])
			for range n {
				b, err := unix.Mmap(-1, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
				if err != nil {
					return err
				}
				for i := 0; i < len(b); i += 4096 {
					b[i] = 1
				}
			}
			return nil
		},
		"eat together": func(a []string) error { // each much less than what one may
			for range 8 {
				if err := exec.Command(self(), confinedArg, "eat and wait", a[0]).Start(); err != nil {
					return err
				}
			}
			select {}
		},
		"eat and wait": func(a []string) error {
			if err := deeds("eat")(a); err != nil {
				return err
			}
			select {}
		},
		"spin": func([]string) error {
			for n := uint64(1); n != 0; n += 2 { // odd for ever
			}
			return nil
		},
		"fill": func(a []string) error {
			signal.Ignore(unix.SIGXFSZ)
			f, err := os.Create(a[0])
			for chunk := make([]byte, 1<<16); err == nil; {
				_, err = f.Write(chunk)
			}
			return err
		},
		"fork without end": func([]string) error {
			for {
				if err := exec.Command(self(), confinedArg, "fork without end").Start(); err != nil {
					time.Sleep(time.Millisecond)
				}
			}
		},
		"wait": func([]string) error {
			fmt.Println("waiting")
			select {}
		},
		"wait with a child": func([]string) error { // in a group of its own, which hears of nothing
			cmd := exec.Command(self(), confinedArg, "wait")
			cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
			cmd.Stdout = os.Stdout
			return cmd.Run()
		},
		"leave a child": func([]string) error { return exec.Command(self(), confinedArg, "wait").Start() },
	}[what]
}

func self() string {
	path, err := filepath.Abs(os.Args[0])
	if err != nil {
		panic(err)
	}
	return path
}

// parent starts a program and waits: it is there to be killed.
func parent(what string) {
	cmd := Command(context.Background(), program(what))
	cmd.Stdout = os.Stdout
	if err := cmd.Run(); err != nil {
		panic(err)
	}
}

// program is this binary, doing something.
func program(what string, args ...string) Program {
	p := Program{Path: self(), Args: append([]string{confinedArg, what}, args...), Dir: "/", Read: append([]string{self()}, SystemFolders...)}
	if strings.Contains(what, "child") || what == "run" || what == "fork without end" || what == "eat together" {
		p.Processes = 20
	}
	return p
}

// do runs a program, and returns what it said.
func do(t *testing.T, p Program) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := Command(t.Context(), p)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	err := cmd.Run()
	for _, w := range cmd.Walls {
		if !w.Stands {
			t.Skipf("no %s: %s", w.Name, w.About)
		}
	}
	return strings.TrimSpace(out.String()), err
}

// TestProgramReaches: a program reaches what it was given, and nothing else.
func TestProgramReaches(t *testing.T) {
	t.Setenv("SECRET", "sesame")
	scratch, elsewhere := t.TempDir(), t.TempDir()
	in := func(name string) string { return filepath.Join(scratch, name) }
	other := filepath.Join(elsewhere, "other")
	if err := errors.Join(os.WriteFile(other, []byte("x"), 0o644), os.WriteFile(in("there"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(elsewhere, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const refused = "operation not permitted"
	for _, tt := range []struct {
		name   string
		change func(*Program)
		what   string
		args   []string
		want   string // in what it says
	}{
		{"nothing", nil, "nothing", nil, "<nil>"},
		{"its own file", nil, "read", []string{self()}, "<nil>"},
		{"passwords", nil, "read", []string{"/etc/passwd"}, "permission denied"},
		{"shadow", nil, "read", []string{"/etc/shadow"}, "permission denied"},
		{"home", nil, "list", []string{"/root"}, "permission denied"},
		{"processes", nil, "read", []string{"/proc/self/environ"}, "permission denied"},
		{"a device without end", nil, "read", []string{"/dev/zero"}, "permission denied"},
		{"nowhere to write", nil, "write", []string{other}, "permission denied"},
		{"into what it reads", nil, "write", []string{"/usr/new"}, "permission denied"},
		{"the scratch folder", nil, "write", []string{in("new")}, "<nil>"},
		{"to move", nil, "move", []string{in("a"), in("b/c")}, "<nil>"},
		{"a link", nil, "link", []string{in("link")}, "permission denied"},
		{"a pipe", nil, "pipe", []string{in("pipe")}, refused},
		{"its own work", func(p *Program) { p.Processes = 1 }, "run", []string{in("new")}, "permission denied"},
		{"another program", func(p *Program) { p.Processes = 0 }, "run", []string{"/bin/true"}, refused},
		{"another program, granted", nil, "run", []string{"/bin/true"}, "<nil>"},
		{"to become what it can't read", nil, "become", []string{other}, "permission denied"},
		{"internet", nil, "socket", []string{"2", "1"}, refused},
		{"unix", nil, "socket", []string{"1", "1"}, refused},
		{"netlink", nil, "socket", []string{"16", "3"}, refused},
		{"internet, where it may listen", func(p *Program) { p.Listen = true }, "socket", []string{"10", "2"}, refused},
		{"datagrams, where it may listen", func(p *Program) { p.Listen = true }, "socket", []string{"1", "2"}, refused},
		{"to listen", func(p *Program) { p.Listen = true }, "listen", []string{in("s")}, "<nil>"},
		{"to listen elsewhere", func(p *Program) { p.Listen = true }, "listen", []string{filepath.Join(elsewhere, "s")}, "permission denied"},
		{"to connect", func(p *Program) { p.Listen = true }, "connect", []string{l.Addr().String()}, refused},
		{"another way to a socket", nil, "io_uring", nil, refused},
		{"another process", nil, "signal", []string{strconv.Itoa(os.Getpid())}, refused},
		{"out of the session", func(p *Program) { p.Processes = 1 }, "leave", nil, refused},
		{"no variable", nil, "environment", nil, ""},
		{"a variable", func(p *Program) { p.Env = []string{"GIVEN=1"} }, "environment", nil, "GIVEN=1"},
		{"no descriptor", nil, "descriptors", nil, "<nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := program(tt.what, tt.args...)
			p.Write = []string{scratch}
			if tt.change != nil {
				tt.change(&p)
			}
			got, err := do(t, p)
			if good := tt.want == "<nil>"; good != (err == nil) || tt.want == "" && got != "" || !strings.HasSuffix(got, tt.want) {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// TestProgramTakes: what a program may take has an end, and who goes beyond is told
// so, or ended.
func TestProgramTakes(t *testing.T) {
	for _, tt := range []struct {
		what  string
		args  []string
		bound string // that ended it; "": it is told
		said  string
	}{
		{"eat", []string{"200"}, "", "cannot allocate memory"},
		{"eat together", []string{"60"}, "256 MiB of memory", ""},
		{"spin", nil, "1s of processor time", ""},
		{"fork without end", nil, "20 processes", ""},
		{"fill", nil, "1 MiB in a file", "file too large"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			if tt.what == "fork without end" {
				g := newTaskGroup(1)
				if g == nil {
					t.Skip("no control group can be made here: what forks is only counted, and could fill the machine meanwhile")
				}
				g.remove()
			}
			scratch := t.TempDir()
			p := program(tt.what, tt.args...)
			p.Write, p.Memory, p.CPU, p.FileSize = []string{scratch}, 256<<20, time.Second, 1<<20
			if tt.what == "fork without end" {
				p.CPU = 0 // which it would take to fail at forking
			}
			if tt.what == "fill" {
				p.Args = append(p.Args, filepath.Join(scratch, "full"))
			}
			said, err := do(t, p)
			var over *Exceeded
			if errors.As(err, &over) != (tt.bound != "") || over != nil && over.Bound != tt.bound || err == nil || !strings.HasSuffix(said, tt.said) {
				t.Errorf("%q, %v", said, err)
			}
		})
	}
}

// TestProgramIsEnded: when its time is over a program ends with all that it
// started, and when it ends by itself nothing of it stays.
func TestProgramIsEnded(t *testing.T) {
	for _, what := range []string{"wait", "wait with a child"} {
		ctx, cancel := context.WithCancel(t.Context())
		cmd := Command(ctx, program(what))
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "waiting\n" {
			t.Errorf("%s: %q %v", what, line, err)
		}
		cancel()
		end, err := io.ReadAll(out) // which ends when nobody holds the other end
		if len(end) > 0 || err != nil {
			t.Errorf("%s: %q %v", what, end, err)
		}
		if err := cmd.Wait(); err == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if said, err := do(t, program("leave a child")); err != nil { // Run waits for the pipe's end
		t.Errorf("%q, %v", said, err)
	}
}

// TestProgramEndsWithParent: kill -9 of who started it ends a program and what it
// started.
func TestProgramEndsWithParent(t *testing.T) {
	for _, what := range []string{"wait", "wait with a child"} {
		cmd := exec.Command(self(), parentArg, what)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "waiting\n" {
			t.Errorf("%s: %q %v", what, line, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if end, err := io.ReadAll(out); len(end) > 0 || err != nil { // nobody is left who holds it
			t.Errorf("%s: %q %v", what, end, err)
		}
		_ = cmd.Wait() // it was killed
	}
}

// TestProgramSeen: what the kernel says of a program behind walls.
func TestProgramSeen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd := Command(ctx, program("wait"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	is := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		is[name] = strings.TrimSpace(value)
	}
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		caps, err := strconv.ParseUint(is[set], 16, 64)
		if err != nil || caps&^(1<<unix.CAP_DAC_READ_SEARCH) != 0 {
			t.Errorf("%s is %s", set, is[set])
		}
	}
	if is["NoNewPrivs"] != "1" || is["Seccomp"] != "2" {
		t.Errorf("NoNewPrivs %s, Seccomp %s", is["NoNewPrivs"], is["Seccomp"])
	}
	for _, kind := range []string{"net", "ipc"} {
		ours, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			t.Fatal(err)
		}
		its, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", cmd.Process.Pid, kind))
		if err != nil || haveNamespaces() && its == ours {
			t.Errorf("%s is %s, %v", kind, its, err)
		}
	}
}

// TestProgramDoesNotStart: why, is said.
func TestProgramDoesNotStart(t *testing.T) {
	p := program("nothing")
	p.Path = filepath.Join(t.TempDir(), "none")
	for _, p.Processes = range []int{0, 1} {
		if err := Command(t.Context(), p).Run(); err == nil || !strings.HasSuffix(err.Error(), "no such file or directory") {
			t.Errorf("%v", err)
		}
	}
	over, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	if err := Command(over, program("wait")).Run(); err == nil {
		t.Error("it ran when its time was over")
	}
	walls, err := ProgramWalls(t.Context())
	if err != nil || len(walls) != 4 {
		t.Errorf("%v %v", walls, err)
	}
}
