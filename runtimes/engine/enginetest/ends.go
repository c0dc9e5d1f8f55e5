package enginetest

import (
	"errors"
	"math"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
)

func (s suite) testEnds(t *testing.T) {
	ours := errors.New("a fault of ours")
	tests := []struct {
		name   string
		export string
		params []uint64
		stop   error
		want   error // nil: any error that is neither a halt nor an exit
	}{
		{"unreachable", "trap", nil, nil, engine.Trap(engine.TrapUnreachable)},
		{"divide by zero", "div", []uint64{1, 0}, nil, engine.Trap(engine.TrapDivideByZero)},
		{"integer overflow", "div", []uint64{1 << 31, math.MaxUint32}, nil, engine.Trap(engine.TrapIntegerOverflow)},
		{"out of bounds", "load", []uint64{65533}, nil, engine.Trap(engine.TrapMemoryBounds)},
		{"table bounds", "indirect", []uint64{3}, nil, engine.Trap(engine.TrapTable)},
		{"null entry", "indirect", []uint64{2}, nil, engine.Trap(engine.TrapTable)},
		{"wrong type", "indirect", []uint64{1}, nil, engine.Trap(engine.TrapIndirectCallType)},
		{"trap in indirect", "indirect", []uint64{0}, nil, engine.Trap(engine.TrapUnreachable)},
		{"NaN", "trunc", []uint64{math.Float64bits(math.NaN())}, nil, engine.Trap(engine.TrapInvalidConversion)},
		{"too large", "trunc", []uint64{math.Float64bits(1e99)}, nil, engine.Trap(engine.TrapIntegerOverflow)},
		{"empty tank in a loop", "spin", nil, nil, &guest.Halt{Kind: runtimes.OutOfFuel, Detail: "fuel used up"}},
		{"empty tank at the end", "burn", []uint64{1001}, nil, &guest.Halt{Kind: runtimes.OutOfFuel, Detail: "fuel used up"}},
		{"deep", "overflow", nil, nil, &guest.Halt{Kind: runtimes.StackOverflow, Detail: "call stack used up"}},
		{"deeper than the engine", "recurse", []uint64{1}, nil, &guest.Halt{Kind: runtimes.StackOverflow, Detail: "call stack used up"}},
		{"uncaught", "throw", nil, nil, &guest.Halt{Kind: runtimes.Exception, Detail: "uncaught"}},
		{"exit", "stop", nil, &guest.Exit{Code: 3}, &guest.Exit{Code: 3}},
		{"host's halt", "stop", nil, &guest.Halt{Kind: runtimes.FSLimit, Detail: "full"}, &guest.Halt{Kind: runtimes.FSLimit, Detail: "full"}},
		{"host's fault", "stop", nil, ours, ours},
		{"no such export", "nothing", nil, nil, nil},
		{"wrong parameters", "add", []uint64{1}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inst := s.guest(t, noAsk, func() error { return tt.stop })
			_, err := inst.Call(bg, tt.export, tt.params...)
			if got := describe(err); got != describe(tt.want) {
				t.Errorf("got %s, want %s", got, describe(tt.want))
			}
			inst.Reset([]uint64{5})
			inst.SetFuel(10)
			if got, err := inst.Call(bg, "add", 2, 3); err != nil || got[0] != 5 {
				t.Errorf("after a reset: %v, %v", got, err)
			}
		})
	}
}

// describe names an error by type and words; faults of ours are one class.
func describe(err error) string {
	if exit := (*guest.Exit)(nil); errors.As(err, &exit) {
		return exit.Error()
	}
	if halt := (*guest.Halt)(nil); errors.As(err, &halt) {
		return halt.Error()
	}
	return "fault"
}

func (s suite) testBurnToTheLast(t *testing.T) {
	for left, want := range map[uint64]string{999: "", 1000: "", 1001: "out_of_fuel: fuel used up"} {
		inst := s.guest(t, noAsk, noStop)
		_, err := inst.Call(bg, "burn", left)
		if got := message(err); got != want {
			t.Errorf("burn %d of 1000: %q, want %q", left, got, want)
		}
		if got, want := inst.Used(), min(left, 1000); got != want {
			t.Errorf("burn %d of 1000: used %d, want %d", left, got, want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
