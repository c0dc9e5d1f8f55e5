package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/engine"
)

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
	code, err := s.engine(t, store).Compile(bg, Module(), func(stage string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(got, stage) {
			got = append(got, stage)
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
