package python

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// defaultFilename is how a program without a name appears in tracebacks.
const defaultFilename = "solution.py"

// Names of the files of a script and of unit tests in tracebacks; the driver has
// them too.
const (
	helpersFile = "prompt.py"
	testFile    = "test.py"
	moduleFile  = "__test__.py"
)

// Run runs a job of Python's, of every mode. An error is a fault of ours, or
// ctx's.
func (r *Runtime) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	lim, p, s := job.Limits.WithDefaults(), job.Program, job.Script
	source, name := value.Bytes(p.Source), value.Str(filename(p))
	switch job.Mode {
	case runtimes.ModeMain:
		p.Source = strings.TrimPrefix(p.Source, "\ufeff") // a file may begin with it
		argv := make(value.List, len(job.Args))
		for i, a := range job.Args {
			argv[i] = value.Str(a)
		}
		return r.turn(ctx, lim, p, ownSources(p), func(v *vm) (handler, reply) {
			v.exits = true
			v.World.SetStdin(job.Stdin)
			return v.main, v.job("program", value.Bytes(text(p)), name, argv)
		})
	case runtimes.ModeCases:
		return r.turn(ctx, lim, p, ownSources(p), func(v *vm) (handler, reply) {
			v.World.port.maxFrame = math.MaxUint32 // result looks
			c := &cases{vm: v, inputs: job.Inputs, emit: emit}
			return c.handle, v.job("cases", value.Bytes(text(p)), name, value.Str(p.Entry), value.Bool(p.Iterate), value.Small(p.Part))
		})
	case runtimes.ModeShared:
		files := sources{filename(p): {text: p.Source}, helpersFile: {text: s.Helpers}, testFile: {text: s.Test}}
		return r.turn(ctx, lim, p, files, func(v *vm) (handler, reply) {
			c := &testRun{vm: v, fuel: budget(s.Fuel, lim)}
			return c.handle, v.job("shared", source, name, value.Bytes(s.Helpers), value.Bytes(s.Test))
		})
	case runtimes.ModeTests:
		files := sources{moduleFile: {text: p.Source + "\n" + job.Tests.Source}}
		var t *testRun
		out, err := r.turn(ctx, lim, p, files, func(v *vm) (handler, reply) {
			t = &testRun{vm: v, fuel: budget(job.Tests.Fuel, lim), records: true}
			return t.handle, v.job("tests", source, value.Bytes(job.Tests.Source), value.Str(job.Tests.Class))
		})
		if t != nil {
			out.Tests = t.results
		}
		return out, err
	case runtimes.ModeInspect:
		return r.inspect(ctx, lim, job)
	case runtimes.ModeScript:
		return r.script(ctx, lim, job)
	}
	return runtimes.Outcome{}, fmt.Errorf("python: no mode is called %q", job.Mode)
}

// handler answers the frames of one program.
type handler func(frame) (reply, error)

// turn gives a fresh instance to one program: begin says what it is first told,
// and who answers it.
func (r *Runtime) turn(ctx context.Context, lim runtimes.Limits, p runtimes.Program, files sources, begin func(*vm) (handler, reply)) (runtimes.Outcome, error) {
	v, err := r.take(ctx, lim, p)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	v.sources = files
	handle, first := begin(v)
	return r.run(ctx, v, handle, first)
}

func filename(p runtimes.Program) string {
	if p.Name == "" {
		return defaultFilename
	}
	return p.Name
}

// text is what the interpreter gets.
func text(p runtimes.Program) string {
	if p.Before == "" && p.After == "" {
		return p.Source
	}
	return p.Before + p.Source + "\n\n" + p.After
}

// ownSources has the program's lines, as those of a file that others stand beside.
func ownSources(p runtimes.Program) sources {
	return sources{filename(p): {text: p.Source, above: strings.Count(p.Before, "\n")}}
}

// budget is the fuel of the tests.
func budget(fuel uint64, lim runtimes.Limits) uint64 {
	if fuel == 0 {
		return lim.CallFuel
	}
	return fuel
}

