package peers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/value"
)

// Calibrate puts before a solution what BigCodeBench puts there, the function's
// imports and head with an empty body, so that a model that leaves the imports out
// is not failed for it. The canonical solutions stay as they are, and so do the
// samples of suites that know nothing of it.
func Calibrate(s *benchmarks.Sample, p *benchmarks.Problem) {
	if s.Origin == benchmarks.CanonicalSamples {
		return
	}
	s.Solution = p.Calibration + s.Solution
	if s.Best != "" {
		s.Best = p.Calibration + s.Best
	}
}

// BigCodeBench is what BigCodeBench's files say of a run beside its verdicts.
type BigCodeBench struct {
	Samples    string `json:"samples"` // name of the file of samples, without its folder
	Split      string `json:"split"`   // complete or instruct
	Calibrated bool   `json:"calibrated"`
}

// BigCodeBench grew out of evalplus: its evaluate.py writes two files by Python's
// json.dump with an indent of 2.
var bigCodeBenchFiles = []file{
	{"bigcodebench_eval_results.json", isBigCodeBench, whole(bigCodeBenchResults)},
	{"bigcodebench_pass_at_k.json", isBigCodeBench, whole(bigCodeBenchPassAtK)},
}

func isBigCodeBench(r *Run) bool { return r.BigCodeBench != nil }

// bigCodeBenchResults are the verdicts by task.
func bigCodeBenchResults(r *Run) ([]byte, error) {
	b := fmt.Appendf(nil, "{\n  \"date\": \"%s\",\n  \"eval\": {", date)
	for i, t := range r.Tasks {
		b = append(jsonl.AppendString(append(b, comma(i)+"\n    "...), t.Problem.ID), ": ["...)
		for k, s := range t.Samples {
			b = append(b, comma(k)+"\n      {\n        \"task_id\": "...)
			b = jsonl.AppendString(b, t.Problem.ID)
			b = jsonl.AppendString(append(b, ",\n        \"solution\": "...), s.Solution)
			b = statusOf(s.Verdict).append(append(b, ",\n        \"status\": "...))
			b = appendDetails(append(b, ",\n        \"details\": "...), details(s))
			b = append(b, "\n      }"...)
		}
		b = append(b, closing(len(t.Samples), "\n    ", "]")...)
	}
	return append(b, closing(len(r.Tasks), "\n  ", "}")+"\n}"...), nil
}

// detail is the traceback of a test; of the test "ALL", what ended the program
// before its tests.
type detail struct{ test, trace string }

func appendDetails(b []byte, all []detail) []byte {
	b = append(b, '{')
	for i, d := range all {
		b = jsonl.AppendString(append(b, comma(i)+"\n          "...), d.test)
		b = jsonl.AppendString(append(b, ": "...), d.trace)
	}
	return append(b, closing(len(all), "\n        ", "}")...)
}

// details are the tracebacks of the tests that failed, or what ended the program
// before them. As in a dict of Python's, the last of a name stays, where the
// first was.
func details(s *Sample) []detail {
	var out []detail
	for _, t := range s.Failed {
		d := detail{t.Test, traceOf(t.Exception)}
		if i := slices.IndexFunc(out, func(o detail) bool { return o.test == d.test }); i >= 0 {
			out[i] = d
		} else {
			out = append(out, d)
		}
	}
	if f := s.Failure; f != nil && len(out) == 0 {
		text := f.Detail
		if f.Exception != nil && s.Verdict != NoResult {
			text = f.Exception.Message
		}
		out = append(out, detail{"ALL", text})
	}
	return out
}

func traceOf(x *Exception) string {
	if x == nil {
		return ""
	}
	text := "Traceback (most recent call last):\n" + x.Traceback + x.Type
	if x.Message != "" {
		text += ": " + x.Message
	}
	return text + "\n"
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

// bigCodeBenchPassAtK are the scores.
func bigCodeBenchPassAtK(r *Run) ([]byte, error) {
	scores := r.PassAtK[r.Strictest]
	b := []byte("{")
	for _, k := range slices.Sorted(maps.Keys(scores)) {
		b = fmt.Appendf(b, "\n  \"pass@%d\": %s,", k, value.Repr(value.Float(scores[k]), 64))
	}
	subset := "full"
	if strings.HasSuffix(r.Suite.Name, "-hard") {
		subset = "hard"
	}
	for _, f := range [][2]string{{"model", r.BigCodeBench.Samples}, {"split", r.BigCodeBench.Split}, {"subset", subset}} {
		b = jsonl.AppendString(fmt.Appendf(b, "\n  \"%s\": ", f[0]), f[1])
		b = append(b, ',')
	}
	rate, failed := groundTruth(r)
	b = fmt.Appendf(b, "\n  \"calibrated\": %t,\n  \"gt_pass_rate\": %s,\n  \"failed_tasks\": [", r.BigCodeBench.Calibrated, rate)
	for i, id := range failed {
		b = jsonl.AppendString(append(b, comma(i)+"\n    "...), id)
	}
	return append(b, closing(len(failed), "\n  ", "]")+"\n}"...), nil
}

// groundTruth is the share of the run's tasks whose canonical solution passes,
// null where that isn't known, and the others.
func groundTruth(r *Run) (share string, failed []string) {
	if r.Runnable == nil {
		return "null", nil
	}
	for _, t := range r.Tasks {
		if !r.Runnable[t.Problem.ID] {
			failed = append(failed, t.Problem.ID)
		}
	}
	all := len(r.Tasks)
	return value.Repr(value.Float(float64(all-len(failed))/float64(all)), 64), failed
}
