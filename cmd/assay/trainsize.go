package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded"
	"github.com/assay-dev/assay/trainer/embedded/llama"
)

// trainingTokens counts a run's rows in tokens: by the model's tokenizer where it
// can be read, else by bytes.
type trainingTokens struct {
	counter tokenizer.Counter
	name    string // how it counts
	end     int    // tokens behind an answer
	most    trainer.Training

	Total   int64 // of an epoch: the prompt counts for each answer
	Longest int
	TooLong int
}

func newTrainingTokens(t trainer.Training) *trainingTokens {
	if spec, made := strings.CutPrefix(t.Model, embedded.NewModel); made {
		if s, err := embedded.ParseShape(spec); err == nil && s.Vocabulary == tokenizer.LeastVocabulary {
			return &trainingTokens{counter: tokenizer.Bytes(1), name: "a byte is a token", end: 1, most: t}
		}
	} else if t.Model != "" {
		if counter, err := tokenizer.Open(filepath.Join(t.Model, tokenizer.File)); err == nil {
			return &trainingTokens{counter: counter, name: counter.String(), end: 1, most: t}
		}
	}
	return &trainingTokens{counter: tokenizer.DefaultBytes, name: tokenizer.DefaultBytes.String(), most: t}
}

// row counts a row. One that is too long is counted as such, and left out.
func (c *trainingTokens) row(p trainer.Pair) error {
	var n [3]int
	for i, text := range []string{p.Prompt, p.Chosen, p.Rejected} {
		var err error
		if n[i], err = c.counter.Count(text); err != nil {
			return err
		}
	}
	chosen, rejected := n[0]+n[1]+c.end, n[0]+n[2]+c.end
	if n[0] > c.most.MaxPromptLength || max(chosen, rejected) > c.most.MaxLength {
		c.TooLong++
		return nil
	}
	c.Total += int64(chosen + rejected)
	c.Longest = max(c.Longest, chosen, rejected)
	return nil
}

// trainingMemory is about what a training takes, in bytes, where it is known, and
// of what. The largest batch has two of the longest rows for each of its pairs.
func trainingMemory(embeds bool, t trainer.Training, longest int) (bytes int64, of string) {
	switch {
	case t.Model == "":
		return 0, ""
	case embeds:
		c, err := shapeOf(t)
		if err != nil {
			return 0, ""
		}
		return c.Memory(2 * t.MicroBatchSize * longest), "weights, gradients, AdamW and activations"
	case t.Lora != nil:
		return 4 * numbersIn(t.Model), "the weights in float32, half in bfloat16; adapter and activations come on top"
	}
	return 16 * numbersIn(t.Model), "weights, gradients and AdamW in float32, half in bfloat16; reference and activations come on top"
}

// shapeOf is that of the model that the embedded trainer would train.
func shapeOf(t trainer.Training) (llama.Config, error) {
	spec, made := strings.CutPrefix(t.Model, embedded.NewModel)
	if !made {
		return llama.LoadConfig(t.Model)
	}
	s, err := embedded.ParseShape(spec)
	if err != nil {
		return llama.Config{}, err
	}
	return llama.Small(s.Vocabulary, 0, s.Layers, s.Width, s.Heads, t.MaxLength)
}

// numbersIn is how many weights the files of a model's folder have; 0: it isn't
// known.
func numbersIn(dir string) int64 {
	files, _ := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	total := int64(0)
	for _, path := range files {
		if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			continue
		}
		f, err := llama.OpenTensors(path)
		if err != nil {
			return 0
		}
		total += f.Numbers()
		_ = f.Close() // it was read
	}
	return total
}
