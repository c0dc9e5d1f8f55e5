//go:build wasmtime && cgo && linux

package wasmtime

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shapes prints size and offsets of every type that capi.h declares itself.
const shapes = `
#include <stdio.h>
#define SHOW(x) printf(#x " %zu\n", (size_t)(x))
int main(void) {
  SHOW(sizeof(wasmtime_func_t));
  SHOW(sizeof(wasmtime_global_t));
  SHOW(sizeof(wasmtime_memory_t));
  SHOW(sizeof(wasmtime_val_t));
  SHOW(offsetof(wasmtime_val_t, of.i64));
  SHOW(sizeof(wasmtime_val_raw_t));
  SHOW(sizeof(wasmtime_extern_t));
  SHOW(offsetof(wasmtime_extern_t, of.global));
  SHOW(sizeof(wasm_byte_vec_t));
  SHOW(offsetof(wasm_byte_vec_t, data));
}
`

// TestDeclarations holds capi.h to wasmtime's own headers: the functions by the
// compiler, which refuses declarations that differ, the types by their shapes.
func TestDeclarations(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/bytecodealliance/wasmtime-go/v44").Output()
	if err != nil {
		t.Fatal(err)
	}
	headers := filepath.Join(strings.TrimSpace(string(out)), "build", "include")
	ours := show(t, `#include "capi.h"`)
	theirs := show(t, "#include <wasmtime.h>\n"+`#include "capi.h"`, "-I", headers)
	if ours != theirs {
		t.Errorf("here:\n%s\nthere:\n%s", ours, theirs)
	}
}

func show(t *testing.T, include string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "shapes.c"), filepath.Join(dir, "shapes")
	if err := os.WriteFile(source, []byte(include+shapes), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cc", append(flags, "-Werror", "-I.", "-o", program, source)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
