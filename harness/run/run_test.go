package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/progress"
)

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func mustRun(t *testing.T, cfg *setup) *Summary {
	t.Helper()
	s, err := cfg.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRunWritesSortedResults(t *testing.T) {
	cfg, _ := config(t, 12, 2)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(cfg.samples), func(i, j int) {
		cfg.samples[i], cfg.samples[j] = cfg.samples[j], cfg.samples[i]
	})
	s := mustRun(t, cfg)
	stored, err := Load(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range stored.Records {
		names = append(names, recordName(r))
	}
	if want := "T/0#0 T/0#1 T/1#0"; !strings.HasPrefix(strings.Join(names, " "), want) || names[22] != "T/11#0" {
		t.Errorf("order of results: %v", names)
	}
	if s.Verdicts[harness.Pass] != 12 || s.Verdicts[harness.WrongAnswer] != 12 || s.Samples != 24 {
		t.Errorf("counts: %+v", s)
	}
	if got := s.PassAtK["plus"]["pass@1"]; got != 0.5 {
		t.Errorf("pass@1 of plus = %v, want 0.5", got)
	}
	if got := s.PassAtK["base"]["pass@1"]; got != 1 {
		t.Errorf("pass@1 of base = %v, want 1", got)
	}
}

// A run leaves the same bytes whatever the workers, the order of the samples,
// and wherever it was cut off and resumed.
func TestSameBytesHoweverTheyCameAbout(t *testing.T) {
	cfg, _ := config(t, 9, 3)
	mustRun(t, cfg)
	files := []string{ResultsName, summaryName, "eval_results.json"}
	for cut := 1; cut < 27; cut += 5 {
		again, judge := config(t, 9, 3)
		again.Workers = 1 + cut%3
		slices.Reverse(again.samples)
		ctx, cancel := context.WithCancel(t.Context())
		judge.onJudge = func(n int) {
			if n == cut {
				cancel()
			}
		}
		_, err := again.run(ctx)
		var stop *Interrupted
		if !errors.As(err, &stop) || stop.Done >= 27 {
			t.Fatalf("cut after %d: error %v, want Interrupted", cut, err)
		}
		judge.onJudge = nil
		again.Mode = Resume
		mustRun(t, again)
		for _, name := range files {
			if read(t, again.Dir, name) != read(t, cfg.Dir, name) {
				t.Errorf("cut after %d: %s differs", cut, name)
			}
		}
	}
}

func TestResumeJudgesOnlyWhatIsMissing(t *testing.T) {
	cfg, judge := config(t, 4, 1)
	mustRun(t, cfg)
	want := read(t, cfg.Dir, ResultsName)
	log := filepath.Join(cfg.Dir, logName)
	whole := read(t, cfg.Dir, logName)
	tests := map[string]struct {
		log    string
		judged int
	}{
		"whole":          {whole, 0},
		"torn last line": {whole[:len(whole)-5], 1},
		"damaged line":   {strings.Replace(whole, `"fuel":`, `"fueI":`, 1), 1},
		"header alone":   {whole[:strings.Index(whole, "\n")+1], 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(log, []byte(tt.log), 0o644); err != nil {
				t.Fatal(err)
			}
			judge.order = nil
			cfg.Mode = Resume
			mustRun(t, cfg)
			if len(judge.order) != tt.judged {
				t.Errorf("judged %v, want %d", judge.order, tt.judged)
			}
			if read(t, cfg.Dir, ResultsName) != want {
				t.Error("results differ")
			}
			old, err := readLog(log)
			if err != nil || len(old.lines) != 4 {
				t.Errorf("the log holds %d records (%v), want 4", len(old.lines), err)
			}
		})
	}
}

func TestResumeJudgesAgainWhatAnotherJudgeSaid(t *testing.T) {
	cfg, judge := config(t, 3, 1)
	mustRun(t, cfg)
	judge.salt, judge.order, cfg.Mode = "next version", nil, Resume
	mustRun(t, cfg)
	if len(judge.order) != 3 {
		t.Errorf("judged %v, want all three again", judge.order)
	}
}

