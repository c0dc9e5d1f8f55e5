package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/harness/generate"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"
	"github.com/assay-dev/assay/trainer/rundir"
)

// ablateFlags are what ablate is asked for.
type ablateFlags struct {
	pairs, model, out string
	suite, data       string
	methods, masks    []string
	set, eval         []string
	json, quiet       bool
}

func (a *app) ablateCommand() *cobra.Command {
	f := &ablateFlags{}
	cmd := &cobra.Command{
		Use:   "ablate --pairs FILE --model DIR --suite SUITE --out DIR",
		Short: "Train by every method and mask, and judge what each writes",
		Long: `Train a small model by every method and every mask, from the same start, on the
same pairs, with the same seed and settings; have each write programs for a suite,
and judge them in the sandbox. The table says for each what became of the loss,
how often it prefers what it should, and the pass rate by execution with its 95 %
interval: high accuracy on pairs with a low pass rate is not rare.

The embedded trainer trains, and MODEL is the folder of a model that it made.
Masks are of the methods that have one; symmetric is line on both answers.

It writes to DIR a folder for each row of the table, as assay train and assay eval
write theirs, and ablation.json. After Ctrl-C the same command goes on; rows that
are finished are only read.

Exit code: 0 when the table is whole, 1 on a fault, 2 on wrong usage, 130 when
interrupted.`,
		Example: `  assay ablate --pairs pairs.jsonl --model base/checkpoint --suite humaneval --data tasks.jsonl --out ablation --set epochs=20 --set batch_size=16
  assay ablate --pairs pairs.jsonl --model base/checkpoint --suite starter --out few --methods rpo,target-rpo --masks line,symmetric
  assay ablate --pairs pairs.jsonl --model base/checkpoint --suite starter --out warm --eval n=5 --eval temperature=0.8`,
		Args: cobra.NoArgs,
		RunE: a.do(func(cmd *cobra.Command, _ []string) error { return a.ablate(cmd.Context(), f) }),
	}
	var methods []string
	for _, m := range objective.Methods {
		methods = append(methods, m.Name)
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.pairs, "pairs", "", "`file` of preference pairs, as assay train takes it")
	flags.StringVar(&f.model, "model", "", "`folder` of the model to begin with")
	flags.StringVar(&f.suite, "suite", "", "the `suite` whose tasks the models write programs for")
	flags.StringVar(&f.data, "data", "", "the suite's data set, a `file` of your own")
	flags.StringVarP(&f.out, "out", "o", "", "`folder` for all of it")
	flags.StringSliceVar(&f.methods, "methods", methods, "the `methods`")
	flags.StringSliceVar(&f.masks, "masks", []string{"line", "line+1", "line+2", "token", "affix", symmetricMask}, "the `masks` of the methods that have one")
	flags.StringArrayVar(&f.set, "set", nil, "a setting of every training, `key=value`; may be repeated")
	flags.StringArrayVar(&f.eval, "eval", nil, "a flag of every assay eval, `flag=value`: n=5, temperature=0.8, max-tokens=40; may be repeated")
	flags.BoolVar(&f.json, "json", false, "print JSON, and nothing else, on stdout")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
	return cmd
}

// symmetricMask is line, on both answers.
const symmetricMask = "symmetric"

// variants are the rows of the table, before anything was done.
func (f *ablateFlags) variants() ([]ablationRow, error) {
	rows := []ablationRow{{Method: noMethod}}
	for _, name := range f.methods {
		m, err := objective.MethodNamed(name)
		if err != nil {
			return nil, usageError{err}
		}
		if m.Target == objective.Nobody {
			rows = append(rows, ablationRow{Method: name})
			continue
		}
		for _, kind := range f.masks {
			if err := mask.Kind(kind).Known(); err != nil && kind != symmetricMask {
				return nil, usagef("%w, and %s", err, symmetricMask)
			}
			rows = append(rows, ablationRow{Method: name, Mask: kind})
		}
	}
	return rows, nil
}

func (f *ablateFlags) check() error {
	for _, needed := range []struct{ name, value string }{{"pairs", f.pairs}, {"model", f.model}, {"suite", f.suite}, {"out", f.out}} {
		if needed.value == "" {
			return usagef("--%s is missing", needed.name)
		}
	}
	e, err := f.evaluation(f.model, f.out)
	if err == nil {
		_, err = e.config()
	}
	return err
}

func (a *app) ablate(ctx context.Context, f *ablateFlags) error {
	a.waits.Store(true)
	if err := f.check(); err != nil {
		return err
	}
	rows, err := f.variants()
	if err != nil {
		return err
	}
	show := newDisplay(a.stderr, f.quiet)
	defer show.close()
	for i := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := &rows[i]
		show.Notice(fmt.Sprintf("%d of %d: %s", i+1, len(rows), r.title()))
		if err := a.ablateRow(ctx, f, r); err != nil {
			return fmt.Errorf("%s: %w", r.title(), err)
		}
	}
	out := ablation{f.suite, rows}
	text, err := json.MarshalIndent(out, "", "  ")
	if err := errors.Join(err, atomicfile.Write(filepath.Join(f.out, "ablation.json"), append(text, '\n'))); err != nil {
		return err
	}
	switch {
	case f.json:
		return writeJSON(a.stdout, out)
	case f.quiet:
		return nil
	}
	return out.print(a.stdout)
}

