package wazero

import (
	"fmt"
	"strings"

	"assay/runtimes"
	"assay/runtimes/engine"
	"assay/runtimes/guest"
)

// traps are wazero's words for what a guest can cause, and ours.
var traps = map[string]string{
	"unreachable":                   engine.TrapUnreachable,
	"out of bounds memory access":   engine.TrapMemoryBounds,
	"invalid table access":          engine.TrapTable,
	"indirect call type mismatch":   engine.TrapIndirectCallType,
	"integer divide by zero":        engine.TrapDivideByZero,
	"integer overflow":              engine.TrapIntegerOverflow,
	"invalid conversion to integer": engine.TrapInvalidConversion,
}

// ended says how a call ended that gave err: nil, the host's own error, an
// interruption, what the meters say, the guest's trap, or a fault of ours.
func (i *Instance) ended(err error) error {
	host := i.hostErr
	i.hostErr = nil
	switch {
	case err != nil && host != nil:
		return host
	case err != nil && i.interrupted.Load():
		return engine.ErrInterrupted
	}
	if halt := i.meters().Halt(); halt != nil {
		return halt
	}
	if err == nil {
		return nil
	}
	return trapOf(err)
}

func (i *Instance) meters() engine.Meters {
	return engine.Meters{
		Fuel:  i.Fuel(),
		Depth: int64(i.globals.depth.get()),
		Tag:   uint32(i.globals.tag.get()),
	}
}

// trapOf reads wazero's error: "wasm error: WORDS", then a stack trace. Its
// error type is internal. What is not a guest's trap is a fault of ours.
func trapOf(err error) error {
	words, _, _ := strings.Cut(err.Error(), "\n")
	if words == "stack overflow" { // wazero's own, of 400 MB, before the meter's
		return &guest.Halt{Kind: runtimes.StackOverflow, Detail: "call stack used up"}
	}
	if ours, ok := traps[strings.TrimPrefix(words, "wasm error: ")]; ok && strings.HasPrefix(words, "wasm error: ") {
		return engine.Trap(ours)
	}
	return fmt.Errorf("wazero failed: %w", err)
}
