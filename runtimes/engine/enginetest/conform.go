package enginetest

import (
	"context"
	"errors"
	"testing"

	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
)

// Conform holds an engine to the promises of engine.Engine and
// engine.Instance. Open makes one that keeps code in a cache, which may be nil.
func Conform(t *testing.T, open func(cache.Store) (engine.Engine, error)) {
	s := suite{open}
	for name, test := range map[string]func(*testing.T){
		"Ends":                           s.testEnds,
		"BurnToTheLast":                  s.testBurnToTheLast,
		"HostCallParametersAndResult":    s.testHostCallParametersAndResult,
		"HostCallCharges":                s.testHostCallCharges,
		"EmptyTankAtHostCall":            s.testEmptyTankAtHostCall,
		"FillingsWithinHostCalls":        s.testFillingsWithinHostCalls,
		"Nested":                         s.testNested,
		"NestedErrorsComeThrough":        s.testNestedErrorsComeThrough,
		"StackIsSetForEachCall":          s.testStackIsSetForEachCall,
		"InterruptEndsALoop":             s.testInterruptEndsALoop,
		"InterruptEndsOneGuestOnly":      s.testInterruptEndsOneGuestOnly,
		"InterruptReachesANestedCall":    s.testInterruptReachesANestedCall,
		"PanicOfAHostFunctionIsOurFault": s.testPanicOfAHostFunctionIsOurFault,
		"ImportsMustFit":                 s.testImportsMustFit,
		"MemoryOfANewInstance":           s.testMemoryOfANewInstance,
		"CompiledCodeIsKept":             s.testCompiledCodeIsKept,
		"DamagedCodeIsNeverRun":          s.testDamagedCodeIsNeverRun,
		"StrangeFilesAreRemoved":         s.testStrangeFilesAreRemoved,
		"UnusableCache":                  s.testUnusableCache,
		"CompileIsCancelled":             s.testCompileIsCancelled,
		"SeveralProcesses":               s.testSeveralProcesses,
	} {
		t.Run(name, test)
	}
}

type suite struct {
	open func(cache.Store) (engine.Engine, error)
}

var bg = context.Background()

// noAsk and noStop are imports that a test doesn't expect to be called.
func noAsk(guest.Caller, []uint64) (uint64, error) { return 0, errors.New("unexpected call of ask") }
func noStop() error                                { return errors.New("unexpected call of stop") }

func (s suite) engine(t testing.TB, store cache.Store) engine.Engine {
	t.Helper()
	e, err := s.open(store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func (s suite) compile(t testing.TB) engine.Code {
	t.Helper()
	code, err := s.engine(t, nil).Compile(bg, Module(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := code.Close(); err != nil {
			t.Error(err)
		}
	})
	return code
}

// guest is an instance with a thousand of fuel.
func (s suite) guest(t testing.TB, ask func(guest.Caller, []uint64) (uint64, error), stop func() error) engine.Instance {
	t.Helper()
	return newGuest(t, s.compile(t), ask, stop)
}

func newGuest(t testing.TB, code engine.Code, ask func(guest.Caller, []uint64) (uint64, error), stop func() error) engine.Instance {
	t.Helper()
	inst, err := code.New(bg, Functions(ask, stop), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inst.Close(bg); err != nil {
			t.Error(err)
		}
	})
	inst.SetFuel(1000)
	return inst
}
