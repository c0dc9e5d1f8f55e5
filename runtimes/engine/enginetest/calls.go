package enginetest

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
)

func (s suite) testHostCallParametersAndResult(t *testing.T) {
	inst := s.guest(t, func(_ guest.Caller, params []uint64) (uint64, error) {
		if params[0] != math.MaxUint32 || params[1] != 7 {
			t.Errorf("params %x", params)
		}
		return math.MaxUint64, nil
	}, noStop)
	got, err := inst.Call(bg, "ask", math.MaxUint32, 7)
	if err != nil || uint32(got[0]) != math.MaxUint32 {
		t.Errorf("ask: %x, %v", got, err)
	}
}

func (s suite) testHostCallCharges(t *testing.T) {
	tests := []struct {
		charge, used uint64
		ok           bool
	}{{0, 0, true}, {999, 999, true}, {1000, 1000, true}, {1001, 1000, false}, {math.MaxUint64, 1000, false}}
	for _, tt := range tests {
		inst := s.guest(t, func(c guest.Caller, _ []uint64) (uint64, error) {
			if ok := c.Charge(tt.charge); ok != tt.ok {
				t.Errorf("charge %d: %v", tt.charge, ok)
			}
			if got := c.Used(); got != tt.used {
				t.Errorf("charge %d: used %d, want %d", tt.charge, got, tt.used)
			}
			return 0, nil // even one that forgets to halt doesn't slip over
		}, noStop)
		_, err := inst.Call(bg, "ask", 0, 0)
		if got := halted(err); (got == "") != tt.ok {
			t.Errorf("charge %d: ended with %v", tt.charge, err)
		}
		if got := inst.Used(); got != tt.used {
			t.Errorf("charge %d: used %d in the end, want %d", tt.charge, got, tt.used)
		}
	}
}

func halted(err error) runtimes.Kind {
	if halt := (*guest.Halt)(nil); errors.As(err, &halt) {
		return halt.Kind
	}
	return ""
}

func (s suite) testEmptyTankAtHostCall(t *testing.T) {
	inst := s.guest(t, noAsk, noStop)
	inst.SetFuel(0)
	if _, err := inst.Call(bg, "burn", 1); halted(err) != runtimes.OutOfFuel {
		t.Fatalf("burn: %v", err)
	}
	// The tank is empty still: the next host call must not be served.
	if _, err := inst.Call(bg, "ask", 0, 0); halted(err) != runtimes.OutOfFuel {
		t.Errorf("ask on an empty tank: %v", err)
	}
}

func (s suite) testFillingsWithinHostCalls(t *testing.T) {
	var inst engine.Instance
	calls := 0
	inst = s.guest(t, func(guest.Caller, []uint64) (uint64, error) {
		calls++
		if _, err := inst.Nested(bg, "burn", 500); err != nil {
			return 0, err
		}
		inst.SetFuel(300)
		return 0, nil
	}, noStop)
	inst.SetUsed(10_000)
	for n, want := range []uint64{10_100, 10_200, 10_300} {
		if _, err := inst.Call(bg, "burn", 100); err != nil {
			t.Fatal(err)
		}
		if _, err := inst.Call(bg, "ask", 0, 0); err != nil {
			t.Fatal(err)
		}
		if got := inst.Used(); got != want || inst.Fuel() != 300 {
			t.Errorf("after %d fillings: used %d, left %d; want %d, 300", n+1, got, inst.Fuel(), want)
		}
	}
	if _, err := inst.Call(bg, "burn", 301); halted(err) != runtimes.OutOfFuel {
		t.Errorf("burn past the filling: %v", err)
	}
	if got := inst.Used(); got != 10_600 {
		t.Errorf("used %d in the end, want 10600", got)
	}
}

