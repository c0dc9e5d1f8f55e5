package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/objective"
)

type list []trainer.Pair

func (l *list) Next() (trainer.Pair, error) {
	if len(*l) == 0 {
		return trainer.Pair{}, io.EOF
	}
	p := (*l)[0]
	*l = (*l)[1:]
	return p, nil
}

// somePairs are sums with the wrong sign, one of them far too long.
func somePairs(t *testing.T) list {
	t.Helper()
	var out list
	for i := range 9 {
		name := string(rune('a' + i))
		p, err := trainer.NewPair(fmt.Sprintf("p%d", i), "add "+name+"\n", "def f(x):\n    return x + "+name+"\n", "def f(x):\n    return x - "+name+"\n")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	long, err := trainer.NewPair("long", "add\n", strings.Repeat("x = 1\n", 50), strings.Repeat("x = 2\n", 50))
	if err != nil {
		t.Fatal(err)
	}
	return append(out, long)
}

// settings are those of a run that takes a moment.
func settings(method, model string) trainer.Settings {
	s := trainer.Paper()
	s.Method, s.Model = method, model
	s.BatchSize, s.MicroBatchSize, s.Epochs, s.LearningRate = 4, 2, 3, 1e-2
	s.MaxLength, s.HeldOut, s.SaveSteps, s.EvalSteps = 64, 0.2, 2, 3
	return s
}

func write(t *testing.T, dir string, s trainer.Settings) {
	t.Helper()
	run, err := s.Run("test")
	if err != nil {
		t.Fatal(err)
	}
	pairs := somePairs(t)
	if _, err := run.Write(dir, &pairs); err != nil {
		t.Fatal(err)
	}
}

// follow trains, and stops after a step if it isn't 0.
func follow(t *testing.T, dir string, stopAfter int) (events []trainer.Event, err error) {
	t.Helper()
	stop := make(chan struct{})
	err = Trainer{}.Train(t.Context(), trainer.Job{Dir: dir, Stop: stop, Say: func(string) {}, Event: func(e trainer.Event) {
		events = append(events, e)
		if e.Event == trainer.EventStep && e.Step == stopAfter {
			close(stop)
		}
	}})
	return events, err
}

func trained(t *testing.T, dir string, s trainer.Settings) {
	t.Helper()
	write(t, dir, s)
	if _, err := follow(t, dir, 0); err != nil {
		t.Fatal(err)
	}
}

const tiny = NewModel + "layers=2,width=16,heads=2,vocabulary=270"

// TestThereAndOn: a new model is made by SFT, and preferences are learned from
// its checkpoint; twice, and stopped after each step, with the same bytes.
func TestThereAndOn(t *testing.T) {
	root := t.TempDir()
	base := filepath.Join(root, "base")
	trained(t, base, settings("sft", tiny))
	whole := filepath.Join(root, "whole")
	s := settings("target-rpo", filepath.Join(base, checkpointDir))
	write(t, whole, s)
	events, err := follow(t, whole, 0)
	if err != nil {
		t.Fatal(err)
	}
	if first := events[0]; first.Event != trainer.EventStart || first.Pairs != 7 || first.HeldOut != 2 || first.TooLong != 1 {
		t.Errorf("it begins with %+v", first)
	}
	for i, dir := range []string{"twice", "stopped"} {
		dir = filepath.Join(root, dir)
		write(t, dir, s)
		for step := 1; i == 1; step += 2 { // not only after checkpoints that are due
			_, err := follow(t, dir, step)
			if err == nil {
				break
			}
			if !errors.Is(err, trainer.ErrStopped) {
				t.Fatal(err)
			}
		}
		if i == 0 {
			if _, err := follow(t, dir, 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, file := range []string{"checkpoint/model.safetensors", "checkpoint/config.json", "checkpoint/tokenizer.json", "metrics.jsonl", "result.json", "reference.safetensors"} {
			want, err := os.ReadFile(filepath.Join(whole, file))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %s has other bytes (%v)", dir, file, err)
			}
		}
	}
	learns(t, whole)
}

// learns holds a run to what must come of it: the loss begins at ln 2, falls, and
// what is held out is preferred at the end.
func learns(t *testing.T, dir string) {
	text, err := os.ReadFile(filepath.Join(dir, trainer.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	var steps, evals []figures
	for l := range bytes.Lines(text) {
		var f figures
		if err := json.Unmarshal(l, &f); err != nil {
			t.Fatal(err)
		}
		if _, ok := f["loss"]; ok {
			steps = append(steps, f)
		} else {
			evals = append(evals, f)
		}
	}
	if len(steps) != 6 || len(evals) != 2 {
		t.Fatalf("%d steps, %d evaluations", len(steps), len(evals))
	}
	first, last := steps[0], steps[5]
	if math.Abs(first["dpo_loss"]-math.Ln2) > 1e-9 || first["rewards/margins"] != 0 {
		t.Errorf("the first step: %v", first)
	}
	if !(last["loss"] < first["loss"]) || !(last["rewards/margins"] > 0) || last["step"] != 6 {
		t.Errorf("from %v to %v", first, last)
	}
	if end := evals[1]; end["step"] != 6 || end["eval_rewards/accuracies"] != 1 {
		t.Errorf("held out: %v", end)
	}
}

// TestMethods: each method begins where it must and moves.
func TestMethods(t *testing.T) {
	root := t.TempDir()
	base := filepath.Join(root, "base")
	trained(t, base, settings("sft", tiny))
	for _, method := range []string{"sft-incorrect", "dpo", "rpo", "target-dpo", "hybrid"} {
		dir := filepath.Join(root, method)
		trained(t, dir, settings(method, filepath.Join(base, checkpointDir)))
		var r result
		text, err := os.ReadFile(filepath.Join(dir, resultFile))
		if err != nil || json.Unmarshal(text, &r) != nil {
			t.Fatal(err)
		}
		if !(r.Last["loss"] < r.First["loss"]) || r.Step != 6 || r.Pairs != 7 || r.RejectedInMask == 0 {
			t.Errorf("%s: %+v", method, r)
		}
		for _, name := range []string{"logits/chosen", "logits/rejected"} {
			if _, there := r.First[name]; there == (method == "sft-incorrect" && name == "logits/chosen") {
				t.Errorf("%s: %s is there: %v", method, name, there)
			}
		}
		if _, there := r.First["dpo_loss"]; there != (method != "sft-incorrect") {
			t.Errorf("%s: %v", method, r.First)
		}
	}
}

// Of two tokens' logits, those of the first and the third row of three.
func TestMeanLogit(t *testing.T) {
	m := objective.Metrics{}
	var side, none meanLogit
	side.add([]float32{1, 2, 50, 50, 3, 6}, 2, []int{0, 2})
	side.add([]float32{-3, 0}, 2, []int{0})
	side.note(m, objective.Chosen)
	none.note(m, objective.Rejected)
	if want := (1.5 + 4.5 - 1.5) / 3; len(m) != 1 || m["logits/chosen"] != want {
		t.Errorf("got %v, want %v", m, want)
	}
}

func TestRefused(t *testing.T) {
	for says, change := range map[string]func(*trainer.Settings){
		"lora: it trains every weight":                       func(s *trainer.Settings) { s.Lora = &trainer.Lora{R: 4} },
		"template: it knows none":                            func(s *trainer.Settings) { s.Template = "chat" },
		"precision: it computes in float32":                  func(s *trainer.Settings) { s.Precision = "bfloat16" },
		"these settings are the PyTorch trainer's":           func(s *trainer.Settings) { s.TRL["optim"] = "adamw" },
		"a new model prefers nothing":                        func(s *trainer.Settings) { s.Method = "dpo" },
		"a new model has layers, width, heads":               func(s *trainer.Settings) { s.Model = NewModel + "depth=3" },
		"a width of 16 is not a multiple of 3 heads":         func(s *trainer.Settings) { s.Model = NewModel + "width=16,heads=3" },
		"a vocabulary of 12 tokens":                          func(s *trainer.Settings) { s.Model = NewModel + "vocabulary=12" },
		"no scheduler is called \"polynomial\" here":         func(s *trainer.Settings) { s.Scheduler = "polynomial" },
		"all 10 are longer than max_prompt_length 1024 or 9": func(s *trainer.Settings) { s.MaxLength = 9 },
		"has no config.json: name the folder of a model":     func(s *trainer.Settings) { s.Model = t.TempDir() },
		"held_out 0.99 leaves nothing to learn from":         func(s *trainer.Settings) { s.HeldOut = 0.99 },
		"warmup is a share":                                  func(s *trainer.Settings) { s.Warmup = 1 },
	} {
		s := settings("sft", tiny)
		change(&s)
		dir := t.TempDir()
		write(t, dir, s)
		events, err := follow(t, dir, 0)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
			continue
		}
		if last := events[len(events)-1]; last.Event != trainer.EventFailed || last.Error != err.Error() {
			t.Errorf("%s: the last event is %+v", says, last)
		}
	}
}

// TestOtherRun: what belongs to another run is not gone on from.
func TestOtherRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	write(t, dir, settings("sft", tiny))
	if _, err := follow(t, dir, 1); !errors.Is(err, trainer.ErrStopped) {
		t.Fatal(err)
	}
	config := filepath.Join(dir, trainer.ConfigFile)
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, bytes.Replace(text, []byte(`"epochs": 3`), []byte(`"epochs": 4`), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := follow(t, dir, 0); err == nil || !strings.Contains(err.Error(), "is of another run") {
		t.Errorf("another config: %v", err)
	}
	if err := os.WriteFile(config, text, 0o644); err != nil {
		t.Fatal(err)
	}
	pairs, err := os.OpenFile(filepath.Join(dir, trainer.PairsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pairs.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	pairs.Close()
	if _, err := follow(t, dir, 0); err == nil || !strings.Contains(err.Error(), "SHA-256 differs") {
		t.Errorf("other pairs: %v", err)
	}
}

// TestCancelled: a run that is ended at once leaves what it had.
func TestCancelled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	write(t, dir, settings("sft", tiny))
	ctx, cancel := context.WithCancel(t.Context())
	err := Trainer{}.Train(ctx, trainer.Job{Dir: dir, Stop: nil, Say: func(string) {}, Event: func(e trainer.Event) {
		if e.Event == trainer.EventStep && e.Step == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	steps, err := trainer.CheckpointSteps(dir)
	if err != nil || len(steps) != 1 || steps[0] != 2 {
		t.Errorf("%v, %v", steps, err)
	}
}

// TestFullDisk: a checkpoint that can't be written leaves the one before it
// whole, and nothing of itself.
func TestFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	write(t, dir, settings("sft", tiny))
	if _, err := follow(t, dir, 2); !errors.Is(err, trainer.ErrStopped) {
		t.Fatal(err)
	}
	r, err := readRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := r.prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	final := filepath.Join(dir, trainer.CheckpointsDir, checkpointName(2))
	was, err := os.ReadFile(filepath.Join(final, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	tr.weights.Data[0][0]++
	err = tr.publish(final, func(aside string) error {
		if _, err := os.Stat(filepath.Join(aside, "model.safetensors")); err != nil {
			t.Error(err)
		}
		return syscall.ENOSPC
	})
	is, readErr := os.ReadFile(filepath.Join(final, "model.safetensors"))
	if !errors.Is(err, syscall.ENOSPC) || readErr != nil || !bytes.Equal(was, is) {
		t.Errorf("%v, %v; the same: %v", err, readErr, bytes.Equal(was, is))
	}
	if entries, err := os.ReadDir(filepath.Join(dir, trainer.CheckpointsDir)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestOneEnd: an answer that has the text of the end ends once.
func TestOneEnd(t *testing.T) {
	v, err := tokenizer.OfCorpus(nil, tokenizer.LeastVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	p, err := trainer.NewPair("a", "p\n", "x = 1\n", "x = 2\n"+v.EndText())
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRow(p, v, "overlap")
	if err != nil {
		t.Fatal(err)
	}
	for _, ids := range [][]int32{r.chosen.ids, r.rejected.ids} {
		if len(ids) != len("x = 1\n")+1 || ids[len(ids)-1] != int32(v.End) {
			t.Errorf("%v", ids)
		}
	}
}
