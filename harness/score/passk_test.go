package score

import (
	"math"
	"math/big"
	"testing"
)

func TestPassAtKKnownValues(t *testing.T) {
	for _, c := range []struct {
		n, c, k int
		want    float64
	}{
		{1, 0, 1, 0},
		{1, 1, 1, 1},
		{5, 2, 1, 0.4},
		{10, 3, 5, 1 - 21.0/252},
		{10, 5, 10, 1},
		{10, 9, 2, 1},
		{200, 100, 1, 0.5},
		{200, 1, 100, 0.5},
		{200, 2, 100, 1 - 99.0/398},
	} {
		if got := PassAtK(c.n, c.c, c.k); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("PassAtK(%d, %d, %d) = %v, want %v", c.n, c.c, c.k, got, c.want)
		}
	}
}

func TestPassAtKHasNoMeaning(t *testing.T) {
	for _, c := range [][3]int{{1, 0, 2}, {1, 0, 0}, {1, 2, 1}, {1, -1, 1}, {0, 0, 1}} {
		if got := PassAtK(c[0], c[1], c[2]); !math.IsNaN(got) {
			t.Errorf("PassAtK(%v) = %v, want NaN", c, got)
		}
	}
}

// slowPassAtK is the definition, in exact arithmetic.
func slowPassAtK(n, c, k int) float64 {
	choose := func(n, k int) *big.Rat { return new(big.Rat).SetInt(new(big.Int).Binomial(int64(n), int64(k))) }
	miss := new(big.Rat)
	if n-c >= k {
		miss.Quo(choose(n-c, k), choose(n, k))
	}
	v, _ := new(big.Rat).Sub(big.NewRat(1, 1), miss).Float64()
	return v
}

func FuzzPassAtK(f *testing.F) {
	f.Add(uint16(10), uint16(3), uint16(5))
	f.Add(uint16(1000), uint16(1), uint16(999))
	f.Add(uint16(200), uint16(199), uint16(1))
	f.Fuzz(func(t *testing.T, rn, rc, rk uint16) {
		n := int(rn)%1000 + 1
		c, k := int(rc)%(n+1), int(rk)%n+1
		got := PassAtK(n, c, k)
		if got < 0 || got > 1 {
			t.Fatalf("PassAtK(%d, %d, %d) = %v, outside [0, 1]", n, c, k, got)
		}
		if want := slowPassAtK(n, c, k); math.Abs(got-want) > 1e-9 {
			t.Errorf("PassAtK(%d, %d, %d) = %v, want %v", n, c, k, got, want)
		}
		if c < n && PassAtK(n, c+1, k) < got {
			t.Errorf("PassAtK(%d, %d, %d) falls with one more correct sample", n, c, k)
		}
		if k < n && PassAtK(n, c, k+1) < got-1e-12 {
			t.Errorf("PassAtK(%d, %d, %d) falls with one more try", n, c, k)
		}
	})
}
