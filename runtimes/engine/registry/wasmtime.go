//go:build wasmtime && cgo && linux

package registry

import (
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/wasmtime"
)

func init() {
	builtIn[Wasmtime] = func(store cache.Store) (engine.Engine, error) {
		return wasmtime.New(wasmtime.Config{Cache: store})
	}
}
