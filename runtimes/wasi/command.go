package wasi

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/wasm"
)

// Version is of what a command finds here, beside the schedule of fuel.
const Version = "wasi 1"

// ErrModule is in what Compile says of a module that can't be run here.
var ErrModule = errors.New("not a module that can be run")

// Command is a compiled module, shared by any number of runs at a time.
type Command struct {
	code   engine.Code
	module *instrument.Module // with its segments
	pages  uint32             // of the memory at the start
}

// Compile makes a module ready.
func Compile(ctx context.Context, e engine.Engine, bin []byte, progress engine.Progress) (*Command, error) {
	m, err := instrument.Instrument(bin, instrument.Default())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	decoded, err := wasm.Decode(bin, wasm.Bounds{})
	if err == nil {
		err = accept(decoded)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	code, err := e.Compile(ctx, m, progress)
	if err != nil {
		return nil, err
	}
	c := &Command{code: code, module: m}
	m.Code = nil // 500 MB maybe, which nobody needs any more
	if len(decoded.Memories) > 0 {
		c.pages = decoded.Memories[0].Min
	}
	return c, nil
}

// Close frees the code. Nothing may be running.
func (c *Command) Close() error { return c.code.Close() }
