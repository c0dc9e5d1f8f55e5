package model

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"
)

// server answers in its own way, and counts. Time is the bubble's.
type server struct {
	answer func(r Request, call int) (Answer, error) // call: how often this sample was asked for, from 0
	delay  time.Duration

	mu           sync.Mutex
	calls        map[string]int // by task and index
	answered     map[string]int
	inside, peak int
	starts       []time.Time
}

func newServer(delay time.Duration, answer func(Request, int) (Answer, error)) *server {
	return &server{answer: answer, delay: delay, calls: map[string]int{}, answered: map[string]int{}}
}

func (s *server) Identity() string { return "test:server" }

func (s *server) Complete(ctx context.Context, r Request) (Answer, error) {
	name := fmt.Sprintf("%s#%d", r.Task, r.Index)
	s.mu.Lock()
	call := s.calls[name]
	s.calls[name]++
	s.inside++
	s.peak = max(s.peak, s.inside)
	s.starts = append(s.starts, time.Now())
	s.mu.Unlock()
	err := sleep(ctx, s.delay)
	var a Answer
	if err == nil {
		a, err = s.answer(r, call)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside--
	if err == nil {
		for i := range a.Texts {
			s.answered[fmt.Sprintf("%s#%d", r.Task, r.Index+i)]++
		}
	}
	return a, err
}

func (s *server) sum() (n int) {
	for _, c := range s.calls {
		n += c
	}
	return n
}

// texts are n answers that say what they answer.
func texts(r Request, n int) Answer {
	a := Answer{Usage: Usage{PromptTokens: 10, CompletionTokens: int64(n)}}
	for i := range n {
		a.Texts = append(a.Texts, Text{Text: fmt.Sprintf("%s#%d <&>", r.Task, r.Index+i), Finish: Stop})
	}
	return a
}

func all(r Request, _ int) (Answer, error) { return texts(r, r.N), nil }

func openLog(t testing.TB, path string) *Log {
	t.Helper()
	l, err := OpenLog(path, "test:server", false)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func question(task, n int) Request {
	return Request{Task: fmt.Sprint("T/", task), N: n, Model: "m", Prompt: "p"}
}

// askAll asks for n samples of each task, and checks the answers.
func askAll(ctx context.Context, t testing.TB, c *Client, tasks, n int) error {
	t.Helper()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * c.Concurrency)
	for task := range tasks {
		r := question(task, n)
		g.Go(func() error {
			a, err := c.Complete(ctx, r)
			if err == nil && !slices.Equal(a.Texts, texts(r, n).Texts) {
				err = fmt.Errorf("%s: got %v", r.Task, a.Texts)
			}
			return err
		})
	}
	return g.Wait()
}

// One call in five fails, in every way that there is: no sample is lost, none
// is answered twice.
func TestFailingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		dice := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		s := newServer(50*time.Millisecond, nil)
		s.answer = func(r Request, _ int) (Answer, error) {
			mu.Lock()
			roll, which := dice.IntN(5), dice.IntN(5)
			mu.Unlock()
			if roll > 0 {
				return texts(r, r.N), nil
			}
			switch which {
			case 0:
				return Answer{}, &Error{Kind: Busy, Message: "429", RetryAfter: 2 * time.Second}
			case 1:
				return Answer{}, Errorf(Busy, "503")
			case 2:
				return Answer{}, nil // no text in it
			case 3:
				return texts(r, (r.N+1)/2), nil
			}
			return Answer{}, Errorf(Broken, "cut off")
		}
		c := New(Config{Backend: s, Log: log, Concurrency: 8})
		if err := askAll(t.Context(), t, c, 400, 3); err != nil {
			t.Fatal(err)
		}
		for task := range 400 {
			for i := range 3 {
				if name := fmt.Sprintf("T/%d#%d", task, i); s.answered[name] != 1 {
					t.Errorf("%s was answered %d times", name, s.answered[name])
				}
			}
		}
		if stats := c.Stats(); stats.Retried == 0 || stats.Sent != int64(s.sum()) {
			t.Errorf("counted %+v, sent were %d", stats, s.sum())
		}
	})
}

// A run that is cut at any moment goes on where it was: what the log has is not
// sent again, and the log is as short as can be.
func TestCutAnywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, path)
		c := New(Config{Backend: newServer(0, all), Log: log, Concurrency: 1})
		if err := errors.Join(askAll(t.Context(), t, c, 6, 2), log.Close()); err != nil {
			t.Fatal(err)
		}
	})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n <= len(whole); n += 7 {
		synctest.Test(t, func(t *testing.T) {
			if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
				t.Fatal(err)
			}
			log := openLog(t, path)
			s := newServer(time.Millisecond, all)
			c := New(Config{Backend: s, Log: log, Concurrency: 4})
			if err := errors.Join(askAll(t.Context(), t, c, 6, 2), log.Close()); err != nil {
				t.Fatal(err)
			}
			if kept := bytes.Count(whole[:n], []byte("\n")); s.sum() != 6-kept {
				t.Fatalf("cut at %d: %d answers were there, %d requests sent", n, kept, s.sum())
			}
		})
	}
}