// main takes the end of a program that is only run.
func (v *vm) main(f frame) (reply, error) {
	switch f.word {
	case wordDone:
		return v.over(runtimes.Exited(0))
	case wordEnded:
		code, err := value.Decode(f.body, reportBounds)
		if n, ok := code.(value.Small); ok && err == nil {
			return v.over(runtimes.Exited(uint32(n)))
		}
	}
	return v.failed(f)
}

// cases counts the inputs that went out and the results that came.
type cases struct {
	*vm
	inputs []runtimes.Input
	emit   func(runtimes.Result) bool
	sent   int    // inputs that went out
	mark   uint64 // fuel used when the last one did
	asked  bool   // for the last result again, tagged
}

func (c *cases) handle(f frame) (reply, error) {
	switch {
	case f.word == wordLoaded && c.sent == 0:
		return c.input()
	case (f.word == "" || f.word == wordPart) && c.sent > 0 && !c.asked:
		if ambiguous(f.body) {
			c.asked = true
			return again(c.vm.next()), nil
		}
		return c.result(runtimes.Result{Raw: f.body, More: f.word == wordPart})
	case (f.word == wordTagged || f.word == wordTagPart) && c.sent > 0:
		return c.result(runtimes.Result{Raw: f.body, Tagged: true, More: f.word == wordTagPart})
	}
	return c.failed(f)
}

func (c *cases) result(res runtimes.Result) (reply, error) {
	c.asked = false
	res.Input, res.Total, res.Pages = c.sent-1, c.Used(), c.Pages()
	res.Fuel = res.Total - c.mark
	if n := uint64(len(res.Raw)); n > c.limits.ValueBytes {
		res.Raw, res.Long = nil, n
	}
	switch {
	case !c.emit(res):
		return c.over(runtimes.Outcome{Kind: runtimes.OK})
	case res.More:
		return goOn(c.vm.next()), nil
	}
	return c.input()
}

// input sends the next input with a tank of its own, or ends the run.
func (c *cases) input() (reply, error) {
	if c.sent == len(c.inputs) {
		return c.over(runtimes.Outcome{Kind: runtimes.OK})
	}
	in := c.inputs[c.sent]
	c.sent++
	c.mark = c.Used()
	c.SetFuel(budget(in.Fuel, c.limits))
	return answer(c.vm.next(), in.Args), nil
}

// maxReports is how many unit tests have all that they raised recorded; the
// others have its type alone.
const maxReports = 30

// recordBounds hold for a record, which has a report in it.
var recordBounds = value.Bounds{Bytes: reportBounds.Bytes, Nodes: reportBounds.Nodes, Depth: reportBounds.Depth + 1}

// testRun is a program that tests run beside: a script, or unit tests with a
// record each.
type testRun struct {
	*vm
	fuel    uint64 // of the tests
	records bool
	loaded  bool
	begun   []string // names of the tests that began, in order
	results []runtimes.TestResult
	reports int
}

func (t *testRun) handle(f frame) (reply, error) {
	switch {
	case f.word == wordLoaded && !t.loaded:
		t.loaded = true
		t.SetFuel(t.fuel)
		return answer(t.next(), []byte{'N'}), nil
	case f.word == wordDone && t.loaded:
		return t.over(runtimes.Outcome{Kind: runtimes.OK})
	case f.word == wordBegin && t.loaded && t.records:
		return t.begin(f)
	case f.word == wordTest && t.loaded && t.records:
		return t.test(f)
	case f.word == wordTampered && t.records:
		what, err := value.Decode(f.body, reportBounds)
		changed, ok := what.(value.Str)
		if err != nil || !ok {
			return t.forged("a frame out of turn")
		}
		return t.forged("the program changed " + name(changed))
	}
	return t.failed(f)
}

// begin takes the name of the test whose records follow. Each begins once, in
// the order of unittest.
func (t *testRun) begin(f frame) (reply, error) {
	name, err := value.Decode(f.body, reportBounds)
	text, ok := name.(value.Str)
	if err != nil || !ok || len(t.begun) > 0 && t.begun[len(t.begun)-1] >= string(text) {
		return t.forged("a test out of turn")
	}
	t.begun = append(t.begun, string(text))
	return answer(t.next(), []byte{'N'}), nil
}

