package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteCount is a flag for a size: 512MiB, 2GiB, or bytes.
type byteCount uint64

var byteUnits = []struct {
	suffix string
	size   float64
}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"B", 1}}

func (b *byteCount) Set(s string) error {
	upper, factor := strings.ToUpper(strings.TrimSpace(s)), 1.0
	for _, u := range byteUnits {
		if rest, ok := strings.CutSuffix(upper, u.suffix); ok {
			upper, factor = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := parseCount(upper, factor)
	if err != nil {
		return fmt.Errorf("%q is not a size; write 512MiB or 2GiB", s)
	}
	*b = byteCount(n)
	return nil
}

func (b *byteCount) String() string {
	if *b == 0 {
		return ""
	}
	return bytesText(int64(*b))
}

func (b *byteCount) Type() string { return "size" }

// fuelCount is a flag for an amount of fuel: 20e9, or 20000000000.
type fuelCount uint64

func (f *fuelCount) Set(s string) error {
	n, err := parseCount(s, 1)
	if err != nil {
		return fmt.Errorf("%q is not an amount of fuel; write 20e9", s)
	}
	*f = fuelCount(n)
	return nil
}

func (f *fuelCount) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*f), 'g', -1, 64)
}

func (f *fuelCount) Type() string { return "fuel" }

func parseCount(s string, factor float64) (uint64, error) {
	n, err := strconv.ParseFloat(s, 64)
	n *= factor
	if err != nil {
		return 0, err
	}
	if math.IsNaN(n) || n < 1 || n > 1<<62 {
		return 0, strconv.ErrRange
	}
	return uint64(n), nil
}
