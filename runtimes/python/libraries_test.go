package python

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/internal/pip"
	"github.com/assay-dev/assay/runtimes"
)

var withLibraries struct {
	once    sync.Once
	runtime *Runtime
	err     error
}

// openLibraries gives the runtime with BigCodeBench's libraries.
func openLibraries(t *testing.T) *Runtime {
	t.Helper()
	c := config(t)
	c.Libraries = BigCodeBench
	withLibraries.once.Do(func() { withLibraries.runtime, withLibraries.err = Open(context.Background(), c) })
	if withLibraries.err != nil {
		t.Fatal(withLibraries.err)
	}
	return withLibraries.runtime
}

// TestShims runs small programs on what the sandbox has in place of threads,
// sockets and processes, and on what compatibility gives back.
func TestShims(t *testing.T) {
	r := openLibraries(t)
	for _, c := range []struct{ name, source, want string }{
		{"threads run when they are started", `
import threading
seen = []
threads = [threading.Thread(target=seen.append, args=(i,)) for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(seen, [t.is_alive() for t in threads], threading.current_thread() is threading.main_thread(), threading.active_count())
`, "[0, 1, 2] [False, False, False] True 1\n"},
		{"a thread knows itself", `
import threading
names = []
t = threading.Thread(target=lambda: names.append(threading.current_thread().name), name="x")
t.start()
print(names, threading.current_thread().name)
`, "['x'] MainThread\n"},
		{"a pool of threads", `
from concurrent.futures import ThreadPoolExecutor, as_completed
with ThreadPoolExecutor(4) as pool:
    futures = [pool.submit(lambda n: 6 // n, n) for n in (1, 2, 0)]
    print(list(pool.map(str, range(3))), sorted(f.result() for f in as_completed(futures) if not f.exception()))
try:
    pool.submit(print)
except RuntimeError as error:
    print(error)
`, "['0', '1', '2'] [3, 6]\ncannot schedule new futures after shutdown\n"},
		{"sleeping beside each other, and one after the other", `
import threading, time
from concurrent.futures import ThreadPoolExecutor
def took(work):
    start = time.time()
    work()
    return round(time.time() - start, 1)
def beside():
    threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(5)]
    for t in threads: t.start()
    alive = sum(t.is_alive() for t in threads)
    for t in threads: t.join()
    print(alive, sum(t.is_alive() for t in threads))
def after():
    for _ in range(5):
        t = threading.Thread(target=time.sleep, args=(1,))
        t.start()
        t.join()
def pool():
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(time.sleep, 1) for _ in range(5)]
        print([f.done() for f in futures])
def forgotten():
    threading.Thread(target=time.sleep, args=(9,)).start()
def short():
    t = threading.Thread(target=time.sleep, args=(9,))
    t.start()
    t.join(2)
    print(t.is_alive())
print([took(work) for work in (beside, after, pool, forgotten, short)])
def own():
    print(took(lambda: time.sleep(3)))
t = threading.Thread(target=own)
t.start()
t.join()
`, "5 0\n[False, False, False, False, False]\nTrue\n[1.0, 5.0, 3.0, 0.0, 2.0]\n3.0\n"},
		{"a wait that nobody ends", `
import queue
try:
    queue.Queue().get()
except RuntimeError as error:
    print(error)
try:
    queue.Queue().get(timeout=3)
except queue.Empty:
    print("empty")
`, "deadlock: nothing else runs that could end this wait\nempty\n"},
		{"a timer that is cancelled", `
import threading
t = threading.Timer(60, print, ["late"])
t.start()
t.cancel()
t.join()
u = threading.Timer(60, print, ["due"])
u.start()
u.join()
`, "due\n"},
		{"sockets", `
import socket, requests
for make in (lambda: socket.gethostbyname("example.com"), lambda: socket.create_connection(("127.0.0.1", 80)),
             lambda: socket.socket().connect(("10.0.0.1", 80)), lambda: requests.get("https://example.com", timeout=1)):
    try:
        print(make())
    except OSError as error:
        print(type(error).__name__)
`, "gaierror\nConnectionRefusedError\nOSError\nConnectionError\n"},
		{"TLS", `
import ssl, socket
context = ssl.create_default_context()
try:
    context.wrap_socket(socket.socket(), server_hostname="x")
except ssl.SSLError as error:
    print(error)
`, "[Errno 1] there is no TLS in the sandbox\n"},
		{"processes", `
import os, subprocess, psutil
for start in (lambda: subprocess.run(["ls"]), lambda: os.fork(), lambda: os.kill(1, 9)):
    try:
        print(start())
    except OSError as error:
        print("refused")
print(os.system("ls"), [p.pid == os.getpid() for p in psutil.process_iter()])
`, "refused\nrefused\nrefused\n32512 [True]\n"},
		{"names that are gone", `
import numpy as np, pandas as pd, unittest, scipy.stats
print(np.float is float, np.NaN is np.nan, np.trapz([1, 2]), pd.DataFrame({"a": [1]}).applymap(str).values.tolist())
print(pd.Series(["a"]).dtype, pd.date_range("2020", periods=2, freq="M").dtype, pd.Series(["1"]).astype(int).dtype, np.random.randint(5, size=2).dtype)
print(scipy.stats.mode([1, 1, 2])[0][0], unittest.TestCase.assertEquals is unittest.TestCase.assertEqual)
`, "True True 1.5 [['1']]\nobject datetime64[ns] int64 int64\n1 True\n"},
		{"data", `
import nltk
from nltk.corpus import stopwords
print(len(stopwords.words("english")) > 100, nltk.word_tokenize("It isn't. Is it?"))
`, "True ['It', 'is', \"n't\", '.', 'Is', 'it', '?']\n"},
		{"a folder of its own", `
import os
print(os.getcwd(), os.listdir("."))
`, "/tmp/work []\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := runMain(t.Context(), r, runtimes.Program{Source: c.source}, nil, nil, runtimes.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(out.Stdout); got != c.want {
				t.Errorf("%s, printed\n%s\nwant\n%s\n%+v\n%s", out.Kind, got, c.want, out.Exception, out.Stderr)
			}
		})
	}
}

