package benchmarks

import (
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
)

// A suite of somebody's own is JSON lines. The first may say what the suite is
// and how it is judged, and each other is a problem: a program that reads a
// test's input and prints its output. Rows in the forms of LiveCodeBench,
// CodeContests and SandboxFusion are problems too. schemas/suite.schema.json has
// the form; assay suites add explains it.

// ownFields are those of a problem, and headerFields those of the first line. A
// member of another name is an error, since it would be one of these misspelt.
var (
	ownFields    = []string{"task_id", "statement", "tests", "solution", "compare", "tolerance", "ignore_case", "seconds", "title", "difficulty", "date"}
	headerFields = []string{"suite", "version", "licence", "origin", "compare", "tolerance", "ignore_case", "seconds"}
)

// defaultSeconds is what a test may take where nobody says it.
const defaultSeconds = 1

// suiteHeader is the first line.
type suiteHeader struct {
	Name, Version, Licence, Origin string
	judging
}

// judging is how outputs are compared, and what a test may take.
type judging struct {
	Compare OutputRule
	Seconds float64
}

// stdioSuite reads such a suite. What the first line says of it goes into d.info.
func stdioSuite(d *dataset) ([]*Problem, error) {
	var c collector
	var header suiteHeader
	first := true
	err := d.eachLine(func(r row) error {
		_, isHeader := r.fields["suite"]
		if isHeader && first {
			first = false
			return header.read(r)
		}
		first = false
		p, err := header.problem(r)
		if err != nil {
			return err
		}
		return c.add(r, p)
	})
	header.describe(&d.info)
	return c.problems, err
}

// describe says what the suite is, where the catalogue of the user doesn't know.
func (h *suiteHeader) describe(i *Info) {
	for _, field := range []struct {
		to   *string
		from string
	}{{&i.Name, h.Name}, {&i.Version, h.Version}, {&i.Licence, h.Licence}, {&i.Origin, h.Origin}} {
		if *field.to == "" {
			*field.to = field.from
		}
	}
}

func (h *suiteHeader) read(r row) error {
	if err := r.known(headerFields); err != nil {
		return err
	}
	for field, to := range map[string]*string{"suite": &h.Name, "version": &h.Version, "licence": &h.Licence, "origin": &h.Origin} {
		if err := r.optional(field, to, "a string"); err != nil {
			return err
		}
	}
	if err := checkSuiteName(h.Name); err != nil {
		return fmt.Errorf("field %q: %w", "suite", err)
	}
	return h.judging.read(r)
}

// problem reads a row in whichever form it is.
func (h *suiteHeader) problem(r row) (*Problem, error) {
	has := func(field string) bool { return r.fields[field] != nil }
	read := ownProblem
	switch {
	case has("public_test_cases"):
		read = lcbProblem
	case has("public_tests"):
		read = codeContestsProblem
	case has("content") && has("test"):
		read = fusionProblem
	}
	p, err := read(r)
	if err != nil || p.Oracle != Stdio {
		return p, err
	}
	j := judging{p.Output, p.Seconds}
	if h.Compare.Name != "" { // the first line says it for all
		j.Compare = h.Compare
	}
	if h.Seconds != 0 {
		j.Seconds = h.Seconds
	}
	if has("tests") {
		if j.Compare.Name == "" {
			j.Compare.Name = Lines
		}
		if j.Seconds == 0 {
			j.Seconds = defaultSeconds
		}
		if err := j.read(r); err != nil {
			return nil, err
		}
	}
	p.Output, p.Seconds = j.Compare, j.Seconds
	return p, nil
}

// read takes what the row says.
func (j *judging) read(r row) error {
	if r.fields["compare"] != nil {
		j.Compare = OutputRule{} // with what belonged to the rule that is replaced
	}
	err := errors.Join(
		r.optional("compare", &j.Compare.Name, "a string"),
		r.optional("tolerance", &j.Compare.Tolerance, "a number"),
		r.optional("ignore_case", &j.Compare.IgnoreCase, "true or false"),
		r.optional("seconds", &j.Seconds, "a number"))
	if err != nil {
		return err
	}
	if r.fields["seconds"] != nil && !(j.Seconds > 0 && j.Seconds <= maxSeconds) {
		return fmt.Errorf("field %q: %v: want a number above 0, at most %d", "seconds", j.Seconds, maxSeconds)
	}
	if j.Compare == (OutputRule{}) {
		return nil // nobody has said it yet
	}
	return j.Compare.check()
}

// maxSeconds bounds what a test may take: an hour.
const maxSeconds = 3600

func ownProblem(r row) (*Problem, error) {
	if err := r.known(ownFields); err != nil {
		return nil, err
	}
	p := &Problem{Oracle: Stdio}
	var err error
	if p.ID, err = r.str("task_id"); err != nil {
		return nil, err
	}
	if strings.TrimSpace(p.ID) == "" || len(p.ID) > maxID {
		return nil, fmt.Errorf("field %q: %s is no id", "task_id", jsonl.Quote(p.ID))
	}
	for field, to := range map[string]*string{
		"statement": &p.Statement, "solution": &p.Canonical, "title": &p.Contest.Title, "difficulty": &p.Contest.Difficulty, "date": &p.Contest.Date,
	} {
		if err := r.optional(field, to, "a string"); err != nil {
			return nil, err
		}
	}
	if p.Contest.Date != "" {
		if err := checkDate(p.Contest.Date); err != nil {
			return nil, fmt.Errorf("field %q: %w", "date", err)
		}
	}
	if r.fields["tests"] == nil {
		return nil, fmt.Errorf("field %q %w", "tests", errAbsent)
	}
	p.Tests = r.tests(ownCases)
	return p, nil
}

// maxID bounds the id of a task, in bytes.
const maxID = 200

func ownCases(r row) ([]Test, error) {
	items, err := jsonl.Array(r.fields["tests"])
	if err != nil {
		return nil, fmt.Errorf("field %q: %w", "tests", err)
	}
	out := make([]Test, len(items))
	for i, item := range items {
		t := row{text: item}
		err := t.split()
		if err == nil {
			err = t.known([]string{"input", "output"})
		}
		if err == nil {
			err = t.strings(map[string]*string{"input": &out[i].Input, "output": &out[i].Output})
		}
		if err != nil {
			return nil, fmt.Errorf("field %q: test %d: %w", "tests", i, err)
		}
	}
	return out, nil
}

//go:embed schemas
var schemas embed.FS

// Schemas are the names of the forms that are described here.
var Schemas = []string{"suite"}

// Schema is the JSON Schema of one of them.
func Schema(name string) ([]byte, error) {
	data, err := schemas.ReadFile("schemas/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema is called %q", name)
	}
	return data, nil
}
