package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/cache"
)

// Signals that end a command, with the exit code of an interruption.
var endings = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// TestInterrupted sends signals to commands that read or judge, at random moments
// of what a whole one takes: each ends soon, leaves no process and no file in the
// temporary folder, and where it keeps what was done, the same command goes on and
// ends with the same bytes. ASSAY_FAULTS is how many moments of each command are
// tried.
func TestInterrupted(t *testing.T) {
	shared, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := installPython(shared); err != nil {
		t.Skip("the Python runtime can't be had: ", err)
	}
	moments, soon := 2, 30*time.Second // a loaded machine
	if os.Getenv("ASSAY_FAULTS") != "" {
		moments, soon = trials(t), 2*time.Second
	}
	work := t.TempDir()
	at := func(name string) string { return filepath.Join(work, name) }
	for name, text := range map[string]string{
		"spin.py":       "while True:\n    pass\n",
		"spin.go":       "package main\n\nimport \"net/http\"\n\nfunc main() {\n\t_ = http.StatusOK\n\tfor {\n\t}\n}\n",
		"answers.jsonl": `{"task_id": "Starter/0", "completion": "def ferry_trips(weights, limit):\n    return 0\n"}` + "\n",
	} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	eval := []string{"eval", "starter", "--samples", "examples", "--fresh", "--fuel-floor", "2e8", "--workers", "2", "--out"}
	flow := []string{"codeflow", "--suite", "starter", "--backend", "replay:answers.jsonl", "--only", "0", "--iterations", "0", "--out"}
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command("assay", args...)
		cmd.Dir = work
		cmd.Env = append(os.Environ(), "TMPDIR="+at("tmp"))
		return cmd
	}
	if err := os.Mkdir(at("tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{append(eval, "whole"), append(flow, "flow")} {
		if said, err := run(args...).CombinedOutput(); err != nil {
			t.Fatalf("%s\n%s", err, said)
		}
	}
	for _, c := range []struct {
		name  string
		args  []string
		keeps string        // the file that has the same bytes in the end, in the folder that args ends with
		whole string        // the folder of a whole run
		most  time.Duration // for commands without an end
	}{
		{"eval", eval, "results.jsonl", "whole", 0},
		{"codeflow", flow, "traces.jsonl", "flow", 0},
		{"verify", []string{"verify", "whole"}, "", "", 0},
		{"cost", []string{"cost", "whole"}, "", "", 0},
		{"errors", []string{"errors", "whole"}, "", "", 0},
		{"show", []string{"show", "whole", "Starter/3"}, "", "", 0},
		{"compare", []string{"compare", "whole", "whole"}, "", "", 0},
		{"report", []string{"report", "whole", "-o", "r.html"}, "", "", 0},
		{"a program", []string{"run", "spin.py", "--fuel", "1e15"}, "", "", 3 * time.Second},
		{"a program in Go", []string{"run", "spin.go", "--fuel", "1e15"}, "", "", 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			took, longest := c.most, time.Duration(0)
			random := rand.New(rand.NewPCG(3, uint64(len(c.name))))
			into := func() (args []string, dir string) {
				if c.keeps == "" {
					return c.args, ""
				}
				dir = t.TempDir()
				return append(c.args[:len(c.args):len(c.args)], dir), dir
			}
			if took == 0 {
				args, _ := into()
				start := time.Now()
				if said, err := run(args...).CombinedOutput(); err != nil {
					t.Fatalf("%s\n%s", err, said)
				}
				took = time.Since(start)
			}
			for n := range moments {
				args, dir := into()
				var said bytes.Buffer
				cmd := run(args...)
				cmd.Stderr = &said
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(random.Int64N(int64(took))))
				signal, start := endings[n%len(endings)], time.Now()
				_ = cmd.Process.Signal(signal) // it may have come to its end
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				select {
				case err = <-ended:
				case <-time.After(soon):
					_ = cmd.Process.Kill()
					t.Fatalf("%s: not ended %s after %s\n%s", args, soon, signal, said.String())
				}
				longest = max(longest, time.Since(start))
				// Before main has begun a signal ends a process by itself.
				if code := cmd.ProcessState.ExitCode(); err != nil && code != exitInterrupted && code != -1 {
					t.Errorf("%s: exit code %d after %s\n%s", args, code, signal, said.String())
				}
				if left, err := filepath.Glob(at("tmp/*")); err != nil || len(left) > 0 {
					t.Errorf("%s: left in the temporary folder after %s: %s %v", args, signal, left, err)
				}
				if c.keeps == "" {
					continue
				}
				if c.name == "eval" {
					args = append(args, "--resume")
				}
				if said, err := run(args...).CombinedOutput(); err != nil {
					t.Fatalf("%s: going on: %s\n%s", args, err, said)
				}
				if got, want := (trial{t: t, dir: dir}).read(c.keeps), (trial{t: t, dir: at(c.whole)}).read(c.keeps); !bytes.Equal(got, want) {
					t.Errorf("%s: %s differs", args, c.keeps)
				}
			}
			t.Logf("%d moments of %s: the longest took %s to end", moments, took.Round(time.Millisecond), longest.Round(time.Millisecond))
		})
	}
}
