package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/python"
)

// Programs that compute, and do little else.
//
//go:embed programs/*.py
var programs embed.FS

// engines compares the engine that was chosen with the default on programs that
// compute: processor time, in turn, in this process.
func (b *bench) engines(ctx context.Context) error {
	if b.engine == "" || b.engine == registry.Wazero {
		return nil // there is nothing to compare
	}
	ours, err := openPython(ctx, b.engine, instrument.Default())
	if err != nil {
		return err
	}
	defer ours.Close()
	theirs, err := openPython(ctx, registry.Wazero, instrument.Default())
	if err != nil {
		return err
	}
	defer theirs.Close()
	return eachProgram(func(name, source string) error {
		var a, z []figures
		for n := range b.runs + 1 {
			one, err1 := compute(ctx, ours, source)
			two, err2 := compute(ctx, theirs, source)
			switch {
			case err1 != nil || err2 != nil:
				return fmt.Errorf("%s: %w", name, errors.Join(err1, err2))
			case !bytes.Equal(one.Out, two.Out):
				return fmt.Errorf("%s: %s and %s differ: %s, %s", name, b.engine, registry.Wazero, one.Out, two.Out)
			case n > 0: // the first one warms caches
				a, z = append(a, one), append(z, two)
			}
		}
		b.add(row{
			What: "processor time of " + name + ", " + b.engine + " against " + registry.Wazero,
			Ours: fmt.Sprintf("%.0f ms", 1e3*median(a, cpuSeconds)), Theirs: fmt.Sprintf("%.0f ms", 1e3*median(z, cpuSeconds)),
			Ratio: fmt.Sprintf("%.2f", median(a, cpuSeconds)/median(z, cpuSeconds)), Bar: "≤ 0.6",
		})
		return nil
	})
}

// compute runs a program; Out is its output with the fuel.
func compute(ctx context.Context, rt *python.Runtime, source string) (figures, error) {
	before, start := processorTime(), time.Now()
	out, err := rt.Run(ctx, mainJob(source), nil)
	f := figures{Wall: time.Since(start), CPU: processorTime() - before}
	if err == nil && out.Kind != runtimes.OK {
		err = fmt.Errorf("it ended as %s: %s", out.Kind, out.Detail)
	}
	f.Out = fmt.Appendf(nil, "%s, fuel %d, pages %d", out.Stdout, out.Fuel, out.Pages)
	return f, err
}

// processorTime is what this process has used so far, user and system.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// apart compares programs in a process of their own, within its walls, with
// programs in assay's own process: HumanEval's canonical solutions, and as many
// programs that do nothing, where what travels weighs most.
func (b *bench) apart(ctx context.Context) error {
	suite, err := benchmarks.Open(ctx, "humaneval", benchmarks.Options{DataDir: b.data})
	if err != nil {
		return err
	}
	canonical, err := suite.CanonicalSamples()
	if err != nil {
		return err
	}
	var nothing []benchmarks.Sample
	for _, p := range suite.Problems {
		nothing = append(nothing, benchmarks.Sample{TaskID: p.ID, Solution: p.Prompt + "    pass\n"})
	}
	for _, set := range []sampleSet{{"canonical", canonical}, {"`pass`", nothing}} {
		path := filepath.Join(b.work, "apart.jsonl")
		samples := varied(set.samples, 10)
		if err := writeSamples(path, "solution", samples); err != nil {
			return err
		}
		if err := b.beside(set.name+", n=10", len(samples), b.evalCommand("humaneval", path)); err != nil {
			return err
		}
	}
	return b.beside("start to first verdict", 1, b.evalCommand("humaneval", "canonical", "--limit", "1"))
}

// beside runs a command with a process of its own for programs and without. The
// first pair fills the caches.
func (b *bench) beside(what string, work int, with command) error {
	without := with
	without.Name, without.Args = "in process", append(with.Args[:len(with.Args):len(with.Args)], "--in-process")
	ours, theirs, err := pairs(with, without, b.runs+1)
	if err != nil {
		return err
	}
	b.add(ratioRow("own process and walls beside none: "+what, work, ours[1:], theirs[1:], "≥ 0.9"))
	return nil
}

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
	return python.Open(ctx, python.Config{Cache: store, Wheel: os.Getenv("ASSAY_WHEEL"), Engine: e, MaxInstances: 2, Rewriting: o, Whole: true})
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

// rewriting compares the interpreter under the meters with one that has only its
// exceptions lowered, on programs that compute: processor time, in turn, in this
// process. Each of the three interpreters is compiled the first time.
func (b *bench) rewriting(ctx context.Context) error {
	variants := []struct {
		what, bar string
		options   instrument.Options
	}{
		{what: "lowered", options: instrument.Options{State: true}},
		{"fuel", "≤ +15 %", instrument.Options{State: true, Fuel: true}},
		{"all passes", "≤ +30 %", instrument.Default()},
	}
	var opened []*python.Runtime
	defer func() {
		for _, rt := range opened {
			_ = rt.Close()
		}
	}()
	for _, v := range variants {
		rt, err := openPython(ctx, b.engine, v.options)
		if err != nil {
			return err
		}
		opened = append(opened, rt)
	}
	return eachProgram(func(name, source string) error {
		runs := make([][]figures, len(variants))
		for n := range b.runs + 1 {
			for i, rt := range opened {
				f, err := compute(ctx, rt, source)
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				if n > 0 { // the first one warms caches
					runs[i] = append(runs[i], f)
				}
			}
		}
		plain := median(runs[0], cpuSeconds)
		for i, v := range variants[1:] {
			took := median(runs[1+i], cpuSeconds)
			b.add(row{
				What: v.what + ", " + name, Ours: fmt.Sprintf("%.0f ms", 1e3*took), Theirs: fmt.Sprintf("%.0f ms", 1e3*plain),
				Ratio: fmt.Sprintf("%+.0f %%", 100*(took/plain-1)), Bar: v.bar,
			})
		}
		return nil
	})
}

// eachProgram calls f with every program that computes.
func eachProgram(f func(name, source string) error) error {
	files, err := programs.ReadDir("programs")
	for _, file := range files {
		source, readErr := programs.ReadFile(path.Join("programs", file.Name()))
		if err = errors.Join(err, readErr); err == nil {
			err = f(file.Name(), string(source))
		}
		if err != nil {
			return err
		}
	}
	return err
}

func cpuSeconds(f figures) float64 { return f.CPU.Seconds() }
