package instrument

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"testing"
)

var (
	seeds     = flag.Uint64("seeds", 1000, "random modules of each kind to try")
	firstSeed = flag.Uint64("first", 0, "the first seed")
)

// arguments are what every generated main is called with.
var arguments = [][]uint64{
	{0, 0, 0},
	{1, 77, math.Float64bits(2.5)},
	{0xfffffff0, 1 << 62, math.Float64bits(math.NaN())},
}

const plenty = 1 << 60

// passes are the rewriting's options one by one. Each module goes through one
// of them, in turn, and through all together.
var passes = []struct {
	name string
	Options
}{
	{"lowering", Options{}},
	{"fuel", Options{Fuel: true}},
	{"stop", Options{Fuel: true, Stop: true}},
	{"depth", Options{Depth: true}},
	{"memory", Options{Memory: true}},
	{"state", Options{State: true}},
	{"NaN", Options{NaN: true}},
}

// TestGenerated runs random modules before and after each pass, and with the
// build tag wasmtime on both engines: nothing that can be seen may differ, and
// the fuel must be what is counted in another way.
func TestGenerated(t *testing.T) {
	const chunk = 50
	for first := *firstSeed; first < *firstSeed+*seeds; first += chunk {
		t.Run(fmt.Sprint(first), func(t *testing.T) {
			t.Parallel()
			c := newComparison(t)
			for seed := first; seed < min(first+chunk, *firstSeed+*seeds); seed++ {
				for _, exceptions := range []bool{false, true} {
					c.name = fmt.Sprintf("seed %d, exceptions %v", seed, exceptions)
					c.module(newGenerator(seed, exceptions).module(), exceptions, seed)
				}
			}
		})
	}
}

// comparison runs one module after the other in many ways.
type comparison struct {
	t      *testing.T
	wazero *machine
	second *secondEngine
	name   string
}

func newComparison(t *testing.T) *comparison {
	c := &comparison{t: t, wazero: newMachine(t)}
	if second != nil {
		c.second = second(t)
	}
	return c
}

// differ reports a difference.
func (c *comparison) differ(d, format string, args ...any) {
	c.t.Helper()
	if d != "" {
		c.t.Errorf("%s: %s: %s", c.name, fmt.Sprintf(format, args...), d)
	}
}

// runs are a module's outcomes, by the arguments.
type runs []outcome

func (r runs) diff(s runs) string {
	for i := range r {
		if d := r[i].diff(s[i]); d != "" {
			return fmt.Sprintf("arguments %d: %s", i, d)
		}
	}
	return ""
}

func (c *comparison) run(e engineUnderTest, bin []byte, s setup) runs {
	c.t.Helper()
	p := e.compile(c.t, bin)
	defer p.close()
	return c.runProgram(p, s)
}

func (c *comparison) runProgram(p program, s setup) (r runs) {
	c.t.Helper()
	for _, args := range arguments {
		r = append(r, p.run(c.t, s, args))
	}
	return r
}

func (c *comparison) instrument(bin []byte, o Options) *Module {
	c.t.Helper()
	m, err := Instrument(bin, o)
	if err != nil {
		c.t.Fatalf("%s: %v", c.name, err)
	}
	return m
}

// full is how an instance starts whose meters are full.
func full(m *Module) setup {
	return setup{m.Segments, m.Start, map[string]uint64{ExportFuel: plenty}}
}

// module compares all that there is to compare; turn says which pass is tried
// alone.
func (c *comparison) module(bin []byte, exceptions bool, turn uint64) {
	before, lowered := bin, bin
	if exceptions {
		lowered = c.instrument(bin, Options{}).Code
	}
	if exceptions || c.second != nil { // wazero gets exceptions wrong, and some else; see misread
		before = c.instrument(bin, Options{}).Code
	}
	all := c.instrument(bin, Default())
	after := c.run(c.wazero, all.Code, full(all))
	pass := passes[turn%uint64(len(passes))]
	one := c.instrument(bin, pass.Options)
	alone := c.run(c.wazero, one.Code, full(one))
	if pass.NaN {
		c.differ(alone.diff(after), "after NaN, and after all")
	} else {
		c.differ(c.run(c.wazero, before, setup{}).diff(alone), "before, and after %s", pass.name)
	}
	if c.second != nil {
		c.differ(c.run(c.second.oracle, bin, setup{}).diff(after), "before on wasmtime, and after all")
		c.meters(all, after)
	}
	c.fuel(bin, lowered, exceptions)
}

// meters runs the whole rewriting on both engines, with enough and with little:
// they stop at the same place.
func (c *comparison) meters(m *Module, plain runs) {
	p := c.second.plain.compile(c.t, m.Code)
	defer p.close()
	w := c.wazero.compile(c.t, m.Code)
	defer w.close()
	s := full(m)
	for i, args := range arguments {
		c.differ(plain[i].diffMeters(p.run(c.t, s, args)), "on both engines, arguments %d", i)
		for name, v := range map[string]uint64{
			ExportFuel:     (plenty - uint64(plain[i].left())) / 2,
			ExportDepth:    150,
			ExportMemLimit: 1,
		} {
			less := s
			less.globals = maps.Clone(s.globals)
			less.globals[name] = v
			c.differ(w.run(c.t, less, args).diffMeters(p.run(c.t, less, args)), "on both engines with %s = %d, arguments %d", name, v, i)
		}
	}
}

// fuel holds the fuel against a count of another kind, wasmtime's own or one
// that is taken before every operator, and stops exactly.
func (c *comparison) fuel(bin, lowered []byte, exceptions bool) {
	o := Default()
	o.chargeChecks = exceptions
	count := func() runs { return c.run(c.wazero, countNaively(c.t, lowered), setup{}) }
	if c.second != nil {
		o.flat = true
		count = func() runs { return c.run(c.second.oracle, lowered, setup{}) }
	}
	m := c.instrument(bin, o)
	p := c.wazero.compile(c.t, m.Code)
	defer p.close()
	counted := count()
	for i, args := range arguments {
		if counted[i].trap != "" && counted[i].trap != "thrown" {
			continue // where a run traps within a stretch of code is no business of the schedule
		}
		for _, extra := range []int64{-1, 0, 1} {
			s := full(m)
			s.globals[ExportFuel] = counted[i].fuel + uint64(extra)
			got := p.run(c.t, s, args)
			if left := got.left(); left >= 0 && left != extra || left < 0 && extra >= 0 {
				c.differ(fmt.Sprintf("%d left", left), "%d fuel where %d are counted, arguments %d", s.globals[ExportFuel], counted[i].fuel, i)
			}
		}
	}
}
