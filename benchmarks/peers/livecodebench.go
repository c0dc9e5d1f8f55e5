package peers

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/value"
)

// isCodeList: lcb_runner has an array of objects, one for each problem.
func isCodeList(e entry) bool { return e.array && e.fields != nil }

// readCodeList reads {"question_id": …, "code_list": […]}.
func readCodeList(r *reader, e entry) error {
	id, list := e.fields["question_id"], e.fields["code_list"]
	if id == nil || list == nil {
		return errors.New(`an item of an array has "question_id" and "code_list"; rows with "task_id" come one a line, without brackets around them`)
	}
	p, err := r.problem(id)
	if err != nil {
		return err
	}
	programs, ok := list.(value.List)
	if !ok {
		return fmt.Errorf(`field "code_list": want a list of programs, have %s`, value.Repr(list, 40))
	}
	return r.addPrograms(p, programs, e.origin)
}

var lcbFiles = []file{
	{"codegeneration_output.json", isLCB, whole(lcbOutput)},
	{"codegeneration_output_eval.json", isLCB, whole(lcbEval)},
	{"codegeneration_output_eval_all.json", isLCB, whole(lcbEvalAll)},
}

func isLCB(r *Run) bool { return r.Suite.Name == benchmarks.LiveCodeBench }

// lcbRow is a problem with its samples, as lcb_runner saves it.
type lcbRow struct {
	Title      jsonl.Text   `json:"question_title"`
	Content    jsonl.Text   `json:"question_content"`
	Platform   jsonl.Text   `json:"platform"`
	ID         jsonl.Text   `json:"question_id"`
	Contest    jsonl.Text   `json:"contest_id"`
	Date       jsonl.Text   `json:"contest_date"`
	Starter    jsonl.Text   `json:"starter_code"`
	Difficulty jsonl.Text   `json:"difficulty"`
	Outputs    []jsonl.Text `json:"output_list"`
	Codes      []jsonl.Text `json:"code_list"`
	*lcbGrades
}

// lcbGrades is what judging adds to it.
type lcbGrades struct {
	Graded   []bool       `json:"graded_list"`
	PassAt1  float64      `json:"pass@1"`
	Metadata []jsonl.Text `json:"metadata"`
}

// lcbOutput is what was judged. The answers are the programs: of the others
// nothing is known here.
func lcbOutput(r *Run) ([]byte, error) {
	rows := []lcbRow{}
	for _, t := range r.Tasks {
		rows = append(rows, newLCBRow(t))
	}
	return indented(rows, lcbIndent)
}

// lcbIndent is lcb_runner's json.dump(…, indent=4).
const lcbIndent = "    "

// lcbEvalAll is the same with the grades.
func lcbEvalAll(r *Run) ([]byte, error) {
	rows := []lcbRow{}
	for _, t := range r.Tasks {
		row := newLCBRow(t)
		row.lcbGrades = &lcbGrades{}
		for _, s := range t.Samples {
			row.Graded = append(row.Graded, s.Verdict == Pass)
			row.Metadata = append(row.Metadata, lcbMetadata(s))
		}
		row.PassAt1 = float64(t.right()) / float64(len(t.Samples))
		rows = append(rows, row)
	}
	return indented(rows, lcbIndent)
}

func newLCBRow(t Task) lcbRow {
	c := t.Problem.Contest
	row := lcbRow{
		Title: jsonl.Text(c.Title), Content: jsonl.Text(t.Problem.Statement), Platform: jsonl.Text(c.Platform), ID: jsonl.Text(t.Problem.ID),
		Contest: jsonl.Text(c.ID), Date: jsonl.Text(c.Date), Starter: jsonl.Text(c.Starter), Difficulty: jsonl.Text(c.Difficulty),
	}
	for _, s := range t.Samples {
		row.Codes = append(row.Codes, jsonl.Text(s.Solution))
	}
	row.Outputs = row.Codes
	return row
}

// right counts the samples that pass.
func (t Task) right() int {
	n := 0
	for _, s := range t.Samples {
		if s.Verdict == Pass {
			n++
		}
	}
	return n
}

// lcbEval is [metrics, results by problem, metadata by problem]; problems are
// numbered in the order of their ids. A sample that was lost to a fault of ours
// counts as failed here, since the form has no word for it.
func lcbEval(r *Run) ([]byte, error) {
	results, metadata := lcbList{}, [][]jsonl.Text{}
	for _, t := range r.Tasks {
		var lists []any
		var about []jsonl.Text
		for _, s := range t.Samples {
			lists = append(lists, lcbResult(t.Problem, s))
			about = append(about, lcbMetadata(s))
		}
		results, metadata = append(results, lists), append(metadata, about)
	}
	return indented([]any{lcbMetrics(r), results, metadata}, lcbIndent)
}

