package python

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/runtimes"
)

// numpyAnswers answers with values of numpy's types.
const numpyAnswers = `
import numpy as np
def f(n):
    return [np.float32(1.5), np.int8(2), np.bool(True), np.float16(0.1), np.array([0.1], "f2"), np.int64(9007199254740993),
            np.str_("a\0"), np.longdouble(0.1) * (1 + np.longdouble(2) ** -60), np.array([2, 1])][n]
`

type scriptEnd struct {
	candidate, test runtimes.Outcome
	calls           int
}

func TestRunScript(t *testing.T) {
	r := openShared(t)
	ok := runtimes.Outcome{Kind: runtimes.OK}
	raised := func(kind, message string, line int) runtimes.Outcome {
		return runtimes.Outcome{Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: kind, Message: message, Line: line}}
	}
	for _, c := range []struct {
		name, helpers, test, program string
		want                         scriptEnd
	}{
		{"passes", "", "assert f(1, k=2) == 3\nassert f(2, k=0) == 2", "def f(a, k): return a + k",
			scriptEnd{ok, ok, 2}},
		{"fails", "", "\nassert f(1) == 3, 'not three'", "def f(a): return a",
			scriptEnd{ok, raised("AssertionError", "not three", 2), 1}},
		{"candidate raises", "", "try: f(1)\nexcept Exception: pass", "def f(a):\n return a / 0",
			scriptEnd{raised("ZeroDivisionError", "division by zero", 2), ok, 1}},
		{"candidate does not load", "", "assert f(1)", "x = y",
			scriptEnd{raised("NameError", "name 'y' is not defined", 1), runtimes.Outcome{}, 0}},
		{"candidate is not Python", "", "assert f(1)", "def f(",
			scriptEnd{runtimes.Outcome{Kind: runtimes.SyntaxError, Exception: &runtimes.ExceptionInfo{Type: "SyntaxError", Message: "'(' was never closed", Line: 1}}, runtimes.Outcome{}, 0}},
		{"helpers are the prompt's", "def h(): return 5", "assert f(h()) == 5", "def h(): return 6\ndef f(x): return x",
			scriptEnd{ok, ok, 1}},
		{"the name of the entry point is the stand-in", "def f(x): return 0", "assert tuple(f([1])) == tuple(f([1]))", "def f(x): return [7]",
			scriptEnd{ok, ok, 2}},
		{"types as arguments", "", "assert f([1, 'a'], int) == [1]", "def f(x, t): return [i for i in x if isinstance(i, t)]",
			scriptEnd{ok, ok, 1}},
		{"counters", "from collections import Counter", "assert f('aab') == Counter('aab') == {'a': 2, 'b': 1}", "from collections import Counter\ndef f(s): return Counter(s)",
			scriptEnd{ok, ok, 1}},
		{"a match is true", "", "assert f('a') and not f('b')", "import re\ndef f(s): return re.match('a', s)",
			scriptEnd{ok, ok, 2}},
		{"a match is not compared", "", "assert f('a') == 1", "import re\ndef f(s): return re.match('a', s)",
			scriptEnd{runtimes.Outcome{Kind: runtimes.BadValue, Detail: "re.Match"}, runtimes.Outcome{Kind: runtimes.BadValue, Detail: "re.Match"}, 1}},
		{"equal to all", "", "assert f() == 1", "class A:\n def __eq__(s, o): return True\ndef f(): return A()",
			scriptEnd{runtimes.Outcome{Kind: runtimes.BadValue, Detail: "A"}, runtimes.Outcome{Kind: runtimes.BadValue, Detail: "A"}, 1}},
		{"arguments stay as they are", "", "x = [1, 2]\nf(x)\nassert x == [1, 2]", "def f(x): x.clear()",
			scriptEnd{ok, ok, 1}},
		{"exit", "", "f()", "def f(): raise SystemExit(0)",
			scriptEnd{runtimes.Outcome{Kind: runtimes.NoResult, Detail: "the program exited with code 0"}, ok, 1}},
		{"bytes", "", "assert f(b's') == [b's', bytearray(b't')]", "def f(x): return [x, bytearray(b't')]",
			scriptEnd{ok, ok, 1}},
		{"numbers of numpy's are plain", "", "assert f(0) == 1.5 and f(1) == 2 and f(2) == 1 and f(2) is not True and abs(f(3) - 0.1) < 1e-3", numpyAnswers,
			scriptEnd{ok, ok, 5}},
		{"a narrow number decides nothing", "", "assert f(3) == 0.1", numpyAnswers,
			scriptEnd{ok, raised("AssertionError", "", 1), 1}},
		{"nor does an array of them", "", "assert f(4) == 0.1", numpyAnswers,
			scriptEnd{ok, raised("AssertionError", "", 1), 1}},
		{"ints are held against floats exactly", "", "assert f(5) == 9007199254740992.0", numpyAnswers,
			scriptEnd{ok, raised("AssertionError", "", 1), 1}},
		{"text of numpy's keeps its NULs", "", "assert f(6) == 'a'", numpyAnswers,
			scriptEnd{ok, raised("AssertionError", "", 1), 1}},
		{"a number that no float holds has no encoding", "", "assert f(7) == 0.1", numpyAnswers,
			scriptEnd{runtimes.Outcome{Kind: runtimes.BadValue, Detail: "numpy.longdouble beyond the precision of a float"}, ok, 1}},
		{"an array's items are plain", "", "assert [type(x) for x in f(8)] == [int, int] and sorted(f(8)) == [1, 2] and (f(8) == [2, 1]).all()", numpyAnswers,
			scriptEnd{ok, ok, 3}},
		{"an array is not true or false", "", "assert f(8) == [2, 1]", numpyAnswers,
			scriptEnd{ok, raised("ValueError", "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()", 1), 1}},
		{"no calls", "", "assert True", "def f(): pass", scriptEnd{ok, ok, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := runtimes.Script{Helpers: c.helpers, Test: c.test, Entry: "f"}
			got, err := runScript(ctx, r, s, runtimes.Program{Source: c.program, Entry: "f"}, runtimes.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			check(t, "test", *got.Test, c.want.test)
			if got.Calls != c.want.calls {
				t.Errorf("%d calls, want %d", got.Calls, c.want.calls)
			}
			got.Test, got.Calls = nil, 0
			check(t, "candidate", got, c.want.candidate)
		})
	}
}

