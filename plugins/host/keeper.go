package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/assay-dev/assay/plugins/sdk/model"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Plugin is one that runs: a *Backend, a *Trainer or a *Runtime, by its kind.
type Plugin interface {
	Identity() string
	Health(ctx context.Context) error
	Kill(ctx context.Context) error
	io.Closer
}

// Open starts a plugin of the kind that its configuration names. The caller
// closes it.
func Open(ctx context.Context, c Config) (Plugin, error) {
	switch c.Kind {
	case wire.Backend:
		return opened(OpenBackend(ctx, c))
	case wire.Trainer:
		return opened(OpenTrainer(ctx, c))
	case wire.Runtime:
		return opened(OpenRuntime(ctx, c))
	}
	return nil, fmt.Errorf("plugin %s is of the kind %q, which there is not", c.Name, c.Kind)
}

// opened keeps a nil pointer from becoming a plugin.
func opened[P Plugin](p P, err error) (Plugin, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// keeper keeps a plugin running: it starts the process again when that has ended.
// It is safe for concurrent use.
type keeper struct {
	config   Config
	identity string

	backoff backoff
	turn    chan struct{} // holds one token: whoever has it may touch what follows
	process *process      // nil when there is none
	closed  bool
}

// keep starts the plugin. The caller closes it.
func keep(ctx context.Context, c Config) (*keeper, error) {
	c = c.withDefaults()
	p, err := start(ctx, c)
	if err != nil {
		return nil, err
	}
	k := &keeper{config: c, backoff: backoff{first: c.RestartWait}, turn: make(chan struct{}, 1), process: p}
	k.turn <- struct{}{}
	if k.identity, err = p.name(); err != nil {
		_ = p.close() // err says more
		return nil, err
	}
	return k, nil
}

// maxIdentity bounds what a plugin says of itself, in bytes.
const maxIdentity = 200

// name is the identity: the plugin, and what it says that it asks.
func (p *process) name() (string, error) {
	own, c := p.identity, p.config
	name := "plugin:" + c.Name + "@" + c.Version
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case own == "":
		return name, nil
	case len(own) > maxIdentity, !utf8.ValidString(own), strings.ContainsFunc(own, odd):
		return "", fmt.Errorf("plugin %s: its identity is not one line of at most %d bytes", c.Name, maxIdentity)
	case p.sink.redact.Line(own, maxIdentity) != strings.Join(strings.Fields(own), " "):
		return "", fmt.Errorf("plugin %s: its identity holds a secret that it was granted; an identity gets into logs", c.Name)
	}
	return name + " " + own, nil
}

// Identity is the plugin's name and version, and what it says that it asks.
func (k *keeper) Identity() string { return k.identity }

