package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/cache"
)

// trials is how many runs TestKilled kills: ASSAY_FAULTS, which make faults
// sets, or a few.
func trials(t *testing.T) int {
	asked := os.Getenv("ASSAY_FAULTS")
	if asked == "" {
		return 6
	}
	n, err := strconv.Atoi(asked)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// victims of kill -9.
const (
	killEngine = iota // the run goes on by itself
	killRun           // and is resumed
	killBoth
	victims
)

// TestKilled kills runs, or the process that runs their programs, at random
// moments: every run ends with the same bytes, resumed or not.
func TestKilled(t *testing.T) {
	shared, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := installPython(shared); err != nil {
		t.Skip("the Python runtime can't be had: ", err)
	}
	whole := trial{t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(1, 2))}
	if _, err := whole.eval(nil); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := whole.eval(nil, "--force"); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	resumed := 0
	for n := range trials(t) {
		tr := trial{t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(7, uint64(n)))}
		kill := tr.killer(n%victims, took)
		said, err := tr.eval(kill)
		if n%victims == killEngine && err != nil {
			t.Errorf("trial %d: the worker process was killed, and the run failed: %v\n%s", n, err, said)
		}
		if err != nil {
			resumed++
			if said, err = tr.eval(nil, "--resume"); err != nil {
				t.Errorf("trial %d: resuming: %v\n%s", n, err, said)
			}
		}
		for _, name := range []string{"results.jsonl", "summary.json", "eval_results.json"} {
			if !bytes.Equal(tr.read(name), whole.read(name)) {
				t.Errorf("trial %d: %s differs\n%s", n, name, said)
			}
		}
	}
	t.Logf("%d trials, %d of them resumed", trials(t), resumed)
}

// trial is one run.
type trial struct {
	t      *testing.T
	dir    string
	env    []string
	random *rand.Rand
}

func (tr trial) read(name string) []byte {
	tr.t.Helper()
	data, err := os.ReadFile(filepath.Join(tr.dir, name))
	if err != nil {
		tr.t.Fatal(err)
	}
	return data
}

// killing is what kills a run, or what runs its programs, as it says its lines.
type killing func(run *os.Process, lines <-chan string)

// eval judges starter's examples.
func (tr trial) eval(kill killing, flags ...string) (string, error) {
	tr.t.Helper()
	args := []string{"eval", "starter", "--samples", "examples", "--out", tr.dir, "--fresh", "--fuel-floor", "2e8", "--workers", "2"}
	return tr.assay(kill, append(args, flags...)...)
}

// assay runs the command, with kill beside it, and gives what it says.
func (tr trial) assay(kill killing, args ...string) (string, error) {
	tr.t.Helper()
	cmd := exec.Command("assay", args...)
	cmd.Env = append(os.Environ(), tr.env...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tr.t.Fatal(err)
	}
	lines, done := make(chan string, 1000), make(chan struct{})
	go func() {
		defer close(done)
		if kill != nil {
			kill(cmd.Process, lines)
		}
	}()
	said := listen(stderr, lines)
	<-done
	return said, cmd.Wait()
}

// listen gives all that is said, and each line as it comes.
func listen(r io.Reader, lines chan<- string) string {
	defer close(lines)
	var said strings.Builder
	for s := bufio.NewScanner(r); s.Scan(); {
		fmt.Fprintln(&said, s.Text())
		select {
		case lines <- s.Text():
		default: // nobody listens
		}
	}
	return said.String()
}

// killer kills after a random part of what a whole run takes, or, every other
// time, shortly after a random tenth of the work was done.
func (tr trial) killer(victim int, took time.Duration) killing {
	tenth := -1
	wait := time.Duration(tr.random.Int64N(int64(took)))
	if tr.random.IntN(2) == 0 {
		tenth, wait = tr.random.IntN(10), time.Duration(tr.random.Int64N(int64(20*time.Millisecond)))
	}
	return func(run *os.Process, lines <-chan string) {
		for line := range lines {
			if strings.HasPrefix(line, "judged ") || strings.HasPrefix(line, "traced ") {
				tenth--
			}
			if tenth < 0 {
				break
			}
		}
		time.Sleep(wait)
		if victim != killRun {
			for _, child := range children(run.Pid) {
				_ = syscall.Kill(child, syscall.SIGKILL) // it may be gone
			}
		}
		if victim != killEngine {
			_ = run.Kill()
		}
	}
}

// children are the processes that a process has started.
func children(pid int) (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		data, _ := os.ReadFile(list) // the thread may be gone
		for _, field := range strings.Fields(string(data)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}
