package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// nativeDifferences are the programs that CPython 3.11 runs otherwise, by suite, task
// and program, and why.
var nativeDifferences = map[string]string{}

// TestNatively runs programs here and on CPython 3.11, on the same inputs: what they
// return, print and raise is the same, but for what the table names. ASSAY_SLOW=1 takes
// every canonical solution and every sample.
func TestNatively(t *testing.T) {
	interpreter, err := exec.LookPath("python3.11")
	if err != nil {
		t.Skip("no python3.11 here")
	}
	rt, _ := realRuntime(t)
	both := &natively{Runner: rt, interpreter: interpreter, dir: t.TempDir(), found: map[string]string{}}
	j := newJudge(t, Config{Runner: both, Python: "3.11", Fresh: true, Floor: 20e9})
	type sample struct {
		name     string
		problem  *benchmarks.Problem
		solution string
	}
	var samples []sample
	for _, c := range []struct {
		spec, samples string
		step          int
	}{{"humaneval+@v0.1.9", "humaneval", 40}, {"mbpp+@v0.1.0", "mbpp", 80}} {
		theirs := readPublished(t, c.samples)
		for _, p := range realSuite(t, c.spec, c.step).Problems {
			samples = append(samples, sample{c.spec + " " + p.ID + " canonical", p, p.Canonical})
			for i, s := range theirs.Eval[p.ID] {
				samples = append(samples, sample{fmt.Sprint(c.spec, " ", p.ID, " sample ", i), p, s.Solution})
			}
		}
	}
	lcb := lcbSuite(t, "lcb-v1-public-tests.jsonl.gz")
	for _, p := range lcb.Problems {
		for i, c := range lcbPrograms {
			if c.id == p.ID {
				samples = append(samples, sample{fmt.Sprint("livecodebench ", p.ID, " program ", i), p, c.source})
			}
		}
	}
	for _, p := range contestSuite(t).Problems {
		for i, c := range contestPrograms {
			if c.id == p.ID {
				samples = append(samples, sample{fmt.Sprint("codecontests ", p.ID, " program ", i), p, c.source})
			}
		}
	}
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(workers)
	for _, s := range samples {
		g.Go(func() error {
			ctx := context.WithValue(ctx, nativeKey{}, s.name)
			_, err := j.Judge(ctx, s.problem, benchmarks.Sample{TaskID: s.problem.ID, Solution: s.solution})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for name, difference := range both.found {
		if nativeDifferences[name] == "" {
			t.Errorf("%s: %s", name, difference)
		}
	}
	if os.Getenv("ASSAY_SLOW") != "" {
		for name, why := range nativeDifferences {
			if both.found[name] == "" {
				t.Errorf("%s is as natively now (%s)", name, why)
			}
		}
	}
	t.Logf("%d programs, %d jobs, %d that took too long natively or here, %d that differ between two runs of CPython", len(samples), both.jobs, both.long, both.chance)
}

type nativeKey struct{}

// natively runs jobs on a Runner, and notes what CPython says otherwise.
type natively struct {
	runtimes.Runner
	interpreter, dir string

	mu                 sync.Mutex
	jobs, long, chance int
	found              map[string]string
}

// nativeTime is how long a program may take natively.
const nativeTime = 40 * time.Second

func (n *natively) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	var ours []gave
	var part value.List
	stopped := false
	out, err := n.Runner.Run(ctx, job, func(r runtimes.Result) bool {
		v, err := value.DecodeFrame(value.NewMeter(ctx, 1<<30), r.Raw, r.Tagged, 1<<26, 1<<22, 1000)
		switch {
		case err != nil || r.Long > 0:
			ours = append(ours, gave{text: "unreadable"})
		case r.More:
			part = append(part, v.(value.List)...)
		case part != nil:
			ours, part = append(ours, result(append(part, v.(value.List)...))), nil
		default:
			ours = append(ours, result(v))
		}
		stopped = !emit(r)
		return !stopped
	})
	if err != nil || job.Mode != runtimes.ModeCases && job.Mode != runtimes.ModeMain {
		return out, err
	}
	if !stopped {
		ours = append(ours, end(out))
	}
	if job.Mode == runtimes.ModeMain {
		ours = []gave{{text: string(out.Stdout)}, end(out)}
	}
	name, _ := ctx.Value(nativeKey{}).(string)
	difference, fault := n.compare(ctx, job, ours, out)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.jobs++
	if difference != "" {
		n.found[name] = difference
	}
	return out, fault
}

// compare says how CPython differs; "" for not at all.
func (n *natively) compare(ctx context.Context, job *runtimes.Job, ours []gave, out runtimes.Outcome) (string, error) {
	theirs, err := n.native(ctx, job, "0")
	late := errors.Is(err, context.DeadlineExceeded)
	if late || out.Kind == runtimes.OutOfFuel || out.Kind == runtimes.OutOfMemory {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.long++
		return "", nil
	}
	if err != nil {
		return "", err
	}
	at := firstDifference(ours, theirs)
	if at < 0 || at < len(theirs) && theirs[at].text == "ends with ModuleNotFoundError" { // of a library that is here
		return "", nil
	}
	again, err := n.native(ctx, job, "7") // where hashes of texts are others
	if err != nil {
		return "", err
	}
	if firstDifference(theirs, again) >= 0 {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.chance++
		return "", nil
	}
	their := gave{text: "nothing"}
	if at < len(theirs) {
		their = theirs[at]
	}
	return fmt.Sprintf("result %d is %.300s, on CPython %.300s", at, ours[at].text, their.text), nil
}

// firstDifference is where b is not as a, which may be shorter; -1 for nowhere.
func firstDifference(a, b []gave) int {
	for i := range a {
		if i >= len(b) || !a[i].same(b[i]) {
			return i
		}
	}
	return -1
}

// gave is a result, or how a program ended; v is nil there.
type gave struct {
	text string
	v    value.Value
}

func result(v value.Value) gave { return gave{value.Repr(v, 1<<16), v} }

// same says whether two results are: sets have no order.
func (g gave) same(other gave) bool {
	if g.v == nil || other.v == nil {
		return g == other
	}
	equal, err := value.Equal(value.NewMeter(context.Background(), 1<<30), g.v, other.v)
	return equal && err == nil || g.text == other.text
}

// end is how a program ended, in the words that both have.
func end(o runtimes.Outcome) gave {
	switch o.Kind {
	case runtimes.OK:
		return gave{text: "ends well"}
	case runtimes.Exception, runtimes.SyntaxError:
		return gave{text: "ends with " + o.Exception.Type}
	}
	return gave{text: "ends with " + string(o.Kind)}
}

// native runs a job on CPython. What it gives is as ours.
func (n *natively) native(ctx context.Context, job *runtimes.Job, seed string) ([]gave, error) {
	dir, err := os.MkdirTemp(n.dir, "job")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, nativeTime)
	defer cancel()
	source := job.Program.Source
	if job.Program.Before != "" || job.Program.After != "" {
		source = job.Program.Before + source + "\n\n" + job.Program.After
	}
	run := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(ctx, n.interpreter, args...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(job.Stdin)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PYTHONHASHSEED=" + seed, "PYTHONIOENCODING=utf-8"}
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return nil, err
		}
		if err != nil && job.Mode == runtimes.ModeMain {
			lines := strings.Split(strings.TrimSpace(said.String()), "\n")
			raised, _, _ := strings.Cut(lines[len(lines)-1], ":")
			if strings.HasPrefix(said.String(), "Traceback") || strings.Contains(raised, "Error") {
				return append(out, []byte("\x00"+raised)...), nil
			}
		} else if err != nil {
			return nil, fmt.Errorf("%w: %s", err, said.Bytes())
		}
		return out, nil
	}
	if job.Mode == runtimes.ModeMain {
		if err := os.WriteFile(filepath.Join(dir, "solution.py"), []byte(source), 0o600); err != nil {
			return nil, err
		}
		out, err := run("solution.py")
		if err != nil {
			return nil, err
		}
		stdout, raised, failed := strings.Cut(string(out), "\x00")
		ended := gave{text: "ends well"}
		if failed {
			ended.text = "ends with " + raised
		}
		return []gave{{text: stdout}, ended}, nil
	}
	inputs := make(value.List, len(job.Inputs))
	for i, in := range job.Inputs {
		inputs[i] = value.Bytes(in.Args)
	}
	raw, err := value.AppendMarshal(nil, value.Tuple{value.Bytes(source), value.Str(job.Program.Entry), value.Bool(job.Program.Iterate), value.Small(job.Program.Part), inputs})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "job"), raw, 0o600); err != nil {
		return nil, err
	}
	args := []string{absolute("testdata/natively.py"), "job", "out"}
	for _, name := range []string{"encode", "report", "turned", "meant", "modes"} {
		args = append(args, absolute("../../runtimes/python/driver/"+name+".py"))
	}
	if _, err := run(args...); err != nil {
		return nil, err
	}
	return readNative(filepath.Join(dir, "out"))
}

