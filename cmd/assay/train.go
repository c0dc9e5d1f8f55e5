package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded"
	"github.com/assay-dev/assay/trainer/rundir"
	"github.com/assay-dev/assay/trainer/trlrun"
)

const (
	embeddedTrainer = "embedded"
	defaultTrainer  = "trl" // the one for real models
)

// trainers are those that are built in, by name, as the flags want them.
func trainers(f *trainFlags) map[string]func(string) (trainer.Trainer, error) {
	return map[string]func(string) (trainer.Trainer, error){
		defaultTrainer: plugins.Plain(func() trainer.Trainer {
			return trlrun.Trainer{Python: trainerPython(f.python), Accelerate: f.accelerate, Processes: f.processes}
		}),
		embeddedTrainer: plugins.Plain(func() trainer.Trainer { return embedded.Trainer{} }),
	}
}

func trainerNames() string { return strings.Join(slices.Sorted(maps.Keys(trainers(nil))), ", ") }

// openTrainer opens the trainer that the flags name. The caller calls end when
// it is not needed any more.
func openTrainer(ctx context.Context, f *trainFlags) (t trainer.Trainer, end func(), err error) {
	k := plugins.Kind[trainer.Trainer]{Name: wire.Trainer, BuiltIn: trainers(f), Unknown: "no trainer is called %q: there are " + trainerNames() + ", and plugin:NAME"}
	return plugins.Open(ctx, k, f.trainer, f.plugins.open, nil)
}

// maxSettings bounds the file of --config.
const maxSettings = 1 << 20

// trainFlags are what train is asked for.
type trainFlags struct {
	pairs, corpus string
	out           string
	method, model string
	config        string
	set           []string
	trainer       string
	plugins       pluginsFlag
	python        string
	accelerate    string
	processes     int
	dryRun        bool
	json, quiet   bool
}

func (a *app) trainCommand() *cobra.Command {
	f := &trainFlags{}
	cmd := &cobra.Command{
		Use:   "train --pairs FILE --model MODEL --out DIR",
		Short: "Train a model on preference pairs",
		Long: `Train a model on preference pairs, with the loss of Target-DPO or another method:
those that assay pairs wrote, or rows of yours. MODEL is a folder of transformers,
a .gguf file, or a name in the local cache of models; nothing is fetched.

` + rowsText + `A conversation becomes a text: the contents of its messages, each ending its line.
With --trainer trl, --set template=chat puts the model's chat template in place of
that, as TRL's own trainers do. Methods with a mask need spans of the lines that
differ. Rows without them are compared as assay pairs does it (assay pairs annotate
writes them down); dpo, rpo, sft and sft-incorrect look at none.

--trainer says who trains. trl is PyTorch and TRL, in a Python environment of
their own that takes ` + trlrun.Size + `.
What is missing there is said before anything is written; assay doctor looks for
it too. embedded is in assay: small models of Llama's kind, in float32, on
processors. Its MODEL is a folder with such a model, or a new one, made by chance
and trained by SFT first: new:layers=2,width=64,heads=2,vocabulary=257 (257
tokens are the bytes and the end; with more it learns a BPE of the run's texts).
--dry-run needs neither trainer nor model; where the model's folder is there, it
counts tokens by its tokenizer and says what memory the training takes.

--corpus takes texts to learn by heart (method sft) in place of pairs: lines of
JSON with prompt and completion.

A trainer that is a plugin (--trainer plugin:NAME) wants what it says itself.

Methods: target-rpo, target-dpo, hybrid, rpo, dpo, sft, sft-incorrect.
Settings have the paper's values unless --config or --set say otherwise:
` + settingsText() + `
A pair with an empty D⁻ is an error: --set empty=drop leaves such pairs out,
augment gives them a line of context, full the whole answer.

It writes to DIR:
  manifest.json, pairs.jsonl, config.json  what is trained, and how
  metrics.jsonl, events.jsonl              each step, under TRL's names
  checkpoints/                             to go on from
  checkpoint/                              the trained model, or the adapter
  result.json, README.md, curves.svg       what came of it; the model card; the curves

After Ctrl-C the trainer ends its step and keeps a checkpoint; a second Ctrl-C
ends it at once. The same command goes on from the last checkpoint.

Exit code: 0 when the model is trained, 1 on a fault, 2 on wrong usage, 130 when
interrupted.`,
		Example: `  assay train --pairs data/pairs.jsonl --model Qwen2.5-Coder-0.5B --out trained --dry-run
  assay train --pairs data/pairs.jsonl --model Qwen2.5-Coder-0.5B --out trained
  assay train --pairs data/pairs.jsonl --model M --out lora --set lora.r=16 --set learning_rate=1e-4
  assay train --pairs data/pairs.jsonl --model M --out dpo --method dpo --set empty=drop
  assay train --pairs data/pairs.jsonl --model M --out big --accelerate trainer/trl/accelerate/zero3.yaml --processes 4
  assay train --config run.json --pairs data/pairs.jsonl --out trained
  assay train --trainer embedded --corpus corpus.jsonl --method sft --model new:layers=4,width=128,heads=4 --out base --set learning_rate=1e-3
  assay train --trainer embedded --pairs data/pairs.jsonl --model base/checkpoint --out trained --set learning_rate=1e-4`,
		Args: cobra.NoArgs,
		RunE: a.do(func(cmd *cobra.Command, _ []string) error { return a.train(cmd.Context(), f) }),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.pairs, "pairs", "", "`file` of preference pairs: what assay pairs wrote, or rows as TRL has them")
	flags.StringVar(&f.corpus, "corpus", "", "`file` of texts to learn by heart in place of pairs, for method sft")
	flags.StringVar(&f.method, "method", "", "`name` of the method (default target-rpo)")
	flags.StringVar(&f.model, "model", "", "the `model` to begin with")
	flags.StringVarP(&f.out, "out", "o", "", "`folder` for the run")
	flags.StringVar(&f.config, "config", "", "`file` with settings, an object of JSON")
	flags.StringArrayVar(&f.set, "set", nil, "a setting, `key=value`; also lora.r=16 and, for TRL's own, trl.adam_beta2=0.95; may be repeated")
	flags.StringVar(&f.trainer, "trainer", defaultTrainer, "who trains, by `name`: "+trainerNames()+", or plugin:NAME")
	f.plugins.register(flags)
	flags.StringVar(&f.python, "python", "", "the `program` Python of the trainer's environment (default ASSAY_TRL_PYTHON, or "+trlrun.DefaultPython()+")")
	flags.StringVar(&f.accelerate, "accelerate", "", "start PyTorch on several GPUs as this `file` of accelerate's says: trainer/trl/accelerate has zero3.yaml and fsdp.yaml")
	flags.IntVar(&f.processes, "processes", 0, "with --accelerate, how many `GPUs`, in place of the file's number")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be trained; write and start nothing")
	flags.BoolVar(&f.json, "json", false, "print JSON, and nothing else, on stdout")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
	return cmd
}

