package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// The shape that the embedded trainer is measured with.
const (
	trainLayers = 4
	trainWidth  = 128
	trainHeads  = 4
	trainLength = 256
	trainRows   = 4 // sequences of a step
	trainSteps  = 60
)

//go:embed training.py
var torchTraining string

// speed is what training a while came to.
type speed struct {
	Rate   float64 // tokens a second
	Memory int64   // peak, in bytes
}

// training measures the embedded trainer, beside PyTorch where a Python with
// torch and transformers is named.
func (b *bench) training(context.Context) error {
	corpus := filepath.Join(b.work, "training.jsonl")
	if err := writeTexts(corpus); err != nil {
		return err
	}
	script := filepath.Join(b.work, "training.py")
	if err := os.WriteFile(script, []byte(torchTraining), 0o666); err != nil {
		return err
	}
	var ours, theirs []speed
	for range b.runs {
		mine, err := b.trainEmbedded(corpus)
		if err != nil {
			return err
		}
		ours = append(ours, mine)
		if b.torch == "" {
			continue
		}
		other, err := b.trainTorch(script)
		if err != nil {
			return err
		}
		theirs = append(theirs, other)
	}
	rate, memory := func(s speed) float64 { return s.Rate }, func(s speed) float64 { return float64(s.Memory) }
	speedRow := row{What: "training, 4 layers, width 128, 1,024 tokens a step", Ours: fmt.Sprintf("%.0f tokens/s", median(ours, rate)), Bar: "≥ 8,000 tokens/s"}
	memoryRow := row{What: "memory of training", Ours: fmt.Sprintf("%.0f MB", median(ours, memory)/1e6), Bar: "≤ 300 MB"}
	if len(theirs) > 0 {
		type pair struct{ a, b speed }
		var ps []pair
		for i := range ours {
			ps = append(ps, pair{ours[i], theirs[i]})
		}
		speedRow.Theirs = fmt.Sprintf("%.0f tokens/s", median(theirs, rate))
		speedRow.Ratio = fmt.Sprintf("%.2f", median(ps, func(p pair) float64 { return p.a.Rate / p.b.Rate }))
		memoryRow.Theirs = fmt.Sprintf("%.0f MB", median(theirs, memory)/1e6)
		memoryRow.Ratio = fmt.Sprintf("%.2f", median(ps, func(p pair) float64 { return float64(p.b.Memory) / float64(p.a.Memory) }))
	}
	b.add(speedRow)
	b.add(memoryRow)
	return nil
}

// writeTexts writes a corpus of rows of so many bytes, the end counted.
func writeTexts(path string) error {
	rng := rand.New(rand.NewPCG(1, 1))
	var out bytes.Buffer
	for range 64 {
		text := make([]byte, trainLength-2)
		for i := range text {
			text[i] = 'a' + byte(rng.IntN(26))
		}
		fmt.Fprintf(&out, "{\"prompt\":\"#\",\"completion\":%q}\n", text)
	}
	return os.WriteFile(path, out.Bytes(), 0o666)
}

func (b *bench) trainEmbedded(corpus string) (speed, error) {
	dir := filepath.Join(b.work, "training")
	args := []string{b.assay, "train", "--trainer", "embedded", "--method", "sft", "--corpus", corpus, "--out", dir, "--quiet",
		"--model", fmt.Sprintf("new:layers=%d,width=%d,heads=%d", trainLayers, trainWidth, trainHeads)}
	for _, set := range []string{
		fmt.Sprintf("max_steps=%d", trainSteps), fmt.Sprintf("batch_size=%d", trainRows), fmt.Sprintf("micro_batch_size=%d", trainRows),
		fmt.Sprintf("max_length=%d", trainLength), fmt.Sprintf("logging_steps=%d", trainSteps/2), "held_out=0", "learning_rate=1e-4",
	} {
		args = append(args, "--set", set)
	}
	f, err := command{Name: "assay train", Args: args, Before: func() error { return os.RemoveAll(dir) }}.run()
	if err != nil {
		return speed{}, err
	}
	events, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		return speed{}, err
	}
	out := speed{Memory: f.RSS}
	for line := range bytes.Lines(events) {
		var e struct {
			Event string  `json:"event"`
			Rate  float64 `json:"tokens_per_second"`
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return out, err
		}
		if e.Event == "step" { // the last one's is over the second half
			out.Rate = e.Rate
		}
	}
	return out, nil
}

func (b *bench) trainTorch(script string) (speed, error) {
	args := []string{b.torch, script}
	for _, n := range []int{trainLayers, trainWidth, trainHeads, trainLength, trainRows, trainSteps, runtime.GOMAXPROCS(0)} {
		args = append(args, strconv.Itoa(n))
	}
	var out speed
	f, err := command{Name: "PyTorch", Args: args}.run()
	if err == nil {
		err = json.Unmarshal([]byte(strings.TrimSpace(string(f.Out))), &out)
	}
	return out, err
}