func absolute(name string) string {
	path, err := filepath.Abs(name)
	if err != nil {
		panic(err)
	}
	return path
}

// readNative reads what natively.py wrote.
func readNative(path string) ([]gave, error) {
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) == 0 {
		return []gave{{text: "ends with no_result"}}, nil // it left
	}
	all, err := value.Decode(raw, value.Bounds{Bytes: 1 << 28, Nodes: 1 << 24, Depth: 1000})
	if err != nil {
		return nil, err
	}
	var out []gave
	var part value.List
	for _, f := range all.(value.List) {
		frame := f.(value.Tuple)
		word, body := string(frame[0].(value.Str)), frame[1]
		switch word {
		case "tagged", "tagged part":
			again, err := value.AppendMarshal(nil, body)
			if err != nil {
				return nil, err
			}
			v, err := value.DecodeFrame(value.NewMeter(context.Background(), 1<<30), again, true, 1<<28, 1<<24, 1000)
			list, _ := v.(value.List)
			switch {
			case err != nil:
				out = append(out, gave{text: "unreadable"})
			case word == "tagged part":
				part = append(part, list...)
			case part != nil:
				out, part = append(out, result(append(part, list...))), nil
			default:
				out = append(out, result(v))
			}
		case "raised", "memory", "syntax":
			return append(out, gave{text: "ends with " + string(body.(value.Tuple)[0].(value.Str))}), nil
		case "ended":
			return append(out, gave{text: "ends with no_result"}), nil
		case "refused":
			return append(out, gave{text: "ends with bad_value"}), nil
		}
	}
	return append(out, gave{text: "ends well"}), nil
}
