package wasi

import (
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/wasm"
)

const entry = "_start"

// accept holds a module to what a command is: it exports _start and imports
// nothing but functions of the guest's world.
func accept(m *wasm.Module) error {
	if m.ImportedMems+m.ImportedTables+m.ImportedGlobals > 0 {
		return errors.New("it imports a memory, a table or a global, which a command brings along")
	}
	if err := acceptImports(m); err != nil {
		return err
	}
	for _, e := range m.Exports {
		if e.Name != entry || e.Kind != wasm.KindFunc {
			continue
		}
		if t := m.TypeOf(e.Index); len(t.Params)+len(t.Results) > 0 {
			return fmt.Errorf("its %s is of type %v, not [] -> []", entry, t)
		}
		return nil
	}
	return fmt.Errorf("it exports no function %s, so it is no WASI command", entry)
}

func acceptImports(m *wasm.Module) error {
	world, err := guest.New(guest.Config{})
	if err != nil {
		return err
	}
	known := map[string]guest.Function{}
	for _, f := range world.Functions() {
		known[f.Name] = f
	}
	for i, im := range m.Imports { // functions only, so they come in the order of their indices
		f, ok := known[im.Name]
		if !ok || im.Module != guest.Module {
			return fmt.Errorf("it imports %q of %q, which is not there: there is %s", im.Name, im.Module, guest.Module)
		}
		if want := typeOf(f); !m.TypeOf(uint32(i)).Equal(want) {
			return fmt.Errorf("it imports %s as %v, which is %v", im.Name, m.TypeOf(uint32(i)), want)
		}
	}
	return nil
}

func typeOf(f guest.Function) (t wasm.FuncType) {
	for _, p := range f.Params {
		t.Params = append(t.Params, wasm.ValType(p))
	}
	for _, r := range f.Results {
		t.Results = append(t.Results, wasm.ValType(r))
	}
	return t
}
