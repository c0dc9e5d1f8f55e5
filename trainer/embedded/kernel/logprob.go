package kernel

import (
	"math"
)

// LogProb sets y to the log-probability of each row's target under the softmax of
// its logits; 0 where the target is below 0.
func LogProb[F Float](y, logits []F, targets []int32, width int) {
	Parts(len(targets), 16, func(from, to int) {
		for r := from; r < to; r++ {
			y[r] = 0
			if t := targets[r]; t >= 0 {
				row := logits[r*width:][:width]
				y[r] = row[t] - logSum(row)
			}
		}
	})
}

// logSum is log Σ eˣ.
func logSum[F Float](x []F) F {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	var sum F
	for _, v := range x {
		sum += exp(v - most)
	}
	return most + F(math.Log(float64(sum)))
}

// LogProbX is LogProb's gradient by the logits.
func LogProbX[F Float](dx, dy, logits []F, targets []int32, width int) {
	Parts(len(targets), 16, func(from, to int) {
		for r := from; r < to; r++ {
			out := dx[r*width:][:width]
			t, d := targets[r], dy[r]
			if t < 0 || d == 0 {
				clear(out)
				continue
			}
			row := logits[r*width:][:width]
			log := logSum(row)
			for j, v := range row {
				out[j] = -d * exp(v-log)
			}
			out[t] += d
		}
	})
}
