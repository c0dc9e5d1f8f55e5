package kernel

import (
	"runtime"
	"sync"
)

// Float is what matrices are made of.
type Float interface{ float32 | float64 }

// matrix is a matrix of rows, row after row, Stride elements apart; or, with
// Flip, the transpose of one.
type matrix[F Float] struct {
	Data   []F
	Stride int
	Flip   bool
}

// Rows is the matrix of rows of n elements.
func Rows[F Float](data []F, n int) matrix[F] { return matrix[F]{Data: data, Stride: n} }

// T is the transpose.
func (m matrix[F]) T() matrix[F] { m.Flip = !m.Flip; return m }

// Multiply sets c, of m rows and n columns, to a·b, where a has k columns. With
// add, a·b is added to what c holds. It uses all processors.
func Multiply[F Float](c matrix[F], a, b matrix[F], m, n, k int, add bool) {
	multiply(c, a, b, m, n, k, add, runtime.GOMAXPROCS(0))
}

// alone is Multiply on the caller's processor.
func alone[F Float](c matrix[F], a, b matrix[F], m, n, k int, add bool) {
	multiply(c, a, b, m, n, k, add, 1)
}

func multiply[F Float](c, a, b matrix[F], m, n, k int, add bool, workers int) {
	if m == 0 || n == 0 {
		return
	}
	if single, ok := any(c).(matrix[float32]); ok && fast != nil && k > 0 {
		fast.multiply(single, any(a).(matrix[float32]), any(b).(matrix[float32]), m, n, k, add, workers)
		return
	}
	plain(c, a, b, m, n, k, add, workers)
}

// plain needs no processor's help.
func plain[F Float](c, a, b matrix[F], m, n, k int, add bool, workers int) {
	if b.Flip { // rows of b are read along n
		flat := make([]F, k*n)
		for j := range n {
			for p, x := range b.Data[j*b.Stride : j*b.Stride+k] {
				flat[p*n+j] = x
			}
		}
		b = Rows(flat, n)
	}
	di, dp := a.Stride, 1
	if a.Flip {
		di, dp = 1, a.Stride
	}
	on(workers, m, 8, func(from, to int) {
		for i := from; i < to; i++ {
			row := c.Data[i*c.Stride : i*c.Stride+n]
			if !add {
				clear(row)
			}
			for p := range k {
				x := a.Data[i*di+p*dp]
				for j, y := range b.Data[p*b.Stride : p*b.Stride+n] {
					row[j] += x * y
				}
			}
		}
	})
}

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

func (x *kernel) multiply(c, a, b matrix[float32], m, n, k int, add bool, workers int) {
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
		on(workers, wide, 8, func(from, to int) {
			for j := from; j < to; j++ {
				pack(pb[j*x.cols*deep:], b.T(), j*x.cols, min(x.cols, n-j*x.cols), x.cols, at, deep)
			}
		})
		on(workers, m, part, func(from, to int) {
			x.block(c, a, pb, from, to, n, at, deep, add || at > 0)
		})
	}
}

// block computes some rows of c over one depth.
func (x *kernel) block(c, a matrix[float32], pb []float32, from, to, n, at, deep int, add bool) {
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
func pack(to []float32, m matrix[float32], row, rows, full, at, deep int) {
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

// Parts works 0 to n off in parts of so many, or fewer at the end, on all
// processors.
func Parts(n, part int, do func(from, to int)) { on(runtime.GOMAXPROCS(0), n, part, do) }

// on is Parts on so many processors.
func on(workers, n, part int, do func(from, to int)) {
	parts := (n + part - 1) / part
	if workers = min(workers, parts); workers <= 1 {
		for i := range parts {
			do(i*part, min(n, (i+1)*part))
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < parts; i += workers {
				do(i*part, min(n, (i+1)*part))
			}
		})
	}
	wg.Wait()
}
