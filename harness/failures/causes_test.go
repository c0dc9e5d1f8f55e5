package failures

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

func wrongAnswer(expected, actual string) *harness.Failure {
	return &harness.Failure{Expected: expected, Actual: actual}
}

func raisedAt(entries ...string) *harness.Failure {
	x := &runtimes.ExceptionInfo{Type: "KeyError", Line: 3}
	for _, e := range entries {
		x.Traceback += "  File \"" + e + "\n    some(source)\n"
	}
	return &harness.Failure{Exception: x}
}

func TestOf(t *testing.T) {
	const lib = "/usr/local/lib/python315.zip/"
	for _, tt := range []struct {
		verdict harness.Verdict
		failure *harness.Failure
		want    Cause
	}{
		{harness.WrongAnswer, wrongAnswer("[1, 2]", "None"), Cause{Kind: noValue}},
		{harness.WrongAnswer, wrongAnswer("None", "None"), Cause{Kind: anotherValue}},
		{harness.WrongAnswer, wrongAnswer("[1, 2]", "[1]"), Cause{Kind: anotherValue}},
		{harness.WrongAnswer, wrongAnswer("'12'", "12"), Cause{Kind: anotherType}},
		{harness.WrongAnswer, wrongAnswer("1.5", "-2"), Cause{Kind: anotherType}},
		{harness.WrongAnswer, wrongAnswer("1e-07", "-2.5"), Cause{Kind: anotherValue}},
		{harness.WrongAnswer, wrongAnswer("True", "1"), Cause{Kind: anotherType}},
		{harness.WrongAnswer, wrongAnswer("{'a:b', 'c'}", "{'a:b': 'c'}"), Cause{Kind: anotherType}},
		{harness.WrongAnswer, wrongAnswer("set()", "{1, 2}"), Cause{Kind: anotherValue}},
		{harness.WrongAnswer, wrongAnswer("{}", "{(1, 2): 3}"), Cause{Kind: anotherValue}},
		{harness.WrongAnswer, wrongAnswer("Point(1)", "[1]"), Cause{Kind: anotherValue}}, // what isn't known isn't told
		{harness.WrongAnswer, &harness.Failure{Detail: "test line 3: assert f(1)"}, Cause{Kind: failedTest}},
		{harness.Exception, raisedAt(`solution.py", line 3, in <module>`), Cause{Kind: "KeyError", Where: atImport}},
		{harness.Exception, raisedAt(`solution.py", line 3, in f`), Cause{Kind: "KeyError", Where: inCalled}},
		{harness.Exception, raisedAt(`solution.py", line 3, in f`, `solution.py", line 9, in g`), Cause{Kind: "KeyError", Where: inHelper}},
		{harness.Exception, raisedAt(`solution.py", line 3, in f`, `solution.py", line 3, in f`), Cause{Kind: "KeyError", Where: inCalled}},
		{harness.Exception, raisedAt(`solution.py", line 9, in <module>`, `solution.py", line 3, in f`), Cause{Kind: "KeyError", Where: inCalled}},
		{harness.Exception, raisedAt(`solution.py", line 3, in f`, lib+`json/decoder.py", line 9, in decode`), Cause{Kind: "KeyError", Where: "in json"}},
		{harness.Exception, raisedAt(`solution.py", line 3, in f`, lib+`statistics.py", line 9, in mean`), Cause{Kind: "KeyError", Where: "in statistics"}},
		{harness.Exception, raisedAt(`solution.py", line 3, in f`, `<frozen codecs>", line 9, in decode`), Cause{Kind: "KeyError", Where: "in codecs"}},
		{harness.Exception, raisedAt(), Cause{Kind: "KeyError"}},
		{harness.SyntaxError, &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: "IndentationError"}}, Cause{Kind: "IndentationError"}},
		{harness.OutOfFuel, &harness.Failure{}, Cause{}},
		{harness.Trap, nil, Cause{}},
	} {
		tt.want.Verdict = tt.verdict
		if got, ok := of(harness.Record{Verdict: tt.verdict, Failure: tt.failure}); !ok || got != tt.want {
			t.Errorf("%s %+v: %+v, want %+v", tt.verdict, tt.failure, got, tt.want)
		}
	}
	for _, v := range []harness.Verdict{harness.Pass, harness.InfraError} {
		if c, ok := of(harness.Record{Verdict: v}); ok {
			t.Errorf("%s has the cause %+v", v, c)
		}
	}
}

func record(task string, v harness.Verdict, input int) harness.Record {
	r := harness.Record{TaskID: task, Verdict: v}
	if v != harness.Pass {
		r.Failure = &harness.Failure{Set: "base", Input: &input, Expected: "1", Actual: "2"}
	}
	return r
}

func TestAnalyse(t *testing.T) {
	second := record("T/2", harness.WrongAnswer, 0)
	second.Sample = 1
	unloaded := harness.Record{TaskID: "T/11", Verdict: harness.SyntaxError, Failure: &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: "SyntaxError"}}}
	got := Analyse([]harness.Record{
		record("T/1", harness.Pass, 0), record("T/10", harness.WrongAnswer, 7), record("T/2", harness.WrongAnswer, 0), second,
		unloaded, {TaskID: "T/4", Verdict: harness.InfraError},
	})
	want := Analysis{
		Samples: 5, Passed: 1, Infra: 1,
		Causes: []Count{
			{Cause{harness.WrongAnswer, anotherValue, ""}, 3, []string{"T/2", "T/10"}},
			{Cause{harness.SyntaxError, "SyntaxError", ""}, 1, []string{"T/11"}},
		},
		First: []First{{"base", firstInput, 2, []string{"T/2"}}, {"", loading, 1, []string{"T/11"}}, {"base", laterInput, 1, []string{"T/10"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none := Analyse(nil); none.Causes == nil || none.First == nil {
		t.Error("no causes are null in JSON")
	}
}

func TestCompare(t *testing.T) {
	before := []harness.Record{
		record("T/1", harness.WrongAnswer, 0), record("T/2", harness.WrongAnswer, 0), record("T/3", harness.Pass, 0),
		record("T/4", harness.OutOfFuel, 0), record("T/5", harness.Pass, 0), record("T/6", harness.InfraError, 0),
	}
	after := []harness.Record{
		record("T/1", harness.Pass, 0), record("T/2", harness.WrongAnswer, 4), record("T/3", harness.OutOfFuel, 0),
		record("T/4", harness.Pass, 0), record("T/5", harness.Pass, 0), record("T/6", harness.Pass, 0), record("T/7", harness.Pass, 0),
	}
	wrong, slow := Cause{Verdict: harness.WrongAnswer, Kind: anotherValue}, Cause{Verdict: harness.OutOfFuel}
	want := Changes{
		Samples: 5, Passed: [2]int{2, 3},
		Causes: []Change{
			{wrong, 2, 1, []string{"T/1"}, []string{}},
			{slow, 1, 1, []string{"T/4"}, []string{"T/3"}},
		},
		Moves: []Move{{Cause{}, slow, 1, []string{"T/3"}}, {slow, Cause{}, 1, []string{"T/4"}}, {wrong, Cause{}, 1, []string{"T/1"}}},
	}
	if diff := cmp.Diff(want, Compare(before, after)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The same the other way round.
	back := Compare(after, before)
	if back.Passed != [2]int{3, 2} || !slices.Equal(back.Causes[0].New, []string{"T/1"}) {
		t.Errorf("back: %+v", back)
	}
}
