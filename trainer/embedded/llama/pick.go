package llama

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// pick chooses a token: the likeliest, of equal ones the first; or by chance.
func pick(logits []float32, o Options, chance *rand.Rand) int32 {
	best := 0
	for i, x := range logits {
		if x > logits[best] {
			best = i
		}
	}
	if o.Temperature <= 0 {
		return int32(best)
	}
	p := make([]float64, len(logits))
	order := make([]int32, len(logits))
	sum := 0.0
	for i, x := range logits {
		p[i] = math.Exp(float64(x-logits[best]) / o.Temperature)
		order[i] = int32(i)
		sum += p[i]
	}
	if o.TopP > 0 && o.TopP < 1 {
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(p[b], p[a]) })
		share := 0.0
		for n, i := range order {
			if share += p[i]; share >= o.TopP*sum {
				order, sum = order[:n+1], share
				break
			}
		}
	}
	at := chance.Float64() * sum
	for _, i := range order {
		if at -= p[i]; at < 0 {
			return i
		}
	}
	return order[len(order)-1]
}
