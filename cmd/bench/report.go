package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// row is one line of the report.
type row struct {
	What         string
	Ours, Theirs string
	Ratio        string // ours against theirs: more is better
	Bar          string // what the project asks of it
}

// ratioRow compares throughput over pairs of runs: the ratio is the median of
// the pairs' ratios, which holds when the machine's speed drifts.
func ratioRow(what string, work int, ours, theirs []figures, bar string) row {
	seconds := func(f figures) float64 { return f.Wall.Seconds() }
	type pair struct{ a, b float64 }
	var ps []pair
	for i := range ours {
		ps = append(ps, pair{seconds(ours[i]), seconds(theirs[i])})
	}
	rate := func(fs []figures) string {
		s := median(fs, seconds)
		return fmt.Sprintf("%.2f s, %.0f/s", s, float64(work)/s)
	}
	return row{
		What: what, Ours: rate(ours), Theirs: rate(theirs), Bar: bar,
		Ratio: fmt.Sprintf("%.2f", median(ps, func(p pair) float64 { return p.b / p.a })),
	}
}

func (b *bench) add(r row) { b.rows = append(b.rows, r) }

// print writes the report.
func (b *bench) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "what\tassay\tpeer\tratio\tbar")
	for _, r := range b.rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", r.What, r.Ours, r.Theirs, r.Ratio, r.Bar)
	}
	return tw.Flush()
}
