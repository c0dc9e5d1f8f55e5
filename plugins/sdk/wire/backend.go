package wire

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/assay-dev/assay/plugins/sdk/model"
	backendv1 "github.com/assay-dev/assay/plugins/sdk/proto/backend/v1"
)

// ServeBackend is a backend as a plugin offers it, by version.
func ServeBackend(b model.Backend) map[int]plugin.PluginSet {
	return set(Backend, &Plugin{Serve: func(s grpc.ServiceRegistrar) {
		backendv1.RegisterBackendServer(s, &backendServer{backend: b})
	}})
}

type backendServer struct {
	backendv1.UnimplementedBackendServer
	backend model.Backend
}

func (s *backendServer) Describe(context.Context, *backendv1.DescribeRequest) (*backendv1.DescribeResponse, error) {
	return &backendv1.DescribeResponse{Identity: s.backend.Identity()}, nil
}

func (s *backendServer) Complete(ctx context.Context, r *backendv1.CompleteRequest) (*backendv1.CompleteResponse, error) {
	answer, err := s.backend.Complete(ctx, fromRequest(r))
	var why *model.Error
	switch {
	case err == nil:
		return &backendv1.CompleteResponse{Result: &backendv1.CompleteResponse_Answer{Answer: toAnswer(answer)}}, nil
	case errors.As(err, &why):
		return &backendv1.CompleteResponse{Result: &backendv1.CompleteResponse_Failure{Failure: toFailure(why)}}, nil
	case ctx.Err() != nil:
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	return nil, status.Error(codes.Unknown, err.Error())
}

func newBackendClient(c grpc.ClientConnInterface) *BackendClient {
	return &BackendClient{backendv1.NewBackendClient(c)}
}

// BackendClient asks a backend on the other side.
type BackendClient struct {
	rpc backendv1.BackendClient
}

// Identity asks what answers.
func (c *BackendClient) Identity(ctx context.Context) (string, error) {
	d, err := c.rpc.Describe(ctx, &backendv1.DescribeRequest{})
	return d.GetIdentity(), err
}

// Complete asks for an answer. An error that is no *model.Error is gRPC's.
func (c *BackendClient) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	in := toRequest(r)
	if size := proto.Size(in); size > MaxMessage {
		return model.Answer{}, model.Errorf(model.Refused, "the request has %d bytes, a plugin takes %d", size, MaxMessage)
	}
	out, err := c.rpc.Complete(ctx, in)
	if err != nil {
		return model.Answer{}, err
	}
	return fromResponse(out)
}

// fromResponse reads what a plugin wrote.
func fromResponse(r *backendv1.CompleteResponse) (model.Answer, error) {
	switch result := r.GetResult().(type) {
	case *backendv1.CompleteResponse_Answer:
		return fromAnswer(result.Answer), nil
	case *backendv1.CompleteResponse_Failure:
		return model.Answer{}, fromFailure(result.Failure)
	}
	return model.Answer{}, model.Errorf(model.Broken, "its response holds neither an answer nor a failure")
}

func toRequest(r model.Request) *backendv1.CompleteRequest {
	out := &backendv1.CompleteRequest{
		Task: valid(r.Task), Index: int32(r.Index), N: int32(r.N), Model: valid(r.Model), Prompt: valid(r.Prompt),
		Temperature: r.Temperature, TopP: r.TopP, MaxTokens: int32(r.MaxTokens), Seed: r.SeedOf(),
	}
	for _, m := range r.Messages {
		out.Messages = append(out.Messages, &backendv1.Message{Role: string(m.Role), Content: valid(m.Content)})
	}
	for _, s := range r.Stop {
		out.Stop = append(out.Stop, valid(s))
	}
	return out
}

func fromRequest(r *backendv1.CompleteRequest) model.Request {
	out := model.Request{
		Task: r.Task, Index: int(r.Index), N: int(r.N), Model: r.Model, Prompt: r.Prompt,
		Temperature: r.Temperature, TopP: r.TopP, MaxTokens: int(r.MaxTokens), Stop: r.Stop,
	}
	for _, m := range r.Messages {
		out.Messages = append(out.Messages, model.Message{Role: model.Role(m.Role), Content: m.Content})
	}
	if r.Seed != nil {
		first := *r.Seed - int64(r.Index)
		out.Seed = &first
	}
	return out
}

func toAnswer(a model.Answer) *backendv1.Answer {
	out := &backendv1.Answer{Usage: &backendv1.Usage{
		PromptTokens: a.Usage.PromptTokens, CompletionTokens: a.Usage.CompletionTokens, Cost: a.Usage.Cost,
	}}
	for _, t := range a.Texts {
		out.Texts = append(out.Texts, &backendv1.Text{Text: valid(t.Text), Finish: toFinish(t.Finish)})
	}
	return out
}

func fromAnswer(a *backendv1.Answer) model.Answer {
	u := a.GetUsage()
	out := model.Answer{Usage: model.Usage{PromptTokens: max(0, u.GetPromptTokens()), CompletionTokens: max(0, u.GetCompletionTokens())}}
	if cost := u.GetCost(); cost > 0 && cost < 1e6 {
		out.Usage.Cost = cost
	}
	for _, t := range a.GetTexts() {
		out.Texts = append(out.Texts, model.Text{Text: t.GetText(), Finish: fromFinish(t.GetFinish())})
	}
	return out
}

func toFinish(f model.Finish) backendv1.Finish {
	switch f {
	case model.Stop:
		return backendv1.Finish_FINISH_STOP
	case model.Length:
		return backendv1.Finish_FINISH_LENGTH
	}
	return backendv1.Finish_FINISH_OTHER
}

func fromFinish(f backendv1.Finish) model.Finish {
	switch f {
	case backendv1.Finish_FINISH_STOP:
		return model.Stop
	case backendv1.Finish_FINISH_LENGTH:
		return model.Length
	}
	return model.Other
}

// kinds pairs what both sides call a failure.
var kinds = []struct {
	here  model.Kind
	there backendv1.Kind
}{
	{model.Busy, backendv1.Kind_KIND_BUSY},
	{model.Broken, backendv1.Kind_KIND_BROKEN},
	{model.Slow, backendv1.Kind_KIND_SLOW},
	{model.Unreachable, backendv1.Kind_KIND_UNREACHABLE},
	{model.Refused, backendv1.Kind_KIND_REFUSED},
	{model.Unusable, backendv1.Kind_KIND_UNUSABLE},
}

func toFailure(e *model.Error) *backendv1.Failure {
	out := &backendv1.Failure{Message: valid(e.Message), RetryAfterSeconds: e.RetryAfter.Seconds()}
	for _, k := range kinds {
		if k.here == e.Kind {
			out.Kind = k.there
		}
	}
	return out
}

// fromFailure takes a kind that it does not know for Broken, which is tried
// again.
func fromFailure(f *backendv1.Failure) *model.Error {
	out := model.Errorf(model.Broken, "%s", f.GetMessage())
	for _, k := range kinds {
		if k.there == f.GetKind() {
			out.Kind = k.here
		}
	}
	if wait := f.GetRetryAfterSeconds(); wait > 0 && wait < 1e6 {
		out.RetryAfter = time.Duration(wait * float64(time.Second))
	}
	return out
}

// valid is the text as protocol buffers take it, which is UTF-8.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
