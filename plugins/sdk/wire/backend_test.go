package wire

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/assay-dev/assay/plugins/sdk/model"
	backendv1 "github.com/assay-dev/assay/plugins/sdk/proto/backend/v1"
)

// fake answers what it was made with, and keeps what it was asked.
type fake struct {
	answer model.Answer
	err    error
	asked  model.Request
}

func (f *fake) Identity() string { return "fake" }

func (f *fake) Complete(_ context.Context, r model.Request) (model.Answer, error) {
	f.asked = r
	return f.answer, f.err
}

// connect puts a wire between what a plugin offers and its client.
func connect(t *testing.T, k Kind, offers map[int]plugin.PluginSet) any {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(nil)
	if err := offers[1][string(k)].(*Plugin).GRPCServer(nil, server); err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(l.Addr().String(), append(DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client, err := HostSide(k)[1][string(k)].(*Plugin).GRPCClient(t.Context(), nil, conn)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func connectBackend(t *testing.T, b model.Backend) *BackendClient {
	t.Helper()
	return connect(t, Backend, ServeBackend(b)).(*BackendClient)
}

// What goes in on one side comes out on the other.
func TestThere(t *testing.T) {
	seed := int64(-7)
	f := &fake{answer: model.Answer{
		Texts: []model.Text{{Text: "é😀\x00", Finish: model.Stop}, {Text: "", Finish: model.Length}, {Text: "x", Finish: model.Other}},
		Usage: model.Usage{PromptTokens: 3, CompletionTokens: 1 << 40, Cost: 0.25},
	}}
	c := connectBackend(t, f)
	for _, r := range []model.Request{
		{Task: "T/1", Index: 4, N: 3, Model: "m", Prompt: "p\n", Temperature: 0.8, TopP: 0.95, MaxTokens: 768, Stop: []string{"\n", "def"}, Seed: &seed},
		{Task: "T/2", N: 1, Messages: []model.Message{{Role: model.System, Content: "s"}, {Role: model.User, Content: "u"}}},
	} {
		got, err := c.Complete(t.Context(), r)
		if diff := cmp.Diff(f.answer, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff(r, f.asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
	}
	if id, err := c.Identity(t.Context()); id != "fake" || err != nil {
		t.Errorf("identity %q, %v", id, err)
	}
}

func TestFailures(t *testing.T) {
	f := &fake{}
	c := connectBackend(t, f)
	for _, k := range []model.Kind{model.Busy, model.Broken, model.Slow, model.Unreachable, model.Refused, model.Unusable} {
		f.err = &model.Error{Kind: k, Message: "so \xff", RetryAfter: 1500 * time.Millisecond}
		_, err := c.Complete(t.Context(), model.Request{N: 1})
		var why *model.Error
		if !errors.As(err, &why) || *why != (model.Error{Kind: k, Message: "so \uFFFD", RetryAfter: 1500 * time.Millisecond}) {
			t.Errorf("%s: got %#v", k, err)
		}
	}
	f.err = errors.New("no kind")
	var why *model.Error
	if _, err := c.Complete(t.Context(), model.Request{N: 1}); err == nil || errors.As(err, &why) || !strings.Contains(err.Error(), "no kind") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Complete(t.Context(), model.Request{N: 1, Prompt: strings.Repeat("x", MaxMessage)}); !errors.As(err, &why) || why.Kind != model.Refused {
		t.Errorf("got %v", err)
	}
}

// FuzzResponse reads whatever a plugin may write: it becomes an answer that can
// be used, or a failure of a known kind.
func FuzzResponse(f *testing.F) {
	for _, r := range []*backendv1.CompleteResponse{
		{Result: &backendv1.CompleteResponse_Answer{Answer: &backendv1.Answer{
			Texts: []*backendv1.Text{{Text: "a", Finish: 99}, nil}, Usage: &backendv1.Usage{PromptTokens: -1, Cost: -1},
		}}},
		{Result: &backendv1.CompleteResponse_Failure{Failure: &backendv1.Failure{Kind: 77, RetryAfterSeconds: -1e300}}},
		{},
	} {
		text, err := proto.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r backendv1.CompleteResponse
		if proto.Unmarshal(text, &r) != nil {
			return
		}
		answer, err := fromResponse(&r)
		var why *model.Error
		if err != nil && (!errors.As(err, &why) || why.Kind == "" || why.RetryAfter < 0) {
			t.Errorf("%#v", err)
		}
		if u := answer.Usage; u.PromptTokens < 0 || u.CompletionTokens < 0 || !(u.Cost >= 0 && u.Cost < 1e6) {
			t.Errorf("%+v", u)
		}
		for _, text := range answer.Texts {
			if text.Finish != model.Stop && text.Finish != model.Length && text.Finish != model.Other {
				t.Errorf("%+v", text)
			}
		}
	})
}
