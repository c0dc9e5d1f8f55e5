package wazero

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/assay-dev/assay/runtimes/cache"
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
func (e *Engine) Compile(ctx context.Context, m *instrument.Module, progress engine.Progress) (engine.Code, error) {
	c := &compilation{config: e.config, module: m, progress: progress.OrSilent()}
	box, _ := e.config.box(m.Hash) // without one, code is not kept
	out, err := codecache.Get(ctx, box, c, c.progress)
	if err != nil {
		return nil, fmt.Errorf("compile with %s: %w", e.Name(), err)
	}
	return bind(ctx, out)
}

// Load takes code from the cache, or says cache.ErrMiss.
func (e *Engine) Load(ctx context.Context, hash [32]byte, progress engine.Progress) (engine.Code, error) {
	box, err := e.config.box(hash)
	if err != nil {
		return nil, err
	}
	out, err := e.config.load(ctx, box, progress.OrSilent())
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
