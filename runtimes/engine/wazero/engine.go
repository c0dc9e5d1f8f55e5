package wazero

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/codecache"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// version is the wazero that go.mod asks for; its compiled code fits no other.
const version = "1.12.0"

// Config of the engine. The zero value compiles anew each time.
type Config struct {
	Cache   cache.Store // where compiled code is kept; nil: nowhere
	Workers int         // goroutines that compile (default: one per processor, at least 2)
}

// Engine compiles with wazero. It is safe for concurrent use. While there is
// one, it decides when the process collects garbage (see governor).
type Engine struct {
	config Config
	closed sync.Once
}

var _ engine.Engine = (*Engine)(nil)

// New makes the engine. It fails where wazero has no compiler.
func New(c Config) (*Engine, error) {
	if c.Workers <= 0 {
		c.Workers = runtime.NumCPU()
	}
	c.Workers = max(c.Workers, 2) // with one alone wazero can't be cancelled
	if err := supported(); err != nil {
		return nil, err
	}
	collector.engine(1)
	return &Engine{config: c}, nil
}

// Name is "wazero/" and its version.
func (e *Engine) Name() string { return "wazero/" + version }

// Close gives the collector back. What was compiled is closed by its Code.
func (e *Engine) Close() error {
	e.closed.Do(func() { collector.engine(-1) })
	return nil
}

// Compile compiles m, or takes it from the cache.
func (e *Engine) Compile(ctx context.Context, m *instrument.Module, tell progress.Func) (engine.Code, error) {
	c := &compilation{config: e.config, module: m, tell: tell}
	box, _ := e.config.box(m.Hash) // without one, code is not kept
	out, err := codecache.Get(ctx, box, c, c.tell)
	if err != nil {
		return nil, fmt.Errorf("compile with %s: %w", e.Name(), err)
	}
	return bind(ctx, out)
}

// Load takes code from the cache, or says cache.ErrMiss.
func (e *Engine) Load(ctx context.Context, hash [32]byte, tell progress.Func) (engine.Code, error) {
	box, err := e.config.box(hash)
	if err != nil {
		return nil, err
	}
	out, err := e.config.load(ctx, box, tell)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("compiled code: %w: %w", cache.ErrMiss, err)
	}
	out.about.Hash = hash
	return bind(ctx, out)
}

func bind(ctx context.Context, out *compiled) (engine.Code, error) {
	code, err := newCode(ctx, out)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bind the module's imports: %w", err), out.Close(ctx))
	}
	return code, nil
}

// box is the place in the cache for the code of the module with that hash.
func (c Config) box(hash [32]byte) (*codecache.Box, error) {
	return codecache.Open(c.Cache, codeVersion(), hash)
}

// codeVersion names everything besides the module and the platform that code
// depends on but for the processor's features, which are in the name of
// wazero's file. wazero takes its own version from the binary it is linked into
// and refuses code of another; in tests it finds none.
func codeVersion() string {
	linked := "dev"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if strings.Contains(dep.Path, "github.com/tetratelabs/wazero") {
				linked = dep.Version
			}
		}
	}
	return "wazero-" + version + "-" + linked
}

// runtimeConfig is everything that wazero is asked for.
func runtimeConfig() wz.RuntimeConfig {
	return wz.NewRuntimeConfigCompiler().
		WithCoreFeatures(api.CoreFeaturesV2).
		WithDebugInfoEnabled(false)
}

// supported makes a runtime and drops it: wazero panics where it has no
// compiler for the platform.
func supported() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("wazero has no compiler for %s/%s: %v; assay runs on amd64 (with SSE4.1) and arm64 under Linux, macOS, Windows, FreeBSD and NetBSD",
				runtime.GOOS, runtime.GOARCH, r)
		}
	}()
	ctx := context.Background()
	return wz.NewRuntimeWithConfig(ctx, runtimeConfig()).Close(ctx)
}

// Go's collector stops every goroutine before it starts and again before it
// ends, and code compiled by wazero can't be stopped: with the default
// settings one guest that computes for ten seconds holds up all the others, and
// whoever wants to interrupt it, as soon as anybody has allocated a little. So
// while there is an engine, garbage is collected between guests.
const (
	// collectAfter is how many bytes of new garbage are worth collecting when
	// no guest runs.
	collectAfter = 64 << 20
	// collectAnyway is how many more bytes than after the last collection Go
	// may use before it collects, guests or no guests.
	collectAnyway = 512 << 20
	// compilePercent is GOGC while a module is compiled, which for CPython would
	// use more than 4 GB otherwise.
	compilePercent = 40
)

// collector is the process's: its settings are the process's too.
var collector governor

// governor sets when garbage is collected.
type governor struct {
	guests sync.RWMutex // read: a guest runs; write: garbage is collected

	mu                 sync.Mutex
	engines, compilers int
	percent            int   // GOGC before the first engine
	limit              int64 // and GOMEMLIMIT
	after              uint64
}

// engine counts an engine in or, with -1, out.
func (g *governor) engine(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.engines == 0 {
		g.percent, g.limit = debug.SetGCPercent(-1), debug.SetMemoryLimit(-1)
		g.after = inUse()
	}
	g.engines += n
	g.set()
}

// compiling makes the collector work hard until stopped, and then hands the
// memory back: compiling leaves gigabytes of garbage.
func (g *governor) compiling() (stop func()) {
	count := func(n int) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.compilers += n
		g.set()
	}
	count(1)
	return func() {
		debug.FreeOSMemory()
		g.mu.Lock()
		g.after = inUse()
		g.mu.Unlock()
		count(-1)
	}
}

func (g *governor) set() {
	switch {
	case g.compilers > 0:
		debug.SetGCPercent(compilePercent)
		debug.SetMemoryLimit(math.MaxInt64)
	case g.engines > 0:
		debug.SetGCPercent(-1)
		debug.SetMemoryLimit(int64(g.after + collectAnyway))
	default:
		debug.SetGCPercent(g.percent)
		debug.SetMemoryLimit(g.limit)
	}
}

// guest marks that one runs until stopped. The last to stop collects garbage
// where there is enough. It never waits for other guests: one may have called
// for another, and be waiting for that itself.
func (g *governor) guest() (stop func()) {
	g.guests.RLock()
	return func() {
		g.guests.RUnlock()
		if g.due() && g.guests.TryLock() {
			defer g.guests.Unlock()
			g.collect()
		}
	}
}

func (g *governor) due() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.engines > 0 && g.compilers == 0 && inUse() > g.after+collectAfter
}

func (g *governor) collect() {
	runtime.GC()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.after = inUse()
	g.set()
}

// inUse is the size of the heap's objects, dead ones not yet collected among
// them.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
