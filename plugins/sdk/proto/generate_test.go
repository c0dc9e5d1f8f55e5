package proto

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenerated holds what is committed to what protoc makes of the proto files.
// It needs the protoc of the tests' Python (make plugins-python).
func TestGenerated(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	python := os.Getenv("ASSAY_PLUGIN_PYTHON")
	if python == "" {
		python = filepath.Join(root, ".plugins", "bin", "python")
	}
	if err := exec.Command(python, "-c", "import grpc_tools").Run(); err != nil {
		if os.Getenv("ASSAY_REQUIRE") != "" {
			t.Fatalf("no protoc: %v; make plugins-python", err)
		}
		t.Skipf("no protoc: %v; make plugins-python", err)
	}
	fresh := t.TempDir()
	cmd := exec.Command("sh", "generate.sh", fresh)
	cmd.Env = append(os.Environ(), "PROTOC="+python+" -m grpc_tools.protoc")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	names := []string{"plugins/python/assay_plugin/proto/goplugin/goplugin_pb2.py"}
	for _, kind := range []string{"backend", "trainer", "runtime"} {
		names = append(names,
			"plugins/sdk/proto/"+kind+"/v1/"+kind+".pb.go", "plugins/sdk/proto/"+kind+"/v1/"+kind+"_grpc.pb.go",
			"plugins/python/assay_plugin/proto/"+kind+"/v1/"+kind+"_pb2.py")
	}
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(fresh, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what protoc makes: make proto (%v)", name, err)
		}
	}
}