// TestShimsNatively holds what shims compute against the real thing.
func TestShimsNatively(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	if out, err := exec.Command(python, "testdata/shims_native.py", "bigcodebench/shims").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestRunTests(t *testing.T) {
	r := openLibraries(t)
	tests := runtimes.Tests{Class: "TestCases", Source: `
import unittest

class TestCases(unittest.TestCase):
    def test_right(self):
        self.assertEqual(f(1), 2)

    def test_wrong(self):
        self.assertEqual(f(2), 5, "so it is")

    def test_error(self):
        f(None)

    @unittest.skip("not now")
    def test_skip(self):
        pass

    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(f(n), 2)

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    def helper(self):
        pass
`}
	found, err := inspectTests(t.Context(), r, tests)
	names := found.Names
	want := []string{"test_error", "test_expected", "test_parts", "test_right", "test_skip", "test_wrong"}
	if err != nil || !slices.Equal(names, want) {
		t.Fatalf("names %q, %v", names, err)
	}
	program := runtimes.Program{Source: "def f(n):\n    return n + 1\n"}
	out, err := runTests(t.Context(), r, program, tests, runtimes.Limits{})
	if err != nil || out.Kind != runtimes.OK {
		t.Fatalf("%+v, %v", out, err)
	}
	var got []string
	for _, res := range out.Tests {
		line := res.Name + " " + string(res.Outcome)
		if x := res.Exception; x != nil {
			line += " " + x.Type + ": " + x.Message
			if strings.Contains(x.Traceback, "unittest/") {
				t.Errorf("%s: unittest's own lines are in it:\n%s", res.Name, x.Traceback)
			}
		}
		got = append(got, line)
	}
	wantLines := []string{
		`test_error error TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'`,
		"test_expected pass",
		"test_parts (n=1) fail AssertionError: 2 == 2",
		"test_right pass", "test_skip skip",
		"test_wrong fail AssertionError: 3 != 5 : so it is",
	}
	if diff := cmp.Diff(wantLines, got); diff != "" {
		t.Error(diff)
	}
	again, err := runTests(t.Context(), r, program, tests, runtimes.Limits{})
	if diff := cmp.Diff(out, again); diff != "" || err != nil {
		t.Errorf("another time: %v\n%s", err, diff)
	}
}

// TestRunTestsEnds: what ends the module ends the run, and says so.
func TestRunTestsEnds(t *testing.T) {
	r := openLibraries(t)
	right := "import unittest\nclass TestCases(unittest.TestCase):\n    def test_a(self): f()\n"
	setUp := "import unittest\nclass TestCases(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): raise KeyError(1)\n    def test_a(self): pass\n"
	for _, c := range []struct {
		name, program, tests string
		kind                 runtimes.Kind
		results              int
	}{
		{"not Python", "def f(:", right, runtimes.SyntaxError, 0},
		{"raises at import", "import nowhere", right, runtimes.Exception, 0},
		{"exits at import", "import sys; sys.exit()", right, runtimes.NoResult, 0},
		{"no such class", "def f(): pass", "x = 1", runtimes.Exception, 0},
		{"setUpClass", "def f(): pass", setUp, runtimes.OK, 1},
		{"endless", "def f():\n    while True: pass", right, runtimes.OutOfFuel, 0},
		{"memory", "def f(): return bytearray(1 << 30)", right, runtimes.OutOfMemory, 0},
		{"a thousand records", "def f(): pass", "import unittest\nclass TestCases(unittest.TestCase):\n    def test_a(self):\n        for n in range(2000):\n            with self.subTest(n=n): 1 / 0\n", runtimes.ForgedResult, runtimes.MaxTests},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := runTests(t.Context(), r, runtimes.Program{Source: c.program}, runtimes.Tests{Source: c.tests, Class: "TestCases"}, runtimes.Limits{CallFuel: 2_000_000_000})
			if err != nil {
				t.Fatal(err)
			}
			if out.Kind != c.kind || len(out.Tests) != c.results {
				t.Errorf("%s with %d results, want %s with %d: %+v", out.Kind, len(out.Tests), c.kind, c.results, out)
			}
		})
	}
}

