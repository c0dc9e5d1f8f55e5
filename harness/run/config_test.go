package run

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes"
)

// TestOptions: what flags may ask for, and which libraries that gives, to old
// results as well, whose compat said it.
func TestOptions(t *testing.T) {
	suite := &benchmarks.Suite{Libraries: "bigcodebench"}
	for name, tt := range map[string]struct {
		compat, libs string
		factor       float64
		memory       uint64
		libraries    string
		wrong        string // "": nothing
	}{
		"usual":          {"evalplus", "", 4, 1 << 30, "bigcodebench", ""},
		"other rules":    {"evalplus-0.3.1", "", 1, 64 << 20, "bigcodebench", ""},
		"as they are":    {"evalplus", "as-is", 4, 4 << 30, "bigcodebench-as-is", ""},
		"old results":    {"as-is", "", 4, 1 << 30, "bigcodebench-as-is", "--compat as-is: which libraries programs have is said by --libs as-is"},
		"unknown rules":  {"evalplus-9", "", 4, 1 << 30, "bigcodebench", `no rules are called "evalplus-9" (there are evalplus and evalplus-0.3.1)`},
		"unknown libs":   {"evalplus", "new", 4, 1 << 30, "bigcodebench", "--libs is benchmark or as-is"},
		"small factor":   {"evalplus", "", 0.5, 1 << 30, "bigcodebench", "--fuel-factor 0.5"},
		"little memory":  {"evalplus", "", 4, 1 << 20, "bigcodebench", "from 64MiB"},
		"too much of it": {"evalplus", "", 4, 5 << 30, "bigcodebench", "to 4GiB"},
	} {
		o := Options{Compat: tt.compat, Libs: tt.libs, FuelFactor: tt.factor, Limits: runtimes.Limits{MemoryBytes: tt.memory}}
		if got := o.Libraries(suite); got != tt.libraries {
			t.Errorf("%s: libraries %q, want %q", name, got, tt.libraries)
		}
		err := o.Validate()
		if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s: %v, want %q", name, err, tt.wrong)
		}
		if tt.libs == "" && o.Libraries(&benchmarks.Suite{}) != "" {
			t.Errorf("%s: libraries of a suite that has none", name)
		}
	}
}

// Every suite's programs are held to a Python that there is.
func TestPythons(t *testing.T) {
	for _, i := range benchmarks.Catalogue() {
		held, err := Options{Python: i.Python}.HeldTo()
		if err != nil || held != i.Python {
			t.Errorf("%s is held to %q: %v", i.Spec(), held, err)
		}
		if i.Python == "" && i.Name != "starter" {
			t.Errorf("%s names no Python", i.Spec())
		}
	}
	if _, err := (Options{Python: "2.7"}).HeldTo(); err == nil {
		t.Error("2.7 is taken")
	}
}
