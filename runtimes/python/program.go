package python

import (
	"context"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// RunMain runs a program as __main__, with arguments and standard input. A
// program that ends, by itself or by an exit, is OK; Outcome.Detail is its exit
// code in decimal.
func (r *Runtime) RunMain(ctx context.Context, p Program, args []string, stdin []byte, lim runtimes.Limits) (runtimes.Outcome, error) {
	lim = lim.WithDefaults()
	v, err := r.take(ctx, lim, p.Source)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	v.sources = p.sources()
	v.exits = true
	v.World.SetStdin(stdin)
	argv := make(value.List, len(args))
	for i, a := range args {
		argv[i] = value.Str(a)
	}
	handle := func(f frame) (reply, error) {
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
	return r.run(ctx, v, handle, v.job("program", value.Bytes(p.text()), value.Str(p.filename()), argv))
}
