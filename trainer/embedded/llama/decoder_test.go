package llama

import (
	"math/rand/v2"
	"testing"
)

// TestDecoder: logits token by token, in pieces, in company and of a fork are
// those of the graph, which sees the whole text at once, to the bit.
func TestDecoder(t *testing.T) {
	c, err := Small(40, 0, 3, 24, 4, 160)
	if err != nil {
		t.Fatal(err)
	}
	c.SharedHeads, c.Tied = 2, false
	w := New[float32](c, 5)
	rng := rand.New(rand.NewPCG(1, 2))
	ids := make([]int32, 150) // more than attention takes at once
	for i := range ids {
		ids[i] = rng.Int32N(40)
	}
	g, err := Forward(w, len(ids))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	g.Batch.Add(ids, 1)
	if err := g.Run(); err != nil {
		t.Fatal(err)
	}
	check := func(what string, at int, got []float32) {
		t.Helper()
		for j, x := range g.Logits()[at*40:][:40] {
			if got[j] != x {
				t.Fatalf("%s: logit %d of token %d is %v, the graph's %v", what, j, at, got[j], x)
			}
		}
	}
	d := newDecoder(w)
	single := &Text[float32]{}
	for at, id := range ids {
		check("one by one", at, d.Feed([]*Text[float32]{single}, [][]int32{{id}})[0])
	}
	a, b := &Text[float32]{}, &Text[float32]{}
	d.Feed([]*Text[float32]{a, b}, [][]int32{ids[:7], ids[:100]})
	fork := b.Fork()
	got := d.Feed([]*Text[float32]{a, fork, b}, [][]int32{ids[7:81], ids[100:101], ids[100:]})
	check("in pieces", 80, got[0])
	check("a fork", 100, got[1])
	check("in company", 149, got[2])
	if b.Tokens() != 150 || fork.Tokens() != 101 {
		t.Errorf("%d and %d tokens", b.Tokens(), fork.Tokens())
	}
}
