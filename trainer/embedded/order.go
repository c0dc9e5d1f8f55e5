package embedded

import "math/rand/v2"

// order says which rows a step learns from: all of an epoch, shuffled by the
// seed, a batch after the other.
type order struct {
	rows, batch, micro int
	seed               uint64

	epoch int
	perm  []int
}

// perEpoch is how many steps an epoch has.
func (o *order) perEpoch() int { return (o.rows + o.batch - 1) / o.batch }

// step returns the micro-batches of a step, counted from 0.
func (o *order) step(n int) [][]int {
	epoch, at := n/o.perEpoch(), n%o.perEpoch()*o.batch
	if o.perm == nil || o.epoch != epoch {
		o.epoch, o.perm = epoch, rand.New(rand.NewPCG(o.seed, uint64(epoch))).Perm(o.rows)
	}
	batch := o.perm[at:min(o.rows, at+o.batch)]
	var out [][]int
	for len(batch) > 0 {
		n := min(o.micro, len(batch))
		out, batch = append(out, batch[:n]), batch[n:]
	}
	return out
}
