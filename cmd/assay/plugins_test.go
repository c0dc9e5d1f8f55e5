package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// tree is the top folder of the source.
var tree, _ = filepath.Abs(filepath.Join("..", ".."))

// pluginPython is a Python that has what plugins in Python need; "" where there
// is none: make plugins-python makes one.
var pluginPython = sync.OnceValue(func() string {
	python := os.Getenv("ASSAY_PLUGIN_PYTHON")
	if python == "" {
		python = filepath.Join(tree, ".plugins", "bin", "python")
	}
	if exec.Command(python, "-c", "import assay_plugin").Run() != nil {
		return ""
	}
	return python
})

// pluginZig says whether that Python has the compiler that the example for C asks.
var pluginZig = sync.OnceValue(func() bool {
	return pluginPython() != "" && exec.Command(pluginPython(), "-c", "import ziglang").Run() == nil
})

// TestPluginPython keeps the scripts that need it from being left out unseen.
func TestPluginPython(t *testing.T) {
	switch {
	case pluginZig():
	case os.Getenv("ASSAY_REQUIRE") != "":
		t.Error("there is no Python for plugins, or it has no ziglang: make plugins-python")
	default:
		t.Skip("there is no Python for plugins, or it has no ziglang: make plugins-python")
	}
}

// example builds an example of a plugin in Go into a folder of its own: example NAME.
func example(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: example NAME")
	}
	dir := ts.MkAbs(args[0])
	source := filepath.Join(tree, "plugins", "sdk", "examples", args[0])
	manifest, err := os.ReadFile(filepath.Join(source, "plugin.json"))
	ts.Check(err)
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(os.WriteFile(filepath.Join(dir, "plugin.json"), manifest, 0o644))
	build := exec.Command("go", "build", "-o", filepath.Join(dir, args[0]), ".")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		ts.Fatalf("%v\n%s", err, out)
	}
}