// lcbList is a list, written as an object whose names are the indices.
type lcbList []any

func (l lcbList) MarshalJSON() ([]byte, error) {
	var members []string
	for i, v := range l {
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		members = append(members, fmt.Sprintf(`"%d":%s`, i, raw))
	}
	return []byte("{" + strings.Join(members, ",") + "}"), nil
}

// lcbKs are the k of lcb_runner's pass@k.
var lcbKs = []int{1, 5, 10, 20, 40, 50, 75, 100, 125, 150, 200, 500, 1000}

// lcbMetrics is pass@k for each k that every problem has samples for, on the
// whole and in detail.
func lcbMetrics(r *Run) map[string]any {
	out, byTask := map[string]any{}, map[string]any{}
	for _, k := range lcbKs {
		if slices.ContainsFunc(r.Tasks, func(t Task) bool { return len(t.Samples) < k }) {
			continue
		}
		var each lcbList
		sum := 0.0
		for _, t := range r.Tasks {
			p := r.Estimate(len(t.Samples), t.right(), k)
			sum += p
			each = append(each, p)
		}
		out[passAt(k)], byTask[passAt(k)] = sum/float64(len(r.Tasks)), each
	}
	out["detail"] = byTask
	return out
}

// lcb_runner's codes for how a test ended.
const (
	lcbWrong   = -2
	lcbTooSlow = -3
	lcbRaised  = -4
	lcbFault   = -5
)

func lcbCode(v Verdict) int {
	switch v {
	case WrongAnswer:
		return lcbWrong
	case OutOfFuel:
		return lcbTooSlow
	case InfraError:
		return lcbFault
	}
	return lcbRaised
}

// lcbResult is a list of what each test gave, up to the first that failed.
func lcbResult(p *benchmarks.Problem, s *Sample) []any {
	right := s.Tests
	if s.Verdict != Pass {
		right = 0
		if s.Failure != nil && s.Failure.Input != nil {
			right = *s.Failure.Input
		}
	}
	out := make([]any, right, right+1)
	for i := range out {
		out[i] = true
	}
	switch {
	case s.Verdict == Pass:
	case s.Verdict == InfraError:
		out = append(out, lcbWrong)
	case s.Verdict == WrongAnswer && p.Oracle != benchmarks.Stdio:
		out = append(out, false) // the comparison's own value
	default:
		out = append(out, lcbCode(s.Verdict))
	}
	return out
}

// lcbMetadata says of a sample what went wrong, as JSON in a string.
func lcbMetadata(s *Sample) jsonl.Text {
	about := struct {
		Fuel     uint64     `json:"fuel"` // in place of "execution time"
		Verdict  Verdict    `json:"verdict"`
		Error    jsonl.Text `json:"error,omitempty"`
		Output   jsonl.Text `json:"output,omitempty"`
		Inputs   jsonl.Text `json:"inputs,omitempty"`
		Expected jsonl.Text `json:"expected,omitempty"`
		Code     int        `json:"error_code,omitempty"`
		Message  string     `json:"error_message,omitempty"`
	}{Fuel: s.Fuel, Verdict: s.Verdict}
	if s.Verdict != Pass {
		about.Code = lcbCode(s.Verdict)
		about.Message = map[int]string{lcbWrong: "Wrong Answer", lcbTooSlow: "Time Limit Exceeded", lcbRaised: "Runtime Error", lcbFault: "TestRunnerError"}[about.Code]
	}
	if f := s.Failure; f != nil {
		about.Inputs, about.Expected, about.Output = lcbText(f.Args), lcbText(f.Expected), lcbText(f.Actual)
		switch {
		case f.Exception != nil:
			about.Error = lcbText(f.Exception.Type + "(" + value.Repr(value.Str(f.Exception.Message), lcbShown) + ")")
		case f.Detail != "":
			about.Error = lcbText(f.Detail)
		}
	}
	raw, err := json.Marshal(about)
	if err != nil {
		return jsonl.Text(err.Error())
	}
	return jsonl.Text(raw)
}

// lcbShown is how much lcb_runner shows of a text.
const lcbShown = 300

func lcbText(s string) jsonl.Text {
	if len(s) <= lcbShown {
		return jsonl.Text(s)
	}
	return jsonl.Text(s[:lcbShown] + "...(truncated)")
}
