package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func gemmRandom(rng *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = rng.Float32() - 0.5
	}
	return out
}

// exact multiplies in float64, and bounds what float32 may differ by.
func exact(c, a, b matrix[float32], m, n, k int, add bool) (want, bound []float64) {
	at := func(m matrix[float32], i, j int) float64 {
		if m.Flip {
			i, j = j, i
		}
		return float64(m.Data[i*m.Stride+j])
	}
	want, bound = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for j := range n {
			if add {
				want[i*n+j] = at(c, i, j)
			}
			size := math.Abs(want[i*n+j])
			for p := range k {
				x := at(a, i, p) * at(b, p, j)
				want[i*n+j] += x
				size += math.Abs(x)
			}
			bound[i*n+j] = float64(k+2) * size * 0x1p-24
		}
	}
	return want, bound
}

var shapes = [][3]int{{1, 1, 1}, {6, 16, 3}, {12, 32, 5}, {5, 7, 11}, {13, 33, 257}, {97, 100, 300}, {1, 64, 128}, {128, 1, 20}, {30, 40, 513}}

// TestKernels holds every kernel of this processor and the plain one to float64,
// on whole tiles, edges and several depths, and what lies beside c stays.
func TestKernels(t *testing.T) {
	all := append(kernels(), kernel{name: "plain"})
	for _, x := range all {
		for _, s := range shapes {
			for flips := range 8 {
				m, n, k := s[0], s[1], s[2]
				add := flips&4 != 0
				t.Run(fmt.Sprintf("%s/%dx%dx%d/%d", x.name, m, n, k, flips), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(1, uint64(m*n*k+flips)))
					a, b := Rows(gemmRandom(rng, m*(k+3)), k+3), Rows(gemmRandom(rng, k*(n+2)), n+2)
					if flips&1 != 0 {
						a = Rows(gemmRandom(rng, k*(m+3)), m+3).T()
					}
					if flips&2 != 0 {
						b = Rows(gemmRandom(rng, n*(k+2)), k+2).T()
					}
					c := Rows(gemmRandom(rng, m*(n+5)), n+5)
					want, bound := exact(c, a, b, m, n, k, add)
					was := append([]float32{}, c.Data...)
					if x.tile == nil {
						plain(c, a, b, m, n, k, add, 2)
					} else {
						x.multiply(c, a, b, m, n, k, add, 2)
					}
					for i := range m {
						for j := range n + 5 {
							got := c.Data[i*c.Stride+j]
							if j >= n {
								if got != was[i*c.Stride+j] {
									t.Fatalf("row %d: element %d beside c was changed", i, j)
								}
							} else if d := math.Abs(float64(got) - want[i*n+j]); !(d <= bound[i*n+j]) {
								t.Fatalf("(%d, %d) is %v, want %v", i, j, got, want[i*n+j])
							}
						}
					}
				})
			}
		}
	}
}

// TestOneChain: a row has the same bits alone and among others, on one processor
// and on several, and by every kernel that fuses.
func TestOneChain(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	const m, n, k = 101, 67, 700
	a, b := Rows(gemmRandom(rng, m*k), k), Rows(gemmRandom(rng, n*k), k).T()
	var first []float32
	for _, x := range kernels() {
		whole := make([]float32, m*n)
		x.multiply(Rows(whole, n), a, b, m, n, k, false, 1)
		if first == nil {
			first = whole
		}
		several := make([]float32, m*n)
		x.multiply(Rows(several, n), a, b, m, n, k, false, 3)
		for i := range whole {
			if whole[i] != several[i] || whole[i] != first[i] {
				t.Fatalf("%s: element %d is %v alone, %v on three, %v by the first kernel", x.name, i, whole[i], several[i], first[i])
			}
		}
	}
	whole := make([]float32, m*n)
	Multiply(Rows(whole, n), a, b, m, n, k, false)
	for i := range m {
		row := make([]float32, n)
		alone(Rows(row, n), Rows(a.Data[i*k:], k), b, 1, n, k, false)
		for j := range row {
			if row[j] != whole[i*n+j] {
				t.Fatalf("row %d alone: element %d is %v, among others %v", i, j, row[j], whole[i*n+j])
			}
		}
	}
}

func BenchmarkMultiply(b *testing.B) {
	rng := rand.New(rand.NewPCG(2, 3))
	for _, s := range [][3]int{{1024, 688, 128}, {1024, 128, 344}, {688, 128, 1024}, {64, 256, 32}} {
		m, n, k := s[0], s[1], s[2]
		x, y, z := gemmRandom(rng, m*k), gemmRandom(rng, k*n), make([]float32, m*n)
		for _, kern := range kernels() {
			for workers := 1; workers <= 2; workers++ {
				b.Run(fmt.Sprintf("%s/%dx%dx%d/%d", kern.name, m, n, k, workers), func(b *testing.B) {
					for b.Loop() {
						kern.multiply(Rows(z, n), Rows(x, k), Rows(y, n), m, n, k, false, workers)
					}
					b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
				})
			}
		}
	}
}
