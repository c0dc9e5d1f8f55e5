package main

import (
	"context"
	"errors"
	"fmt"
	"path"

	"assay/runtimes/instrument"
	"assay/runtimes/python"
)

// rewriting compares the interpreter under the meters with one that has only its
// exceptions lowered, on programs that compute: processor time, in turn, in this
// process. Each of the three interpreters is compiled the first time.
func (b *bench) rewriting(ctx context.Context) error {
	var runtimes []*python.Runtime
	defer func() {
		for _, rt := range runtimes {
			_ = rt.Close()
		}
	}()
	for _, o := range []instrument.Options{{State: true}, {State: true, Fuel: true}, instrument.Default()} {
		rt, err := openPython(ctx, b.engine, o)
		if err != nil {
			return err
		}
		runtimes = append(runtimes, rt)
	}
	return eachProgram(func(name, source string) error {
		runs := make([][]figures, len(runtimes))
		for n := range b.runs + 1 {
			for i, rt := range runtimes {
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
		for i, what := range []string{1: "fuel", 2: "all passes"} {
			if i == 0 {
				continue
			}
			took := median(runs[i], cpuSeconds)
			b.add(row{
				What: what + ", " + name, Ours: fmt.Sprintf("%.0f ms", 1e3*took), Theirs: fmt.Sprintf("%.0f ms", 1e3*plain),
				Ratio: fmt.Sprintf("%+.0f %%", 100*(took/plain-1)), Bar: []string{1: "≤ +15 %", 2: "≤ +30 %"}[i],
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
