//go:build wasmtime && cgo && linux

package wasmtime

// #include <stdlib.h>
// #include "guest.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	wt "github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Code is a compiled module with its host functions: they are linked once, and
// find the machine whose guest called by the thread that it runs in.
type Code struct {
	*compiled
	engine  *wt.Engine
	linker  *wt.Linker
	imports []engine.Import

	closeOnce sync.Once
}

func newCode(e *wt.Engine, out *compiled) (*Code, error) {
	c := &Code{compiled: out, engine: e, linker: wt.NewLinker(e)}
	if err := c.link(); err != nil {
		return nil, errors.Join(fmt.Errorf("bind the module's imports: %w", err), c.Close())
	}
	return c, nil
}

// link gives the linker a function for each import.
func (c *Code) link() error {
	for n, im := range c.module.Imports() {
		name := ""
		if im.Name() != nil {
			name = *im.Name()
		}
		ft := im.Type().FuncType()
		if ft == nil {
			return fmt.Errorf("%s.%s is no function", im.Module(), name)
		}
		params, err1 := valTypes(ft.Params())
		results, err2 := valTypes(ft.Results())
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s.%s: %w", im.Module(), name, err)
		}
		again := slices.ContainsFunc(c.imports, func(i engine.Import) bool { return i.Module == im.Module() && i.Name == name })
		c.imports = append(c.imports, engine.Import{Module: im.Module(), Name: name, Params: params, Results: results})
		if err := engine.CheckImports(c.imports); err != nil {
			return err
		}
		if again { // the linker knows it, and refuses to be told twice
			continue
		}
		if err := c.define(n, ft); err != nil {
			return fmt.Errorf("%s.%s: %w", im.Module(), name, err)
		}
	}
	return nil
}

// define gives the linker the n-th import.
func (c *Code) define(n int, t *wt.FuncType) error {
	module, name := C.CString(c.imports[n].Module), C.CString(c.imports[n].Name)
	defer C.free(unsafe.Pointer(module))
	defer C.free(unsafe.Pointer(name))
	failed := C.host_define((*C.wasmtime_linker_t)(pointer(unsafe.Pointer(c.linker))), module, name,
		(*C.wasm_functype_t)(pointer(unsafe.Pointer(t))), C.uintptr_t(n))
	runtime.KeepAlive(t)
	if failed != nil {
		C.wasmtime_error_delete(failed)
		return errors.New("wasmtime can't define it")
	}
	return nil
}

func valTypes(types []*wt.ValType) ([]guest.ValType, error) {
	words := map[wt.ValKind]guest.ValType{wt.KindI32: guest.I32, wt.KindI64: guest.I64, wt.KindF32: guest.F32, wt.KindF64: guest.F64}
	out := make([]guest.ValType, len(types))
	for i, t := range types {
		word, ok := words[t.Kind()]
		if !ok {
			return nil, fmt.Errorf("no host function has a value of type %s", t)
		}
		out[i] = word
	}
	return out, nil
}

// Module is what was compiled, without its Code.
func (c *Code) Module() *instrument.Module { return c.about }

// Close releases the code; instances must be closed before.
func (c *Code) Close() error {
	c.closeOnce.Do(func() {
		c.linker.Close()
		c.module.Close()
	})
	return nil
}

// New makes an instance.
func (c *Code) New(_ context.Context, imports []guest.Function, pages uint32) (engine.Instance, error) {
	served, err := engine.Bind(c.imports, imports)
	if err != nil {
		return nil, err
	}
	m, err := newMachine(c, pages)
	if err != nil {
		return nil, fmt.Errorf("instantiate: %w", err)
	}
	m.guest, err = engine.NewGuest(m, c.about, served)
	if err != nil {
		return nil, err
	}
	return m.guest, nil
}
