package kernel

import (
	"sync"
)

// Sizes of the blocks that stay in the caches: depth of a panel, rows of a.
const (
	depth = 256
	high  = 96
)

// kernel is a processor's inner loop: it multiplies a panel of rows of a by a
// panel of columns of b.
type kernel struct {
	name       string
	rows, cols int // of a tile of c
	// tile computes a tile: c (+)= a·b over k, a packed by columns of so many
	// rows, b by rows of so many columns.
	tile func(k int, a, b, c *float32, stride int, add bool)
}

// fast is the best kernel that this processor has; nil: none.
var fast = func() *kernel {
	if found := kernels(); len(found) > 0 {
		return &found[0]
	}
	return nil
}()

// panels are scratch memory, used again and again.
var panels = sync.Pool{New: func() any { return new([]float32) }}

func scratch(n int) *[]float32 {
	p := panels.Get().(*[]float32)
	if cap(*p) < n {
		*p = make([]float32, n)
	}
	*p = (*p)[:n]
	return p
}

func (x *kernel) multiply(c, a, b Matrix[float32], m, n, k int, add bool, workers int) {
	wide := (n + x.cols - 1) / x.cols
	packedB := scratch(wide * x.cols * min(k, depth))
	defer panels.Put(packedB)
	part := high / x.rows * x.rows
	if even := (m + workers - 1) / workers; even < part { // a share for each
		part = (even + x.rows - 1) / x.rows * x.rows
	}
	for at := 0; at < k; at += depth {
		deep := min(depth, k-at)
		pb := *packedB
		On(workers, wide, 8, func(from, to int) {
			for j := from; j < to; j++ {
				pack(pb[j*x.cols*deep:], b.T(), j*x.cols, min(x.cols, n-j*x.cols), x.cols, at, deep)
			}
		})
		On(workers, m, part, func(from, to int) {
			x.block(c, a, pb, from, to, n, at, deep, add || at > 0)
		})
	}
}

// block computes some rows of c over one depth.
func (x *kernel) block(c, a Matrix[float32], pb []float32, from, to, n, at, deep int, add bool) {
	panel := scratch(x.rows*deep + x.rows*x.cols)
	defer panels.Put(panel)
	pa, edge := (*panel)[:x.rows*deep], (*panel)[x.rows*deep:]
	for i := from; i < to; i += x.rows {
		rows := min(x.rows, to-i)
		pack(pa, a, i, rows, x.rows, at, deep)
		for j := 0; j < n; j += x.cols {
			cols := min(x.cols, n-j)
			tb, tc := &pb[j*deep], c.Data[i*c.Stride+j:]
			if rows == x.rows && cols == x.cols {
				x.tile(deep, &pa[0], tb, &tc[0], c.Stride, add)
				continue
			}
			if add {
				for r := range rows {
					copy(edge[r*x.cols:][:cols], tc[r*c.Stride:])
				}
			}
			x.tile(deep, &pa[0], tb, &edge[0], x.cols, add)
			for r := range rows {
				copy(tc[r*c.Stride:][:cols], edge[r*x.cols:])
			}
		}
	}
}

// pack lays rows of m out by columns, filled up with zeros to so many rows.
func pack(to []float32, m Matrix[float32], row, rows, full, at, deep int) {
	if m.Flip { // a column of m is a row of what it is the transpose of
		for p := range deep {
			out := to[p*full : (p+1)*full]
			n := copy(out, m.Data[(at+p)*m.Stride+row:][:rows])
			clear(out[n:])
		}
		return
	}
	for r := range full {
		if r >= rows {
			for p := range deep {
				to[p*full+r] = 0
			}
			continue
		}
		for p, x := range m.Data[(row+r)*m.Stride+at:][:deep] {
			to[p*full+r] = x
		}
	}
}
