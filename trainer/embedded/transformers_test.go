package embedded

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/trainer/embedded/llama"
)

const askTransformers = `
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
model, tokenizer = (kind.from_pretrained(sys.argv[1]) for kind in (AutoModelForCausalLM, AutoTokenizer))
ids = tokenizer(sys.argv[2], add_special_tokens=False).input_ids
with torch.no_grad():
    logits = model(torch.tensor([ids])).logits[0]
print(json.dumps({"ids": ids, "text": tokenizer.decode(ids), "end": tokenizer.eos_token_id, "logits": logits.flatten().tolist()}))
`

// TestTransformers: a model that was trained here has the same tokens and logits
// in transformers. It runs when ASSAY_TRL is 1; ASSAY_TRL_PYTHON says whose
// Python, or .trl has it.
func TestTransformers(t *testing.T) {
	if os.Getenv("ASSAY_TRL") != "1" {
		t.Skip("ASSAY_TRL is not 1")
	}
	python := os.Getenv("ASSAY_TRL_PYTHON")
	if python == "" {
		python = "../../.trl/bin/python"
	}
	run := filepath.Join(t.TempDir(), "run")
	trained(t, run, settings("sft", NewModel+"layers=3,width=48,heads=4,vocabulary=290"))
	dir := filepath.Join(run, checkpointDir)
	const text = "add a\ndef größe(x):\n    return x + 1\n" + tokenizer.End + "\t日本"
	cmd := exec.Command(python, "-c", askTransformers, dir, text)
	cmd.Env = append(os.Environ(), "HF_HUB_OFFLINE=1")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var theirs struct {
		IDs    []int32
		Text   string
		End    int
		Logits []float64
	}
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	w, err := llama.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	v, err := tokenizer.OpenVocabulary(dir, w.Config.End)
	if err != nil {
		t.Fatal(err)
	}
	found, err := v.Encode(text)
	if err != nil || !slices.Equal(ids(found), theirs.IDs) || theirs.Text != text || theirs.End != v.End {
		t.Fatalf("tokens %v, %v; theirs %v are %q", ids(found), err, theirs.IDs, theirs.Text)
	}
	g, err := llama.Forward(w, len(found))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	g.Batch.Add(ids(found), 1)
	if err := g.Run(); err != nil {
		t.Fatal(err)
	}
	ours := g.Logits()
	if len(ours) != len(theirs.Logits) {
		t.Fatalf("%d logits, theirs %d", len(ours), len(theirs.Logits))
	}
	worst := 0.0
	for i, x := range ours {
		worst = max(worst, math.Abs(float64(x)-theirs.Logits[i]))
	}
	t.Logf("%d logits, the worst is off by %.2g", len(ours), worst)
	if !(worst <= 1e-4) {
		t.Errorf("the worst logit is off by %v", worst)
	}
}
