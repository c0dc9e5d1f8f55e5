package engine

import (
	"context"
	"fmt"

	"github.com/assay-dev/assay/runtimes/instrument"
)

// Boot does for a new instance what instantiation would have done: it copies
// the data segments into memory and runs the start function with what is in
// the tank. A segment out of bounds is the guest's trap.
func Boot(ctx context.Context, m *instrument.Module, inst Instance) error {
	mem := inst.Memory()
	for _, s := range m.Segments {
		if uint64(s.Offset)+uint64(len(s.Data)) > uint64(len(mem)) {
			return Trap(TrapMemoryBounds)
		}
		copy(mem[s.Offset:], s.Data)
	}
	if m.Start == "" {
		return nil
	}
	if _, err := inst.Call(ctx, m.Start); err != nil {
		return fmt.Errorf("start function: %w", err)
	}
	return nil
}
