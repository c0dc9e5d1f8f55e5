package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestWallsAroundEveryGuest: what runs a module or a compiled program is a
// process behind every wall that Python's has, read from /proc while the guest
// computes.
func TestWallsAroundEveryGuest(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	programs := map[string]string{
		"module": write("spin.wasm", string(wasmtest.Wat(`(func (export "_start") (loop (br 0)))`))),
		"go":     write("spin.go", "package main\n\nfunc main() {\n\tfor {\n\t}\n}\n"),
	}
	if os.Getenv("ASSAY_WHEEL") != "" || os.Getenv("ASSAY_REQUIRE") != "" {
		programs["python"] = write("spin.py", "while True:\n    pass\n")
	}
	if _, err := exec.LookPath("go"); err != nil {
		delete(programs, "go")
	}
	want := []string{"NoNewPrivs:\t1", "Seccomp:\t2", "Max core file size        0", "Max file size             0"}
	for name, path := range programs {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("assay", "run", "--quiet", "--fuel", "1e18", path)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait() // it was killed
			}()
			var seen string
			for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				if seen = ofWorker(cmd.Process.Pid); hasAll(seen, want) {
					return
				}
			}
			t.Errorf("no worker process with %q; the last one seen:\n%s", want, seen)
		})
	}
}

// ofWorker is what /proc says of a command's worker process.
func ofWorker(parent int) string {
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", parent))
	all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, path := range all {
		more, _ := os.ReadFile(path)
		children = append(append(children, ' '), more...)
	}
	for _, pid := range strings.Fields(string(children)) {
		line, _ := os.ReadFile("/proc/" + pid + "/cmdline")
		if !strings.Contains(string(line), workerCommand) {
			continue
		}
		status, _ := os.ReadFile("/proc/" + pid + "/status")
		limits, _ := os.ReadFile("/proc/" + pid + "/limits")
		return string(status) + string(limits)
	}
	return ""
}

func hasAll(text string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}
