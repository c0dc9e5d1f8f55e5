package codeflow

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/assay-dev/assay/harness/model"
)

// ask gets the answers to a request, from the log or from the model.
func (c *Config) ask(ctx context.Context, r model.Request) ([]Aside, error) {
	if _, err := c.Client.Complete(ctx, r); err != nil {
		return nil, err
	}
	out := make([]Aside, r.N)
	for k := range out {
		one := r.Only(r.Index+k, 1)
		text, usage, ok, err := c.Client.Log.Sample(one)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, errors.New("the request log lacks an answer that it took")
		}
		key := one.Key()
		out[k] = Aside{Request: hex.EncodeToString(key[:]), Answer: text.Text, Finish: text.Finish, Usage: usage}
	}
	return out, nil
}

// aside asks a model once, for something that is no attempt.
func (c *Config) aside(ctx context.Context, purpose, task string, index int, by string, chat []model.Message) (Aside, error) {
	answers, err := c.ask(ctx, model.Request{
		Task: task + ":" + purpose, Index: index, N: 1, Model: by, Messages: chat,
		TopP: c.Options.TopP, MaxTokens: c.Options.MaxTokens, Seed: c.Options.Seed,
	})
	if err != nil {
		return Aside{}, err
	}
	answers[0].Purpose = purpose
	return answers[0], nil
}
