package backends

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"

	"github.com/assay-dev/assay/harness/model"
)

// openaiOfficial is OpenAI's own server, which differs from the others in what it
// takes.
const openaiOfficial = "https://api.openai.com/v1"

// officialStops is how many stop texts it takes. Whoever asks cuts at the others.
const officialStops = 4

// OpenAI sends to one server.
type OpenAI struct {
	server *Server
	chat   openai.ChatCompletionService
	plain  openai.CompletionService
}

// OpenOpenAI makes the backend of the server at address; "" means OPENAI_BASE_URL, or
// OpenAI's. The key is OPENAI_API_KEY; servers of one's own may want none.
func OpenOpenAI(address string, env func(string) string) (*OpenAI, error) {
	const keyName = "OPENAI_API_KEY"
	s, err := NewServer("openai", cmp.Or(address, env("OPENAI_BASE_URL"), openaiOfficial), keyName, env)
	if err != nil {
		return nil, err
	}
	if s.Base == openaiOfficial && s.Key == "" {
		return nil, fmt.Errorf("no key for OpenAI: set %s, or name a server of your own with --backend openai:http://localhost:8000/v1", keyName)
	}
	options := []option.RequestOption{
		option.WithBaseURL(s.Base + "/"),
		option.WithAPIKey(cmp.Or(s.Key, "none")),
		option.WithHTTPClient(NewClient()),
		option.WithMiddleware(s.Guard),
		option.WithMaxRetries(0), // package dispatch knows when
	}
	return &OpenAI{s, openai.NewChatCompletionService(options...), openai.NewCompletionService(options...)}, nil
}

// Identity names the server.
func (b *OpenAI) Identity() string { return b.server.Identity() }

// Complete sends one request.
func (b *OpenAI) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	ask := b.complete
	if len(r.Messages) > 0 {
		ask = b.converse
	}
	answer, err := ask(ctx, r)
	if err != nil {
		return model.Answer{}, b.server.Failure(err)
	}
	return answer, nil
}

var errNoChoices = errors.New("it has no choices in it")

func (b *OpenAI) converse(ctx context.Context, r model.Request) (model.Answer, error) {
	params := openai.ChatCompletionNewParams{
		Model:       r.Model,
		Messages:    messages(r.Messages),
		N:           above(1, r.N),
		Temperature: openai.Float(r.Temperature),
		TopP:        share(r.TopP),
		Seed:        seed(r),
	}
	if b.server.Base == openaiOfficial { // whose newer models know the new name only, most servers the old one
		params.MaxCompletionTokens = above(0, r.MaxTokens)
	} else {
		params.MaxTokens = above(0, r.MaxTokens)
	}
	params.Stop.OfStringArray = b.stops(r)
	resp, err := b.chat.New(ctx, params)
	if err != nil {
		return model.Answer{}, err
	}
	slices.SortStableFunc(resp.Choices, func(a, b openai.ChatCompletionChoice) int { return cmp.Compare(a.Index, b.Index) })
	out := model.Answer{Usage: usage(resp.Usage)}
	for _, c := range resp.Choices {
		if !c.JSON.Message.Valid() {
			return model.Answer{}, errNoChoices
		}
		out.Texts = append(out.Texts, model.Text{Text: c.Message.Content, Finish: openaiFinish(c.FinishReason)})
	}
	return whole(out)
}

func (b *OpenAI) complete(ctx context.Context, r model.Request) (model.Answer, error) {
	params := openai.CompletionNewParams{
		Model:       openai.CompletionNewParamsModel(r.Model),
		Prompt:      openai.CompletionNewParamsPromptUnion{OfString: openai.String(r.Prompt)},
		N:           above(1, r.N),
		Temperature: openai.Float(r.Temperature),
		TopP:        share(r.TopP),
		Seed:        seed(r),
		MaxTokens:   above(0, r.MaxTokens),
	}
	params.Stop.OfStringArray = b.stops(r)
	resp, err := b.plain.New(ctx, params)
	if err != nil {
		return model.Answer{}, err
	}
	slices.SortStableFunc(resp.Choices, func(a, b openai.CompletionChoice) int { return cmp.Compare(a.Index, b.Index) })
	out := model.Answer{Usage: usage(resp.Usage)}
	for _, c := range resp.Choices {
		if !c.JSON.Text.Valid() {
			return model.Answer{}, errNoChoices
		}
		out.Texts = append(out.Texts, model.Text{Text: c.Text, Finish: openaiFinish(string(c.FinishReason))})
	}
	return whole(out)
}

// above is a parameter that goes out when it is more than a server's default.
func above(usual, v int) (p param.Opt[int64]) {
	if v > usual {
		p = openai.Int(int64(v))
	}
	return p
}

func share(v float64) (p param.Opt[float64]) {
	if v > 0 {
		p = openai.Float(v)
	}
	return p
}

func seed(r model.Request) (p param.Opt[int64]) {
	if seed := r.SeedOf(); seed != nil {
		p = openai.Int(*seed)
	}
	return p
}

func whole(a model.Answer) (model.Answer, error) {
	if len(a.Texts) == 0 {
		return model.Answer{}, errNoChoices
	}
	return a, nil
}

func (b *OpenAI) stops(r model.Request) []string {
	if b.server.Base == openaiOfficial {
		return r.Stop[:min(len(r.Stop), officialStops)]
	}
	return r.Stop
}

func messages(in []model.Message) []openai.ChatCompletionMessageParamUnion {
	out := make([]openai.ChatCompletionMessageParamUnion, len(in))
	for i, m := range in {
		switch m.Role {
		case model.System:
			out[i] = openai.SystemMessage(m.Content)
		case model.Assistant:
			out[i] = openai.AssistantMessage(m.Content)
		default:
			out[i] = openai.UserMessage(m.Content)
		}
	}
	return out
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

// usage counts. Some servers say what an answer cost.
func usage(u openai.CompletionUsage) model.Usage {
	out := model.Usage{PromptTokens: max(0, u.PromptTokens), CompletionTokens: max(0, u.CompletionTokens)}
	if cost, err := strconv.ParseFloat(u.JSON.ExtraFields["cost"].Raw(), 64); err == nil && cost > 0 && cost < 1e6 {
		out.Cost = cost
	}
	return out
}
