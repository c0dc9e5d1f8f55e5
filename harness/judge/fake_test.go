package judge

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python"
	"github.com/assay-dev/assay/runtimes/value"
)

// fakeRuntime runs programs written in Go, found by their source text. It
// keeps the runtime's side of the contract: fuel against budgets, frames in
// order, an end at the first failure.
type fakeRuntime struct {
	cases   map[string]fakeProgram
	scripts map[string]python.ScriptOutcome
	shared  map[string]runtimes.Outcome
	mains   map[string]func(stdin string) runtimes.Outcome
	tests   map[string]python.TestsOutcome
	names   []string

	mu     sync.Mutex
	ran    map[string]int // by source
	limits runtimes.Limits
	faults int // runs that still fail for reasons of ours
}

// fakeProgram is a candidate.
type fakeProgram struct {
	load  uint64            // fuel that loading takes
	fails *runtimes.Outcome // ends loading so
	call  func(args value.Tuple) fakeResult
	early bool // returns "ok" without a result to the last input
}

// fakeResult is a value, or raw bytes in place of one, or an end.
type fakeResult struct {
	value  value.Value
	raw    []byte
	tagged bool
	fuel   uint64 // default 100
	ends   *runtimes.Outcome
}

// frames are the results that the value comes in.
func (f fakeResult) frames(part int) ([]python.Result, error) {
	if f.raw != nil {
		return []python.Result{{Raw: f.raw, Tagged: f.tagged}}, nil
	}
	var out []python.Result
	list, isList := f.value.(value.List)
	for isList && part > 0 && len(list) > part {
		raw, err := value.AppendMarshal(nil, list[:part])
		if err != nil {
			return nil, err
		}
		out = append(out, python.Result{Raw: raw, More: true})
		list = list[part:]
		f.value = list
	}
	raw, err := value.AppendMarshal(nil, f.value)
	return append(out, python.Result{Raw: raw}), err
}

var errFake = errors.New("the machine room is on fire")

func (f *fakeRuntime) Identity() string { return "fake" }

func (f *fakeRuntime) start(source string, lim runtimes.Limits) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ran == nil {
		f.ran = map[string]int{}
	}
	f.ran[source]++
	f.limits = lim
	if f.faults > 0 {
		f.faults--
		return errFake
	}
	return nil
}

func (f *fakeRuntime) RunCases(ctx context.Context, p python.Program, inputs []python.Input, lim runtimes.Limits, visit func(int, python.Result) bool) (runtimes.Outcome, error) {
	if err := f.start(p.Source, lim); err != nil {
		return runtimes.Outcome{}, err
	}
	prog, ok := f.cases[p.Source]
	switch {
	case !ok:
		return runtimes.Outcome{Kind: runtimes.SyntaxError, Pages: 1}, nil
	case prog.fails != nil:
		return *prog.fails, nil
	case prog.load > lim.LoadFuel:
		return runtimes.Outcome{Kind: runtimes.OutOfFuel, Fuel: lim.LoadFuel, Pages: 1}, nil
	}
	total := prog.load
	for i, in := range inputs {
		if prog.early && i == len(inputs)-1 {
			break
		}
		args, err := value.Decode(in.Args, value.Bounds{})
		if err != nil {
			return runtimes.Outcome{}, err
		}
		res := prog.call(args.(value.Tuple))
		if res.ends != nil {
			out := *res.ends
			out.Fuel += total
			return out, nil
		}
		if res.fuel == 0 {
			res.fuel = 100
		}
		budget := in.Fuel
		if budget == 0 {
			budget = lim.CallFuel
		}
		if res.fuel > budget {
			return runtimes.Outcome{Kind: runtimes.OutOfFuel, Fuel: total + budget, Pages: 2}, nil
		}
		total += res.fuel
		results, err := res.frames(p.Part)
		if err != nil {
			return runtimes.Outcome{}, err
		}
		for _, r := range results {
			r.Fuel, r.Total, r.Pages = res.fuel, total, 2
			if !visit(i, r) {
				return runtimes.Outcome{Kind: runtimes.OK, Fuel: total, Pages: 2}, nil
			}
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK, Fuel: total + 1, Pages: 3}, nil
}

func (f *fakeRuntime) Compile(_ context.Context, s python.Script) ([]byte, error) {
	return []byte(s.Test), nil
}

func (f *fakeRuntime) RunScript(ctx context.Context, s python.Script, p python.Program, lim runtimes.Limits) (python.ScriptOutcome, error) {
	if err := f.start(p.Source, lim); err != nil {
		return python.ScriptOutcome{}, err
	}
	return f.scripts[p.Source], nil
}

func (f *fakeRuntime) RunShared(ctx context.Context, p python.Program, s python.Script, lim runtimes.Limits) (runtimes.Outcome, error) {
	if err := f.start(p.Source, lim); err != nil {
		return runtimes.Outcome{}, err
	}
	return f.shared[p.Source], nil
}

func (f *fakeRuntime) RunMain(ctx context.Context, p python.Program, args []string, stdin []byte, lim runtimes.Limits) (runtimes.Outcome, error) {
	if err := f.start(p.Source, lim); err != nil {
		return runtimes.Outcome{}, err
	}
	o := f.mains[p.Source](string(stdin))
	if o.Kind == runtimes.OK && o.Fuel > lim.LoadFuel {
		o = runtimes.Outcome{Kind: runtimes.OutOfFuel, Fuel: lim.LoadFuel, Pages: o.Pages}
	}
	return o, nil
}

func (f *fakeRuntime) RunTests(ctx context.Context, p python.Program, t python.Tests, lim runtimes.Limits) (python.TestsOutcome, error) {
	if err := f.start(p.Source, lim); err != nil {
		return python.TestsOutcome{}, err
	}
	return f.tests[p.Source], nil
}

func (f *fakeRuntime) TestNames(context.Context, python.Tests) ([]string, error) { return f.names, nil }

// opaque is a result that has no encoding.
func opaque(t *testing.T, name string) fakeResult {
	t.Helper()
	raw, err := value.AppendMarshal(nil, value.Tuple{value.Str("opaque"), value.Str(name), value.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return fakeResult{raw: raw, tagged: true}
}

// returns is a program that maps its first argument.
func returns(f func(value.Value) value.Value) fakeProgram {
	return fakeProgram{load: 1000, call: func(args value.Tuple) fakeResult { return fakeResult{value: f(args[0])} }}
}

func ends(kind runtimes.Kind) fakeResult {
	return fakeResult{ends: &runtimes.Outcome{Kind: kind, Fuel: 7, Pages: 5, Detail: "as asked"}}
}
