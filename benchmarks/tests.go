package benchmarks

import (
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/assay-dev/assay/runtimes/value"
)

// Test is a run of a program: what it reads and what it has to print. Where a
// function is tested, Input has an argument a line and Output the value, each in
// JSON.
type Test struct{ Input, Output string }

// Tests are those of one problem. They can be large and many, and lie packed in
// the data set, so that they are read when a worker gets there.
type Tests struct {
	load  func() ([]Test, error)
	sum   [32]byte // over what load reads
	where string   // file and line, for messages; may be ""
}

// NewTests makes tests of what is at hand.
func NewTests(tests []Test) *Tests {
	h := newDigest("tests/1")
	for _, t := range tests {
		writeString(h, t.Input)
		writeString(h, t.Output)
	}
	return &Tests{load: func() ([]Test, error) { return tests, nil }, sum: [32]byte(h.Sum(nil))}
}

// Load gives the tests, in order.
func (t *Tests) Load() ([]Test, error) {
	tests, err := t.load()
	if err == nil && len(tests) == 0 {
		err = errors.New("there are no tests")
		if t.where != "" {
			err = fmt.Errorf("%s: %w", t.where, err)
		}
	}
	return tests, err
}

func (t *Tests) hash(h hash.Hash) {
	writeString(h, "tests")
	h.Write(t.sum[:])
}

// Calls are the tests of a function, as an input set, with the values that are
// expected of it.
func (t *Tests) Calls() (InputSet, []value.Value, error) {
	tests, err := t.Load()
	if err != nil {
		return InputSet{}, nil, err
	}
	set := InputSet{Name: baseOnly[0], N: len(tests), where: baseOnly[0]}
	expected := make([]value.Value, len(tests))
	for i, test := range tests {
		lines := strings.Split(test.Input, "\n")
		set.raw = append(set.raw, []byte("["+strings.Join(lines, ",")+"]"))
		args, err := set.Input(i)
		if err != nil {
			return set, nil, err
		}
		if len(args) != len(lines) {
			return set, nil, fmt.Errorf("input %d: %d values in %d lines", i, len(args), len(lines))
		}
		if expected[i], err = value.ParseJSON([]byte(test.Output)); err != nil {
			return set, nil, fmt.Errorf("output %d: %w", i, err)
		}
	}
	return set, expected, nil
}
