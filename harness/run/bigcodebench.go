package run

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"assay/benchmarks/evalplus"
	"assay/harness"
	"assay/runtimes"
)

// BigCodeBench is what BigCodeBench's files say of a run beside its verdicts.
type BigCodeBench struct {
	Samples    string // name of the file of samples, without its folder
	Split      string // complete or instruct
	Calibrated bool
}

// writeBigCodeBench writes the verdicts in BigCodeBench's form.
func (f *folder) writeBigCodeBench(cfg Config, s *Summary) error {
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
	info := cfg.BigCodeBench
	passAtK := evalplus.BigCodeBenchPassAtK{
		PassAtK: byK(s.Scores, s.Strictest()), Model: info.Samples, Split: info.Split, Subset: "full",
		Calibrated: info.Calibrated, GroundTruth: -1,
	}
	if strings.HasSuffix(cfg.Plan.suite.Name, "-hard") {
		passAtK.Subset = "hard"
	}
	if cfg.Runnable != nil {
		passAtK.GroundTruth, passAtK.Failed = groundTruth(cfg)
	}
	var first, second bytes.Buffer
	if err := cmp.Or(results.Write(&first), passAtK.Write(&second)); err != nil {
		return err
	}
	name, nameOfScores := evalplus.BigCodeBenchNames(info.Samples)
	if err := writeFile(f.path(name), first.Bytes()); err != nil {
		return err
	}
	return writeFile(f.path(nameOfScores), second.Bytes())
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
	return 1 - float64(len(failed))/float64(len(cfg.Plan.tasks)), failed
}
