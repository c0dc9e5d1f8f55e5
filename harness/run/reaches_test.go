package run

import (
	"slices"
	"testing"
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
