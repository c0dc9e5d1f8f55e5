package wazero

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine/enginetest"
)

var bg = context.Background()

// TestStubIsNeverRun: on another processor wazero looks for another file than
// the labelled one and compiles the stub, which must not be taken for the
// module.
func TestStubIsNeverRun(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(Config{Cache: store})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	compileAdd := func() {
		code, err := e.Compile(bg, enginetest.Module(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer code.Close()
		inst, err := code.New(bg, enginetest.Functions(nil, nil), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer inst.Close(bg)
		if got, err := inst.Call(bg, "add", 40, 2); err != nil || got[0] != 42 {
			t.Errorf("40 + 2 = %v, %v", got, err)
		}
	}
	compileAdd()
	box, err := e.config.box(enginetest.Module().Hash)
	if err != nil {
		t.Fatal(err)
	}
	path, err := box.Only()
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(filepath.Dir(path), "0123456789")
	if err := os.Rename(path, other); err != nil {
		t.Fatal(err)
	}
	l, err := box.Label()
	if err != nil {
		t.Fatal(err)
	}
	l.File = filepath.Base(other)
	if err := box.SetLabel(l); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Load(bg, enginetest.Module().Hash, nil); !errors.Is(err, cache.ErrMiss) {
		t.Fatalf("load under another name: %v, want a miss", err)
	}
	compileAdd()
}
