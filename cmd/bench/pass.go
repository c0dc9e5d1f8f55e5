package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/python"
)

// pass measures restore and run of the smallest program, in this process.
func (b *bench) pass(ctx context.Context) error {
	rt, err := openPython(ctx, b.engine, instrument.Default())
	if err != nil {
		return err
	}
	defer rt.Close()
	for _, m := range []struct {
		workers int
		bar     string
	}{{1, "≤ 0.6 ms"}, {2, "≥ 2000/s"}} {
		const each = 2000
		if _, err := passes(ctx, rt, m.workers, 200); err != nil { // warms the pool
			return err
		}
		took, err := passes(ctx, rt, m.workers, each)
		if err != nil {
			return err
		}
		n := float64(each * m.workers)
		b.add(row{
			What: fmt.Sprintf("`pass`, %d worker(s)", m.workers),
			Ours: fmt.Sprintf("%.2f ms, %.0f/s", took.Seconds()*1e3*float64(m.workers)/n, n/took.Seconds()),
			Bar:  m.bar,
		})
	}
	return nil
}

func openPython(ctx context.Context, engine string, o instrument.Options) (*python.Runtime, error) {
	root, err := cache.DefaultRoot()
	if err != nil {
		return nil, err
	}
	store, err := cache.Open(root)
	if err != nil {
		return nil, err
	}
	e, err := registry.New(engine, store)
	if err != nil {
		return nil, err
	}
	return python.Open(ctx, python.Config{Cache: store, Wheel: os.Getenv("ASSAY_WHEEL"), Engine: e, MaxInstances: 2, Rewriting: o})
}

// passes runs `pass` n times on each of some workers.
func passes(ctx context.Context, rt *python.Runtime, workers, n int) (time.Duration, error) {
	var wg sync.WaitGroup
	errs := make([]error, workers)
	start := time.Now()
	for w := range workers {
		wg.Go(func() {
			for range n {
				out, err := rt.Run(ctx, mainJob("pass"), nil)
				if err == nil && out.Kind != runtimes.OK {
					err = fmt.Errorf("pass ended as %s: %s", out.Kind, out.Detail)
				}
				if err != nil {
					errs[w] = err
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

// mainJob is a Python program that is only run.
func mainJob(source string) *runtimes.Job {
	return &runtimes.Job{Language: runtimes.Python, Mode: runtimes.ModeMain, Program: runtimes.Program{Source: source}}
}
