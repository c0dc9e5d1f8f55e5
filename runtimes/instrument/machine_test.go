package instrument

import (
	"bytes"
	"context"
	"fmt"
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
	_, err := mc.rt.NewHostModuleBuilder("env").NewFunctionBuilder().
		WithFunc(func(a int32, b int64) int64 { return int64(a)*7 + b }).Export("host").Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return mc
}

// instance is one module, ready to be called.
type instance struct {
	t   *testing.T
	mc  *machine
	mod api.Module
}

// load instantiates bin; segments are what the rewriting took out.
func (mc *machine) load(t *testing.T, bin []byte, segments []Segment) *instance {
	t.Helper()
	mod, err := mc.rt.InstantiateWithConfig(mc.ctx, bin, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mod.Close(mc.ctx) })
	for _, s := range segments {
		if !mod.Memory().Write(s.Offset, s.Data) {
			t.Fatalf("segment at %d is out of bounds", s.Offset)
		}
	}
	return &instance{t, mc, mod}
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

// outcome is all that a generated module's run shows.
type outcome struct {
	results []uint64
	trap    string
	memory  []byte
	steps   uint64
	one     uint64
	thrown  bool
}

func (in *instance) run(params ...uint64) outcome {
	in.t.Helper()
	var o outcome
	o.results, o.trap = in.call("main", params...)
	o.memory, _ = in.mod.Memory().Read(0, in.mod.Memory().Size())
	o.steps, o.one = in.global("steps"), in.global("one")
	if g := in.mod.ExportedGlobal(ExportTag); g != nil && g.Get() != 0 {
		o.thrown, o.results = true, nil
	}
	return o
}

func (o outcome) diff(p outcome) string {
	switch {
	case o.trap != p.trap:
		return fmt.Sprintf("traps %q and %q", o.trap, p.trap)
	case o.thrown != p.thrown:
		return fmt.Sprintf("uncaught exception: %v and %v", o.thrown, p.thrown)
	case !slices.Equal(o.results, p.results):
		return fmt.Sprintf("results %x and %x", o.results, p.results)
	case !bytes.Equal(o.memory, p.memory):
		return "memories differ"
	case o.steps != p.steps || o.one != p.one:
		return fmt.Sprintf("globals %d %d and %d %d", o.steps, o.one, p.steps, p.one)
	}
	return ""
}