func TestFolderOfAnotherRunIsRefused(t *testing.T) {
	tests := map[string]struct {
		change func(*setup)
		want   string
	}{
		"same run":      {func(*setup) {}, "--resume"},
		"other suite":   {func(c *setup) { c.suite.Version = "v2" }, "the suite (fake@v1 there, fake@v2 here)"},
		"other runtime": {func(c *setup) { c.Runtime.Identity = "z" }, "the runtime"},
		"other options": {func(c *setup) { c.Options.FuelFactor = 11 }, "the options"},
		"other samples": {func(c *setup) { c.samples[0].Solution += " " }, "the samples"},
		"other tasks":   {func(c *setup) { c.sel.Limit = 1 }, "selection of tasks"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, _ := config(t, 3, 1)
			mustRun(t, cfg)
			before := read(t, cfg.Dir, ResultsName)
			tt.change(cfg)
			if name != "same run" {
				cfg.Mode = Resume
			}
			if _, err := cfg.run(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "--force") {
				t.Errorf("error %v, want it to name %q and --force", err, tt.want)
			}
			if read(t, cfg.Dir, ResultsName) != before {
				t.Error("the results were touched")
			}
			cfg.Mode = Force
			mustRun(t, cfg)
		})
	}
}

func TestTwoProcessesDoNotShareAFolder(t *testing.T) {
	cfg, judge := config(t, 2, 1)
	inner := make(chan error, 2)
	judge.onJudge = func(int) {
		other := *cfg
		other.Judge, other.Mode = newFake(), Force
		_, err := other.run(t.Context())
		inner <- err
	}
	mustRun(t, cfg)
	if err := <-inner; err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("error %v, want the folder to be held", err)
	}
}

func TestEqualProgramsAreJudgedOnce(t *testing.T) {
	cfg, judge := config(t, 2, 1)
	for i := 1; i < 10; i++ {
		cfg.samples = append(cfg.samples, benchmarks.Sample{TaskID: "T/0", Index: i, Solution: "pass 0 0"})
	}
	s := mustRun(t, cfg)
	if len(judge.order) != 2 || s.Samples != 11 {
		t.Errorf("judged %d times for %d samples, want 2 and 11", len(judge.order), s.Samples)
	}
	if lines := strings.Split(read(t, cfg.Dir, ResultsName), "\n"); !strings.Contains(lines[9], `"sample":9`) {
		t.Errorf("line 10 is %s", lines[9])
	}
}

func TestLongestFirst(t *testing.T) {
	cfg, judge := config(t, 5, 1)
	cfg.Workers = 1
	mustRun(t, cfg)
	if want := []string{"T/4", "T/3", "T/2", "T/1", "T/0"}; !slices.Equal(judge.order, want) {
		t.Errorf("judged in the order %v, want %v", judge.order, want)
	}
}

func TestFaultsOfOursAreTriedAgainAndNeverLogged(t *testing.T) {
	cfg, judge := config(t, 3, 2)
	cfg.Workers = 1                    // so that one sample meets all faults of its task
	judge.faults["T/0"] = attempts - 1 // mends in time
	judge.faults["T/1"] = attempts     // one sample is lost
	judge.broken["T/2"] = true
	s := mustRun(t, cfg)
	if s.InfraErrors() != 3 || s.Scores["base"].Infra != 3 {
		t.Fatalf("verdicts %v, want 3 faults of ours", s.Verdicts)
	}
	if strings.Contains(read(t, cfg.Dir, logName), "infra_error") {
		t.Error("a fault of ours is in the log")
	}
	judge.broken, judge.order, cfg.Mode = nil, nil, Resume
	if s = mustRun(t, cfg); s.InfraErrors() != 0 || len(judge.order) != 3 {
		t.Errorf("resumed: verdicts %v after %v", s.Verdicts, judge.order)
	}
}

func TestProgressCountsUp(t *testing.T) {
	cfg, _ := config(t, 4, 2)
	var last progress.Event
	prepared := -1
	cfg.Progress = func(e progress.Event) {
		was := prepared
		if n, _ := fmt.Sscanf(e.Detail, "prepared %d/4 ", &prepared); n == 0 {
			prepared = 4 // all: nothing is said of them
		}
		if e.Done < last.Done || prepared < was {
			t.Errorf("went back from %+v to %+v", last, e)
		}
		last = e
	}
	mustRun(t, cfg)
	if last.Done != 8 || last.Total != 8 || prepared != 4 || last.Work != 1 || !strings.Contains(last.Detail, "pass 4") {
		t.Errorf("ended with %+v", last)
	}
}

