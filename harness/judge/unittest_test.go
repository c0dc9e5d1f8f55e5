package judge

import (
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// TestUnitTestsVerdicts: a sample passes when each test that there is has a record
// that says so, and not otherwise.
func TestUnitTestsVerdicts(t *testing.T) {
	raised := &runtimes.ExceptionInfo{Type: "ValueError", Line: 9}
	result := func(name string, o runtimes.TestOutcome) runtimes.TestResult {
		return runtimes.TestResult{Name: name, Outcome: o}
	}
	all := []runtimes.TestResult{result("test_a", runtimes.TestPass), result("test_b", runtimes.TestPass)}
	none := []runtimes.TestResult{result("test_a", runtimes.TestFail), result("test_b", runtimes.TestFail)}
	ran := func(results ...runtimes.TestResult) runtimes.Outcome {
		return runtimes.Outcome{Kind: runtimes.OK, Fuel: 50, Pages: 3, Tests: results}
	}
	ended := func(kind runtimes.Kind) runtimes.Outcome {
		return runtimes.Outcome{Kind: kind, Detail: "so", Tests: all}
	}
	f := &fakeRuntime{names: []string{"test_a", "test_b"}, tests: map[string]runtimes.Outcome{
		"right":      ran(all...),
		"wrong":      ran(all[0], result("test_b", runtimes.TestFail)),
		"raises":     ran(runtimes.TestResult{Name: "test_a", Outcome: runtimes.TestError, Exception: raised}, all[1]),
		"skipped":    ran(all[0], result("test_b", runtimes.TestSkip)),
		"left out":   ran(all[0]),
		"renamed":    ran(all[0], result("test_c", runtimes.TestPass)),
		"none":       ran(),
		"set up":     ran(result("setUpClass (__test__", runtimes.TestError)),
		"subtest":    ran(all[0], all[1], result("test_b (n=1)", runtimes.TestFail)),
		"exited":     ended(runtimes.NoResult),
		"changed it": ended(runtimes.ForgedResult),
		"endless":    ended(runtimes.OutOfFuel),
		"bought":     ran(all...), "one bought": ran(all...), "other": ran(all...), "found out": ran(all...), "exits": ran(all...), "raises then": ran(all...),
	}, turned: map[string]runtimes.Outcome{
		"right":       ran(none...),
		"bought":      ran(all...),
		"one bought":  ran(none[0], all[1]),
		"other":       ran(none...),
		"raises then": ran(none[0], runtimes.TestResult{Name: "test_b", Outcome: runtimes.TestFail, Exception: raised}),
		"found out":   ended(runtimes.ForgedResult),
		"exits":       {Kind: runtimes.NoResult, Detail: "so"},
	}}
	j, err := New(Config{Runtime: "fake", Runner: f})
	if err != nil {
		t.Fatal(err)
	}
	p := &benchmarks.Problem{ID: "Unit/0", Oracle: benchmarks.Unittest, TestCase: "TestCases", Canonical: "right", Test: "tests"}
	for source, want := range map[string]struct {
		verdict harness.Verdict
		detail  string
	}{
		"right": {harness.Pass, ""}, "wrong": {harness.WrongAnswer, "in test_b"}, "raises": {"exception", "in test_a"},
		"skipped": {harness.NoResult, "test_b was skipped"}, "left out": {harness.NoResult, "there is no record of test_b"},
		"renamed": {harness.NoResult, "there is no record of test_b"}, "none": {harness.NoResult, "there is no record of test_a"},
		"set up": {"exception", "in setUpClass (__test__"}, "subtest": {harness.WrongAnswer, "in test_b (n=1)"},
		"exited": {harness.NoResult, "so"}, "changed it": {"forged_result", "so"}, "endless": {"out_of_fuel", "so"},
		"bought": {"forged_result", "test_a does not fail as it must with its assertions turned around"}, "other": {harness.Pass, ""},
		"one bought":  {"forged_result", "test_b does not fail as it must with its assertions turned around"},
		"raises then": {"forged_result", "test_b does not fail as it must with its assertions turned around"},
		"found out":   {"forged_result", "so"}, "exits": {"forged_result", "test_a does not fail as it must with its assertions turned around"},
	} {
		rec, err := j.Judge(t.Context(), p, benchmarks.Sample{TaskID: p.ID, Solution: source})
		if err != nil {
			t.Fatal(err)
		}
		detail := ""
		if rec.Failure != nil {
			detail = rec.Failure.Detail
		}
		if rec.Verdict != want.verdict || detail != want.detail || rec.Oracle != "unittest" {
			t.Errorf("%s: %s (%s) by %s, want %s (%s)", source, rec.Verdict, detail, rec.Oracle, want.verdict, want.detail)
		}
		if source == "raises" && rec.Failure.Exception.Line != 0 {
			t.Errorf("line %d of the tests is taken for one of the program", rec.Failure.Exception.Line)
		}
	}
	if f.ran["right"] != 2 {
		t.Errorf("the canonical solution ran %d times, want twice: by the tests as they are, as such and as a sample, and by those turned around", f.ran["right"])
	}
	small, err := New(Config{Runtime: "fake", Runner: f, Limits: runtimes.Limits{MemoryBytes: 2 << 16}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := small.Judge(t.Context(), p, benchmarks.Sample{TaskID: p.ID, Solution: "right"}); err != nil || f.ran["right"] != 4 {
		t.Errorf("it ran %d times, want four: with less memory than it took it has to run again (%v)", f.ran["right"], err)
	}
	if f.limits.LoadFuel != DefaultFloor {
		t.Errorf("budget %d, want the floor", f.limits.LoadFuel)
	}
}
