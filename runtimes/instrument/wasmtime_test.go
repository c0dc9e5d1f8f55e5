//go:build wasmtime

package instrument

import (
	"errors"
	"hash/maphash"
	"math"
	"strings"
	"testing"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

func init() {
	second = func(t *testing.T) *secondEngine {
		return &secondEngine{
			plain:  newWasmtime(t, wasmtime.NewConfig(), false),
			oracle: newWasmtime(t, wasmtest.Wasmtime(), true),
		}
	}
}

func hostSee(a float32, b float64) int64 {
	return int64(seeBits(math.Float32bits(a), math.Float64bits(b)))
}

// wasmtimeEngine is wasmtime with one configuration.
type wasmtimeEngine struct {
	engine *wasmtime.Engine
	linker *wasmtime.Linker
	fuel   bool
}

func newWasmtime(t *testing.T, cfg *wasmtime.Config, fuel bool) *wasmtimeEngine {
	t.Helper()
	e := &wasmtimeEngine{engine: wasmtime.NewEngineWithConfig(cfg), fuel: fuel}
	e.linker = wasmtime.NewLinker(e.engine)
	err := errors.Join(e.linker.FuncWrap("env", "host", hostHost), e.linker.FuncWrap("env", "see", hostSee))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

type wasmtimeProgram struct {
	*wasmtimeEngine
	module *wasmtime.Module
}

func (e *wasmtimeEngine) compile(t *testing.T, bin []byte) program {
	t.Helper()
	m, err := wasmtime.NewModule(e.engine, bin)
	if err != nil {
		t.Fatal(err)
	}
	return &wasmtimeProgram{e, m}
}

func (p *wasmtimeProgram) close() { p.module.Close() }

func (p *wasmtimeProgram) run(t *testing.T, s setup, args []uint64) outcome {
	t.Helper()
	store := wasmtime.NewStore(p.engine)
	defer store.Close()
	p.refuel(t, store) // making the instance takes some
	instance, err := p.linker.Instantiate(store, p.module)
	if err != nil {
		t.Fatal(err)
	}
	memory := instance.GetExport(store, "memory").Memory()
	for _, segment := range s.segments {
		copy(memory.UnsafeData(store)[segment.Offset:], segment.Data)
	}
	if s.start != "" {
		if _, err := instance.GetFunc(store, s.start).Call(store); err != nil {
			t.Fatal(err)
		}
	}
	for name, v := range s.globals {
		if err := instance.GetExport(store, name).Global().Set(store, toWasmtime(name, v)); err != nil {
			t.Fatal(err)
		}
	}
	p.refuel(t, store)
	o := outcome{globals: map[string]uint64{}}
	result, err := instance.GetFunc(store, "main").Call(store, int32(args[0]), int64(args[1]), math.Float64frombits(args[2]))
	if err != nil {
		o.trap = wasmtimeWords(err)
	} else {
		o.results = []uint64{uint64(result.(int64))}
	}
	if p.fuel {
		left, err := store.GetFuel()
		if err != nil {
			t.Fatal(err)
		}
		o.fuel = plenty - left
	}
	o.pages, o.memory = uint64(memory.Size(store)), maphash.Bytes(memorySeed, memory.UnsafeData(store))
	for _, name := range observedGlobals {
		if g := instance.GetExport(store, name); g != nil {
			o.globals[name] = fromWasmtime(g.Global().Get(store))
		}
	}
	o.uncaught()
	return o
}

func (p *wasmtimeProgram) refuel(t *testing.T, store *wasmtime.Store) {
	if !p.fuel {
		return
	}
	if err := store.SetFuel(plenty); err != nil {
		t.Fatal(err)
	}
}

// toWasmtime makes a value for one of the globals that the rewriting exports.
func toWasmtime(name string, v uint64) wasmtime.Val {
	if name == ExportMemLimit {
		return wasmtime.ValI32(int32(v))
	}
	return wasmtime.ValI64(int64(v))
}

func fromWasmtime(v wasmtime.Val) uint64 {
	switch v.Kind() {
	case wasmtime.KindI32:
		return uint64(uint32(v.I32()))
	case wasmtime.KindF32:
		return uint64(math.Float32bits(v.F32()))
	case wasmtime.KindF64:
		return math.Float64bits(v.F64())
	}
	return uint64(v.I64())
}

// wasmtimeWords are a trap in wazero's words.
func wasmtimeWords(err error) string {
	var trap *wasmtime.Trap
	if errors.As(err, &trap) {
		if code := trap.Code(); code != nil {
			if words, ok := trapWords[*code]; ok {
				return words
			}
		}
	}
	for part, words := range map[string]string{"thrown Wasm exception": "thrown", "null reference": "unreachable"} {
		if strings.Contains(err.Error(), part) {
			return words
		}
	}
	return err.Error()
}

var trapWords = map[wasmtime.TrapCode]string{
	wasmtime.MemoryOutOfBounds:      "out of bounds memory access",
	wasmtime.TableOutOfBounds:       "invalid table access",
	wasmtime.IndirectCallToNull:     "invalid table access",
	wasmtime.BadSignature:           "indirect call type mismatch",
	wasmtime.IntegerOverflow:        "integer overflow",
	wasmtime.IntegerDivisionByZero:  "integer divide by zero",
	wasmtime.BadConversionToInteger: "invalid conversion to integer",
	wasmtime.UnreachableCodeReached: "unreachable",
	wasmtime.StackOverflow:          "stack overflow",
}
