package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func random(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}

// differences holds a gradient to central differences: forward's result, weighed
// by dy, as each element of x moves.
func differences(t *testing.T, what string, x, gradient, dy []float64, forward func(y []float64)) {
	t.Helper()
	const h = 1e-5
	y := make([]float64, len(dy))
	value := func() float64 {
		forward(y)
		sum := 0.0
		for i, d := range dy {
			sum += d * y[i]
		}
		return sum
	}
	for i, at := range x {
		x[i] = at + h
		up := value()
		x[i] = at - h
		down := value()
		x[i] = at
		want := (up - down) / (2 * h)
		if d := math.Abs(gradient[i] - want); !(d <= 1e-8*(1+math.Abs(want))) {
			t.Fatalf("%s, element %d: gradient %v, by differences %v", what, i, gradient[i], want)
		}
	}
}

func TestGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	t.Run("linear", func(t *testing.T) {
		const rows, in, out = 5, 4, 3
		x, w, dy := random(rng, rows*in), random(rng, out*in), random(rng, rows*out)
		dx, dw := make([]float64, len(x)), random(rng, len(w))
		LinearX(dx, dy, w, rows, in, out)
		LinearW(dw, dy, x, rows, in, out)
		forward := func(y []float64) { Linear(y, x, w, rows, in, out) }
		differences(t, "x", x, dx, dy, forward)
		differences(t, "w", w, dw, dy, forward)
	})
	t.Run("embedding", func(t *testing.T) {
		ids := []int32{2, 0, 2, 3}
		table, dy := random(rng, 4*3), random(rng, len(ids)*3)
		d := random(rng, len(table))
		EmbedTable(d, dy, ids, 3)
		differences(t, "table", table, d, dy, func(y []float64) { Embed(y, table, ids, 3) })
	})
	t.Run("norm", func(t *testing.T) {
		const rows, n = 2*normPart + 1, 5 // several parts
		x, w, dy := random(rng, rows*n), random(rng, n), random(rng, rows*n)
		dx, dw := make([]float64, len(x)), random(rng, n)
		NormX(dx, dy, x, w, rows, 1e-3)
		NormW(dw, dy, x, rows, 1e-3)
		forward := func(y []float64) { Norm(y, x, w, rows, 1e-3) }
		differences(t, "x", x, dx, dy, forward)
		differences(t, "w", w, dw, dy, forward)
	})
	t.Run("swiglu", func(t *testing.T) {
		const rows, n = 4, 5
		x, dy := random(rng, rows*2*n), random(rng, rows*n)
		dx := make([]float64, len(x))
		SwiGLUX(dx, dy, x, rows, n)
		differences(t, "x", x, dx, dy, func(y []float64) { SwiGLU(y, x, rows, n) })
	})
	t.Run("logprob", func(t *testing.T) {
		targets := []int32{1, -1, 4, 0}
		x, dy := random(rng, len(targets)*5), random(rng, len(targets))
		dx := random(rng, len(x))
		LogProbX(dx, dy, x, targets, 5)
		differences(t, "x", x, dx, dy, func(y []float64) { LogProb(y, x, targets, 5) })
	})
	for _, heads := range [][2]int{{2, 2}, {4, 2}, {3, 1}} {
		t.Run(fmt.Sprintf("attention/%d/%d", heads[0], heads[1]), func(t *testing.T) {
			h := NewHeads(heads[0], heads[1], 4, attend+9, 100)
			ends := []int{3, 4, 4 + attend + 5} // the last one takes two turns
			rows := ends[2]
			x, dy := random(rng, rows*h.Width()), random(rng, rows*h.Queries*h.Size)
			dx := random(rng, len(x))
			AttentionX(h, dx, dy, x, ends)
			part := x[:7*h.Width()] // of all three; more of the last takes long
			differences(t, "x", part, dx, dy, func(y []float64) { Attention(h, y, x, ends) })
			last := x[(rows-2)*h.Width():]
			differences(t, "x, at the end", last, dx[(rows-2)*h.Width():], dy, func(y []float64) { Attention(h, y, x, ends) })
		})
	}
}

// TestAlone: a sequence has the same bits alone and in a batch.
func TestAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	h := NewHeads(4, 2, 8, 200, 10000)
	const rows = 70 + 130
	x := make([]float32, rows*h.Width())
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	wide := h.Queries * h.Size
	both, second := make([]float32, rows*wide), make([]float32, 130*wide)
	Attention(h, both, x, []int{70, rows})
	Attention(h, second, x[70*h.Width():], []int{130})
	for i, v := range second {
		if both[70*wide+i] != v {
			t.Fatalf("element %d is %v alone and %v behind another sequence", i, v, both[70*wide+i])
		}
	}
}

func TestExp(t *testing.T) {
	for x := float32(-90); x < 90; x += 0.00313 {
		want := math.Exp(float64(x))
		if x < -87 {
			want = 0
		}
		if x > 88 {
			want = math.Inf(1)
		}
		if got := float64(exp(x)); got != want && math.Abs(got-want) > 2*0x1p-23*want {
			t.Fatalf("e^%v is %v, want %v", x, got, want)
		}
	}
	if got := exp(float32(math.NaN())); got == got {
		t.Errorf("e^NaN is %v", got)
	}
	if exp(float32(0)) != 1 {
		t.Error("e^0 is not 1")
	}
}

func BenchmarkAttention(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	h := NewHeads(4, 4, 32, 256, 10000)
	x, y := make([]float32, 1024*h.Width()), make([]float32, 1024*128)
	for i := range x {
		x[i] = rng.Float32()
	}
	dx := make([]float32, len(x))
	ends := []int{256, 512, 768, 1024}
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			Attention(h, y, x, ends)
		}
	})
	b.Run("backward", func(b *testing.B) {
		for b.Loop() {
			AttentionX(h, dx, y, x, ends)
		}
	})
	b.Run("swiglu", func(b *testing.B) {
		z := make([]float32, 1024*344)
		in := make([]float32, 2*1024*344)
		for b.Loop() {
			SwiGLU(z, in, 1024, 344)
		}
	})
}
