//go:build unix

package judge

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// TestNatively runs programs here and on CPython 3.11, on the same inputs: what they
// return, print and raise is the same, but for what testdata/natively.tsv names, with
// the cause. ASSAY_SLOW=1 takes every canonical solution and every sample that is there.
func TestNatively(t *testing.T) {
	rt, _ := realRuntime(t)
	both := newNatively(t, rt)
	j := newJudge(t, Config{Runner: both, Python: "3.11", Fresh: true, Floor: nativeFuel})
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(workers)
	slow := os.Getenv("ASSAY_SLOW") != ""
	ran := map[string]bool{}
	judge := func(suite string, p *benchmarks.Problem, name, source string) {
		of := nativeOf{suite + "\t" + p.ID + "\t", name, p.Canonical}
		ran[of.key(source)] = true
		if p.Canonical != "" {
			ran[of.key(p.Canonical)] = true // it is run for the expected values
		}
		g.Go(func() error {
			_, err := j.Judge(context.WithValue(ctx, nativeOf{}, of), p, benchmarks.Sample{TaskID: p.ID, Solution: source})
			return err
		})
	}
	for _, file := range []string{"lcb-v1-public-tests.jsonl.gz", "lcb-v1-3-full-rows.jsonl.gz"} {
		for _, p := range lcbSuite(t, file).Problems {
			p.Canonical = "" // a row may have one that does nothing
			for i, c := range lcbPrograms {
				if c.id == p.ID && (slow || i%8 == 0) {
					judge("livecodebench", p, c.what, c.source)
				}
			}
		}
	}
	for _, p := range contestSuite(t).Problems {
		for i, c := range contestPrograms {
			if c.id == p.ID && (slow || i%8 == 0) {
				judge("codecontests", p, c.what, c.source)
			}
		}
	}
	for _, c := range []struct {
		spec, samples string
		step          int
	}{{"mbpp+@v0.1.0", "mbpp", 80}, {"humaneval+@v0.1.9", "humaneval", 40}} {
		theirs := readPublished(t, c.samples)
		for _, p := range realSuite(t, c.spec, c.step).Problems {
			for i, s := range theirs.Eval[p.ID] {
				judge(c.spec, p, fmt.Sprint("sample ", i), s.Solution)
			}
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	table, err := os.ReadFile("testdata/natively.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		cells := strings.Split(line, "\t")
		if len(cells) != 5 || cells[4] == "" {
			t.Fatalf("testdata/natively.tsv:%d: want suite, task, program, difference and cause: %q", i+2, line)
		}
		key := strings.Join(cells[:3], "\t")
		known[key] = true
		if ran[key] && both.found[key] != cells[3] {
			t.Errorf("testdata/natively.tsv:%d: %s: the difference is now %q, not %q", i+2, key, both.found[key], cells[3])
		}
	}
	for key, difference := range both.found {
		if !known[key] {
			t.Errorf("testdata/natively.tsv lacks\n%s\t%s\twhy?", key, difference)
		}
	}
	counts := map[string]int{}
	for key := range ran {
		suite, _, _ := strings.Cut(key, "\t")
		counts[suite]++
	}
	t.Logf("programs %v, %d jobs with %d results, %d programs that differ; %d ended at a library that this CPython lacks", counts, both.jobs, both.results, len(both.found), both.lacking)
}

// nativeOf is whose jobs they are.
type nativeOf struct{ task, name, canonical string }

func (of nativeOf) key(source string) string {
	if source == of.canonical {
		return of.task + "canonical"
	}
	return of.task + of.name
}

// natively runs jobs on a Runner, and notes what CPython says otherwise.
type natively struct {
	runtimes.Runner
	interpreter, dir string
	servers          chan server // those at rest

	mu                     sync.Mutex
	jobs, results, lacking int
	seen                   map[[32]byte]bool
	found                  map[string]string
}

func newNatively(t *testing.T, r runtimes.Runner) *natively {
	t.Helper()
	python, err := exec.LookPath("python3.11")
	if err != nil {
		t.Skip("no python3.11 on the PATH")
	}
	path, err := exec.Command(python, "-c", "import sys; print(sys.executable)").Output() // the PATH may have a script that looks for it
	if err != nil {
		t.Skipf("%s doesn't run: %v", python, err)
	}
	n := &natively{Runner: r, interpreter: strings.TrimSpace(string(path)), dir: t.TempDir(), servers: make(chan server, workers), seen: map[[32]byte]bool{}, found: map[string]string{}}
	args := []string{"testdata/natively.py", fmt.Sprint(nativeTime)}
	for _, name := range []string{"encode", "report", "turned", "meant", "modes"} {
		args = append(args, "../../runtimes/python/driver/"+name+".py")
	}
	for range workers {
		cmd := exec.Command(n.interpreter, args...)
		cmd.Env, cmd.Stderr = n.environment(), os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = in.Close()
			_ = cmd.Wait()
		})
		n.servers <- server{in, bufio.NewReader(out)}
	}
	return n
}

