package instrument

import "testing"

// engineUnderTest compiles modules that run the same everywhere.
type engineUnderTest interface {
	compile(t *testing.T, bin []byte) program
}

// program is a compiled module.
type program interface {
	// run makes an instance and calls main.
	run(t *testing.T, s setup, args []uint64) outcome
	close()
}

// setup is what an instance is given before main is called.
type setup struct {
	segments []Segment
	start    string
	globals  map[string]uint64
}

// second is the other engine and oracle; nil without the build tag wasmtime.
var second func(t *testing.T) *secondEngine

// secondEngine is wasmtime in the two ways that tests need it.
type secondEngine struct {
	plain  engineUnderTest // as modules are run in earnest
	oracle engineUnderTest // with exceptions, canonical NaNs and fuel of its own
}
