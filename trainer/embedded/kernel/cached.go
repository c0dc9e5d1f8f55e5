package kernel

import ()

// Cache holds the turned keys and the values of a sequence's rows so far.
type Cache[F Float] struct {
	Rows         int
	keys, values []F
}

// Continue is Attention for the next rows of a sequence, whose queries, keys and
// values are qkv. It adds them to the cache.
func Continue[F Float](h *Heads, c *Cache[F], y, qkv []F, rows int) {
	from, wide := c.Rows, h.Shared*h.Size
	for i := range rows {
		row := qkv[i*h.Width():][:h.Width()]
		c.keys = append(c.keys, row[h.Queries*h.Size:][:wide]...)
		c.values = append(c.values, row[h.Queries*h.Size+wide:][:wide]...)
		for s := range h.Shared {
			key := c.keys[(from+i)*wide+s*h.Size:][:h.Size]
			rotate(h, key, key, from+i, 1, false)
		}
	}
	c.Rows += rows
	q, p := make([]F, rows*h.Queries*h.Size), make([]F, h.Queries*min(attend, rows)*c.Rows)
	Parts(h.Queries, 1, func(head, _ int) {
		s := head / (h.Queries / h.Shared)
		k := Matrix[F]{Data: c.keys[s*h.Size:], Stride: wide}
		v := Matrix[F]{Data: c.values[s*h.Size:], Stride: wide}
		q, p := q[head*rows*h.Size:][:rows*h.Size], p[head*min(attend, rows)*c.Rows:]
		for i := range rows {
			rotate(h, q[i*h.Size:], qkv[i*h.Width()+head*h.Size:], from+i, h.scale(), false)
		}
		for at := 0; at < rows; at += attend {
			n := min(attend, rows-at)
			seen := from + at + n
			Alone(Rows(p, seen), Rows(q[at*h.Size:], h.Size), k.T(), n, seen, h.Size, false)
			for i := range n {
				row := p[i*seen:][:seen]
				softmax(row[:from+at+i+1])
				clear(row[from+at+i+1:])
			}
			out := Matrix[F]{Data: y[at*h.Queries*h.Size+head*h.Size:], Stride: h.Queries * h.Size}
			Alone(out, Rows(p, seen), v, n, h.Size, seen, false)
		}
	})
}

// Fork is a cache that begins as c.
func (c *Cache[F]) Fork() Cache[F] {
	return Cache[F]{c.Rows, append([]F{}, c.keys...), append([]F{}, c.values...)}
}
