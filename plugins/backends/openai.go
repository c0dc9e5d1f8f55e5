package backends

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/assay-dev/assay/harness/model"
)

// openaiOfficial is OpenAI's own server, which differs from the others in what it
// takes.
const openaiOfficial = "https://api.openai.com/v1"

// openaiStops is how many stop texts it takes. Whoever asks cuts at the others.
const openaiStops = 4

// openaiBackend sends to one server.
type openaiBackend struct{ server *server }

// newOpenAI makes the backend of the server at address; "" means OPENAI_BASE_URL, or
// OpenAI's. The key is OPENAI_API_KEY; servers of one's own may want none.
func newOpenAI(address string, env func(string) string) (*openaiBackend, error) {
	const keyName = "OPENAI_API_KEY"
	s, err := newServer("openai", cmp.Or(address, env("OPENAI_BASE_URL"), openaiOfficial), keyName, env)
	if err != nil {
		return nil, err
	}
	if s.Base == openaiOfficial && s.Key == "" {
		return nil, fmt.Errorf("no key for OpenAI: set %s, or name a server of your own with --backend openai:http://localhost:8000/v1", keyName)
	}
	return &openaiBackend{s}, nil
}

// Identity names the server.
func (b *openaiBackend) Identity() string { return b.server.Identity() }

// Complete sends one request.
func (b *openaiBackend) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	path, q := "/completions", b.question(r)
	if len(r.Messages) > 0 {
		path = "/chat/completions"
	}
	var a openaiAnswer
	err := b.server.post(ctx, path, map[string]string{"Authorization": "Bearer " + cmp.Or(b.server.Key, "none")}, q, &a)
	if err == nil {
		var out model.Answer
		if out, err = a.read(len(r.Messages) > 0); err == nil {
			return out, nil
		}
	}
	return model.Answer{}, b.server.failure(err)
}

// openaiQuestion is what is asked: a chat or a prompt. What is nil is left to the
// server.
type openaiQuestion struct {
	Model               string          `json:"model"`
	Messages            []openaiMessage `json:"messages,omitempty"`
	Prompt              *string         `json:"prompt,omitempty"`
	N                   int             `json:"n,omitempty"`
	Temperature         float64         `json:"temperature"`
	TopP                float64         `json:"top_p,omitempty"`
	Seed                *int64          `json:"seed,omitempty"`
	MaxTokens           int             `json:"max_tokens,omitempty"`
	MaxCompletionTokens int             `json:"max_completion_tokens,omitempty"`
	Stop                []string        `json:"stop,omitempty"`
}

type openaiMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

func (b *openaiBackend) question(r model.Request) openaiQuestion {
	q := openaiQuestion{
		Model: r.Model, Temperature: r.Temperature, TopP: max(0, r.TopP), Seed: r.SeedOf(), MaxTokens: max(0, r.MaxTokens), Stop: b.stops(r),
	}
	if r.N > 1 {
		q.N = r.N
	}
	if len(r.Messages) == 0 {
		q.Prompt = &r.Prompt
		return q
	}
	for _, m := range r.Messages {
		role := "user"
		if m.Role == model.System || m.Role == model.Assistant {
			role = string(m.Role)
		}
		q.Messages = append(q.Messages, openaiMessage{role, m.Content})
	}
	if b.server.Base == openaiOfficial { // whose newer models know the new name only, most servers the old one
		q.MaxTokens, q.MaxCompletionTokens = 0, q.MaxTokens
	}
	return q
}

// openaiAnswer is what is read of an answer.
type openaiAnswer struct {
	Choices []openaiChoice
	Usage   json.RawMessage
}

type openaiChoice struct {
	Index   int
	Text    *string                   // of a prompt's answer
	Message *struct{ Content string } // of a chat's
	Finish  string                    `json:"finish_reason"`
}

var errNoChoices = errors.New("it has no choices in it")

func (a *openaiAnswer) read(chat bool) (model.Answer, error) {
	out := model.Answer{Usage: openaiUsage(a.Usage)}
	slices.SortStableFunc(a.Choices, func(a, b openaiChoice) int { return cmp.Compare(a.Index, b.Index) })
	for _, c := range a.Choices {
		text := c.Text
		if chat && c.Message != nil {
			text = &c.Message.Content
		} else if chat {
			text = nil
		}
		if text == nil {
			return model.Answer{}, errNoChoices
		}
		out.Texts = append(out.Texts, model.Text{Text: *text, Finish: openaiFinish(c.Finish)})
	}
	if len(out.Texts) == 0 {
		return model.Answer{}, errNoChoices
	}
	return out, nil
}

func (b *openaiBackend) stops(r model.Request) []string {
	if b.server.Base == openaiOfficial {
		return r.Stop[:min(len(r.Stop), openaiStops)]
	}
	return r.Stop
}

func openaiFinish(reason string) model.Finish {
	switch reason {
	case "stop", "eos", "stop_sequence":
		return model.Stop
	case "length":
		return model.Length
	}
	return model.Other
}

// openaiUsage counts. Some servers say what an answer cost. An answer whose count
// can't be read is an answer all the same.
func openaiUsage(raw json.RawMessage) model.Usage {
	var u struct {
		Prompt     int64 `json:"prompt_tokens"`
		Completion int64 `json:"completion_tokens"`
		Cost       json.RawMessage
	}
	_ = json.Unmarshal(raw, &u)
	out := model.Usage{PromptTokens: max(0, u.Prompt), CompletionTokens: max(0, u.Completion)}
	if cost, err := strconv.ParseFloat(string(u.Cost), 64); err == nil && cost > 0 && cost < 1e6 {
		out.Cost = cost
	}
	return out
}
