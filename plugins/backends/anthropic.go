package backends

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/harness/model"
)

const (
	anthropicOfficial = "https://api.anthropic.com"
	anthropicVersion  = "2023-06-01" // of the protocol
)

// anthropicBackend sends to one server.
type anthropicBackend struct{ server *server }

// newAnthropic makes the backend of the server at address; "" means ANTHROPIC_BASE_URL,
// or Anthropic's. The key is ANTHROPIC_API_KEY.
func newAnthropic(address string, env func(string) string) (*anthropicBackend, error) {
	const keyName = "ANTHROPIC_API_KEY"
	s, err := newServer("anthropic", cmp.Or(address, env("ANTHROPIC_BASE_URL"), anthropicOfficial), keyName, env)
	if err != nil {
		return nil, err
	}
	if s.Key == "" {
		return nil, fmt.Errorf("no key for Anthropic: set %s", keyName)
	}
	return &anthropicBackend{s}, nil
}

// Identity names the server.
func (b *anthropicBackend) Identity() string { return b.server.Identity() }

// Complete sends one request, for one text.
func (b *anthropicBackend) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	if len(r.Messages) == 0 {
		return model.Answer{}, model.Errorf(model.Unusable, "Anthropic's models answer chats and go on with no prompt: use --prompt instruct")
	}
	var a anthropicAnswer
	header := map[string]string{"X-Api-Key": b.server.Key, "Anthropic-Version": anthropicVersion}
	err := b.server.post(ctx, "/v1/messages", header, anthropicAsk(r), &a)
	if err == nil && a.Content == nil {
		err = errors.New("it has no content in it")
	}
	if err != nil {
		return model.Answer{}, b.server.failure(err)
	}
	var text strings.Builder
	for _, block := range a.Content {
		if block.Type == "text" {
			text.WriteString(block.Text)
		}
	}
	return model.Answer{
		Texts: []model.Text{{Text: text.String(), Finish: anthropicFinish(a.StopReason)}},
		Usage: model.Usage{
			PromptTokens:     max(0, a.Usage.InputTokens),
			CompletionTokens: max(0, a.Usage.OutputTokens),
		},
	}, nil
}

type anthropicQuestion struct {
	Model         string             `json:"model"`
	MaxTokens     int                `json:"max_tokens"`
	Temperature   float64            `json:"temperature"`
	TopP          float64            `json:"top_p,omitempty"`
	StopSequences []string           `json:"stop_sequences,omitempty"`
	System        []anthropicBlock   `json:"system,omitempty"`
	Messages      []anthropicMessage `json:"messages"`
}

type anthropicMessage struct {
	Role    string           `json:"role"`
	Content []anthropicBlock `json:"content"`
}

type anthropicBlock struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// anthropicAnswer is what is read of an answer.
type anthropicAnswer struct {
	Content    []anthropicBlock
	StopReason string `json:"stop_reason"`
	Usage      struct {
		InputTokens  int64 `json:"input_tokens"`
		OutputTokens int64 `json:"output_tokens"`
	}
}

func anthropicAsk(r model.Request) anthropicQuestion {
	const mostTokens = 4096 // where the request names no number, which Anthropic wants
	q := anthropicQuestion{
		Model: r.Model, MaxTokens: cmp.Or(r.MaxTokens, mostTokens), Temperature: r.Temperature, TopP: max(0, r.TopP), StopSequences: r.Stop,
	}
	for _, m := range r.Messages {
		text := []anthropicBlock{{"text", m.Content}}
		switch m.Role {
		case model.System:
			q.System = append(q.System, text...)
		case model.Assistant:
			q.Messages = append(q.Messages, anthropicMessage{"assistant", text})
		default:
			q.Messages = append(q.Messages, anthropicMessage{"user", text})
		}
	}
	return q
}

func anthropicFinish(reason string) model.Finish {
	switch reason {
	case "end_turn", "stop_sequence":
		return model.Stop
	case "max_tokens":
		return model.Length
	}
	return model.Other
}
