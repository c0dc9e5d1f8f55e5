package benchmarks

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/value"
)

// starterName names the suite that is in the program itself: two dozen problems
// of assay's own, in the shape of HumanEval+, with samples right and wrong, for
// the first minute, for the documentation and for the tests of other packages.
//
// Its invariant: every canonical solution holds its contract on every input and
// passes its own test, every sample gets in a plain Python the verdict that
// starter/verdicts.jsonl has for it, and no problem is taken from a published
// set.
const starterName = "starter"

var (
	//go:embed starter/problems.jsonl
	starterProblems []byte
	//go:embed starter/samples.jsonl
	starterSamples []byte
)

// StarterProblems are the rows of the suite, as HumanEvalPlus.jsonl has them.
func StarterProblems() []byte { return slices.Clone(starterProblems) }

// Paths of samples that are no files. A file of such a name is reached by
// "./canonical".
const (
	CanonicalSamples = "canonical" // the suite's own solutions
	ExampleSamples   = "examples"  // starter's samples, right ones and wrong ones
)

// CanonicalSamples are the suite's own solutions, of the problems that have one.
func (s *Suite) CanonicalSamples() ([]Sample, error) {
	var out []Sample
	for _, p := range s.Problems {
		if p.Canonical != "" {
			out = append(out, Sample{TaskID: p.ID, Solution: p.Canonical, Origin: CanonicalSamples})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no solutions of its own: give --samples FILE", s.Name)
	}
	return out, nil
}

// ExampleSamples are rows {"task_id", "completion" or "solution"}: several of
// each task.
func (s *Suite) ExampleSamples() ([]byte, error) {
	if s.Name != starterName {
		return nil, fmt.Errorf("%s has no example samples, %s has", s.Name, starterName)
	}
	return slices.Clone(starterSamples), nil
}

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

// tests are those of the row, read when they are asked for.
func (r row) tests(read func(row) ([]Test, error)) *Tests {
	return &Tests{sum: sha256.Sum256(r.text), load: r.later(read), where: fmt.Sprintf("%s:%d", r.file, r.line)}
}

// later makes of a reader of rows one of tests that reads the row again when it
// is asked for: from the file, where the row is part of a large one.
func (r row) later(read func(row) ([]Test, error)) func() ([]Test, error) {
	if r.place != nil {
		place, sum := *r.place, sha256.Sum256(r.text)
		return func() (tests []Test, err error) {
			text, err := place.read(sum)
			if err == nil {
				again := row{file: place.path, line: place.line, text: text}
				err = again.visit(func(r row) (err error) {
					tests, err = read(r)
					return err
				})
			}
			return tests, err
		}
	}
	fields := make(map[string][]byte, len(r.fields))
	for name, raw := range r.fields {
		if strings.Contains(name, "test") {
			fields[name] = bytes.Clone(raw)
		}
	}
	r = row{file: r.file, line: r.line, fields: fields}
	return func() ([]Test, error) {
		tests, err := read(r)
		if err != nil {
			err = fmt.Errorf("%s:%d: %w", r.file, r.line, err)
		}
		return tests, err
	}
}
