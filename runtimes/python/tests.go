package python

import (
	"context"
	"fmt"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// Tests is a class of unit tests that run in the candidate's own interpreter.
type Tests struct {
	Source string // follows the program's, in one module
	Class  string
	Fuel   uint64 // budget of all tests; 0: Limits.CallFuel
}

// TestsOutcome is what came of tests. Results are those that ended before the
// program did, in order.
type TestsOutcome struct {
	runtimes.Outcome
	Results []runtimes.TestResult
}

// Bounds of what a program can have recorded.
const (
	MaxResults = 1000
	maxReports = 30 // results with all that was raised; the others have its type alone
)

// RunTests loads the program and the tests as one module in a fresh instance,
// and runs the tests. The outcome is OK when all came to an end, however. It is
// weaker than RunScript: a program can reach the tests.
func (r *Runtime) RunTests(ctx context.Context, p Program, tests Tests, lim runtimes.Limits) (TestsOutcome, error) {
	lim = lim.WithDefaults()
	v, err := r.take(ctx, lim, p.Source)
	if err != nil {
		return TestsOutcome{}, err
	}
	v.sources = sources{moduleFile: {text: p.Source + "\n" + tests.Source}}
	t := &testRun{vm: v, fuel: tests.Fuel}
	if t.fuel == 0 {
		t.fuel = lim.CallFuel
	}
	out, err := r.run(ctx, v, t.handle, v.job("tests", value.Bytes(p.Source), value.Bytes(tests.Source), value.Str(tests.Class)))
	return TestsOutcome{out, t.results}, err
}

// moduleFile is the file of program and tests in tracebacks; the driver has it too.
const moduleFile = "__test__.py"

// recordBounds hold for a record, which has a report in it.
var recordBounds = value.Bounds{Bytes: reportBounds.Bytes, Nodes: reportBounds.Nodes, Depth: reportBounds.Depth + 1}

// testRun takes the records of a run of tests.
type testRun struct {
	*vm
	fuel    uint64
	loaded  bool
	results []runtimes.TestResult
	reports int
}

func (t *testRun) handle(f frame) (reply, error) {
	switch {
	case f.word == wordLoaded && !t.loaded:
		t.loaded = true
		t.SetFuel(t.fuel)
		return answer(t.next(), []byte{'N'}), nil
	case f.word == wordTest && t.loaded:
		return t.test(f)
	case f.word == wordTampered && t.loaded:
		what, err := value.Decode(f.body, reportBounds)
		name, ok := what.(value.Str)
		if err != nil || !ok {
			return t.forged("a frame out of turn")
		}
		return t.forged("the program changed " + text(name))
	case f.word == wordDone && t.loaded:
		return t.over(runtimes.Outcome{Kind: runtimes.OK})
	}
	return t.failed(f)
}

// test takes a record: (name, outcome, word, report).
func (t *testRun) test(f frame) (reply, error) {
	body, err := value.Decode(f.body, recordBounds)
	fields, ok := body.(value.Tuple)
	if err != nil || !ok || len(fields) != 4 || len(t.results) == MaxResults {
		return t.forged("a record that the driver did not write")
	}
	name, ok1 := fields[0].(value.Str)
	outcome, ok2 := fields[1].(value.Str)
	res := runtimes.TestResult{Name: text(name), Outcome: runtimes.TestOutcome(outcome)}
	if !ok1 || !ok2 || !res.Outcome.Known() {
		return t.forged("a record that the driver did not write")
	}
	if fields[3] != (value.None{}) {
		if res.Exception, ok = exceptionInfo(fields[3], t.sources); !ok {
			return t.forged("a record that the driver did not write")
		}
	}
	if fields[2] == value.Str(wordMemory) && t.MemoryRefused() {
		return t.over(runtimes.Outcome{Kind: runtimes.OutOfMemory, Detail: "MemoryError after memory was refused", Exception: res.Exception})
	}
	if t.reports++; t.reports > maxReports && res.Exception != nil {
		res.Exception = &runtimes.ExceptionInfo{Type: res.Exception.Type}
	}
	t.results = append(t.results, res)
	return answer(t.next(), []byte{'N'}), nil
}

// TestNames reads the names of a class's tests from its source, of which nothing
// is run.
func (r *Runtime) TestNames(ctx context.Context, tests Tests) ([]string, error) {
	v, err := r.take(ctx, runtimes.Limits{}.WithDefaults(), tests.Source)
	if err != nil {
		return nil, err
	}
	var names []string
	handle := func(f frame) (reply, error) {
		if f.word != wordNames {
			return v.failed(f)
		}
		body, err := value.Decode(f.body, value.Bounds{Bytes: 1 << 20, Nodes: 2 * MaxResults, Depth: 2})
		list, ok := body.(value.List)
		if err != nil || !ok {
			return v.forged("names that the driver did not write")
		}
		for _, n := range list {
			name, _ := n.(value.Str)
			names = append(names, string(name))
		}
		return v.over(runtimes.Outcome{Kind: runtimes.OK})
	}
	out, err := r.run(ctx, v, handle, v.job("names", value.Bytes(tests.Source), value.Str(tests.Class)))
	switch {
	case err != nil:
		return nil, err
	case out.Kind == runtimes.SyntaxError && out.Exception != nil:
		return nil, fmt.Errorf("%w: line %d: %s", ErrScript, out.Exception.Line, out.Exception.Message)
	case out.Kind != runtimes.OK:
		return nil, fmt.Errorf("reading the tests' names ended with %s: %s", out.Kind, out.Detail)
	case len(names) == 0:
		return nil, fmt.Errorf("%w: there is no test in a class %s", ErrScript, tests.Class)
	}
	return names, nil
}
