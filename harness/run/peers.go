package run

import (
	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/runtimes"
)

// peerRun tells the peers of a run that was judged.
func peerRun(cfg Config, s *Summary) *peers.Run {
	r := &peers.Run{
		Suite: cfg.Plan.suite, Compat: benchmarks.Compat(cfg.Options.Compat),
		Assay: cfg.Version, Runtime: s.Runtime.Name,
		PassAtK: map[string]map[int]float64{}, Strictest: s.Strictest(),
		Estimate: score.PassAtK, Runnable: cfg.Runnable,
		Source: cfg.Source, BigCodeBench: cfg.BigCodeBench,
	}
	for set, sc := range s.Scores {
		r.PassAtK[set] = map[int]float64{}
		for _, e := range sc.PassAtK {
			r.PassAtK[set][e.K] = e.Value
		}
	}
	r.Score = func(k int) (peers.Estimate, bool) {
		sc := strictScore(cfg, s, k)
		e, ok := sc.At(k)
		deviation, known := sc.StandardError(k)
		return peers.Estimate{Mean: e.Value, Error: deviation, HasError: known}, ok
	}
	for _, t := range cfg.Plan.tasks {
		task := peers.Task{Problem: t.problem}
		shared := make(map[*group]*peers.Sample, len(t.groups))
		for _, g := range t.groups {
			shared[g] = peerSample(g.solution, *g.record)
		}
		for _, it := range t.items {
			task.Samples = append(task.Samples, shared[it.group])
		}
		r.Tasks = append(r.Tasks, task)
	}
	return r
}

// strictScore scores by what counts: plus where there is one.
func strictScore(cfg Config, s *Summary, k int) score.Score {
	passed, ok := scored(cfg.Plan.suite, cfg.Options)[s.Strictest()]
	if !ok { // a score over some of the tasks
		passed = score.Overall
	}
	return score.OfEach(records(cfg.Plan.items), passed, score.Options{Ks: []int{k}})
}

func peerSample(solution string, rec harness.Record) *peers.Sample {
	s := &peers.Sample{
		Solution: solution, Verdict: peers.Verdict(rec.Verdict), Base: peers.Verdict(rec.Base), Plus: peers.Verdict(rec.Plus),
		Fuel: rec.Fuel, Tests: rec.TestCount, Failure: peerFailure(rec.Failure), PlusFailure: peerFailure(rec.PlusFailure),
	}
	for _, t := range rec.Tests {
		if t.Outcome == runtimes.TestFail || t.Outcome == runtimes.TestError {
			s.Failed = append(s.Failed, peers.TestFailure{Test: t.Name, Exception: peerException(t.Exception)})
		}
	}
	return s
}

func peerFailure(f *harness.Failure) *peers.Failure {
	if f == nil {
		return nil
	}
	return &peers.Failure{
		Set: f.Set, Input: f.Input, Args: f.Args, Expected: f.Expected, Actual: f.Actual,
		Exception: peerException(f.Exception), Detail: f.Detail,
	}
}

func peerException(x *runtimes.ExceptionInfo) *peers.Exception {
	if x == nil {
		return nil
	}
	return &peers.Exception{Type: x.Type, Message: x.Message, Traceback: x.Traceback}
}
