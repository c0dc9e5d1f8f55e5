package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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

	alone sync.RWMutex // held for writing while a source has the plugin to itself
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

// Compile asks the plugin, which has as long for each source as for an answer. A
// plugin that took more than it may take was ended with every source that it had
// under way: each is compiled again in a fresh one, by itself, and who ends that
// one too is over the limit. So is a source that is too long, or whose module no
// message can hold.
func (r *Runtime) Compile(ctx context.Context, sources []language.Source) ([]language.Program, error) {
	r.alone.RLock()
	programs, over, err := r.compile(ctx, sources)
	r.alone.RUnlock()
	if over == "" {
		return programs, err
	}
	r.alone.Lock()
	defer r.alone.Unlock()
	programs = nil
	for _, s := range sources {
		one, over, err := r.compile(ctx, []language.Source{s})
		switch {
		case over != "":
			one = []language.Program{{Limit: over}}
		case err != nil:
			return nil, err
		}
		programs = append(programs, one...)
	}
	return programs, nil
}

// compile is Compile, once. Over is the bound that the plugin went over meanwhile,
// for one of the sources that it had.
func (r *Runtime) compile(ctx context.Context, sources []language.Source) (programs []language.Program, over string, err error) {
	size := 0
	for _, s := range sources {
		size += len(s.Text)
	}
	if size > mostSource {
		return nil, fmt.Sprintf("it has more than %d bytes", mostSource), errTooLong
	}
	p, err := r.running(ctx)
	if err != nil {
		return nil, "", err
	}
	if _, err = r.prepare(ctx, p); err == nil {
		most := r.config.AnswerTimeout * time.Duration(max(1, len(sources)))
		programs, err = askOf(ctx, r.keeper, p, most, func(c *wire.RuntimeClient, ctx context.Context) ([]language.Program, error) {
			programs, err := c.Compile(ctx, sources)
			if status.Code(err) == codes.ResourceExhausted {
				over = fmt.Sprintf("its module has more than %d bytes", wire.MaxMessage)
			}
			return programs, err
		})
	}
	if err != nil {
		if bound := p.runner.exceeded(); bound != nil && ctx.Err() == nil {
			over = "to compile it takes more than " + bound.Bound
		}
		return nil, over, err
	}
	for i := range programs {
		programs[i].Limit = p.sink.redact.Line(programs[i].Limit, maxReason)
		for j := range programs[i].Diagnostics {
			d := &programs[i].Diagnostics[j]
			d.Message = p.sink.redact.Line(d.Message, maxLine)
		}
	}
	return programs, "", nil
}

// mostSource bounds a source, in bytes, and those that are compiled together.
const mostSource = 4 << 20

var errTooLong = errors.New("the sources are too long")

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
