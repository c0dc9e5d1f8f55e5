package judge

import (
	"context"
	"crypto/sha256"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/txtar"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes/python"
)

// ownUnits are problems of ours in BigCodeBench's form, for which no data set is
// needed.
var ownUnits = []*benchmarks.Problem{
	{
		ID: "Unit/double", EntryPoint: "double", Oracle: benchmarks.Unittest, TestCase: "TestCases",
		Canonical: `
def double(numbers, path):
    doubles = [2 * n for n in numbers]
    with open(path, "w") as f:
        f.writelines("%d\n" % n for n in doubles)
    return doubles
`,
		Test: `
import os
import unittest
from unittest.mock import patch

class TestCases(unittest.TestCase):
    def setUp(self):
        self.path = "doubles.txt"

    def tearDown(self):
        if os.path.exists(self.path):
            os.remove(self.path)

    def test_returns(self):
        self.assertEqual(double([1, 2, 3], self.path), [2, 4, 6])

    def test_writes(self):
        double([1, -2], self.path)
        with open(self.path) as f:
            self.assertEqual(f.read(), "2\n-4\n")

    def test_each(self):
        for n in (0, 7, 10**20):
            with self.subTest(n=n):
                self.assertEqual(double([n], self.path), [2 * n])

    def test_opens_once(self):
        with patch("builtins.open", side_effect=OSError("no room")):
            with self.assertRaises(OSError):
                double([1], self.path)
`,
	},
	{
		ID: "Unit/every_check", EntryPoint: "scaled", Oracle: benchmarks.Unittest, TestCase: "TestCases",
		Canonical: `
import logging, warnings
import numpy as np
import pandas as pd

def scaled(values, by=2, tell=None):
    if by == 0:
        raise ValueError("by is 0")
    if by < 0:
        warnings.warn("by is negative")
    if tell is not None:
        tell(by)
        logging.getLogger("scaled").warning("told")
    return pd.DataFrame({"value": np.array(values) * by})
`,
		Test: `
import unittest, logging, warnings
from unittest.mock import MagicMock
import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

class TestCases(unittest.TestCase):
    def close(self, frame, wanted):
        self.assertEqual(len(frame), len(wanted))
        for got, want in zip(frame["value"], wanted):
            self.assertAlmostEqual(got, want)

    def test_array(self):
        np.testing.assert_array_equal(scaled([1, 2])["value"], [2, 4])

    def test_close(self):
        assert_allclose(scaled([1.5])["value"], [3.0])

    def test_count(self):
        self.assertCountEqual(list(scaled([1, 2])["value"]), [4, 2])

    def test_dict(self):
        self.assertDictEqual(scaled([1]).to_dict(), {"value": {0: 2}})

    def test_frame(self):
        pd.testing.assert_frame_equal(scaled([1]), pd.DataFrame({"value": [2]}), check_dtype=False)

    def test_greater(self):
        self.assertGreater(scaled([1])["value"].sum(), 1)

    def test_helper(self):
        self.close(scaled([0.1, 0.2], by=3), [0.3, 0.6])

    def test_in(self):
        self.assertIn("value", scaled([1]).columns)

    def test_is(self):
        self.assertIsInstance(scaled([1]), pd.DataFrame)

    def test_logs(self):
        with self.assertLogs("scaled", level="WARNING"):
            scaled([1], tell=print)

    def test_loops(self):
        for n in range(1, 4):
            self.assertEqual(list(scaled([n])["value"]), [2 * n])

    def test_mock(self):
        tell = MagicMock()
        scaled([1], by=5, tell=tell)
        tell.assert_called_once_with(5)

    def test_plain(self):
        assert list(scaled([1])["value"]) == [2], "so"

    def test_raises(self):
        with self.assertRaises(ValueError) as caught:
            scaled([1], by=0)
        self.assertEqual(str(caught.exception), "by is 0")

    def test_raises_called(self):
        self.assertRaises(ValueError, scaled, [1], by=0)

    def test_regex(self):
        self.assertRegex(str(scaled([1])), "value")

    def test_series(self):
        self.assertTrue((scaled([1])["value"] == 2).all())

    def test_warns(self):
        with self.assertWarns(UserWarning):
            scaled([1], by=-1)
`,
	},
}

