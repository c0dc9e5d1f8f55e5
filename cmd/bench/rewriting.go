package main

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/python"
)

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
