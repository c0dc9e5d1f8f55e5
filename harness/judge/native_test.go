package judge

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// nativeRuntime runs programs on the machine's own Python: for the canonical
// solutions only, which are trusted.
type nativeRuntime struct {
	python  string
	encoder string // source of the driver's encoding
}

func newNativeRuntime(t *testing.T) nativeRuntime {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		testkit.Missing(t, "no Python to hold the sandbox against: %v", err)
	}
	encoder, err := os.ReadFile(filepath.Join("..", "..", "runtimes", "python", "driver", "encode.py"))
	if err != nil {
		t.Fatal(err)
	}
	return nativeRuntime{python: path, encoder: string(encoder)}
}

func (n nativeRuntime) Identity() string { return "native" }

func (n nativeRuntime) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(ctx, n.python, "-I", filepath.Join("testdata", "native.py"))
	in, err := cmd.StdinPipe()
	if err != nil {
		return runtimes.Outcome{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return runtimes.Outcome{}, err
	}
	if err := cmd.Start(); err != nil {
		return runtimes.Outcome{}, err
	}
	outcome, err := n.converse(in, bufio.NewReader(out), job, emit)
	in.Close()
	stop()
	_ = cmd.Wait() // its end says nothing that the conversation didn't
	return outcome, err
}

func (n nativeRuntime) converse(in io.Writer, out io.Reader, j *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	p := j.Program
	job, err := value.AppendMarshal(nil, value.Tuple{value.Str(n.encoder), value.Str(p.Source), value.Str(p.Entry), value.Bool(p.Iterate), value.Small(p.Part)})
	if err != nil {
		return runtimes.Outcome{}, err
	}
	if err := sendFrame(in, job); err != nil {
		return runtimes.Outcome{}, err
	}
	for i, input := range j.Inputs {
		if err := sendFrame(in, input.Args); err != nil {
			return runtimes.Outcome{}, err
		}
		for more := true; more; {
			var res runtimes.Result
			if res, err = receiveResult(out); err != nil {
				return runtimes.Outcome{}, fmt.Errorf("input %d: %w", i, err)
			}
			more = res.More
			res.Input = i
			if !emit(res) {
				return runtimes.Outcome{Kind: runtimes.OK}, nil
			}
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK}, nil
}

func sendFrame(w io.Writer, frame []byte) error {
	_, err := w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(frame))), frame...))
	return err
}

// receiveResult reads one frame: its length, a byte of flags, and the value.
func receiveResult(r io.Reader) (runtimes.Result, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return runtimes.Result{}, err
	}
	raw := make([]byte, binary.LittleEndian.Uint32(head[:]))
	if _, err := io.ReadFull(r, raw); err != nil {
		return runtimes.Result{}, err
	}
	if head[4]&4 != 0 {
		return runtimes.Result{}, errors.New(string(raw))
	}
	return runtimes.Result{Raw: raw, Tagged: head[4]&1 != 0, More: head[4]&2 != 0}, nil
}

var floatSum = map[string]string{"HumanEval/32": "sum() of floats is compensated since Python 3.12"}

// What the canonical solutions give in the sandbox equals what they give on the
// machine's own Python: passing says little by itself, because the expected
// values come from the same runs.
func TestExpectedValuesEqualNativePython(t *testing.T) {
	for _, c := range []struct {
		spec   string
		step   int
		differ map[string]string // task → why it may
	}{
		{spec: "humaneval+@mini", step: 16, differ: floatSum},
		{spec: "humaneval+", step: 25, differ: floatSum},
		{spec: "mbpp+", step: 40, differ: map[string]string{
			"Mbpp/590": "atan2 of another C library, in the last bit",
			"Mbpp/596": "sys.getsizeof, with pointers of 32 bits",
		}},
	} {
		t.Run(c.spec, func(t *testing.T) {
			native := newNativeRuntime(t)
			s := realSuite(t, c.spec, c.step)
			rt, store := realRuntime(t)
			sandbox := newJudge(t, Config{Runner: rt, Cache: store})
			for _, p := range s.Problems {
				prep, err := sandbox.prepare(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				exact := *p
				exact.Rule.Atol = 0
				var rec harness.Record
				j := newJudge(t, Config{Runner: native})
				if err := j.hold(t.Context(), cases{}, &trial{prepared: prep, config: &j.config, problem: &exact, solution: p.Canonical, rec: &rec}); err != nil {
					t.Errorf("%s: %v", p.ID, err)
					continue
				}
				if rec.Verdict != harness.Pass && c.differ[p.ID] == "" {
					t.Errorf("%s: %s", p.ID, shown(rec))
				}
			}
		})
	}
}
