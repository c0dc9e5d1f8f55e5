package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var bg = context.Background()

// count adds one to the number in a file, n times, each under the lock.
func count(f *Folder, file string, n int) error {
	for range n {
		unlock, err := f.Lock(bg, Code, "counter")
		if err != nil {
			return err
		}
		data, _ := os.ReadFile(file)
		number, _ := strconv.Atoi(string(data))
		if err := os.WriteFile(file, []byte(strconv.Itoa(number+1)), 0o644); err != nil {
			return err
		}
		unlock()
	}
	return nil
}

const processRoot = "ASSAY_TEST_PROCESS_ROOT"

func TestLockExcludesGoroutinesAndProcesses(t *testing.T) {
	if root := os.Getenv(processRoot); root != "" {
		f, err := Open(root)
		if err != nil {
			t.Fatal(err)
		}
		if err := count(f, filepath.Join(root, "number"), 20); err != nil {
			t.Fatal(err)
		}
		return
	}
	f := openTemp(t)
	file := filepath.Join(f.Root(), "number")
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if err := count(f, file, 20); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestLockExcludesGoroutinesAndProcesses$")
			cmd.Env = append(os.Environ(), processRoot+"="+f.Root())
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	group.Wait()
	if got, err := os.ReadFile(file); string(got) != "80" {
		t.Errorf("counted to %q, want 80 (%v)", got, err)
	}
}

func TestLockOfAnotherEntryIsFree(t *testing.T) {
	f := openTemp(t)
	var unlocks []func()
	for i := range 3 {
		unlock, err := f.Lock(bg, Code, fmt.Sprint("key", i))
		if err != nil {
			t.Fatal(err)
		}
		unlocks = append(unlocks, unlock)
	}
	for _, unlock := range unlocks {
		unlock()
	}
}

func TestLockHeedsItsContext(t *testing.T) {
	f := openTemp(t)
	unlock, err := f.Lock(bg, Code, "key")
	if err != nil {
		t.Fatal(err)
	}
	tired := errors.New("tired")
	ctx, cancel := context.WithCancelCause(bg)
	cancel(tired)
	if _, err := f.Lock(ctx, Code, "key"); !errors.Is(err, tired) {
		t.Errorf("held by this process: %v", err)
	}
	other, err := Open(f.Root()) // its goroutines' locks are its own, as another process's
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Lock(ctx, Code, "key"); !errors.Is(err, tired) && !errors.Is(err, context.Canceled) {
		t.Errorf("held by another: %v", err)
	}
	unlock()
	if unlock, err = other.Lock(bg, Code, "key"); err != nil {
		t.Fatalf("free again: %v", err)
	}
	unlock()
}

func TestLockWhereNoneCanBe(t *testing.T) {
	f := openTemp(t)
	if err := os.WriteFile(filepath.Join(f.Root(), lockName), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first failure must not leave the entry locked
		if _, err := f.Lock(bg, Code, "key"); err == nil || !strings.Contains(err.Error(), "code/key") {
			t.Errorf("Lock: %v", err)
		}
	}
}
