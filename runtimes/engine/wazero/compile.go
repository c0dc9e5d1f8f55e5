package wazero

import (
	"context"
	"errors"
	"os"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/codecache"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// compiled is one module in a runtime of its own, so that the host modules of
// different modules don't meet.
type compiled struct {
	runtime wz.Runtime
	cache   wz.CompilationCache // nil without one
	module  wz.CompiledModule
	about   *instrument.Module // without Code
}

func (c *compiled) Close(ctx context.Context) error {
	err := c.runtime.Close(ctx)
	if c.module != nil {
		err = errors.Join(err, c.module.Close(ctx))
	}
	if c.cache != nil {
		err = errors.Join(err, c.cache.Close(ctx))
	}
	return err
}

// bytesPerSecond is what a goroutine compiles on an ordinary core.
const bytesPerSecond = 1.75e6

// compilation is one call of Compile.
type compilation struct {
	config   Config
	module   *instrument.Module
	progress engine.Progress
}

// Load takes code and segments together.
func (c *compilation) Load(ctx context.Context, box *codecache.Box) (*compiled, error) {
	out, err := c.config.load(ctx, box, c.progress)
	if err != nil {
		return nil, err
	}
	out.about = c.module.WithoutCode()
	return out, nil
}

// Pack files the code in the box under the stub.
func (c *compilation) Pack(ctx context.Context, box *codecache.Box, _ *compiled) error {
	code, err := box.Only()
	if err != nil {
		return err
	}
	stub, functions, err := stub(c.module.Code)
	if err != nil {
		return err
	}
	aside := box.Dir + ".code"
	if err := os.Rename(code, aside); err != nil {
		return err
	}
	defer os.Remove(aside)
	named, err := c.config.compile(ctx, stub, box.Dir) // only for the name of the file
	if err != nil {
		return err
	}
	if err := named.Close(ctx); err != nil {
		return err
	}
	name, err := box.Only()
	if err != nil {
		return err
	}
	if err := os.Rename(aside, name); err != nil {
		return err
	}
	// wazero's head: a few words, then 8 bytes per function and a length.
	l, err := box.Describe(c.module, int64(functions)*8+4096, stub)
	if err != nil {
		return err
	}
	return box.SetLabel(l)
}

// Compile compiles, with the memory for it kept low: at most 4 GB for CPython.
func (c *compilation) Compile(ctx context.Context, box *codecache.Box) (*compiled, error) {
	dir := ""
	if box != nil {
		dir = box.Dir
	}
	defer collector.compiling()()
	defer codecache.Ticking(c.progress, len(c.module.Code), bytesPerSecond*c.config.Workers)()
	out, err := c.config.compile(ctx, c.module.Code, dir)
	if err != nil {
		return nil, err
	}
	out.about = c.module.WithoutCode()
	return out, nil
}

// load takes code from a box; nothing of it has run when it turns out damaged.
// Had wazero looked for another file than the one that was checked, it would
// have compiled the stub and put it there.
func (c Config) load(ctx context.Context, box *codecache.Box, progress engine.Progress) (*compiled, error) {
	l, file, err := box.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	progress(engine.StageLoad, 0, 0)
	sound := make(chan error, 1)
	go func() { sound <- l.Seal.Check(file) }()
	out, err := c.compile(ctx, l.Stub, box.Dir)
	if err = errors.Join(err, <-sound); err == nil {
		err = box.Still(file)
	}
	if err != nil {
		if out != nil {
			err = errors.Join(err, out.Close(ctx))
		}
		return nil, err
	}
	out.about = l.Module()
	return out, nil
}

// compile has wazero compile a binary, with its cache in dir unless that is "".
func (c Config) compile(ctx context.Context, binary []byte, dir string) (*compiled, error) {
	out := &compiled{}
	config := runtimeConfig()
	if dir != "" {
		cc, err := wz.NewCompilationCacheWithDir(dir)
		if err != nil {
			return c.compile(ctx, binary, "")
		}
		out.cache = cc
		config = config.WithCompilationCache(cc)
	}
	ctx = experimental.WithCompilationWorkers(ctx, c.Workers)
	out.runtime = wz.NewRuntimeWithConfig(ctx, config)
	module, err := out.runtime.CompileModule(ctx, binary)
	if err != nil && dir != "" && ctx.Err() == nil {
		// When only writing the file failed, the code is in memory, and asking
		// again finds it there.
		module, err = out.runtime.CompileModule(ctx, binary)
	}
	if err != nil {
		return nil, errors.Join(err, out.Close(ctx))
	}
	out.module = module
	return out, nil
}
