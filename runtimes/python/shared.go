package python

import (
	"context"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// RunShared runs candidate and test in one interpreter, for tests that
// construct the candidate's own classes. It is weaker than RunScript: a
// candidate can reach the test. The outcome is OK when the test ran to its end,
// and Exception, with an AssertionError maybe, when it did not.
func (r *Runtime) RunShared(ctx context.Context, p Program, s Script, lim runtimes.Limits) (runtimes.Outcome, error) {
	lim = lim.WithDefaults()
	v, err := r.take(ctx, lim, p.Source)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	v.sources = sources{p.filename(): {text: p.Source}, helpersFile: {text: s.Helpers}, testFile: {text: s.Test}}
	loaded := false
	handle := func(f frame) (reply, error) {
		switch {
		case f.word == wordLoaded && !loaded:
			loaded = true
			v.SetFuel(s.fuel(lim))
			return answer(v.next(), []byte{'N'}), nil
		case f.word == wordDone && loaded:
			return v.over(runtimes.Outcome{Kind: runtimes.OK})
		}
		return v.failed(f)
	}
	first := v.job("shared", value.Bytes(p.Source), value.Str(p.filename()), value.Bytes(s.Helpers), value.Bytes(s.Test))
	return r.run(ctx, v, handle, first)
}

// Names of the files of a script in tracebacks; the driver has them too.
const (
	helpersFile = "prompt.py"
	testFile    = "test.py"
)

func (s Script) fuel(lim runtimes.Limits) uint64 {
	if s.Fuel == 0 {
		return lim.CallFuel
	}
	return s.Fuel
}
