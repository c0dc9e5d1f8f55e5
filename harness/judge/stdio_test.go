package judge

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
)

// echoProblem has its input printed back.
func echoProblem(inputs ...string) *benchmarks.Problem {
	p := &benchmarks.Problem{ID: "echo", Oracle: benchmarks.Stdio, Output: benchmarks.OutputRule{Name: benchmarks.Lines}}
	var tests []benchmarks.Test
	for _, in := range inputs {
		tests = append(tests, benchmarks.Test{Input: in, Output: in})
	}
	p.Tests = benchmarks.NewTests(tests)
	p.Hash[0] = byte(len(inputs))
	return p
}

// prints is a program that ends well.
func prints(text string, fuel uint64) runtimes.Outcome {
	return runtimes.Outcome{Kind: runtimes.OK, Detail: "0", Fuel: fuel, Pages: 3, Stdout: []byte(text)}
}

func TestStdioVerdicts(t *testing.T) {
	second := func(o runtimes.Outcome) func(string) runtimes.Outcome {
		return func(in string) runtimes.Outcome {
			if in == "two" {
				return o
			}
			return prints(in, 100)
		}
	}
	fails := func(k runtimes.Kind) runtimes.Outcome {
		return runtimes.Outcome{Kind: k, Fuel: 7, Pages: 5, Detail: "as asked", Stdout: []byte("tw")}
	}
	exit3 := prints("two", 100)
	exit3.Detail = "3"
	rt := &fakeRuntime{mains: map[string]func(string) runtimes.Outcome{
		"right": second(prints("two", 100)), "spaced": second(prints(" two \n\n", 100)), "exits": second(exit3),
		"wrong": second(prints("too", 100)), "silent": second(prints("", 100)),
		"slow": second(prints("two", 30_001)), "nearly slow": second(prints("two", 30_000)),
		"raises": second(fails(runtimes.Exception)), "prints": second(fails(runtimes.OutputLimit)), "forges": second(fails(runtimes.ForgedResult)),
		"traps": second(fails(runtimes.Trap)), "hoards": second(fails(runtimes.OutOfMemory)),
	}}
	p := echoProblem("one", "two", "three")
	p.Seconds = 6
	j := newJudge(t, Config{Runner: rt, Floor: 5000})
	for _, c := range []struct {
		program string
		verdict harness.Verdict
		fuel    uint64
		actual  string
	}{
		{"right", "pass", 300, ""}, {"spaced", "pass", 300, ""}, {"exits", "pass", 300, ""},
		{"wrong", "wrong_answer", 200, "too"}, {"silent", "wrong_answer", 200, ""},
		{"slow", "out_of_fuel", 30_100, ""}, {"nearly slow", "pass", 30_200, ""},
		{"raises", "exception", 107, "tw"}, {"prints", "output_limit", 107, "tw"}, {"forges", "forged_result", 107, "tw"},
		{"traps", "trap", 107, "tw"}, {"hoards", "out_of_memory", 107, "tw"},
	} {
		t.Run(c.program, func(t *testing.T) {
			rec := judgeOne(t, j, p, c.program)
			if rec.Verdict != c.verdict || rec.Base != c.verdict || rec.Fuel != c.fuel || rec.Oracle != "stdio" {
				t.Errorf("got %+v", rec)
			}
			if c.verdict == harness.Pass {
				if rec.Failure != nil {
					t.Errorf("a pass with a failure: %+v", rec.Failure)
				}
				return
			}
			if f := rec.Failure; f == nil || f.Input == nil || *f.Input != 1 || f.Args != "two" || f.Expected != "two" || f.Actual != c.actual || f.Set != "base" {
				t.Errorf("failure %+v", f)
			}
		})
	}
	if rt.ran["wrong"] != 2 {
		t.Errorf("a program ran %d times, want no more after the test that it fails", rt.ran["wrong"])
	}
}

// Tests have a budget each, and one together.
func TestStdioTestsTogether(t *testing.T) {
	uses := func(fuel uint64) func(string) runtimes.Outcome {
		return func(in string) runtimes.Outcome { return prints(in, fuel) }
	}
	rt := &fakeRuntime{mains: map[string]func(string) runtimes.Outcome{"little": uses(3000), "much": uses(5000)}}
	var texts []string
	for i := range 100 {
		texts = append(texts, fmt.Sprint(i))
	}
	j := newJudge(t, Config{Runner: rt, Floor: 5000})
	if rec := judgeOne(t, j, echoProblem(texts...), "little"); rec.Verdict != harness.Pass || rec.Fuel != 300_000 {
		t.Errorf("little: %+v", rec)
	}
	rec := judgeOne(t, j, echoProblem(texts...), "much")
	if f := rec.Failure; rec.Verdict != harness.OutOfFuel || rec.Fuel != 305_000 || *f.Input != 60 || !strings.Contains(f.Detail, "300000 fuel that all tests have together") {
		t.Errorf("much: %+v, %+v", rec, f)
	}
}