// TestInspectTests: what has no tests has no names, and what is not Python says where.
func TestInspectTests(t *testing.T) {
	r := openLibraries(t)
	out, err := inspectTests(t.Context(), r, runtimes.Tests{Source: "def (", Class: "TestCases"})
	if err != nil || out.Kind != runtimes.SyntaxError || out.Exception.Line != 1 {
		t.Errorf("not Python: %+v, %v", out, err)
	}
	out, err = inspectTests(t.Context(), r, runtimes.Tests{Source: "class Other: pass", Class: "TestCases"})
	if err != nil || out.Kind != runtimes.OK || len(out.Names) != 0 {
		t.Errorf("no such class: %+v, %v", out, err)
	}
}

// TestLibrariesAreOfTheirOwn: a set changes its own image and no other.
func TestLibrariesAreOfTheirOwn(t *testing.T) {
	plain, with := openShared(t), openLibraries(t)
	if plain.Identity() == with.Identity() || with.Name() == plain.Name() {
		t.Errorf("%s and %s", plain.Name(), with.Name())
	}
	out, err := runMain(t.Context(), plain, runtimes.Program{Source: "import requests"}, nil, nil, runtimes.Limits{})
	if err != nil || out.Kind != runtimes.Exception {
		t.Errorf("the plain Python has them: %+v, %v", out, err)
	}
	c := config(t)
	c.Libraries = "mine"
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), `no set of libraries is called "mine"`) {
		t.Errorf("error %v", err)
	}
}

func TestFetchWheels(t *testing.T) {
	wheel := Wheel{Wheel: pip.Wheel{Project: "thing", Version: "1", File: "thing-1-py3-none-any.whl", SHA256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"}}
	for _, c := range []struct{ name, script, want string }{
		{"no network", "echo 'NewConnectionError(: Failed to establish a new connection' >&2; exit 1", "PIP_FIND_LINKS"},
		{"another file", `while [ "$1" != --dest ]; do shift; done; echo other > "$2/thing-1-py3-none-any.whl"`, "should be 2c26b46b"},
		{"no file", "exit 0", "thing-1-py3-none-any.whl"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fakePip(t, c.script)
			if _, err := fetchLibraries(t.Context(), []Wheel{wheel}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	fakePip(t, `while [ "$1" != --dest ]; do shift; done; printf foo > "$2/thing-1-py3-none-any.whl"`)
	got, err := fetchLibraries(t.Context(), []Wheel{wheel}, nil)
	if err != nil || len(got) != 1 || string(got[0]) != "foo" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLockIsSound(t *testing.T) {
	for _, l := range Sets() {
		files := map[string]bool{}
		for _, w := range l.Wheels {
			if w.Project == "" || w.Version == "" || w.Licence == "" || len(w.SHA256) != 64 || !strings.HasSuffix(w.File, "-none-any.whl") || files[w.File] {
				t.Errorf("%+v", w)
			}
			files[w.File] = true
		}
	}
	for _, text := range []string{"a", "a\tb\tc\td\te\tf"} {
		if _, err := parseLock("# comment\n" + text); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}
