package engine

import (
	"fmt"

	"github.com/assay-dev/assay/runtimes/instrument"
)

// meter is one of the globals that the rewriting added. A module without the
// pass that needs it lacks it: then it reads as fixed and can't be set.
type meter struct {
	global Global
	fixed  uint64
}

func (m meter) get() uint64 {
	if m.global == nil {
		return m.fixed
	}
	return m.global.Get()
}

func (m meter) set(v uint64) {
	if m.global != nil {
		m.global.Set(v)
	}
}

// globals are those of one instance.
type globals struct {
	fuel, stop, depth, tag, payload, limit, refused meter

	state []Global // the guest's own
}

func findGlobals(m Machine, about *instrument.Module) (globals, error) {
	const full = 1<<63 - 1
	out := globals{
		fuel:    meter{m.Global(instrument.ExportFuel), full},
		stop:    meter{m.Global(instrument.ExportStop), 0},
		depth:   meter{m.Global(instrument.ExportDepth), full},
		tag:     meter{m.Global(instrument.ExportTag), 0},
		payload: meter{m.Global(instrument.ExportPayload), 0},
		limit:   meter{m.Global(instrument.ExportMemLimit), 0},
		refused: meter{m.Global(instrument.ExportMemRefused), 0},
	}
	for _, name := range about.Globals {
		g := m.Global(name)
		if g == nil {
			return out, fmt.Errorf("no mutable global is exported as %q, or its value is neither an integer nor a float and can't be kept in an image", name)
		}
		out.state = append(out.state, g)
	}
	return out, nil
}
