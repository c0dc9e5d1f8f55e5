package instrument

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// wasmtime is the independent implementation of exceptions, fuel and canonical
// NaNs: PyPI's wasmtime, version 50 or later, which a Python must have.
type wasmtime struct {
	t   *testing.T
	dir string
	ask *bufio.Writer
	got *bufio.Scanner
	n   int
}

// startWasmtime needs ASSAY_WASMTIME, the path of such a Python, or 1 for
// python3.
func startWasmtime(t *testing.T) *wasmtime {
	python := os.Getenv("ASSAY_WASMTIME")
	if python == "" {
		t.Skip("ASSAY_WASMTIME names no Python that has the package wasmtime: the comparison with it was left out")
	}
	if python == "1" {
		python = "python3"
	}
	cmd := exec.Command(python, filepath.Join("testdata", "oracle.py"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("wasmtime: %v", err)
		}
	})
	return &wasmtime{t: t, dir: t.TempDir(), ask: bufio.NewWriter(in), got: bufio.NewScanner(out)}
}

// run gives the outcome's line, and the fuel.
func (w *wasmtime) run(bin []byte, nan bool, args []uint64) (line string, fuel uint64) {
	w.t.Helper()
	w.n++
	path := filepath.Join(w.dir, fmt.Sprint(w.n, ".wasm"))
	if err := os.WriteFile(path, bin, 0o600); err != nil {
		w.t.Fatal(err)
	}
	flag := 0
	if nan {
		flag = 1
	}
	fmt.Fprintf(w.ask, "%s %d %x %x %x\n", path, flag, args[0], args[1], args[2])
	w.ask.Flush()
	if !w.got.Scan() {
		w.t.Fatalf("wasmtime ended at %s", path)
	}
	line = w.got.Text()
	i := strings.LastIndexByte(line, ' ')
	fmt.Sscan(line[i:], &fuel)
	os.Remove(path)
	return line[:i], fuel
}

// line is the outcome in the script's words.
func (o outcome) line() string {
	result, trap := "-", "-"
	if o.trap != "" {
		trap = strings.ReplaceAll(o.trap, " ", "_")
	} else if o.thrown {
		trap = "thrown"
	} else {
		result = fmt.Sprintf("%x", o.results[0])
	}
	digest := sha256.Sum256(o.memory)
	return fmt.Sprintf("%s %s %x %x %x", result, trap, digest[:8], o.steps, o.one)
}

// TestAgainstWasmtime compares with wasmtime: random modules with exceptions
// there, lowered here; its fuel for the lowered module; its canonical NaNs.
func TestAgainstWasmtime(t *testing.T) {
	wt := startWasmtime(t)
	mc := newMachine(t)
	for seed := *firstSeed; seed < *firstSeed+uint64(*seeds); seed++ {
		for _, exceptions := range []bool{true, false} {
			bin := newGenerator(seed, exceptions).module()
			for _, args := range arguments {
				compareWithWasmtime(t, wt, mc, bin, fmt.Sprint(seed, exceptions), args)
			}
		}
	}
}

func compareWithWasmtime(t *testing.T, wt *wasmtime, mc *machine, bin []byte, name string, args []uint64) {
	t.Helper()
	lowered, err := Instrument(bin, Options{})
	if err != nil {
		t.Fatal(name, err)
	}
	o := Default()
	o.chargeChecks = true
	all, err := Instrument(bin, o)
	if err != nil {
		t.Fatal(name, err)
	}
	want, _ := wt.run(bin, true, args)
	in := mc.load(t, all.Code, all.Segments)
	in.set(ExportFuel, plenty)
	got := in.run(args...)
	if line := got.line(); line != want {
		t.Errorf("%s %x:\nwasmtime, exceptions  %s\nours, all passes      %s", name, args, want, line)
		return
	}
	line, fuel := wt.run(lowered.Code, true, args)
	if line != want {
		t.Errorf("%s %x on wasmtime:\nexceptions  %s\nlowered     %s", name, args, want, line)
	}
	if used := plenty - in.global(ExportFuel); got.trap == "" && used != fuel {
		t.Errorf("%s %x: fuel %d, wasmtime counts %d", name, args, used, fuel)
	}
}
