package pairs

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/harness/codeflow"
	"assay/runtimes/python/pythontest"
	"assay/trainer"
	"assay/trainer/mask"
	"assay/trainer/objective"
)

// TestIndependent: every count and every row, as a program computes them that
// shares nothing with ours, with CPython's ast in the guest on one side and
// natively on the other.
func TestIndependent(t *testing.T) {
	native, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("not held to testdata/independent.py: no python3 on this machine")
	}
	dir := writeTraces(t, manyTraces(350)...)
	rt := pythontest.Open(t)
	for _, pick := range []Pick{Random, First, Last, Closest} {
		cfg := configFor(t, dir)
		cfg.Runtime, cfg.Pick, cfg.Seed = rt, pick, 7
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
		if diff := cmp.Diff(want.Counts, got); diff != "" {
			t.Errorf("%s: counts (-independent +ours):\n%s", pick, diff)
		}
		for name, n := range got {
			if n == 0 {
				t.Errorf("%s: %s counts nothing: the traces don't try it", pick, name)
			}
		}
		pairs := pairsIn(t, cfg.Out)
		if len(pairs) != len(want.Rows) {
			t.Fatalf("%s: %d rows, want %d", pick, len(pairs), len(want.Rows))
		}
		for i, p := range pairs {
			w := want.Rows[i]
			row, err := Find(cfg.Out, i+1)
			if err != nil || row.RejectedIteration != w.RejectedIteration {
				t.Errorf("%s: %s is of iteration %d, want %d, %v", pick, p.ID, row.RejectedIteration, w.RejectedIteration, err)
			}
			w.Version, w.Prompt = p.Version, p.Prompt
			if diff := cmp.Diff(w.Pair, p); diff != "" {
				t.Errorf("%s: row %d (-independent +ours):\n%s", pick, i, diff)
			}
		}
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
