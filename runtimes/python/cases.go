package python

import (
	"context"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// RunCases loads the program in a fresh instance and applies Entry to each
// input in order. visit sees each result before the next input goes out; false
// stops, with an outcome of kind OK. When input i fails, exactly i results were
// visited, their parts counted as one. An error is a fault of ours, or ctx's.
func (r *Runtime) RunCases(ctx context.Context, p Program, inputs []Input, lim runtimes.Limits, visit func(i int, res Result) bool) (runtimes.Outcome, error) {
	lim = lim.WithDefaults()
	v, err := r.take(ctx, lim, p.Source)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	v.sources = p.sources()
	c := &cases{vm: v, inputs: inputs, visit: visit}
	first := v.job("cases", value.Bytes(p.text()), value.Str(p.filename()), value.Str(p.Entry), value.Bool(p.Iterate), value.Small(p.Part))
	return r.run(ctx, v, c.handle, first)
}

// cases counts the inputs that went out and the results that came.
type cases struct {
	*vm
	inputs []Input
	visit  func(int, Result) bool
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
		return c.result(Result{Raw: f.body, More: f.word == wordPart})
	case (f.word == wordTagged || f.word == wordTagPart) && c.sent > 0:
		return c.result(Result{Raw: f.body, Tagged: true, More: f.word == wordTagPart})
	}
	return c.failed(f)
}

func (c *cases) result(res Result) (reply, error) {
	c.asked = false
	res.Total, res.Pages = c.Used(), c.Pages()
	res.Fuel = res.Total - c.mark
	switch {
	case !c.visit(c.sent-1, res):
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
	fuel := in.Fuel
	if fuel == 0 {
		fuel = c.limits.CallFuel
	}
	c.SetFuel(fuel)
	return answer(c.vm.next(), in.Args), nil
}
