package run

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/score"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// SummaryVersion is the version of summary.json's form.
const SummaryVersion = 1

// Summary is summary.json: what a run was and what came out of it. It holds no
// dates and no durations.
type Summary struct {
	Version  int                           `json:"version"`
	Assay    string                        `json:"assay"` // version of the program that judged
	Suite    SuiteID                       `json:"suite"`
	Runtime  RuntimeID                     `json:"runtime"`
	Options  Options                       `json:"options"`
	Tasks    TaskCount                     `json:"tasks"`
	Samples  int                           `json:"samples"`
	Verdicts map[harness.Verdict]int       `json:"verdicts"`
	PassAtK  map[string]map[string]float64 `json:"pass_at_k"` // by input set, then "pass@1", as evalplus has it
	Scores   map[string]score.Score        `json:"scores"`    // the same with what stands behind it: n and interval
	// Difficulty is the strictest score of the tasks of each difficulty, where
	// the suite says how difficult they are.
	Difficulty map[string]score.Score `json:"difficulty,omitempty"`
	// RunnableOnly: the score that counts is over the tasks whose canonical solution passes here.
	RunnableOnly bool  `json:"runnable_only,omitempty"`
	Asked        Asked `json:"asked,omitzero"`
	// Disputed are the tasks of this run that are disputed, in the suite's order.
	Disputed []benchmarks.Dispute `json:"disputed,omitempty"`
	// Best says what came of the programs in best.jsonl; nil where there are none.
	Best    *Best  `json:"best,omitempty"`
	Fuel    uint64 `json:"fuel"` // used by all samples
	Results string `json:"results_sha256"`
	Work    string `json:"work_sha256"` // over task, index and candidate of every sample
}

// Best counts the samples that failed though the rule best takes another program
// out of the model's answer.
type Best struct {
	Others int `json:"others"` // those samples
	Passes int `json:"passes"` // of these, whose other program passes
}

// BestText says of Best what a person can act on; "" where there is nothing to be done.
func (s *Summary) BestText() string {
	if s.Best == nil || s.Best.Passes == 0 {
		return ""
	}
	rule := ""
	if s.Asked.Extract != "" {
		rule = " with --extract " + s.Asked.Extract
	}
	return fmt.Sprintf("%s failed%s and would pass with --extract best: see %s", humanize.Plural(s.Best.Passes, "sample"), rule, bestName)
}

// SuiteID says which problems were judged.
type SuiteID struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// String is the suite as the command line names it.
func (s SuiteID) String() string {
	if s.Version == "" {
		return s.Name
	}
	return s.Name + "@" + s.Version
}

// TaskCount says how much of the suite the scores cover.
type TaskCount struct {
	Suite  int `json:"suite"`  // tasks of the suite
	Judged int `json:"judged"` // of these, in this run
}

func suiteID(s *benchmarks.Suite) SuiteID {
	return SuiteID{Name: s.Name, Version: s.Version, SHA256: s.SHA256}
}

// InfraErrors is how many samples have no verdict, by a fault of ours.
func (s *Summary) InfraErrors() int { return s.Verdicts[harness.InfraError] }

// Strictest names the score that counts: that of the tasks which run here where
// that was asked for, else plus where there is one, else base.
func (s *Summary) Strictest() string {
	if _, ok := s.Scores[runnableSet]; ok && s.RunnableOnly {
		return runnableSet
	}
	if _, ok := s.Scores[plusSet]; ok {
		return plusSet
	}
	return baseSet
}

const (
	baseSet = "base"
	plusSet = "plus"
	// UndisputedSet is no input set: the strictest one's score, without Summary.Disputed.
	UndisputedSet = "undisputed"
	// runnableSet is no input set: the whole verdict, of the tasks in Config.Runnable.
	runnableSet = "runnable"
)

