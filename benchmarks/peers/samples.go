package peers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/internal/value"
)

// Bounds of samples, in bytes; the longest canonical solution has 4 kB.
const (
	maxSolution = 16 << 20  // of one
	maxArray    = 512 << 20 // of a file that is one array
	maxIndex    = 1 << 20   // the number of a sample
)

// Samples are the candidates that were read for a suite.
type Samples struct {
	All      []benchmarks.Sample
	Warnings []string // what is odd and does not stop a run
	Source   *Source  // nil: they are ours, or evalplus's, or LiveCodeBench's
}

// Read reads the candidates for a suite, in whatever form of a peer they are:
// JSON lines or one JSON array, gzipped or not; or a folder with a folder per
// task and a file per sample, HumanEval_0/0.py. Several rows of a task are its
// samples, numbered in the order of the file, or by the field "sample" where it
// is there. Two paths mean samples that need no file:
// benchmarks.CanonicalSamples and benchmarks.ExampleSamples.
//
// Whether every problem has a sample is for the caller to say: it may have
// picked some. What else is wrong is an error that names the file and the line.
func Read(ctx context.Context, path string, s *benchmarks.Suite) (*Samples, error) {
	if path == benchmarks.CanonicalSamples {
		all, err := s.CanonicalSamples()
		return &Samples{All: all}, err
	}
	r := newReader(path, s)
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	if len(r.out.All) == 0 {
		return nil, &jsonl.Error{File: path, Err: errors.New("no samples in it")}
	}
	r.out.Warnings = r.warnings()
	return &r.out, nil
}

// reader takes samples in. It numbers them, and sees to it that no number is
// given twice.
type reader struct {
	path     string
	suite    *benchmarks.Suite
	problems map[string]*benchmarks.Problem
	begun    bool // an entry was seen
	out      Samples
	tasks    map[string]*taken
	filter   *string // whose rows of lm-evaluation-harness these are
	fenced   int
}

// taken is what is known of a task's samples so far.
type taken struct {
	first    string      // where its first sample is
	explicit bool        // whether its samples carry numbers
	n        int         // how many there are
	places   map[int]int // in Samples.All, by number, where they carry them
	last     string      // solution
}

func newReader(path string, s *benchmarks.Suite) *reader {
	r := &reader{path: path, suite: s, problems: make(map[string]*benchmarks.Problem, len(s.Problems)), tasks: make(map[string]*taken)}
	for _, p := range s.Problems {
		r.problems[p.ID] = p
	}
	return r
}

func (r *reader) read(ctx context.Context) error {
	if r.path == benchmarks.ExampleSamples {
		examples, err := r.suite.ExampleSamples()
		if err != nil {
			return err
		}
		return r.readLines(bytes.NewReader(examples))
	}
	info, err := os.Stat(r.path)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	if info.IsDir() {
		return r.readFolder(ctx, r.path)
	}
	f, err := plainfile.OpenStream(ctx, r.path)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	defer f.Close()
	plain, err := jsonl.Decompress(f)
	if err != nil {
		return &jsonl.Error{File: r.path, Err: err}
	}
	in := bufio.NewReader(plain)
	if startsArray(in) {
		return r.readArray(in)
	}
	return r.readLines(in)
}

// startsArray says whether the first thing in a file is an opening bracket. A
// byte order mark before it is skipped.
func startsArray(in *bufio.Reader) bool {
	if head, _ := in.Peek(len(jsonl.BOM)); bytes.Equal(head, jsonl.BOM) {
		_, _ = in.Discard(len(jsonl.BOM)) // it was there just now
	}
	for n := 1; n <= in.Size(); n++ {
		head, err := in.Peek(n)
		if err != nil {
			return false
		}
		switch head[n-1] {
		case ' ', '\t', '\n', '\r':
		default:
			return head[n-1] == '['
		}
	}
	return false
}

// entry is a row of JSON lines, or an item of an array.
type entry struct {
	value     value.Value
	fields    map[string]value.Value // of an object, by their names
	array     bool
	index, of int    // which item of how many
	origin    string // file and line, for messages
}

func newEntry(v value.Value, origin string) entry {
	e := entry{value: v, origin: origin}
	if row, ok := v.(value.Dict); ok {
		e.fields = membersOf(row)
	}
	return e
}

// membersOf gives an object's fields by their names.
func membersOf(row value.Dict) map[string]value.Value {
	fields := make(map[string]value.Value, len(row))
	for _, p := range row {
		fields[string(p.Key.(value.Str))] = p.Val
	}
	return fields
}

// parse reads the JSON of a row, in which no object has two members of one name.
func parse(text []byte) (value.Value, error) {
	v, err := value.ParseJSON(text)
	if err == nil {
		err = jsonl.Unique(text)
	}
	return v, err
}

