package run

import (
	"slices"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

func TestReaches(t *testing.T) {
	for source, want := range map[string][]string{
		"def f(x):\n    return sorted(x)\n":                                                                           nil,
		"import gc\ngc.collect()\ncode = 'co'\nframe_back = 1\nprint(pd.DataFrame().stack())\n":                       nil,
		"import sys\n\nf = sys._getframe(1)\n":                                                                        {"reads frames of its callers (line 3)"},
		"try:\n    1 / 0\nexcept Exception as e:\n    g = e.__traceback__.tb_frame.f_back.f_globals\n":                {"reads frames of its callers (line 4)"},
		"import inspect\nx = inspect.stack()[1]\ny = f.__code__.co_consts\n":                                          {"reads frames of its callers (line 2)", "reads or changes code objects (line 3)"},
		"import gc\nfor o in gc.get_objects(): pass\n":                                                                {"goes through the objects of the garbage collector (line 2)"},
		"getattr(object, '__subclasses__')()\n":                                                                       {"goes through the objects of the garbage collector (line 1)"},
		"import sys\nsys.settrace(print)\n":                                                                           {"watches what runs (line 2)"},
		"import unittest\nclass T(unittest.TestCase): pass\nok = unittest.TestCase == T\n":                            nil,
		"import unittest\nunittest.TestCase.run.__code__ = f.__code__\n":                                              {"reads or changes code objects (line 2)", "changes how tests are run (line 2)"},
		"import unittest\nunittest.TestCase.assertEqual = lambda *a: None\n":                                          {"changes how tests are run (line 2)"},
		"import sys\nsys.modules['unittest'] = None\n":                                                                {"changes how tests are run (line 2)"},
		"def f():\n    import builtins\n    builtins.__build_class__ = None\n":                                        {"changes how tests are run (line 3)"},
		"import types\nx = types.FunctionType\nimport sys\nsys . monitoring.use_tool_id(1, 'x')\nsys._current_frames": {"reads frames of its callers (line 5)", "watches what runs (line 4)", "reads or changes code objects (line 2)"},
	} {
		if got := Reaches(source); !slices.Equal(got, want) {
			t.Errorf("%q\n gives %q\n want %q", source, got, want)
		}
	}
}

func TestNarrowNotes(t *testing.T) {
	raised := func(message string) *harness.Failure {
		return &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: "OverflowError", Message: message}}
	}
	hashes := "32-bit: the program hashes numbers or texts with hash() (line 1)"
	longs := "32-bit: the program has longs of the machine's size in struct or array (line 1)"
	indices := "32-bit: the program has numpy's intp or long, which hold indices and counts, and have 32 bits (line 1)"
	size := "32-bit: the exception may be one of the machine's size"
	for _, c := range []struct {
		source  string
		failure *harness.Failure
		want    []string
	}{
		{"print(hash(10**12))", &harness.Failure{}, []string{hashes}},
		{"print(hash(10**12))", nil, nil}, // it passed
		{"self.hash(3); my_hash(4)", &harness.Failure{}, nil},
		{"struct.pack('l', 1)", &harness.Failure{}, []string{longs}},
		{"struct.pack('<l', 1)", &harness.Failure{}, nil},
		{"array('l', [1])", &harness.Failure{}, []string{longs}},
		{"x = np.argsort(a)", &harness.Failure{}, []string{indices}},
		{"np.arange(5).sum()", &harness.Failure{}, nil},
		{"deque().rotate(10**12)", raised("Python int too large to convert to C ssize_t"), []string{size}},
		{"raise OverflowError('math range error')", raised("math range error"), nil},
	} {
		if got := NarrowNotes(harness.Record{Failure: c.failure}, c.source); !slices.Equal(got, c.want) {
			t.Errorf("%q\n gives %q\n want %q", c.source, got, c.want)
		}
	}
	both := harness.Record{Failure: raised("Python int too large to convert to C long"), PlusFailure: raised("Python int too large to convert to C long")}
	if got := RecordNotes(both, "f = sys._getframe(1)"); !slices.Equal(got, []string{"the program reads frames of its callers (line 1)", size}) {
		t.Errorf("%q", got)
	}
}
