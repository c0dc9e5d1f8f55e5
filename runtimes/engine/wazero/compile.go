package wazero

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/codecache"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// compiled is one module in a runtime of its own, so that the host modules of
// different modules don't meet.
type compiled struct {
	runtime wz.Runtime
	cache   wz.CompilationCache // nil without one
	module  wz.CompiledModule
	about   *instrument.Module // without Code
}

func (c *compiled) Close(ctx context.Context) error {
	err := c.runtime.Close(ctx)
	if c.module != nil {
		err = errors.Join(err, c.module.Close(ctx))
	}
	if c.cache != nil {
		err = errors.Join(err, c.cache.Close(ctx))
	}
	return err
}

// bytesPerSecond is what a goroutine compiles on an ordinary core.
const bytesPerSecond = 1.75e6

// compilation is one call of Compile.
type compilation struct {
	config Config
	module *instrument.Module
	tell   progress.Func
}

// Load takes code and segments together.
func (c *compilation) Load(ctx context.Context, box *codecache.Box) (*compiled, error) {
	out, err := c.config.load(ctx, box, c.tell)
	if err != nil {
		return nil, err
	}
	out.about = c.module.WithoutCode()
	return out, nil
}

// Pack files the code in the box under the stub.
func (c *compilation) Pack(ctx context.Context, box *codecache.Box, _ *compiled) error {
	code, err := box.Only()
	if err != nil {
		return err
	}
	stub, functions, err := stub(c.module.Code)
	if err != nil {
		return err
	}
	aside := box.Dir + ".code"
	if err := os.Rename(code, aside); err != nil {
		return err
	}
	defer os.Remove(aside)
	named, err := c.config.compile(ctx, stub, box.Dir) // only for the name of the file
	if err != nil {
		return err
	}
	if err := named.Close(ctx); err != nil {
		return err
	}
	name, err := box.Only()
	if err != nil {
		return err
	}
	if err := os.Rename(aside, name); err != nil {
		return err
	}
	// wazero's head: a few words, then 8 bytes per function and a length.
	l, err := box.Describe(c.module, int64(functions)*8+4096, stub)
	if err != nil {
		return err
	}
	return box.SetLabel(l)
}

// Compile compiles, with the memory for it kept low: at most 4 GB for CPython.
func (c *compilation) Compile(ctx context.Context, box *codecache.Box) (*compiled, error) {
	dir := ""
	if box != nil {
		dir = box.Dir
	}
	defer collector.compiling()()
	defer codecache.Ticking(c.tell, len(c.module.Code), bytesPerSecond*c.config.Workers)()
	out, err := c.config.compile(ctx, c.module.Code, dir)
	if err != nil {
		return nil, err
	}
	out.about = c.module.WithoutCode()
	return out, nil
}

// load takes code from a box; nothing of it has run when it turns out damaged.
// Had wazero looked for another file than the one that was checked, it would
// have compiled the stub and put it there.
func (c Config) load(ctx context.Context, box *codecache.Box, tell progress.Func) (*compiled, error) {
	l, file, err := box.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	tell.Stage(engine.StageLoad, 0, 0)
	sound := make(chan error, 1)
	go func() { sound <- l.Seal.Check(file) }()
	out, err := c.compile(ctx, l.Stub, box.Dir)
	if err = errors.Join(err, <-sound); err == nil {
		err = box.Still(file)
	}
	if err != nil {
		if out != nil {
			err = errors.Join(err, out.Close(ctx))
		}
		return nil, err
	}
	out.about = l.Module()
	return out, nil
}

// compile has wazero compile a binary, with its cache in dir unless that is "".
func (c Config) compile(ctx context.Context, binary []byte, dir string) (*compiled, error) {
	out := &compiled{}
	config := runtimeConfig()
	if dir != "" {
		cc, err := wz.NewCompilationCacheWithDir(dir)
		if err != nil {
			return c.compile(ctx, binary, "")
		}
		out.cache = cc
		config = config.WithCompilationCache(cc)
	}
	ctx = experimental.WithCompilationWorkers(ctx, c.Workers)
	out.runtime = wz.NewRuntimeWithConfig(ctx, config)
	module, err := out.runtime.CompileModule(ctx, binary)
	if err != nil && dir != "" && ctx.Err() == nil {
		// When only writing the file failed, the code is in memory, and asking
		// again finds it there.
		module, err = out.runtime.CompileModule(ctx, binary)
	}
	if err != nil {
		return nil, errors.Join(err, out.Close(ctx))
	}
	out.module = module
	return out, nil
}

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

const (
	customSection = 0
	codeSection   = 10
)

// stub is the module with every function body replaced by a trap, and without
// custom sections: all that instantiating needs. wazero reads and validates a
// module whole even when its code comes from the cache, which for CPython is
// most of a second of the start; a stub takes a tenth of that. The code that
// is cached under the stub is the code of the whole module: the functions,
// types, imports and everything else that code refers to are the same.
func stub(module []byte) (out []byte, functions int, err error) {
	const preamble = 8
	if len(module) < preamble {
		return nil, 0, errors.New("module shorter than its preamble")
	}
	out = append(out, module[:preamble]...)
	for rest := module[preamble:]; len(rest) > 0; {
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || size > uint64(len(rest)-1-n) {
			return nil, 0, fmt.Errorf("section %d is cut short", rest[0])
		}
		whole := rest[:1+n+int(size)]
		switch rest[0] {
		case customSection:
		case codeSection:
			count, n := binary.Uvarint(whole[1+n:])
			if n <= 0 || count > size {
				return nil, 0, errors.New("code section without a count")
			}
			functions = int(count)
			out = appendTraps(out, functions)
		default:
			out = append(out, whole...)
		}
		rest = rest[len(whole):]
	}
	return out, functions, nil
}

// appendTraps appends a code section of n functions that trap.
func appendTraps(out []byte, n int) []byte {
	trap := []byte{3, 0, 0x00, 0x0b} // size, no locals, unreachable, end
	content := binary.AppendUvarint(nil, uint64(n))
	content = append(content, bytes.Repeat(trap, n)...)
	out = append(out, codeSection)
	out = binary.AppendUvarint(out, uint64(len(content)))
	return append(out, content...)
}
