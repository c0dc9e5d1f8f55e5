package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/plugins/sdk/model"
)

// Config of a Client. A zero field means its default.
type Config struct {
	Backend Backend // required
	Log     *Log    // required

	Concurrency int           // requests under way at once, at most (default 16)
	PerMinute   int           // requests sent in a minute, at most (default: no limit)
	Attempts    int           // at one request before its samples are given up (default 8)
	Timeout     time.Duration // of one attempt (default 10 minutes)
	Price       Price         // of tokens (default: as the server says)
}

// Validate says what is wrong with the numbers that flags give, which all have
// one.
func (c Config) Validate() error {
	switch {
	case c.Concurrency < 1 || c.Attempts < 1 || c.Timeout <= 0:
		return errors.New("--concurrency, --attempts and --timeout are 1 or more")
	case c.PerMinute < 0:
		return errors.New("--per-minute can't be negative")
	}
	return nil
}

func (c Config) withDefaults() Config {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.Concurrency, 16)
	def(&c.Attempts, 8)
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Minute
	}
	return c
}

// Price is what a million tokens cost, in dollars, where the server does not say
// what an answer costs.
type Price struct{ Prompt, Completion float64 }

// Of fills in the cost of an answer.
func (p Price) Of(u Usage) Usage {
	if u.Cost == 0 {
		u.Cost = (float64(u.PromptTokens)*p.Prompt + float64(u.CompletionTokens)*p.Completion) / 1e6
	}
	return u
}

const (
	grace         = 30 * time.Second // for what is under way when a run is interrupted: it is paid for
	busyAttempts  = 100              // at one request that the server puts off
	longestWait   = 15 * time.Minute // that a server may ask for
	deadlyFailure = 5                // requests given up in a row: nobody will be answered
)

// Client sends requests to a backend, and is one itself. It is safe for
// concurrent use.
type Client struct {
	Config
	gate *gate
	pace *rate.Limiter

	sent, retried atomic.Int64
	answered      atomic.Bool
	givenUp       atomic.Int32 // in a row
}

// New makes a client. The log stays the caller's to close.
func New(c Config) *Client {
	c = c.withDefaults()
	pace := rate.NewLimiter(rate.Inf, 1)
	if c.PerMinute > 0 {
		pace = rate.NewLimiter(rate.Limit(c.PerMinute)/60, 1)
	}
	return &Client{Config: c, gate: newGate(c.Concurrency), pace: pace}
}

// Identity is the backend's.
func (c *Client) Identity() string { return c.Backend.Identity() }

// Stats is what has been done so far.
type Stats struct {
	Sent    int64 // requests
	Retried int64 // of these, sent because another one failed
	Usage   Usage // of all answers in the log
}

// Text is what the asking has taken so far; failed are those who wait in vain.
func (s Stats) Text(failed int) string {
	parts := []string{humanize.Grouped(uint64(s.Usage.PromptTokens+s.Usage.CompletionTokens)) + " tokens"}
	if s.Usage.Cost > 0 {
		parts = append(parts, humanize.Dollars(s.Usage.Cost))
	}
	if s.Retried > 0 {
		parts = append(parts, fmt.Sprintf("asked again %d", s.Retried))
	}
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("failed %d", failed))
	}
	return strings.Join(parts, ", ")
}

// Stats counts.
func (c *Client) Stats() Stats {
	return Stats{Sent: c.sent.Load(), Retried: c.retried.Load(), Usage: c.Price.Of(c.Log.Usage())}
}

// Failed says that samples of one task have no answer; others may.
type Failed struct {
	Request  Request // the samples
	Attempts int
	Err      error
}

func (f *Failed) Error() string {
	s := fmt.Sprintf("%s#%d: %v", f.Request.Task, f.Request.Index, f.Err)
	if f.Attempts > 1 {
		s += fmt.Sprintf(" (%d attempts)", f.Attempts)
	}
	return s
}

func (f *Failed) Unwrap() error { return f.Err }

// Complete gives all texts that r asks for: from the log as far as it has them,
// else from the backend. A *Failed is about these samples; any other error
// stands in every request's way. Usage is that of what was sent now.
func (c *Client) Complete(ctx context.Context, r Request) (Answer, error) {
	var usage Usage
	for {
		missing := c.Log.missing(r)
		if missing.N == 0 {
			answer, err := c.Log.answer(r)
			answer.Usage = usage
			return answer, err
		}
		answer, err := c.ask(ctx, missing)
		if err != nil {
			return Answer{}, err
		}
		if err := c.Log.add(missing, answer); err != nil {
			return Answer{}, err
		}
		usage.Add(answer.Usage)
	}
}