func summarize(cfg Config, p *Plan, results string) *Summary {
	s := &Summary{
		Version:  SummaryVersion,
		Assay:    cfg.Version,
		Suite:    suiteID(p.suite),
		Runtime:  cfg.Runtime,
		Options:  cfg.Options,
		Asked:    cfg.Asked,
		Tasks:    TaskCount{Suite: len(p.suite.Problems), Judged: len(p.tasks)},
		Samples:  len(p.items),
		Verdicts: map[harness.Verdict]int{},
		PassAtK:  map[string]map[string]float64{},
		Scores:   map[string]score.Score{},
		Results:  results,
		Work:     p.work,
	}
	for _, it := range p.items {
		s.Verdicts[it.group.record.Verdict]++
		s.Fuel += it.group.record.Fuel
	}
	if p.best != nil {
		s.Best = &Best{Others: len(p.best.items)}
		for r := range records(p.best.items) {
			if r.Verdict == harness.Pass {
				s.Best.Passes++
			}
		}
	}
	for set, passed := range scored(p.suite, cfg.Options) {
		s.score(set, records(p.items), passed, cfg.K)
	}
	if cfg.Runnable != nil {
		s.RunnableOnly = cfg.RunnableOnly
		s.score(runnableSet, ofTasks(records(p.items), func(id string) bool { return cfg.Runnable[id] }), score.Overall, cfg.K)
	}
	s.Disputed = p.disputed()
	if cfg.WithoutDisputed {
		s.keep(UndisputedSet, s.Undisputed(records(p.items)))
	}
	s.Difficulty = byDifficulty(p, scored(p.suite, cfg.Options)[s.Strictest()], score.Options{Ks: cfg.K})
	return s
}

// disputed are the plan's tasks that the suite's table names, and those whose own
// solution fails its own tests.
func (p *Plan) disputed() []benchmarks.Dispute {
	var out []benchmarks.Dispute
	table := p.suite.Disputed()
	for _, t := range p.tasks {
		d, there := table[t.problem.ID]
		for _, g := range t.groups {
			if wrong := g.record.OwnSolution; wrong != "" && !there {
				d, there = benchmarks.Dispute{Task: t.problem.ID, What: "solution", About: "its solution fails " + wrong}, true
			}
		}
		if there {
			out = append(out, d)
		}
	}
	return out
}

// Dispute is what is disputed of a task; nil where nothing is.
func (s *Summary) Dispute(taskID string) *benchmarks.Dispute {
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.Disputed, func(d benchmarks.Dispute) bool { return d.Task == taskID })
	if i < 0 {
		return nil
	}
	return &s.Disputed[i]
}

// DisputedText says which tasks are disputed, for a person; "" where none is.
func (s *Summary) DisputedText() string {
	if len(s.Disputed) == 0 {
		return ""
	}
	const most = 10
	var names []string
	for _, d := range s.Disputed[:min(most, len(s.Disputed))] {
		names = append(names, d.Task)
	}
	if len(s.Disputed) > most {
		names = append(names, "…")
	}
	verb := "are"
	if len(s.Disputed) == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%s %s disputed: %s", humanize.Plural(len(s.Disputed), "task"), verb, strings.Join(names, ", "))
}

// Undisputed is the score of the tasks that nobody disputes, by the strictest input
// set.
func (s *Summary) Undisputed(all iter.Seq[harness.Record]) score.Score {
	passed := score.Overall
	if _, two := s.Scores[plusSet]; two {
		passed = score.Plus
	}
	disputed := map[string]bool{}
	for _, d := range s.Disputed {
		disputed[d.Task] = true
	}
	return score.OfEach(ofTasks(all, func(id string) bool { return !disputed[id] }), passed, score.Options{Ks: s.Asked.K})
}

// ofTasks are the records of some tasks.
func ofTasks(all iter.Seq[harness.Record], keep func(taskID string) bool) iter.Seq[harness.Record] {
	return func(yield func(harness.Record) bool) {
		for r := range all {
			if keep(r.TaskID) && !yield(r) {
				return
			}
		}
	}
}

