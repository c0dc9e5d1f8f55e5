package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
)

// hostileAtoms are answers, as Python, that are made to cost their judge more than
// their maker, to be taken for another, or to have no end.
var hostileAtoms = []string{
	// Huge.
	"1 << 64", "-(1 << 1000)", "1 << 10**6", "-(3 << 10**7)", "10**5000", "float(2**1023)", "5e-324", "complex(1e308, -0.0)",
	"'x' * 10**6", "'\\ud800' * 10**5", "'\\U0001f600\\0\\x1b[2J\\u202e' * 1000", "b'\\xff' * 10**6", "bytearray(10**5)", "memoryview(b'ab')",
	"range(1 << 10**5)", "range(-(1 << 10**5), 1 << 10**5, 3 << 10**4)", "range(0, 1 << 200, (1 << 100) - 1)", "range(10**12, 0, -1)",
	"'1' * 4301", "'e' * 1000 + '9' * 1000", "float('nan')", "float('inf')", "-0.0", "True", "None", "...", "NotImplemented",
	// Wide.
	"list(range(10**5))", "set(range(10**5))", "frozenset(range(5000))", "dict.fromkeys(range(50_000))", "{(i, i): {i} for i in range(3000)}",
	"[{i} for i in range(3000)]", "{frozenset([i, i + 1]) for i in range(3000)}", "[float(i) for i in range(50_000)]", "['%d' % i for i in range(20_000)]",
	"{float(i) for i in range(-2000, 2000)}", "{1e300 + i for i in range(10)}", "{complex(i, 1) for i in range(2000)}", "{hash_twin(i) for i in range(500)}",
	"Counter(range(20_000))", "Counter({i: 0 for i in range(20_000)})", "OrderedDict.fromkeys(range(20_000))", "deque(range(20_000))",
	"{i: i for i in range(10_000)}.keys()", "{i: i for i in range(10_000)}.values()", "{i: [i] for i in range(5000)}.items()",
	// Deep and cyclic.
	"nest(190, list)", "nest(150, tuple)", "nest(190, frozenset)", "nest(250, list)", "nest(1000, tuple)", "nest(100_000, list)", "nest_dict(150)",
	"nest_dict(3000)", "nest_counter(100)", "twice(60)", "twice(18)", "itself([])", "itself({})", "around()",
	// Lazy.
	"(i for i in range(10**4))", "itertools.count()", "itertools.cycle('ab')", "map(abs, itertools.count())", "zip()", "reversed([1])", "enumerate('ab')",
	"iter([1, 2])", "iter(int, 1)", "endless()", "open('/dev/null')", "(lambda: (yield))()", "asyncio.sleep(1)",
	// What compares itself.
	"Yes()", "YesInt(2)", "YesFloat(2)", "YesStr('2')", "YesList([2])", "YesDict()", "Liar()", "Point(1, 2)", "mock.ANY", "Decimal('NaN')", "Decimal('1e999999')",
	"Fraction(1, 3)", "datetime.datetime.max", "re.match('a', 'a')", "int", "Yes", "len", "sys", "ValueError('x')", "object()", "type('x' * 10**6, (), {})()",
	"type('\\n\\x1b[31m\\u202e', (), {})()", "Loud()", "Slow()", "array.array('d', [2.0])",
	// numpy's.
	"np.float16(2) * np.float16(1.0001)", "np.longdouble(2) + np.longdouble(2) ** -80", "np.str_('2\\0')", "np.bytes_(b'2\\0')", "np.void(b'ab')",
	"np.datetime64('NaT')", "np.timedelta64(5, 's')", "np.ma.array([2], mask=[True])", "np.ma.masked", "np.matrix([[2]])", "np.rec.array([(1, 'a')])",
	"np.array([(1, 2.0)], dtype=[('a', 'i4'), ('b' * 1000, 'f8')])", "np.array([Yes()], dtype=object)", "np.array(2)", "np.array([])", "np.zeros((0, 3))",
	"np.broadcast_to(np.float64(2), (300, 300))", "np.zeros((1,) * 30)", "np.frombuffer(b'', dtype='V0')", "np.random.default_rng(0)", "np.nditer(np.zeros(3))",
	"np.array(['a' * 1000] * 100)", "pd.DataFrame({'a': [1]})", "pd.Series([2])", "pd.NA", "pd.NaT", "pd.Timestamp(0)",
}

// hostileDtypes are numpy's; each is made an array and a scalar.
const hostileDtypes = "?bhilqBHILQefdgFDGSUVOMm"

// hostileShapes put a value somewhere.
var hostileShapes = []string{"%s", "[%s]", "(%s, 1)", "{0: %s}", "[[%s] * 3]", "deque([%s])", "OrderedDict(a=%s)", "np.array([%s, 2], dtype=object)"}

