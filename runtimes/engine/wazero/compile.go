package wazero

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"assay/runtimes/engine"
	"assay/runtimes/instrument"
)

// compiled is one module in a runtime of its own, so that the host modules of
// different modules don't meet.
type compiled struct {
	runtime wz.Runtime
	cache   wz.CompilationCache // nil without one
	module  wz.CompiledModule
	about   *instrument.Module // without Code
}

func (c *compiled) close(ctx context.Context) error {
	err := c.runtime.Close(ctx)
	if c.module != nil {
		err = errors.Join(err, c.module.Close(ctx))
	}
	if c.cache != nil {
		err = errors.Join(err, c.cache.Close(ctx))
	}
	return err
}

// compilation is one call of Compile.
type compilation struct {
	config   Config
	module   *instrument.Module
	progress engine.Progress
}

// run takes the code from the cache or compiles. An unusable cache costs time,
// nothing else.
func (c *compilation) run(ctx context.Context) (*compiled, error) {
	box, err := c.config.box(c.module.Hash)
	if err != nil {
		return c.fresh(ctx, "")
	}
	if out, err := c.load(ctx, box); err == nil {
		return out, nil
	}
	waits := time.AfterFunc(time.Second, func() { c.progress(stageWait, 0, 0) })
	unlock, err := box.lock(ctx)
	waits.Stop()
	if err != nil {
		return c.fresh(ctx, "") // fails at once where ctx is done
	}
	defer unlock()
	if out, err := c.load(ctx, box); err == nil {
		return out, nil // another process made it while this one waited
	}
	return c.fill(ctx, box)
}

// load takes code and segments together.
func (c *compilation) load(ctx context.Context, box *codeBox) (*compiled, error) {
	out, err := c.config.load(ctx, box, c.progress)
	if err != nil {
		return nil, err
	}
	out.about = without(c.module)
	return out, nil
}

// fill compiles into the box. What it returns was read back from there where
// possible: that takes a moment and much less memory than what compiling left.
func (c *compilation) fill(ctx context.Context, box *codeBox) (*compiled, error) {
	if err := box.empty(); err != nil {
		return c.fresh(ctx, "")
	}
	fresh, err := c.fresh(ctx, box.dir)
	if err != nil {
		return nil, err
	}
	if c.pack(ctx, box) != nil {
		_ = box.empty()
		return fresh, nil
	}
	loaded, err := c.load(ctx, box)
	if err != nil {
		return fresh, nil
	}
	return loaded, fresh.close(ctx)
}

// pack files the code in the box under the stub.
func (c *compilation) pack(ctx context.Context, box *codeBox) error {
	code, err := box.only()
	if err != nil {
		return err
	}
	stub, functions, err := stub(c.module.Code)
	if err != nil {
		return err
	}
	aside := box.dir + ".code"
	if err := os.Rename(code, aside); err != nil {
		return err
	}
	defer os.Remove(aside)
	named, err := c.config.compile(ctx, stub, box.dir) // only for the name of the file
	if err != nil {
		return err
	}
	if err := named.close(ctx); err != nil {
		return err
	}
	name, err := box.only()
	if err != nil {
		return err
	}
	if err := os.Rename(aside, name); err != nil {
		return err
	}
	l, err := box.describe(c.module, stub, functions)
	if err != nil {
		return err
	}
	return box.writeLabel(l)
}

// fresh compiles, with the memory for it kept low: at most 4 GB for CPython.
func (c *compilation) fresh(ctx context.Context, dir string) (*compiled, error) {
	defer collector.compiling()()
	defer ticking(c.progress, len(c.module.Code), c.config.Workers)()
	out, err := c.config.compile(ctx, c.module.Code, dir)
	if err != nil {
		return nil, err
	}
	out.about = without(c.module)
	return out, nil
}

// without is m but for the code, which nobody needs any more.
func without(m *instrument.Module) *instrument.Module {
	about := *m
	about.Code = nil
	return &about
}

// load takes code from a box; nothing of it has run when it turns out damaged.
func (c Config) load(ctx context.Context, box *codeBox, progress engine.Progress) (*compiled, error) {
	l, err := box.readLabel()
	if err != nil {
		return nil, err
	}
	file, err := box.open(l)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	progress(stageLoad, 0, 0)
	sound := make(chan error, 1)
	go func() { sound <- l.Seal.checkEverything(file) }()
	out, err := c.compile(ctx, l.stub, box.dir)
	if err = errors.Join(err, <-sound); err == nil {
		err = box.still(file)
	}
	if err != nil {
		if out != nil {
			err = errors.Join(err, out.close(ctx))
		}
		return nil, err
	}
	out.about = &instrument.Module{Memory: l.Memory, Globals: l.Globals, Start: l.Start}
	return out, nil
}

// still says that f is the file in the box, and alone there: had wazero looked
// for another, it would have compiled the stub and put it there.
func (b *codeBox) still(f *os.File) error {
	path, err := b.only()
	if err != nil {
		return err
	}
	was, err := f.Stat()
	if err != nil {
		return err
	}
	is, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(was, is) {
		return fmt.Errorf("%s was replaced while it was read", path)
	}
	return nil
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
		return nil, errors.Join(err, out.close(ctx))
	}
	out.module = module
	return out, nil
}