func (s suite) testNested(t *testing.T) {
	var inst engine.Instance
	level := 0
	inst = s.guest(t, func(c guest.Caller, params []uint64) (uint64, error) {
		if level++; level == 3 {
			return 1, nil
		}
		if _, err := inst.Nested(bg, "grow", 1); err != nil {
			return 0, err
		}
		if got := len(c.Memory()); got != (level+1)*engine.PageSize {
			t.Errorf("level %d: the host call sees %d bytes", level, got)
		}
		if _, err := inst.Nested(bg, "sink", 1000); err != nil {
			return 0, err
		}
		got, err := inst.Nested(bg, "ask", params[0], params[1])
		if err != nil {
			return 0, err
		}
		return got[0] + 1, nil
	}, noStop)
	got, err := inst.Call(bg, "ask", 1, 2)
	if err != nil || got[0] != 3 {
		t.Errorf("ask: %v, %v", got, err)
	}
	if inst.Fuel() != 1000 || inst.Used() != 0 {
		t.Errorf("nested calls took fuel: %d left, %d used", inst.Fuel(), inst.Used())
	}
}

func (s suite) testNestedIsPaidFor(t *testing.T) {
	const free = 16 << 10
	for _, tt := range []struct {
		burn, used uint64
		want       runtimes.Kind
	}{{free, 0, ""}, {free + 400, 400, ""}, {free + 1000, 1000, ""}, {free + 1001, 1000, runtimes.OutOfFuel}} {
		var inst engine.Instance
		inst = s.guest(t, func(guest.Caller, []uint64) (uint64, error) {
			_, err := inst.Nested(bg, "burn", tt.burn)
			return 0, err
		}, noStop)
		if _, err := inst.Call(bg, "ask", 0, 0); halted(err) != tt.want || inst.Used() != tt.used {
			t.Errorf("%d burnt: used %d, want %d; %v", tt.burn, inst.Used(), tt.used, err)
		}
	}
}

