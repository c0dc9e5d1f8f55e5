package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Sizes of the demonstration. Steps are counted, not seconds: it ends with the
// same model on any machine of one kind.
const (
	heldOut   = 64  // tasks that nothing is learned from
	practised = 128 // tasks whose attempts become pairs
	texts     = 4000
	rightly   = 0.25 // share of the corpus that is right
	baseSteps = 3000
	seed      = 1
)

func main() {
	work := flag.String("work", ".demo", "folder for all that is written; what was there is removed")
	flag.Parse()
	if _, _, err := run(*work); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo is a demonstration at work.
type demo struct{ dir, assay string }

// run goes the circle and returns the pass rates before and after it.
func run(work string) (before, after rate, err error) {
	start := time.Now()
	dir, err := filepath.Abs(work)
	if err != nil {
		return before, after, err
	}
	d := &demo{dir: dir, assay: filepath.Join(dir, "assay")}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o777)); err != nil {
		return before, after, err
	}
	build := exec.Command("go", "build", "-trimpath", "-o", d.assay, "github.com/assay-dev/assay/cmd/assay")
	if out, err := build.CombinedOutput(); err != nil {
		return before, after, fmt.Errorf("build assay: %w\n%s", err, out)
	}
	all := everyTask(seed)
	rest := all[heldOut:]
	err = errors.Join(writeSuite(d.at("heldout.jsonl"), all[:heldOut]), writeSuite(d.at("practice.jsonl"), rest[:practised]),
		writeCorpus(d.at("corpus.jsonl"), rest, texts, rightly, seed))
	if err != nil {
		return before, after, err
	}
	fmt.Printf("%d tasks such as\n\n%s\nA corpus of %d texts about those that are not held out; %.0f %% of them are right.\n", len(all), all[0].prompt(), texts, 100*rightly)
	if before, after, err = d.circle(); err != nil {
		return before, after, err
	}
	fmt.Printf("\nTasks that were held out, greedy, judged by execution:\n\n%-8s %-9s %s\n%s%s", "", "passed", "95 % interval", before, after)
	fmt.Printf(caveat, time.Since(start).Round(time.Second), len(kinds))
	return before, after, nil
}

const caveat = `
%s in all. A model of this size shows that the parts work together, and nothing
about larger ones: its tasks are of %d kinds, the tasks that were held out are of
the same kinds, and the corpus has each right answer too, only not often.
`

// circle goes from a corpus to a better model.
func (d *demo) circle() (before, after rate, err error) {
	common := []string{"--trainer", "embedded", "--set", "max_length=96", "--set", "held_out=0", "--set", "save_steps=5000"}
	err = d.do("A new model learns the corpus by heart, its mistakes too.", append([]string{
		"train", "--corpus", "corpus.jsonl", "--method", "sft", "--model", "new:layers=2,width=64,heads=4", "--out", "base",
		"--set", fmt.Sprintf("max_steps=%d", baseSteps), "--set", "batch_size=8", "--set", "micro_batch_size=8", "--set", "learning_rate=2e-3", "--set", "seed=1"}, common...)...)
	if err != nil {
		return before, after, err
	}
	if before, err = d.passRate("base", "before"); err != nil {
		return before, after, err
	}
	if err := d.do("It tries its hand at other tasks, up to eight times each, and the sandbox judges.",
		"codeflow", "--suite", "humaneval", "--data", "practice.jsonl", "--backend", "embedded:base/checkpoint", "--model", "base", "--prompt", "base",
		"--feedback", "none", "--temperature", "1", "--seed", "1", "--iterations", "7", "--max-tokens", "40", "--out", "flow"); err != nil {
		return before, after, err
	}
	if err := d.do("What failed, beside what passed at last, are preference pairs.",
		"pairs", "flow", "--out", "pairs/pairs.jsonl", "--format", "completion", "--rejected", "closest"); err != nil {
		return before, after, err
	}
	if err := d.do("Target-RPO trains on them.", append([]string{
		"train", "--pairs", "pairs/pairs.jsonl", "--model", "base/checkpoint", "--out", "trained",
		"--set", "epochs=20", "--set", "batch_size=16", "--set", "micro_batch_size=16", "--set", "learning_rate=5e-4", "--set", "empty=drop", "--set", "seed=1"}, common...)...); err != nil {
		return before, after, err
	}
	after, err = d.passRate("trained", "after")
	return before, after, err
}

// rate is how many held-out tasks a model's programs pass.
type rate struct {
	name        string
	passed, of  int
	value, a, b float64
}

func (r rate) String() string {
	return fmt.Sprintf("%-8s %3d of %2d  %.1f %% (%.1f to %.1f)\n", r.name, r.passed, r.of, 100*r.value, 100*r.a, 100*r.b)
}

