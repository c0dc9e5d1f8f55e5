package judge

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// shownBytes is the most that a failure shows of a value, as Python source.
const shownBytes = 2 << 10

// shownArgs writes the arguments of input i as they stand between the brackets
// of a call.
func (r *setRun) shownArgs(i int) string {
	args, err := r.set.values(i)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for n, arg := range args {
		if n > 0 {
			b.WriteString(", ")
		}
		left := shownBytes - b.Len()
		if left <= 0 {
			b.WriteString("…")
			break
		}
		b.WriteString(value.Repr(arg, left))
	}
	return b.String()
}

// shownExpected writes the expected value of input i.
func (r *setRun) shownExpected(i int) string {
	w := &r.expected.Wants[i]
	if w.Kept == nil {
		return w.Shown
	}
	v, err := w.value(r.problem.Rule)
	if err != nil {
		return err.Error()
	}
	return value.Repr(v, shownBytes)
}

// testFailure describes how the tests ended, with the line of the test program
// that failed.
func testFailure(p *benchmarks.Problem, o runtimes.Outcome) *harness.Failure {
	f := &harness.Failure{Exception: o.Exception, Detail: o.Detail}
	if o.Exception == nil || f.Detail != "" {
		return f
	}
	if line := lineOf(p.Test, o.Exception.Line); line != "" {
		f.Detail = fmt.Sprintf("test line %d: %s", o.Exception.Line, line)
	}
	return f
}

// lineOf gives line n, from 1, without the space around it; "" where there is none.
func lineOf(text string, n int) string {
	for line := range strings.Lines(text) {
		if n--; n == 0 {
			return excerpt.Line(strings.TrimSpace(line), shownBytes)
		}
	}
	return ""
}

// because adds to a message what is known of an outcome.
func because(o runtimes.Outcome) string {
	switch {
	case o.Exception != nil:
		return fmt.Sprintf(" (%s: %s)", o.Exception.Type, o.Exception.Message)
	case o.Detail != "":
		return " (" + o.Detail + ")"
	}
	return ""
}
