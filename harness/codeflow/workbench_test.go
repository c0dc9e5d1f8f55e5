package codeflow

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes/python/pythontest"
)

const clamp = `def clamp(x, low, high):
    """Keep x within bounds."""
    if low > high:
        raise ValueError("empty")
    if x < low:
        return low
    return high if x > high else x
`

const goodTests = `import unittest


def test_inside():
    assert clamp(2, 1, 3) == 2
    assert clamp(1, 1, 3) == 1


def test_outside():
    assert clamp(0, 1, 3) == 1
    assert clamp(4, 1, 3) == 3


class TestEmpty(unittest.TestCase):
    def setUp(self):
        self.bounds = (3, 1)

    def test_empty(self):
        with self.assertRaises(ValueError):
            clamp(2, *self.bounds)

    def test_point(self):
        self.assertEqual(clamp(7, 2, 2), 2)
`

const pytestTests = `import math
import warnings

import pytest


@pytest.fixture
def low():
    return 1


@pytest.fixture
def bounds(low, tmp_path):
    (tmp_path / "high").write_text("3")
    yield low, int((tmp_path / "high").read_text())


@pytest.fixture(params=[5, 6], autouse=False)
def above(request):
    return request.param


@pytest.mark.parametrize("x", [1, 2])
@pytest.mark.parametrize(("far", "want"), [(-1, 1), pytest.param(9, 3, id="high"), pytest.param(0, 0, marks=pytest.mark.skip)])
def test_values(x, far, want, bounds):
    assert clamp(x, *bounds) == x
    assert clamp(far, *bounds) == want


def test_above(above, bounds):
    assert clamp(above, *bounds) == 3


def test_raises():
    with pytest.raises(ValueError, match="^emp") as error:
        clamp(2, 3, 1)
    assert error.type is ValueError and str(error.value) == "empty"
    with pytest.raises(pytest.fail.Exception):
        pytest.fail("as it should")


@pytest.mark.parametrize("value, near", [(0.1 + 0.2, 0.3), ([1.0, 2.0000001], [1, 2]), ({"a": 1e-13}, {"a": 0})])
def test_approx(value, near):
    assert value == pytest.approx(near)
    assert value != pytest.approx(near, rel=1e-20, abs=1e-20)


@pytest.mark.xfail(reason="nobody is like that")
def test_failing():
    assert clamp(9, 1, 3) == 9


class TestState:
    def setup_method(self, method):
        self.high = 3

    def test_print(self, capsys, monkeypatch):
        monkeypatch.setattr(math, "pi", self.high)
        print(clamp(9, 1, math.pi))
        assert capsys.readouterr().out == "3\n"

    @pytest.mark.usefixtures("low")
    def test_warns(self):
        with pytest.warns(UserWarning, match="soon"):
            warnings.warn("soon gone")
        assert clamp(9, 1, self.high) == self.high


@pytest.mark.asyncio
async def test_async():
    assert clamp(0, 1, 3) == 1
`

