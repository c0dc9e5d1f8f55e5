package codeflow

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/guestcall"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

//go:embed workbench.py
var workbenchSource string

// Bounds of the work with the model's own tests.
const (
	testFuel    = 10_000_000_000 // of one test, about what Python uses in a second
	maxTests    = 100
	maxMutants  = 20
	mutantTimes = 10 // so many times what the tests used on the solution is enough for a mutant
	mutantFloor = 500_000_000
	maxProgram  = 256 << 10 // bytes of a program and its tests
	mostValue   = 16 << 20  // bytes of what a call gives: mutants take the most
)

var nothing = value.Tuple{value.Str("nothing")}

// workbench calls the functions of workbench.py.
type workbench struct {
	runtime runtimes.Runner
	fuel    uint64 // used so far
}

// do makes calls of one kind, each within its fuel.
func (w *workbench) do(ctx context.Context, fuel uint64, calls ...value.Tuple) ([]guestcall.Result, error) {
	f := guestcall.Func{
		Source: workbenchSource, Name: "work", Easy: nothing,
		Limits: runtimes.Limits{CallFuel: fuel, MemoryBytes: 1 << 30, ValueBytes: mostValue},
	}
	results, err := f.Each(ctx, w.runtime, calls)
	for _, r := range results {
		w.fuel += r.Fuel
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil: // a fault of ours, or a program that answers in our stead
		return nil, &unjudged{err.Error()}
	}
	return results, nil
}

func call(what string, args ...value.Value) value.Tuple {
	return append(value.Tuple{value.Str(what)}, args...)
}

// tried is what came of a program and its tests.
type tried struct {
	verdict harness.Verdict
	tests   int
	right   int
	failure *harness.Failure
}

// try runs each test by itself, up to the first that can't be run at all.
func (w *workbench) try(ctx context.Context, program, tests string) (tried, error) {
	p, t := value.Str(program), value.Str(tests)
	listed, err := w.do(ctx, testFuel, call("names", p, t))
	if err != nil {
		return tried{}, err
	}
	names, failed := listedNames(listed[0])
	if failed != nil {
		return *failed, nil
	}
	if len(names) == 0 || len(names) > maxTests {
		return tried{verdict: NoTests, failure: &harness.Failure{Detail: fmt.Sprintf("%d tests, want from 1 to %d", len(names), maxTests)}}, nil
	}
	calls := make([]value.Tuple, len(names))
	for i := range calls {
		calls[i] = call("one", p, t, value.Small(i))
	}
	results, err := w.do(ctx, testFuel, calls...)
	if err != nil {
		return tried{}, err
	}
	out := tried{verdict: harness.Pass, tests: len(names)}
	for i, r := range results {
		verdict, failure := ended(r)
		if verdict == harness.Pass {
			out.right++
		} else if out.failure == nil {
			out.verdict, out.failure = verdict, failure
			out.failure.Detail = names[i]
		}
	}
	if out.failure != nil {
		out.failure.Detail = fmt.Sprintf("%d of %d tests pass; the first that fails is %s", out.right, out.tests, out.failure.Detail)
	}
	return out, nil
}

// listedNames are the tests' names, or how it ended before there were any.
func listedNames(r guestcall.Result) ([]string, *tried) {
	if pair, ok := r.Value.(value.Tuple); ok && len(pair) == 2 && pair[0] == value.Value(value.Str("tests")) {
		if list, ok := pair[1].(value.List); ok {
			names := make([]string, len(list))
			for i, name := range list {
				text, _ := name.(value.Str)
				names[i] = string(text)
			}
			return names, nil
		}
	}
	verdict, failure := ended(r)
	if verdict == harness.Pass { // an answer that only a program's own doing explains
		verdict = harness.ForgedResult
	}
	return nil, &tried{verdict: verdict, failure: failure}
}

// ended reads how a test ended.
func ended(r guestcall.Result) (harness.Verdict, *harness.Failure) {
	if r.Kind != runtimes.OK {
		return harness.Verdict(r.Kind), &harness.Failure{Detail: r.Why}
	}
	t, _ := r.Value.(value.Tuple)
	if len(t) == 1 && t[0] == value.Value(value.Str("passed")) {
		return harness.Pass, nil
	}
	if len(t) != 5 {
		return harness.ForgedResult, &harness.Failure{}
	}
	kind, _ := t[0].(value.Str)
	name, _ := t[1].(value.Str)
	message, _ := t[2].(value.Str)
	line, _ := t[3].(value.Small)
	traceback, _ := t[4].(value.Str)
	failure := &harness.Failure{Exception: &runtimes.ExceptionInfo{
		Type: valid(name), Message: valid(message), Line: int(line), Traceback: valid(traceback),
	}}
	switch kind {
	case "wrong":
		return harness.WrongAnswer, failure
	case "syntax":
		return harness.SyntaxError, failure
	case "raised":
		return harness.Exception, failure
	}
	return harness.ForgedResult, failure
}
