package assay

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rooms lists, for each folder, the folders of ours that it may import besides
// its own sub-folders, internal and words. Imports point one way: internal knows
// nothing of ours, benchmarks and runtimes nothing of harness; harness joins them;
// plugins and trainer know none of them but small interfaces; cmd wires all.
// plugins/sdk is a module of its own, and imports nothing of this one.
var rooms = []struct {
	room string
	may  []string
}{
	{"internal", nil},
	{"runtimes/wasm", nil},
	{"runtimes/instrument", []string{"runtimes/wasm"}},
	{"runtimes/guest", []string{"runtimes"}},
	{"runtimes/engine", []string{"runtimes", "runtimes/wasm", "runtimes/instrument", "runtimes/guest", "runtimes/guest/..."}},
	{"runtimes/snapshot", []string{"runtimes", "runtimes/wasm", "runtimes/instrument", "runtimes/guest", "runtimes/guest/...", "runtimes/engine"}},
	{"runtimes/wasi", []string{"runtimes", "runtimes/wasm", "runtimes/instrument", "runtimes/guest", "runtimes/guest/...", "runtimes/engine"}},
	{"runtimes/golang", []string{"runtimes/confine"}},
	{"runtimes/confine", nil},
	{"runtimes", nil},
	{"benchmarks", nil},
	{"trainer", nil},
	{"plugins", []string{"harness/model", "trainer", "trainer/...", "runtimes", "runtimes/...", "plugins/sdk/..."}}, // as far as what follows allows
	{"plugins/backends", []string{"harness/model", "trainer/embedded/...", "trainer/objective"}},
	{"plugins/contract", []string{"harness/model", "trainer", "trainer/...", "runtimes", "runtimes/wasm", "runtimes/wasm/..."}}, // modules of a language of the tests
	{"plugins/host", []string{"plugins/sdk/...", "runtimes/confine"}},
	{"harness/model", nil},
	{"harness/guestcall", []string{"runtimes"}},
	{"harness", []string{"runtimes", "benchmarks", "benchmarks/...", "trainer", "trainer/..."}}, // pairs have the trainer's form, reports show run directories
}

// words are what each kind of plugin is to Go, for whoever is or asks one.
var words = []string{"plugins/sdk/model", "plugins/sdk/trainer", "plugins/sdk/language"}

// TestRooms holds the imports to the table.
func TestRooms(t *testing.T) {
	for _, r := range rooms {
		t.Run(r.room, func(t *testing.T) {
			out, err := exec.Command("go", "list", "-deps", "./"+r.room+"/...").Output()
			if err != nil {
				t.Fatalf("go list: %v", err)
			}
			for _, dep := range strings.Fields(string(out)) {
				room, ours := strings.CutPrefix(dep, "github.com/assay-dev/assay/")
				if ours && !allowed(room, r.room, r.may) {
					t.Errorf("%s imports %s", r.room, room)
				}
			}
		})
	}
}

func allowed(dep, room string, may []string) bool {
	if dep == room || strings.HasPrefix(dep, room+"/") || strings.HasPrefix(dep, "internal/") {
		return true
	}
	for _, m := range append(words, may...) {
		if prefix, tree := strings.CutSuffix(m, "..."); dep == m || tree && strings.HasPrefix(dep, prefix) {
			return true
		}
	}
	return false
}

// openers may open files in another way than package plainfile does: what they
// open is the system's, or was written by this process just now.
var openers = []string{
	"cmd/bench", "cmd/demo", "internal/testkit", "plugins/contract", "plugins/contract/contracttest", // tools and tests
	"internal/atomicfile", "internal/plainfile", "trainer/embedded/llama", // written just now; and plainfile itself
	"harness/run", "runtimes/confine", "runtimes/snapshot", // /proc and /sys
	"runtimes/engine/codecache", "runtimes/engine/enginetest", "runtimes/golang", // the cache's, sealed; and what a compiler left
}

// TestOneReader: files from outside are opened by package plainfile alone, which
// waits for no pipe and follows no link out of a folder.
func TestOneReader(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "plugins/sdk/") || slices.Contains(openers, filepath.Dir(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		for _, call := range []string{"os.Open(", "os.ReadFile(", "os.OpenRoot(", "ioutil."} {
			if strings.Contains(string(text), call) {
				t.Errorf("%s: %s…) is for package plainfile", path, call)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
