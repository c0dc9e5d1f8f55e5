package wasm

import (
	"errors"
	"fmt"
)

// What can be wrong with a module; every *Error is one of these.
var (
	// ErrMalformed: the bytes are no valid WebAssembly module.
	ErrMalformed = errors.New("malformed module")
	// ErrRefused: valid by some proposal that is not accepted here.
	ErrRefused = errors.New("refused")
	// ErrTooBig: more than Bounds allow.
	ErrTooBig = errors.New("over the bounds")
)

// Error says what is wrong with a module, and where.
type Error struct {
	Kind   error  // ErrMalformed, ErrRefused or ErrTooBig
	Func   int    // index of the function, -1 outside of code
	Offset int    // in bytes from the module's start
	Text   string // what is wrong
}

func (e *Error) Error() string {
	if e.Func >= 0 {
		return fmt.Sprintf("%v: %s (function %d, offset 0x%x)", e.Kind, e.Text, e.Func, e.Offset)
	}
	return fmt.Sprintf("%v: %s (offset 0x%x)", e.Kind, e.Text, e.Offset)
}

// Unwrap makes errors.Is work on the kind.
func (e *Error) Unwrap() error { return e.Kind }