// Files appear whole or not at all.
func TestAFileInTheWay(t *testing.T) {
	cfg, _ := config(t, 1, 1)
	if err := os.Mkdir(filepath.Join(cfg.Dir, "eval_results.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	cfg.Mode = Force
	if _, err := cfg.run(t.Context()); err != nil { // an empty folder is taken away
		t.Error(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(cfg.Dir, "eval_results.json")), os.MkdirAll(filepath.Join(cfg.Dir, "eval_results.json", "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.run(t.Context()); err == nil {
		t.Error("over a folder: no error")
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Dir, "*tmp*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A disk that fills up ends the run, and what was judged before is kept.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full here: ", err)
	}
	defer full.Close()
	cfg, judge := config(t, 4, 1)
	p, err := cfg.plan()
	if err != nil {
		t.Fatal(err)
	}
	pool := &pool{judge: judge, plan: p, log: appendlog.New(full, 0)}
	if err := pool.run(t.Context(), 2); err == nil || !strings.Contains(err.Error(), "--resume") {
		t.Errorf("error %v, want the way out", err)
	}
}

func TestVerdictCounts(t *testing.T) {
	got := VerdictCounts(map[harness.Verdict]int{harness.Pass: 2, harness.Trap: 1, harness.OutOfFuel: 1, harness.WrongAnswer: 7})
	if want := "wrong_answer 7, pass 2, out_of_fuel 1, trap 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestRunnable: both scores are there, and which of them counts is said.
func TestRunnable(t *testing.T) {
	cfg, _ := config(t, 4, 1) // T/0 and T/2 are right
	if s := mustRun(t, cfg); s.Strictest() != "plus" || len(s.Scores) != 2 {
		t.Errorf("nothing known: %+v", s.Scores)
	}
	for _, only := range []bool{false, true} {
		cfg, _ := config(t, 4, 1)
		cfg.suite.Sets = []string{"base"}
		cfg.Runnable, cfg.RunnableOnly = map[string]bool{"T/0": true, "T/1": false, "T/2": true, "T/3": true}, only
		s := mustRun(t, cfg)
		want := map[string]map[string]float64{"base": {"pass@1": 0.5}, "runnable": {"pass@1": 2. / 3}}
		if diff := cmp.Diff(want, s.PassAtK); diff != "" {
			t.Error(diff)
		}
		if counts := map[bool]string{false: "base", true: "runnable"}[only]; s.Strictest() != counts || s.RunnableOnly != only {
			t.Errorf("only %t: %s counts", only, s.Strictest())
		}
		if n := s.Verdicts[harness.Pass] + s.Verdicts[harness.WrongAnswer]; n != 4 {
			t.Errorf("%d samples have verdicts, want all", n)
		}
	}
}

// TestDisputed: the tasks that the table names, and those whose own solution fails,
// are in the summary; a score without them stands beside the usual one, if asked for.
func TestDisputed(t *testing.T) {
	for _, asked := range []bool{false, true} {
		cfg, judge := config(t, 4, 2) // the first and the third are right
		cfg.suite.Name = "humaneval"
		for i, p := range cfg.suite.Problems {
			p.ID = []string{"HumanEval/31", "HumanEval/32", "HumanEval/33", "HumanEval/47"}[i]
		}
		cfg.samples = samples(cfg.suite, 2)
		judge.own = map[string]string{"HumanEval/33": "test 0: wrong_answer", "HumanEval/47": "test 1: exception"}
		cfg.WithoutDisputed = asked
		s := mustRun(t, cfg)
		var got []string
		for _, d := range s.Disputed {
			got = append(got, d.Task+" "+d.What+" "+d.About[:20])
		}
		want := []string{"HumanEval/32 statement The formula in the p", "HumanEval/33 solution its solution fails t", "HumanEval/47 statement An example in the pr"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		scores := map[string]map[string]float64{"base": {"pass@1": 1}, "plus": {"pass@1": 0.5}}
		if asked {
			scores["undisputed"] = map[string]float64{"pass@1": 1}
		}
		if diff := cmp.Diff(scores, s.PassAtK); diff != "" || s.Strictest() != "plus" {
			t.Errorf("%s counts: %s", s.Strictest(), diff)
		}
		if text := s.DisputedText(); text != "3 tasks are disputed: HumanEval/32, HumanEval/33, HumanEval/47" {
			t.Error(text)
		}
		if err := validate(compile(t, "summary"), read(t, cfg.Dir, summaryName)); err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(read(t, cfg.Dir, ResultsName)) {
			if err := validate(compile(t, "results"), line); err != nil {
				t.Errorf("%s%v", line, err)
			}
		}
		if v := verification(t, cfg, judge); !v.Whole {
			t.Errorf("%+v", v)
		}
		stored, err := Load(t.Context(), cfg.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"", "discussed", "its solution fails test 0: wrong_answer", "discussed"} {
			text := stored.DisputeText(stored.Records[2*i])
			if want == "discussed" && strings.Contains(text, "(https://") {
				text = want
			}
			if text != want {
				t.Errorf("sample %d: %q, want %q", 2*i, text, want)
			}
		}
		stored.Summary = nil
		if text := stored.DisputeText(stored.Records[4]); text != "its solution fails test 0: wrong_answer" {
			t.Errorf("without a summary: %q", text)
		}
	}
}