func init() {
	for _, p := range ownUnits {
		p.Hash = sha256.Sum256([]byte(p.Canonical + p.Test))
	}
}

// rightInAnotherWay solves ownUnits otherwise than their canonical solutions do.
var rightInAnotherWay = map[string]string{
	"Unit/double": `
def double(numbers, path):
    out, lines = [], ""
    for n in numbers:
        out.append(n + n); lines += str(n + n) + "\n"
    file = open(path, "w"); file.write(lines); file.close()
    return out
`,
	"Unit/every_check": `
import pandas as pd, logging, warnings
class Scaler:
    def __init__(self, by): self.by = by
    def __eq__(self, other): return self.by == other.by
    def __call__(self, n): return n * self.by
def scaled(values, by=2, tell=None):
    assert by != 0 or False, "by is 0" if by else exec('raise ValueError("by is 0")')
    by < 0 and warnings.warn("negative", UserWarning)
    if tell: tell(by); logging.getLogger("scaled").error("told")
    return pd.DataFrame([[n] for n in map(Scaler(by), values)], columns=["value"])
`,
}

// tenTasks of BigCodeBench are what cheats are tried on, beside ownUnits.
var tenTasks = []string{"13", "3", "17", "0", "24", "46", "142", "369", "602", "846"}

func cheats(t *testing.T, file string) []txtar.File {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return a.Files
}