// hostilePrelude is what the values are made with.
const hostilePrelude = `
import array, asyncio, datetime, itertools, re, sys, warnings
from collections import Counter, OrderedDict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
import numpy as np
warnings.simplefilter("ignore")
Point = namedtuple("Point", "x y")
class Yes:
    def __eq__(s, o): return True
    def __hash__(s): return 2
    def __bool__(s): return True
class YesInt(int): __eq__ = Yes.__eq__; __hash__ = Yes.__hash__
class YesFloat(float): __eq__ = Yes.__eq__; __hash__ = Yes.__hash__
class YesStr(str): __eq__ = Yes.__eq__; __hash__ = Yes.__hash__
class YesList(list): __eq__ = Yes.__eq__
class YesDict(dict): __eq__ = Yes.__eq__
class Liar: __class__ = int; __module__ = "numpy"; item = __float__ = __int__ = __index__ = lambda s: 2
class Loud:
    def __bool__(s): raise ValueError("x" * 10**6)
class Slow:
    def __bool__(s): return sum(range(10**5)) > 0
class hash_twin(int): __hash__ = lambda s: 7
def nest(n, make):
    x = make()
    for _ in range(n): x = make([x])
    return x
def nest_dict(n):
    x = {}
    for _ in range(n): x = {0: x, 1: (x is None)}
    return x
def nest_counter(n):
    x = 1
    for _ in range(n): x = Counter(a=x)
    return x
def twice(n):
    x = ()
    for _ in range(n): x = (x, x)
    return x
def itself(x):
    x.append(x) if type(x) is list else x.update(a=x)
    return x
def around():
    x, y = [], []
    x.append(y); y.append(x)
    return (x,)
def endless():
    while True: yield endless()
`

// hostileValues are programs that give one of these values each.
func hostileValues() (all []hostile) {
	add := func(value string) {
		source := hostilePrelude
		for word, line := range map[string]string{"pd.": "import pandas as pd\n", "mock.": "from unittest import mock\n"} {
			if strings.Contains(value, word) { // which take long
				source += line
			}
		}
		source += "def ferry_trips(weights, limit):\n    return " + value + "\n"
		all = append(all, hostile{script: value, task: "Starter/0", source: source})
	}
	for i, atom := range hostileAtoms {
		for k := range 2 {
			add(fmt.Sprintf(hostileShapes[(i*3+k*5)%len(hostileShapes)], atom))
		}
	}
	for _, dtype := range hostileDtypes {
		add(fmt.Sprintf("np.array([2, 0], dtype=%q)", string(dtype)))
		add(fmt.Sprintf("np.array([2], dtype=%q)[0]", string(dtype)))
		add(fmt.Sprintf("[np.zeros((), dtype=%q)[()]] * 3", string(dtype)))
	}
	return all
}

// TestHostileValues judges them by inputs and by a test program, on every engine
// that is built in: none passes, none is a fault of ours, no record is large, and
// every byte is the same.
func TestHostileValues(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundred programs, several times each")
	}
	shared, err := cache.DefaultRoot()
	if err == nil {
		err = installPython(shared)
	}
	if err != nil {
		if os.Getenv("ASSAY_REQUIRE") != "" {
			t.Fatal(err)
		}
		t.Skipf("the Python runtime can't be had: %v", err)
	}
	own := filepath.Join(t.TempDir(), "cache")
	if err := shareCache(own, shared); err != nil {
		t.Fatal(err)
	}
	values := hostileValues()
	if len(values) < 300 {
		t.Errorf("only %d values", len(values))
	}
	for _, suite := range []string{"starter", "humaneval"} {
		r := &hostileRun{suite: suite, candidates: values}
		var first []byte
		for _, engine := range registry.BuiltIn() {
			results := r.results(t, own, engineFlag(engine))
			if first == nil {
				first = results
				holdHostileValues(t, suite, values, results)
			} else if !bytes.Equal(first, results) {
				t.Errorf("%s gives other results: %s", engine, cmp.Diff(bytes.Split(first, []byte("\n")), bytes.Split(results, []byte("\n"))))
			}
		}
	}
}

// recordBytes is the most that a record may have.
const recordBytes = 64 << 10

func holdHostileValues(t *testing.T, suite string, values []hostile, results []byte) {
	t.Helper()
	lines := bytes.Split(bytes.TrimSuffix(results, []byte("\n")), []byte("\n"))
	if len(lines) != len(values) {
		t.Fatalf("%s: %d records of %d values", suite, len(lines), len(values))
	}
	for i, line := range lines {
		var rec harness.Record
		if err := json.Unmarshal(line, &rec); err != nil {
			t.Fatal(err)
		}
		if rec.Verdict == harness.Pass || rec.Verdict == harness.InfraError || len(line) > recordBytes {
			t.Errorf("%s: %s: %s, a record of %d bytes: %.300s", suite, values[i].script, rec.Verdict, len(line), line)
		}
	}
}
