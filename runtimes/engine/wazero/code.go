package wazero

import (
	"context"
	"errors"
	"fmt"
	"sync"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"assay/runtimes/engine"
	"assay/runtimes/guest"
	"assay/runtimes/instrument"
)

const pageSize = 64 << 10

// Code is a compiled module with its host modules: they are bound once, and
// find the instance that called in the context of the call.
type Code struct {
	module   *instrument.Module
	compiled *compiled
	imports  []importSlot

	minMemory, maxMemory uint64 // bytes

	closeOnce sync.Once
	closeErr  error
}

// importSlot is one function that the module imports.
type importSlot struct {
	module, name    string
	params, results []api.ValueType
}

func newCode(ctx context.Context, c *compiled) (*Code, error) {
	m := c.about
	code := &Code{module: m, compiled: c}
	if len(c.module.ImportedMemories()) > 0 {
		return nil, errors.New("the module imports its memory")
	}
	for _, def := range c.module.ImportedFunctions() {
		module, name, _ := def.Import()
		code.imports = append(code.imports, importSlot{module, name, def.ParamTypes(), def.ResultTypes()})
	}
	if m.Memory != "" {
		def, ok := c.module.ExportedMemories()[m.Memory]
		if !ok {
			return nil, fmt.Errorf("no memory is exported as %q", m.Memory)
		}
		code.minMemory = uint64(def.Min()) * pageSize
		code.maxMemory = 65536 * pageSize
		if most, ok := def.Max(); ok {
			code.maxMemory = uint64(most) * pageSize
		}
	}
	return code, code.bindHost(ctx)
}

// bindHost makes one host module per imported name.
func (c *Code) bindHost(ctx context.Context) error {
	builders := map[string]wz.HostModuleBuilder{}
	seen := map[[2]string]bool{}
	for n, s := range c.imports {
		if id := [2]string{s.module, s.name}; seen[id] {
			return fmt.Errorf("%s.%s is imported twice", s.module, s.name)
		} else {
			seen[id] = true
		}
		if builders[s.module] == nil {
			builders[s.module] = c.compiled.runtime.NewHostModuleBuilder(s.module)
		}
		builders[s.module].NewFunctionBuilder().
			WithGoModuleFunction(hostCall(n), s.params, s.results).
			Export(s.name)
	}
	for name, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("host module %q: %w", name, err)
		}
	}
	return nil
}

// Module is what was compiled, without its Code.
func (c *Code) Module() *instrument.Module { return c.module }

// Close releases the code; instances must be closed before.
func (c *Code) Close() error {
	c.closeOnce.Do(func() { c.closeErr = c.compiled.close(context.Background()) })
	return c.closeErr
}

// New makes an instance.
func (c *Code) New(ctx context.Context, imports []guest.Function, maker engine.MemoryMaker) (engine.Instance, error) {
	bound, err := c.match(imports)
	if err != nil {
		return nil, err
	}
	free := func() {}
	if maker != nil && c.module.Memory != "" {
		memory, err := maker.Make(c.minMemory, c.maxMemory)
		if err != nil {
			return nil, fmt.Errorf("memory of a new instance: %w", err)
		}
		if uint64(len(memory.Grow(c.minMemory))) < c.minMemory {
			memory.Free()
			return nil, fmt.Errorf("memory of a new instance: no room for %d bytes", c.minMemory)
		}
		free = memory.Free
		ctx = experimental.WithMemoryAllocator(ctx, allocator{memory})
	}
	mod, err := c.compiled.runtime.InstantiateModule(ctx, c.compiled.module,
		wz.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		free()
		return nil, fmt.Errorf("instantiate: %w", err)
	}
	return newInstance(c, mod, bound)
}

// match finds the function for each import.
func (c *Code) match(functions []guest.Function) ([]boundImport, error) {
	byName := make(map[[2]string]*guest.Function, len(functions))
	for i := range functions {
		f := &functions[i]
		byName[[2]string{f.Module, f.Name}] = f
	}
	bound := make([]boundImport, len(c.imports))
	for i, s := range c.imports {
		f, ok := byName[[2]string{s.module, s.name}]
		if !ok {
			return nil, fmt.Errorf("the module imports %s.%s, which this host doesn't have", s.module, s.name)
		}
		if !sameTypes(s.params, f.Params) || !sameTypes(s.results, f.Results) {
			return nil, fmt.Errorf("the module imports %s.%s with another type than this host's", s.module, s.name)
		}
		bound[i] = boundImport{call: f.Call, params: masks(f.Params), results: masks(f.Results)}
	}
	return bound, nil
}

func sameTypes(a []api.ValueType, b []guest.ValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if byte(a[i]) != byte(b[i]) {
			return false
		}
	}
	return true
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

// allocator hands wazero a memory made beforehand.
type allocator struct{ memory engine.LinearMemory }

func (a allocator) Allocate(_, _ uint64) experimental.LinearMemory { return linear(a) }

type linear struct{ memory engine.LinearMemory }

func (l linear) Reallocate(size uint64) []byte { return l.memory.Grow(size) }
func (l linear) Free()                         { l.memory.Free() }