// judgeAll judges a program for each name.
func judgeAll(t *testing.T, j *Judge, p *benchmarks.Problem, programs map[string]string) map[string]harness.Record {
	t.Helper()
	var mu sync.Mutex
	records := map[string]harness.Record{}
	g, ctx := errgroup.WithContext(context.Background())
	g.SetLimit(workers)
	for name, program := range programs {
		g.Go(func() error {
			rec, err := j.Judge(ctx, p, benchmarks.Sample{TaskID: p.ID, Solution: program})
			mu.Lock()
			defer mu.Unlock()
			records[name] = rec
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return records
}

// TestCheatsOnUnitTests: no program that solves nothing passes unit tests, however
// it goes about it, and none is a fault of ours. Where the data are, it is tried on
// BigCodeBench too: on two tasks, and on ten with ASSAY_SLOW.
func TestCheatsOnUnitTests(t *testing.T) {
	rt, store := realWith(t, python.BigCodeBench)
	j := newJudge(t, Config{Runner: rt, Cache: store, Fresh: true})
	problems := ownUnits
	if os.Getenv("ASSAY_SHARED") != "" || os.Getenv("ASSAY_DATA") != "" {
		s := realSuite(t, "bigcodebench", 1)
		tasks := tenTasks
		if os.Getenv("ASSAY_SLOW") == "" {
			tasks = tasks[:2]
		}
		for _, p := range s.Problems {
			for _, task := range tasks {
				if p.ID == "BigCodeBench/"+task {
					problems = append(problems, p)
				}
			}
		}
	} else {
		t.Log("BigCodeBench's tasks are left out: set ASSAY_SHARED")
	}
	for _, p := range problems {
		programs := map[string]string{}
		for _, f := range cheats(t, "testdata/unittest_cheats.txtar") {
			programs[f.Name] = strings.ReplaceAll(string(f.Data), "ENTRY", p.EntryPoint)
		}
		for name, rec := range judgeAll(t, j, p, programs) {
			if rec.Verdict == harness.Pass || rec.Verdict == harness.InfraError {
				t.Errorf("%s on %s: %s: %s", name, p.ID, rec.Verdict, shown(rec))
			}
		}
	}
}

// TestRightProgramsPassBothWays: a program that solves a task keeps its pass,
// whether it is the canonical solution or goes about it in another way, and every
// test of ours fails when it is turned around.
func TestRightProgramsPassBothWays(t *testing.T) {
	rt, store := realWith(t, python.BigCodeBench)
	j := newJudge(t, Config{Runner: rt, Cache: store, Fresh: true})
	for _, p := range ownUnits {
		for name, rec := range judgeAll(t, j, p, map[string]string{"canonical": p.Canonical, "another": rightInAnotherWay[p.ID]}) {
			if rec.Verdict != harness.Pass {
				t.Errorf("%s of %s: %s: %s", name, p.ID, rec.Verdict, shown(rec))
			}
		}
		prep, err := j.prepare(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := j.turned(t.Context(), p, prep.expected)
		if err != nil {
			t.Fatal(err)
		}
		for name := range strings.SplitSeq(string(prep.expected.Test), "\n") {
			if !slices.Contains(got.Fails, name) {
				t.Errorf("%s of %s passes turned around, too", name, p.ID)
			}
		}
	}
}

// TestCheatsThatRemain: what SECURITY says is still possible is possible, and is
// shown for what it is.
func TestCheatsThatRemain(t *testing.T) {
	rt, store := realWith(t, python.BigCodeBench)
	j := newJudge(t, Config{Runner: rt, Cache: store, Fresh: true})
	p := ownUnits[0]
	programs := map[string]string{}
	for _, f := range cheats(t, "testdata/unittest_remaining.txtar") {
		programs[f.Name] = strings.ReplaceAll(string(f.Data), "ENTRY", p.EntryPoint)
	}
	for name, rec := range judgeAll(t, j, p, programs) {
		if rec.Verdict != harness.Pass {
			t.Errorf("%s: %s: %s: SECURITY can promise more", name, rec.Verdict, shown(rec))
		}
	}
}

// TestTurn: every form of assertion has its opposite, on the same line.
func TestTurn(t *testing.T) {
	rt, _ := realWith(t, python.BigCodeBench)
	turnedSource := func(test string) (string, error) {
		j := newJudge(t, Config{Runner: rt})
		p := &benchmarks.Problem{ID: "T", Oracle: benchmarks.Unittest, Test: test}
		got := &Turned{}
		err := j.turn(t.Context(), p, got, &Expected{})
		return got.Source, err
	}
	const mark = `'\0assay'`
	for in, want := range map[string]string{
		"self.assertEqual(a, b)":                                                   mark + ".turned('assertEqual', a, b)",
		"case.assertTrue(\n    a)":                                                 mark + ".turned('assertTrue', \n    a)",
		"assert a == b, 'so'":                                                      mark + ".asserted( " + mark + ".same(a , b), lambda: 'so')",
		"assert (a,\n  b)[0]":                                                      mark + ".asserted( (a,\n  b)[0])",
		"assert (a == (b)) and c[0]==1,()":                                         mark + ".asserted( (" + mark + ".same(a , (b))) and " + mark + ".same(c[0],1),lambda: ())",
		"self.assertTrue(all(x == 1 for x in a), f'{a == b}')":                     mark + ".turned('assertTrue', all(" + mark + ".same(x , 1) for x in a), f'{a == b}')",
		"assert (a == b) == c":                                                     mark + ".asserted( " + mark + ".same((" + mark + ".same(a , b)) , c))",
		"assert a == b == c":                                                       mark + ".asserted( a == b == c)",
		"assert (yes := a)":                                                        mark + ".asserted( (yes := a))",
		"assert(a), (\n b)":                                                        mark + ".asserted((a), (\n lambda: b))",
		"self.assertRaises(E, f, 1)":                                               mark + ".refused(self.assertRaises, E, f, 1)",
		"with self.assertRaises(E) as e: f()":                                      "with " + mark + ".block(), self.assertRaises(E) as e: f()",
		"with patch('x') as p, self.assertRaises(E): f()":                          "with patch('x') as p, " + mark + ".block(), self.assertRaises(E): f()",
		"np.testing.assert_array_equal(a, b)":                                      mark + ".refused(np.testing.assert_array_equal, a, b)",
		"mock.assert_called_once()":                                                mark + ".refused(mock.assert_called_once)",
		"ü = 'é'; self.assertIn('ß', ü)":                                           "ü = 'é'; " + mark + ".turned('assertIn', 'ß', ü)",
		"try:\n    assert a\nexcept AssertionError:\n    pass":                     "try:\n    assert a\nexcept AssertionError:\n    pass",
		"try:\n    assert a\nexcept (E, Exception):\n    self.assertIn(a, b)":      "try:\n    assert a\nexcept (E, Exception):\n    self.assertIn(a, b)",
		"try:\n    f()\nexcept E as e:\n    assert e":                              "try:\n    f()\nexcept E as e:\n    assert e",
		"try:\n    f()\n    self.fail()\nexcept E as e:\n    assert e":             "try:\n    f()\n    self.fail()\nexcept E as e:\n    " + mark + ".asserted( e)",
		"try:\n    assert a\nexcept E as e:\n    assert e\nfinally:\n    assert b": "try:\n    " + mark + ".asserted( a)\nexcept E as e:\n    " + mark + ".asserted( e)\nfinally:\n    " + mark + ".asserted( b)",
		"try:\n    assert a\nexcept Exception:\n    self.fail()":                   "try:\n    " + mark + ".asserted( a)\nexcept Exception:\n    self.fail()",
		"try:\n    assert a\nexcept E:\n    pass":                                  "try:\n    " + mark + ".asserted( a)\nexcept E:\n    pass",
		"self.fail('so')":                                                          "self.fail('so')",
		"def assert_own(a): pass\nassert_own(1)":                                   "def assert_own(a): pass\nassert_own(1)",
		"with pytest.raises(E):\n    self.assertEqual(a, b)":                       "with " + mark + ".block(), pytest.raises(E):\n    " + mark + ".turned('assertEqual', a, b)",
	} {
		got, err := turnedSource(in + "\n")
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if !strings.HasPrefix(got, want+"\n") {
			t.Errorf("%s\n gives %.200s\n want %s", in, got, want)
		}
	}
	if _, err := turnedSource("def ("); err == nil {
		t.Error("what is not Python was turned around")
	}
}

// TestSharedTests: tests that are statements beside the program (three of MBPP's)
// are turned around too.
func TestSharedTests(t *testing.T) {
	rt, store := realRuntime(t)
	j := newJudge(t, Config{Runner: rt, Cache: store, Fresh: true})
	p := &benchmarks.Problem{
		ID: "Unit/shared", EntryPoint: "total", Oracle: benchmarks.Unittest, Hash: sha256.Sum256([]byte("shared")),
		Canonical: "class Pair:\n    def __init__(self, a, b): self.a, self.b = a, b\n\ndef total(p): return p.a + p.b\n",
		Test:      "assert total(Pair(1, 2)) == 3\nassert total(Pair('a', 'b')) == 'ab'\n",
	}
	yes := "class Yes:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
	for source, want := range map[string]harness.Verdict{
		p.Canonical:                           harness.Pass,
		p.Canonical + "\n# in another way":    harness.Pass,
		p.Canonical + "    # nothing\n" + yes: harness.Pass,
		yes + "def Pair(a, b): return b\ndef total(p): return Yes()\n":                                            harness.ForgedResult,
		yes + "def Pair(a, b): return b\ndef total(p): return 3 if p == 2 else Yes()\n":                           harness.ForgedResult,
		"class Str(str):\n    def __eq__(self, o): return True\ndef Pair(*a): pass\ndef total(p): return Str()\n": harness.ForgedResult,
	} {
		rec, err := j.Judge(t.Context(), p, benchmarks.Sample{TaskID: p.ID, Solution: source})
		if err != nil || rec.Verdict != want {
			t.Errorf("%s\n gives %s, want %s (%v): %s", source, rec.Verdict, want, err, shown(rec))
		}
	}
}
