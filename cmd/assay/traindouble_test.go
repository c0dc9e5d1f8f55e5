package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/assay-dev/assay/trainer"
)

// doubleSteps are the steps of a double's run.
const doubleSteps = 4

// double stands in for Python with the PyTorch trainer: it reads and writes a
// run directory as that one does, and learns nothing. What it is to do wrong is
// in the setting trl.double.
func double() {
	args := os.Args[1:]
	launch, program, launched := strings.Cut(strings.Join(args, "\n"), "\n-m\nassay_trl\n")
	if launched {
		fmt.Println("started by " + strings.ReplaceAll(launch, "\n", " "))
		args = []string{"-m", "assay_trl", program}
	}
	switch {
	case len(args) != 3 || args[0] != "-m" || args[1] != "assay_trl":
		fmt.Fprintln(os.Stderr, "usage: -m assay_trl RUNDIR")
		os.Exit(2)
	case args[2] == "--check" && os.Getenv("DOUBLE_VERSIONS") != "":
		fmt.Fprintln(os.Stderr, "assay_trl: "+os.Getenv("DOUBLE_VERSIONS"))
		os.Exit(1)
	case args[2] == "--check":
		fmt.Println(`{"trl": "1.16.0", "torch": "2.15.0"}`)
	default:
		code, err := doubleRun(args[2])
		if err != nil {
			tellDouble(args[2], map[string]any{"event": "failed", "error": err.Error()})
			fmt.Fprintln(os.Stderr, "assay_trl: "+err.Error())
			code = 1
		}
		os.Exit(code)
	}
}

func doubleRun(dir string) (int, error) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	var m trainer.Manifest
	var c struct {
		Model string
		TRL   struct{ Double string }
	}
	pairs, err := os.ReadFile(filepath.Join(dir, "pairs.jsonl"))
	if err := errors.Join(err, readDouble(dir, "manifest.json", &m), readDouble(dir, "config.json", &c)); err != nil {
		return 0, err
	}
	if sum := sha256.Sum256(pairs); hex.EncodeToString(sum[:]) != m.PairsHash {
		return 0, errors.New("pairs.jsonl is not the file that manifest.json was written for")
	}
	if _, err := os.Stat(c.Model); err != nil {
		return 0, fmt.Errorf("no model in %s", filepath.Base(c.Model))
	}
	last := 0
	for step := range doubleSteps {
		if _, err := os.Stat(doubleCheckpoint(dir, step)); err == nil {
			last = step
		}
	}
	tellDouble(dir, map[string]any{"event": "start", "device": "cpu", "precision": "float32", "pairs": m.Counts.Kept, "too_long": 1})
	for step := last + 1; step <= doubleSteps; step++ {
		figures := doubleFigures(step)
		appendDouble(dir, "metrics.jsonl", figures)
		figures["event"], figures["of"], figures["tokens_per_second"] = "step", doubleSteps, 1000
		tellDouble(dir, figures)
		switch {
		case step == 2 && c.TRL.Double == "crash":
			os.Exit(doubleCrash())
		case step == 2 && c.TRL.Double == "rubbish":
			fmt.Println("\x1b[31m{\"event\": 1}\n[]\nnot an event")
			fmt.Print(strings.Repeat("x", 1<<20) + "\n" + strings.Repeat("again\n", 1000))
			return 0, nil
		case step == 2 && last == 0 && c.TRL.Double == "stop":
			<-stop
			if err := os.MkdirAll(doubleCheckpoint(dir, step), 0o755); err != nil {
				return 0, err
			}
			return 3, nil
		case step == 2 && c.TRL.Double == "hang":
			select {} // whatever signal comes
		}
	}
	result := map[string]any{
		"finished": true, "step": doubleSteps, "pairs": m.Counts.Kept, "held_out": 0, "too_long": 1,
		"tokens": 100, "rejected_tokens": 40, "rejected_in_mask": 10.0, "versions": map[string]string{"trl": "1.16.0", "torch": "2.15.0"},
	}
	text, err := json.Marshal(result)
	if err := errors.Join(err, os.MkdirAll(filepath.Join(dir, "checkpoint"), 0o755), os.WriteFile(filepath.Join(dir, "result.json"), text, 0o644)); err != nil {
		return 0, err
	}
	tellDouble(dir, map[string]any{"event": "end"})
	return 0, nil
}

func doubleCrash() int {
	fmt.Fprintln(os.Stderr, "Traceback (most recent call last):\n  File \"train.py\"\nRuntimeError: no such kernel")
	return 1
}

func doubleCheckpoint(dir string, step int) string {
	return filepath.Join(dir, "checkpoints", fmt.Sprintf("checkpoint-%d", step))
}

// doubleFigures begin at ln 2, as real ones do.
func doubleFigures(step int) map[string]any {
	return map[string]any{
		"step": step, "loss": math.Ln2 / float64(step), "dpo_loss": math.Ln2 / float64(step),
		"rewards/accuracies": 1 - 1/float64(step), "rewards/margins": float64(step-1) / 4,
	}
}

func readDouble(dir, name string, into any) error {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func tellDouble(dir string, event map[string]any) {
	appendDouble(dir, "events.jsonl", event)
	line, _ := json.Marshal(event) // of texts and numbers
	fmt.Println(string(line))
}

func appendDouble(dir, name string, value any) {
	line, _ := json.Marshal(value) // of texts and numbers
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.Write(append(line, '\n')); err != nil {
		panic(err)
	}
}
