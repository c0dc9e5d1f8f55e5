package python

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/internal/pip"
)

// Wheel is a line of a lock file: a wheel without native code, and where it goes.
type Wheel struct {
	pip.Wheel
	Licence string

	from string // the folder of the archive that is used; "" for all
	to   string // where the guest has it
}

// siteDir is where the guest has wheels, and shimDir where it has modules of ours.
const (
	siteDir = "usr/local/lib/site-packages"
	shimDir = "usr/local/lib/shims"
)

// mustLock reads the lock file of a set: lines of project, version, file,
// SHA-256 and licence, tabs between them, and for a wheel that is data a folder
// of the archive and the place where it goes.
func mustLock(set string) []Wheel {
	wheels, err := parseLock(mustRead(set + "/wheels.lock"))
	if err != nil {
		panic(err) // it is in the program
	}
	return wheels
}

func parseLock(text string) ([]Wheel, error) {
	var out []Wheel
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 5 && len(f) != 7 {
			return nil, fmt.Errorf("lock file, line %d: %d fields, want 5 or 7", i+1, len(f))
		}
		w := Wheel{Wheel: pip.Wheel{Project: f[0], Version: f[1], File: f[2], SHA256: f[3]}, Licence: f[4], to: siteDir}
		if len(f) == 7 {
			w.from, w.to = f[5], f[6]
		}
		out = append(out, w)
	}
	return out, nil
}
