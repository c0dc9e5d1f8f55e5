package main

import (
	"errors"
	"fmt"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded"
	"github.com/assay-dev/assay/trainer/embedded/llama"
	"github.com/assay-dev/assay/trainer/rundir"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// trainingEvent is what a user is told of a trainer's event; of some nothing.
func trainingEvent(e trainer.Event) progress.Event {
	if e.Event != trainer.EventStep {
		return progress.Event{Notice: trainedText(e)}
	}
	return progress.Event{Stage: "training", Verb: "trained", Things: "steps", Done: int64(e.Step), Total: int64(e.Of), Detail: trainedText(e), Unpaced: true}
}

// trainedText is what an event says; "" where nobody needs to know.
func trainedText(e trainer.Event) string {
	switch e.Event {
	case trainer.EventStart:
		text := fmt.Sprintf("training on %s, %s: %s, %d held out", e.Device, e.Precision, humanize.Plural(e.Pairs, "pair"), e.HeldOut)
		if e.TooLong > 0 {
			text += fmt.Sprintf(", %d left out because they are too long", e.TooLong)
		}
		return text
	case trainer.EventStep:
		text := figures(e.Loss, e.Accuracy, e.Margin)
		if e.Rate > 0 {
			text += fmt.Sprintf("  %s tokens/s", humanize.Grouped(uint64(e.Rate)))
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
	// Conversations are prompts of several messages that become one text.
	Conversations int `json:"conversations,omitempty"`

	most int // tokens of a row
}

// planTraining says what would be trained.
func (a *app) planTraining(f *trainFlags, s trainer.Settings, r trainer.Run, pairs trainer.Source) error {
	refuses := r.Choice.Empty == trainer.Refuse
	if refuses { // to count them all
		r.Choice.Empty = trainer.Drop
	}
	count := newTrainingTokens(f.trainer == embeddedTrainer, s.Training)
	m, sizes, err := r.PlanRows(pairs, count.row)
	if err != nil {
		return err
	}
	p := trainingPlan{Method: s.Method, Counts: m.Counts, Bytes: sizes,
		Tokens: count.Total, Longest: count.Longest, TooLong: count.TooLong, Counted: count.name, most: count.most.MaxLength}
	if s.Template == "none" {
		p.Conversations = count.Conversations
	}
	of := ""
	p.Memory, of = trainingMemory(f.trainer == embeddedTrainer, s.Training, count.Longest)
	if refuses {
		p.Refused = m.Counts.Dropped
	}
	p.Learned, p.HeldOut, p.Steps = s.Steps(m.Counts.Kept - count.TooLong)
	if err := a.printPlan(f, s, p, of); err != nil {
		return err
	}
	switch {
	case p.Refused > 0:
		return fmt.Errorf("%s with an empty mask: the run would be refused; choose --set empty=drop, augment or full", humanize.Plural(p.Refused, "pair"))
	case m.Counts.Kept == count.TooLong:
		return fmt.Errorf("no pair is left to train on: all %d are longer than max_prompt_length %d or %d tokens in all (%s)", count.TooLong, s.MaxPromptLength, count.most.MaxLength, count.name)
	case p.Learned == 0:
		return fmt.Errorf("no pair is left to learn from: held_out %v takes all %d", s.HeldOut, p.HeldOut)
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
	line("tokens", fmt.Sprintf("%s an epoch, longest row %s of %d (%s)", humanize.Grouped(uint64(p.Tokens)), humanize.Grouped(uint64(p.Longest)), p.most, p.Counted))
	if p.Conversations > 0 {
		line("template", fmt.Sprintf("none, though %s of several messages: their contents become one text, without roles", humanize.Plural(p.Conversations, "prompt")))
	}
	if p.TooLong > 0 {
		line("too long", fmt.Sprintf("%s, which would be left out", humanize.Plural(p.TooLong, "pair")))
	}
	line("steps", fmt.Sprintf("%d of %d pairs, %s learned from, %d held out", p.Steps, s.BatchSize, humanize.Plural(p.Learned, "pair"), p.HeldOut))
	if p.Memory > 0 {
		line("memory", fmt.Sprintf("about %s: %s", humanize.Bytes(p.Memory), memoryOf))
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
	fmt.Fprintf(&b, "%s: %s on %s", r.Manifest.Method, humanize.Plural(r.Result.Step, "step"), humanize.Plural(r.Result.Pairs, "pair"))
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
	fmt.Fprintf(&b, "\nThe model is in %s, its card is %s, its curves are %s.\nWhether it writes better programs, only execution tells: assay eval.\n", excerpt.Escape(r.Model), excerpt.Escape(r.Card), excerpt.Escape(r.Curves))
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

// trainingTokens counts a run's rows in tokens: by the model's tokenizer where it
// can be read, else by bytes.
type trainingTokens struct {
	counter tokenizer.Counter
	name    string // how it counts
	end     int    // tokens behind an answer
	most    trainer.Training

	Total   int64 // of an epoch: the prompt counts for each answer
	Longest int
	TooLong int

	Conversations int // prompts of several messages
}

func newTrainingTokens(embeds bool, t trainer.Training) *trainingTokens {
	if c, err := shapeOf(t); embeds && err == nil {
		t.MaxLength = min(t.MaxLength, c.Positions)
	}
	if spec, made := strings.CutPrefix(t.Model, embedded.NewModel); made {
		if s, err := embedded.ParseShape(spec); err == nil && s.Vocabulary == tokenizer.LeastVocabulary {
			return &trainingTokens{counter: tokenizer.Bytes(1), name: "a byte is a token", end: 1, most: t}
		}
	} else if t.Model != "" {
		if counter, err := tokenizer.Open(filepath.Join(t.Model, tokenizer.File)); err == nil {
			return &trainingTokens{counter: counter, name: counter.String(), end: 1, most: t}
		}
	}
	return &trainingTokens{counter: tokenizer.DefaultBytes, name: tokenizer.DefaultBytes.String(), most: t}
}

// row counts a row. One that is too long is counted as such, and left out.
func (c *trainingTokens) row(p trainer.Pair) error {
	if len(p.Conversation) > 1 {
		c.Conversations++
	}
	var n [3]int
	for i, text := range []string{p.Prompt, p.Chosen, p.Rejected} {
		var err error
		if n[i], err = c.counter.Count(text); err != nil {
			return err
		}
	}
	chosen, rejected := n[0]+n[1]+c.end, n[0]+n[2]+c.end
	if n[0] > c.most.MaxPromptLength || max(chosen, rejected) > c.most.MaxLength {
		c.TooLong++
		return nil
	}
	c.Total += int64(chosen + rejected)
	c.Longest = max(c.Longest, chosen, rejected)
	return nil
}

// trainingMemory is about what a training takes, in bytes, where it is known, and
// of what. The largest batch has two of the longest rows for each of its pairs.
func trainingMemory(embeds bool, t trainer.Training, longest int) (bytes int64, of string) {
	switch {
	case t.Model == "":
		return 0, ""
	case embeds:
		c, err := shapeOf(t)
		if err != nil {
			return 0, ""
		}
		return c.Memory(2 * t.MicroBatchSize * longest), "weights, gradients, AdamW and activations"
	case t.Lora != nil:
		return 4 * numbersIn(t.Model), "the weights in float32, half in bfloat16; adapter and activations come on top"
	}
	return 16 * numbersIn(t.Model), "weights, gradients and AdamW in float32, half in bfloat16; reference and activations come on top"
}

// shapeOf is that of the model that the embedded trainer would train.
func shapeOf(t trainer.Training) (llama.Config, error) {
	spec, made := strings.CutPrefix(t.Model, embedded.NewModel)
	if !made {
		return llama.LoadConfig(t.Model)
	}
	s, err := embedded.ParseShape(spec)
	if err != nil {
		return llama.Config{}, err
	}
	return llama.Small(s.Vocabulary, 0, s.Layers, s.Width, s.Heads, t.MaxLength)
}

// numbersIn is how many weights the files of a model's folder have; 0: it isn't
// known.
func numbersIn(dir string) int64 {
	files, _ := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	total := int64(0)
	for _, path := range files {
		if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			continue
		}
		f, err := llama.OpenTensors(path)
		if err != nil {
			return 0
		}
		total += f.Numbers()
		_ = f.Close() // it was read
	}
	return total
}
