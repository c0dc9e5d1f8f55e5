//go:build wasmtime && cgo && linux

package wasmtime

import (
	"os"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/enginetest"
)

func TestConform(t *testing.T) {
	enginetest.Conform(t, func(store cache.Store) (engine.Engine, error) { return New(Config{Cache: store}) })
}

// TestVersion: code in the cache is kept by this version, and capi.h declares
// what is in it.
func TestVersion(t *testing.T) {
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/bytecodealliance/wasmtime-go/v44 v" + version + "\n"; !strings.Contains(string(mod), want) {
		t.Errorf("go.mod doesn't ask for %s", want)
	}
}
