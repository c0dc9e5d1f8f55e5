package report

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/trainer"
)

// csv writes a row for each sample, attempt or step. A table has one set of
// columns, so the folders are of one kind.
func (r *Report) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	kinds := 0
	if len(r.Runs) > 0 {
		kinds++
		r.samples(out)
	}
	if len(r.Flows) > 0 {
		kinds++
		r.attempts(out)
	}
	if len(r.Trainings) > 0 {
		kinds++
		r.steps(out)
	}
	if kinds > 1 {
		return errors.New("a CSV has one table: report on eval runs, codeflow's folders and training's in a file of their own each, or as html or md")
	}
	out.Flush()
	return out.Error()
}

// row writes a row. Errors stay with the writer.
func write(out *csv.Writer, cells ...string) { _ = out.Write(cells) }

// cell makes text of a guest or a file a cell that no spreadsheet takes for a
// formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (r *Report) samples(out *csv.Writer) {
	write(out, "kind", "folder", "suite", "task", "sample", "verdict", "base", "plus", "fuel", "pages", "relative_fuel", "oracle", "tests", "tests_passed",
		"failed_set", "failed_input", "exception", "line", "candidate", "identity", "disputed")
	for _, e := range r.Runs {
		suite := ""
		if s := e.stored.Summary; s != nil {
			suite = line(s.Suite.String())
		}
		for _, row := range e.Rows {
			rec := row.record
			var set, input, exception, at, tests, passed string
			if len(rec.Tests) > 0 {
				tests, passed = strconv.Itoa(len(rec.Tests)), strconv.Itoa(passedTests(rec))
			}
			if f := failure(rec); f != nil {
				set = line(f.Set)
				if f.Input != nil {
					input = strconv.Itoa(*f.Input)
				}
				if f.Exception != nil {
					exception = line(f.Exception.Type)
					if f.Exception.Line > 0 {
						at = strconv.Itoa(f.Exception.Line)
					}
				}
			}
			write(out, "sample", cell(e.Name), cell(suite), cell(row.Task), strconv.Itoa(row.Sample), cell(row.Verdict.Word), cell(row.Base), cell(row.Plus),
				fmt.Sprint(row.Fuel), fmt.Sprint(row.Pages), row.Ratio, cell(line(rec.Oracle)), tests, passed, cell(set), input, cell(exception), at, cell(line(rec.Candidate)), cell(line(rec.Identity)), cell(line(row.Disputed)))
		}
	}
}

func (r *Report) attempts(out *csv.Writer) {
	write(out, "kind", "folder", "task", "trace", "outcome", "reason", "iteration", "candidate", "chosen", "verdict", "held_out", "fuel", "exception", "program_sha256")
	for _, f := range r.Flows {
		for _, row := range f.Rows {
			for _, a := range row.attempts {
				write(out, "attempt", cell(f.Name), cell(row.Task), strconv.Itoa(row.Sample), row.Outcome, cell(row.Reason),
					strconv.Itoa(a.Iteration), strconv.Itoa(a.Candidate), strconv.FormatBool(a.Chosen), cell(line(string(a.Verdict))), cell(line(string(a.HeldOut))),
					fmt.Sprint(a.Fuel), cell(a.line), cell(line(a.ProgramSHA256)))
			}
		}
	}
}

func (r *Report) steps(out *csv.Writer) {
	names := map[string]bool{}
	for _, t := range r.Trainings {
		for _, rows := range [][]trainer.Figures{t.steps, t.held} {
			for _, f := range rows {
				for name := range f {
					names[name] = true
				}
			}
		}
	}
	delete(names, "step")
	columns := append([]string{"step"}, slices.Sorted(maps.Keys(names))...)
	head := []string{"kind", "folder"}
	for _, c := range columns {
		head = append(head, cell(line(c)))
	}
	write(out, head...)
	for _, t := range r.Trainings {
		for _, part := range []struct {
			kind string
			rows []trainer.Figures
		}{{"step", t.steps}, {"held_out", t.held}} {
			for _, f := range part.rows {
				cells := []string{part.kind, cell(t.Name)}
				for _, c := range columns {
					value := ""
					if x, ok := f[c]; ok {
						value = strconv.FormatFloat(x, 'g', -1, 64)
					}
					cells = append(cells, value)
				}
				write(out, cells...)
			}
		}
	}
}
