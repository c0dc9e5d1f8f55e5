package python

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/runtimes"
)

// contestProgram is a program of testdata/contest.txtar, with what CPython 3.11
// prints for it.
type contestProgram struct {
	name                  string
	source, stdin, stdout []byte
}

const contestFile = "testdata/contest.txtar"

func contestPrograms(t *testing.T) []contestProgram {
	t.Helper()
	archive, err := txtar.ParseFile(contestFile)
	if err != nil {
		t.Fatal(err)
	}
	var out []contestProgram
	for i := 0; i+3 <= len(archive.Files); i += 3 {
		f := archive.Files[i : i+3]
		name := filepath.Dir(f[0].Name)
		for j, part := range []string{"/solution.py", "/stdin", "/stdout"} {
			if f[j].Name != name+part {
				t.Fatalf("%s, want %s%s", f[j].Name, name, part)
			}
		}
		out = append(out, contestProgram{name, f[0].Data, f[1].Data, f[2].Data})
	}
	if len(out)*3 != len(archive.Files) {
		t.Fatal("a program without its output")
	}
	return out
}

// TestContest holds programs as contests have them to what CPython 3.11 prints.
func TestContest(t *testing.T) {
	r := openShared(t)
	for _, c := range contestPrograms(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, err := runMain(ctx, r, runtimes.Program{Source: string(c.source)}, nil, c.stdin, runtimes.Limits{LoadFuel: 20e9})
			if err != nil {
				t.Fatal(err)
			}
			raises := strings.HasSuffix(string(c.source), "1 / 0\n")
			if !bytes.Equal(out.Stdout, c.stdout) || raises != (out.Kind == runtimes.Exception) {
				t.Errorf("%s %s %+v\ngot:\n%s\nwant:\n%s\nstderr:\n%s", out.Kind, out.Detail, out.Exception, out.Stdout, c.stdout, out.Stderr)
			}
		})
	}
}

// TestContestNatively holds the archive to CPython 3.11; with -update it is written.
func TestContestNatively(t *testing.T) {
	python, err := exec.LookPath("python3.11")
	if err != nil {
		t.Skip("no python3.11 here")
	}
	archive := &txtar.Archive{Comment: []byte("Programs as contests have them: what each reads, and what CPython 3.11 prints.\n")}
	for _, c := range contestPrograms(t) {
		dir := t.TempDir()
		for name, data := range map[string][]byte{"solution.py": c.source, "stdin": c.stdin} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		stdin, err := os.Open(filepath.Join(dir, "stdin"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		cmd := exec.CommandContext(ctx, python, "solution.py")
		cmd.Dir, cmd.Stdin, cmd.Env = dir, stdin, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
		got, err := cmd.Output() // how it ends is said by what it prints
		cancel()
		_ = stdin.Close()
		if ctx.Err() == context.DeadlineExceeded || cmd.ProcessState == nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if *update {
			c.stdout = got
		} else if !bytes.Equal(got, c.stdout) {
			t.Errorf("%s: python3.11 prints\n%s\nwant\n%s", c.name, got, c.stdout)
		}
		archive.Files = append(archive.Files,
			txtar.File{Name: c.name + "/solution.py", Data: c.source},
			txtar.File{Name: c.name + "/stdin", Data: c.stdin},
			txtar.File{Name: c.name + "/stdout", Data: c.stdout})
	}
	if *update {
		if err := os.WriteFile(contestFile, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestThreads: what one stack can't do says so, and what never ends harms nobody.
func TestThreads(t *testing.T) {
	r := openShared(t)
	for _, c := range []struct{ name, source, stdout, message string }{
		{"takes turns", `
import threading
a, b = threading.Semaphore(1), threading.Semaphore(0)
def turns(own, other, word):
    for _ in range(3):
        own.acquire()
        print(word)
        other.release()
ts = [threading.Thread(target=turns, args=x) for x in ((a, b, "a"), (b, a, "b"))]
for t in ts: t.start()
for t in ts: t.join()
`, "a\nb\na\n", "deadlock: this thread waits for one that waits below it on the only stack there is"},
		{"waits for nobody", "import threading\nl = threading.Lock()\nl.acquire()\nprint(1)\nl.acquire()", "1\n",
			"deadlock: no thread is left that could end this wait"},
		{"is waited for at the end", "import threading\ne = threading.Event()\nthreading.Thread(target=e.wait).start()\nprint(1)", "1\n",
			"deadlock: no thread is left that could end this wait"},
		{"daemon that waits", "import threading\ne = threading.Event()\nthreading.Thread(target=e.wait, daemon=True).start()\nprint(1)", "1\n", ""},
		{"daemon that works for ever", "import threading\ndef f():\n while True: pass\nthreading.Thread(target=f, daemon=True).start()\nprint(1)", "1\n", ""},
		{"end is not in its way", "import sys, threading\nthreading._shutdown = sys.modules = sys.__stdout__ = None\nprint(1, file=sys.stdout)", "1\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, err := runMain(ctx, r, runtimes.Program{Source: c.source}, nil, nil, runtimes.Limits{LoadFuel: 5e9})
			if err != nil {
				t.Fatal(err)
			}
			message := ""
			if out.Exception != nil {
				message = out.Exception.Message
			}
			if string(out.Stdout) != c.stdout || message != c.message || (out.Kind == runtimes.OK) != (c.message == "") {
				t.Errorf("%s %s %q, %q, stderr %s", out.Kind, out.Detail, out.Stdout, message, out.Stderr)
			}
		})
	}
}

// TestExitFunctionsDecideNothing: how a program ended was decided before them,
// and where tests share the interpreter they don't run.
func TestExitFunctionsDecideNothing(t *testing.T) {
	r := openShared(t)
	const late = "import atexit, os, sys\natexit.register(sys.exit, 0)\natexit.register(print, 'late')\n"
	out, err := runMain(ctx, r, runtimes.Program{Source: late + "1 / 0"}, nil, nil, runtimes.Limits{})
	if err != nil || out.Kind != runtimes.Exception || out.Exception.Type != "ZeroDivisionError" || string(out.Stdout) != "late\n" {
		t.Errorf("%+v, %v", out, err)
	}
	out, err = runMain(ctx, r, runtimes.Program{Source: late + "sys.exit(3)"}, nil, nil, runtimes.Limits{})
	if err != nil || out.Kind != runtimes.OK || out.Detail != "3" || string(out.Stdout) != "late\n" {
		t.Errorf("%+v, %v", out, err)
	}
	script := runtimes.Script{Test: "assert f() == 2", Entry: "f"}
	out, err = runShared(ctx, r, runtimes.Program{Source: late + "atexit.register(os._exit, 0)\ndef f(): return 1", Entry: "f"}, script, runtimes.Limits{})
	if err != nil || out.Kind != runtimes.Exception || out.Exception.Type != "AssertionError" || len(out.Stdout) > 0 {
		t.Errorf("%+v, %v", out, err)
	}
}
