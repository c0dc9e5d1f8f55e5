package backends

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/trainer/embedded/llama"
)

// embeddedBackend has a model write.
type embeddedBackend struct {
	name  string
	model *llama.Model
}

// newEmbedded reads the model's folder.
func newEmbedded(dir string) (*embeddedBackend, error) {
	if dir == "" {
		return nil, errors.New("--backend embedded wants a folder: embedded:DIR, the checkpoint of assay train --trainer embedded")
	}
	m, err := llama.OpenModel(dir)
	if err != nil {
		return nil, fmt.Errorf("--backend embedded: %w", err)
	}
	return &embeddedBackend{fmt.Sprintf("embedded:%s, sha256 %s", filepath.Base(dir), m.Hash), m}, nil
}

// Identity names the model by its weights.
func (b *embeddedBackend) Identity() string { return b.name }

// Complete writes all samples of the request side by side. The seed of a sample
// is the request's and its index; without one, its index.
func (b *embeddedBackend) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	if len(r.Messages) > 0 {
		return model.Answer{}, model.Errorf(model.Unusable, "%.40s only goes on with a text, and doesn't chat: ask it with --prompt base", b.name)
	}
	first := uint64(r.Index)
	if seed := r.SeedOf(); seed != nil {
		first = uint64(*seed)
	}
	o := llama.Options{Temperature: r.Temperature, TopP: r.TopP, MaxTokens: r.MaxTokens, Stop: r.Stop}
	for i := range r.N {
		o.Seeds = append(o.Seeds, first+uint64(i))
	}
	texts, prompt, err := b.model.Write(ctx, r.Prompt, o)
	switch {
	case ctx.Err() != nil:
		return model.Answer{}, ctx.Err()
	case err != nil:
		return model.Answer{}, model.Errorf(model.Refused, "%v", err)
	}
	out := model.Answer{Usage: model.Usage{PromptTokens: int64(prompt)}}
	for _, t := range texts {
		finish := model.Length
		if t.Ended {
			finish = model.Stop
		}
		out.Texts = append(out.Texts, model.Text{Text: t.Text, Finish: finish})
		out.Usage.CompletionTokens += int64(t.Tokens)
	}
	return out, nil
}
