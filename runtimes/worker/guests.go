package worker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/wasi"
)

// Guests run jobs of one language in the calling process.
type Guests interface {
	runtimes.Runner
	About() About
	Close() error
}

// Host is the process that guests are opened in.
type Host struct {
	Setup Setup
	Tell  progress.Func
	// Seal is called once the module is compiled that the process is for, before
	// it runs: from then on there is no new code. nil: modules may come and go.
	Seal func() error
}

// Open opens the guests that a Setup describes.
func Open(ctx context.Context, h Host) (Guests, error) {
	s := h.Setup
	if s.For == runtimes.Wasm {
		e, err := registry.New(s.Engine, nil)
		if err != nil {
			return nil, err
		}
		return &moduleGuests{engine: e, host: h}, nil
	}
	folder, err := cache.Open(s.Cache)
	if err != nil {
		return nil, err
	}
	e, err := registry.New(s.Engine, folder)
	if err != nil {
		return nil, err
	}
	rt, err := python.Open(ctx, python.Config{Cache: folder, Wheel: s.Wheel, Engine: e, Progress: h.Tell, MaxInstances: s.Programs, Libraries: s.Libraries, Whole: s.Whole})
	if err != nil {
		return nil, fmt.Errorf("making Python ready: %w", err)
	}
	// What is opened late is open then, before there are walls.
	first := &runtimes.Job{Language: runtimes.Python, Mode: runtimes.ModeMain, Program: runtimes.Program{Source: "pass"}}
	if _, err := rt.Run(ctx, first, nil); err != nil {
		return nil, errors.Join(err, rt.Close())
	}
	return pythonGuests{rt}, nil
}

type pythonGuests struct{ *python.Runtime }

func (g pythonGuests) About() About { return About{g.Name(), g.Identity()} }

// moduleGuests are WASI commands: any number, or one where code is sealed.
type moduleGuests struct {
	engine engine.Engine
	host   Host

	mu     sync.Mutex
	loaded []*loaded   // the one used last at the end
	over   *limitError // of the module that the process was for
}

// loaded is a module's code.
type loaded struct {
	hash    [sha256.Size]byte
	command *wasi.Command
	users   int
}

func aboutModules() About {
	return About{"WASI preview 1", runtimes.Key("assay wasm", []string{wasi.Version, instrument.ScheduleID})}
}

func (*moduleGuests) About() About { return aboutModules() }

func (g *moduleGuests) Run(ctx context.Context, job *runtimes.Job, _ func(runtimes.Result) bool) (runtimes.Outcome, error) {
	if job.Mode != runtimes.ModeMain {
		return runtimes.Outcome{}, fmt.Errorf("a module can be run, and nothing else (%s)", job.Mode)
	}
	l, err := g.load(ctx, job.Program.Source)
	if refused := refusal(err); refused != nil {
		return *refused, nil
	}
	if err != nil {
		return runtimes.Outcome{}, err
	}
	defer g.letGo(l)
	args := append([]string{job.Program.Name}, job.Args...)
	return l.command.Run(ctx, wasi.Input{Args: args, Stdin: job.Stdin, Seed: job.Seed}, job.Limits)
}

// load compiles a module, unless that was done.
func (g *moduleGuests) load(ctx context.Context, source string) (*loaded, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	hash := sha256.Sum256([]byte(source))
	if i := slices.IndexFunc(g.loaded, func(l *loaded) bool { return l.hash == hash }); i >= 0 {
		l := g.loaded[i]
		g.loaded = append(slices.Delete(g.loaded, i, i+1), l)
		l.users++
		return l, nil
	}
	switch {
	case g.over != nil:
		return nil, g.over
	case g.host.Seal != nil && len(g.loaded) > 0:
		return nil, errors.New("this process has a module already")
	}
	tell := g.host.Tell
	w, _ := ctx.Value(tellKey{}).(*wire)
	if w != nil {
		tell = tellOver(w)
	}
	c, err := g.compile(ctx, source, tell)
	if err != nil {
		_ = errors.As(err, &g.over) // the process is good for nothing else then
		return nil, err
	}
	if g.host.Seal != nil {
		if err := g.host.Seal(); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if w != nil {
		if err := w.send(kindCompiled, nil); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	l := &loaded{hash: hash, command: c, users: 1}
	g.loaded = append(g.loaded, l)
	return l, nil
}

// letGo frees the code of modules that were not used for long.
func (g *moduleGuests) letGo(l *loaded) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l.users--
	over := len(g.loaded) - maxModules
	g.loaded = slices.DeleteFunc(g.loaded, func(old *loaded) bool {
		if over <= 0 || old.users > 0 {
			return false
		}
		over--
		_ = old.command.Close() // its memory is all that it holds
		return true
	})
}

func (g *moduleGuests) Close() error {
	var all error
	for _, l := range g.loaded {
		all = errors.Join(all, l.command.Close())
	}
	return errors.Join(all, g.engine.Close())
}
