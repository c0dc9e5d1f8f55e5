package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
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

func openCache(t testing.TB, root string) *cache.Folder {
	t.Helper()
	store, err := cache.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// stages compiles the guest and says what that took; the code must work.
func (s suite) stages(t testing.TB, store cache.Store) []string {
	t.Helper()
	var mu sync.Mutex
	var got []string
	code, err := s.engine(t, store).Compile(bg, Module(), func(e progress.Event) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(got, e.Stage) {
			got = append(got, e.Stage)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	works(t, code)
	if err := code.Close(); err != nil {
		t.Error(err)
	}
	return got
}

func works(t testing.TB, code engine.Code) {
	t.Helper()
	inst, err := code.New(bg, Functions(noAsk, noStop), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(bg)
	inst.SetFuel(10)
	if got, err := inst.Call(bg, "add", 40, 2); err != nil || got[0] != 42 {
		t.Fatalf("40 + 2 = %v, %v", got, err)
	}
	if got := len(inst.Globals()); got != 1 {
		t.Fatalf("%d globals, want 1", got)
	}
}

// codeFile is the one file of compiled code in the cache.
func codeFile(t testing.TB, store cache.Store) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(store.Root(), cache.Code, "*.d", "*", "*"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("compiled code: %q, %v", paths, err)
	}
	return paths[0]
}

func (s suite) load(t testing.TB, store cache.Store) (engine.Code, error) {
	t.Helper()
	return s.engine(t, store).Load(bg, Module().Hash, nil)
}

func (s suite) testCompiledCodeIsKept(t *testing.T) {
	store := openCache(t, t.TempDir())
	if code, err := s.load(t, store); !errors.Is(err, cache.ErrMiss) {
		t.Fatalf("load from an empty cache: %v, %v", code, err)
	}
	if got := s.stages(t, store); !slices.Contains(got, engine.StageCompile) {
		t.Errorf("first time: %q", got)
	}
	if got := s.stages(t, store); !slices.Equal(got, []string{engine.StageLoad}) {
		t.Errorf("second time: %q", got)
	}
	code, err := s.load(t, store)
	if err != nil {
		t.Fatal(err)
	}
	defer code.Close()
	works(t, code)
}

// testDamagedCodeIsNeverRun damages every byte in turn: lengths, offsets, code
// and checksums of the engine's file, and the label beside it.
func (s suite) testDamagedCodeIsNeverRun(t *testing.T) {
	store := openCache(t, t.TempDir())
	s.stages(t, store)
	path := codeFile(t, store)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string][]byte{
		"empty": {}, "cut by one": sound[:len(sound)-1], "cut in half": sound[:len(sound)/2],
		"longer by one": append(slices.Clone(sound), 0), "zeros": make([]byte, len(sound)),
	}
	for i := 0; i < len(sound); i += 1 + i/300 {
		flipped := slices.Clone(sound)
		flipped[i] ^= 0x80
		damage[fmt.Sprintf("byte %d", i)] = flipped
	}
	for name, data := range damage {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := s.load(t, store); !errors.Is(err, cache.ErrMiss) {
			t.Errorf("%s: %v, want a miss", name, err)
		}
	}
	if got := s.stages(t, store); !slices.Contains(got, engine.StageCompile) {
		t.Errorf("with damage: %q", got)
	}
	if got, err := os.ReadFile(codeFile(t, store)); err != nil || !bytes.Equal(got, sound) {
		t.Errorf("the file made anew differs (%v)", err)
	}
}

func (s suite) testStrangeFilesAreRemoved(t *testing.T) {
	store := openCache(t, t.TempDir())
	s.stages(t, store)
	stranger := filepath.Join(filepath.Dir(codeFile(t, store)), "stranger")
	if err := os.WriteFile(stranger, []byte("code"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := s.stages(t, store); !slices.Contains(got, engine.StageCompile) {
		t.Errorf("with a strange file: %q", got)
	}
	if _, err := os.Stat(stranger); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the strange file is there still: %v", err)
	}
}

func (s suite) testUnusableCache(t *testing.T) {
	root := t.TempDir()
	store := openCache(t, root)
	if err := os.WriteFile(filepath.Join(root, cache.Code), []byte("a file, not a folder"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := s.stages(t, store); !slices.Equal(got, []string{engine.StageCompile}) {
		t.Errorf("with an unusable cache: %q", got)
	}
}

func (s suite) testCompileIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(bg)
	cancel()
	_, err := s.engine(t, openCache(t, t.TempDir())).Compile(ctx, Module(), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("compile under a cancelled context: %v", err)
	}
}

const processRoot = "ASSAY_TEST_PROCESS_ROOT"

// testSeveralProcesses compiles in processes at once: the code works in each,
// and the cache is whole afterwards.
func (s suite) testSeveralProcesses(t *testing.T) {
	if root := os.Getenv(processRoot); root != "" {
		s.stages(t, openCache(t, root))
		return
	}
	root := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
			cmd.Env = append(os.Environ(), processRoot+"="+root)
			if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	group.Wait()
	if got := s.stages(t, openCache(t, root)); !slices.Equal(got, []string{engine.StageLoad}) {
		t.Errorf("afterwards: %q", got)
	}
}
