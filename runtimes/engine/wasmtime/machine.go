//go:build wasmtime && cgo && linux

package wasmtime

// #cgo noescape global_get
// #cgo nocallback global_get
// #cgo noescape global_set
// #cgo nocallback global_set
// #cgo noescape wasmtime_memory_data_size
// #cgo nocallback wasmtime_memory_data_size
// #include "guest.h"
import "C"

import (
	"context"
	"fmt"
	"runtime/cgo"
	"unsafe"

	wt "github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/assay-dev/assay/runtimes/engine"
)

// machine is one instance of wasmtime's, alone in its store.
type machine struct {
	code     *Code
	handle   cgo.Handle // of this machine, for C
	store    *wt.Store
	instance *wt.Instance
	context  *C.wasmtime_context_t
	guest    *engine.Guest // which serves the host calls

	memory    *C.wasmtime_memory_t // nil where there is none
	base      *byte                // of the memory, which never moves
	functions map[string]*function
}

// function is an export that can be called.
type function struct {
	c               C.wasmtime_func_t
	params, results []wt.ValKind
}

var _ engine.Machine = (*machine)(nil)

func newMachine(c *Code, pages uint32) (*machine, error) {
	m := &machine{code: c, functions: map[string]*function{}}
	m.store = wt.NewStore(c.engine)
	m.handle = cgo.NewHandle(m)
	m.context = (*C.wasmtime_context_t)(unsafe.Pointer(m.store.Context()))
	err := m.start(c, pages)
	if err != nil {
		_ = m.Close(context.Background())
		return nil, err
	}
	return m, nil
}

func (m *machine) start(c *Code, pages uint32) (err error) {
	if m.instance, err = c.linker.Instantiate(m.store, c.module); err != nil || c.about.Memory == "" {
		return err
	}
	export := m.instance.GetExport(m.store, c.about.Memory)
	if export == nil || export.Memory() == nil {
		return fmt.Errorf("no memory is exported as %q", c.about.Memory)
	}
	memory := export.Memory()
	if has := memory.Size(m.store); has < uint64(pages) {
		if _, err := memory.Grow(m.store, uint64(pages)-has); err != nil {
			return fmt.Errorf("memory of %d pages: %w", pages, err)
		}
	}
	raw := memory.AsExtern()
	m.memory = (*C.wasmtime_memory_t)(unsafe.Pointer(&externOf(unsafe.Pointer(&raw)).of))
	m.base = (*byte)(C.wasmtime_memory_data(m.context, m.memory))
	return nil
}

// externOf is wasmtime-go's extern, whose type is the same in C.
func externOf(raw unsafe.Pointer) *C.wasmtime_extern_t {
	out := *(*C.wasmtime_extern_t)(raw)
	return &out
}

func (m *machine) Memory() []byte {
	if m.memory == nil {
		return nil
	}
	return unsafe.Slice(m.base, C.wasmtime_memory_data_size(m.context, m.memory))
}

// global is a global of the machine's.
type global struct {
	m    *machine
	c    C.wasmtime_global_t
	kind C.uint8_t
}

func (m *machine) Global(name string) engine.Global {
	export := m.instance.GetExport(m.store, name)
	if export == nil || export.Global() == nil {
		return nil
	}
	t := export.Global().Type(m.store)
	kind := t.Content().Kind()
	if !t.Mutable() || kind > wt.KindF64 {
		return nil
	}
	raw := export.Global().AsExtern()
	return &global{m, *(*C.wasmtime_global_t)(unsafe.Pointer(&externOf(unsafe.Pointer(&raw)).of)), C.uint8_t(kind)}
}

func (g *global) Get() uint64  { return uint64(C.global_get(g.m.context, &g.c)) }
func (g *global) Set(v uint64) { C.global_set(g.m.context, &g.c, g.kind, C.uint64_t(v)) }

func (m *machine) Close(context.Context) error {
	m.handle.Delete()
	m.store.Close()
	return nil
}
