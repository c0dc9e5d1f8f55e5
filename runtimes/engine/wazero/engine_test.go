package wazero

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

// TestVersion: code in the cache is kept by this version.
func TestVersion(t *testing.T) {
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/tetratelabs/wazero v" + version; !strings.Contains(string(mod), want+" ") && !strings.Contains(string(mod), want+"\n") {
		t.Errorf("go.mod doesn't ask for %s", want)
	}
}
