package tokenizer

import "container/heap"

// merge makes one piece of two.
type merge struct{ rank, to int }

// alphabet is the character that stands for each byte in a vocabulary.
var alphabet = func() (out [256]rune) {
	next := rune(256)
	for b := range out {
		r := rune(b)
		if r < '!' || r > '~' && r < '¡' || r == '\u00ad' {
			r = next
			next++
		}
		out[b] = r
	}
	return out
}()

// merged makes a word's tokens: its bytes, merged by rank, of equal ranks the
// first from the left.
func (t *Tokenizer) merged(word string) merging {
	n := len(word)
	if t.whole {
		if id, ok := t.known(word); ok {
			return merging{id: []int{id}, next: []int{n}, left: 1}
		}
	}
	w := merging{id: make([]int, n), next: make([]int, n), prev: make([]int, n), left: n}
	for i := range n {
		w.id[i], w.next[i], w.prev[i] = t.ofByte[word[i]], i+1, i-1
	}
	for i := range n - 1 {
		w.offer(t, i)
	}
	for len(w.open) > 0 {
		c := heap.Pop(&w.open).(chance)
		b := w.next[c.at]
		if w.id[c.at] != c.a || b >= n || w.id[b] != c.b {
			continue // one of the two went into another piece
		}
		w.id[c.at], w.id[b] = c.to, gone
		w.next[c.at] = w.next[b]
		if w.next[b] < n {
			w.prev[w.next[b]] = c.at
		}
		w.left--
		w.offer(t, w.prev[c.at])
		w.offer(t, c.at)
	}
	return w
}

func (t *Tokenizer) known(word string) (id int, ok bool) {
	runes := make([]rune, len(word))
	for i := range len(word) {
		runes[i] = alphabet[word[i]]
	}
	id, ok = t.vocab[string(runes)]
	return id, ok
}

// gone is the id of a piece that went into the one before.
const gone = -1

// merging is a word on its way: a list of pieces, by where they begin.
type merging struct {
	id, next, prev []int
	left           int // pieces
	open           chances
}

// chance is a merge that may be made.
type chance struct {
	merge
	at, a, b int
}

func (w *merging) offer(t *Tokenizer, at int) {
	if at < 0 || w.next[at] >= len(w.id) {
		return
	}
	a, b := w.id[at], w.id[w.next[at]]
	if m, ok := t.merges[[2]int{a, b}]; ok {
		heap.Push(&w.open, chance{m, at, a, b})
	}
}

type chances []chance

func (h chances) Len() int      { return len(h) }
func (h chances) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h chances) Less(i, j int) bool {
	if h[i].rank != h[j].rank {
		return h[i].rank < h[j].rank
	}
	return h[i].at < h[j].at
}
func (h *chances) Push(x any) { *h = append(*h, x.(chance)) }
func (h *chances) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
