package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// cutoff runs a command and sends it a signal when it says that a sample was
// judged or answered, a trace finished or the second step trained; it has to end
// with a code (-1: by the signal itself). AGAIN is INT, and once more when the
// command says what it waits for:
//
//	cutoff INT|AGAIN|HUP|KILL CODE COMMAND ARGS...
func cutoff(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "AGAIN": os.Interrupt, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL}
	if neg || len(args) < 3 || signals[args[0]] == nil {
		ts.Fatalf("usage: cutoff INT|AGAIN|HUP|KILL CODE COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "ASSAY_CACHE", "ASSAY_WHEEL", "HOME", "ASSAY_TRL_PYTHON", "ASSAY_PLUGINS", "MOODY_KEY", "WORK"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	said := signalWhenJudged(cmd.Process, stderr, signals[args[0]], args[0] == "AGAIN")
	err = cmd.Wait()
	ts.Check(os.WriteFile(ts.MkAbs("said"), []byte(said), 0o644))
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d\n%s", got, want, said)
	}
}

// signalWhenJudged returns all that the process says.
func signalWhenJudged(p *os.Process, stderr io.Reader, s os.Signal, again bool) string {
	var said strings.Builder
	sent := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		word, rest, _ := strings.Cut(lines.Text(), " ")
		done := word == "judged" || word == "traced" || word == "answered" || word == "trained" && !strings.HasPrefix(rest, "1/")
		if !sent && done || again && word == "stopping:" {
			sent = true
			_ = p.Signal(s) // a process that is gone has another exit code
		}
	}
	return said.String()
}
