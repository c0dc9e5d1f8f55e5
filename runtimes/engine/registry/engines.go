package registry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/wazero"
)

// Names of the engines. Wazero is the default: pure Go, built in everywhere.
const (
	Wazero   = "wazero"
	Wasmtime = "wasmtime"
)

// names lists every engine there is, the default first.
func names() []string { return []string{Wazero, Wasmtime} }

// builtIn has those of this program.
var builtIn = map[string]func(cache.Store) (engine.Engine, error){
	Wazero: func(store cache.Store) (engine.Engine, error) { return wazero.New(wazero.Config{Cache: store}) },
}

// BuiltIn lists the engines of this program, the default first.
func BuiltIn() []string {
	return slices.DeleteFunc(names(), func(name string) bool { return builtIn[name] == nil })
}

// New makes the engine of that name, the default where it is "". Compiled code
// is kept in the store, which may be nil.
func New(name string, store cache.Store) (engine.Engine, error) {
	if err := Check(name); err != nil {
		return nil, err
	}
	if name == "" {
		name = Wazero
	}
	return builtIn[name](store)
}

// Check says why there is no engine of that name here.
func Check(name string) error {
	switch {
	case name == "" || builtIn[name] != nil:
		return nil
	case !slices.Contains(names(), name):
		return fmt.Errorf("there is no engine %q: the engines are %s", name, strings.Join(names(), " and "))
	}
	return fmt.Errorf("the engine %s is not built into this assay: build it on Linux with a C compiler and CGO_ENABLED=1 by: go build -tags %s ./cmd/assay", name, name)
}
