//go:build wasmtime && cgo && linux

package engines

import (
	"assay/runtimes/cache"
	"assay/runtimes/engine"
	"assay/runtimes/engine/wasmtime"
)

func init() {
	builtIn[Wasmtime] = func(store cache.Store) (engine.Engine, error) {
		return wasmtime.New(wasmtime.Config{Cache: store})
	}
}
