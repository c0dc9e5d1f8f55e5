package backends

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/trainer/embedded/llama"
)

func embeddedOpen(t *testing.T) *embeddedBackend {
	t.Helper()
	dir := t.TempDir()
	v, err := tokenizer.OfCorpus(nil, tokenizer.LeastVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	c, err := llama.Small(v.Size, v.End, 1, 16, 2, 64)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(llama.Save(llama.New[float32](c, 3), dir), v.Write(dir)); err != nil {
		t.Fatal(err)
	}
	b, err := newEmbedded(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var embeddedRequest = model.Request{Task: "T/1", N: 1, Model: "m", Temperature: 0.8, Prompt: "def f():\n", MaxTokens: 12}

func TestEmbeddedContract(t *testing.T) {
	if err := contracttest.Failed(contract.Run(t.Context(), contract.Subject{Backend: embeddedOpen(t), Request: embeddedRequest})); err != nil {
		t.Error(err)
	}
}

// TestSamples: a sample is the same in whatever request it is asked for.
func TestSamples(t *testing.T) {
	b := embeddedOpen(t)
	seed := int64(7)
	for _, r := range []model.Request{embeddedRequest, {N: 1, Temperature: 1, Prompt: "x", MaxTokens: 9, Seed: &seed}} {
		all, err := b.Complete(t.Context(), r.Only(0, 5))
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.Complete(t.Context(), r.Only(3, 2))
		if diff := cmp.Diff(all.Texts[3:], again.Texts); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if all.Texts[0] == all.Texts[1] && all.Texts[1] == all.Texts[2] {
			t.Errorf("samples are equal: %v", all.Texts)
		}
		if all.Usage.CompletionTokens == 0 || all.Usage.PromptTokens != int64(len(r.Prompt)) {
			t.Errorf("%+v", all.Usage)
		}
	}
}

func TestRefused(t *testing.T) {
	b := embeddedOpen(t)
	for says, r := range map[string]model.Request{
		"unusable: ask it with --prompt base": {N: 1, Messages: []model.Message{{Role: model.User, Content: "hi"}}},
		"refused: the prompt has 70 tokens":   {N: 1, Prompt: strings.Repeat("x", 70)},
		"refused: there is no text":           {N: 1},
	} {
		_, err := b.Complete(t.Context(), r)
		var e *model.Error
		kind, text, _ := strings.Cut(says, ": ")
		if !errors.As(err, &e) || string(e.Kind) != kind || !strings.Contains(e.Message, text) {
			t.Errorf("%v, want %s", err, says)
		}
	}
	if _, err := newEmbedded(""); err == nil || !strings.Contains(err.Error(), "embedded:DIR") {
		t.Error(err)
	}
	if _, err := newEmbedded(t.TempDir()); err == nil || !strings.Contains(err.Error(), "has no config.json") {
		t.Error(err)
	}
}
