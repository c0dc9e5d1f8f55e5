package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/harness/codeflow"
)

// leastFlag is a flag for what tests must reach: lines=0.9,mutants=0.5,marks=3.
type leastFlag codeflow.Least

func (l *leastFlag) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		name, text, _ := strings.Cut(part, "=")
		n, err := strconv.ParseFloat(text, 64)
		shares := map[string]*float64{"lines": &l.Lines, "branches": &l.Branches, "mutants": &l.Mutants}
		switch share := shares[name]; {
		case err == nil && share != nil && n >= 0 && n <= 1:
			*share = n
		case err == nil && name == "marks" && n >= 1 && n <= 5 && n == float64(int(n)):
			l.Marks = int(n)
		default:
			return fmt.Errorf("%q is no bound; write lines=0.9, branches=0.8, mutants=0.5 or marks=3", part)
		}
	}
	return nil
}

func (l *leastFlag) String() string {
	var parts []string
	add := func(name string, n float64) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s=%g", name, n))
		}
	}
	add("lines", l.Lines)
	add("branches", l.Branches)
	add("mutants", l.Mutants)
	add("marks", float64(l.Marks))
	return strings.Join(parts, ",")
}

func (l *leastFlag) Type() string { return "bounds" }
