package host

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Runtime is a language that is a plugin. It is safe for concurrent use.
type Runtime struct {
	*keeper
	info language.Info

	preparing sync.Mutex
	prepared  *process // the one that was prepared last
	toolchain language.Toolchain
}

// OpenRuntime starts the plugin. The caller closes it.
func OpenRuntime(ctx context.Context, c Config) (*Runtime, error) {
	c.Kind = wire.Runtime
	k, err := keep(ctx, c)
	if err != nil {
		return nil, err
	}
	r := &Runtime{keeper: k}
	if err := r.ask(ctx, k.config.AnswerTimeout, func(ctx context.Context, c *wire.RuntimeClient) (err error) {
		r.info, err = c.Info(ctx)
		return err
	}); err != nil {
		_ = k.Close() // err says more
		return nil, err
	}
	return r, nil
}

// ask asks the process, started again where it has ended.
func (r *Runtime) ask(ctx context.Context, most time.Duration, question func(context.Context, *wire.RuntimeClient) error) error {
	p, err := r.running(ctx)
	if err != nil {
		return err
	}
	return r.askOf(ctx, p, most, question)
}

func (r *Runtime) askOf(ctx context.Context, p *process, most time.Duration, question func(context.Context, *wire.RuntimeClient) error) error {
	err := p.within(ctx, most, func(ctx context.Context) error { return question(ctx, p.ask.(*wire.RuntimeClient)) })
	if err == nil {
		r.backoff.answered()
	}
	return err
}

// Info is what the language said of itself when it started.
func (r *Runtime) Info() language.Info { return r.info }

// Detect asks the plugin for its toolchain.
func (r *Runtime) Detect(ctx context.Context) (d language.Detection, err error) {
	p, err := r.running(ctx)
	if err != nil {
		return d, err
	}
	err = r.askOf(ctx, p, r.config.AnswerTimeout, func(ctx context.Context, c *wire.RuntimeClient) (err error) {
		d, err = c.Detect(ctx)
		return err
	})
	for _, text := range []*string{&d.Version, &d.Missing, &d.Install} {
		*text = p.sink.redact.Line(*text, maxReason)
	}
	return d, err
}

// Prepare has the plugin's toolchain made ready.
func (r *Runtime) Prepare(ctx context.Context) (language.Toolchain, error) {
	p, err := r.running(ctx)
	if err != nil {
		return language.Toolchain{}, err
	}
	return r.prepare(ctx, p)
}

// prepare prepares a process, once.
func (r *Runtime) prepare(ctx context.Context, p *process) (language.Toolchain, error) {
	r.preparing.Lock()
	defer r.preparing.Unlock()
	if r.prepared == p {
		return r.toolchain, nil
	}
	var t language.Toolchain
	if err := r.askOf(ctx, p, r.config.PrepareTimeout, func(ctx context.Context, c *wire.RuntimeClient) (err error) {
		t, err = c.Prepare(ctx)
		return err
	}); err != nil {
		return t, err
	}
	if before := r.toolchain.ID; before != "" && before != t.ID {
		return t, fmt.Errorf("plugin %s has another toolchain after it was started again (%s, and %s before): programs of two are never mixed", r.config.Name, t.ID, before)
	}
	t.About = p.sink.redact.Line(t.About, maxReason)
	r.prepared, r.toolchain = p, t
	return t, nil
}

// Wrap asks the plugin.
func (r *Runtime) Wrap(ctx context.Context, problem language.Problem, completion string) (s language.Source, err error) {
	err = r.ask(ctx, r.config.AnswerTimeout, func(ctx context.Context, c *wire.RuntimeClient) (err error) {
		s, err = c.Wrap(ctx, problem, completion)
		return err
	})
	return s, err
}

// Compile asks the plugin, which has as long for each source as for an answer.
func (r *Runtime) Compile(ctx context.Context, sources []language.Source) (programs []language.Program, err error) {
	p, err := r.running(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := r.prepare(ctx, p); err != nil {
		return nil, err
	}
	most := r.config.AnswerTimeout * time.Duration(max(1, len(sources)))
	err = r.askOf(ctx, p, most, func(ctx context.Context, c *wire.RuntimeClient) (err error) {
		programs, err = c.Compile(ctx, sources)
		return err
	})
	for i := range programs {
		for j := range programs[i].Diagnostics {
			d := &programs[i].Diagnostics[j]
			d.Message = p.sink.redact.Line(d.Message, maxLine)
		}
	}
	return programs, err
}

// Classify asks the plugin.
func (r *Runtime) Classify(ctx context.Context, e language.End) (f language.Finding, err error) {
	p, err := r.running(ctx)
	if err != nil {
		return f, err
	}
	err = r.askOf(ctx, p, r.config.AnswerTimeout, func(ctx context.Context, c *wire.RuntimeClient) (err error) {
		f, err = c.Classify(ctx, e)
		return err
	})
	if x := f.Exception; x != nil {
		f.Exception = &language.Thrown{Type: p.sink.redact.Line(x.Type, maxReason), Message: p.sink.redact.Line(x.Message, maxLine), Line: x.Line}
	}
	return f, err
}
