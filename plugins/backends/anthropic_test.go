package backends

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
)

const anthropicKey = "sk-ant-secret-0123456789"

func anthropicOpen(t *testing.T, h http.HandlerFunc) *anthropicBackend {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	b, err := newAnthropic(s.URL, func(string) string { return anthropicKey })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var anthropicChat = model.Request{
	N: 5, Model: "claude", Temperature: 0.8, Stop: []string{"</s>"},
	Messages: []model.Message{{Role: model.System, Content: "be good"}, {Role: model.User, Content: "write"}},
}

func TestAnthropicComplete(t *testing.T) {
	var got, want any
	calls := 0
	b := anthropicOpen(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		if r.URL.Path != "/v1/messages" || r.Header.Get("X-Api-Key") != anthropicKey || r.Header.Get("Anthropic-Version") == "" {
			t.Errorf("%s with %v", r.URL.Path, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"type":"message","role":"assistant","content":[{"type":"text","text":"def "},{"type":"text","text":"f"}],"stop_reason":"max_tokens","usage":{"input_tokens":3,"output_tokens":4}}`)
	})
	a, err := b.Complete(t.Context(), anthropicChat)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"model":"claude","max_tokens":4096,"temperature":0.8,"stop_sequences":["</s>"],
		"system":[{"type":"text","text":"be good"}],"messages":[{"role":"user","content":[{"type":"text","text":"write"}]}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || calls != 1 {
		t.Errorf("%d requests (-want +got):\n%s", calls, diff)
	}
	whole := model.Answer{Texts: []model.Text{{Text: "def f", Finish: model.Length}}, Usage: model.Usage{PromptTokens: 3, CompletionTokens: 4}}
	if diff := cmp.Diff(whole, a); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestAnthropicFailures(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		status     int
		kind       model.Kind
		want       string
	}{
		{"no key", `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key ` + anthropicKey + `"}}`, 401, model.Unusable, "it refuses the key in ANTHROPIC_API_KEY: invalid x-api-key [key]"},
		{"busy", `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, 529, model.Busy, "Overloaded"},
		{"too many", `{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}`, 429, model.Busy, "slow down"},
		{"refused", `{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"}}`, 400, model.Refused, "max_tokens"},
		{"malformed", `{"content":`, 200, model.Broken, "no answer that can be read"},
		{"empty", `{}`, 200, model.Broken, "no content"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := anthropicOpen(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Retry-After", "2")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			_, err := b.Complete(t.Context(), anthropicChat)
			var why *model.Error
			if !errors.As(err, &why) || why.Kind != tt.kind || !strings.Contains(why.Message, tt.want) || strings.Contains(why.Message, anthropicKey) {
				t.Errorf("got %#v", err)
			}
			if tt.status != 200 && why.RetryAfter != 2*time.Second {
				t.Errorf("waits %s", why.RetryAfter)
			}
		})
	}
}

func TestWantsAChatAndAKey(t *testing.T) {
	b := anthropicOpen(t, http.NotFound)
	if _, err := b.Complete(t.Context(), model.Request{Prompt: "p"}); err == nil || !strings.Contains(err.Error(), "--prompt instruct") {
		t.Errorf("got %v", err)
	}
	if _, err := newAnthropic("", func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "set ANTHROPIC_API_KEY") {
		t.Errorf("got %v", err)
	}
}

func TestAnthropicContract(t *testing.T) {
	b := anthropicOpen(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"type":"message","role":"assistant","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn"}`)
	})
	if err := contracttest.Failed(contract.Run(t.Context(), contract.Subject{Backend: b, Request: anthropicChat})); err != nil {
		t.Error(err)
	}
}