// What becomes of programs and the tests that came with them, and what the tests
// are worth.
func TestWorkbench(t *testing.T) {
	rt := pythontest.Open(t)
	for _, tt := range []struct {
		name, program, tests string
		verdict              harness.Verdict
		right                int
		failure              string // part of the failure, as JSON
		quality              string // part of the quality, as JSON; "": not looked at
	}{
		{"good", clamp, goodTests, harness.Pass, 4, "", `"tests":4,"lines":6,"lines_run":6,"branches":6,"branches_run":6,"mutants":9,"mutants_found":6`},
		{"half covered", clamp, "def test_one():\n    assert clamp(2, 1, 3) == 2\n", harness.Pass, 1, "", `"lines":6,"lines_run":4,"branches":6,"branches_run":3`},
		{"imported", clamp, "from solution import clamp\nimport solution\n\ndef test_it():\n    assert solution.clamp(5, 1, 3) == clamp(3, 1, 3)\n", harness.Pass, 1, "", `"mutants"`},
		{"the module asserts", clamp, "assert clamp(0, 1, 2) == 1\n", harness.Pass, 1, "", `"tests":1`},
		{"wrong", "def clamp(x, low, high):\n    return x\n", goodTests, harness.WrongAnswer, 1,
			`line 10, in test_outside\n    assert clamp(0, 1, 3) == 1`, ""},
		{"wrong, by unittest", "def twice(x):\n    return x\n", "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(twice(2), 4)\n", harness.WrongAnswer, 0,
			`"message":"2 != 4"`, ""},
		{"raises", "def f(x):\n    return x[0]\n", "def test_a():\n    assert f([1]) == 1\n\ndef test_b():\n    assert f([]) is None\n", harness.Exception, 1,
			`{"exception":{"type":"IndexError","message":"list index out of range","line":2,"traceback":"  File \"tests.py\", line 5, in test_b\n    assert f([]) is None\n  File \"solution.py\", line 2, in f\n    return x[0]\n"},"detail":"1 of 2 tests pass; the first that fails is test_b"}`, ""},
		{"an assertion of its own", "def f(x):\n    assert x\n", "def test_a():\n    assert f(0)\n", harness.Exception, 0, `"line":2`, ""},
		{"no Python", "def f(:\n", "def test_a(): assert f()\n", harness.SyntaxError, 0, `File \"solution.py\", line 1\n`, ""},
		{"tests that are no Python", "x = 1\n", "assert assert\n", harness.SyntaxError, 0, `File \"tests.py\", line 1\n`, ""},
		{"endless", "def f():\n    while True:\n        pass\n", "def test_a():\n    assert f()\n\ndef test_b():\n    assert True\n", harness.OutOfFuel, 1, "first that fails is test_a", ""},
		{"exits", "def f():\n    raise SystemExit(0)\n", "def test_a():\n    f()\n", harness.Exception, 0, "SystemExit", ""},
		{"really exits", "import os\ndef f():\n    os._exit(0)\n", "def test_a():\n    f()\n", harness.NoResult, 0, "", ""},
		{"gives what it likes", "import sys\nsys._getframe(2).f_globals['WORKS'].update(one=lambda *_: 7)\n", "def test_a():\n    assert True\n\ndef test_b():\n    assert True\n", harness.ForgedResult, 1, "", ""},
		{"gives what has no end", "import sys\nsys._getframe(2).f_globals['WORKS'].update(one=lambda *_: 'x' * (40 << 20))\n", "def test_a():\n    assert True\n\ndef test_b():\n    assert True\n", harness.BadValue, 1, "", ""},
		{"has many names", "for i in range(1000):\n    globals()['test_%d' % i] = lambda: None\n", "assert 1\n", NoTests, 0, "101 tests, want from 1 to 100", ""},
		{"pytest's", clamp, pytestTests, harness.Pass, 14, "", `"tests":14`},
		{"pytest's, wrong", clamp, "import pytest\n@pytest.mark.parametrize('x, want', [(0, 1), (5, 4)])\ndef test_a(x, want):\n    assert clamp(x, 1, 3) == pytest.approx(want)\n", harness.WrongAnswer, 1,
			"first that fails is test_a[5-4]", ""},
		{"pytest's, nothing raised", clamp, "import pytest\ndef test_a():\n    with pytest.raises(ValueError):\n        clamp(1, 0, 3)\n", harness.WrongAnswer, 0, "DID NOT RAISE", ""},
		{"a fixture that is not there", clamp, "def test_a(bounds):\n    assert clamp(1, *bounds)\n", harness.Exception, 0, "fixture 'bounds' not found", ""},
		{"skipped", clamp, "import pytest\n@pytest.mark.skip\ndef test_a():\n    assert clamp(1, 0, 3) == 1\n", NoTests, 0, "0 tests, want from 1 to 100", ""},
		{"no tests", clamp, "x = 1\n", NoTests, 0, "0 tests, want from 1 to 100", ""},
		{"nothing asserted", clamp, "def test_a():\n    clamp(1, 2, 3)\n", harness.Pass, 1, "", `"trivial":"they assert nothing"`},
		{"nothing needed", clamp, "def test_a():\n    assert clamp(1, 2, 3) != 7\n", harness.Pass, 1, "", `"trivial":"they pass with functions that return None"`},
		{"a raise is all", clamp, "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        with self.assertRaises(Exception):\n            clamp(1, 3, 1)\n", harness.Pass, 1, "",
			`"trivial":"they pass with functions that raise"`},
		{"by chance", "import random\ndef f():\n    return random.random()\n", "def test_a():\n    assert f() == 0.8444218515250481\n", harness.Pass, 1, "",
			`"flaky":"run in another order, with other random numbers and on another day, they end with wrong_answer`},
		{"by day", "import time\ndef f():\n    return time.gmtime().tm_year\n", "def test_a():\n    assert f() == 2026\ndef test_b():\n    import datetime\n    assert datetime.date.today().month == 1\n", harness.Pass, 2, "", `"flaky":"run in another order`},
		{"by order", "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)\n", "def test_a():\n    assert f(1) == 1\n\ndef test_b():\n    assert f(1) == 1\n", harness.Pass, 2, "", `"flaky":"run together, they end with wrong_answer`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Programs: rt}.withDefaults()
			l := &loop{Config: &c, slots: make(chan struct{}, 1)}
			s := Step{Program: tt.program, Tests: tt.tests}
			if err := (byTests{l}).judge(t.Context(), &s); err != nil {
				t.Fatal(err)
			}
			failure, err := json.Marshal(s.Failure)
			if err != nil {
				t.Fatal(err)
			}
			if s.Verdict != tt.verdict || *s.Right != tt.right || !strings.Contains(string(failure), tt.failure) || s.Fuel == 0 {
				t.Errorf("got %s, %d right, fuel %d, %s, want %s, %d, %s", s.Verdict, *s.Right, s.Fuel, failure, tt.verdict, tt.right, tt.failure)
			}
			if (s.Feedback == "") != (s.Verdict == harness.Pass) {
				t.Errorf("the feedback is %q", s.Feedback)
			}
			if tt.quality == "" {
				return
			}
			var got []string
			for range 2 {
				q, err := l.measure(t.Context(), &s)
				if err != nil {
					t.Fatal(err)
				}
				text, err := json.Marshal(q)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(text))
			}
			if !strings.Contains(got[0], tt.quality) || got[0] != got[1] {
				t.Errorf("the tests are worth %s,\nand then %s,\nwant %s", got[0], got[1], tt.quality)
			}
		})
	}
}