// server is a natively.py: folders of jobs in, statuses out.
type server struct {
	in  io.Writer
	out *bufio.Reader
}

func (n *natively) environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + n.dir, "PYTHONHASHSEED=0", "PYTHONIOENCODING=utf-8"}
}

// A program that loops ends at nativeFuel for a call here, and at nativeTime of the
// processor natively. Either is far more than any that ends.
const (
	nativeFuel = 10e9
	nativeTime = 20
	nativeWall = 5 * time.Minute // for one that waits
)

func (n *natively) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	var ours []gave
	var part value.List
	on := true
	out, err := n.Runner.Run(ctx, job, func(r runtimes.Result) bool {
		v, err := value.DecodeFrame(value.NewMeter(ctx, 1<<30), r.Raw, r.Tagged, 1<<26, 1<<22, 1000)
		list, _ := v.(value.List)
		switch {
		case err != nil || r.Long > 0:
			ours = append(ours, gave{text: "a value that is not read"})
		case r.More:
			part = append(part, list...)
		case part != nil:
			ours, part = append(ours, result(append(part, list...))), nil
		default:
			ours = append(ours, result(v))
		}
		on = on && emit(r)
		return true // what comes after a wrong answer is compared too
	})
	if err != nil || job.Mode != runtimes.ModeCases && job.Mode != runtimes.ModeMain {
		return out, err
	}
	if job.Mode == runtimes.ModeMain {
		ours = []gave{{text: fmt.Sprintf("%q", out.Stdout)}}
	}
	ours = append(ours, end(out))
	id := sha256.Sum256(fmt.Append(nil, job.Mode, job.Program, job.Inputs, job.Stdin))
	n.mu.Lock()
	again := n.seen[id]
	n.seen[id] = true
	n.mu.Unlock()
	if again { // expected values are worked out once, and a sample may be the canonical solution
		return out, nil
	}
	theirs, err := n.native(ctx, job)
	if err != nil {
		return out, err
	}
	of, _ := ctx.Value(nativeOf{}).(nativeOf)
	key := of.key(job.Program.Source)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.jobs++
	n.results += len(ours)
	for i := range ours {
		their := gave{text: "nothing"}
		if i < len(theirs) {
			their = theirs[i]
		}
		if ours[i].same(their) {
			continue
		}
		if strings.HasSuffix(their.text, " ModuleNotFoundError") {
			n.lacking++
		} else if d := differ(ours[i].text, their.text); n.found[key] == "" || d < n.found[key] { // of several jobs, whichever is done first
			n.found[key] = d
		}
		break
	}
	return out, nil
}

// differ shows two texts from where they part.
func differ(ours, theirs string) string {
	at := 0
	for at < min(len(ours), len(theirs)) && ours[at] == theirs[at] {
		at++
	}
	cut := func(s string) string {
		return strings.ToValidUTF8(s[max(0, at-20):min(len(s), at+30)], "")
	}
	return strings.NewReplacer("\t", " ", "\n", " ").Replace(cut(ours) + " | " + cut(theirs))
}

// gave is a result, or how a program ended, where v is nil.
type gave struct {
	text string
	v    value.Value
}

func result(v value.Value) gave { return gave{value.Repr(v, 1<<28), v} }

// same says whether two results are: in every bit, but for the order of what has none.
func (g gave) same(other gave) bool {
	if g.text == other.text || g.v == nil || other.v == nil {
		return g.text == other.text
	}
	equal, err := value.Equal(value.NewMeter(context.Background(), 1<<30), g.v, other.v)
	return err == nil && equal && slices.Equal(atoms(g.text), atoms(other.text))
}

func atoms(repr string) []string {
	out := strings.FieldsFunc(repr, func(r rune) bool { return strings.ContainsRune("{}[](), ", r) })
	slices.Sort(out)
	return out
}

const (
	endsLate = "takes too long"
	endsFull = "takes too much memory"
)

// end is how a program ended, in the words that both have.
func end(o runtimes.Outcome) gave {
	switch o.Kind {
	case runtimes.OK:
		return gave{text: "ends with " + o.Detail}
	case runtimes.OutOfFuel:
		return gave{text: endsLate}
	case runtimes.OutOfMemory:
		return gave{text: endsFull}
	case runtimes.Exception, runtimes.SyntaxError:
		return raises(o.Exception.Type)
	}
	return gave{text: "ends with " + string(o.Kind)}
}

