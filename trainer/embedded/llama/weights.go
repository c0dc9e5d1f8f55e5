package llama

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer/embedded/kernel"
)

// Part is a tensor of a checkpoint: some rows of a parameter.
type Part struct {
	Name string // Llama's
	Rows int
}

// Parameter is a matrix of weights. It is one tensor of a checkpoint or several,
// one below the other, that are multiplied by together.
type Parameter struct {
	Parts      []Part
	Rows, Cols int
	Vector     bool // of one row; a checkpoint has it without that dimension

	deviation float64 // at the start; 0: ones
}

// Weights are a model.
type Weights[F kernel.Float] struct {
	Config     Config
	Parameters []Parameter
	Data       [][]F // of each parameter
}

// deviation is that of the weights of a new model, as GPT-2 and Llama have it.
const deviation = 0.02

// parameters are those of a model of the shape, from its input to its output.
func (c Config) parameters() []Parameter {
	into := deviation / math.Sqrt(2*float64(c.Layers)) // what adds to the stream, so that it doesn't grow with depth
	all := []Parameter{matrix(c.Width, deviation, Part{"model.embed_tokens.weight", c.Vocabulary})}
	for l := range c.Layers {
		in := fmt.Sprintf("model.layers.%d.", l)
		all = append(all,
			vector(c.Width, in+"input_layernorm.weight"),
			matrix(c.Width, deviation,
				Part{in + "self_attn.q_proj.weight", c.Heads * c.HeadSize},
				Part{in + "self_attn.k_proj.weight", c.SharedHeads * c.HeadSize},
				Part{in + "self_attn.v_proj.weight", c.SharedHeads * c.HeadSize}),
			matrix(c.Heads*c.HeadSize, into, Part{in + "self_attn.o_proj.weight", c.Width}),
			vector(c.Width, in+"post_attention_layernorm.weight"),
			matrix(c.Width, deviation, Part{in + "mlp.gate_proj.weight", c.Inner}, Part{in + "mlp.up_proj.weight", c.Inner}),
			matrix(c.Inner, into, Part{in + "mlp.down_proj.weight", c.Width}))
	}
	all = append(all, vector(c.Width, "model.norm.weight"))
	if !c.Tied {
		all = append(all, matrix(c.Width, deviation, Part{"lm_head.weight", c.Vocabulary}))
	}
	return all
}

func matrix(cols int, deviation float64, parts ...Part) Parameter {
	p := Parameter{Parts: parts, Cols: cols, deviation: deviation}
	for _, part := range parts {
		p.Rows += part.Rows
	}
	return p
}

func vector(width int, name string) Parameter {
	return Parameter{Parts: []Part{{name, 1}}, Rows: 1, Cols: width, Vector: true}
}

// each calls do with the part of the parameter's data that each tensor has.
func (p Parameter) each(do func(name string, from, to int)) {
	at := 0
	for _, part := range p.Parts {
		do(part.Name, at*p.Cols, (at+part.Rows)*p.Cols)
		at += part.Rows
	}
}

// Places of the parameters in their order.
const (
	embedding = iota
	firstLayer
)

const (
	attentionNorm = iota
	qkv
	attentionOut
	innerNorm
	gateUp
	down
	perLayer
)

func (c Config) layer(l, which int) int { return firstLayer + l*perLayer + which }
func (c Config) lastNorm() int          { return firstLayer + c.Layers*perLayer }

// head is the parameter that makes logits.
func (c Config) head() int {
	if c.Tied {
		return embedding
	}
	return c.lastNorm() + 1
}

// empty is a model of zeros.
func empty[F kernel.Float](c Config) *Weights[F] {
	w := &Weights[F]{Config: c, Parameters: c.parameters()}
	for _, p := range w.Parameters {
		w.Data = append(w.Data, make([]F, p.Rows*p.Cols))
	}
	return w
}

// New is a new model, by chance from a seed.
func New[F kernel.Float](c Config, seed uint64) *Weights[F] {
	w := empty[F](c)
	chance := rand.New(rand.NewPCG(seed, 0x6c6c616d61)) // "llama"
	for i, p := range w.Parameters {
		for j := range w.Data[i] {
			w.Data[i][j] = 1
			if p.deviation > 0 {
				w.Data[i][j] = F(chance.NormFloat64() * p.deviation)
			}
		}
	}
	return w
}

// Files of a model's folder.
const (
	configFile  = "config.json"
	weightsFile = "model.safetensors"
)

const maxConfig = 1 << 20

// Save writes a model into a folder, as transformers does.
func Save(w *Weights[float32], dir string) error {
	text, err := w.Config.Text()
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, configFile), text, 0o666),
		WriteTensors(filepath.Join(dir, weightsFile), w.Tensors("", w.Data), map[string]string{"format": "pt"}))
}

// LoadConfig reads the shape of the model in a folder.
func LoadConfig(dir string) (Config, error) {
	path := filepath.Join(dir, configFile)
	text, err := plainfile.Read(context.Background(), path, maxConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Config{}, fmt.Errorf("%s has no %s: name the folder of a model", dir, configFile)
	case err != nil:
		return Config{}, err
	}
	c, err := parseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Load reads a model from its folder.
func Load(dir string) (*Weights[float32], error) {
	c, err := LoadConfig(dir)
	if err != nil {
		return nil, err
	}
	file, err := OpenTensors(filepath.Join(dir, weightsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no %s: a model in several files, or in another form, is not read here", dir, weightsFile)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if n := file.Numbers(); n < int64(c.Count()) { // before there is memory for them
		return nil, fmt.Errorf("%s: %s has %d numbers, and a model of its %s has %d", dir, weightsFile, n, configFile, c.Count())
	}
	w := empty[float32](c)
	for _, t := range w.Tensors("", w.Data) {
		if err := file.Read(t.Name, t.Shape, t.Data); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Tensors are the parts of data, which has the parameters' form, under Llama's
// names with a prefix. They share its memory.
func (w *Weights[F]) Tensors(prefix string, data [][]float32) []Tensor {
	var out []Tensor
	for i, p := range w.Parameters {
		p.each(func(name string, from, to int) {
			shape := []int{(to - from) / p.Cols, p.Cols}
			if p.Vector {
				shape = shape[1:]
			}
			out = append(out, Tensor{Name: prefix + name, Shape: shape, Data: data[i][from:to]})
		})
	}
	return out
}
