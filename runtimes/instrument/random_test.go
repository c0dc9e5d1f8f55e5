package instrument

import (
	"flag"
	"fmt"
	"math"
	"testing"
)

var (
	seeds     = flag.Int("seeds", 60, "random modules of each kind to try")
	firstSeed = flag.Uint64("first", 0, "the first seed")
)

// arguments are what every generated main is called with.
var arguments = [][]uint64{
	{0, 0, 0},
	{1, 77, math.Float64bits(2.5)},
	{0xfffffff0, 1 << 62, math.Float64bits(math.NaN())},
}

const plenty = 1 << 40

// TestRandomPlain runs random modules without exceptions before and after the
// passes: nothing that can be seen may differ, and the fuel must be what
// counting operator by operator gives.
func TestRandomPlain(t *testing.T) {
	passes := map[string]Options{
		"lowered": {}, "fuel": {Fuel: true}, "state": {State: true},
		"no NaN": {Fuel: true, Stop: true, Depth: true, Memory: true, State: true},
	}
	for seed := *firstSeed; seed < *firstSeed+uint64(*seeds); seed++ {
		bin := newGenerator(seed, false).module()
		for name, o := range passes {
			t.Run(fmt.Sprint(seed, name), func(t *testing.T) { comparePlain(t, bin, o) })
		}
	}
}

func comparePlain(t *testing.T, bin []byte, o Options) {
	mc := newMachine(t)
	m, err := Instrument(bin, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range arguments {
		want := mc.load(t, bin, nil).run(args...)
		in := mc.load(t, m.Code, m.Segments)
		in.set(ExportFuel, plenty)
		if d := want.diff(in.run(args...)); d != "" {
			t.Fatalf("before and after: %s", d)
		}
		if o.Fuel && want.trap == "" {
			checkFuel(t, mc, bin, m, args, plenty-in.global(ExportFuel))
		}
	}
}

// checkFuel holds the fuel used against the naive count, and stops exactly.
func checkFuel(t *testing.T, mc *machine, bin []byte, m *Module, args []uint64, used uint64) {
	t.Helper()
	naive := mc.load(t, countNaively(t, bin), nil)
	naive.run(args...)
	if want := 1<<40 - naive.global("naive"); used != want {
		t.Fatalf("fuel %d, counted %d", used, want)
	}
	for _, budget := range []uint64{used - 1, used, used + 1} {
		in := mc.load(t, m.Code, m.Segments)
		in.set(ExportFuel, budget)
		o := in.run(args...)
		left := int64(in.global(ExportFuel))
		if done := o.trap == "" && left >= 0; done != (budget >= used) {
			t.Fatalf("%d of %d fuel: trap %q, %d left", budget, used, o.trap, left)
		}
		if budget >= used && left != int64(budget-used) {
			t.Fatalf("%d of %d fuel: %d left", budget, used, left)
		}
	}
}

// TestRandomExceptions lowers random modules with exceptions; the fuel that
// metering on top takes is what counting the lowered module gives.
func TestRandomExceptions(t *testing.T) {
	for seed := *firstSeed; seed < *firstSeed+uint64(*seeds); seed++ {
		bin := newGenerator(seed, true).module()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			lowered, err := Instrument(bin, Options{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := Instrument(bin, Options{Fuel: true, Stop: true, Depth: true, Memory: true, State: true, chargeChecks: true})
			if err != nil {
				t.Fatal(err)
			}
			mc := newMachine(t)
			for _, args := range arguments {
				want := mc.load(t, lowered.Code, nil).run(args...)
				in := mc.load(t, m.Code, m.Segments)
				in.set(ExportFuel, plenty)
				if d := want.diff(in.run(args...)); d != "" {
					t.Fatalf("lowered and metered: %s", d)
				}
				if want.trap == "" {
					checkFuel(t, mc, lowered.Code, m, args, plenty-in.global(ExportFuel))
				}
			}
		})
	}
}
