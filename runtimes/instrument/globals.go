package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

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