func raises(exception string) gave {
	if exception == "MemoryError" {
		return gave{text: endsFull}
	}
	return gave{text: "raises " + exception}
}

// raised is the line of a traceback that names the exception.
var raised = regexp.MustCompile(`(?m)^([A-Za-z_][\w.]*)(: .*)?$`)

// native runs a job on CPython. What it gives is as ours.
func (n *natively) native(ctx context.Context, job *runtimes.Job) ([]gave, error) {
	dir, err := os.MkdirTemp(n.dir, "job")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source := job.Program.Source
	if job.Program.Before != "" || job.Program.After != "" {
		source = job.Program.Before + source + "\n\n" + job.Program.After
	}
	if job.Mode == runtimes.ModeMain {
		if err := os.WriteFile(filepath.Join(dir, "solution.py"), []byte(source), 0o600); err != nil {
			return nil, err
		}
		out, ended, err := n.python(ctx, dir, job.Stdin, "solution.py")
		return []gave{{text: fmt.Sprintf("%q", out)}, ended}, err
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
	server := <-n.servers
	defer func() { n.servers <- server }()
	var status syscall.WaitStatus
	if _, err := fmt.Fprintln(server.in, dir); err != nil {
		return nil, err
	}
	if _, err := fmt.Fscanln(server.out, &status); err != nil {
		return nil, fmt.Errorf("natively.py: %w", err)
	}
	return readNative(filepath.Join(dir, "out"), status)
}

// python runs CPython in dir, held to time and memory.
func (n *natively) python(ctx context.Context, dir string, stdin []byte, args ...string) (stdout []byte, ended gave, err error) {
	ctx, cancel := context.WithTimeout(ctx, nativeWall)
	defer cancel()
	limits := fmt.Sprintf(`ulimit -t %d; ulimit -v 4194304; exec "$@"`, nativeTime)
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", limits, "sh", n.interpreter}, args...)...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	cmd.Env = n.environment()
	var said bytes.Buffer
	cmd.Stderr = &said
	stdout, err = cmd.Output()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, gave{}, context.Cause(ctx)
	case err == nil:
		return stdout, gave{text: "ends with 0"}, nil
	case !errors.As(err, &exit):
		return nil, gave{}, err
	}
	if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
		return stdout, killed(status), nil
	}
	if at := strings.LastIndex(said.String(), "\n  File "); exit.ExitCode() == 1 && (at >= 0 || strings.HasPrefix(said.String(), "  File ")) {
		if m := raised.FindStringSubmatch(said.String()[at+1:]); m != nil {
			return stdout, raises(m[1]), nil
		}
	}
	return stdout, gave{text: fmt.Sprint("ends with ", exit.ExitCode())}, nil
}

// killed is how a program ended by a signal.
func killed(status syscall.WaitStatus) gave {
	if status.Signal() == syscall.SIGKILL || status.Signal() == syscall.SIGXCPU {
		return gave{text: endsLate}
	}
	return gave{text: "ends with " + status.Signal().String()}
}

// readNative reads what natively.py wrote until it ended.
func readNative(path string, status syscall.WaitStatus) ([]gave, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []gave
	var part value.List
	for len(raw) > 8 {
		size := binary.LittleEndian.Uint64(raw)
		if size > uint64(len(raw)-8) {
			break // it was ended there
		}
		f, err := value.Decode(raw[8:8+size], value.Bounds{Bytes: 1 << 28, Nodes: 1 << 24})
		if err != nil {
			return nil, err
		}
		raw = raw[8+size:]
		frame := f.(value.Tuple)
		word, body := string(frame[0].(value.Str)), frame[1]
		switch word {
		case "tagged", "tagged part":
			again, err := value.AppendMarshal(nil, body)
			if err != nil {
				return nil, err
			}
			v, err := value.DecodeFrame(value.NewMeter(context.Background(), 1<<30), again, true, 1<<26, 1<<22, 1000)
			list, _ := v.(value.List)
			switch {
			case err != nil:
				out = append(out, gave{text: "a value that is not read"})
			case word == "tagged part":
				part = append(part, list...)
			case part != nil:
				out, part = append(out, result(append(part, list...))), nil
			default:
				out = append(out, result(v))
			}
		case "raised", "memory", "syntax":
			return append(out, raises(string(body.(value.Tuple)[0].(value.Str)))), nil
		case "ended":
			return append(out, gave{text: "ends with no_result"}), nil
		case "refused":
			return append(out, gave{text: "ends with bad_value"}), nil
		case "done":
			return append(out, gave{text: "ends with "}), nil
		}
	}
	if status.Signaled() {
		return append(out, killed(status)), nil
	}
	return append(out, gave{text: "ends with no_result"}), nil // it left
}
