package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
)

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
func lcbOutput(cfg Config, _ *Summary) ([]byte, error) {
	rows := []lcbRow{}
	for _, t := range cfg.Plan.tasks {
		rows = append(rows, t.lcbRow())
	}
	return pythonJSON(rows)
}

// lcbEvalAll is the same with the grades.
func lcbEvalAll(cfg Config, _ *Summary) ([]byte, error) {
	rows := []lcbRow{}
	for _, t := range cfg.Plan.tasks {
		row := t.lcbRow()
		row.lcbGrades = &lcbGrades{}
		right := 0
		for _, it := range t.items {
			passed := it.record.Verdict == harness.Pass
			if passed {
				right++
			}
			row.Graded = append(row.Graded, passed)
			row.Metadata = append(row.Metadata, lcbMetadata(it.record))
		}
		row.PassAt1 = float64(right) / float64(len(t.items))
		rows = append(rows, row)
	}
	return pythonJSON(rows)
}

func (t *task) lcbRow() lcbRow {
	c := t.problem.Contest
	row := lcbRow{
		Title: jsonl.Text(c.Title), Content: jsonl.Text(t.problem.Statement), Platform: jsonl.Text(c.Platform), ID: jsonl.Text(t.problem.ID),
		Contest: jsonl.Text(c.ID), Date: jsonl.Text(c.Date), Starter: jsonl.Text(c.Starter), Difficulty: jsonl.Text(c.Difficulty),
	}
	for _, it := range t.items {
		row.Codes = append(row.Codes, jsonl.Text(it.sample.Solution))
	}
	row.Outputs = row.Codes
	return row
}

// lcbKs are the k of lcb_runner's pass@k.
var lcbKs = []int{1, 5, 10, 20, 40, 50, 75, 100, 125, 150, 200, 500, 1000}

// lcbEval is [metrics, results by problem, metadata by problem]; problems are
// numbered in the order of their ids. A sample that was lost to a fault of ours
// counts as failed here, since the form has no word for it.
func lcbEval(cfg Config, _ *Summary) ([]byte, error) {
	results, metadata := lcbResults{}, [][]jsonl.Text{}
	var counts [][2]int
	for _, t := range cfg.Plan.tasks {
		var lists []any
		var about []jsonl.Text
		right := 0
		for _, it := range t.items {
			if it.record.Verdict == harness.Pass {
				right++
			}
			lists = append(lists, lcbResult(it.record))
			about = append(about, lcbMetadata(it.record))
		}
		results, metadata = append(results, lists), append(metadata, about)
		counts = append(counts, [2]int{len(t.items), right})
	}
	return pythonJSON([]any{lcbMetrics(counts), results, metadata})
}

// lcbResults is a list, written as an object whose names are the indices.
type lcbResults []any

func (r lcbResults) MarshalJSON() ([]byte, error) {
	var members []string
	for i, v := range r {
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		members = append(members, fmt.Sprintf(`"%d":%s`, i, raw))
	}
	return []byte("{" + strings.Join(members, ",") + "}"), nil
}

// lcbMetrics is pass@k for each k that every problem has samples for, on the
// whole and in detail.
func lcbMetrics(counts [][2]int) map[string]any {
	out, detail := map[string]any{}, map[string]any{}
	for _, k := range lcbKs {
		if slices.ContainsFunc(counts, func(c [2]int) bool { return c[0] < k }) {
			continue
		}
		var each lcbResults
		sum := 0.0
		for _, c := range counts {
			p := score.PassAtK(c[0], c[1], k)
			sum += p
			each = append(each, p)
		}
		name := fmt.Sprintf("pass@%d", k)
		out[name], detail[name] = sum/float64(len(counts)), each
	}
	out["detail"] = detail
	return out
}

// lcb_runner's codes for how a test ended.
const (
	lcbWrong   = -2
	lcbTooSlow = -3
	lcbRaised  = -4
	lcbFault   = -5
)

func lcbCode(v harness.Verdict) int {
	switch v {
	case harness.WrongAnswer:
		return lcbWrong
	case harness.OutOfFuel:
		return lcbTooSlow
	case harness.InfraError:
		return lcbFault
	}
	return lcbRaised
}

// lcbResult is a list of what each test gave, up to the first that failed.
func lcbResult(r harness.Record) []any {
	right := r.TestCount
	if r.Verdict != harness.Pass {
		right = 0
		if r.Failure != nil && r.Failure.Input != nil {
			right = *r.Failure.Input
		}
	}
	out := make([]any, right, right+1)
	for i := range out {
		out[i] = true
	}
	switch {
	case r.Verdict == harness.Pass:
	case r.Verdict == harness.InfraError:
		out = append(out, lcbWrong)
	case r.Verdict == harness.WrongAnswer && r.Oracle != "stdio":
		out = append(out, false) // the comparison's own value
	default:
		out = append(out, lcbCode(r.Verdict))
	}
	return out
}

// lcbMetadata says of a sample what went wrong, as JSON in a string.
func lcbMetadata(r harness.Record) jsonl.Text {
	about := struct {
		Fuel     uint64     `json:"fuel"` // in place of "execution time"
		Verdict  string     `json:"verdict"`
		Error    jsonl.Text `json:"error,omitempty"`
		Output   jsonl.Text `json:"output,omitempty"`
		Inputs   jsonl.Text `json:"inputs,omitempty"`
		Expected jsonl.Text `json:"expected,omitempty"`
		Code     int        `json:"error_code,omitempty"`
		Message  string     `json:"error_message,omitempty"`
	}{Fuel: r.Fuel, Verdict: string(r.Verdict)}
	if r.Verdict != harness.Pass {
		about.Code = lcbCode(r.Verdict)
		about.Message = map[int]string{lcbWrong: "Wrong Answer", lcbTooSlow: "Time Limit Exceeded", lcbRaised: "Runtime Error", lcbFault: "TestRunnerError"}[about.Code]
	}
	if f := r.Failure; f != nil {
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

// pythonJSON is what json.dump(v, f, indent=4) leaves.
func pythonJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "    ")
	err := e.Encode(v)
	return b.Bytes(), err
}
