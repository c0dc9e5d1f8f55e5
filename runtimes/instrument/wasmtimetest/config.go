//go:build wasmtime

package wasmtimetest

// The symbol is in the library that wasmtime-go links.

// #cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-all
// #cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
// #include <stdbool.h>
// extern void wasmtime_config_wasm_exceptions_set(void*, bool);
import "C"

import (
	"unsafe"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

// Oracle is a configuration with exceptions, canonical NaNs and fuel.
func Oracle() *wasmtime.Config {
	cfg := wasmtime.NewConfig()
	cfg.SetConsumeFuel(true)
	cfg.SetCraneliftNanCanonicalization(true)
	cfg.SetCraneliftOptLevel(wasmtime.OptLevelNone) // compiling takes most of the time
	cfg.SetCraneliftFlag("regalloc_algorithm", "single_pass")
	// A Config is one pointer to the library's own; every test that throws
	// would fail if that changed.
	C.wasmtime_config_wasm_exceptions_set(*(*unsafe.Pointer)(unsafe.Pointer(cfg)), true)
	return cfg
}
