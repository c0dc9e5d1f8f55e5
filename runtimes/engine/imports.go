package engine

import (
	"fmt"
	"slices"

	"github.com/assay-dev/assay/runtimes/guest"
)

// Import is one function that a module imports.
type Import struct {
	Module, Name    string
	Params, Results []guest.ValType
}

// CheckImports refuses imports that no host function can serve. One function may
// be imported more than once, as Go's linker writes it, but as one type.
func CheckImports(imports []Import) error {
	first := map[[2]string]Import{}
	for _, im := range imports {
		id := [2]string{im.Module, im.Name}
		if f, ok := first[id]; ok && !(slices.Equal(f.Params, im.Params) && slices.Equal(f.Results, im.Results)) {
			return fmt.Errorf("%s.%s is imported as two types", im.Module, im.Name)
		}
		first[id] = im
	}
	return nil
}

// Served are the host functions behind a module's imports, in their order.
type Served []served

type served struct {
	call            func(c guest.Caller, params []uint64) (uint64, error)
	params, results []uint64 // masks
}

// Bind finds the function for each import.
func Bind(imports []Import, functions []guest.Function) (Served, error) {
	byName := make(map[[2]string]*guest.Function, len(functions))
	for i := range functions {
		f := &functions[i]
		byName[[2]string{f.Module, f.Name}] = f
	}
	out := make(Served, len(imports))
	for i, im := range imports {
		f, ok := byName[[2]string{im.Module, im.Name}]
		if !ok {
			return nil, fmt.Errorf("the module imports %s.%s, which this host doesn't have", im.Module, im.Name)
		}
		if !slices.Equal(im.Params, f.Params) || !slices.Equal(im.Results, f.Results) {
			return nil, fmt.Errorf("the module imports %s.%s with another type than this host's", im.Module, im.Name)
		}
		out[i] = served{call: f.Call, params: masks(f.Params), results: masks(f.Results)}
	}
	return out, nil
}

// masks are the bits of a word that a value of each type fills.
func masks(types []guest.ValType) []uint64 {
	out := make([]uint64, len(types))
	for i, t := range types {
		out[i] = 1<<64 - 1
		if t == guest.I32 || t == guest.F32 {
			out[i] = 1<<32 - 1
		}
	}
	return out
}