func (s suite) testNestedErrorsComeThrough(t *testing.T) {
	tests := map[string]struct {
		export string
		params []uint64
		want   runtimes.Kind
	}{
		"trap":  {"trap", nil, runtimes.Trap},
		"spin":  {"burn", []uint64{1<<30 + 1}, runtimes.OutOfFuel},
		"stack": {"overflow", nil, runtimes.StackOverflow},
	}
	for name, tt := range tests {
		var inst engine.Instance
		inst = s.guest(t, func(guest.Caller, []uint64) (uint64, error) {
			_, err := inst.Nested(bg, tt.export, tt.params...)
			return 0, err
		}, noStop)
		if _, err := inst.Call(bg, "ask", 0, 0); halted(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (s suite) testStackIsSetForEachCall(t *testing.T) {
	inst := s.guest(t, noAsk, noStop)
	inst.SetStack(100)
	for range 3 {
		if _, err := inst.Call(bg, "sink", 100); err != nil {
			t.Errorf("100 of 100 slots: %v", err)
		}
	}
	if _, err := inst.Call(bg, "sink", 101); halted(err) != runtimes.StackOverflow {
		t.Errorf("101 of 100 slots: %v", err)
	}
}

func (s suite) testInterruptEndsALoop(t *testing.T) {
	running := make(chan struct{})
	inst := s.guest(t, noAsk, func() error { close(running); return nil })
	inst.SetFuel(math.MaxUint64)
	ctx, cancel := context.WithCancelCause(bg)
	enough := errors.New("enough")
	ended := make(chan error)
	go func() {
		_, err := inst.Call(ctx, "announce")
		ended <- err
	}()
	<-running
	cancel(enough)
	if err := <-ended; !errors.Is(err, engine.ErrInterrupted) || !errors.Is(err, enough) {
		t.Errorf("spin under a cancelled context: %v", err)
	}
	if _, err := inst.Call(bg, "spin"); !errors.Is(err, engine.ErrInterrupted) {
		t.Errorf("an interruption must last until Reset: %v", err)
	}
	inst.Reset([]uint64{5})
	inst.SetFuel(100)
	if _, err := inst.Call(bg, "spin"); halted(err) != runtimes.OutOfFuel {
		t.Errorf("spin after a reset: %v", err)
	}
}

// testInterruptEndsOneGuestOnly: engines may have one bell for all guests.
func (s suite) testInterruptEndsOneGuestOnly(t *testing.T) {
	code := s.compile(t)
	running, ended := make(chan struct{}), make(chan error)
	stays := newGuest(t, code, noAsk, func() error { close(running); return nil })
	stays.SetFuel(math.MaxUint64)
	go func() {
		_, err := stays.Call(bg, "announce")
		ended <- err
	}()
	<-running
	other := newGuest(t, code, noAsk, noStop)
	for range 3 {
		other.Interrupt()
		if _, err := other.Call(bg, "spin"); !errors.Is(err, engine.ErrInterrupted) {
			t.Errorf("interrupted before it began: %v", err)
		}
		other.Reset([]uint64{5})
		other.SetFuel(10_000_000)
		if _, err := other.Call(bg, "spin"); halted(err) != runtimes.OutOfFuel {
			t.Errorf("after a reset: %v", err)
		}
		select {
		case err := <-ended:
			t.Fatalf("the other guest ended: %v", err)
		default:
		}
	}
	stays.Interrupt()
	if err := <-ended; !errors.Is(err, engine.ErrInterrupted) {
		t.Errorf("the other guest: %v", err)
	}
}

func (s suite) testInterruptReachesANestedCall(t *testing.T) {
	var inst engine.Instance
	running := make(chan struct{})
	inst = s.guest(t, func(guest.Caller, []uint64) (uint64, error) {
		close(running)
		_, err := inst.Nested(bg, "spin")
		return 0, err
	}, noStop)
	go func() {
		<-running
		inst.Interrupt()
	}()
	inst.SetFuel(1 << 62)
	if _, err := inst.Call(bg, "ask", 0, 0); !errors.Is(err, engine.ErrInterrupted) {
		t.Errorf("nested loop: %v", err)
	}
}

func (s suite) testPanicOfAHostFunctionIsOurFault(t *testing.T) {
	inst := s.guest(t, func(guest.Caller, []uint64) (uint64, error) {
		panic("a fault of the host's")
	}, noStop)
	_, err := inst.Call(bg, "ask", 0, 0)
	if err == nil || describe(err) != "fault" {
		t.Errorf("panic in a host call: %v", err)
	}
}

func (s suite) testImportsMustFit(t *testing.T) {
	code := s.compile(t)
	whole := Functions(noAsk, noStop)
	wrong := Functions(noAsk, noStop)
	wrong[0].Params = []guest.ValType{guest.I64, guest.I32}
	for name, functions := range map[string][]guest.Function{"absent": whole[:1], "wrong type": wrong} {
		if _, err := code.New(bg, functions, 0); err == nil {
			t.Errorf("%s: an instance was made", name)
		}
	}
}

func (s suite) testMemoryOfANewInstance(t *testing.T) {
	code := s.compile(t)
	for pages, want := range map[uint32]uint32{0: 1, 1: 1, 7: 7, 100: 100} {
		inst, err := code.New(bg, Functions(noAsk, noStop), pages)
		if err != nil {
			t.Fatal(err)
		}
		if got := inst.Pages(); got != want {
			t.Errorf("asked for %d pages: %d, want %d", pages, got, want)
		}
		inst.SetFuel(100)
		before := &inst.Memory()[0]
		if got, err := inst.Call(bg, "grow", 1); err != nil {
			t.Error(err)
		} else if grown := int32(got[0]) != -1; grown != (want < 100) {
			t.Errorf("growing from %d pages: %d", want, int32(got[0]))
		}
		if after := &inst.Memory()[0]; runtime.GOOS == "linux" && after != before {
			t.Error("the memory moved")
		}
		if err := inst.Close(bg); err != nil {
			t.Error(err)
		}
	}
	if _, err := code.New(bg, Functions(noAsk, noStop), 101); err == nil {
		t.Error("a memory larger than the module's most was made")
	}
}
