package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/harness/pairs"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/plugins/backends"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// pairsFlags are what pairs is asked for.
type pairsFlags struct {
	dir, out    string
	options     pairs.Options
	format      string
	pick        string
	tokenizer   string
	bytesRatio  float64
	judge       string
	plugins     pluginsFlag
	pace        paceFlags
	workers     int
	runtime     runtimeFlags
	json, quiet bool
}

func (a *app) pairsCommand() *cobra.Command {
	f := &pairsFlags{}
	cmd := &cobra.Command{
		Use:   "pairs DIR --out PAIRS.jsonl",
		Short: "Make preference pairs of the traces of a model that debugs",
		Long: `Make preference pairs of the traces that assay codeflow wrote to DIR (or of a
file of traces). Preferred is the version that passed its tests, dispreferred an
earlier one of the same trace; beside them stand D⁺ and D⁻, the lines outside of
their longest common subsequence of lines, as spans of bytes.

Dropped, in this order, each with its count:
  only comments in D⁻ (and blank lines)
  more than --max-lines lines in D⁻
  a program of more than --max-tokens tokens, by --tokenizer or by bytes
  equal syntax trees, by CPython's ast in the sandbox, or by tree-sitter
  near-duplicates of an earlier pair, by MinHash as BigCode has it
  pairs whose difference is one of the surface, says the model of --judge

It writes, whole or not at all:
  PAIRS.jsonl           rows in TRL's preference format, which assay's trainers read
  PAIRS.parquet         the same rows as columns
  README.md             the data card; one of another data set is not written over
  PAIRS.card.json       the same as data
  PAIRS.requests.jsonl  the judge model's answers: the same command asks for none again

The same traces and options give the same bytes. assay codeflow has models write
Python; traces of yours may name another "language" (go, rust, cpp, java,
javascript, …), whose syntax trees tree-sitter compares.

Exit code: 0 when the files are written, 1 on a fault, 2 on wrong usage, 130 when
interrupted.`,
		Example: `  assay pairs out/flow --out data/pairs.jsonl
  assay pairs out/flow -o data/pairs.jsonl --tokenizer Qwen2.5-Coder-7B/tokenizer.json
  assay pairs out/flow -o data/pairs.jsonl --rejected closest --format conversational
  assay pairs out/flow -o data/pairs.jsonl --judge openai:http://localhost:8000/v1 --judge-model M
  assay pairs show data/pairs.jsonl 3                   the third pair, as a diff
  assay pairs annotate theirs.jsonl --out spans.jsonl   rows that one has, with spans`,
		Args: want("DIR"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			f.dir = args[0]
			if cmd.Flags().Changed("tokenizer") && cmd.Flags().Changed("bytes-per-token") {
				return usagef("--tokenizer and --bytes-per-token are two ways to count: name one")
			}
			return a.pairs(cmd.Context(), f)
		}),
	}
	f.register(cmd.Flags())
	cmd.AddCommand(a.showPairCommand(), a.annotateCommand())
	return cmd
}

func (f *pairsFlags) register(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVarP(&f.out, "out", "o", "", "`file` of pairs; its name ends in .jsonl")
	flags.StringVar(&f.format, "format", string(pairs.Text), "of prompt and answers: text, conversational for TRL's own trainers, or completion for models that went on with the prompt")
	flags.StringVar(&f.pick, "rejected", string(pairs.Random), "which earlier `version` is dispreferred: random, first, last or closest")
	flags.Uint64Var(&f.options.Seed, "seed", 0, "of the random choice")
	flags.IntVar(&f.options.MaxLines, "max-lines", 20, "lines of D⁻, at most")
	flags.IntVar(&f.options.MaxTokens, "max-tokens", 2048, "tokens of either program, at most")
	flags.StringVar(&f.tokenizer, "tokenizer", "", "count by this tokenizer.json, a `file` that comes with the model")
	flags.Float64Var(&f.bytesRatio, "bytes-per-token", float64(tokenizer.DefaultBytes), "without --tokenizer: bytes that count as one token")
	flags.BoolVar(&f.options.KeepSimilar, "keep-similar", false, "keep near-duplicates")
	flags.StringVar(&f.judge, "judge", "", "`backend` of the judge model: "+backends.Forms)
	f.plugins.register(flags)
	flags.StringVar(&f.options.JudgeModel, "judge-model", "", "the judge model's `name`, as the server knows it")
	f.pace.registerPace(flags)
	flags.IntVar(&f.workers, "workers", 0, "instances that compare syntax trees at once (default one for each core)")
	f.runtime.register(flags)
	flags.BoolVar(&f.json, "json", false, "print the card as JSON, and nothing else, on stdout")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
}

