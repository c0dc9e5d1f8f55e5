package codeflow

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/atomicfile"
)

// StatsVersion is the version of stats.json's form.
const StatsVersion = 1

// StatsName is the file of statistics in a folder of codeflow's.
const StatsName = "stats.json"

// Stats is stats.json: what came of a run, counted. It is a function of the
// traces and the options.
type Stats struct {
	Version int            `json:"version"`
	Source  string         `json:"source"`
	Runtime string         `json:"runtime"`
	Options Options        `json:"options"`
	Tasks   int            `json:"tasks"`
	Traces  int            `json:"traces"`
	Missing int            `json:"missing"` // traces that could not be finished
	Passed  int            `json:"passed"`
	Dropped map[string]int `json:"dropped"` // by reason

	Iterations []IterationStats `json:"iterations"`
	Moves      []Move           `json:"moves"`
	Usage      model.Usage      `json:"usage"` // of all requests
	Fuel       uint64           `json:"fuel"`
}

// IterationStats is what one iteration brought.
type IterationStats struct {
	Iteration int `json:"iteration"`
	Traces    int `json:"traces"`   // that got here
	Attempts  int `json:"attempts"` // that they made here
	Passed    int `json:"passed"`   // of the traces, that passed here

	// Rate is the share of all traces that passed up to here, and HeldOut the
	// share whose program passes also what is held out: means over the tasks.
	Rate    *score.Estimate         `json:"rate,omitempty"`
	HeldOut *score.Estimate         `json:"held_out,omitempty"`
	Chosen  map[harness.Verdict]int `json:"chosen"` // verdicts of the chosen attempts
	Usage   model.Usage             `json:"usage"`
	Fuel    uint64                  `json:"fuel"`
}

// Move counts how often a chosen attempt's verdict was followed by another one's.
type Move struct {
	From  harness.Verdict `json:"from"`
	To    harness.Verdict `json:"to"`
	Count int             `json:"count"`
}

// tally counts traces as they come.
type tally struct {
	config Config
	out    Stats
	moves  map[[2]harness.Verdict]int
	stands [][]standing // by iteration: how each trace stands then
	held   bool         // something is held out
	asides model.Usage  // of what was asked beside the attempts
}

func newTally(c Config) *tally {
	t := &tally{config: c, moves: map[[2]harness.Verdict]int{}, out: Stats{
		Version: StatsVersion, Runtime: c.Runtime, Options: c.Options, Tasks: len(c.Tasks), Dropped: map[string]int{},
	}}
	if len(c.Tasks) > 0 {
		t.out.Source = c.Tasks[0].Source
	}
	t.stands = make([][]standing, c.Options.Iterations+1)
	for i := range t.stands {
		t.out.Iterations = append(t.out.Iterations, IterationStats{Iteration: i, Chosen: map[harness.Verdict]int{}})
	}
	return t
}

func (t *tally) add(trace *Trace) {
	t.out.Traces++
	if trace.Outcome == Passed {
		t.out.Passed++
	} else {
		t.out.Dropped[trace.Reason]++
	}
	for _, a := range trace.Asides {
		t.asides.Add(a.Usage)
	}
	var before *Step
	var stand []*Step // the chosen one of each iteration
	for k := range trace.Steps {
		s := &trace.Steps[k]
		t.attempt(s)
		if !s.Chosen {
			continue
		}
		t.choice(s)
		if before != nil {
			t.moves[[2]harness.Verdict{before.Verdict, s.Verdict}]++
		}
		before = s
		stand = append(stand, s)
	}
	for i := range t.stands {
		if len(stand) > 0 {
			at := stand[min(i, len(stand)-1)]
			t.stands[i] = append(t.stands[i], standing{trace.TaskID, at.Verdict == harness.Pass, at.passedAll()})
		}
	}
}

// standing is how a trace stands: by what the loop may see, and by all.
type standing struct {
	task        string
	passed, all bool
}

func (t *tally) attempt(s *Step) {
	it := &t.out.Iterations[s.Iteration]
	it.Attempts++
	it.Usage.Add(s.Usage)
	it.Fuel += s.Fuel
	t.out.Fuel += s.Fuel
	t.held = t.held || s.HeldOut != ""
}

func (t *tally) choice(s *Step) {
	it := &t.out.Iterations[s.Iteration]
	it.Traces++
	it.Chosen[s.Verdict]++
	if s.Verdict == harness.Pass {
		it.Passed++
	}
}

// stats works out what the counts amount to.
func (t *tally) stats() *Stats {
	out := t.out
	out.Missing = len(t.config.Tasks)*t.config.Options.Traces - out.Traces
	out.Moves, out.Usage = []Move{}, t.config.Client.Price.Of(t.asides)
	out.Iterations = slices.Clone(out.Iterations)
	for i := range out.Iterations {
		it := &out.Iterations[i]
		it.Usage = t.config.Client.Price.Of(it.Usage)
		out.Usage.Add(it.Usage)
		it.Rate = rate(t.stands[i], func(s standing) bool { return s.passed })
		if t.held {
			it.HeldOut = rate(t.stands[i], func(s standing) bool { return s.all })
		}
	}
	for k, n := range t.moves {
		out.Moves = append(out.Moves, Move{k[0], k[1], n})
	}
	slices.SortFunc(out.Moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return &out
}

// rate is the mean over the tasks, with its interval; nil where there is nothing.
func rate(stands []standing, passed func(standing) bool) *score.Estimate {
	records := make([]harness.Record, len(stands))
	for i, s := range stands {
		records[i] = harness.Record{TaskID: s.task, Verdict: harness.WrongAnswer}
		if passed(s) {
			records[i].Verdict = harness.Pass
		}
	}
	e, ok := score.Of(records, score.Overall, score.Options{Ks: []int{1}}).At(1)
	if !ok {
		return nil
	}
	return &e
}

// ReadStats reads a stats.json.
func ReadStats(path string) (*Stats, error) {
	var s Stats
	if err := atomicfile.ReadDocument(path, &s); err != nil {
		return nil, err
	}
	if s.Version != StatsVersion {
		return nil, fmt.Errorf("%s: version %d; this assay reads %d", path, s.Version, StatsVersion)
	}
	return &s, nil
}
