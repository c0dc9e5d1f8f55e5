package backends

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness/model"
)

const openaiKey = "sk-secret-0123456789"

// openaiOpen makes a backend of a local server, and of what the environment has.
func openaiOpen(t *testing.T, h http.HandlerFunc) *openaiBackend {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	b, err := newOpenAI(s.URL+"/v1/", func(name string) string {
		if name == "OPENAI_API_KEY" {
			return openaiKey
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// says answers every request alike.
func says(status int, header map[string]string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func openaiChat(n int) model.Request {
	return model.Request{
		Task: "T/1", N: n, Model: "m", Temperature: 0.8, TopP: 0.95, MaxTokens: 768, Stop: []string{"a", "b", "c", "d", "\n\n"},
		Messages: []model.Message{{Role: model.System, Content: "be <good>"}, {Role: model.User, Content: "write"}, {Role: model.Assistant, Content: "sure"}},
	}
}

func plain(n int) model.Request {
	r := openaiChat(n)
	r.Messages, r.Prompt = nil, "def f():\n"
	return r
}

func TestRequests(t *testing.T) {
	seed := int64(40)
	seeded := plain(2)
	seeded.Seed, seeded.Index = &seed, 3
	greedy := model.Request{N: 1, Model: "m", Prompt: "p"}
	for _, tt := range []struct {
		name       string
		r          model.Request
		path, want string
	}{
		{"chat", openaiChat(1), "/v1/chat/completions", `{"model":"m","messages":[{"role":"system","content":"be <good>"},{"role":"user","content":"write"},{"role":"assistant","content":"sure"}],` +
			`"temperature":0.8,"top_p":0.95,"max_tokens":768,"stop":["a","b","c","d","\n\n"]}`},
		{"completion", seeded, "/v1/completions", `{"model":"m","prompt":"def f():\n","n":2,"temperature":0.8,"top_p":0.95,"max_tokens":768,"seed":43,"stop":["a","b","c","d","\n\n"]}`},
		{"greedy", greedy, "/v1/completions", `{"model":"m","prompt":"p","temperature":0}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got, want any
			calls := 0
			b := openaiOpen(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				if r.URL.Path != tt.path || r.Header.Get("Authorization") != "Bearer "+openaiKey {
					t.Errorf("%s with %q", r.URL.Path, r.Header.Get("Authorization"))
				}
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				says(200, nil, `{"choices":[{"index":0,"text":"x","message":{"content":"x"},"finish_reason":"stop"}]}`)(w, r)
			})
			if _, err := b.Complete(t.Context(), tt.r); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" || calls != 1 {
				t.Errorf("%d requests (-want +got):\n%s", calls, diff)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	const usage = `"usage":{"prompt_tokens":7,"completion_tokens":9,"total_tokens":16,"cost":0.25}`
	want := model.Answer{
		Texts: []model.Text{{Text: "0 é😀", Finish: model.Stop}, {Text: "1", Finish: model.Length}, {Text: "", Finish: model.Other}},
		Usage: model.Usage{PromptTokens: 7, CompletionTokens: 9, Cost: 0.25},
	}
	for _, tt := range []struct {
		name, body string
		r          model.Request
	}{
		{"chat", `{"choices":[{"index":1,"message":{"role":"assistant","content":"1"},"finish_reason":"length"},
			{"index":2,"message":{"role":"assistant","content":null},"finish_reason":"content_filter"},
			{"index":0,"message":{"role":"assistant","content":"0 é😀"},"finish_reason":"stop"}],` + usage + `}`, openaiChat(3)},
		{"completion", `{"choices":[{"index":2,"text":"","finish_reason":"weird"},{"index":0,"text":"0 é😀","finish_reason":"stop"},
			{"index":1,"text":"1","finish_reason":"length"}],` + usage + `}`, plain(3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := openaiOpen(t, says(200, nil, tt.body)).Complete(t.Context(), tt.r)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Every way to fail has its kind, says the way out, and says no key.
func TestOpenaiFailures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		kind   model.Kind
		wait   time.Duration
		want   string
	}{
		{"no key", says(401, nil, `{"error":{"message":"Incorrect API key provided: `+openaiKey+`"}}`), model.Unusable, 0, "it refuses the key in OPENAI_API_KEY: Incorrect API key provided: [key]"},
		{"no model", says(404, nil, `{"error":{"message":"The model m does not exist","code":"model_not_found"}}`), model.Unusable, 0, "The model m does not exist (model_not_found)"},
		{"no credit", says(429, nil, `{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}`), model.Unusable, 0, "has nothing left"},
		{"too many", says(429, map[string]string{"Retry-After": "7"}, `{"error":"slow down"}`), model.Busy, 7 * time.Second, "slow down"},
		{"too many, in milliseconds", says(429, map[string]string{"Retry-After-Ms": "1500"}, ``), model.Busy, 1500 * time.Millisecond, "answers 429"},
		{"a wait that is none", says(429, map[string]string{"Retry-After": "-1e99"}, ``), model.Busy, 0, "answers 429"},
		{"unavailable", says(503, nil, `<html>no</html>`), model.Busy, 0, "<html>no</html>"},
		{"a fault", says(500, nil, `{"detail":"out of\nmemory"}`), model.Broken, 0, "a fault of the server: out of memory"},
		{"refused", says(400, nil, `{"message":"context is too long"}`), model.Refused, 0, "it refuses the request: context is too long"},
		{"malformed", says(200, nil, `{"choices":[{"index":0,"mess`), model.Broken, 0, "no answer that can be read"},
		{"no choices", says(200, nil, `{"choices":[]}`), model.Broken, 0, "no choices"},
		{"a choice without a message", says(200, nil, `{"choices":[{"index":0,"finish_reason":"stop"}]}`), model.Broken, 0, "no choices"},
		{"an error for an answer", says(200, nil, `{"error":{"message":"oops"}}`), model.Broken, 0, "no choices"},
		{"another type", says(200, map[string]string{"Content-Type": "text/html"}, `<html>hello</html>`), model.Broken, 0, "text/html"},
		{"cut off", says(200, map[string]string{"Content-Length": "1000"}, `{"choices":[`), model.Broken, 0, "unexpected EOF"},
		{"hung up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, model.Broken, 0, "EOF"},
		{"endless", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for blanks := strings.Repeat(" ", 1<<20); ; {
				if _, err := io.WriteString(w, blanks); err != nil {
					return
				}
			}
		}, model.Broken, 0, "more than 33554432 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := openaiOpen(t, tt.answer)
			for _, r := range []model.Request{openaiChat(1), plain(1)} {
				_, err := b.Complete(t.Context(), r)
				failsWith(t, err, tt.kind, tt.wait, tt.want)
			}
		})
	}
}

func failsWith(t *testing.T, err error, kind model.Kind, wait time.Duration, want string) {
	t.Helper()
	var why *model.Error
	if !errors.As(err, &why) {
		t.Fatalf("got %v", err)
	}
	if why.Kind != kind || why.RetryAfter != wait || !strings.Contains(why.Message, want) {
		t.Errorf("got %s, %s, %s; want %s, %s, …%s…", why.Kind, why.RetryAfter, why.Message, kind, wait, want)
	}
	if text := fmt.Sprintf("%v %+v %#v", err, err, *why); strings.Contains(text, openaiKey) {
		t.Errorf("the key is in %s", text)
	}
}

func TestNobodyThere(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	b, err := newOpenAI(s.URL, func(string) string { return openaiKey })
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Complete(t.Context(), openaiChat(1))
	failsWith(t, err, model.Unreachable, 0, "nobody listens at "+s.URL)
}

func TestOpenaiOpen(t *testing.T) {
	for _, tt := range []struct{ address, envURL, envKey, want string }{
		{"", "", "", "no key for OpenAI: set OPENAI_API_KEY"},
		{"", "", openaiKey, "openai:https://api.openai.com/v1"},
		{"", "http://localhost:1/v1", "", "openai:http://localhost:1/v1"},
		{"http://localhost:8000/v1/", "http://other", "", "openai:http://localhost:8000/v1"},
		{"localhost:8000", "", openaiKey, "begins with http"},
		{"http://", "", openaiKey, "names no host"},
		{"http://me:" + openaiKey + "@host/v1", "", "", "put the key in OPENAI_API_KEY"},
		{"http://me:" + openaiKey + "@ho st/v1", "", "", "it is no URL"},
		{"http://host/v1?key=" + openaiKey, "", "", "ends with the path"},
	} {
		b, err := newOpenAI(tt.address, func(name string) string {
			return map[string]string{"OPENAI_BASE_URL": tt.envURL, "OPENAI_API_KEY": tt.envKey}[name]
		})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = b.Identity()
		}
		if !strings.Contains(got, tt.want) || strings.Contains(got, openaiKey) {
			t.Errorf("%s: got %s, want %s", tt.address, got, tt.want)
		}
	}
}