// config is what the flags say of the run.
func (f *pairsFlags) config() (pairs.Config, error) {
	c := pairs.Config{Options: f.options, Dir: f.dir, Out: f.out, Assay: version, Workers: f.workers}
	c.Format, c.Pick = pairs.Format(f.format), pairs.Pick(f.pick)
	if err := validate(c); err != nil {
		return c, err
	}
	switch {
	case f.judge == "" && c.JudgeModel != "":
		return c, usagef("--judge-model without --judge: name who serves it")
	case f.judge != "":
		if err := named(f.judge, c.JudgeModel, "--judge-model"); err != nil {
			return c, err
		}
	}
	if err := tokenizer.Bytes(f.bytesRatio).Check(); err != nil {
		return c, usageError{err}
	}
	if err := validate(f.pace); err != nil {
		return c, err
	}
	return c, f.runtime.check()
}

func (f *pairsFlags) counter() (tokenizer.Counter, error) {
	if f.tokenizer == "" {
		return tokenizer.Bytes(f.bytesRatio), nil
	}
	return tokenizer.Open(f.tokenizer)
}

func (a *app) pairs(ctx context.Context, f *pairsFlags) error {
	c, err := f.config()
	if err != nil {
		return err
	}
	if err := c.Ready(); err != nil {
		return err
	}
	if c.Tokens, err = f.counter(); err != nil {
		return err
	}
	closeLog, err := f.openJudge(ctx, &c)
	if err != nil {
		return err
	}
	s, err := a.openSession(f.quiet)
	if err != nil {
		return errors.Join(err, closeLog())
	}
	card, err := s.makePairs(ctx, f, c)
	if err = errors.Join(err, s.close(), closeLog()); err != nil {
		return err
	}
	return a.reportPairs(f, card)
}

// openJudge makes the judge model ready, where there is one.
func (f *pairsFlags) openJudge(ctx context.Context, c *pairs.Config) (closeLog func() error, err error) {
	if f.judge == "" {
		return func() error { return nil }, nil
	}
	backend, end, err := openBackend(ctx, f.judge, f.plugins, strings.TrimSuffix(f.out, ".jsonl")+".plugin.log")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(f.out), 0o755); err != nil {
		end()
		return nil, err
	}
	log, err := model.OpenLog(pairs.LogPath(f.out), backend.Identity(), false)
	if err != nil {
		end()
		return nil, err
	}
	c.Judge = f.pace.client(backend, log)
	return func() error {
		end()
		return log.Close()
	}, nil
}

func (s *session) makePairs(ctx context.Context, f *pairsFlags, c pairs.Config) (*pairs.Card, error) {
	var err error
	if c.Workers, err = s.openUsual(ctx, f.runtime, f.workers); err != nil {
		return nil, err
	}
	c.Runtime, c.Progress = s.worker, s.display.Func
	card, err := pairs.Make(ctx, c)
	if err != nil && ctx.Err() != nil {
		return nil, errors.New("interrupted: nothing is written; what the judge model answered is kept for the same command")
	}
	return card, err
}

func (a *app) reportPairs(f *pairsFlags, card *pairs.Card) error {
	if f.json {
		return writeJSON(a.stdout, card)
	}
	if f.quiet {
		return nil
	}
	var b strings.Builder
	n := card.Counts
	line := func(what string, dropped, left any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-46s %8v %8v", what, dropped, left), " ") + "\n")
	}
	line("", "dropped", "left")
	line("traces", "", n.Traces)
	line("dropped by codeflow", n.Dropped, "")
	line("the last version fails the held-out tests", n.HeldOut, "")
	line("no earlier version with a program", n.NoEarlier, "")
	line("too large for a row", n.TooLarge, n.Pairs)
	for _, step := range n.Filters {
		line(card.Says(step.Name), step.Dropped, step.Left)
	}
	fmt.Fprintf(&b, "\n%s kept. Tokens: %s\n", humanize.Plural(n.Kept, "pair"), card.Tokens)
	for _, note := range []struct {
		n    int
		text string
	}{
		{n.EmptyMask, "with an empty D⁻: the earlier version only lacks lines"},
		{n.Uncompared, "whose syntax trees could not be compared, not dropped for it"},
		{n.Undecided, "whose answer of the judge model could not be read, not dropped for it"},
	} {
		if note.n > 0 {
			fmt.Fprintf(&b, "%s %s\n", humanize.Plural(note.n, "pair"), note.text)
		}
	}
	fmt.Fprintf(&b, "\nIn %s: %s, %s, %s, %s\nThen: assay pairs show %s 1\n", filepath.Dir(f.out),
		filepath.Base(f.out), filepath.Base(pairs.ParquetPath(f.out)), pairs.CardName, filepath.Base(pairs.CardPath(f.out)), f.out)
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

func (a *app) showPairCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show PAIRS.jsonl [N]",
		Short: "Show a pair as a diff",
		Long: `Show the N-th pair of a file, the first without N: its prompt, and both answers
as one text. Lines of D⁻ have a -, those of D⁺ a +, as the pair's spans say. For
rows without spans they are computed, as assay train does.`,
		Example: "  assay pairs show data/pairs.jsonl 3",
		Args:    cobra.MatchAll(atLeast("PAIRS.jsonl"), cobra.MaximumNArgs(2)),
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			n, err := strconv.Atoi(strings.Join(args[1:], ""))
			if len(args) == 1 {
				n, err = 1, nil
			}
			if err != nil || n < 1 {
				return usagef("%q is no number of a pair: they are counted from 1", args[1])
			}
			row, err := pairs.Find(args[0], n)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.stdout, row)
			}
			return a.showPair(row)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the row as JSON, its answers as text")
	return cmd
}

