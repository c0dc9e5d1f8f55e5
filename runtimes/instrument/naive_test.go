package instrument

import (
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm"
)

const naiveFuel = "naive"

// countNaively meters a module in the plainest way, as an oracle for the real
// one: before every operator, its cost is taken from a global. pairs says which
// global the lowering's checks read; 0 counts everything.
func countNaively(t *testing.T, bin []byte) []byte {
	t.Helper()
	m, err := wasm.Decode(bin, wasm.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	fuel := uint32(len(m.Globals))
	g := globals{added: []addedGlobal{{naiveFuel, wasm.I64, plenty}}}
	code := wasm.AppendU32(nil, uint32(len(m.Code)))
	for i := range m.Code {
		fn := m.ImportedFuncs + i
		e := emitter{src: m.Code[i].Body}
		take := func(cost func()) {
			e.opIndex(wasm.GlobalGet, fuel)
			cost()
			e.op(wasm.I64Sub)
			e.opIndex(wasm.GlobalSet, fuel)
		}
		one := func() { e.i64(1) }
		operand := uint32(len(m.TypeOf(uint32(fn)).Params) + m.Code[i].NumLocals())
		take(one)
		r := wasm.NewReader(&m.Code[i], fn, 1<<20)
		for in := (wasm.Instr{}); r.Next(&in); {
			switch in.Op.Info().Cost {
			case wasm.CostBulk, wasm.CostFarBulk:
				e.upTo(in.Start)
				if take(one); in.Op.Info().Cost == wasm.CostFarBulk {
					take(func() { e.i64(wasm.FuelFar - 1) })
				}
				e.opIndex(wasm.LocalTee, operand)
				take(func() { e.opIndex(wasm.LocalGet, operand); e.op(wasm.I64ExtendU32) })
			case wasm.CostOne:
				e.upTo(in.Start)
				take(one)
			case wasm.CostFar:
				e.upTo(in.Start)
				take(func() { e.i64(wasm.FuelFar) })
			}
			e.upTo(in.End)
		}
		runs := append(append([]wasm.LocalRun(nil), m.Code[i].Locals...), wasm.LocalRun{Count: 1, Type: wasm.I32})
		locals := wasm.AppendLocals(nil, runs)
		code = wasm.AppendU32(code, uint32(len(locals)+len(e.out)))
		code = append(append(code, locals...), e.out...)
	}
	w := wasm.NewWriter(len(bin))
	for _, id := range []wasm.SectionID{
		wasm.SecType, wasm.SecImport, wasm.SecFunction, wasm.SecTable, wasm.SecMemory, wasm.SecGlobal, wasm.SecExport,
		wasm.SecStart, wasm.SecElement, wasm.SecDataCount, wasm.SecCode, wasm.SecData,
	} {
		payload := m.Section(id)
		switch id {
		case wasm.SecGlobal:
			payload = g.appendSection(nil, m)
		case wasm.SecExport:
			payload = wasm.AppendExports(nil, append(m.Exports, wasm.Export{Name: naiveFuel, Kind: wasm.KindGlobal, Index: fuel}))
		case wasm.SecCode:
			payload = code
		}
		w.Section(id, payload)
	}
	return w.Bytes()
}
