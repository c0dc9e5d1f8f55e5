package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// tables gives every table a maximum. An element is memory of the host's, which
// the guest's limit does not cover; beyond its maximum a table refuses to grow
// on every engine alike. What may be grown is shared evenly.
func (w *rewriter) tables() []byte {
	tables := w.m.Tables[w.m.ImportedTables:]
	if !w.o.Memory || len(tables) == 0 {
		return w.m.Section(wasm.SecTable)
	}
	room := w.o.TableElements
	for _, t := range tables {
		room -= int(t.Limits.Min)
	}
	room = max(room, 0) / len(tables)
	b := wasm.AppendU32(nil, uint32(len(tables)))
	for _, t := range tables {
		most := t.Limits.Min + uint32(room)
		if t.Limits.HasMax {
			most = min(most, t.Limits.Max)
		}
		b = append(b, byte(t.Elem), 1)
		b = wasm.AppendU32(wasm.AppendU32(b, t.Limits.Min), most)
	}
	return b
}
