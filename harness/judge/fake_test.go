package judge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// fakeRuntime runs programs written in Go, found by their source text. It
// keeps the runtime's side of the contract: fuel against budgets, frames in
// order, an end at the first failure.
type fakeRuntime struct {
	cases   map[string]fakeProgram
	scripts map[string]runtimes.Outcome
	shared  map[string]runtimes.Outcome
	mains   map[string]func(stdin string) runtimes.Outcome
	tests   map[string]runtimes.Outcome
	turned  map[string]runtimes.Outcome // of tests turned around
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
	long   uint64 // bytes of a value that is left out
	fuel   uint64 // default 100
	ends   *runtimes.Outcome
}

// frames are the results that the value comes in.
func (f fakeResult) frames(part int) ([]runtimes.Result, error) {
	if f.raw != nil || f.long > 0 {
		return []runtimes.Result{{Raw: f.raw, Tagged: f.tagged, Long: f.long}}, nil
	}
	var out []runtimes.Result
	list, isList := f.value.(value.List)
	for isList && part > 0 && len(list) > part {
		raw, err := value.AppendMarshal(nil, list[:part])
		if err != nil {
			return nil, err
		}
		out = append(out, runtimes.Result{Raw: raw, More: true})
		list = list[part:]
		f.value = list
	}
	raw, err := value.AppendMarshal(nil, f.value)
	return append(out, runtimes.Result{Raw: raw}), err
}

// turnedMark begins tests that were turned around.
const turnedMark = "turned: "

var errFake = errors.New("the machine room is on fire")

func (f *fakeRuntime) Run(_ context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	if job.Mode == runtimes.ModeInspect {
		return runtimes.Outcome{Kind: runtimes.OK, Compiled: []byte(job.Script.Test), Names: f.names}, nil
	}
	source, lim := job.Program.Source, job.Limits
	if source == turnSource {
		return runtimes.Outcome{Kind: runtimes.OK, Detail: "0", Stdout: append([]byte(turnedMark), job.Stdin...)}, nil
	}
	if err := f.start(source, lim); err != nil {
		return runtimes.Outcome{}, err
	}
	switch job.Mode {
	case runtimes.ModeScript:
		o := f.scripts[source]
		if o.Test == nil {
			o.Test = &runtimes.Outcome{}
		}
		return o, nil
	case runtimes.ModeShared:
		if strings.HasPrefix(job.Script.Test, turnedMark) {
			return f.turned[source], nil
		}
		return f.shared[source], nil
	case runtimes.ModeTests:
		if strings.HasPrefix(job.Tests.Source, turnedMark) {
			return f.turned[source], nil
		}
		return f.tests[source], nil
	case runtimes.ModeMain:
		o := f.mains[source](string(job.Stdin))
		if o.Kind == runtimes.OK && o.Fuel > lim.LoadFuel {
			o = runtimes.Outcome{Kind: runtimes.OutOfFuel, Fuel: lim.LoadFuel, Pages: o.Pages}
		}
		return o, nil
	}
	return f.runCases(job, emit)
}

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

func (f *fakeRuntime) runCases(job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	p, inputs, lim := job.Program, job.Inputs, job.Limits
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
			r.Input, r.Fuel, r.Total, r.Pages = i, res.fuel, total, 2
			if !emit(r) {
				return runtimes.Outcome{Kind: runtimes.OK, Fuel: total, Pages: 2}, nil
			}
		}
	}
	return runtimes.Outcome{Kind: runtimes.OK, Fuel: total + 1, Pages: 3}, nil
}

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
