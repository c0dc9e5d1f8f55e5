package llama

import (
	"github.com/assay-dev/assay/trainer/embedded/kernel"
	"github.com/assay-dev/assay/trainer/objective"
)

// Batch is what a graph runs over: sequences of tokens, one behind the other.
type Batch struct {
	IDs     []int32 // of each row
	Targets []int32 // the token that follows, where its log-probability is asked for; else -1
	Ends    []int   // the row behind each sequence

	// What makes a loss of the log-probabilities: for each pair, the rows of its
	// answers' targets, chosen first, and their weights.
	Rows  [][]int
	Terms []objective.Term
}

// Add appends a sequence whose tokens from first on are asked for, and returns
// the rows that have their log-probabilities.
func (b *Batch) Add(ids []int32, first int) []int {
	at := len(b.IDs)
	var rows []int
	for i := range ids {
		target := int32(-1)
		if i+1 < len(ids) && i+1 >= first {
			target = ids[i+1]
			rows = append(rows, at+i)
		}
		b.Targets = append(b.Targets, target)
	}
	b.IDs = append(b.IDs, ids...)
	b.Ends = append(b.Ends, len(b.IDs))
	return rows
}

// take gathers some rows.
func take[F kernel.Float](from []F, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = float64(from[r])
	}
	return out
}
