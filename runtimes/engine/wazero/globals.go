package wazero

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"assay/runtimes/instrument"
)

// global is one of the globals that the rewriting added. A module without the
// pass that needs it lacks it: then it reads as fixed and can't be set.
type global struct {
	api.MutableGlobal
	fixed uint64
}

func (g global) get() uint64 {
	if g.MutableGlobal == nil {
		return g.fixed
	}
	return g.Get()
}

func (g global) set(v uint64) {
	if g.MutableGlobal != nil {
		g.Set(v)
	}
}

// globals are those of one instance.
type globals struct {
	fuel, stop, depth, tag, payload, limit, refused global

	state []api.MutableGlobal // the guest's own
}

func findGlobals(mod api.Module, m *instrument.Module) (globals, error) {
	find := func(name string, fixed uint64) global {
		g, _ := mod.ExportedGlobal(name).(api.MutableGlobal)
		return global{g, fixed}
	}
	const full = 1<<63 - 1
	out := globals{
		fuel:    find(instrument.ExportFuel, full),
		stop:    find(instrument.ExportStop, 0),
		depth:   find(instrument.ExportDepth, full),
		tag:     find(instrument.ExportTag, 0),
		payload: find(instrument.ExportPayload, 0),
		limit:   find(instrument.ExportMemLimit, 0),
		refused: find(instrument.ExportMemRefused, 0),
	}
	for _, name := range m.Globals {
		g, ok := mod.ExportedGlobal(name).(api.MutableGlobal)
		if !ok {
			return out, fmt.Errorf("no mutable global is exported as %q", name)
		}
		switch g.Type() {
		case api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF32, api.ValueTypeF64:
			out.state = append(out.state, g)
		default:
			return out, fmt.Errorf("global %q is neither an integer nor a float, so its value can't be kept in an image", name)
		}
	}
	return out, nil
}