// inTurn says whether a record is of the test that began last, or of a part of
// it, or of what belongs to none.
func (t *testRun) inTurn(name string) bool {
	if len(t.begun) == 0 {
		return true
	}
	last := t.begun[len(t.begun)-1]
	for _, r := range t.results {
		if r.Name == last && r.Outcome == runtimes.TestPass {
			return !strings.HasPrefix(name, "test")
		}
	}
	return !strings.HasPrefix(name, "test") || strings.HasPrefix(name, last)
}

// test takes a record: (name, outcome, word, report).
func (t *testRun) test(f frame) (reply, error) {
	body, err := value.Decode(f.body, recordBounds)
	fields, ok := body.(value.Tuple)
	if err != nil || !ok || len(fields) != 4 || len(t.results) == runtimes.MaxTests {
		return t.forged("a record that the driver did not write")
	}
	called, ok1 := fields[0].(value.Str)
	outcome, ok2 := fields[1].(value.Str)
	res := runtimes.TestResult{Name: name(called), Outcome: runtimes.TestOutcome(outcome)}
	if !ok1 || !ok2 || !res.Outcome.Known() || !t.inTurn(string(called)) {
		return t.forged("a record that the driver did not write")
	}
	files := t.sources
	if t.reports++; t.reports > maxReports {
		files = nil // to find a line takes as long as its file is
	}
	if fields[3] != (value.None{}) {
		if res.Exception, ok = exceptionInfo(fields[3], files); !ok {
			return t.forged("a record that the driver did not write")
		}
	}
	if fields[2] == value.Str(wordMemory) && t.MemoryRefused() {
		return t.over(runtimes.Outcome{Kind: runtimes.OutOfMemory, Detail: "MemoryError after memory was refused", Exception: res.Exception})
	}
	if t.reports > maxReports && res.Exception != nil {
		res.Exception = &runtimes.ExceptionInfo{Type: res.Exception.Type}
	}
	t.results = append(t.results, res)
	return answer(t.next(), []byte{'N'}), nil
}

// inspect reads test code, of which nothing is run.
func (r *Runtime) inspect(ctx context.Context, lim runtimes.Limits, job *runtimes.Job) (runtimes.Outcome, error) {
	var found runtimes.Outcome
	var out runtimes.Outcome
	var err error
	if job.Tests.Source != "" {
		out, err = r.turn(ctx, lim, runtimes.Program{Source: job.Tests.Source}, nil, func(v *vm) (handler, reply) {
			return func(f frame) (reply, error) { return v.names(f, &found.Names) },
				v.job("names", value.Bytes(job.Tests.Source), value.Str(job.Tests.Class))
		})
	} else {
		out, err = r.turn(ctx, lim, runtimes.Program{Source: job.Script.Test}, nil, func(v *vm) (handler, reply) {
			return func(f frame) (reply, error) { return v.compiled(f, &found.Compiled) },
				v.job("compile", value.Bytes(job.Script.Helpers), value.Bytes(job.Script.Test))
		})
	}
	out.Names, out.Compiled = found.Names, found.Compiled
	return out, err
}

func (v *vm) names(f frame, names *[]string) (reply, error) {
	if f.word != wordNames {
		return v.failed(f)
	}
	body, err := value.Decode(f.body, value.Bounds{Bytes: 1 << 20, Nodes: 2 * runtimes.MaxTests, Depth: 2})
	list, ok := body.(value.List)
	if err != nil || !ok {
		return v.forged("names that the driver did not write")
	}
	for _, n := range list {
		test, _ := n.(value.Str)
		*names = append(*names, string(test))
	}
	return v.over(runtimes.Outcome{Kind: runtimes.OK})
}

func (v *vm) compiled(f frame, code *[]byte) (reply, error) {
	if f.word != wordCode {
		return v.failed(f)
	}
	if *code = bytes.Clone(bytesOf(f.body)); len(*code) == 0 {
		return v.forged("code that the driver did not write")
	}
	return v.over(runtimes.Outcome{Kind: runtimes.OK})
}

// bytesOf is the content of marshal's bytes; nil when raw is something else.
func bytesOf(raw []byte) []byte {
	const head = 5 // type and length
	if len(raw) < head || raw[0] != 's' || uint64(binary.LittleEndian.Uint32(raw[1:])) != uint64(len(raw)-head) {
		return nil
	}
	return raw[head:]
}