// ask sends a request until it is answered or given up.
func (c *Client) ask(ctx context.Context, r Request) (Answer, error) {
	for tried := (tries{}); ; {
		answer, err := c.once(ctx, r)
		if err == nil {
			c.answered.Store(true)
			c.givenUp.Store(0)
			return answer, nil
		}
		if ctx.Err() != nil {
			return Answer{}, context.Cause(ctx)
		}
		var why *Error
		if !errors.As(err, &why) {
			return Answer{}, err
		}
		wait, again := tried.next(why, c.Attempts)
		switch {
		case why.Kind == Unusable, why.Kind == Unreachable && !c.answered.Load():
			return Answer{}, why
		case wait > longestWait:
			return Answer{}, fmt.Errorf("%w; the server asks to wait %s: run the same command again then", why, wait.Round(time.Second))
		case !again:
			return Answer{}, c.giveUp(r, why, tried.total())
		}
		c.retried.Add(1)
		if why.Kind == Busy && why.RetryAfter > 0 {
			continue // the gate is closed until then
		}
		if err := sleep(ctx, wait); err != nil {
			return Answer{}, err
		}
	}
}

// giveUp leaves a request's samples out, unless that has become a habit.
func (c *Client) giveUp(r Request, why *Error, attempts int) error {
	failed := &Failed{Request: r, Attempts: attempts, Err: why}
	if why.Kind == Refused && c.answered.Load() {
		return failed
	}
	if c.givenUp.Add(1) >= deadlyFailure {
		return fmt.Errorf("%d requests in a row came to nothing, the last one: %s; what was answered is kept: run the same command again", deadlyFailure, failed.Error())
	}
	return failed
}

// once sends a request when there is room for it.
func (c *Client) once(ctx context.Context, r Request) (Answer, error) {
	t, err := c.gate.enter(ctx)
	if err != nil {
		return Answer{}, err
	}
	var why *Error
	defer func() {
		congested := why != nil && (why.Kind == Busy || why.Kind == Slow)
		quiet := time.Duration(0)
		if congested {
			quiet = why.RetryAfter
		}
		c.gate.leave(t, congested, quiet)
	}()
	if err := c.pace.Wait(ctx); err != nil {
		return Answer{}, err
	}
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	c.sent.Add(1)
	answer, err := c.send(ctx, r)
	if err == nil {
		return answer, check(&answer, r.N)
	}
	errors.As(err, &why)
	return Answer{}, err
}

// send makes one attempt. An interrupted run still waits a while for its
// answer, which will be paid for.
func (c *Client) send(ctx context.Context, r Request) (Answer, error) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	answer, err := c.Backend.Complete(own, r)
	if err != nil && errors.Is(own.Err(), context.DeadlineExceeded) {
		return Answer{}, Errorf(Slow, "no answer within %s: a slow server needs a longer --timeout, or a smaller --concurrency", c.Timeout)
	}
	return answer, err
}

// check holds a backend to its word.
func check(a *Answer, n int) error {
	if len(a.Texts) == 0 {
		return Errorf(Broken, "the answer has no text in it")
	}
	a.Texts = a.Texts[:min(n, len(a.Texts))]
	return nil
}

// What a backend is, and what passes between it and who asks. Plugins are made
// with the same types, which is why they lie in the SDK.
type (
	Backend = model.Backend
	Request = model.Request
	Message = model.Message
	Role    = model.Role
	Answer  = model.Answer
	Text    = model.Text
	Finish  = model.Finish
	Usage   = model.Usage
	Error   = model.Error
	Kind    = model.Kind
)

// The roles of messages, the ends of texts and the kinds of failures.
const (
	System    = model.System
	User      = model.User
	Assistant = model.Assistant

	Stop   = model.Stop
	Length = model.Length
	Other  = model.Other

	Busy        = model.Busy
	Broken      = model.Broken
	Slow        = model.Slow
	Unreachable = model.Unreachable
	Refused     = model.Refused
	Unusable    = model.Unusable
)

// Errorf makes an Error.
func Errorf(kind Kind, format string, args ...any) *Error { return model.Errorf(kind, format, args...) }
