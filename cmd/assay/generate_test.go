package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness/model"

	"github.com/assay-dev/assay/plugins"
)

const serverKey = "sk-secret-0123456789"

func environment(name string) string {
	if name == "OPENAI_API_KEY" {
		return serverKey
	}
	return ""
}

// modelServer speaks OpenAI's protocol. One call in fails fails, each time in
// another way; 0: none does.
type modelServer struct {
	delay time.Duration
	fails int

	mu       sync.Mutex
	calls    int
	answered map[string]int // by task and index, as they stand in the prompt
}

func (s *modelServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Prompt string
		N      int
		Seed   int
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Header.Get("Authorization") != "Bearer "+serverKey {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	time.Sleep(s.delay)
	s.mu.Lock()
	s.calls++
	call := s.calls
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if s.fails > 0 && call%s.fails == 0 {
		s.fail(w, r, call/s.fails)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	type choice struct {
		Index        int    `json:"index"`
		Text         string `json:"text"`
		FinishReason string `json:"finish_reason"`
	}
	choices := []choice{}
	for i := range max(body.N, 1) {
		name := fmt.Sprintf("%s#%d", body.Prompt, body.Seed+i)
		s.answered[name]++
		choices = append(choices, choice{i, name, "stop"})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"choices": choices, "usage": map[string]int{"prompt_tokens": 1, "completion_tokens": 1}})
}

// fail fails in one of the ways that servers have.
func (s *modelServer) fail(w http.ResponseWriter, r *http.Request, how int) {
	switch how % 8 {
	case 0:
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusTooManyRequests)
	case 1:
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"error":"no memory for `+r.Header.Get("Authorization")+`"}`)
	case 2:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 3: // slow
		select {
		case <-r.Context().Done():
		case <-time.After(time.Hour):
		}
	case 4: // cut off
		w.Header().Set("Content-Length", "500")
		_, _ = io.WriteString(w, `{"choices":[{"index":0,"text":"half of`)
		panic(http.ErrAbortHandler)
	case 5:
		_, _ = io.WriteString(w, `{"choices":[{"index":0,"text":"half of`)
	case 6:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>hello</html>")
	case 7:
		panic(http.ErrAbortHandler)
	}
}

// pipes is a network in memory, for a bubble of virtual time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ask asks for n samples of each task, through the backend that spec names.
func ask(ctx context.Context, log, spec string, concurrency, tasks, n int) (err error) {
	backend, _, err := plugins.Open(ctx, backendKind(environment), spec, nil, nil)
	if err != nil {
		return err
	}
	answers, err := model.OpenLog(log, backend.Identity(), false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answers.Close()) }()
	client := model.New(model.Config{Backend: backend, Log: answers, Concurrency: concurrency, Timeout: time.Minute})
	seed := int64(0)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * concurrency)
	for task := range tasks {
		g.Go(func() error {
			r := model.Request{Task: fmt.Sprint("T/", task), N: n, Model: "m", Prompt: fmt.Sprint("T/", task), Seed: &seed}
			a, err := client.Complete(ctx, r)
			for i, text := range a.Texts {
				if want := fmt.Sprintf("%s#%d", r.Task, i); text.Text != want {
					return fmt.Errorf("got %q, want %q", text.Text, want)
				}
			}
			return err
		})
	}
	return g.Wait()
}

// One call in five fails, over the wire and through the SDK; the run is stopped
// twice, and its log torn. No sample is lost, and what the log had is not asked
// for again.
func TestFailingModelServer(t *testing.T) {
	const tasks, n = 300, 3
	synctest.Test(t, func(t *testing.T) {
		network := &pipes{make(chan net.Conn), make(chan struct{})}
		usual := http.DefaultTransport
		http.DefaultTransport = &http.Transport{DialContext: network.dial}
		defer func() { http.DefaultTransport = usual }()
		s := &modelServer{delay: 50 * time.Millisecond, fails: 5, answered: map[string]int{}}
		server := &http.Server{Handler: s}
		go func() { _ = server.Serve(network) }()
		defer server.Close()

		log := filepath.Join(t.TempDir(), "log")
		const spec = "openai:http://model.test/v1"
		dice := rand.New(rand.NewPCG(3, 5))
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(500+dice.IntN(1000))*time.Millisecond)
			if err := ask(ctx, log, spec, 8, tasks, n); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a run that was stopped: %v", err)
			}
			cancel()
		}
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(log, text[:len(text)-20], 0o644); err != nil {
			t.Fatal(err)
		}
		if err := ask(t.Context(), log, spec, 8, tasks, n); err != nil {
			t.Fatal(err)
		}
		twice := 0
		for task := range tasks {
			for i := range n {
				switch name := fmt.Sprintf("T/%d#%d", task, i); s.answered[name] {
				case 1:
				case 2:
					twice++
				default:
					t.Errorf("%s was answered %d times", name, s.answered[name])
				}
			}
		}
		if twice != n { // the torn line's
			t.Errorf("%d samples were answered twice, want the %d whose answer was torn", twice, n)
		}
		calls := s.calls
		if err := ask(t.Context(), log, spec, 8, tasks, n); err != nil || s.calls != calls {
			t.Errorf("%d requests with nothing to ask for, %v", s.calls-calls, err)
		}
		if text, err = os.ReadFile(log); err != nil || strings.Contains(string(text), serverKey) {
			t.Errorf("the key is in the log, or %v", err)
		}
	})
}

// BenchmarkModelServer: 10,000 requests to a real server that answers in 50 ms;
// share is what of the possible rate is reached.
func BenchmarkModelServer(b *testing.B) {
	const requests, concurrency, delay = 10_000, 64, 50 * time.Millisecond
	for range b.N {
		s := &modelServer{delay: delay, answered: map[string]int{}}
		server := httptest.NewServer(s)
		start := time.Now()
		if err := ask(b.Context(), filepath.Join(b.TempDir(), "log"), "openai:"+server.URL+"/v1", concurrency, requests, 1); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(requests*delay/concurrency)/float64(time.Since(start)), "share")
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/(1<<20), "MB")
		server.Close()
	}
}
