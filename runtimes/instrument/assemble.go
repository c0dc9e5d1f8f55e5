package instrument

import (
	"fmt"
	"math"
	"strconv"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// code writes the payload of the code section.
func (w *rewriter) code() ([]byte, error) {
	m := w.m
	if len(m.Code) == 0 {
		return nil, nil
	}
	size := len(m.Section(wasm.SecCode))
	if w.core != nil {
		size /= 8
	}
	code := wasm.AppendU32(make([]byte, 0, size+size/2), uint32(len(m.Code)))
	for fn := m.ImportedFuncs; fn < len(m.Funcs); fn++ {
		if w.core != nil && !w.core.Has(fn) {
			code = w.missing(fn, code)
			continue
		}
		var err error
		if code, err = w.function(fn, code); err != nil {
			return nil, err
		}
		if len(code) > w.o.OutputBytes {
			return nil, &wasm.Error{Kind: wasm.ErrTooMuch, Func: fn, Text: fmt.Sprintf("more than %d bytes of rewritten code", w.o.OutputBytes)}
		}
	}
	return code, nil
}

// missing appends a function outside of the core.
func (w *rewriter) missing(fn int, code []byte) []byte {
	body := []byte{0, byte(wasm.I32Const)} // no locals
	body = wasm.AppendS64(body, MemMissing|int64(fn)<<missingShift)
	body = wasm.AppendU32(append(body, byte(wasm.GlobalSet)), w.g.memRefused)
	body = append(body, byte(wasm.Unreachable), byte(wasm.End))
	return append(wasm.AppendU32(code, uint32(len(body))), body...)
}

// exports are the module's own and what a host needs; it notes them in out.
func (w *rewriter) exports(out *Module) []wasm.Export {
	m := w.m
	exports := append([]wasm.Export(nil), m.Exports...)
	add := func(name string, kind wasm.ExternKind, index uint32) {
		exports = append(exports, wasm.Export{Name: name, Kind: kind, Index: index})
	}
	for i, g := range w.g.added {
		add(g.name, wasm.KindGlobal, uint32(len(m.Globals)+i))
	}
	if !w.o.State {
		return exports
	}
	for i := m.ImportedGlobals; i < len(m.Globals); i++ {
		if m.Globals[i].Mutable {
			name := ExportGlobal + strconv.Itoa(i)
			add(name, wasm.KindGlobal, uint32(i))
			out.Globals = append(out.Globals, name)
		}
	}
	if m.Start >= 0 {
		out.Start = ExportStart
		add(ExportStart, wasm.KindFunc, uint32(m.Start))
	}
	if len(m.Memories) > 0 {
		if out.Memory = memoryName(m); out.Memory == "" {
			out.Memory = exportMemory
			add(exportMemory, wasm.KindMemory, 0)
		}
	}
	return exports
}

func memoryName(m *wasm.Module) string {
	for _, e := range m.Exports {
		if e.Kind == wasm.KindMemory {
			return e.Name
		}
	}
	return ""
}

// data takes the active segments out. An empty passive one stays in the place
// of each, which is what an active one is once it was used.
func (w *rewriter) data() ([]byte, []Segment) {
	m := w.m
	if !w.o.State || m.Section(wasm.SecData) == nil {
		return m.Section(wasm.SecData), nil
	}
	var segments []Segment
	b := wasm.AppendU32(nil, uint32(len(m.Data)))
	for _, s := range m.Data {
		content := s.Bytes
		if s.Mode == wasm.Active {
			segments = append(segments, Segment{Offset: uint32(s.Offset.Value), Data: s.Bytes})
			content = nil
		}
		b = append(wasm.AppendU32(append(b, 1), uint32(len(content))), content...)
	}
	return b, segments
}

// assemble puts the sections together.
func (w *rewriter) assemble(code []byte, exports []wasm.Export, data []byte) []byte {
	m := w.m
	out := wasm.NewWriter(len(code) + len(m.Section(wasm.SecElement)) + len(data) + 1<<16)
	out.Section(wasm.SecType, wasm.AppendTypes(nil, w.types.types))
	out.Section(wasm.SecImport, m.Section(wasm.SecImport))
	out.Section(wasm.SecFunction, m.Section(wasm.SecFunction))
	out.Section(wasm.SecTable, w.tables())
	out.Section(wasm.SecMemory, m.Section(wasm.SecMemory))
	out.Section(wasm.SecGlobal, w.g.appendSection(nil, m))
	out.Section(wasm.SecExport, wasm.AppendExports(nil, exports))
	if !w.o.State {
		out.Section(wasm.SecStart, m.Section(wasm.SecStart))
	}
	out.Section(wasm.SecElement, m.Section(wasm.SecElement))
	if data != nil {
		out.Section(wasm.SecDataCount, wasm.AppendU32(nil, uint32(len(m.Data))))
	}
	out.Section(wasm.SecCode, code)
	out.Section(wasm.SecData, data)
	return out.Bytes()
}

// globals are the indices of the globals that the rewriting adds.
type globals struct {
	fuel, stop, depth    uint32
	tag, payload         uint32
	memLimit, memRefused uint32

	added []addedGlobal
}

type addedGlobal struct {
	name    string
	t       wasm.ValType
	initial int64
}

// newGlobals lays the added globals out behind the module's own: all of them,
// whatever the Options, so that hosts find what they look for. Meters begin
// full, for hosts that never set them.
func newGlobals(m *wasm.Module) globals {
	var g globals
	add := func(name string, t wasm.ValType, initial int64) uint32 {
		g.added = append(g.added, addedGlobal{name, t, initial})
		return uint32(len(m.Globals) + len(g.added) - 1)
	}
	const full = 1<<63 - 1
	g.fuel = add(ExportFuel, wasm.I64, full)
	g.stop = add(ExportStop, wasm.I64, 0)
	g.depth = add(ExportDepth, wasm.I64, full)
	g.tag = add(ExportTag, wasm.I32, 0)
	g.payload = add(ExportPayload, wasm.I32, 0)
	g.memLimit = add(ExportMemLimit, wasm.I32, 65536)
	g.memRefused = add(ExportMemRefused, wasm.I32, 0)
	return g
}

// appendSection appends the payload of the global section: the module's own
// globals as they are, then the added ones.
func (g *globals) appendSection(b []byte, m *wasm.Module) []byte {
	own := len(m.Globals) - m.ImportedGlobals
	b = wasm.AppendU32(b, uint32(own+len(g.added)))
	b = append(b, items(m.Section(wasm.SecGlobal))...)
	for _, a := range g.added {
		b = append(b, byte(a.t), 1)
		if a.t == wasm.I32 {
			b = append(b, byte(wasm.I32Const))
		} else {
			b = append(b, byte(wasm.I64Const))
		}
		b = append(wasm.AppendS64(b, a.initial), byte(wasm.End))
	}
	return b
}

// items is a section's payload without its count.
func items(payload []byte) []byte {
	for i, c := range payload {
		if c < 0x80 {
			return payload[i+1:]
		}
	}
	return nil
}

// tables gives every table a maximum. An element is memory of the host's, which
// the guest's limit does not cover; beyond its maximum a table refuses to grow
// on every engine alike. What may be grown is shared evenly.
func (w *rewriter) tables() []byte {
	tables := w.m.Tables[w.m.ImportedTables:]
	if !w.o.Memory || len(tables) == 0 {
		return w.m.Section(wasm.SecTable)
	}
	b := wasm.AppendU32(nil, uint32(len(tables)))
	for i, t := range tables {
		b = append(b, byte(t.Elem), 1)
		b = wasm.AppendU32(wasm.AppendU32(b, t.Limits.Min), w.mostElements(uint32(w.m.ImportedTables+i)))
	}
	return b
}

// mostElements is how far a table may grow; one from outside says so itself.
func (w *rewriter) mostElements(table uint32) uint32 {
	t := w.m.Tables[table].Limits
	most := uint32(math.MaxUint32)
	if int(table) >= w.m.ImportedTables {
		tables := w.m.Tables[w.m.ImportedTables:]
		room := w.o.TableElements
		for _, t := range tables {
			room -= int(t.Limits.Min)
		}
		most = t.Min + uint32(max(room, 0)/len(tables))
	}
	if t.HasMax {
		most = min(most, t.Max)
	}
	return most
}