// readLines reads JSON lines.
func (r *reader) readLines(in io.Reader) error {
	lines, err := jsonl.NewReader(r.path, in, jsonl.Bounds{})
	if err != nil {
		return err
	}
	for text, err := range lines.All() {
		if err != nil {
			return err
		}
		v, err := parse(text)
		if err == nil {
			if _, ok := v.(value.Dict); !ok {
				err = fmt.Errorf("want an object, have %s", jsonl.Excerpt(text))
			}
		}
		if err == nil {
			err = r.take(newEntry(v, fmt.Sprintf("%s:%d", r.path, lines.Line())))
		}
		if err != nil {
			return lines.Errorf("%w", err)
		}
	}
	return nil
}

// readArray reads a file that is one array.
func (r *reader) readArray(in io.Reader) error {
	content, err := plainfile.ReadAll(in, maxArray)
	if err != nil {
		return &jsonl.Error{File: r.path, Err: err}
	}
	var items []entry
	err = jsonl.Items(r.path, content, func(raw []byte, line int) error {
		v, err := parse(raw)
		items = append(items, newEntry(v, fmt.Sprintf("%s:%d", r.path, line)))
		return err
	})
	if err != nil {
		return err
	}
	for i, e := range items {
		e.array, e.index, e.of = true, i, len(items)
		if err := r.take(e); err != nil {
			var whole *jsonl.Error // it is about the file, and says so
			if errors.As(err, &whole) {
				return err
			}
			return fmt.Errorf("%s: %w", e.origin, err)
		}
	}
	return nil
}

// take has the peer whose form an entry is in take the samples out of it.
func (r *reader) take(e entry) error {
	for _, p := range table {
		if !p.claims(e) {
			continue
		}
		if !r.begun && p.source != nil {
			r.out.Source = p.source(e, r.path, r.suite)
		}
		r.begun = true
		return p.read(r, e)
	}
	return fmt.Errorf("want an object or a list of programs, have %s", value.Repr(e.value, 40))
}

// add takes in a sample; index is -1 where it has no number of its own.
func (r *reader) add(p *benchmarks.Problem, solution, origin string, index int) error {
	if len(solution) > maxSolution {
		return fmt.Errorf("the solution has %d bytes, at most %d", len(solution), maxSolution)
	}
	t := r.tasks[p.ID]
	if t == nil {
		t = &taken{first: origin, explicit: index >= 0, places: map[int]int{}}
		r.tasks[p.ID] = t
	}
	if t.explicit != (index >= 0) {
		return fmt.Errorf(`either all samples of %s have a field "sample" or none: not so here and at %s`, p.ID, t.first)
	}
	if index < 0 {
		index = t.n
	} else if at, dup := t.places[index]; dup {
		return fmt.Errorf("sample %d of %s is there already, at %s", index, p.ID, r.out.All[at].Origin)
	} else {
		t.places[index] = len(r.out.All)
	}
	if index > maxIndex {
		return fmt.Errorf("more than %d samples of %s", maxIndex, p.ID)
	}
	t.n++
	if solution == t.last {
		solution = t.last // one text for both
	}
	t.last = solution
	if isFenced(solution, p) {
		r.fenced++
	}
	r.out.All = append(r.out.All, benchmarks.Sample{TaskID: p.ID, Index: index, Solution: solution, Origin: origin})
	return nil
}

// addPrograms takes in a list of programs, which have no numbers of their own.
func (r *reader) addPrograms(p *benchmarks.Problem, programs value.List, origin string) error {
	for _, program := range programs {
		text, ok := program.(value.Str)
		if !ok {
			return fmt.Errorf("want a list of programs, have %s in it", value.Repr(program, 40))
		}
		if err := r.add(p, string(text), origin, -1); err != nil {
			return err
		}
	}
	return nil
}

// problem finds the problem that an id is of: its own, or, in a suite whose ids
// have one prefix ("Mbpp/2"), what follows it. MBPP's own ids are numbers.
func (r *reader) problem(id value.Value) (*benchmarks.Problem, error) {
	text := ""
	switch v := id.(type) {
	case nil:
		return nil, fmt.Errorf("field %q is missing", "task_id")
	case value.Str:
		text = string(v)
	case value.Small:
		text = fmt.Sprint(int64(v))
	default:
		return nil, fmt.Errorf(`field "task_id": want a string, have %s`, value.Repr(v, 40))
	}
	for _, name := range []string{text, "Mbpp/" + text} {
		if p, ok := r.problems[name]; ok {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s has no task %s (its ids look like %q)", r.suite.Name, jsonl.Quote(text), r.suite.Problems[0].ID)
}

// isFenced says whether a solution is a chat's answer and not a program: a line
// that opens a block of code, where Python would have none.
func isFenced(solution string, p *benchmarks.Problem) bool {
	answer := strings.TrimPrefix(solution, p.Prompt)
	return strings.HasPrefix(strings.TrimSpace(answer), "```") || strings.Contains(answer, "\n```")
}

func (r *reader) warnings() []string {
	if r.fenced == 0 {
		return nil
	}
	return []string{fmt.Sprintf(
		"%d of %d samples have a ``` fence in them: a sample has to be plain code, so take the program out of the answer and give it as \"solution\"",
		r.fenced, len(r.out.All))}
}
