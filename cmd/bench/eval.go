package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/peers"
)

// sampleSet is a named list of samples of one suite.
type sampleSet struct {
	name    string
	samples []benchmarks.Sample
}

// Names of the sample sets: a suite's own solutions, and those of
// Qwen2.5-Coder-7B that evalplus's authors published.
const (
	canonical = "canonical"
	published = "7B"
)

// sampleSets reads the sample sets that are asked for.
func (b *bench) sampleSets(ctx context.Context, suite *benchmarks.Suite, family string) ([]sampleSet, error) {
	generated := filepath.Join(b.data, "samples", "qwen2.5-coder-7b-base", "evalplus", family, "generated.jsonl.gz")
	var sets []sampleSet
	for _, s := range []struct{ name, path string }{{canonical, "canonical"}, {published, generated}} {
		if !listed(b.sets, s.name) {
			continue
		}
		samples, err := peers.Read(ctx, s.path, suite)
		if err != nil {
			return nil, err
		}
		sets = append(sets, sampleSet{s.name, samples.All})
	}
	return sets, nil
}

// evalCommand judges a sample file with two workers and takes no verdict from
// the cache.
func (b *bench) evalCommand(suite, samples string, more ...string) command {
	out := filepath.Join(b.work, "out")
	args := []string{b.assay, "eval", suite, "--samples", samples, "--out", out, "--force", "--fresh", "--quiet", "--workers", "2", "--engine", b.engine}
	return command{Name: "assay", Args: append(args, more...), Env: []string{"ASSAY_DATA=" + b.data}}
}

// start measures a whole command that judges one sample.
func (b *bench) start(ctx context.Context) error {
	c := b.evalCommand("humaneval", "canonical", "--limit", "1")
	runs, err := repeat(c, b.runs+1)
	if err != nil {
		return err
	}
	wall := median(runs[1:], func(f figures) float64 { return f.Wall.Seconds() })
	b.add(row{What: "start to first verdict", Ours: fmt.Sprintf("%.2f s", wall), Bar: "≤ 1.5 s"})
	return nil
}

// humanEval compares with OpenAI's checker on ten different samples a task:
// each is made different by a comment, since equal work is judged once.
func (b *bench) humanEval(ctx context.Context) error {
	suite, err := benchmarks.Open(ctx, "humaneval", benchmarks.Options{DataDir: b.data})
	if err != nil {
		return err
	}
	sets, err := b.sampleSets(ctx, suite, "humaneval")
	if err != nil {
		return err
	}
	problems := filepath.Join(b.data, "humaneval", "HumanEval.jsonl.gz")
	for _, set := range sets {
		path := filepath.Join(b.work, "humaneval-"+set.name+".jsonl")
		samples := varied(set.samples, 10)
		if err := writeSamples(path, "completion", samples); err != nil {
			return err
		}
		ours, theirs, err := pairs(b.evalCommand("humaneval", path), b.peers.humanEval(path, problems), b.runs)
		if err != nil {
			return err
		}
		b.add(ratioRow("HumanEval, "+set.name+", n=10", len(samples), ours, theirs, "≥ 5"))
	}
	return nil
}

func (b *bench) humanEvalPlus(ctx context.Context) error {
	return b.evalPlus(ctx, "humaneval+", "humaneval", filepath.Join("humanevalplus", "HumanEvalPlus.jsonl.gz"))
}

// mbppPlus takes the version that the published samples were made for: the one
// after it lacks some of their tasks.
func (b *bench) mbppPlus(ctx context.Context) error {
	return b.evalPlus(ctx, "mbpp+@v0.1.0", "mbpp", filepath.Join("mbppplus", "MbppPlus-v0.1.0.jsonl.gz"))
}

// evalPlus compares with evalplus, ground truth of both in their caches.
func (b *bench) evalPlus(ctx context.Context, name, family, file string) error {
	suite, err := benchmarks.Open(ctx, name, benchmarks.Options{DataDir: b.data})
	if err != nil {
		return err
	}
	sets, err := b.sampleSets(ctx, suite, family)
	if err != nil {
		return err
	}
	plain := filepath.Join(b.work, family+"plus.jsonl")
	if err := gunzip(filepath.Join(b.data, file), plain); err != nil {
		return err
	}
	for _, set := range sets {
		path := filepath.Join(b.work, family+"plus-"+set.name+".jsonl")
		if err := writeSamples(path, "solution", set.samples); err != nil {
			return err
		}
		us, them := b.evalCommand(name, path), b.peers.evalPlus(family, path, plain)
		if _, _, err := pairs(us, them, 1); err != nil { // fills the caches of both
			return err
		}
		ours, theirs, err := pairs(us, them, b.runs)
		if err != nil {
			return err
		}
		b.add(ratioRow(name+", "+set.name, len(set.samples), ours, theirs, "≥ 1"))
		b.add(row{What: name + ", " + set.name + ", resident memory", Ours: megabytes(ours), Bar: "≤ 1500 MB"})
	}
	return nil
}

// cold compiles everything anew into an empty cache.
func (b *bench) cold(context.Context) error {
	dir, err := os.MkdirTemp(b.work, "cold")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c := b.evalCommand("starter", "canonical")
	c.Env = append(c.Env, "ASSAY_CACHE="+dir)
	runs, err := repeat(c, 1)
	if err != nil {
		return err
	}
	b.add(row{What: "first run, empty cache", Ours: fmt.Sprintf("%.0f s, %s", runs[0].Wall.Seconds(), megabytes(runs)), Bar: "≤ 4000 MB"})
	return nil
}

// repeat runs c n times.
func repeat(c command, n int) ([]figures, error) {
	var runs []figures
	for range n {
		f, err := c.run()
		if err != nil {
			return nil, err
		}
		runs = append(runs, f)
	}
	return runs, nil
}

func megabytes(runs []figures) string {
	return fmt.Sprintf("%.0f MB", median(runs, func(f figures) float64 { return float64(f.RSS) / 1e6 }))
}

// varied makes n samples of each, every one with a comment of its own.
func varied(samples []benchmarks.Sample, n int) []benchmarks.Sample {
	out := make([]benchmarks.Sample, 0, n*len(samples))
	for _, s := range samples {
		for i := range n {
			v := s
			v.Solution += fmt.Sprintf("\n# sample %d\n", i)
			out = append(out, v)
		}
	}
	return out
}
