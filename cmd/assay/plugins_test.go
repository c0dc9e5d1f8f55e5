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

// example takes an example of a plugin in Go out of the tree and builds it there,
// as the module that it is: example NAME. What it imports of ours is replaced by
// the tree; no network is needed beyond what the tree itself needs.
func example(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: example NAME")
	}
	dir := ts.MkAbs(args[0])
	source, sdk := ts.MkAbs("src-"+args[0]), filepath.Join(tree, "plugins", "sdk")
	ts.Check(os.CopyFS(source, os.DirFS(filepath.Join(sdk, "examples", args[0]))))
	var sums []byte
	for _, module := range []string{tree, sdk} {
		text, err := os.ReadFile(filepath.Join(module, "go.sum"))
		ts.Check(err)
		sums = append(sums, text...)
	}
	ts.Check(os.WriteFile(filepath.Join(source, "go.sum"), sums, 0o644))
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(os.Rename(filepath.Join(source, "plugin.json"), filepath.Join(dir, "plugin.json")))
	const module = "github.com/assay-dev/assay"
	for _, command := range [][]string{
		{"mod", "edit", "-replace", module + "/plugins/sdk=" + sdk, "-replace", module + "=" + tree},
		{"build", "-mod=mod", "-o", filepath.Join(dir, args[0]), "."},
	} {
		cmd := exec.Command("go", command...)
		cmd.Dir = source
		if out, err := cmd.CombinedOutput(); err != nil {
			ts.Fatalf("%v\n%s", err, out)
		}
	}
}
