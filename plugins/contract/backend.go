package contract

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness/model"
)

// Subject is a backend and what it can be asked.
type Subject struct {
	Backend model.Backend
	// Request is one that it answers, for one sample and for several. The checks
	// change its index and number, and copy it.
	Request model.Request
	// Patience is how long a check may take (default a minute).
	Patience time.Duration
}

// Run holds a backend to its contract.
func Run(ctx context.Context, s Subject) []Result {
	list := backendChecks
	if _, ok := s.Backend.(process); ok {
		list = append(list[:len(list):len(list)], processChecks...)
	}
	return runAll(ctx, s, s.Patience, list)
}

// backendChecks hold for every backend.
var backendChecks = []check[Subject]{
	{"its identity is one line, and stays the same", identity},
	{"it answers one sample", one},
	{"it answers several samples, as many as were asked for at most", several},
	{"it answers a later sample by itself", later},
	{"it answers the same request again", again},
	{"it answers sixteen requests at once", together},
	{"what it can't answer is an error of a known kind, in words", strange},
	{"it returns when nobody waits for it any more", abandoned},
	{"it answers after all that", one},
}

const maxIdentity = 512

func identity(_ context.Context, s Subject) error {
	id := s.Backend.Identity()
	switch {
	case id == "":
		return errors.New("it is empty")
	case len(id) > maxIdentity:
		return fmt.Errorf("it has %d bytes, more than %d", len(id), maxIdentity)
	case !utf8.ValidString(id), strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("it has signs in it that can't be printed: %q", id)
	case s.Backend.Identity() != id:
		return fmt.Errorf("it was %q first, and is %q now", id, s.Backend.Identity())
	}
	return nil
}

func one(ctx context.Context, s Subject) error {
	_, err := ask(ctx, s.Backend, s.Request.Only(0, 1))
	return err
}

func several(ctx context.Context, s Subject) error {
	_, err := ask(ctx, s.Backend, s.Request.Only(0, 3))
	return err
}

func later(ctx context.Context, s Subject) error {
	_, err := ask(ctx, s.Backend, s.Request.Only(2, 1))
	return err
}

func again(ctx context.Context, s Subject) error {
	for range 3 {
		if err := one(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func together(ctx context.Context, s Subject) error {
	const requests = 16
	g, ctx := errgroup.WithContext(ctx)
	for i := range requests {
		g.Go(func() error {
			_, err := ask(ctx, s.Backend, s.Request.Only(i%3, 1))
			return err
		})
	}
	return g.Wait()
}

// strange asks what few can answer. An answer is as good as an error.
func strange(ctx context.Context, s Subject) error {
	long := s.Request
	long.Task = "assay/contract"
	long.Prompt, long.Messages = strings.Repeat("def f(x):\n    return \"é😀\\x00\"\n", 1<<15), nil
	odd := s.Request
	odd.Task, odd.Model, odd.Stop = "assay/\x00é", "no such model", []string{"\n", "é", " "}
	empty := model.Request{Task: "assay/empty", N: 1, Model: s.Request.Model}
	for _, r := range []model.Request{long, odd, empty} {
		if _, err := s.Backend.Complete(ctx, r.Only(0, 1)); err != nil {
			if err := worded(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// worded says what an error lacks.
func worded(err error) error {
	var why *model.Error
	if !errors.As(err, &why) {
		return fmt.Errorf("an error without a kind: %w", err)
	}
	switch why.Kind {
	case model.Busy, model.Broken, model.Slow, model.Unreachable, model.Refused, model.Unusable:
	default:
		return fmt.Errorf("an error of no known kind, %q: %w", why.Kind, err)
	}
	switch {
	case strings.TrimSpace(why.Message) == "":
		return fmt.Errorf("an error of kind %s without a word", why.Kind)
	case why.RetryAfter < 0:
		return fmt.Errorf("it asks to wait %s", why.RetryAfter)
	}
	return nil
}

// abandoned gives up a request before it is sent, and one that is under way.
func abandoned(ctx context.Context, s Subject) error {
	before, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Backend.Complete(before, s.Request.Only(0, 1)); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("a request that was given up failed otherwise than that: %w", err)
	}
	during, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := s.Backend.Complete(during, s.Request.Only(0, 1))
		done <- err
	}()
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("a request that was given up failed otherwise than that: %w", err)
	}
	return nil
}

// ask holds an answer to the contract.
func ask(ctx context.Context, b model.Backend, r model.Request) (model.Answer, error) {
	a, err := b.Complete(ctx, r)
	if err != nil {
		return a, fmt.Errorf("%s#%d, %d samples: %w", r.Task, r.Index, r.N, err)
	}
	if len(a.Texts) < 1 || len(a.Texts) > r.N {
		return a, fmt.Errorf("%d samples were asked for, it gave %d", r.N, len(a.Texts))
	}
	for _, t := range a.Texts {
		switch {
		case !utf8.ValidString(t.Text):
			return a, fmt.Errorf("a text is no UTF-8: %.100q", t.Text)
		case t.Finish != model.Stop && t.Finish != model.Length && t.Finish != model.Other:
			return a, fmt.Errorf("a text ended by %q, which is no way to end", t.Finish)
		}
	}
	if u := a.Usage; u.PromptTokens < 0 || u.CompletionTokens < 0 || !(u.Cost >= 0) || math.IsInf(u.Cost, 0) {
		return a, fmt.Errorf("it counts %d and %d tokens, %v dollars", u.PromptTokens, u.CompletionTokens, u.Cost)
	}
	return a, nil
}

// processChecks hold for a backend that is a process.
var processChecks = []check[Subject]{
	{"it says that it is well", func(ctx context.Context, s Subject) error {
		return s.Backend.(process).Health(ctx)
	}},
	{"it is started again when it was killed, as the same", restarted},
}

func restarted(ctx context.Context, s Subject) error {
	before := s.Backend.Identity()
	if err := s.Backend.(process).Kill(ctx); err != nil {
		return err
	}
	for {
		_, err := ask(ctx, s.Backend, s.Request.Only(0, 1))
		wait, broken := retry(err)
		if !broken {
			return errors.Join(err, identity(ctx, s), same(before, s.Backend.Identity()))
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// retry says whether to ask again, and when.
func retry(err error) (wait time.Duration, broken bool) {
	var why *model.Error
	if errors.As(err, &why) && why.Kind == model.Broken {
		return why.RetryAfter, true
	}
	return 0, false
}

func same(before, after string) error {
	if before != after {
		return fmt.Errorf("its identity was %q, and is %q", before, after)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
