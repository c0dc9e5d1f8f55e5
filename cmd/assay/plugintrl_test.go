package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/trainer/trlrun"
)

// TestPluginTRL holds the PyTorch trainer, as a plugin, to the contract. It runs
// when ASSAY_TRL is 1, and that Python has what plugins need (grpcio,
// grpcio-health-checking, cryptography).
func TestPluginTRL(t *testing.T) {
	if os.Getenv("ASSAY_TRL") != "1" {
		t.Skip("ASSAY_TRL is not 1")
	}
	python := os.Getenv("ASSAY_TRL_PYTHON")
	if python == "" {
		python = filepath.Join(tree, trlrun.DefaultPython())
	}
	source := filepath.Join(tree, "trainer", "trl")
	t.Setenv("PYTHONPATH", strings.Join([]string{source, filepath.Join(source, "tests"), filepath.Join(tree, "plugins", "python")}, string(os.PathListSeparator)))
	t.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	t.Setenv("ASSAY_PLUGINS", t.TempDir())
	model := t.TempDir()
	if said, err := exec.Command(python, "-c", "import sys, tiny\ntiny.save_model(sys.argv[1])", model).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if said, err := exec.Command(python, "-c", "import assay_plugin").CombinedOutput(); err != nil {
		t.Skipf("that Python has not what plugins need: %v\n%s", err, said)
	}
	for _, args := range [][]string{
		{"plugins", "install", filepath.Join(source, "plugin"), "--python", python, "--env", "PYTHONPATH"},
		{"plugins", "test", "trl", "--model", model, "--patience", "10m"},
	} {
		if said, err := exec.Command("assay", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
}
