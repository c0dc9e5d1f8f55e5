package python

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// Libraries is a set of libraries that programs find beside Python's own, with
// an image of its own that has them imported. The plain image knows nothing of
// it, so no set changes what other suites' programs do.
type Libraries struct {
	Name   string
	Wheels []Wheel // what pip fetches

	driver  string // the driver's source
	imports string // names of modules that the image has imported, in this order
	shims   string // folder in files of modules of ours, which go before all others
}

// usual is no set: Python as the wheel has it.
var usual = &Libraries{driver: driverSource, imports: imports}

//go:embed driver/tests.py
var testsSource string

//go:embed bigcodebench
var files embed.FS

// Sets for BigCodeBench: with the switch assay_compat, and without.
const (
	BigCodeBench     = "bigcodebench"
	BigCodeBenchAsIs = "bigcodebench-as-is"
)

var sets = []*Libraries{
	bigCodeBench(BigCodeBench, " assay_compat"), // last: it changes what is there
	bigCodeBench(BigCodeBenchAsIs, ""),
}

func bigCodeBench(name, last string) *Libraries {
	return &Libraries{
		Name:   name,
		Wheels: mustLock(BigCodeBench),
		driver: driverSource + "\n" + mustRead("bigcodebench/path.py") + "\n" + testsSource,
		// Shims first: what is imported after them finds them.
		imports: "assay_shims " + imports + " " + mustRead("bigcodebench/imports.txt") + last,
		shims:   "bigcodebench/shims",
	}
}

// Sets lists the sets that there are.
func Sets() []*Libraries { return slices.Clone(sets) }

func libraries(name string) (*Libraries, error) {
	if name == "" {
		return usual, nil
	}
	for _, l := range sets {
		if l.Name == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no set of libraries is called %q", name)
}

func mustRead(name string) string {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is in the program
	}
	return strings.TrimSpace(string(data))
}