// settingsText lists the settings, a few to a line.
func settingsText() string {
	var b strings.Builder
	line := " "
	for _, name := range trainer.SettingNames() {
		if len(line)+len(name) > 76 {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + name
	}
	return b.String() + line + "\n"
}

// run is what the flags say of the run: the paper's settings, with those of the
// file over them, then the flags.
func (f *trainFlags) run() (s trainer.Settings, r trainer.Run, err error) {
	if s, err = f.settings(); err != nil {
		return s, r, err
	}
	switch {
	case f.accelerate != "" && f.trainer != defaultTrainer:
		return s, r, usagef("--accelerate is for --trainer %s", defaultTrainer)
	case f.pairs == "" && f.corpus == "":
		return s, r, usagef("--pairs is missing: a file of preference pairs")
	case f.pairs != "" && f.corpus != "":
		return s, r, usagef("--pairs and --corpus exclude each other")
	case f.corpus != "" && s.Method != "sft":
		return s, r, usagef("--corpus is for --method sft: its rows have one answer each")
	case s.Model == "" && !f.dryRun:
		return s, r, usagef("--model is missing: a folder with a model, or a .gguf file")
	case f.out == "" && !f.dryRun:
		return s, r, usagef("--out is missing: the folder for the run")
	}
	if err := validate(trlrun.Trainer{Accelerate: f.accelerate, Processes: f.processes}); err != nil {
		return s, r, err
	}
	if f.accelerate != "" {
		if _, err := os.Stat(f.accelerate); err != nil {
			return s, r, fmt.Errorf("--accelerate: %w", err)
		}
	}
	if !f.dryRun {
		if s.Model, err = findModel(s.Model); err != nil {
			return s, r, err
		}
	}
	if r, err = s.Run(version); err != nil {
		return s, r, usageError{err}
	}
	r.Trainer = f.trainer
	if err := f.fits(s, r); err != nil {
		return s, r, usageError{err}
	}
	return s, r, nil
}

func (f *trainFlags) settings() (trainer.Settings, error) {
	s := trainer.Paper()
	if f.config != "" {
		text, err := readSettings(f.config)
		if err != nil {
			return s, err
		}
		if err := s.Merge(text); err != nil {
			return s, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	for _, set := range f.set {
		if err := s.Set(set); err != nil {
			return s, usagef("--set %w", err)
		}
	}
	s.Method, s.Model = cmp.Or(f.method, s.Method), cmp.Or(f.model, s.Model)
	return s, nil
}

func readSettings(path string) ([]byte, error) {
	file, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSettings+1))
	if len(text) > maxSettings {
		return nil, fmt.Errorf("%s: settings have %d bytes at most", path, maxSettings)
	}
	return text, err
}

// modelName is the form of a name in the local cache of models.
var modelName = regexp.MustCompile(`^[\w-][\w.-]*(/[\w-][\w.-]*)?$`)

// findModel makes the path to a model one that holds in any folder: the run may
// go on from another one.
func findModel(model string) (string, error) {
	if strings.HasPrefix(model, embedded.NewModel) {
		return model, nil
	}
	_, err := os.Stat(model)
	switch {
	case err == nil:
		return filepath.Abs(model)
	case errors.Is(err, fs.ErrNotExist) && modelName.MatchString(model) && !strings.HasSuffix(model, ".gguf"):
		return model, nil
	}
	return "", fmt.Errorf("--model: %w", err)
}

// trainerPython is the Python of the trainer's environment.
func trainerPython(flag string) string {
	return cmp.Or(flag, os.Getenv("ASSAY_TRL_PYTHON"), trlrun.DefaultPython())
}

func (a *app) train(ctx context.Context, f *trainFlags) error {
	a.waits.Store(true)
	s, r, err := f.run()
	if err != nil {
		return err
	}
	if f.dryRun {
		return f.read(func(pairs trainer.Source) error { return a.planTraining(f, s, r, pairs) })
	}
	report, err := a.learn(ctx, f, r)
	if err != nil {
		return err
	}
	return a.reportTraining(f, report)
}

// learn trains a run, or goes on with it, and says what came out.
func (a *app) learn(ctx context.Context, f *trainFlags, r trainer.Run) (report *rundir.Report, err error) {
	err = f.read(func(pairs trainer.Source) error {
		t, end, err := openTrainer(ctx, f)
		if err != nil {
			return err
		}
		defer end()
		if _, err := t.Check(ctx); err != nil {
			return err
		}
		d, err := rundir.Open(f.out, r, pairs)
		if err != nil {
			return err
		}
		defer d.Close()
		if !d.Finished {
			if err := a.followTraining(ctx, f, t, d); err != nil {
				return err
			}
		} else if !f.quiet {
			fmt.Fprintf(a.stderr, "%s is trained already\n", f.out)
		}
		report, err = d.Report()
		return err
	})
	return report, err
}

// fits says whether the trainer can do what is asked, where that is known before
// it starts.
func (f *trainFlags) fits(s trainer.Settings, run trainer.Run) error {
	switch {
	case f.trainer == embeddedTrainer:
		return embedded.Check(s.Training, run.Objective.Method)
	case strings.HasPrefix(s.Model, embedded.NewModel):
		return fmt.Errorf("--model %s: new models are made by --trainer %s", s.Model, embeddedTrainer)
	}
	return nil
}

// read opens the pairs, or the corpus.
func (f *trainFlags) read(use func(trainer.Source) error) error {
	file, err := plainfile.Open(context.Background(), cmp.Or(f.pairs, f.corpus))
	if err != nil {
		return err
	}
	defer file.Close()
	var source trainer.Source
	if f.corpus != "" {
		source, err = trainer.NewCorpusReader(f.corpus, file)
	} else {
		source, err = trainer.NewPairReader(f.pairs, file)
	}
	if err != nil {
		return err
	}
	return use(source)
}

// followTraining trains and shows how it goes.
func (a *app) followTraining(ctx context.Context, f *trainFlags, t trainer.Trainer, d *rundir.Directory) error {
	show := newDisplay(a.stderr, f.quiet)
	defer show.close()
	if d.Resumed > 0 {
		show.Notice(fmt.Sprintf("resumed: goes on from the checkpoint of step %d", d.Resumed))
	}
	show.Stage("loading the model", 0, 0)
	kill, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		again := make(chan os.Signal, 1) // the trainer is to be gone when we are
		signal.Notify(again, stopSignals()...)
		defer signal.Stop(again)
		show.Notice("stopping: the trainer ends its step and keeps a checkpoint; Ctrl-C again ends it at once")
		select {
		case <-again:
			cancel()
		case <-kill.Done():
		}
	})()
	return d.Train(kill, t, trainer.Job{Stop: ctx.Done(), Event: func(e trainer.Event) { show.Tell(trainingEvent(e)) }, Say: show.Notice})
}
