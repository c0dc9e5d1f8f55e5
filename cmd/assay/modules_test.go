package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestHostileModules runs testdata/script/hostile/modules: raw modules that spin,
// grow, lie and look for a way out.
func TestHostileModules(t *testing.T) {
	runScripts(t, filepath.Join("testdata", "script", "hostile", "modules"))
}

// wat assembles a module in the text format: wat FILE.wat makes FILE.wasm.
func wat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: wat FILE.wat")
	}
	defer func() {
		if mistake := recover(); mistake != nil {
			ts.Fatalf("%s: %v", args[0], mistake)
		}
	}()
	module := wasmtest.Wat(ts.ReadFile(args[0]))
	ts.Check(os.WriteFile(ts.MkAbs(strings.TrimSuffix(args[0], ".wat")+".wasm"), module, 0o644))
}

// bomb makes a module that is hard to compile: bomb KIND N FILE.wasm.
func bomb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: bomb KIND N FILE.wasm")
	}
	i := slices.IndexFunc(wasmtest.Bombs(), func(b wasmtest.Bomb) bool { return b.Name == args[0] })
	n, err := strconv.Atoi(args[1])
	if i < 0 || err != nil {
		ts.Fatalf("no bomb %q of %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), wasmtest.Bombs()[i].Make(n), 0o644))
}

// runs assembles and runs a module, on every engine, and holds what came of it to
// what must:
//
//	runs [FLAG=VALUE...] MODULE.wat OUTCOME [FIELD=VALUE...]
//
// The fields are those of run --json: fuel=12 pages=1 exit_code=0 stdout=text. An
// engine may differ from another in nothing.
func runs(ts *testscript.TestScript, neg bool, args []string) {
	n := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "-") })
	if neg || n < 0 || len(args) < n+2 {
		ts.Fatalf("usage: runs [FLAG=VALUE...] MODULE.wat OUTCOME [FIELD=VALUE...]")
	}
	flags, module, outcome, fields := args[:n], args[n], args[n+1], args[n+2:]
	wat(ts, false, []string{module})
	text := ""
	for _, engine := range registry.BuiltIn() {
		command := slices.Concat([]string{"run", "--json"}, engineFlag(engine), flags, []string{strings.TrimSuffix(module, ".wat") + ".wasm"})
		_ = ts.Exec("assay", command...) // with the module's exit code, or that of its end
		other := text
		if text = ts.ReadFile("stdout"); other != "" && other != text {
			ts.Fatalf("%s gives another outcome: %.2000s\nthan those before: %.2000s", engine, text, other)
		}
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		ts.Fatalf("no outcome: %v: %s", err, ts.ReadFile("stderr"))
	}
	for _, field := range append([]string{"outcome=" + outcome}, fields...) {
		name, want, _ := strings.Cut(field, "=")
		if is := got[name]; fmt.Sprint(is) != want && fmt.Sprintf("%.0f", is) != want {
			ts.Fatalf("%s is %v, want %s:\n%.2000s", name, is, want, text)
		}
	}
}
