package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/score"
)

// reportFlow prints what came of the traces.
func (a *app) reportFlow(f *codeflowFlags, s *codeflow.Stats) error {
	if f.json {
		return writeJSON(a.stdout, s)
	}
	if f.quiet {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s by %s: %d passed, %d dropped%s\n\n", s.Source, plural(s.Tasks, "task"), plural(s.Traces, "trace"),
		cmp.Or(s.Options.Model, f.ask.backend), s.Passed, s.Traces-s.Passed, reasons(s.Dropped))
	rateTable(&b, s)
	movesTable(&b, s)
	if s.Missing > 0 {
		fmt.Fprintf(&b, "\n%s could not be finished, and stand in no number here\n", plural(s.Missing, "trace"))
	}
	fmt.Fprintf(&b, "\ntokens of prompts %s, of answers %s", grouped(uint64(s.Usage.PromptTokens)), grouped(uint64(s.Usage.CompletionTokens)))
	if s.Usage.Cost > 0 {
		b.WriteString(", cost " + dollars(s.Usage.Cost))
	}
	fmt.Fprintf(&b, "\n\nIn %s: %s, %s, %s\n", f.out, codeflow.TracesName, codeflow.StatsName, codeflow.LogName)
	fmt.Fprintf(&b, "Then: assay codeflow show %s TASK\n", f.out)
	if len(s.Moves) > 0 {
		fmt.Fprintf(&b, "      assay pairs %s --out %s\n", f.out, filepath.Join(f.out, "pairs.jsonl"))
	}
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

// reasons lists why traces were dropped, the most frequent first.
func reasons(dropped map[string]int) string {
	names := slices.SortedFunc(maps.Keys(dropped), func(a, b string) int {
		return cmp.Or(dropped[b]-dropped[a], strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, dropped[name])
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// rateTable is the paper's table: what has passed by each iteration.
func rateTable(b *strings.Builder, s *codeflow.Stats) {
	held := slices.ContainsFunc(s.Iterations, func(i codeflow.IterationStats) bool { return i.HeldOut != nil })
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprint(w, "iteration\ttraces\tpassed here\tpassed so far\t95 % interval")
	if held {
		fmt.Fprint(w, "\theld out too\t95 % interval")
	}
	fmt.Fprintln(w, "\ttokens")
	for _, i := range s.Iterations {
		if i.Traces == 0 {
			continue
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%s", i.Iteration, i.Traces, i.Passed, rateText(i.Rate))
		if held {
			fmt.Fprint(w, "\t"+rateText(i.HeldOut))
		}
		fmt.Fprintf(w, "\t%s\n", grouped(uint64(i.Usage.PromptTokens+i.Usage.CompletionTokens)))
	}
	_ = w.Flush() // to memory
}

func rateText(e *score.Estimate) string {
	if e == nil {
		return "–\t"
	}
	return fmt.Sprintf("%.1f %%\t%.1f to %.1f", 100*e.Value, 100*e.Interval.Low, 100*e.Interval.High)
}

// movesTable says what became of each verdict in the next iteration.
func movesTable(b *strings.Builder, s *codeflow.Stats) {
	if len(s.Moves) == 0 {
		return
	}
	b.WriteString("\nverdict, and the next iteration's:\n")
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, m := range s.Moves {
		fmt.Fprintf(w, "  %s\t→ %s\t%d\n", m.From, m.To, m.Count)
	}
	_ = w.Flush() // to memory
}
