package evalplus

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
)

// BigCodeBench is a result file of BigCodeBench, which grew out of evalplus: its
// evaluate.py writes two files by Python's json.dump with an indent of 2.
type BigCodeBench struct {
	Tasks []BigCodeBenchTask // in the order in which they are written
}

// BigCodeBenchTask has the samples of a task.
type BigCodeBenchTask struct {
	ID      string
	Samples []BigCodeBenchSample
}

// BigCodeBenchSample is one sample: details are tracebacks by test, "ALL" for
// what ended the program before its tests.
type BigCodeBenchSample struct {
	Solution string
	Status   Status
	Details  []Detail
}

// Detail is the traceback of a test.
type Detail struct{ Test, Trace string }

// Write writes the file of results.
func (r *BigCodeBench) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\n  \"date\": \"%s\",\n  \"eval\": {", Date)
	for i, t := range r.Tasks {
		out.Write(append(jsonl.AppendString([]byte(comma(i)+"\n    "), t.ID), ": ["...))
		for k, s := range t.Samples {
			out.Write(s.append([]byte(comma(k)+"\n      {\n        \"task_id\": "), t.ID))
		}
		out.WriteString(closing(len(t.Samples), "\n    ", "]"))
	}
	out.WriteString(closing(len(r.Tasks), "\n  ", "}"))
	out.WriteString("\n}")
	return out.Flush() // has the first error of all writes
}

func (s *BigCodeBenchSample) append(b []byte, id string) []byte {
	b = jsonl.AppendString(b, id)
	b = jsonl.AppendString(append(b, ",\n        \"solution\": "...), s.Solution)
	b = appendStatus(append(b, ",\n        \"status\": "...), s.Status)
	b = append(b, ",\n        \"details\": {"...)
	for i, d := range s.Details {
		b = jsonl.AppendString(append(b, comma(i)+"\n          "...), d.Test)
		b = jsonl.AppendString(append(b, ": "...), d.Trace)
	}
	b = append(b, closing(len(s.Details), "\n        ", "}")...)
	return append(b, "\n      }"...)
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// closing ends a list or an object, on a line of its own if there is something
// in it.
func closing(n int, indent, bracket string) string {
	if n == 0 {
		return bracket
	}
	return indent + bracket
}

// BigCodeBenchPassAtK is the file with the scores.
type BigCodeBenchPassAtK struct {
	PassAtK       map[int]float64
	Model         string
	Split, Subset string
	Calibrated    bool
	GroundTruth   float64  // share of the canonical solutions that pass; below 0: not known, null
	Failed        []string // tasks whose own does not
}

// Write writes it.
func (p *BigCodeBenchPassAtK) Write(w io.Writer) error {
	b := []byte("{")
	for _, k := range slices.Sorted(maps.Keys(p.PassAtK)) {
		b = fmt.Appendf(b, "\n  \"pass@%d\": %s,", k, value.Repr(value.Float(p.PassAtK[k]), 64))
	}
	for _, f := range [][2]string{{"model", p.Model}, {"split", p.Split}, {"subset", p.Subset}} {
		b = jsonl.AppendString(fmt.Appendf(b, "\n  \"%s\": ", f[0]), f[1])
		b = append(b, ',')
	}
	rate := "null"
	if p.GroundTruth >= 0 {
		rate = value.Repr(value.Float(p.GroundTruth), 64)
	}
	b = fmt.Appendf(b, "\n  \"calibrated\": %t,\n  \"gt_pass_rate\": %s,\n  \"failed_tasks\": [", p.Calibrated, rate)
	for i, id := range p.Failed {
		b = jsonl.AppendString(append(b, comma(i)+"\n    "...), id)
	}
	b = append(b, closing(len(p.Failed), "\n  ", "]")...)
	_, err := w.Write(append(b, "\n}"...))
	return err
}
