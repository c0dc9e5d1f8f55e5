package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"assay/harness/model"
)

// Backend is a model backend that is a plugin. It starts the process again when
// that has ended. It is safe for concurrent use.
type Backend struct {
	config   Config
	identity string

	backoff backoff
	turn    chan struct{} // holds one token: whoever has it may touch what follows
	process *process      // nil when there is none
	closed  bool
}

// OpenBackend starts the plugin. The caller closes it.
func OpenBackend(ctx context.Context, c Config) (*Backend, error) {
	c = c.withDefaults()
	p, err := start(ctx, c)
	if err != nil {
		return nil, err
	}
	b := &Backend{config: c, backoff: backoff{first: c.RestartWait}, turn: make(chan struct{}, 1), process: p}
	b.turn <- struct{}{}
	if b.identity, err = p.name(); err != nil {
		_ = p.close() // err says more
		return nil, err
	}
	return b, nil
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
func (b *Backend) Identity() string { return b.identity }

// Complete asks the plugin.
func (b *Backend) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	p, err := b.running(ctx)
	if err != nil {
		return model.Answer{}, err
	}
	answer, err := p.backend.Complete(ctx, r)
	if err != nil {
		return model.Answer{}, p.failure(ctx, err)
	}
	b.backoff.answered()
	return answer, nil
}

func (b *Backend) lock(ctx context.Context) error {
	select {
	case <-b.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Backend) unlock() { b.turn <- struct{}{} }

// running is the process, started again where it has ended.
func (b *Backend) running(ctx context.Context) (*process, error) {
	if err := b.lock(ctx); err != nil {
		return nil, err
	}
	defer b.unlock()
	if b.process != nil {
		if b.process.alive() {
			return b.process, nil
		}
		_ = b.process.close() // it has ended already
		b.process = nil
		b.backoff.failed(time.Now())
	}
	switch {
	case b.closed:
		return nil, model.Errorf(model.Unusable, "plugin %s is closed", b.config.Name)
	case b.backoff.hopeless():
		return nil, model.Errorf(model.Unusable, "plugin %s ended %d times without an answer in between; assay plugins test %s shows more", b.config.Name, mostFailures, b.config.Name)
	}
	if wait := b.backoff.wait(time.Now()); wait > 0 {
		later := model.Errorf(model.Broken, "plugin %s has ended, and is started again in %s", b.config.Name, wait.Round(time.Millisecond))
		later.RetryAfter = wait
		return nil, later
	}
	p, err := start(ctx, b.config)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		b.backoff.failed(time.Now())
		return nil, model.Errorf(model.Broken, "%v", err)
	}
	if now, err := p.name(); err != nil || now != b.identity {
		_ = p.close() // the other error says more
		return nil, model.Errorf(model.Unusable, "plugin %s calls itself %q after it was started again, and %q before: answers of two identities are never mixed", b.config.Name, now, b.identity)
	}
	b.process = p
	return p, nil
}

// Health asks after the plugin's health.
func (b *Backend) Health(ctx context.Context) error {
	p, err := b.running(ctx)
	if err != nil {
		return err
	}
	return p.healthy(ctx)
}

// Kill ends the process as a crash would; the next request starts another.
func (b *Backend) Kill(ctx context.Context) error {
	if err := b.lock(ctx); err != nil {
		return err
	}
	defer b.unlock()
	if b.process != nil {
		b.process.end("it was told to")
	}
	return nil
}

// Close ends the plugin; requests that come later are refused. An error says that
// it had to be killed.
func (b *Backend) Close() error {
	<-b.turn
	defer b.unlock()
	b.closed = true
	if b.process == nil {
		return nil
	}
	err := b.process.close()
	b.process = nil
	return err
}

// failure says what it means that a request has no answer.
func (p *process) failure(ctx context.Context, err error) error {
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
	case codes.Canceled, codes.DeadlineExceeded: // the other side may notice a little earlier that time is up
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lastWords):
		}
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