// Where there is a canonical solution, what it uses decides, test by test; it is
// run once.
func TestStdioBudgetsFollowTheCanonicalSolution(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	uses := func(fuel map[string]uint64) func(string) runtimes.Outcome {
		return func(in string) runtimes.Outcome { return prints(in, fuel[in]) }
	}
	rt := &fakeRuntime{mains: map[string]func(string) runtimes.Outcome{
		"canonical": uses(map[string]uint64{"one": 100, "two": 9000}),
		"heavy":     uses(map[string]uint64{"one": 5000, "two": 36_000}),
		"heavier":   uses(map[string]uint64{"one": 5000, "two": 36_001}),
		"early":     uses(map[string]uint64{"one": 5001, "two": 1}),
	}}
	p := echoProblem("one", "two")
	p.Canonical = "canonical"
	for program, want := range map[string]harness.Verdict{"heavy": harness.Pass, "heavier": harness.OutOfFuel, "early": harness.OutOfFuel} {
		if rec := judgeOne(t, newJudge(t, Config{Runner: rt, Cache: store, Floor: 5000}), p, program); rec.Verdict != want {
			t.Errorf("%s: %s, want %s", program, rec.Verdict, want)
		}
	}
	if rt.ran["canonical"] != 2 {
		t.Errorf("the canonical solution ran %d times, want once on each test", rt.ran["canonical"])
	}
	// What the cache has of another number of tests is made anew.
	j := newJudge(t, Config{Runner: rt, Cache: store, Floor: 5000, Fresh: true})
	short := &Expected{Sets: []expectedSet{{Wants: make([]Want, 1)}}}
	if err := store.Put(cache.Expected, j.expectedKey(p), encoded(t, short)); err != nil {
		t.Fatal(err)
	}
	if rec := judgeOne(t, j, p, "heavy"); rec.Verdict != harness.Pass || rt.ran["canonical"] != 4 {
		t.Errorf("%s, the canonical solution ran %d times", rec.Verdict, rt.ran["canonical"])
	}
}

// A canonical solution that fails its own test is named, in each record; samples
// are judged by the tests all the same, within the floor.
func TestStdioOwnSolutionFails(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rt := &fakeRuntime{mains: map[string]func(string) runtimes.Outcome{
		"wrong": func(string) runtimes.Outcome { return prints("one", 9000) },
		"raises": func(string) runtimes.Outcome {
			return runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "E", Message: strings.Repeat("m", 1<<20)}}
		},
		"right": func(in string) runtimes.Outcome { return prints(in, 5000) },
		"heavy": func(in string) runtimes.Outcome { return prints(in, 5001) },
	}}
	for canonical, says := range map[string]string{
		"wrong":  "test 1: wrong_answer: line 1 differs",
		"raises": "test 0: exception (E: mmm",
		"right":  "",
	} {
		p := echoProblem("one", "two", "three")
		p.Canonical = canonical
		p.Hash[1] = canonical[1]
		for range 2 { // the second time from the cache
			j := newJudge(t, Config{Runner: rt, Cache: store, Floor: 5000})
			got, err := j.OwnSolution(context.Background(), p)
			if err != nil || !strings.HasPrefix(got, says) || (got == "") != (says == "") || len(got) > runtimes.MostDetail {
				t.Errorf("%s: %.80q, %v", canonical, got, err)
			}
			if rec := judgeOne(t, j, p, "right"); rec.Verdict != harness.Pass || rec.OwnSolution != got {
				t.Errorf("%s: a right sample is %s, says %.80q", canonical, rec.Verdict, rec.OwnSolution)
			}
			want := harness.OutOfFuel
			if says == "" {
				want = harness.Pass
			}
			if rec := judgeOne(t, j, p, "heavy"); rec.Verdict != want {
				t.Errorf("%s: above the floor a sample is %s", canonical, rec.Verdict)
			}
		}
	}
	if rt.ran["wrong"] != 2 || rt.ran["raises"] != 1 {
		t.Errorf("wrong solutions ran on %d and %d tests: want no more after the first that fails", rt.ran["wrong"], rt.ran["raises"])
	}
}

// What is shown of a long input ends within bounds, and is text.
func TestStdioShowsTheHead(t *testing.T) {
	long := strings.Repeat("é\xff", shownBytes)
	rt := &fakeRuntime{mains: map[string]func(string) runtimes.Outcome{"p": func(string) runtimes.Outcome { return prints(long, 1) }}}
	f := judgeOne(t, newJudge(t, Config{Runner: rt}), echoProblem(strings.Repeat("x", 5000)), "p").Failure
	if len(f.Args) != shownBytes || !strings.HasSuffix(f.Args, "x… (2,974 more bytes)") ||
		!strings.HasPrefix(f.Actual, `é\xffé\xff`) || !strings.HasSuffix(f.Actual, " more bytes)") || len(f.Actual) > shownBytes {
		t.Errorf("%d, %d bytes: %.40q", len(f.Args), len(f.Actual), f.Actual)
	}
}
