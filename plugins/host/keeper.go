package host

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
		_ = k.process.close() // it has ended already
		k.process = nil
		k.backoff.failed(time.Now())
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
