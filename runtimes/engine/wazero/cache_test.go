package wazero

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

	"assay/runtimes/cache"
	"assay/runtimes/engine"
	"assay/runtimes/engine/enginetest"
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
func stages(t testing.TB, store cache.Store) []string {
	t.Helper()
	e, err := New(Config{Cache: store})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var got []string
	code, err := e.Compile(bg, enginetest.Module(), func(stage string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(got, stage) {
			got = append(got, stage)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer code.Close()
	works(t, code)
	return got
}

func works(t testing.TB, code engine.Code) {
	t.Helper()
	inst, err := code.New(bg, enginetest.Functions(noAsk, noStop), nil)
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
	box, err := openCodeBox(store, enginetest.Module().Hash)
	if err != nil {
		t.Fatal(err)
	}
	path, err := box.only()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func load(store cache.Store) (engine.Code, error) {
	e, err := New(Config{Cache: store})
	if err != nil {
		return nil, err
	}
	return e.Load(bg, enginetest.Module().Hash, nil)
}

func TestCompiledCodeIsKept(t *testing.T) {
	store := openCache(t, t.TempDir())
	if code, err := load(store); !errors.Is(err, cache.ErrMiss) {
		t.Fatalf("load from an empty cache: %v, %v", code, err)
	}
	if got := stages(t, store); !slices.Contains(got, stageCompile) {
		t.Errorf("first time: %q", got)
	}
	if got := stages(t, store); !slices.Equal(got, []string{stageLoad}) {
		t.Errorf("second time: %q", got)
	}
	code, err := load(store)
	if err != nil {
		t.Fatal(err)
	}
	defer code.Close()
	works(t, code)
}

// TestDamagedCodeIsNeverRun damages every byte in turn: lengths, offsets, code
// and checksums of wazero's file, and the label beside it.
func TestDamagedCodeIsNeverRun(t *testing.T) {
	store := openCache(t, t.TempDir())
	stages(t, store)
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
		if _, err := load(store); !errors.Is(err, cache.ErrMiss) {
			t.Errorf("%s: %v, want a miss", name, err)
		}
	}
	if got := stages(t, store); !slices.Contains(got, stageCompile) {
		t.Errorf("with damage: %q", got)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, sound) {
		t.Errorf("the file made anew differs (%v)", err)
	}
}

func TestStrangeFilesAreRemoved(t *testing.T) {
	store := openCache(t, t.TempDir())
	stages(t, store)
	stranger := filepath.Join(filepath.Dir(codeFile(t, store)), "stranger")
	if err := os.WriteFile(stranger, []byte("WAZEVO"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, store); !slices.Contains(got, stageCompile) {
		t.Errorf("with a strange file: %q", got)
	}
	if _, err := os.Stat(stranger); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the strange file is there still: %v", err)
	}
}

// TestStubIsNeverRun: on another processor wazero looks for another file than the labelled one and
// compiles the stub, which must not be taken for the module.
func TestStubIsNeverRun(t *testing.T) {
	store := openCache(t, t.TempDir())
	stages(t, store)
	path := codeFile(t, store)
	other := filepath.Join(filepath.Dir(path), "0123456789")
	if err := os.Rename(path, other); err != nil {
		t.Fatal(err)
	}
	box, err := openCodeBox(store, enginetest.Module().Hash)
	if err != nil {
		t.Fatal(err)
	}
	l, err := box.readLabel()
	if err != nil {
		t.Fatal(err)
	}
	l.File = filepath.Base(other)
	if err := box.writeLabel(l); err != nil {
		t.Fatal(err)
	}
	if _, err := load(store); !errors.Is(err, cache.ErrMiss) {
		t.Fatalf("load under another name: %v, want a miss", err)
	}
	if got := stages(t, store); !slices.Contains(got, stageCompile) {
		t.Errorf("under another name: %q", got)
	}
}

func TestUnusableCache(t *testing.T) {
	root := t.TempDir()
	store := openCache(t, root)
	if err := os.WriteFile(filepath.Join(root, cache.Code), []byte("a file, not a folder"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, store); !slices.Equal(got, []string{stageCompile}) {
		t.Errorf("with an unusable cache: %q", got)
	}
}

func TestCompileIsCancelled(t *testing.T) {
	e, err := New(Config{Cache: openCache(t, t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if _, err := e.Compile(ctx, enginetest.Module(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("compile under a cancelled context: %v", err)
	}
}

const processRoot = "ASSAY_TEST_PROCESS_ROOT"

// TestSeveralProcesses compiles in processes at once: the code works in each,
// and the cache is whole afterwards.
func TestSeveralProcesses(t *testing.T) {
	if root := os.Getenv(processRoot); root != "" {
		stages(t, openCache(t, root))
		return
	}
	root := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestSeveralProcesses$", "-test.v")
			cmd.Env = append(os.Environ(), processRoot+"="+root)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	group.Wait()
	if got := stages(t, openCache(t, root)); !slices.Equal(got, []string{stageLoad}) {
		t.Errorf("afterwards: %q", got)
	}
}
