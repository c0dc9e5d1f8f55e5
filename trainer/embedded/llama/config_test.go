package llama

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfigThereAndBack(t *testing.T) {
	c, err := Small(300, 256, 3, 48, 4, 128)
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseConfig(text)
	if diff := cmp.Diff(c, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	// As transformers 4 wrote it.
	older := strings.Replace(string(text), `"rope_parameters": {
    "rope_type": "default",
    "rope_theta": 10000
  }`, `"rope_theta": 10000, "rope_scaling": null, "torch_dtype": "float32"`, 1)
	if got, err := parseConfig([]byte(older)); err != nil || !cmp.Equal(c, got) || older == string(text) {
		t.Error(got, err)
	}
}

func TestBadConfigs(t *testing.T) {
	c, err := Small(300, 256, 3, 48, 4, 128)
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, says string }{
		{`"model_type": "llama"`, `"model_type": "qwen2"`, `its model_type is "qwen2"`},
		{`"attention_bias": false`, `"attention_bias": true`, "biases"},
		{`"hidden_act": "silu"`, `"hidden_act": "gelu"`, "hidden_act is not silu"},
		{`"rope_type": "default"`, `"rope_type": "yarn"`, `kind "yarn"`},
		{`"vocab_size": 300`, `"vocab_size": 200`, "eos_token_id is 256"},
		{`"head_dim": 12`, `"head_dim": 11`, "even"},
		{`"num_key_value_heads": 4`, `"num_key_value_heads": 3`, "not a multiple"},
		{`"num_hidden_layers": 3`, `"num_hidden_layers": 65`, "it is from 1 to 64"},
		{`"hidden_size": 48`, `"hidden_size": 16384, "vocab_size": 1048576`, "weights: 200000000 at most"},
		{`"rms_norm_eps": 0.00001`, `"rms_norm_eps": 0`, "above 0"},
		{`{`, `[`, "no config.json of a model"},
	} {
		bad := strings.Replace(string(text), c.from, c.to, 1)
		if _, err := parseConfig([]byte(bad)); bad == string(text) || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s", c.to, err, c.says)
		}
	}
}

// TestTooFewWeights: a config that says more than the file has is refused before
// there is memory for it.
func TestTooFewWeights(t *testing.T) {
	c, err := Small(300, 256, 1, 16, 2, 64)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Save(New[float32](c, 1), dir); err != nil {
		t.Fatal(err)
	}
	c.Layers = 40
	text, err := c.Text()
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, configFile), text, 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "a model of its config.json has") {
		t.Error(err)
	}
}

// FuzzConfig: any text is refused, or a shape within the bounds.
func FuzzConfig(f *testing.F) {
	c, err := Small(300, 256, 3, 48, 4, 128)
	if err != nil {
		f.Fatal(err)
	}
	text, err := c.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"model_type":"llama","vocab_size":-1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseConfig(text)
		if err == nil && (c.Check() != nil || c.Count() > mostWeights || c.Count() < 1) {
			t.Errorf("%+v", c)
		}
	})
}
