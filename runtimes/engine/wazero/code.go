package wazero

import (
	"context"
	"errors"
	"fmt"
	"sync"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Code is a compiled module with its host modules: they are bound once, and
// find the machine that called in the context of the call.
type Code struct {
	module   *instrument.Module
	compiled *compiled
	imports  []engine.Import

	minMemory, maxMemory uint64 // bytes

	closeOnce sync.Once
	closeErr  error
}

func newCode(ctx context.Context, c *compiled) (*Code, error) {
	m := c.about
	code := &Code{module: m, compiled: c}
	if len(c.module.ImportedMemories()) > 0 {
		return nil, errors.New("the module imports its memory")
	}
	for _, def := range c.module.ImportedFunctions() {
		module, name, _ := def.Import()
		code.imports = append(code.imports, engine.Import{Module: module, Name: name,
			Params: valTypes(def.ParamTypes()), Results: valTypes(def.ResultTypes())})
	}
	if err := engine.CheckImports(code.imports); err != nil {
		return nil, err
	}
	if m.Memory != "" {
		def, ok := c.module.ExportedMemories()[m.Memory]
		if !ok {
			return nil, fmt.Errorf("no memory is exported as %q", m.Memory)
		}
		code.minMemory = uint64(def.Min()) * engine.PageSize
		code.maxMemory = 65536 * engine.PageSize
		if most, ok := def.Max(); ok {
			code.maxMemory = uint64(most) * engine.PageSize
		}
	}
	return code, code.bindHost(ctx)
}

// valTypes are the same bytes in wazero's words and in ours.
func valTypes(types []api.ValueType) []guest.ValType {
	out := make([]guest.ValType, len(types))
	for i, t := range types {
		out[i] = guest.ValType(t)
	}
	return out
}

// bindHost makes one host module per imported name.
func (c *Code) bindHost(ctx context.Context) error {
	builders := map[string]wz.HostModuleBuilder{}
	bound := map[[2]string]bool{}
	for n, im := range c.imports {
		if id := [2]string{im.Module, im.Name}; bound[id] {
			continue // imported again
		} else {
			bound[id] = true
		}
		if builders[im.Module] == nil {
			builders[im.Module] = c.compiled.runtime.NewHostModuleBuilder(im.Module)
		}
		def := c.compiled.module.ImportedFunctions()[n]
		builders[im.Module].NewFunctionBuilder().
			WithGoModuleFunction(hostCall(n), def.ParamTypes(), def.ResultTypes()).
			Export(im.Name)
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
	c.closeOnce.Do(func() { c.closeErr = c.compiled.Close(context.Background()) })
	return c.closeErr
}

// New makes an instance.
func (c *Code) New(ctx context.Context, imports []guest.Function, pages uint32) (engine.Instance, error) {
	served, err := engine.Bind(c.imports, imports)
	if err != nil {
		return nil, err
	}
	memory := &linear{}
	if c.module.Memory != "" {
		memory, err = newLinear(max(c.minMemory, uint64(pages)*engine.PageSize), c.maxMemory)
		if err != nil {
			return nil, fmt.Errorf("memory of a new instance: %w", err)
		}
		ctx = experimental.WithMemoryAllocator(ctx, allocator{memory})
	}
	mod, err := c.compiled.runtime.InstantiateModule(ctx, c.compiled.module,
		wz.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		memory.Free()
		return nil, fmt.Errorf("instantiate: %w", err)
	}
	m := newMachine(mod, c.module)
	m.guest, err = engine.NewGuest(m, c.module, served)
	if err != nil {
		return nil, err
	}
	return m.guest, nil
}
