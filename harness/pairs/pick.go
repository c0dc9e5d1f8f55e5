package pairs

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/trainer/mask"
)

// Pick says which earlier version of a trace is dispreferred.
type Pick string

const (
	Random  Pick = "random"  // by the seed and the trace's name: the paper's, and the default
	First   Pick = "first"   // what was written before any feedback
	Last    Pick = "last"    // the one before the version that passed
	Closest Pick = "closest" // fewest lines changed; of equals the last
)

// Picks are all of them.
var Picks = []string{string(Random), string(First), string(Last), string(Closest)}

// Check says whether p is one of Picks.
func (p Pick) Check() error {
	if !slices.Contains(Picks, string(p)) {
		return fmt.Errorf("no earlier version is called %q: there are random, first, last and closest", p)
	}
	return nil
}

// earlier are the versions on the way to the last one that were wrong: the
// chosen step of each iteration before it, where it has a program.
func earlier(t *codeflow.Trace) []*codeflow.Step {
	last := t.Last()
	var out []*codeflow.Step
	for i := range t.Steps {
		s := &t.Steps[i]
		wrong := s.Verdict != harness.Pass && s.Verdict != harness.InfraError
		if s.Chosen && s.Iteration < last.Iteration && s.Program != "" && wrong {
			out = append(out, s)
		}
	}
	return out
}

// wrongHeldOut says whether a version that passed is known to be wrong: it fails
// the tests that the model didn't see.
func wrongHeldOut(s *codeflow.Step) bool {
	return s.HeldOut != "" && s.HeldOut != harness.Pass && s.HeldOut != harness.InfraError
}

// of takes one of the versions; there is at least one.
func (p Pick) of(versions []*codeflow.Step, chosen, id string, seed uint64) *codeflow.Step {
	switch p {
	case First:
		return versions[0]
	case Last:
		return versions[len(versions)-1]
	case Closest:
		return closest(versions, chosen)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "rejected/%d/%s", seed, id))
	return versions[binary.BigEndian.Uint64(sum[:])%uint64(len(versions))]
}

func closest(versions []*codeflow.Step, chosen string) *codeflow.Step {
	best, fewest := versions[0], math.MaxInt
	for _, v := range versions {
		if n := changed(v.Program, chosen); n <= fewest {
			best, fewest = v, n
		}
	}
	return best
}

// tooMany is the number of changed lines where texts differ in too much to be
// compared.
const tooMany = math.MaxInt

// changed counts the lines of both that are not in the other.
func changed(rejected, chosen string) int {
	minus, plus, err := mask.Diff(rejected, chosen, mask.Lines)
	if err != nil {
		return tooMany
	}
	return len(within(rejected, minus)) + len(within(chosen, plus))
}

// within are the lines of text that spans take.
func within(text string, spans []mask.Span) []string {
	var out []string
	for _, s := range spans {
		part := text[s.Start:s.End]
		for _, line := range mask.Lines(part) {
			out = append(out, part[line.Start:line.End])
		}
	}
	return out
}

// Filters by name, in their order.
const (
	OnlyComments = "only_comments"
	ManyLines    = "many_lines"
	ManyTokens   = "many_tokens"
	EqualTrees   = "equal_trees"
	Similar      = "near_duplicates"
	Surface      = "judge_model"
)

// Counts say what became of the traces.
type Counts struct {
	Traces    int `json:"traces"`             // read
	Dropped   int `json:"dropped"`            // by codeflow: they never passed, or their tests are worth nothing
	HeldOut   int `json:"failed_held_out"`    // their last version fails the tests that the model didn't see
	NoEarlier int `json:"no_earlier_version"` // right at once, or no earlier answer had a program
	TooLarge  int `json:"too_large"`          // texts that are too long, or differ in too much, to be a row

	Pairs   int        `json:"pairs"` // made of the others
	Filters []Filtered `json:"filters"`
	Kept    int        `json:"kept"`

	EmptyMask  int `json:"empty_rejected_spans"`     // of the kept: D⁻ is empty, because the earlier version only lacks lines
	Uncompared int `json:"uncompared_trees"`         // of the pairs: nested too deep to compare, not dropped for it
	Undecided  int `json:"undecided_by_judge_model"` // its answer could not be read; not dropped for it
}

// Filtered is what a filter did.
type Filtered struct {
	Name    string `json:"name"`
	Dropped int    `json:"dropped"`
	Left    int    `json:"left"`
}
