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
	return Config{Cache: store, Wheel: wheel, Engine: e, MaxInstances: 2, Whole: true}
}

// opened is a runtime that tests share: opening one takes a second.
type opened struct {
	once    sync.Once
	runtime *Runtime
	err     error
}

var sharedWhole, sharedCore opened

// openShared gives the runtime of the whole interpreter.
func openShared(t testing.TB) *Runtime { return sharedWhole.open(t, config(t)) }

// openCore gives the runtime of its core.
func openCore(t testing.TB) *Runtime {
	c := config(t)
	c.Whole = false
	return sharedCore.open(t, c)
}

func (o *opened) open(t testing.TB, c Config) *Runtime {
	t.Helper()
	o.once.Do(func() { o.runtime, o.err = Open(context.Background(), c) })
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.runtime
}