func (a *app) annotateCommand() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "annotate FILE --out SPANS.jsonl",
		Short: "Add spans to preference rows that you have",
		Long: `Add D⁻ and D⁺ to a file of preference rows, as spans of bytes: the lines outside
of the answers' longest common subsequence of lines, as assay pairs computes them.

` + rowsText + `
A row keeps its form and its other columns. Added are version, id, chosen_spans
and rejected_spans, and a prompt where the answers only begin with one. Spans
count the UTF-8 bytes of the answer; in a conversation, those of the assistant's
last message. Spans that are there already are checked and kept.

assay train takes the rows without spans too, and computes the same. Annotate a
file to see its masks (assay pairs show) or to change them.

Exit code: 0 when the file is written, 1 on a fault (a row that can't be read is
named by its line, and nothing is written), 2 on wrong usage, 130 when interrupted.`,
		Example: `  assay pairs annotate theirs.jsonl --out spans.jsonl
  assay pairs annotate theirs.jsonl.gz -o spans.jsonl --json
  assay pairs show spans.jsonl 1                         its first pair, as a diff
  assay train --pairs spans.jsonl --model M --out trained`,
		Args: want("FILE"),
		RunE: a.do(func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return usagef("--out is missing: the file for the rows with spans")
			}
			n, err := pairs.Annotate(cmd.Context(), args[0], out)
			switch {
			case err != nil:
				return err
			case asJSON:
				return writeJSON(a.stdout, n)
			}
			return a.reportAnnotated(n, out)
		}),
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "`file` for the rows with spans; one that is there is not written over")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was done as JSON, and nothing else, on stdout")
	return cmd
}

// rowsText says what rows of preference data may be.
const rowsText = `Rows are lines of JSON as TRL has them: prompt, chosen and rejected, each a text
or a list of messages {role, content}; other columns are ignored. Without a prompt
it is what both answers begin with. A row without an id is called by its line.
`

func (a *app) reportAnnotated(n pairs.Annotated, out string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: spans computed for %d, kept for %d\n", humanize.Plural(n.Pairs, "pair"), n.Computed, n.Kept)
	if n.EmptyMask > 0 {
		fmt.Fprintf(&b, "%s with an empty D⁻: the rejected answer only lacks lines, or none differs\n", humanize.Plural(n.EmptyMask, "pair"))
	}
	fmt.Fprintf(&b, "\nThen: assay pairs show %s 1\n", out)
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

func (a *app) showPair(r pairs.Row) error {
	changes, err := r.Changes()
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(excerpt.Escape(r.ID))
	if r.TaskID != "" { // it was made of a trace
		fmt.Fprintf(&b, "  rejected: iteration %d, %s  chosen: iteration %d",
			r.RejectedIteration, cmp.Or(excerpt.Escape(string(r.RejectedVerdict)), "no verdict"), r.ChosenIteration)
	}
	b.WriteString("\n\n")
	fmt.Fprintf(&b, "%s\n\n", excerpt.Escape(strings.TrimRight(r.Prompt, "\n")))
	p := painter(a.stdout)
	for _, c := range changes {
		line := string(c.Sign) + " " + excerpt.Escape(strings.TrimSuffix(c.Text, "\n"))
		switch c.Sign {
		case '-':
			line = p.red(line)
		case '+':
			line = p.green(line)
		}
		b.WriteString(line + "\n")
	}
	_, err = a.stdout.Write([]byte(b.String()))
	return err
}
