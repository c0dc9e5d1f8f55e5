package python

import (
	"testing"

	"github.com/assay-dev/assay/runtimes"
)

// BenchmarkPass restores an instance and runs the shortest program in it.
func BenchmarkPass(b *testing.B) {
	r := openShared(b)
	var fuel uint64
	for b.Loop() {
		fuel = runPass(b, r)
	}
	b.ReportMetric(float64(fuel), "fuel/op")
}

// BenchmarkPassParallel is the like on all processors.
func BenchmarkPassParallel(b *testing.B) {
	r := openShared(b)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			runPass(b, r)
		}
	})
}

func runPass(b *testing.B, r *Runtime) uint64 {
	out, err := runMain(b.Context(), r, runtimes.Program{Source: "pass"}, nil, nil, runtimes.Limits{})
	if err != nil || out.Kind != runtimes.OK {
		b.Fatal(out.Kind, err)
	}
	return out.Fuel
}

// BenchmarkInput is what one more input costs, the program's own work aside.
func BenchmarkInput(b *testing.B) {
	r := openShared(b)
	inputs := make([]runtimes.Input, b.N)
	for i := range inputs {
		inputs[i].Args = arguments(b, []byte("[[1, 2, 3]]"))
	}
	var fuel uint64
	b.ResetTimer()
	out, err := runCases(b.Context(), r, runtimes.Program{Source: "def f(x): return x", Entry: "f"}, inputs, runtimes.Limits{}, func(_ int, res runtimes.Result) bool {
		fuel = res.Fuel
		return true
	})
	if err != nil || out.Kind != runtimes.OK {
		b.Fatal(out.Kind, err)
	}
	b.ReportMetric(float64(fuel), "fuel/op")
}

// BenchmarkOpenWarm opens the runtime from a full cache.
func BenchmarkOpenWarm(b *testing.B) {
	openShared(b)
	for b.Loop() {
		r, err := Open(b.Context(), config(b))
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
