package instrument

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/assay-dev/assay/runtimes/wasm"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

var update = flag.Bool("update", false, "keep the modules that wasm-tools makes in testdata/smith")

// TestSmith does as TestGenerated with modules of another maker, wasm-smith:
// those in testdata/smith, and with ASSAY_WASM_TOOLS, the path of wasm-tools
// (cargo install wasm-tools --locked), as many new ones as -seeds says.
func TestSmith(t *testing.T) {
	dir := filepath.Join("testdata", "smith")
	if tool := os.Getenv("ASSAY_WASM_TOOLS"); tool != "" {
		if !*update {
			dir = t.TempDir()
		}
		smith{t, tool, dir}.make(*firstSeed, *seeds)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.wasm"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no modules in %s: %v", dir, err)
	}
	c := newComparison(t)
	refused := 0
	for i, file := range files {
		bin, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c.name = file
		if _, err := Instrument(bin, Default()); errors.Is(err, wasm.ErrRefused) || !c.starts(bin) {
			refused++ // a table of exnref, a mutable v128, a segment out of bounds
			continue
		}
		c.module(bin, strings.HasPrefix(filepath.Base(file), "exceptions"), uint64(i))
	}
	if refused > len(files)*2/3 {
		t.Errorf("%d of %d modules are refused", refused, len(files))
	}
	t.Logf("%d modules, %d more refused", len(files)-refused, refused)
}

// starts says whether an instance can be made.
func (c *comparison) starts(bin []byte) bool {
	m := c.instrument(bin, Options{})
	mod, err := c.wazero.rt.InstantiateWithConfig(c.wazero.ctx, m.Code, wazero.NewModuleConfig().WithName(""))
	if err == nil {
		mod.Close(c.wazero.ctx)
	}
	return err == nil
}

// smith makes modules with wasm-tools.
type smith struct {
	t         *testing.T
	tool, dir string
}

// make makes two modules for each seed, without exceptions and with.
func (s smith) make(first, n uint64) {
	shape := filepath.Join(s.t.TempDir(), "shape.wasm")
	if err := os.WriteFile(shape, smithShape(), 0o600); err != nil {
		s.t.Fatal(err)
	}
	for seed := first; seed < first+n; seed++ {
		for kind, exceptions := range map[string]bool{"plain": false, "exceptions": true} {
			bin := s.run(seed, "smith", "--module-shape", shape, "--exceptions-enabled", fmt.Sprint(exceptions),
				"--ensure-termination", "--gc-enabled", "false", "--tail-call-enabled", "false", "--threads-enabled", "false",
				"--relaxed-simd-enabled", "false", "--memory64-enabled", "false", "--extended-const-enabled", "false",
				"--custom-page-sizes-enabled", "false", "--wide-arithmetic-enabled", "false",
				"--shared-everything-threads-enabled", "false", "--allow-start-export", "false",
				"--generate-custom-sections", "false", "--max-table-elements", "200", "--max-tags", "3", "--max-tables", "2")
			if err := os.WriteFile(filepath.Join(s.dir, fmt.Sprintf("%s-%d.wasm", kind, seed)), bin, 0o644); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// run feeds the tool with random bytes, which is what it makes a module of.
func (s smith) run(seed uint64, args ...string) []byte {
	r := rand.New(rand.NewPCG(seed, 11))
	entropy := make([]byte, 0, 2000)
	for len(entropy) < 200+r.IntN(1800) {
		entropy = binary.LittleEndian.AppendUint64(entropy, r.Uint64())
	}
	cmd := exec.Command(s.tool, args...)
	cmd.Stdin = bytes.NewReader(entropy)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v", s.tool, err)
	}
	return out
}

// smithShape is what the modules have in common: main, its memory and globals,
// types for tags.
func smithShape() []byte {
	m := wasmtest.New()
	m.Type("", "")
	m.Type("i32", "")
	m.Memory(1, 4)
	for i, t := range []string{"i64", "f64", "f32", "i32"} {
		m.Export(globalNames[i+1], wasm.KindGlobal, m.Global(t, true, t+".const 5"))
	}
	for _, s := range []signature{{"i32", "i32"}, {"i64 f32 v128", "f32 v128"}, {"", "i64 f64"}} {
		m.Func(s.params, s.results, "", "unreachable")
	}
	m.Export("memory", wasm.KindMemory, 0)
	m.ExportFunc("main", m.Func(paramTypes, resultTypes, "", "unreachable"))
	return m.Bytes()
}
