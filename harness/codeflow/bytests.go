package codeflow

import (
	"context"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes/value"
)

// byTests judges attempts at a written task by the tests that came with them.
// Both share an interpreter, as the oracle unittest has it.
type byTests struct{ *loop }

// read takes the solution and the tests out of the answers. A refinement without
// tests keeps those that are there.
func (l byTests) read(_ context.Context, steps []Step, last *Step) error {
	for k := range steps {
		s := &steps[k]
		found := blocks(s.Answer)
		if len(found) > 1 {
			s.Tests = found[1]
		} else if last != nil {
			s.Tests = last.Tests
		}
		program := ""
		if len(found) > 0 {
			program = found[0]
		}
		s.setProgram(program)
	}
	return nil
}

const (
	refineBlocks = "Find the mistake and write the whole corrected solution in a markdown code block. " +
		"Only if the tests are wrong, write all tests, corrected, in a second block."
	noBlocks = "I could not find a solution and tests in your answer. " + wantBlocks
	noTests  = "There are no tests that I can run. " + wantBlocks
)

func (l byTests) judge(ctx context.Context, s *Step) error {
	none := 0
	s.Right = &none
	switch {
	case strings.TrimSpace(s.Program) == "" || strings.TrimSpace(s.Tests) == "", len(s.Program)+len(s.Tests) > maxProgram:
		s.Verdict, s.Right = NoProgram, nil
		l.tell(s, noBlocks)
		return nil
	}
	w := workbench{runtime: l.Programs}
	t, err := w.try(ctx, s.Program, s.Tests)
	if err != nil {
		return err
	}
	s.Verdict, s.Failure, s.Fuel, s.Right = t.verdict, t.failure, w.fuel, &t.right
	switch s.Verdict {
	case harness.Pass:
	case NoTests:
		l.tell(s, noTests)
	default:
		l.tell(s, feedback(s.Verdict, "", s.Failure, refineBlocks))
	}
	return nil
}

func (l byTests) tell(s *Step, text string) {
	if l.Options.Feedback != NoFeedback {
		s.Feedback = text
	}
}

// valid is a guest's string as text: lone surrogates are replaced.
func valid(s value.Str) string { return strings.ToValidUTF8(string(s), "\uFFFD") }