// ablateRow trains, unless the row is the model to begin with, and judges. Neither
// shows how it goes.
func (a *app) ablateRow(ctx context.Context, f *ablateFlags, r *ablationRow) error {
	dir, model := filepath.Join(f.out, "base"), f.model
	if r.Method != noMethod {
		dir = filepath.Join(f.out, strings.Trim(r.Method+"-"+r.Mask, "-"))
		t := f.training(r, dir)
		_, run, err := t.run()
		if err != nil {
			return err
		}
		report, err := a.learn(ctx, t, run)
		if err != nil {
			return err
		}
		r.learned(report)
		model = report.Model
	}
	e, err := f.evaluation(model, dir)
	if err != nil {
		return err
	}
	s, err := a.evaluate(ctx, e)
	if err != nil {
		return err
	}
	r.Score = s.Scores[s.Strictest()]
	return e.outcome(s)
}

// training is how a row is trained.
func (f *ablateFlags) training(r *ablationRow, dir string) *trainFlags {
	t := &trainFlags{pairs: f.pairs, model: f.model, method: r.Method, out: dir, trainer: embeddedTrainer, set: slices.Clone(f.set), quiet: true}
	switch r.Mask {
	case "":
	case symmetricMask:
		t.set = append(t.set, "mask=line", "symmetric=true")
	default:
		t.set = append(t.set, "mask="+r.Mask)
	}
	return t
}

// evaluation is how the model of a row is judged: as the flags of --eval say.
func (f *ablateFlags) evaluation(model, dir string) (*evalFlags, error) {
	e := &evalFlags{}
	flags := pflag.NewFlagSet("eval", pflag.ContinueOnError)
	flags.Usage = func() {} // the error is enough
	e.register(flags)
	e.write.style = string(generate.Base)
	args := make([]string, len(f.eval))
	for i, flag := range f.eval {
		args[i] = "--" + flag
	}
	if err := flags.Parse(args); err != nil {
		return nil, usagef("--eval: %w", err)
	}
	e.suite, e.data, e.out, e.quiet = f.suite, f.data, filepath.Join(dir, "eval"), true
	e.write.ask.backend, e.write.ask.model = "embedded:"+model, filepath.Base(dir)
	e.complete(flags)
	return e, nil
}

// noMethod stands for the model to begin with.
const noMethod = "–"

// ablation is ablation.json.
type ablation struct {
	Suite string        `json:"suite"`
	Rows  []ablationRow `json:"rows"`
}

// ablationRow is what came of a method with a mask; the first is the model to
// begin with, without either.
type ablationRow struct {
	Method string   `json:"method"`
	Mask   string   `json:"mask"` // "": it has none
	Pairs  int      `json:"pairs,omitempty"`
	Steps  int      `json:"steps,omitempty"`
	First  *float64 `json:"loss_first,omitempty"`
	Last   *float64 `json:"loss_last,omitempty"`
	Right  *float64 `json:"accuracy,omitempty"` // of what was held out, or of the last step
	score.Score
}

func (r ablationRow) title() string {
	switch {
	case r.Mask != "":
		return r.Method + ", " + r.Mask
	case r.Method == noMethod:
		return "the model to begin with"
	}
	return r.Method
}

// learned takes the figures of the training.
func (r *ablationRow) learned(t *rundir.Report) {
	r.Pairs, r.Steps = t.Result.Pairs, t.Result.Step
	figure := func(m trainer.Figures, name string) *float64 {
		if x, ok := m[name]; ok {
			return &x
		}
		return nil
	}
	r.First, r.Last = figure(t.Metrics.First, "loss"), figure(t.Metrics.Last, "loss")
	if r.Right = figure(t.Metrics.HeldOut, "eval_rewards/accuracies"); r.Right == nil {
		r.Right = figure(t.Metrics.Last, "rewards/accuracies")
	}
}

// print is the table.
func (t ablation) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "method\tmask\tpairs\tloss, first and last\taccuracy\tpassed\tpass@1\t95 % interval")
	for _, r := range t.Rows {
		loss, right, pairs, rate, interval := noMethod, noMethod, noMethod, noMethod, noMethod
		if r.First != nil && r.Last != nil {
			loss = fmt.Sprintf("%.4f  %.4f", *r.First, *r.Last)
		}
		if r.Right != nil {
			right = fmt.Sprintf("%.2f", *r.Right)
		}
		if r.Pairs > 0 {
			pairs = fmt.Sprint(r.Pairs)
		}
		if e, ok := r.At(1); ok {
			rate, interval = fmt.Sprintf("%.4f", e.Value), fmt.Sprintf("%.4f to %.4f", e.Interval.Low, e.Interval.High)
		}
		mask := r.Mask
		if mask == "" {
			mask = noMethod
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%d of %d\t%s\t%s\n", r.Method, mask, pairs, loss, right, r.Correct, r.Samples, rate, interval)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nOn %s, by execution. Rows share their start, their pairs and their seed; where intervals overlap, no row is better.\n", t.Suite)
	return err
}
