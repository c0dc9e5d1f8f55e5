package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/internal/value"
)

// isEvalplusRow: what no other peer's row is, is evalplus's, whose form is the
// commonest.
func isEvalplusRow(e entry) bool { return !e.array && !isResponse(e) }

// readEvalplusRow reads {"task_id": …, "solution": a whole program} or
// {"task_id": …, "completion": what follows the prompt}. Rows of assay generate
// have "extract" and "best" beside. Fields that mean nothing here are passed over.
func readEvalplusRow(r *reader, e entry) error {
	p, err := r.problem(e.fields["task_id"])
	if err != nil {
		return err
	}
	solution, err := solutionOf(e.fields, p)
	if err != nil {
		return err
	}
	index, err := indexOf(e.fields)
	if err != nil {
		return err
	}
	if err := r.add(p, solution, e.origin, index); err != nil {
		return err
	}
	s := &r.out.All[len(r.out.All)-1]
	for field, to := range map[string]*string{"extract": &s.Extract, "best": &s.Best} {
		if text, ok := e.fields[field].(value.Str); ok && len(text) <= maxSolution {
			*to = string(text)
		}
	}
	return nil
}

// solutionOf gives the whole program. As in evalplus, "solution" goes before
// "completion".
func solutionOf(fields map[string]value.Value, p *benchmarks.Problem) (string, error) {
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

// readFolder reads a folder per task, HumanEval_0, with a program per sample,
// 0.py. Other files are passed over, as evalplus does.
func (r *reader) readFolder(ctx context.Context, root string) error {
	tasks, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	for _, e := range tasks {
		if !e.IsDir() {
			continue
		}
		dir := filepath.Join(root, e.Name())
		p, err := r.problem(value.Str(strings.ReplaceAll(e.Name(), "_", "/")))
		if err != nil {
			return &jsonl.Error{File: dir, Err: err}
		}
		if err := r.readTask(ctx, root, e.Name(), p); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readTask(ctx context.Context, root, task string, p *benchmarks.Problem) error {
	dir := filepath.Join(root, task)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	programs, err := numbered(dir, entries)
	if err != nil {
		return err
	}
	for _, index := range slices.SortedFunc(maps.Keys(programs), func(a, b string) int {
		return cmp.Or(programs[a]-programs[b], strings.Compare(a, b))
	}) {
		path := filepath.Join(dir, index)
		code, err := readProgram(ctx, root, filepath.Join(task, index))
		if err == nil {
			err = r.add(p, code, path, programs[index])
		}
		if err != nil {
			return &jsonl.Error{File: path, Err: err}
		}
	}
	return nil
}

// numbered gives the numbers of the programs in a folder, by their files' names.
func numbered(dir string, entries []fs.DirEntry) (map[string]int, error) {
	out := map[string]int{}
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Name(), ".py")
		if !ok || e.IsDir() {
			continue
		}
		n, err := strconv.Atoi(stem)
		if err != nil || n < 0 || n > maxIndex {
			return nil, &jsonl.Error{File: filepath.Join(dir, e.Name()), Err: errors.New("the file of a sample is named for its index, like 0.py")}
		}
		out[e.Name()] = n
	}
	return out, nil
}

func readProgram(ctx context.Context, root, name string) (string, error) {
	code, err := plainfile.ReadIn(ctx, root, name, maxSolution)
	var at *fs.PathError // the error names the path already
	if errors.As(err, &at) {
		err = at.Err
	}
	if err != nil {
		return "", err
	}
	if !utf8.Valid(code) {
		return "", errors.New("the file is not valid UTF-8")
	}
	return string(code), nil
}

var evalplusFiles = []file{{"eval_results.json", always, evalplusResults}}

// date stands where evalplus has the time of the run: results are equal however
// they came about, and so are their bytes.
const date = "1970-01-01 00:00"

// evalplusResults is eval_results.json, as json.dump writes it: the form of
// 0.3.1, and that of the main branch, which has pass@k beside it.
func evalplusResults(r *Run, w io.Writer) error {
	b := fmt.Appendf(nil, `{"date": "%s", "hash": %s, "eval": {`, date, jsonl.AppendString(nil, r.Suite.MD5))
	for i, t := range r.Tasks {
		b = append(jsonl.AppendString(append(b, separator(i)...), t.Problem.ID), ": ["...)
		for j, s := range t.Samples {
			row, err := evalplusRow(t.Problem, s)
			if err != nil {
				return fmt.Errorf("sample %d of %s: %w", j, t.Problem.ID, err)
			}
			b = row.append(append(b, separator(j)...))
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
		b = append(b, ']')
	}
	b = append(b, '}')
	if r.Compat != benchmarks.Evalplus031 {
		b = appendPassAtK(append(b, `, "pass_at_k": {"base": `...), r.PassAtK["base"])
		if plus := r.PassAtK["plus"]; plus != nil {
			b = appendPassAtK(append(b, `, "plus": `...), plus)
		}
		b = append(b, '}')
	}
	_, err := w.Write(append(b, "}\n"...))
	return err
}

func separator(i int) string {
	if i == 0 {
		return ""
	}
	return ", "
}

// evalplusSample is what the file says of one sample.
type evalplusSample struct {
	id, solution       string
	base, plus         status
	baseFail, plusFail [][]byte // the inputs that failed: see benchmarks.InputSet.JSON
}

func evalplusRow(p *benchmarks.Problem, s *Sample) (evalplusSample, error) {
	row := evalplusSample{id: p.ID, solution: s.Solution, base: statusOf(s.Base), plus: statusOf(s.Plus)}
	if s.Base == "" {
		row.base = statusOf(s.Verdict)
	}
	for _, f := range []*Failure{s.Failure, s.PlusFailure} {
		if f == nil || f.Input == nil {
			continue
		}
		input, err := inputJSON(p, f)
		if err != nil {
			return row, err
		}
		if f.Set == "plus" {
			row.plusFail = input
		} else {
			row.baseFail = input
		}
	}
	return row, nil
}

// inputJSON is the failing input in a list of its own, which is empty where the
// problem has no such set.
func inputJSON(p *benchmarks.Problem, f *Failure) ([][]byte, error) {
	for i := range p.Sets {
		if set := &p.Sets[i]; set.Name == f.Set {
			input, err := set.JSON(*f.Input)
			return [][]byte{input}, err
		}
	}
	return nil, nil
}

func (s evalplusSample) append(b []byte) []byte {
	b = jsonl.AppendString(append(b, `{"task_id": `...), s.id)
	b = jsonl.AppendString(append(b, `, "solution": `...), s.solution)
	b = s.base.append(append(b, `, "base_status": `...))
	b = s.plus.append(append(b, `, "plus_status": `...))
	b = appendList(append(b, `, "base_fail_tests": `...), s.baseFail)
	b = appendList(append(b, `, "plus_fail_tests": `...), s.plusFail)
	return append(b, '}')
}

// status is evalplus's word on a sample and a set of inputs; "", null in the
// file, where the set was not run.
type status string

// statusOf gives evalplus's word for a verdict. Its timeout means that the child
// was killed or ended without a word; a program that is too slow fails.
func statusOf(v Verdict) status {
	switch v {
	case "", InfraError:
		return ""
	case Pass:
		return "pass"
	case NoResult, Trap:
		return "timeout"
	}
	return "fail"
}

func (s status) append(b []byte) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return jsonl.AppendString(b, string(s))
}

func appendList(b []byte, items [][]byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		b = append(append(b, separator(i)...), item...)
	}
	return append(b, ']')
}

func appendPassAtK(b []byte, scores map[int]float64) []byte {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(scores)) {
		b = fmt.Appendf(b, `%s"pass@%d": %s`, separator(i), k, value.Repr(value.Float(scores[k]), 64))
	}
	return append(b, '}')
}
