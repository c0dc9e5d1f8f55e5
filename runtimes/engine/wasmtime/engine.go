//go:build wasmtime && cgo && linux

package wasmtime

// #include "guest.h"
import "C"

import (
	"context"
	"fmt"
	"unsafe"

	wt "github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/codecache"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// version is the wasmtime that go.mod asks for; its compiled code fits no other.
const version = "44.0.0"

// Config of the engine. The zero value compiles anew each time.
type Config struct {
	Cache cache.Store // where compiled code is kept; nil: nowhere
}

// Engine compiles with wasmtime. It is safe for concurrent use.
type Engine struct {
	config Config
	engine *wt.Engine
}

var _ engine.Engine = (*Engine)(nil)

// New makes the engine.
func New(c Config) (*Engine, error) {
	config := wt.NewConfig()
	config.SetMaxWasmStack(C.GUEST_STACK)
	// Nothing is asynchronous here, but the stack may not be larger than this.
	C.wasmtime_config_async_stack_size_set((*C.wasm_config_t)(pointer(unsafe.Pointer(config))), C.GUEST_STACK)
	config.SetNativeUnwindInfo(false)
	return &Engine{config: c, engine: wt.NewEngineWithConfig(config)}, nil
}

// Name is "wasmtime/" and its version.
func (e *Engine) Name() string { return "wasmtime/" + version }

// Close frees the engine. What was compiled keeps what it needs of it.
func (e *Engine) Close() error {
	e.engine.Close()
	return nil
}

// Compile compiles m, or takes it from the cache.
func (e *Engine) Compile(ctx context.Context, m *instrument.Module, tell progress.Func) (engine.Code, error) {
	c := &compilation{engine: e, module: m, tell: tell}
	box, _ := e.box(m.Hash) // without one, code is not kept
	out, err := codecache.Get(ctx, box, c, c.tell)
	if err != nil {
		return nil, fmt.Errorf("compile with %s: %w", e.Name(), err)
	}
	return newCode(e.engine, out)
}

// Load takes code from the cache, or says cache.ErrMiss.
func (e *Engine) Load(ctx context.Context, hash [32]byte, tell progress.Func) (engine.Code, error) {
	box, err := e.box(hash)
	if err != nil {
		return nil, err
	}
	out, err := e.load(box, tell)
	switch {
	case ctx.Err() != nil:
		if out != nil {
			_ = out.Close(ctx)
		}
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("compiled code: %w: %w", cache.ErrMiss, err)
	}
	out.about.Hash = hash
	return newCode(e.engine, out)
}

// settings changes with what New asks wasmtime for: code fits one setting only.
const settings = "3"

// box is the place in the cache for the code of the module with that hash.
func (e *Engine) box(hash [32]byte) (*codecache.Box, error) {
	return codecache.Open(e.config.Cache, "wasmtime-"+version+"-"+settings, hash)
}

// pointer is the C pointer of one of wasmtime-go's objects that it doesn't hand
// out: its first field.
func pointer(object unsafe.Pointer) unsafe.Pointer { return *(*unsafe.Pointer)(object) }