// A damaged line is one answer less, and no other is harmed.
func TestDamagedLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, path)
		c := New(Config{Backend: newServer(0, all), Log: log})
		if err := errors.Join(askAll(t.Context(), t, c, 3, 1), log.Close()); err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(path)
		text[len(text)/2] ^= 1
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		log = openLog(t, path)
		defer log.Close()
		s := newServer(0, all)
		if err := askAll(t.Context(), t, New(Config{Backend: s, Log: log}), 3, 1); err != nil {
			t.Fatal(err)
		}
		if log.Damaged() != 1 || s.sum() != 1 {
			t.Errorf("%d damaged, %d sent; want one each", log.Damaged(), s.sum())
		}
	})
}

// What another backend answered, or another question was answered, is not taken.
func TestKeysApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		s := newServer(0, all)
		c := New(Config{Backend: s, Log: log})
		one := int64(1)
		base := Request{Task: "T/0", N: 1, Model: "m", Prompt: "p"}
		vary := []func(*Request){
			func(*Request) {},
			func(r *Request) { r.Task = "T/1" },
			func(r *Request) { r.Index = 1 },
			func(r *Request) { r.Model = "n" },
			func(r *Request) { r.Prompt = "q" },
			func(r *Request) { r.Prompt, r.Messages = "", []Message{{Role: User, Content: "p"}} },
			func(r *Request) { r.Temperature = 0.8 },
			func(r *Request) { r.TopP = 0.9 },
			func(r *Request) { r.MaxTokens = 5 },
			func(r *Request) { r.Stop = []string{"x"} },
			func(r *Request) { r.Seed = &one },
		}
		for range 2 {
			for _, v := range vary {
				r := base
				v(&r)
				if _, err := c.Complete(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
		}
		if s.sum() != len(vary) {
			t.Errorf("%d requests for %d questions", s.sum(), len(vary))
		}
		log.backend = "test:other"
		before := len(log.places)
		if err := log.take(journalLine(t, Exchange{Backend: "test:server", Request: question(9, 1), Answer: texts(question(9, 1), 1)})); err != nil || len(log.places) != before {
			t.Error("another backend's answer was taken")
		}
	})
}

// 10,000 requests of 50 ms: the time that the concurrency allows, and never
// more at once.
func TestThroughput(t *testing.T) {
	const concurrency, delay, requests = 64, 50 * time.Millisecond, 10_000
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		s := newServer(delay, all)
		c := New(Config{Backend: s, Log: log, Concurrency: concurrency})
		start := time.Now()
		if err := askAll(t.Context(), t, c, requests, 1); err != nil {
			t.Fatal(err)
		}
		ideal := requests * delay / concurrency
		if took := time.Since(start); float64(ideal) < 0.95*float64(took) || s.peak > concurrency {
			t.Errorf("%s, where %s are possible; %d at once", took, ideal, s.peak)
		}
	})
}

// A server that is asked too much gets less, and more again later; what it asks
// to wait is waited, by everybody.
func TestAdapts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		s := newServer(50*time.Millisecond, nil)
		turned := 0
		s.answer = func(r Request, _ int) (Answer, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.inside > 6 {
				turned++
				return Answer{}, Errorf(Busy, "429")
			}
			return texts(r, r.N), nil
		}
		c := New(Config{Backend: s, Log: log, Concurrency: 32})
		if err := askAll(t.Context(), t, c, 2000, 1); err != nil {
			t.Fatal(err)
		}
		if turned > 400 {
			t.Errorf("%d of %d requests were turned away", turned, s.sum())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		var until time.Time
		s := newServer(0, nil)
		s.answer = func(r Request, call int) (Answer, error) {
			switch {
			case until.IsZero():
				until = time.Now().Add(7 * time.Second)
				return Answer{}, &Error{Kind: Busy, Message: "429", RetryAfter: 7 * time.Second}
			case time.Now().Before(until):
				t.Errorf("%s was sent %s too early", r.Task, time.Until(until))
			}
			return texts(r, r.N), nil
		}
		c := New(Config{Backend: s, Log: log, Concurrency: 1})
		if err := askAll(t.Context(), t, c, 20, 1); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPerMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		s := newServer(time.Second, all)
		if err := askAll(t.Context(), t, New(Config{Backend: s, Log: log, PerMinute: 30}), 40, 1); err != nil {
			t.Fatal(err)
		}
		for i, at := range s.starts[1:] {
			if gap := at.Sub(s.starts[i]); gap < 1900*time.Millisecond {
				t.Errorf("%s between requests %d and %d", gap, i, i+1)
			}
		}
	})
}