func (s *Summary) score(set string, records iter.Seq[harness.Record], passed score.Passed, ks []int) {
	s.keep(set, score.OfEach(records, passed, score.Options{Ks: ks}))
}

func (s *Summary) keep(set string, sc score.Score) {
	s.Scores[set] = sc
	s.PassAtK[set] = map[string]float64{}
	for _, e := range sc.PassAtK {
		s.PassAtK[set][e.Name()] = e.Value
	}
}

// byDifficulty scores the tasks of each difficulty; nil where none is known.
func byDifficulty(p *Plan, passed score.Passed, o score.Options) map[string]score.Score {
	items := map[string][]*item{}
	for _, t := range p.tasks {
		if d := t.problem.Contest.Difficulty; d != "" {
			items[d] = append(items[d], t.items...)
		}
	}
	var out map[string]score.Score
	for d, all := range items {
		if out == nil {
			out = map[string]score.Score{}
		}
		out[d] = score.OfEach(records(all), passed, o)
	}
	return out
}

// scored says which scores a suite has. Where its inputs have no second set,
// the whole verdict is the base score.
func scored(s *benchmarks.Suite, o Options) map[string]score.Passed {
	if len(s.Sets) < 2 {
		return map[string]score.Passed{baseSet: score.Overall}
	}
	if o.BaseOnly {
		return map[string]score.Passed{baseSet: score.Base}
	}
	return map[string]score.Passed{baseSet: score.Base, plusSet: score.Plus}
}

func (s *Summary) encode() ([]byte, error) {
	data, err := json.MarshalIndent(s, "", "  ")
	return append(data, '\n'), err
}

// Plausible says what in the scores can't be: a share that is no probability, or
// more right samples than there are.
func (s *Summary) Plausible() error {
	probability := func(values ...float64) bool {
		return !slices.ContainsFunc(values, func(v float64) bool { return !(v >= 0 && v <= 1) })
	}
	for _, kind := range []struct {
		name   string
		scores map[string]score.Score
	}{{"scores", s.Scores}, {"difficulty", s.Difficulty}} {
		for _, set := range slices.Sorted(maps.Keys(kind.scores)) {
			sc := kind.scores[set]
			for _, e := range sc.PassAtK {
				if !probability(e.Value, e.Interval.Low, e.Interval.High) {
					return fmt.Errorf("%s: %s.%s.%s is %v, which is no probability", summaryName, kind.name, set, e.Name(), e.Value)
				}
			}
			if sc.Correct < 0 || sc.Correct > sc.Samples || sc.Samples > s.Samples {
				return fmt.Errorf("%s: %s.%s has %d right samples of %d; the run has %d", summaryName, kind.name, set, sc.Correct, sc.Samples, s.Samples)
			}
		}
	}
	return nil
}

// maxSummary bounds a summary that is read back, in bytes.
const maxSummary = 16 << 20

func readSummary(ctx context.Context, dir string) (*Summary, error) {
	path := filepath.Join(dir, summaryName)
	data, err := plainfile.ReadIn(ctx, dir, summaryName, maxSummary)
	if err != nil {
		return nil, err
	}
	if err := jsonl.Unique(data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var s Summary
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if s.Version != SummaryVersion {
		return nil, fmt.Errorf("%s: version %d; this assay reads %d", path, s.Version, SummaryVersion)
	}
	return &s, nil
}

//go:embed schemas
var schemas embed.FS

// Schemas are the names that Schema knows.
var Schemas = []string{"results", "summary"}

// Schema returns the JSON Schema of one line of results.jsonl ("results") or of
// summary.json ("summary").
func Schema(name string) ([]byte, error) {
	data, err := schemas.ReadFile("schemas/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema is called %q: there are results and summary", name)
	}
	return data, nil
}
