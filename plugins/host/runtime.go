package host

import (
	"context"
	"fmt"
	"slices"
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
	c.Read = append(slices.Clip(c.Read), pythonPaths(ctx, c)...)
	k, err := keep(ctx, c)
	if err != nil {
		return nil, err
	}
	r := &Runtime{keeper: k}
	if r.info, _, err = ask(ctx, k, k.config.AnswerTimeout, (*wire.RuntimeClient).Info); err != nil {
		_ = k.Close() // err says more
		return nil, err
	}
	return r, nil
}

// Info is what the language said of itself when it started.
func (r *Runtime) Info() language.Info { return r.info }

// Detect asks the plugin for its toolchain.
func (r *Runtime) Detect(ctx context.Context) (language.Detection, error) {
	d, p, err := ask(ctx, r.keeper, r.config.AnswerTimeout, (*wire.RuntimeClient).Detect)
	if err != nil {
		return d, err
	}
	for _, text := range []*string{&d.Version, &d.Missing, &d.Install} {
		*text = p.sink.redact.Line(*text, maxReason)
	}
	return d, nil
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
	t, err := askOf(ctx, r.keeper, p, r.config.PrepareTimeout, (*wire.RuntimeClient).Prepare)
	if err != nil {
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
func (r *Runtime) Wrap(ctx context.Context, problem language.Problem, completion string) (language.Source, error) {
	s, _, err := ask(ctx, r.keeper, r.config.AnswerTimeout, func(c *wire.RuntimeClient, ctx context.Context) (language.Source, error) {
		return c.Wrap(ctx, problem, completion)
	})
	return s, err
}

// Compile asks the plugin, which has as long for each source as for an answer.
func (r *Runtime) Compile(ctx context.Context, sources []language.Source) ([]language.Program, error) {
	p, err := r.running(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := r.prepare(ctx, p); err != nil {
		return nil, err
	}
	most := r.config.AnswerTimeout * time.Duration(max(1, len(sources)))
	programs, err := askOf(ctx, r.keeper, p, most, func(c *wire.RuntimeClient, ctx context.Context) ([]language.Program, error) {
		return c.Compile(ctx, sources)
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
func (r *Runtime) Classify(ctx context.Context, e language.End) (language.Finding, error) {
	f, p, err := ask(ctx, r.keeper, r.config.AnswerTimeout, func(c *wire.RuntimeClient, ctx context.Context) (language.Finding, error) {
		return c.Classify(ctx, e)
	})
	if x := f.Exception; x != nil {
		f.Exception = &language.Thrown{Type: p.sink.redact.Line(x.Type, maxReason), Message: p.sink.redact.Line(x.Message, maxLine), Line: x.Line}
	}
	return f, err
}