func TestGivesUp(t *testing.T) {
	fail := func(kind Kind) func(Request, int) (Answer, error) {
		return func(r Request, _ int) (Answer, error) {
			if r.Task == "T/0" {
				return texts(r, r.N), nil // somebody is there
			}
			return Answer{}, Errorf(kind, "no")
		}
	}
	for _, tt := range []struct {
		name     string
		answer   func(Request, int) (Answer, error)
		sent     int // for T/1
		failed   bool
		contains string
	}{
		{"refused", fail(Refused), 1, true, "T/1#0: no"},
		{"unusable", fail(Unusable), 1, false, "no"},
		{"broken", fail(Broken), 8, true, "T/1#0: no (8 attempts)"},
		{"unreachable", fail(Unreachable), 8, true, "(8 attempts)"},
		{"busy", fail(Busy), busyAttempts, true, "(100 attempts)"},
		{"a long wait", func(r Request, _ int) (Answer, error) {
			return Answer{}, &Error{Kind: Busy, Message: "429", RetryAfter: 3 * time.Hour}
		}, 1, false, "asks to wait 3h0m0s"},
		{"a backend's own error", func(Request, int) (Answer, error) { return Answer{}, errors.New("bug") }, 1, false, "bug"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := openLog(t, filepath.Join(t.TempDir(), "log"))
				defer log.Close()
				s := newServer(time.Millisecond, tt.answer)
				c := New(Config{Backend: s, Log: log})
				_, _ = c.Complete(t.Context(), question(0, 1))
				_, err := c.Complete(t.Context(), question(1, 1))
				var failed *Failed
				if err == nil || errors.As(err, &failed) != tt.failed || !strings.Contains(err.Error(), tt.contains) {
					t.Errorf("got %v", err)
				}
				if n := s.calls["T/1#0"]; n != tt.sent {
					t.Errorf("sent %d times, want %d", n, tt.sent)
				}
			})
		})
	}
}

// A server that never answers ends the run, soon.
func TestDeadServer(t *testing.T) {
	for kind, most := range map[Kind]int{Unreachable: 16, Refused: 20, Broken: 8 * 20} {
		synctest.Test(t, func(t *testing.T) {
			log := openLog(t, filepath.Join(t.TempDir(), "log"))
			defer log.Close()
			s := newServer(time.Millisecond, func(Request, int) (Answer, error) {
				return Answer{}, Errorf(kind, "no")
			})
			c := New(Config{Backend: s, Log: log})
			g, ctx := errgroup.WithContext(t.Context())
			g.SetLimit(16)
			for task := range 1000 {
				g.Go(func() error {
					_, err := c.Complete(ctx, question(task, 1))
					var failed *Failed
					if errors.As(err, &failed) {
						return nil
					}
					return err
				})
			}
			if err := g.Wait(); err == nil || s.sum() > most {
				t.Errorf("%s: %d requests, %v", kind, s.sum(), err)
			}
		})
	}
}

// A slow answer is asked for again; an interrupted run waits for what it pays.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		s := newServer(time.Hour, all)
		c := New(Config{Backend: s, Log: log, Attempts: 2, Timeout: time.Minute})
		_, err := c.Complete(t.Context(), question(0, 1))
		if err == nil || !strings.Contains(err.Error(), "no answer within 1m0s") || s.sum() != 2 {
			t.Errorf("%d sent, %v", s.sum(), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		log := openLog(t, filepath.Join(t.TempDir(), "log"))
		defer log.Close()
		ctx, cancel := context.WithCancel(t.Context())
		s := newServer(20*time.Second, all)
		c := New(Config{Backend: s, Log: log})
		time.AfterFunc(time.Second, cancel)
		if _, err := c.Complete(ctx, question(0, 1)); err != nil || !log.Has(question(0, 1)) {
			t.Errorf("what was under way is lost: %v", err)
		}
		start := time.Now()
		s.delay = time.Hour
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := c.Complete(ctx, question(1, 1)); !errors.Is(err, context.Canceled) || time.Since(start) > time.Minute {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

// Only one process at a time may have a log.
func TestLogIsLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log := openLog(t, path)
	if _, err := OpenLog(path, "test:server", false); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got %v", err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openLog(t, path).Close(); err != nil {
		t.Fatal(err)
	}
}
