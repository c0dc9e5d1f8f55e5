//go:build wasmtime

package wasmtest

// The symbols are in the library that wasmtime-go links.

// #cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-all
// #cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
// #include <stdbool.h>
// #include <stdint.h>
// extern void wasmtime_config_wasm_exceptions_set(void*, bool);
// extern void wasmtime_config_async_stack_size_set(void*, uint64_t);
import "C"

import (
	"unsafe"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

// oracleStack is what a thread's own has room for.
const oracleStack = 6 << 20

// Wasmtime is a configuration of wasmtime as an oracle, with canonical NaNs, fuel,
// and exceptions, which wasmtime-go has in its library but no way to switch on.
func Wasmtime() *wasmtime.Config {
	cfg := wasmtime.NewConfig()
	cfg.SetConsumeFuel(true)
	cfg.SetCraneliftNanCanonicalization(true)
	cfg.SetCraneliftOptLevel(wasmtime.OptLevelNone) // compiling takes most of the time
	cfg.SetCraneliftFlag("regalloc_algorithm", "single_pass")
	cfg.SetMaxWasmStack(oracleStack)
	// A Config is one pointer to the library's own; every test that throws
	// would fail if that changed.
	own := *(*unsafe.Pointer)(unsafe.Pointer(cfg))
	C.wasmtime_config_wasm_exceptions_set(own, true)
	C.wasmtime_config_async_stack_size_set(own, oracleStack) // no less than the other, though nothing is async
	return cfg
}
