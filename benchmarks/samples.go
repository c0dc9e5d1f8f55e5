package benchmarks

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
)

// Paths that are no files. A file of such a name is reached by "./canonical".
const (
	CanonicalSamples = "canonical" // the suite's own solutions
	ExampleSamples   = "examples"  // starter's samples, right ones and wrong ones
)

// Warning is something odd about samples that does not stop a run.
type Warning string

// maxSolution bounds one solution, in bytes; the longest canonical one has 4 kB.
const maxSolution = 16 << 20

// ReadSamples reads the candidates for a suite, in every form that evalplus
// takes: JSON lines (gzipped or not) with "solution", a whole program, or
// "completion", what follows the prompt; or a folder with a folder per task and
// a file per sample, HumanEval_0/0.py; and in those of LiveCodeBench, of
// bigcode-evaluation-harness (see readArray) and of lm-evaluation-harness (see
// addResponses). Several rows of a task are its samples,
// numbered in the order of the file, or by the field "sample" where it is
// there. Two paths mean samples that need no file: CanonicalSamples and
// ExampleSamples.
//
// Whether every problem has a sample is for the caller to say: it may have
// picked some. What else is wrong is an error that names the file and the line.
func ReadSamples(path string, s *Suite) ([]Sample, []Warning, error) {
	if path == CanonicalSamples {
		samples, err := canonical(s)
		return samples, nil, err
	}
	c := newSampleCollector(s)
	if err := c.read(path); err != nil {
		return nil, nil, err
	}
	if len(c.samples) == 0 {
		return nil, nil, &jsonl.Error{File: path, Err: errors.New("no samples in it")}
	}
	return c.samples, c.warnings(), nil
}

func (c *sampleCollector) read(path string) error {
	if path == ExampleSamples {
		if c.suite.Name != starterName {
			return fmt.Errorf("%s has no example samples, %s has", c.suite.Name, starterName)
		}
		return c.readLines(path, bytes.NewReader(Samples()))
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	if info.IsDir() {
		return c.readFolder(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	defer f.Close()
	plain, err := jsonl.Decompress(f)
	if err != nil {
		return &jsonl.Error{File: path, Err: err}
	}
	in := bufio.NewReader(plain)
	if startsArray(in) {
		return c.readArray(path, in)
	}
	return c.readLines(path, in)
}

// canonical are the suite's own solutions, of the problems that have one.
func canonical(s *Suite) ([]Sample, error) {
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

// readLines reads JSON lines.
func (c *sampleCollector) readLines(name string, in io.Reader) error {
	r, err := jsonl.NewReader(name, in, jsonl.Bounds{})
	if err != nil {
		return err
	}
	for text, err := range r.All() {
		if err != nil {
			return err
		}
		origin := fmt.Sprintf("%s:%d", name, r.Line())
		if err := c.readRow(text, origin); err != nil {
			return r.Errorf("%w", err)
		}
	}
	return nil
}

// readRow reads one sample. Fields that mean nothing here are passed over.
func (c *sampleCollector) readRow(text []byte, origin string) error {
	parsed, err := value.ParseJSON(text)
	if err != nil {
		return err
	}
	row, ok := parsed.(value.Dict)
	if !ok {
		return fmt.Errorf("want an object, have %s", excerpt(text))
	}
	fields := membersOf(row)
	if isResponse(fields) {
		return c.addResponses(fields, origin)
	}
	p, err := c.problem(fields["task_id"])
	if err != nil {
		return err
	}
	solution, err := solutionOf(fields, p)
	if err != nil {
		return err
	}
	index, err := indexOf(fields)
	if err != nil {
		return err
	}
	return c.add(p, solution, origin, index)
}

// solutionOf gives the whole program. As in evalplus, "solution" goes before
// "completion".
func solutionOf(fields map[string]value.Value, p *Problem) (string, error) {
	for _, field := range []string{"solution", "completion"} {
		v, ok := fields[field]
		if !ok {
			continue
		}
		text, ok := v.(value.Str)
		if !ok {
			return "", fmt.Errorf("field %q: want a string, have %s (for several samples of a task, repeat its row)", field, value.Repr(v, 40))
		}
		if field == "completion" {
			return p.Prompt + string(text), nil
		}
		return string(text), nil
	}
	return "", errors.New(`the row has neither "solution" nor "completion"`)
}

// indexOf gives the number that a row gives its sample, or -1.
func indexOf(fields map[string]value.Value) (int, error) {
	v, ok := fields["sample"]
	if !ok {
		return -1, nil
	}
	n, ok := v.(value.Small)
	if !ok || n < 0 || n > maxIndex {
		return 0, fmt.Errorf(`field "sample": want an index from 0, have %s`, value.Repr(v, 40))
	}
	return int(n), nil
}

// idOf gives a task's id as the suite has it. MBPP's own ids are numbers.
func idOf(v value.Value) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", fmt.Errorf("field %q %w", "task_id", errAbsent)
	case value.Str:
		return string(v), nil
	case value.Small:
		return fmt.Sprint(int64(v)), nil
	}
	return "", fmt.Errorf(`field "task_id": want a string, have %s`, value.Repr(v, 40))
}

// problem finds the problem that a row is for, by its id or, in a suite whose
// ids have one prefix ("Mbpp/2"), by what follows it.
func (c *sampleCollector) problem(id value.Value) (*Problem, error) {
	text, err := idOf(id)
	if err != nil {
		return nil, err
	}
	if p, ok := c.problems[text]; ok {
		return p, nil
	}
	if p, ok := c.problems["Mbpp/"+text]; ok {
		return p, nil
	}
	return nil, fmt.Errorf("%s has no task %s (its ids look like %q)", c.suite.Name, quoted(text), c.suite.Problems[0].ID)
}

func quoted(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
