package instrument

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// machine runs small modules on wazero, without any proposal beyond 2.0.
type machine struct {
	ctx context.Context
	rt  wazero.Runtime
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	ctx := context.Background()
	cfg := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2)
	mc := &machine{ctx, wazero.NewRuntimeWithConfig(ctx, cfg)}
	t.Cleanup(func() { mc.rt.Close(ctx) })
	_, err := mc.rt.NewHostModuleBuilder("env").
		NewFunctionBuilder().WithFunc(hostHost).Export("host").
		NewFunctionBuilder().WithGoFunction(wazeroSee, []api.ValueType{api.ValueTypeF32, api.ValueTypeF64}, []api.ValueType{api.ValueTypeI64}).Export("see").
		Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return mc
}

// Generated modules import host, and see, which gives away the bits of floats.
func hostHost(a int32, b int64) int64   { return int64(a)*7 + b }
func seeBits(a uint32, b uint64) uint64 { return uint64(a)<<20 ^ b }

// wazeroSee takes the bits as they are: a float32 on its way through reflect
// would have its NaN changed.
var wazeroSee = api.GoFunc(func(_ context.Context, stack []uint64) {
	stack[0] = seeBits(uint32(stack[0]), stack[1])
})

// instance is one module, ready to be called.
type instance struct {
	t   *testing.T
	mc  *machine
	mod api.Module
}

// load instantiates bin; segments are what the rewriting took out.
func (mc *machine) load(t *testing.T, bin []byte, segments []Segment) *instance {
	t.Helper()
	c := mc.compile(t, bin).(*wazeroProgram)
	t.Cleanup(c.close)
	in := c.instance(t, segments)
	t.Cleanup(func() { in.mod.Close(mc.ctx) })
	return in
}

// wazeroProgram is a module compiled by wazero.
type wazeroProgram struct {
	mc  *machine
	mod wazero.CompiledModule
}

func (mc *machine) compile(t *testing.T, bin []byte) program {
	t.Helper()
	c, err := mc.rt.CompileModule(mc.ctx, bin)
	if err != nil {
		t.Fatal(err)
	}
	return &wazeroProgram{mc, c}
}

func (p *wazeroProgram) close() { p.mod.Close(p.mc.ctx) }

func (p *wazeroProgram) instance(t *testing.T, segments []Segment) *instance {
	t.Helper()
	mod, err := p.mc.rt.InstantiateModule(p.mc.ctx, p.mod, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range segments {
		if !mod.Memory().Write(s.Offset, s.Data) {
			t.Fatalf("segment at %d is out of bounds", s.Offset)
		}
	}
	return &instance{t, p.mc, mod}
}

func (p *wazeroProgram) run(t *testing.T, s setup, args []uint64) outcome {
	t.Helper()
	in := p.instance(t, s.segments)
	defer in.mod.Close(p.mc.ctx)
	if s.start != "" {
		in.call(s.start)
	}
	for name, v := range s.globals {
		in.set(name, v)
	}
	return in.run(args...)
}

func (in *instance) global(name string) uint64 {
	in.t.Helper()
	g := in.mod.ExportedGlobal(name)
	if g == nil {
		in.t.Fatalf("no global %s", name)
	}
	return g.Get()
}

func (in *instance) set(name string, v uint64) {
	in.t.Helper()
	in.mod.ExportedGlobal(name).(api.MutableGlobal).Set(v)
}

// call returns the results, or the words of a trap.
func (in *instance) call(name string, params ...uint64) ([]uint64, string) {
	in.t.Helper()
	res, err := in.mod.ExportedFunction(name).Call(in.mc.ctx, params...)
	if err != nil {
		words, _, _ := strings.Cut(err.Error(), "\n")
		return nil, strings.TrimPrefix(words, "wasm error: ")
	}
	return res, ""
}

func (in *instance) run(params ...uint64) outcome {
	in.t.Helper()
	o := outcome{globals: map[string]uint64{}}
	naive := in.mod.ExportedGlobal(naiveFuel)
	if naive != nil {
		o.fuel = naive.Get()
	}
	o.results, o.trap = in.call("main", params...)
	memory, _ := in.mod.Memory().Read(0, in.mod.Memory().Size())
	o.pages, o.memory = uint64(len(memory)>>16), maphash.Bytes(memorySeed, memory)
	for _, name := range observedGlobals {
		if g := in.mod.ExportedGlobal(name); g != nil {
			o.globals[name] = g.Get()
		}
	}
	if naive != nil {
		o.fuel -= naive.Get()
	}
	o.uncaught()
	return o
}

// outcome is all that a generated module's run shows.
type outcome struct {
	results []uint64
	trap    string
	pages   uint64
	memory  uint64            // a hash of it
	globals map[string]uint64 // those of observedGlobals that it exports
	fuel    uint64            // what an engine counted itself
}

var memorySeed = maphash.MakeSeed()

// observedGlobals are the module's own and the meters.
var observedGlobals = append(slices.Clone(globalNames), ExportFuel, ExportDepth, ExportMemRefused, ExportTag)

// uncaught tells an exception that left main from a result.
func (o *outcome) uncaught() {
	if o.globals[ExportTag] != 0 && o.trap == "" {
		o.trap, o.results = "thrown", nil
	}
}

// left is the fuel left.
func (o outcome) left() int64 { return int64(o.globals[ExportFuel]) }

// diff says how two runs differ; meters count where both have them.
func (o outcome) diff(p outcome) string {
	switch {
	case o.trap != p.trap:
		return fmt.Sprintf("ends %q and %q", o.trap, p.trap)
	case !slices.Equal(o.results, p.results):
		return fmt.Sprintf("results %x and %x", o.results, p.results)
	case o.pages != p.pages:
		return fmt.Sprintf("%d and %d pages of memory", o.pages, p.pages)
	case o.memory != p.memory:
		return "memories differ"
	}
	for _, name := range globalNames {
		if o.globals[name] != p.globals[name] {
			return fmt.Sprintf("global %s: %x and %x", name, o.globals[name], p.globals[name])
		}
	}
	return ""
}

// diffMeters is diff for two runs of the same metered module.
func (o outcome) diffMeters(p outcome) string {
	if d := o.diff(p); d != "" {
		return d
	}
	for _, name := range observedGlobals {
		if o.globals[name] != p.globals[name] {
			return fmt.Sprintf("global %s: %d and %d", name, int64(o.globals[name]), int64(p.globals[name]))
		}
	}
	return ""
}
