package python

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/snapshot"
	"github.com/assay-dev/assay/runtimes/value"
)

// world is what the host holds for one instance.
type world struct {
	*guest.World
	port port
}

// vm is one restored instance, under limits, for one program.
type vm struct {
	*snapshot.Guest[*world]
	limits  runtimes.Limits
	tokens  *tokens
	current token             // of the host's last answer
	sources sources           // for tracebacks
	verdict *runtimes.Outcome // set when a handler knows how it ended
	exits   bool              // an exit is an end like any other
}

// take gives a restored instance with the tank filled for loading. seed is what
// its tokens are made from.
func (r *Runtime) take(ctx context.Context, lim runtimes.Limits, seed string) (*vm, error) {
	g, err := r.pool.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("python: %w", err)
	}
	g.World.SetLimits(lim)
	g.World.port = port{ctx: ctx, inst: g.Instance, maxFrame: lim.ValueBytes}
	g.SetMemoryLimit(uint32(min(lim.MemoryBytes/pageSize, maxPages)))
	g.SetStack(lim.StackSlots)
	g.SetFuel(lim.LoadFuel)
	return &vm{Guest: g, limits: lim, tokens: newTokens(seed)}, nil
}

const (
	pageSize = 64 << 10
	maxPages = 65536
)

// run lets the driver pull its work from handle until it is over. The outcome
// is what handle decided, or else what the host saw of the guest's end. The
// instance goes back to the pool.
func (r *Runtime) run(ctx context.Context, v *vm, handle func(frame) (reply, error), first reply) (runtimes.Outcome, error) {
	defer r.pool.Put(v.Guest)
	greeted := false
	v.World.port.handle = func(raw []byte) (reply, error) {
		if !greeted {
			greeted = true
			return first, nil
		}
		f, ok := parseFrame(raw)
		if !ok || f.token != v.current {
			return v.forged("a frame that the driver did not write")
		}
		return handle(f)
	}
	_, err := v.Call(ctx, "turn", uint64(r.line.at), uint64(r.line.size))
	if err != nil && ctx.Err() != nil {
		return runtimes.Outcome{}, fmt.Errorf("python: %w", context.Cause(ctx))
	}
	out, err := v.ended(err)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	out.Fuel, out.Pages = v.Used(), v.Pages()
	out.Stdout, out.Stderr = slices.Clone(v.World.Stdout()), slices.Clone(v.World.Stderr())
	return out, nil
}

// next makes the token of the next answer.
func (v *vm) next() token {
	v.current = v.tokens.make()
	return v.current
}

// job makes the driver's first answer.
func (v *vm) job(mode string, more ...value.Value) reply { return job(mode, v.next(), more...) }

// over ends the guest with an outcome.
func (v *vm) over(out runtimes.Outcome) (reply, error) {
	v.verdict = &out
	return reply{}, errOver
}

func (v *vm) forged(detail string) (reply, error) {
	return v.over(runtimes.Outcome{Kind: runtimes.ForgedResult, Detail: detail})
}

// failed ends the guest by a frame that reports a failure.
func (v *vm) failed(f frame) (reply, error) {
	out, ok := failure(f, v.sources, v.MemoryRefused())
	if !ok {
		return v.forged("a frame out of turn")
	}
	return v.over(out)
}

// ended says what the end of the driver's turn means.
func (v *vm) ended(err error) (runtimes.Outcome, error) {
	var exit *guest.Exit
	var halt *guest.Halt
	switch {
	case v.verdict != nil && errors.Is(err, errOver):
		return *v.verdict, nil
	case err == nil && v.MemoryRefused():
		return engine.OutOfMemory(), nil
	case err == nil:
		return runtimes.Outcome{Kind: runtimes.NoResult, Detail: "the program ended before its result"}, nil
	case errors.As(err, &exit) && v.exits:
		return runtimes.Exited(exit.Code), nil
	case errors.As(err, &exit):
		return runtimes.Outcome{Kind: runtimes.NoResult, Detail: fmt.Sprintf("the program exited with code %d", exit.Code)}, nil
	case errors.As(err, &halt):
		return engine.Halted(halt, v.MemoryRefused()), nil
	case errors.Is(err, engine.ErrInterrupted):
		return runtimes.Outcome{}, fmt.Errorf("python: %w", err)
	}
	return runtimes.Outcome{}, fmt.Errorf("python: running the guest: %w", err)
}
