package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// enoughTime is how long a test waits for what is there in no time, as a rule.
const enoughTime = time.Minute

// TestSignals: a command ends at SIGINT, SIGTERM and SIGHUP, whatever it is at, with
// all that it started, and soon; at SIGHUP only where that was not ignored already.
func TestSignals(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	work := map[string]string{"computes": write("spin.wasm", string(wasmtest.Wat(`(func (export "_start") (loop (br 0)))`)))}
	if _, err := exec.LookPath("go"); err == nil {
		var deep strings.Builder // which takes the compiler all the time that it has
		for i := range 2000 {
			fmt.Fprintf(&deep, "type i%[2]d interface { i%[1]d; m%[1]d() }\n", i, i+1)
		}
		work["compiles"] = write("deep.go", "package main\n\ntype i0 interface{ m() }\n"+deep.String()+"\nfunc main() { var x i2000; _ = x }\n")
	}
	for at, path := range work {
		for _, c := range []struct {
			name   string
			signal syscall.Signal
			nohup  bool
			ends   bool
		}{
			{"SIGINT", syscall.SIGINT, false, true},
			{"SIGTERM", syscall.SIGTERM, false, true},
			{"SIGHUP", syscall.SIGHUP, false, true},
			{"SIGHUP under nohup", syscall.SIGHUP, true, false},
			{"SIGKILL", syscall.SIGKILL, false, true},
		} {
			t.Run(at+", "+c.name, func(t *testing.T) {
				command := []string{"assay", "run", "--quiet", "--fuel", "1e18", path}
				if c.nohup {
					command = append([]string{"sh", "-c", `trap "" HUP; exec "$@"`, "sh"}, command...)
				}
				cmd := exec.Command(command[0], command[1:]...)
				temporary := t.TempDir()
				cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				ended := make(chan struct{})
				go func() { _ = cmd.Wait(); close(ended) }()
				defer func() { _ = cmd.Process.Kill() }()
				children := waitForWork(t, cmd.Process.Pid)
				begun := time.Now()
				if err := cmd.Process.Signal(c.signal); err != nil {
					t.Fatal(err)
				}
				if !c.ends {
					time.Sleep(100 * time.Millisecond) // in which it would end
					select {
					case <-ended:
						t.Error("it ended")
					default:
					}
					return
				}
				select {
				case <-ended:
				case <-time.After(enoughTime):
					t.Fatal("it goes on")
				}
				t.Logf("after %s", time.Since(begun).Round(time.Millisecond))
				if code := cmd.ProcessState.ExitCode(); code != exitInterrupted && c.signal != syscall.SIGKILL {
					t.Errorf("exit code %d", code)
				}
				for _, pid := range children {
					if !goneSoon(pid) {
						t.Errorf("process %d is left", pid)
					}
				}
				if c.signal == syscall.SIGKILL { // then the next one cleans up
					next := exec.Command("assay", "version")
					next.Env = cmd.Env
					if err := next.Run(); err != nil {
						t.Error(err)
					}
				}
				if left, err := os.ReadDir(temporary); len(left) > 0 || err != nil {
					t.Errorf("%v is left, %v", left, err)
				}
			})
		}
	}
}

// waitForWork waits until a command has a process that has used processor time, and
// returns its processes.
func waitForWork(t *testing.T, parent int) []int {
	t.Helper()
	for deadline := time.Now().Add(enoughTime); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		all := descendants(parent)
		for _, pid := range all {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
			if len(fields) < 12 {
				continue
			}
			if ticks, _ := strconv.Atoi(fields[11]); ticks > 20 {
				return all
			}
		}
	}
	t.Fatal("it does not begin to work")
	return nil
}

// descendants are the processes that a process started, and those that these did.
func descendants(pid int) (all []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range tasks {
		text, _ := os.ReadFile(path)
		for _, word := range strings.Fields(string(text)) {
			child, _ := strconv.Atoi(word)
			all = append(append(all, child), descendants(child)...)
		}
	}
	return all
}

// goneSoon says whether a process ends, or has.
func goneSoon(pid int) bool {
	for deadline := time.Now().Add(enoughTime); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(text), ") Z ") {
			return true
		}
	}
	return false
}
