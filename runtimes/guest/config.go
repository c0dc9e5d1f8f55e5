package guest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// Defaults of Config.
const (
	// DefaultClockOrigin is 2026-01-01T00:00:00Z in ns since 1970.
	DefaultClockOrigin uint64 = 1_767_225_600 * second
	// DefaultFuelPerNanosecond is about what a fast engine burns.
	DefaultFuelPerNanosecond uint64 = 10
)

// Config says what a new world holds. Zero fields take the default beside them.
type Config struct {
	Args     []string
	Env      []string    // "KEY=value"
	Stdin    []byte      // all that standard input will ever give
	Root     *memfs.Tree // shared with others, never written to (default: an empty directory)
	Preopens []string    // directories of Root that the guest starts with, by their paths (default "/")
	Seed     uint64      // of the random bytes

	ClockOrigin       uint64 // the wall clock at the start, ns since 1970 (default DefaultClockOrigin)
	FuelPerNanosecond uint64 // speed of the clock (default DefaultFuelPerNanosecond)

	Limits runtimes.Limits // OutputBytes, FSBytes, FSNodes, OpenFiles
}

func (c Config) withDefaults() Config {
	if c.Root == nil {
		c.Root = memfs.NewBuilder().Tree()
	}
	if c.Preopens == nil {
		c.Preopens = []string{"/"}
	}
	if c.ClockOrigin == 0 {
		c.ClockOrigin = DefaultClockOrigin
	}
	if c.FuelPerNanosecond == 0 {
		c.FuelPerNanosecond = DefaultFuelPerNanosecond
	}
	return c
}

func (c Config) check() error {
	if c.ClockOrigin > math.MaxInt64 {
		return fmt.Errorf("clock origin %d: past the year 2262", c.ClockOrigin)
	}
	for _, s := range slices.Concat(c.Args, c.Env) {
		if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
			return fmt.Errorf("argument or variable %q: not UTF-8, or with a NUL", s)
		}
	}
	if len(c.Preopens) == 0 {
		return errors.New("no preopened directory: a guest needs one to find any file")
	}
	return nil
}
