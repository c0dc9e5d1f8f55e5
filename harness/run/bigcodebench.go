package run

import (
	"bytes"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks/evalplus"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// BigCodeBench is what BigCodeBench's files say of a run beside its verdicts.
type BigCodeBench struct {
	Samples    string // name of the file of samples, without its folder
	Split      string // complete or instruct
	Calibrated bool
}

// bcbResults are the verdicts in BigCodeBench's form.
func bcbResults(cfg Config, _ *Summary) ([]byte, error) {
	var results evalplus.BigCodeBench
	for _, t := range cfg.Plan.tasks {
		task := evalplus.BigCodeBenchTask{ID: t.problem.ID}
		for _, it := range t.items {
			task.Samples = append(task.Samples, evalplus.BigCodeBenchSample{
				Solution: it.sample.Solution, Status: status(it.record.Verdict), Details: details(it.record),
			})
		}
		results.Tasks = append(results.Tasks, task)
	}
	var b bytes.Buffer
	err := results.Write(&b)
	return b.Bytes(), err
}

// bcbPassAtK are the scores in BigCodeBench's form.
func bcbPassAtK(cfg Config, s *Summary) ([]byte, error) {
	info := cfg.BigCodeBench
	scores := evalplus.BigCodeBenchPassAtK{
		PassAtK: byK(s.Scores, s.Strictest()), Model: info.Samples, Split: info.Split, Subset: "full",
		Calibrated: info.Calibrated, GroundTruth: -1,
	}
	if strings.HasSuffix(cfg.Plan.suite.Name, "-hard") {
		scores.Subset = "hard"
	}
	if cfg.Runnable != nil {
		scores.GroundTruth, scores.Failed = groundTruth(cfg)
	}
	var b bytes.Buffer
	err := scores.Write(&b)
	return b.Bytes(), err
}

// details are the tracebacks of the tests that failed, or what ended the program
// before them.
func details(rec harness.Record) []evalplus.Detail {
	var out []evalplus.Detail
	for _, t := range rec.Tests {
		if t.Outcome == runtimes.TestFail || t.Outcome == runtimes.TestError {
			out = append(out, evalplus.Detail{Test: t.Name, Trace: traceOf(t.Exception)})
		}
	}
	// As in a dict of Python's, the last of a name stays, where the first was.
	out = lastOfEach(out)
	if f := rec.Failure; f != nil && len(out) == 0 {
		text := f.Detail
		if f.Exception != nil && rec.Verdict != harness.NoResult {
			text = f.Exception.Message
		}
		out = append(out, evalplus.Detail{Test: "ALL", Trace: text})
	}
	return out
}

func lastOfEach(all []evalplus.Detail) []evalplus.Detail {
	var out []evalplus.Detail
	for _, d := range all {
		i := slices.IndexFunc(out, func(o evalplus.Detail) bool { return o.Test == d.Test })
		if i < 0 {
			out = append(out, d)
		} else {
			out[i] = d
		}
	}
	return out
}

func traceOf(x *runtimes.ExceptionInfo) string {
	if x == nil {
		return ""
	}
	text := "Traceback (most recent call last):\n" + x.Traceback + x.Type
	if x.Message != "" {
		text += ": " + x.Message
	}
	return text + "\n"
}

// groundTruth is the share of the run's tasks whose canonical solution passes,
// and the others.
func groundTruth(cfg Config) (share float64, failed []string) {
	for _, t := range cfg.Plan.tasks {
		if !cfg.Runnable[t.problem.ID] {
			failed = append(failed, t.problem.ID)
		}
	}
	all := len(cfg.Plan.tasks)
	return float64(all-len(failed)) / float64(all), failed
}
