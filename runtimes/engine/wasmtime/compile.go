//go:build wasmtime && cgo && linux

package wasmtime

import (
	"context"
	"os"
	"path/filepath"
	"runtime"

	wt "github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/codecache"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// bytesPerSecond is what wasmtime compiles with an ordinary core.
const bytesPerSecond = 1.5e6

// compiled is a compiled module.
type compiled struct {
	module *wt.Module
	about  *instrument.Module // without Code
}

func (c *compiled) Close(context.Context) error {
	c.module.Close()
	return nil
}

// compilation is one call of Compile.
type compilation struct {
	engine *Engine
	module *instrument.Module
	tell   progress.Func
}

// Compile compiles. wasmtime can't be interrupted: when ctx is done, what it
// makes is dropped as soon as it is there.
func (c *compilation) Compile(ctx context.Context, _ *codecache.Box) (*compiled, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	defer codecache.Ticking(c.tell, len(c.module.Code), bytesPerSecond*runtime.NumCPU())()
	type made struct {
		module *wt.Module
		err    error
	}
	done := make(chan made, 1)
	go func() {
		module, err := wt.NewModule(c.engine.engine, c.module.Code)
		done <- made{module, err}
	}()
	select {
	case m := <-done:
		if m.err != nil {
			return nil, m.err
		}
		return &compiled{m.module, c.module.WithoutCode()}, nil
	case <-ctx.Done():
		go func() {
			if m := <-done; m.err == nil {
				m.module.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// Pack writes what was compiled to the box's file.
func (c *compilation) Pack(_ context.Context, box *codecache.Box, code *compiled) error {
	raw, err := code.module.Serialize()
	if err != nil {
		return err
	}
	dir := filepath.Join(box.Dir, "wasmtime")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "code"), raw, 0o644); err != nil {
		return err
	}
	l, err := box.Describe(c.module, 0, nil)
	if err != nil {
		return err
	}
	return box.SetLabel(l)
}

// Load takes code and segments together.
func (c *compilation) Load(_ context.Context, box *codecache.Box) (*compiled, error) {
	out, err := c.engine.load(box, c.tell)
	if err != nil {
		return nil, err
	}
	out.about = c.module.WithoutCode()
	return out, nil
}

// load maps a box's file, which was verified before: wasmtime trusts what is in
// it. Processes that map it share its memory.
func (e *Engine) load(box *codecache.Box, tell progress.Func) (*compiled, error) {
	l, file, err := box.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	tell.Stage(engine.StageLoad, 0, 0)
	if err := l.Seal.Check(file); err != nil {
		return nil, err
	}
	module, err := wt.NewModuleDeserializeFile(e.engine, file.Name())
	if err != nil {
		return nil, err
	}
	out := &compiled{module, l.Module()}
	if err := box.Still(file); err != nil {
		module.Close()
		return nil, err
	}
	return out, nil
}