// passRate has a model write programs for the tasks that were held out.
func (d *demo) passRate(model, name string) (rate, error) {
	samples, out := name+".jsonl", "eval-"+name
	if err := d.do("What it writes for the tasks that were held out, "+name+" training on preferences:",
		"generate", "humaneval", "--data", "heldout.jsonl", "--backend", "embedded:"+model+"/checkpoint", "--model", model, "--prompt", "base", "--max-tokens", "40", "--out", samples); err != nil {
		return rate{}, err
	}
	if err := d.do("", "eval", "humaneval", "--data", "heldout.jsonl", "--samples", samples, "--out", out); err != nil {
		return rate{}, err
	}
	text, err := os.ReadFile(d.at(filepath.Join(out, "summary.json")))
	if err != nil {
		return rate{}, err
	}
	var summary struct {
		Scores struct {
			Base struct {
				Samples, Correct int
				PassAtK          []struct {
					Value    float64
					Interval struct{ Low, High float64 }
				} `json:"pass_at_k"`
			}
		}
	}
	if err := json.Unmarshal(text, &summary); err != nil {
		return rate{}, err
	}
	s := summary.Scores.Base
	if len(s.PassAtK) == 0 {
		return rate{}, fmt.Errorf("%s/summary.json has no score", out)
	}
	return rate{name, s.Correct, s.Samples, s.PassAtK[0].Value, s.PassAtK[0].Interval.Low, s.PassAtK[0].Interval.High}, nil
}

func (d *demo) at(name string) string { return filepath.Join(d.dir, name) }

// do prints a command of assay and runs it.
func (d *demo) do(what string, args ...string) error {
	if what != "" {
		fmt.Printf("\n%s\n", what)
	}
	fmt.Printf("\n$ assay %s\n", strings.Join(args, " "))
	cmd := exec.Command(d.assay, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("assay %s: %w", args[0], err)
	}
	return nil
}

// kind is a kind of task: N and X stand for a number and a name.
type kind struct {
	words        string // what the docstring says
	right, wrong string // what the function returns, and what most of the corpus has
	list         bool   // X is a list
}

// kinds are the language of tasks. What is wrong is a mistake that people make.
var kinds = []kind{
	{"N more than X", "X + N", "X - N", false},
	{"N less than X", "X - N", "N - X", false},
	{"N times X", "N * X", "N ** X", false},
	{"N is above X", "X < N", "X <= N", false},
	{"N into X leaves", "X % N", "X // N", false},
	{"N first of X", "X[:N]", "X[N:]", true},
	{"N last of X", "X[-N:]", "X[:-N]", true},
	{"N first of X dropped", "X[N:]", "X[:N]", true},
}

// task is a task of the language.
type task struct {
	kind
	number int
	name   string
}

func (t task) fill(text string) string {
	return strings.NewReplacer("N", fmt.Sprint(t.number), "X", t.name).Replace(text)
}

func (t task) prompt() string {
	return t.fill("def f(X):\n    \"" + t.words + "\"\n")
}

func (t task) body(right bool) string {
	if right {
		return t.fill("    return " + t.right + "\n")
	}
	return t.fill("    return " + t.wrong + "\n")
}

// test is a check of HumanEval's form. Its values tell right from wrong.
func (t task) test() string {
	var b strings.Builder
	b.WriteString("def check(candidate):\n    right = lambda " + t.name + ": " + t.fill(t.right) + "\n")
	values := []string{"0", "1", "2", "7", "20", fmt.Sprint(t.number)}
	if t.list {
		values = []string{"[]", "[1]", "[3, 1, 2]", "list(range(12))"}
	}
	for _, v := range values {
		fmt.Fprintf(&b, "    assert candidate(%s) == right(%s)\n", v, v)
	}
	return b.String()
}

// everyTask is the whole language, in an order by chance.
func everyTask(seed uint64) []task {
	var all []task
	for _, k := range kinds {
		for n := 1; n <= 9; n++ {
			for _, name := range strings.Fields("a b k m n s v x y z") {
				all = append(all, task{k, n, name})
			}
		}
	}
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// writeSuite writes tasks in HumanEval's form.
func writeSuite(path string, tasks []task) error {
	return writeLines(path, len(tasks), func(i int) any {
		t := tasks[i]
		return map[string]string{
			"task_id": fmt.Sprintf("Demo/%d", i), "prompt": t.prompt(), "entry_point": "f",
			"canonical_solution": t.body(true), "test": t.test(),
		}
	})
}

// writeCorpus writes so many texts about the tasks, of which the share is right.
func writeCorpus(path string, tasks []task, n int, share float64, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 2))
	return writeLines(path, n, func(int) any {
		t := tasks[rng.IntN(len(tasks))]
		return map[string]string{"prompt": t.prompt(), "completion": t.body(rng.Float64() < share)}
	})
}

func writeLines(path string, n int, line func(i int) any) error {
	var out []byte
	for i := range n {
		text, err := json.Marshal(line(i))
		if err != nil {
			return err
		}
		out = append(append(out, text...), '\n')
	}
	return os.WriteFile(path, out, 0o666)
}
