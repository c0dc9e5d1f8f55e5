package kernel

import (
	"slices"
	"sync"
	"testing"
)

// TestParts: the parts are the same on any number of processors, and cover all.
func TestParallelParts(t *testing.T) {
	for _, c := range []struct {
		n, part int
		want    [][2]int
	}{{0, 4, nil}, {3, 4, [][2]int{{0, 3}}}, {9, 4, [][2]int{{0, 4}, {4, 8}, {8, 9}}}} {
		for workers := range 5 {
			var mu sync.Mutex
			var got [][2]int
			on(workers, c.n, c.part, func(from, to int) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, [2]int{from, to})
			})
			slices.SortFunc(got, func(a, b [2]int) int { return a[0] - b[0] })
			if !slices.Equal(got, c.want) {
				t.Errorf("0 to %d in parts of %d on %d: %v", c.n, c.part, workers, got)
			}
		}
	}
}
