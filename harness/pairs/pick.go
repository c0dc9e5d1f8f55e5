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
