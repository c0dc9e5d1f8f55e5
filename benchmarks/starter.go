package benchmarks

import (
	_ "embed"
	"slices"
)

var (
	//go:embed problems.jsonl
	problems []byte
	//go:embed samples.jsonl
	samples []byte
	//go:embed verdicts.jsonl
	verdicts []byte
)

// Problems gives the rows of the suite, as HumanEvalPlus.jsonl has them.
func Problems() []byte { return slices.Clone(problems) }

// Samples gives rows {"task_id", "completion" or "solution"}: several of each task.
func Samples() []byte { return slices.Clone(samples) }

// Verdicts gives for each row of Samples, in order, the verdict that it must
// get: {"task_id", "sample" (index within the task), "verdict", "base", "plus",
// "about" (what is right or wrong with it)}.
func Verdicts() []byte { return slices.Clone(verdicts) }