func TestRunScriptBudgets(t *testing.T) {
	r := openShared(t)
	loop := "while True: pass"
	for _, c := range []struct {
		name, test, program string
		candidate, script   runtimes.Kind
	}{
		{"the candidate's", "f()", "def f():\n " + loop, runtimes.OutOfFuel, runtimes.OK},
		{"the test's", loop, "def f(): pass", runtimes.OK, runtimes.OutOfFuel},
		{"while loading", "f()", loop, runtimes.OutOfFuel, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			lim := runtimes.Limits{LoadFuel: 1e8, CallFuel: 1e8}
			got, err := runScript(ctx, r, runtimes.Script{Test: c.test, Entry: "f"}, runtimes.Program{Source: c.program, Entry: "f"}, lim)
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind != c.candidate || got.Test.Kind != c.script {
				t.Errorf("candidate %s, test %s", got.Kind, got.Test.Kind)
			}
		})
	}
}

func TestRunShared(t *testing.T) {
	r := openShared(t)
	program := runtimes.Program{Source: "class Node:\n def __init__(self, v): self.v = v\ndef f(n): return n.v"}
	for test, want := range map[string]runtimes.Outcome{
		"assert f(Node(3)) == 3": {Kind: runtimes.OK},
		"assert f(Node(3)) == 4": {Kind: runtimes.Exception, Exception: &runtimes.ExceptionInfo{Type: "AssertionError", Line: 1}},
		"raise SystemExit":       {Kind: runtimes.NoResult, Detail: "the program exited with code 0"},
	} {
		got, err := runShared(ctx, r, program, runtimes.Script{Test: test}, runtimes.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		check(t, test, got, want)
	}
}

// TestCompile: a script compiled once runs as one that is compiled by its run.
func TestCompile(t *testing.T) {
	r := openShared(t)
	s := runtimes.Script{Helpers: "def h(): return 5", Test: "\nassert f(h()) == 6, 'no'", Entry: "f"}
	p := runtimes.Program{Source: "def f(x): return x", Entry: "f"}
	want, err := runScript(ctx, r, s, p, runtimes.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	inspected, err := inspectScript(ctx, r, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Compiled = inspected.Compiled
	got, err := runScript(ctx, r, s, p, runtimes.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("compiled before (-in the run +before):\n%s", diff)
	}
	if got.Test.Exception == nil || got.Test.Exception.Line != 2 {
		t.Errorf("the failed assertion is at %+v, want line 2", got.Test.Exception)
	}
}

func TestCompileNeedsPython(t *testing.T) {
	out, err := inspectScript(ctx, openShared(t), runtimes.Script{Test: "x = 1\nassert", Entry: "f"})
	if err != nil || out.Kind != runtimes.SyntaxError || out.Exception.Line != 2 {
		t.Errorf("not Python: %+v, %v", out, err)
	}
}
