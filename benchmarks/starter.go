package benchmarks

import (
	_ "embed"
	"fmt"
	"slices"
)

// starterName names the suite that is in the program itself: two dozen problems
// of assay's own, in the shape of HumanEval+, with samples right and wrong, for
// the first minute, for the documentation and for the tests of other packages.
//
// Its invariant: every canonical solution holds its contract on every input and
// passes its own test, every sample gets in a plain Python the verdict that
// starter/verdicts.jsonl has for it, and no problem is taken from a published
// set.
const starterName = "starter"

var (
	//go:embed starter/problems.jsonl
	starterProblems []byte
	//go:embed starter/samples.jsonl
	starterSamples []byte
)

// StarterProblems are the rows of the suite, as HumanEvalPlus.jsonl has them.
func StarterProblems() []byte { return slices.Clone(starterProblems) }

// Paths of samples that are no files. A file of such a name is reached by
// "./canonical".
const (
	CanonicalSamples = "canonical" // the suite's own solutions
	ExampleSamples   = "examples"  // starter's samples, right ones and wrong ones
)

// CanonicalSamples are the suite's own solutions, of the problems that have one.
func (s *Suite) CanonicalSamples() ([]Sample, error) {
	var out []Sample
	for _, p := range s.Problems {
		if p.Canonical != "" {
			out = append(out, Sample{TaskID: p.ID, Solution: p.Canonical, Origin: CanonicalSamples})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no solutions of its own: give --samples FILE", s.Name)
	}
	return out, nil
}

// ExampleSamples are rows {"task_id", "completion" or "solution"}: several of
// each task.
func (s *Suite) ExampleSamples() ([]byte, error) {
	if s.Name != starterName {
		return nil, fmt.Errorf("%s has no example samples, %s has", s.Name, starterName)
	}
	return slices.Clone(starterSamples), nil
}
