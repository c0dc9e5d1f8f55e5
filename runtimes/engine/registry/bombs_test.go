//go:build unix

package registry

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sort"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestBombsWithinBounds compiles the largest that is accepted of each kind of module
// that is hard to compile, each on every engine in a process of its own: none takes
// 10 s of processor time or 1 GiB. With ASSAY_SLOW; without, some small ones.
func TestBombsWithinBounds(t *testing.T) {
	if kind := os.Getenv("ASSAY_TEST_BOMB"); kind != "" {
		explode(t, kind)
		return
	}
	slow, limit := os.Getenv("ASSAY_SLOW") != "", 100
	if slow {
		limit = 1 << 22
	}
	for i, b := range wasmtest.Bombs() {
		if !slow && i%8 != 0 {
			continue
		}
		// The first that would be refused is one more. None far beyond is made.
		most := 1
		for most < limit && !tooMuch(t, b.Make(most)) {
			most *= 2
		}
		n := sort.Search(min(most, limit), func(n int) bool { return tooMuch(t, b.Make(n+1)) })
		for _, engine := range BuiltIn() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestBombsWithinBounds$")
			cmd.Env = append(os.Environ(), "ASSAY_TEST_BOMB="+strconv.Itoa(i), "ASSAY_TEST_SIZE="+strconv.Itoa(n), "ASSAY_TEST_ENGINE="+engine)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%s of %d on %s: %v\n%s", b.Name, n, engine, err, out)
				continue
			}
			took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			memory := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
			// Linux counts what this process had when it started the other as the
			// other's, so the other says itself what it has had.
			if own := highWater.FindSubmatch(out); own != nil {
				memory, _ = strconv.ParseInt(string(own[1]), 10, 64)
				memory >>= 10
			}
			t.Logf("%-40s n = %7d %8s: %6.2f s, %4d MiB", b.Name, n, engine, took.Seconds(), memory)
			if slow && (took > 10*time.Second || memory > 1<<10) {
				t.Errorf("%s of %d on %s takes %v and %d MiB", b.Name, n, engine, took, memory)
			}
		}
	}
}

// tooMuch says whether a module is refused.
func tooMuch(t *testing.T, bin []byte) bool {
	if len(bin) > 40<<20 {
		return true
	}
	_, err := instrument.Instrument(bin, instrument.Default())
	if err != nil && !errors.Is(err, wasm.ErrTooMuch) && !errors.Is(err, wasm.ErrTooBig) {
		t.Fatal(err)
	}
	return err != nil
}

// explode is the process that compiles a bomb.
func explode(t *testing.T, kind string) {
	i, _ := strconv.Atoi(kind)
	n, _ := strconv.Atoi(os.Getenv("ASSAY_TEST_SIZE"))
	m, err := instrument.Instrument(wasmtest.Bombs()[i].Make(n), instrument.Default())
	if err != nil {
		t.Fatal(err)
	}
	open(t, os.Getenv("ASSAY_TEST_ENGINE"), m, nil)
	status, _ := os.ReadFile("/proc/self/status")
	fmt.Printf("%s\n", highWater.Find(status))
}

// highWater is the most memory that a process has had, in KiB, as proc(5) says it.
var highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)
