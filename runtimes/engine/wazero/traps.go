package wazero

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/runtimes/engine"
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

// trapOf reads wazero's error: "wasm error: WORDS", then a stack trace. Its
// error type is internal. What is not a guest's trap is a fault of ours.
func trapOf(err error) error {
	words, _, _ := strings.Cut(err.Error(), "\n")
	if words == "stack overflow" { // wazero's own, of 84 MB, before the meter's
		return engine.StackOverflow()
	}
	if ours, ok := traps[strings.TrimPrefix(words, "wasm error: ")]; ok && strings.HasPrefix(words, "wasm error: ") {
		return engine.Trap(ours)
	}
	return fmt.Errorf("wazero failed: %w", err)
}
