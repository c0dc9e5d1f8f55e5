package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"
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
	flags.StringVar(&f.pairs, "pairs", "", "`file` of preference pairs, as assay pairs writes it")
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
	return nil
}

func (a *app) ablate(ctx context.Context, f *ablateFlags) error {
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
		show.notice(fmt.Sprintf("%d of %d: %s", i+1, len(rows), r.title()))
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

// ablateRow trains, unless the row is the model to begin with, and judges.
func (a *app) ablateRow(ctx context.Context, f *ablateFlags, r *ablationRow) error {
	dir, model := filepath.Join(f.out, "base"), f.model
	if r.Method != noMethod {
		dir = filepath.Join(f.out, strings.Trim(r.Method+"-"+r.Mask, "-"))
		if err := a.within(ctx, &r.trained, f.training(r, dir)...); err != nil {
			return err
		}
		r.learned()
		model = r.trained.Model
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	args := []string{"eval", f.suite, "--backend", "embedded:" + model, "--model", filepath.Base(dir), "--prompt", "base", "--out", filepath.Join(dir, "eval"), "--json"}
	if f.data != "" {
		args = append(args, "--data", f.data)
	}
	for _, flag := range f.eval {
		args = append(args, "--"+flag)
	}
	var s run.Summary
	if err := a.within(ctx, &s, args...); err != nil {
		return err
	}
	r.Score = s.Scores[s.Strictest()]
	return nil
}

// training is the command that trains a row.
func (f *ablateFlags) training(r *ablationRow, dir string) []string {
	args := []string{"train", "--trainer", embeddedTrainer, "--pairs", f.pairs, "--model", f.model, "--method", r.Method, "--out", dir, "--json"}
	for _, set := range f.set {
		args = append(args, "--set", set)
	}
	switch r.Mask {
	case "":
	case symmetricMask:
		args = append(args, "--set", "mask=line", "--set", "symmetric=true")
	default:
		args = append(args, "--set", "mask="+r.Mask)
	}
	return args
}

// within runs another command of assay in this process, and reads the JSON that it
// prints. What it says beside that isn't shown, but for errors.
func (a *app) within(ctx context.Context, into any, args ...string) error {
	var out bytes.Buffer
	sub := &app{stdin: a.stdin, stdout: &out, stderr: io.Discard}
	root := sub.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		return err
	}
	return json.Unmarshal(out.Bytes(), into)
}
