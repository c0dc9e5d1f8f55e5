package backends

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"github.com/assay-dev/assay/harness/model"
)

const anthropicOfficial = "https://api.anthropic.com"

// Anthropic sends to one server.
type Anthropic struct {
	server   *Server
	messages anthropic.MessageService
}

// OpenAnthropic makes the backend of the server at address; "" means ANTHROPIC_BASE_URL,
// or Anthropic's. The key is ANTHROPIC_API_KEY.
func OpenAnthropic(address string, env func(string) string) (*Anthropic, error) {
	const keyName = "ANTHROPIC_API_KEY"
	s, err := NewServer("anthropic", cmp.Or(address, env("ANTHROPIC_BASE_URL"), anthropicOfficial), keyName, env)
	if err != nil {
		return nil, err
	}
	if s.Key == "" {
		return nil, fmt.Errorf("no key for Anthropic: set %s", keyName)
	}
	return &Anthropic{s, anthropic.NewMessageService(
		option.WithBaseURL(s.Base+"/"),
		option.WithAPIKey(s.Key),
		option.WithHTTPClient(NewClient()),
		option.WithMiddleware(s.Guard),
		option.WithMaxRetries(0), // package dispatch knows when
	)}, nil
}

// Identity names the server.
func (b *Anthropic) Identity() string { return b.server.Identity() }

// Complete sends one request, for one text.
func (b *Anthropic) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	if len(r.Messages) == 0 {
		return model.Answer{}, model.Errorf(model.Unusable, "Anthropic's models answer chats and go on with no prompt: use --prompt instruct")
	}
	resp, err := b.messages.New(ctx, params(r))
	if err != nil {
		return model.Answer{}, b.server.Failure(err)
	}
	if !resp.JSON.Content.Valid() {
		return model.Answer{}, b.server.Failure(errors.New("it has no content in it"))
	}
	var text strings.Builder
	for _, block := range resp.Content {
		if block.Type == "text" {
			text.WriteString(block.Text)
		}
	}
	return model.Answer{
		Texts: []model.Text{{Text: text.String(), Finish: anthropicFinish(resp.StopReason)}},
		Usage: model.Usage{
			PromptTokens:     max(0, resp.Usage.InputTokens),
			CompletionTokens: max(0, resp.Usage.OutputTokens),
		},
	}, nil
}

func params(r model.Request) anthropic.MessageNewParams {
	const mostTokens = 4096 // where the request names no number, which Anthropic wants
	p := anthropic.MessageNewParams{
		Model:         anthropic.Model(r.Model),
		MaxTokens:     int64(cmp.Or(r.MaxTokens, mostTokens)),
		Temperature:   anthropic.Float(r.Temperature),
		StopSequences: r.Stop,
	}
	if r.TopP > 0 {
		p.TopP = anthropic.Float(r.TopP)
	}
	for _, m := range r.Messages {
		switch m.Role {
		case model.System:
			p.System = append(p.System, anthropic.TextBlockParam{Text: m.Content})
		case model.Assistant:
			p.Messages = append(p.Messages, anthropic.NewAssistantMessage(anthropic.NewTextBlock(m.Content)))
		default:
			p.Messages = append(p.Messages, anthropic.NewUserMessage(anthropic.NewTextBlock(m.Content)))
		}
	}
	return p
}

func anthropicFinish(reason anthropic.StopReason) model.Finish {
	switch reason {
	case anthropic.StopReasonEndTurn, anthropic.StopReasonStopSequence:
		return model.Stop
	case anthropic.StopReasonMaxTokens:
		return model.Length
	}
	return model.Other
}
