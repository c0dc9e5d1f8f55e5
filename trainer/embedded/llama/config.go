package llama

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Config is a model's shape, under the names of its config.json.
type Config struct {
	Vocabulary   int     `json:"vocab_size"`
	Width        int     `json:"hidden_size"`
	Inner        int     `json:"intermediate_size"`
	Layers       int     `json:"num_hidden_layers"`
	Heads        int     `json:"num_attention_heads"`
	SharedHeads  int     `json:"num_key_value_heads"`
	HeadSize     int     `json:"head_dim"`
	Positions    int     `json:"max_position_embeddings"`
	Epsilon      float64 `json:"rms_norm_eps"`
	Tied         bool    `json:"tie_word_embeddings"`
	End          int     `json:"eos_token_id"`
	RotaryParams rotary  `json:"rope_parameters"`
}

// rotary is how positions turn.
type rotary struct {
	Kind  string  `json:"rope_type"`
	Theta float64 `json:"rope_theta"`
}

// Bounds of a model that is trained here: beyond them it would take days.
const (
	mostWeights = 200_000_000
	mostLayers  = 64
	mostWidth   = 1 << 14
	mostTokens  = 1 << 20
	mostPlaces  = 1 << 16
)

// Check says what is wrong with a shape.
func (c Config) Check() error {
	for _, n := range []struct {
		name        string
		value, most int
	}{
		{"vocab_size", c.Vocabulary, mostTokens}, {"hidden_size", c.Width, mostWidth}, {"intermediate_size", c.Inner, 4 * mostWidth},
		{"num_hidden_layers", c.Layers, mostLayers}, {"num_attention_heads", c.Heads, 256}, {"num_key_value_heads", c.SharedHeads, 256},
		{"head_dim", c.HeadSize, 1024}, {"max_position_embeddings", c.Positions, mostPlaces},
	} {
		if n.value < 1 || n.value > n.most {
			return fmt.Errorf("%s is %d: it is from 1 to %d", n.name, n.value, n.most)
		}
	}
	switch {
	case c.Heads%c.SharedHeads != 0:
		return fmt.Errorf("num_attention_heads %d is not a multiple of num_key_value_heads %d", c.Heads, c.SharedHeads)
	case c.HeadSize%2 != 0:
		return fmt.Errorf("head_dim is %d: rotary positions need an even one", c.HeadSize)
	case !(c.Epsilon > 0 && c.Epsilon < 1):
		return fmt.Errorf("rms_norm_eps is %v: it is above 0 and below 1", c.Epsilon)
	case c.RotaryParams.Kind != "default" || !(c.RotaryParams.Theta > 1):
		return fmt.Errorf("rotary positions of the kind %q with theta %v are not known here: only default with a theta above 1", c.RotaryParams.Kind, c.RotaryParams.Theta)
	case c.End < 0 || c.End >= c.Vocabulary:
		return fmt.Errorf("eos_token_id is %d: it is a token, below %d", c.End, c.Vocabulary)
	}
	if n := c.Count(); n > mostWeights {
		return fmt.Errorf("the model has %d weights: %d at most are trained here; larger ones are the PyTorch trainer's", n, mostWeights)
	}
	return nil
}

// Count is how many weights a model of the shape has.
func (c Config) Count() int {
	n := 0
	for _, p := range c.parameters() {
		n += p.Rows * p.Cols
	}
	return n
}

// Small is a shape by its depth, width and heads, with the usual rest: SwiGLU's
// inner width is 8/3 of the outer one, rounded up to 8.
func Small(vocabulary, end, layers, width, heads, positions int) (Config, error) {
	if heads < 1 || width%max(1, heads) != 0 {
		return Config{}, fmt.Errorf("a width of %d is not a multiple of %d heads", width, heads)
	}
	c := Config{
		Vocabulary: vocabulary, Width: width, Inner: (width*8/3 + 7) / 8 * 8, Layers: layers, Heads: heads, SharedHeads: heads,
		HeadSize: width / heads, Positions: positions, Epsilon: 1e-5, Tied: true, End: end,
		RotaryParams: rotary{"default", 10000},
	}
	return c, c.Check()
}

// fixed is what a config.json says beside the shape.
type fixed struct {
	Architectures []string `json:"architectures"`
	Kind          string   `json:"model_type"`
	Activation    string   `json:"hidden_act"`
	AttentionBias bool     `json:"attention_bias"`
	InnerBias     bool     `json:"mlp_bias"`
	Number        string   `json:"dtype"`
}

var asLlama = fixed{[]string{"LlamaForCausalLM"}, "llama", "silu", false, false, "float32"}

// Text is a config.json that transformers reads.
func (c Config) Text() ([]byte, error) {
	text, err := json.MarshalIndent(struct {
		fixed
		Config
		Start *int `json:"bos_token_id"`
	}{asLlama, c, nil}, "", "  ")
	return append(text, '\n'), err
}

// parseConfig reads a config.json.
func parseConfig(text []byte) (Config, error) {
	f := struct {
		fixed
		Config
		Theta   *float64         `json:"rope_theta"` // where transformers 4 had it
		Scaling *json.RawMessage `json:"rope_scaling"`
		Older   string           `json:"torch_dtype"`
	}{}
	if err := json.Unmarshal(text, &f); err != nil {
		return Config{}, fmt.Errorf("it is no config.json of a model: %w", err)
	}
	c := f.Config
	if c.RotaryParams.Kind == "" && f.Theta != nil {
		c.RotaryParams = rotary{"default", *f.Theta}
	}
	if c.SharedHeads == 0 {
		c.SharedHeads = c.Heads
	}
	if c.HeadSize == 0 && c.Heads > 0 {
		c.HeadSize = c.Width / c.Heads
	}
	switch {
	case f.Kind != asLlama.Kind:
		return Config{}, fmt.Errorf("its model_type is %q: the embedded trainer knows llama; the PyTorch trainer knows more", f.Kind)
	case f.Activation != asLlama.Activation, f.AttentionBias, f.InnerBias, f.Scaling != nil && string(*f.Scaling) != "null":
		return Config{}, errors.New("its hidden_act is not silu, or it has biases or scaled rotary positions: such models are not known here")
	}
	return c, c.Check()
}

// number is the size of what a training computes with, in bytes.
const numberSize = 4

// Memory is about what a training of the shape takes, in bytes, with so many
// rows in a batch: weights, gradients, their sum over a step and two moments; what
// each operation of the training graph makes, forward and backward; and the same
// forward for the reference and what is held out.
func (c Config) Memory(rows int) int64 {
	wide, heads := (c.Heads+2*c.SharedHeads)*c.HeadSize, c.Heads*c.HeadSize
	layer := 6*c.Width + wide + heads + 3*c.Inner // norms, maps and sums of a layer
	forward := c.Width + c.Layers*layer + c.Width + c.Vocabulary + 1
	return numberSize * (5*int64(c.Count()) + 3*int64(rows)*int64(forward))
}
