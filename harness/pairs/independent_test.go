package pairs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/runtimes/python/pythontest"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"
)

// TestIndependent: every count and every row, as a program computes them that
// shares nothing with ours, with CPython's ast in the guest on one side and
// natively on the other.
func TestIndependent(t *testing.T) {
	for _, pick := range []Pick{Random, First, Last, Closest} {
		t.Run(string(pick), func(t *testing.T) {
			for name, n := range independent(t, pick, manyTraces(350)) {
				if n == 0 {
					t.Errorf("%s counts nothing: the traces don't try it", name)
				}
			}
		})
	}
	t.Run("published", func(t *testing.T) { independent(t, Random, publishedTraces(t)) })
}

// independent holds our pairs to the program's, and gives the counts.
func independent(t *testing.T, pick Pick, traces []codeflow.Trace) map[string]int {
	t.Helper()
	native, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("not held to testdata/independent.py: no python3 on this machine")
	}
	dir := writeTraces(t, traces...)
	cfg := configFor(t, dir)
	cfg.Runtime, cfg.Pick, cfg.Seed = pythontest.Open(t), pick, 7
	card := made(t, cfg)
	options, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(native, filepath.Join("testdata", "independent.py"), filepath.Join(dir, codeflow.TracesName), string(options))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Counts map[string]int
		Rows   []struct {
			trainer.Pair
			RejectedIteration int `json:"rejected_iteration"`
		}
	}
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{
		"traces": card.Counts.Traces, "dropped": card.Counts.Dropped, "failed_held_out": card.Counts.HeldOut,
		"no_earlier_version": card.Counts.NoEarlier, "pairs": card.Counts.Pairs, "kept": card.Counts.Kept,
		"empty_rejected_spans": card.Counts.EmptyMask,
	}
	for _, f := range card.Counts.Filters {
		got[f.Name] = f.Dropped
	}
	t.Log(got)
	if diff := cmp.Diff(want.Counts, got); diff != "" {
		t.Errorf("counts (-independent +ours):\n%s", diff)
	}
	pairs := pairsIn(t, cfg.Out)
	if len(pairs) != len(want.Rows) {
		t.Fatalf("%d rows, want %d", len(pairs), len(want.Rows))
	}
	for i, p := range pairs {
		w := want.Rows[i]
		row, err := Find(cfg.Out, i+1)
		if err != nil || row.RejectedIteration != w.RejectedIteration {
			t.Errorf("%s is of iteration %d, want %d, %v", p.ID, row.RejectedIteration, w.RejectedIteration, err)
		}
		w.Version, w.Prompt = p.Version, p.Prompt
		if diff := cmp.Diff(w.Pair, p); diff != "" {
			t.Errorf("row %d (-independent +ours):\n%s", i, diff)
		}
	}
	return got
}

// publishedTraces end with the canonical programs of HumanEval+ and MBPP+, and
// begin with what Qwen2.5-Coder-7B wrote.
func publishedTraces(t *testing.T) []codeflow.Trace {
	t.Helper()
	var out []codeflow.Trace
	for suite, canonical := range map[string]string{"humaneval": "hep_canonical.jsonl", "mbpp": "mbppp_canonical.jsonl"} {
		right := programsIn(t, filepath.Join(testkit.Data(t), "samples", "canonical", canonical))
		for id, wrong := range programsIn(t, filepath.Join(testkit.Samples(t, suite), "generated.jsonl.gz")) {
			if right[id] != "" {
				out = append(out, way(id, wrong, right[id]))
			}
		}
	}
	slices.SortFunc(out, func(a, b codeflow.Trace) int { return strings.Compare(a.TaskID, b.TaskID) })
	if len(out) < 500 {
		t.Errorf("%d published programs", len(out))
	}
	return out
}

// programsIn reads samples by their task.
func programsIn(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := jsonl.NewReader(path, f, jsonl.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for {
		line, _, err := r.Next()
		if err == io.EOF {
			return out
		}
		var sample struct {
			TaskID               string `json:"task_id"`
			Solution, Completion string
		}
		if err := errors.Join(err, json.Unmarshal(line, &sample)); err != nil {
			t.Fatal(err)
		}
		out[sample.TaskID] = sample.Solution + sample.Completion
	}
}

// TestTrainersRead: a run of these pairs is read by the PyTorch trainer's own
// reader, which needs no PyTorch.
func TestTrainersRead(t *testing.T) {
	native, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("not read by assay_trl: no python3 on this machine")
	}
	cfg := configFor(t, writeTraces(t, manyTraces(150)...))
	n := made(t, cfg).Counts
	f, err := os.Open(cfg.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	source, err := trainer.NewPairReader(cfg.Out, f)
	if err != nil {
		t.Fatal(err)
	}
	method, err := objective.MethodNamed("target-rpo")
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(t.TempDir(), "run")
	r := trainer.Run{Assay: "test", Rule: mask.Overlap, Config: json.RawMessage(`{}`), Choice: trainer.Choice{Empty: trainer.Drop},
		Objective: objective.Objective{Method: method, Beta: 0.1, Alpha: 1, Norm: objective.PerBatch}}
	manifest, err := r.Write(run, source)
	if err != nil {
		t.Fatal(err)
	}
	if manifest.Counts.Pairs != n.Kept || manifest.Counts.Dropped != n.EmptyMask || n.EmptyMask == 0 {
		t.Errorf("manifest %+v of %+v", manifest.Counts, n)
	}
	cmd := exec.Command(native, "-c", "import sys; from assay_trl import rundir; print(len(rundir.read_pairs(sys.argv[1], rundir.read_manifest(sys.argv[1]))))", run)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join("..", "..", "trainer", "trl"), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var read int
	if err := json.Unmarshal(bytes.TrimSpace(out), &read); err != nil || read != manifest.Counts.Kept {
		t.Errorf("read %s, kept %d", out, manifest.Counts.Kept)
	}
}