func (k *keeper) lock(ctx context.Context) error {
	select {
	case <-k.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (k *keeper) unlock() { k.turn <- struct{}{} }

// running is the process, started again where it has ended.
func (k *keeper) running(ctx context.Context) (*process, error) {
	if err := k.lock(ctx); err != nil {
		return nil, err
	}
	defer k.unlock()
	if k.process != nil {
		if k.process.alive() {
			return k.process, nil
		}
		_ = k.process.close()                   // it has ended already
		if k.process.runner.exceeded() == nil { // what it was asked is over a limit, and no sign of a plugin that will not do
			k.backoff.failed(time.Now())
		}
		k.process = nil
	}
	switch {
	case k.closed:
		return nil, model.Errorf(model.Unusable, "plugin %s is closed", k.config.Name)
	case k.backoff.hopeless():
		return nil, model.Errorf(model.Unusable, "plugin %s ended %d times without an answer in between; assay plugins test %s shows more", k.config.Name, mostFailures, k.config.Name)
	}
	if wait := k.backoff.wait(time.Now()); wait > 0 {
		later := model.Errorf(model.Broken, "plugin %s has ended, and is started again in %s", k.config.Name, wait.Round(time.Millisecond))
		later.RetryAfter = wait
		return nil, later
	}
	p, err := start(ctx, k.config)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		k.backoff.failed(time.Now())
		return nil, model.Errorf(model.Broken, "%v", err)
	}
	if now, err := p.name(); err != nil || now != k.identity {
		_ = p.close() // the other error says more
		return nil, model.Errorf(model.Unusable, "plugin %s calls itself %q after it was started again, and %q before: answers of two identities are never mixed", k.config.Name, now, k.identity)
	}
	k.process = p
	return p, nil
}

// Health asks after the plugin's health.
func (k *keeper) Health(ctx context.Context) error {
	p, err := k.running(ctx)
	if err != nil {
		return err
	}
	return p.healthy(ctx)
}

// Kill ends the process as a crash would; the next request starts another.
func (k *keeper) Kill(ctx context.Context) error {
	if err := k.lock(ctx); err != nil {
		return err
	}
	defer k.unlock()
	if k.process != nil {
		k.process.end("it was told to")
	}
	return nil
}

// drop ends a process for no fault of its own: another one may start at once.
func (k *keeper) drop(p *process) {
	<-k.turn
	defer k.unlock()
	if k.process == p {
		_ = p.close() // it was killed, if need be
		k.process = nil
	}
}

// Close ends the plugin; requests that come later are refused. An error says that
// it had to be killed.
func (k *keeper) Close() error {
	<-k.turn
	defer k.unlock()
	k.closed = true
	if k.process == nil {
		return nil
	}
	err := k.process.close()
	k.process = nil
	return err
}

// unlimited is the time of a question whose asker knows when to give up.
const unlimited = time.Duration(0)

// ask has the process answer a question of its kind, started again where it has
// ended. It waits no longer than most, and says which process answered.
func ask[C wire.Client, A any](ctx context.Context, k *keeper, most time.Duration, question func(C, context.Context) (A, error)) (a A, p *process, err error) {
	if p, err = k.running(ctx); err != nil {
		return a, nil, err
	}
	a, err = askOf(ctx, k, p, most, question)
	return a, p, err
}

// askOf has one process answer.
func askOf[C wire.Client, A any](ctx context.Context, k *keeper, p *process, most time.Duration, question func(C, context.Context) (A, error)) (A, error) {
	limited := ctx
	if most != unlimited {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, most)
		defer cancel()
	}
	a, err := question(p.ask.(C), limited)
	overdue(limited, err)
	switch {
	case err == nil:
		k.backoff.answered()
		return a, nil
	case limited.Err() != nil && ctx.Err() == nil:
		return a, fmt.Errorf("plugin %s has not answered within %s%s", k.config.Name, most, p.sink.said())
	}
	return a, p.failure(ctx, err)
}

// overdue waits a little for the end of ctx, where the other side may have noticed
// before us that time is up.
func overdue(ctx context.Context, err error) {
	switch status.Code(err) {
	case codes.Canceled, codes.DeadlineExceeded, codes.Internal:
		select {
		case <-ctx.Done():
		case <-time.After(lastWords):
		}
	}
}

// failure says what it means that a request has no answer.
func (p *process) failure(ctx context.Context, err error) error {
	overdue(ctx, err)
	name, line := p.config.Name, p.sink.redact.Line
	var known *model.Error
	switch {
	case errors.As(err, &known):
		out := model.Errorf(known.Kind, "plugin %s: %s", name, line(known.Message, maxReason))
		out.RetryAfter = known.RetryAfter
		return out
	case ctx.Err() != nil:
		return ctx.Err()
	}
	said := status.Convert(err).Message()
	switch status.Code(err) {
	case codes.Unavailable:
		return model.Errorf(model.Broken, "plugin %s ended while it was asked: %s%s", name, p.ending(), p.sink.said())
	case codes.Unimplemented:
		return model.Errorf(model.Unusable, "plugin %s promises a %s, but does not serve it: %s", name, p.config.Kind, line(said, maxReason))
	case codes.ResourceExhausted:
		return model.Errorf(model.Broken, "plugin %s wrote too much: %s", name, line(said, maxReason))
	}
	return model.Errorf(model.Broken, "plugin %s failed: %s", name, line(said, maxReason))
}

// ending says how the process ended whose connection broke.
func (p *process) ending() string {
	if !p.runner.gone(lastWords) {
		p.end("its connection broke")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why != "" {
		return p.why
	}
	return p.runner.ended()
}

// backoff counts failures in a row, and says when to start again. The wait
// doubles from first to longestWait. It is safe for concurrent use.
type backoff struct {
	first time.Duration

	mu       sync.Mutex
	failures int
	until    time.Time
}

const (
	longestWait  = 30 * time.Second
	mostFailures = 6 // in a row, without an answer in between: it will not do
)

// failed notes that a process could not be started, or ended by itself.
func (b *backoff) failed(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wait := longestWait
	if b.failures < mostFailures {
		wait = min(longestWait, b.first<<b.failures)
	}
	b.failures++
	b.until = now.Add(wait)
}

// answered notes that the process does what it is for.
func (b *backoff) answered() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures, b.until = 0, time.Time{}
}

// hopeless says that there is no point in starting again.
func (b *backoff) hopeless() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures >= mostFailures
}

// wait is the time until a start is allowed.
func (b *backoff) wait(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.until.Sub(now))
}
