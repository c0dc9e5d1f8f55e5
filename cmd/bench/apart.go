package main

import (
	"context"
	"path/filepath"

	"github.com/assay-dev/assay/benchmarks"
)

// apart compares programs in a process of their own, within its walls, with
// programs in assay's own process: HumanEval's canonical solutions, and as many
// programs that do nothing, where what travels weighs most.
func (b *bench) apart(ctx context.Context) error {
	suite, err := benchmarks.Open(ctx, "humaneval", benchmarks.Options{DataDir: b.data})
	if err != nil {
		return err
	}
	canonical, err := suite.CanonicalSamples()
	if err != nil {
		return err
	}
	var nothing []benchmarks.Sample
	for _, p := range suite.Problems {
		nothing = append(nothing, benchmarks.Sample{TaskID: p.ID, Solution: p.Prompt + "    pass\n"})
	}
	for _, set := range []sampleSet{{"canonical", canonical}, {"`pass`", nothing}} {
		path := filepath.Join(b.work, "apart.jsonl")
		samples := varied(set.samples, 10)
		if err := writeSamples(path, "solution", samples); err != nil {
			return err
		}
		if err := b.beside(set.name+", n=10", len(samples), b.evalCommand("humaneval", path)); err != nil {
			return err
		}
	}
	return b.beside("start to first verdict", 1, b.evalCommand("humaneval", "canonical", "--limit", "1"))
}

// beside runs a command with a process of its own for programs and without. The
// first pair fills the caches.
func (b *bench) beside(what string, work int, with command) error {
	without := with
	without.Name, without.Args = "in process", append(with.Args[:len(with.Args):len(with.Args)], "--in-process")
	ours, theirs, err := pairs(with, without, b.runs+1)
	if err != nil {
		return err
	}
	b.add(ratioRow("own process and walls beside none: "+what, work, ours[1:], theirs[1:], "≥ 0.9"))
	return nil
}
