package main

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/rundir"
)

const trainingStage = "training"

// trainedText is what an event says; "" where nobody needs to know.
func trainedText(e trainer.Event) string {
	switch e.Event {
	case trainer.EventStart:
		text := fmt.Sprintf("training on %s, %s: %s, %d held out", e.Device, e.Precision, plural(e.Pairs, "pair"), e.HeldOut)
		if e.TooLong > 0 {
			text += fmt.Sprintf(", %d left out because they are too long", e.TooLong)
		}
		return text
	case trainer.EventStep:
		text := figures(e.Loss, e.Accuracy, e.Margin)
		if e.Rate > 0 {
			text += fmt.Sprintf("  %s tokens/s", grouped(uint64(e.Rate)))
		}
		return text
	case trainer.EventEvaluation:
		return fmt.Sprintf("held out, after step %d: %s", e.Step, figures(e.HeldLoss, e.HeldRight, e.HeldMargin))
	}
	return ""
}

// figures are those of a step; methods without a preference have a loss only.
func figures(loss, accuracy, margin *float64) string {
	var parts []string
	for _, f := range []struct {
		name  string
		value *float64
	}{{"loss", loss}, {"accuracy", accuracy}, {"margin", margin}} {
		if f.value != nil {
			parts = append(parts, fmt.Sprintf("%s %.4f", f.name, *f.value))
		}
	}
	return strings.Join(parts, "  ")
}

// trainingPlan is what a dry run says.
type trainingPlan struct {
	Method  string         `json:"method"`
	Counts  trainer.Counts `json:"counts"`
	Refused int            `json:"refused"` // pairs whose empty mask would end the run
	Bytes   trainer.Sizes  `json:"bytes"`
	Tokens  int64          `json:"tokens"` // of an epoch: the prompt counts for each answer
	Longest int            `json:"longest_tokens"`
	TooLong int            `json:"too_long"` // rows that would be left out
	Counted string         `json:"tokens_by"`
	Memory  int64          `json:"memory_estimated,omitempty"` // bytes
	Learned int            `json:"pairs_learned"`
	HeldOut int            `json:"pairs_held_out"`
	Steps   int            `json:"steps"`
}

// planTraining says what would be trained.
func (a *app) planTraining(f *trainFlags, s trainer.Settings, r trainer.Run, pairs trainer.Source) error {
	refuses := r.Choice.Empty == trainer.Refuse
	if refuses { // to count them all
		r.Choice.Empty = trainer.Drop
	}
	count := newTrainingTokens(s.Training)
	m, sizes, err := r.PlanRows(pairs, count.row)
	if err != nil {
		return err
	}
	p := trainingPlan{Method: s.Method, Counts: m.Counts, Bytes: sizes,
		Tokens: count.Total, Longest: count.Longest, TooLong: count.TooLong, Counted: count.name}
	of := ""
	p.Memory, of = trainingMemory(f.trainer == embeddedTrainer, s.Training, count.Longest)
	if refuses {
		p.Refused = m.Counts.Dropped
	}
	p.Learned, p.HeldOut, p.Steps = s.Steps(m.Counts.Kept - count.TooLong)
	if err := a.printPlan(f, s, p, of); err != nil {
		return err
	}
	if p.Refused > 0 {
		return fmt.Errorf("%s with an empty mask: the run would be refused; choose --set empty=drop, augment or full", plural(p.Refused, "pair"))
	}
	return nil
}

func (a *app) printPlan(f *trainFlags, s trainer.Settings, p trainingPlan, memoryOf string) error {
	if f.json {
		return writeJSON(a.stdout, p)
	}
	n := p.Counts
	var b strings.Builder
	line := func(what, text string) { fmt.Fprintf(&b, "%-13s%s\n", what, text) }
	line("method", fmt.Sprintf("%s, β %v, α %v", s.Method, s.Beta, s.Alpha))
	line("pairs", fmt.Sprintf("%d read, %d kept: %d with a mask, %d without", n.Pairs, n.Kept, n.Targeted, n.Full))
	line("mask", fmt.Sprintf("%s, for the pairs that the method targets", s.Mask))
	line("empty masks", fmt.Sprintf("%d (%s)", n.Dropped+n.Augmented+n.Filled, s.Empty))
	line("D⁻", fmt.Sprintf("%.1f %% of the rejected answers' bytes", 100*float64(p.Bytes.InMask)/float64(p.Bytes.Rejected)))
	line("tokens", fmt.Sprintf("%s an epoch, longest row %s of %d (%s)", grouped(uint64(p.Tokens)), grouped(uint64(p.Longest)), s.MaxLength, p.Counted))
	if p.TooLong > 0 {
		line("too long", fmt.Sprintf("%s, which would be left out", plural(p.TooLong, "pair")))
	}
	line("steps", fmt.Sprintf("%d of %d pairs, %s learned from, %d held out", p.Steps, s.BatchSize, plural(p.Learned, "pair"), p.HeldOut))
	if p.Memory > 0 {
		line("memory", fmt.Sprintf("about %s: %s", bytesText(p.Memory), memoryOf))
	}
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

// reportTraining is what a finished run says.
func (a *app) reportTraining(f *trainFlags, r *rundir.Report) error {
	if f.json {
		return writeJSON(a.stdout, r)
	}
	if f.quiet {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s on %s", r.Manifest.Method, plural(r.Result.Step, "step"), plural(r.Result.Pairs, "pair"))
	if r.Result.TooLong > 0 {
		fmt.Fprintf(&b, "; %d were too long", r.Result.TooLong)
	}
	b.WriteString("\n\n")
	if isTerminal(a.stdout) {
		b.WriteString(r.Drawn())
	}
	fmt.Fprintf(&b, "%-20s %10s %10s %10s\n", "", "first step", "last step", "held out")
	for _, name := range []string{"loss", "rewards/accuracies", "rewards/margins"} {
		first, ok := r.Metrics.First[name]
		if !ok {
			continue
		}
		held := "–"
		if x, ok := r.Metrics.HeldOut["eval_"+name]; ok {
			held = fmt.Sprintf("%.4f", x)
		}
		fmt.Fprintf(&b, "%-20s %10.4f %10.4f %10s\n", name, first, r.Metrics.Last[name], held)
	}
	fmt.Fprintf(&b, "\nThe model is in %s, its card is %s, its curves are %s.\nWhether it writes better programs, only execution tells: assay eval.\n", run.Escape(r.Model), run.Escape(r.Card), run.Escape(r.Curves))
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}
