package wazero

import (
	"context"
	"errors"
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

func (c *compilation) run(ctx context.Context) (*compiled, error) {
	if c.config.Cache == nil {
		return c.fresh(ctx, "")
	}
	box, err := openCodeBox(c.config.Cache, c.module)
	if err != nil {
		return c.fresh(ctx, "") // an unusable cache costs time, nothing else
	}
	if box.sound() {
		return c.load(ctx, box)
	}
	return c.fill(ctx, box)
}

// fill compiles into the cache while other processes wait for the lock; the
// one that waited finds the code there.
func (c *compilation) fill(ctx context.Context, box *codeBox) (*compiled, error) {
	defer c.ticking("wait for compiler", 0)()
	unlock, err := box.lock(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return c.fresh(ctx, "")
	}
	defer unlock()
	if box.sound() {
		return c.load(ctx, box)
	}
	if err := box.empty(); err != nil {
		return c.fresh(ctx, "")
	}
	out, err := c.fresh(ctx, box.dir)
	if err != nil {
		return nil, err
	}
	box.seal() // unsealed code is compiled again next time
	return out, nil
}

// load takes the code from the cache; what wazero can't read is removed.
func (c *compilation) load(ctx context.Context, box *codeBox) (*compiled, error) {
	c.progress("load compiled code", 0, 0)
	return c.compile(ctx, box.dir)
}

// fresh compiles, with the memory for it kept low: at most 4 GB for CPython.
func (c *compilation) fresh(ctx context.Context, dir string) (*compiled, error) {
	defer frugal()()
	defer c.ticking("compile", c.expected())()
	out, err := c.compile(ctx, dir)
	if err != nil && dir != "" && ctx.Err() == nil {
		return c.compile(ctx, "") // a full disk must not stand in the way
	}
	return out, err
}

func (c *compilation) compile(ctx context.Context, dir string) (*compiled, error) {
	out := &compiled{}
	config := runtimeConfig()
	if dir != "" {
		cc, err := wz.NewCompilationCacheWithDir(dir)
		if err != nil {
			return nil, err
		}
		out.cache = cc
		config = config.WithCompilationCache(cc)
	}
	ctx = experimental.WithCompilationWorkers(ctx, c.config.Workers)
	out.runtime = wz.NewRuntimeWithConfig(ctx, config)
	module, err := out.runtime.CompileModule(ctx, c.module.Code)
	if err != nil {
		return nil, errors.Join(err, out.close(ctx))
	}
	out.module = module
	return out, nil
}

// expected is a guess at how long compiling takes: 3.5 MB of module a second
// for two workers is what an ordinary machine does.
func (c *compilation) expected() time.Duration {
	const perWorker = 1.75e6
	return time.Duration(float64(len(c.module.Code)) / (perWorker * float64(c.config.Workers)) * float64(time.Second))
}

// ticking reports a stage until stopped. wazero doesn't say how far it is, so
// what is reported is the time against the expectation, short of the whole.
func (c *compilation) ticking(stage string, expected time.Duration) (stop func()) {
	total := int64(len(c.module.Code))
	if expected == 0 {
		c.progress(stage, 0, 0)
		return func() {}
	}
	start, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			part := min(0.99, float64(time.Since(start))/float64(expected))
			c.progress(stage, int64(part*float64(total)), total)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(done)
		<-ended
		c.progress(stage, total, total)
	}
}
