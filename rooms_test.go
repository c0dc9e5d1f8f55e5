package assay

import (
	"os/exec"
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
