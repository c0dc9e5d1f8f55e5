package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/rundir"
	"github.com/assay-dev/assay/trainer/trlrun"
)

// TestTrainTRL trains a tiny random model with the real trainer. It runs when
// ASSAY_TRL is 1; ASSAY_TRL_PYTHON says whose Python, or .trl has it.
func TestTrainTRL(t *testing.T) {
	if os.Getenv("ASSAY_TRL") != "1" {
		t.Skip("ASSAY_TRL is not 1")
	}
	python := os.Getenv("ASSAY_TRL_PYTHON")
	if python == "" {
		python = filepath.Join(tree, trlrun.DefaultPython())
	}
	source, err := filepath.Abs(filepath.Join(tree, "trainer", "trl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", source+string(os.PathListSeparator)+filepath.Join(source, "tests"))
	t.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	dir := t.TempDir()
	model, out, pairs := filepath.Join(dir, "model"), filepath.Join(dir, "out"), filepath.Join(dir, "pairs.jsonl")
	if said, err := exec.Command(python, "-c", "import sys, tiny\ntiny.save_model(sys.argv[1])", model).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	var rows bytes.Buffer
	for i := range 9 { // fewer than held_out makes a pair of
		p, err := trainer.NewPair(fmt.Sprint(i), "Add.\n", fmt.Sprintf("def f(a):\n    return a + %d\n", i), fmt.Sprintf("def f(a):\n    return a - %d\n", i))
		if err == nil {
			err = trainer.WritePair(&rows, p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(pairs, rows.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	command := []string{"train", "--pairs", pairs, "--model", model, "--python", python, "--json", "--set", "batch_size=4", "--set", "micro_batch_size=2", "--set", "learning_rate=1e-3"}
	var plan struct{ Steps int }
	trainJSON(t, &plan, append(command, "--dry-run"))
	var report rundir.Report
	trainJSON(t, &report, append(command, "--out", out))
	first, last := report.Metrics.First, report.Metrics.Last
	switch {
	case report.Result.Step != plan.Steps || report.Result.Pairs != 9:
		t.Errorf("%d steps on %d pairs, planned %d on 9", report.Result.Step, report.Result.Pairs, plan.Steps)
	case math.Abs(first["dpo_loss"]-math.Ln2) > 1e-5:
		t.Errorf("dpo_loss begins at %v, not ln 2", first["dpo_loss"])
	case !(last["rewards/margins"] > 0):
		t.Errorf("margins end at %v", last["rewards/margins"])
	case report.Result.RejectedInMask <= 0 || report.Result.RejectedInMask >= float64(report.Result.RejectedTokens):
		t.Errorf("%v of %d rejected tokens are in the mask", report.Result.RejectedInMask, report.Result.RejectedTokens)
	}
	if _, err := os.Stat(filepath.Join(out, "checkpoint", "model.safetensors")); err != nil {
		t.Error(err)
	}
	// Started by accelerate it takes the same steps. Without a GPU and MPI that is
	// one process too.
	launch := filepath.Join(dir, "cpu.yaml")
	if err := os.WriteFile(launch, []byte(accelerateCPU), 0o644); err != nil {
		t.Fatal(err)
	}
	var launched rundir.Report
	trainJSON(t, &launched, append(command, "--out", filepath.Join(dir, "launched"), "--accelerate", launch))
	if launched.Result.Step != plan.Steps || launched.Metrics.First["loss"] != first["loss"] {
		t.Errorf("by accelerate: %d steps, the first loss %v; without: %d, %v", launched.Result.Step, launched.Metrics.First["loss"], plan.Steps, first["loss"])
	}
	s := contract.TrainerSubject{Trainer: trlrun.Trainer{Python: python}, Settings: trainer.Paper(), Dir: t.TempDir(), Patience: 10 * time.Minute}
	s.Settings.Model = model
	if err := contracttest.Failed(contract.RunTrainer(t.Context(), s)); err != nil {
		t.Error(err)
	}
}

// accelerateCPU is a config file of accelerate's for a machine without GPUs.
const accelerateCPU = `compute_environment: LOCAL_MACHINE
distributed_type: 'NO'
mixed_precision: 'no'
num_machines: 1
num_processes: 1
use_cpu: true
`

func trainJSON(t *testing.T, into any, args []string) {
	t.Helper()
	cmd := exec.Command("assay", args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
}
