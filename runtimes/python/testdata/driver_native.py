"""The driver on the host's own Python, with a fake private channel.

Usage: driver_native.py FILE…   (the driver's parts, in order)
"""

import builtins
import collections
import io
import marshal
import sys
import types
import unittest


DUMPS, LOADS = marshal.dumps, marshal.loads  # a candidate below replaces the names
ENDS = ("done", "raised", "memory", "syntax", "ended", "refused")


class Over(BaseException):
    """What the host does with a run that is over: the guest is gone."""


class Host:
    """Answers frames from a list and keeps what it was sent."""

    def __init__(self, answers):
        self.answers, self.frames = list(answers), []

    def call(self, request):
        if request:
            self.frames.append(LOADS(request))
        last = self.frames[-1] if request else ()
        if not self.answers or last[1:2] and last[1] in ENDS and last[2:]:
            raise Over
        return DUMPS(self.answers.pop(0), 2)


def run(*answers):
    """What the driver sends, frame by frame, when it gets these answers."""
    host = Host(answers)
    sys.modules["_host"] = types.SimpleNamespace(call=host.call)
    driver = {"__builtins__": dict(vars(builtins)), "__name__": "assay"}
    exec(compile(SOURCE, "<assay>", "exec", 0, True), driver)
    driver["search"] = lambda source: None  # of wide.py
    saved = sys.argv[:]
    try:
        driver["serve"]()
    except Over:
        pass
    finally:
        sys.argv[:] = saved
    return host.frames


def cases(source, *inputs, entry="f", iterate=False, part=0):
    job = ("cases", b"tok", None, source.encode(), "solution.py", entry, iterate, part)
    answers = [(b"%d" % i, x) for i, x in enumerate(inputs)]
    return run(job, *answers)


LOADED = (b"tok", "loaded", None)


class Cases(unittest.TestCase):
    def test_results_carry_the_token_of_their_input(self):
        frames = cases("def f(x): return x * 2", (1,), ("a",), ([None],))
        self.assertEqual(frames, [LOADED, (b"0", 2), (b"1", "aa"), (b"2", [None, None])])

    def test_again(self):
        frames = cases("def f(): return b'x'", (), None)
        self.assertEqual(frames, [LOADED, (b"0", b"x"), (b"1", "tagged", b"x")])

    def test_a_long_list_comes_in_parts(self):
        frames = cases("def f(n): return list(range(n))", (5,), True, True, (4,), True, (2,), (0,), part=2)
        self.assertEqual(frames, [
            LOADED, (b"0", "part", [0, 1]), (b"1", "part", [2, 3]), (b"2", [4]),
            (b"3", "part", [0, 1]), (b"4", [2, 3]), (b"5", [0, 1]), (b"6", []),
        ])

    def test_a_part_again(self):
        frames = cases("def f(): return [b'x', 1]", (), None, True, part=1)
        self.assertEqual(frames, [LOADED, (b"0", "part", [b"x"]), (b"1", "tagged part", [b"x"]), (b"2", [1])])

    def test_a_part_that_marshal_refuses(self):
        frames = cases("def f(): return [1, range(3)]", (), True, part=1)
        self.assertEqual(frames[1:], [(b"0", "part", [1]), (b"1", "tagged", [("typed", "range", ("tuple", [0, 3, 1]))])])

    def test_what_marshal_refuses_comes_tagged(self):
        table = {
            "collections.Counter('aab')":
                ("typed", "collections.Counter", ("dict", ["a", 2, "b", 1])),
            "collections.defaultdict(int, {1: 2})":
                ("typed", "collections.defaultdict", ("dict", [1, 2])),
            "collections.OrderedDict({1: [2]})":
                ("typed", "collections.OrderedDict", ("dict", [1, [2]])),
            "collections.deque([1, (2,)])":
                ("typed", "collections.deque", [1, ("tuple", [2])]),
            "collections.namedtuple('P', 'a b')(1, 2)":
                ("typed", "namedtuple", ("tuple", [1, 2])),
            "range(1, 9, 2)": ("typed", "range", ("tuple", [1, 9, 2])),
            "{1: 2}.keys()": ("typed", "dict_keys", [1]),
            "{1: 2}.values()": ("typed", "dict_values", [2]),
            "{1: 2}.items()": ("typed", "dict_items", [("tuple", [1, 2])]),
            "[{1: range(2)}, frozenset([3])]":
                [("dict", [1, ("typed", "range", ("tuple", [0, 2, 1]))]), ("frozenset", [3])],
            "object()": ("opaque", "object", True),
            "(i for i in [])": ("opaque", "generator", True),
            "type('T', (), {'__module__': 'm', '__bool__': lambda s: False})()":
                ("opaque", "m.T", False),
            "type('L', (list,), {'__module__': 'm'})([1])": ("opaque", "m.L", True),
            "type('I', (int,), {'__module__': 'm', '__eq__': lambda *_: True})(0)":
                ("opaque", "m.I", False),
        }
        for source, form in table.items():
            with self.subTest(source):
                frames = cases("import collections\ndef f(): return " + source, ())
                self.assertEqual(frames, [LOADED, (b"0", "tagged", form)])

    def test_an_iterator_is_used_up_where_asked(self):
        frames = cases("def f(): return (i for i in (1, 2))", (), iterate=True)
        self.assertEqual(frames[1], (b"0", "tagged", ("typed", "iterator", [1, 2])))

    def test_an_iterator_that_raises(self):
        frames = cases("def f(): return (1 / i for i in (1, 0))", (), iterate=True)
        self.assertEqual(frames[1][:2], (b"0", "raised"))
        self.assertEqual(frames[1][2][:3], ("ZeroDivisionError", "division by zero", 1))

    def test_refused(self):
        for source in ("a = []\n a.append(a)\n return a",
                       "class C:\n  def __bool__(self): raise KeyError\n return C()"):
            with self.subTest(source):
                frames = cases("def f():\n " + source, ())
                self.assertEqual(frames[1][:2], (b"0", "refused"))

    def test_exceptions(self):
        table = {
            "1 / 0": ("raised", "ZeroDivisionError", "division by zero", 3),
            "raise KeyboardInterrupt('x')": ("raised", "KeyboardInterrupt", "x", 3),
            "raise MemoryError": ("memory", "MemoryError", "", 3),
            "raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})":
                ("raised", "E", "", 3),
            "raise type('S', (Exception,), {'__str__': lambda s: 'y' * 9999})":
                ("raised", "S", "y" * 4000, 3),
            "import json; json.loads('{')": ("raised", "JSONDecodeError", None, 3),
        }
        for source, (word, kind, message, line) in table.items():
            with self.subTest(source):
                token, got, report = cases("def f():\n\n " + source, ())[1]
                self.assertEqual((got, report[0], report[2]), (word, kind, line))
                if message is not None:
                    self.assertEqual(report[1], message)
                self.assertEqual(report[3][0], ("solution.py", 3, "f"))

    def test_deep_tracebacks_are_cut_in_the_middle(self):
        report = cases("def f(n):\n if n: return f(n - 1)\n 1 / 0", (99,))[1][2]
        self.assertEqual((len(report[3]), report[4], report[2]), (30, 70, 3))

    def test_system_exit_ends(self):
        for code, want in {"": 0, "3": 3, "'text'": 1}.items():
            with self.subTest(code):
                err, sys.stderr = sys.stderr, io.StringIO()
                try:
                    frames = cases("def f(): raise SystemExit(%s)" % code, ())
                finally:
                    sys.stderr = err
                self.assertEqual(frames, [LOADED, (b"0", "ended", want)])

    def test_programs_that_do_not_load(self):
        table = {
            "def f(:": ("syntax", "SyntaxError", 1),
            "x = '\0'": ("syntax", "SyntaxError", None),
            "\nreturn": ("syntax", "SyntaxError", 2),
            "a" + ".a" * 100_000: ("syntax", None, None),
            "\nundefined": ("raised", "NameError", 2),
            "g = 1": ("raised", "NameError", 0),
        }
        for source, (word, kind, line) in table.items():
            with self.subTest(source[:20]):
                frames = cases(source, ())
                self.assertEqual(frames[0][1], word)
                if kind is not None:
                    self.assertEqual(frames[0][2][0], kind)
                if line is not None:
                    self.assertEqual(frames[0][2][2], line)

    def test_lone_surrogates_are_a_syntax_error(self):
        job = ("cases", b"tok", None, "x = '\ud800'".encode("utf-8", "surrogatepass"), "s.py", "f", False, 0)
        self.assertEqual(run(job)[0][1], "syntax")

    def test_names_as_in_exec(self):
        frames = cases("n = __name__\ndef f(): return n, '__file__' in globals()", ())
        self.assertEqual(frames[1], (b"0", ("builtins", False)))

    def test_replaced_builtins_change_nothing(self):
        source = """
import builtins, marshal
real = builtins.type, builtins.len, builtins.isinstance, marshal.dumps
def f(restore):
    if restore:
        builtins.type, builtins.len, builtins.isinstance, marshal.dumps = real
        return 2
    builtins.type = builtins.len = builtins.isinstance = marshal.dumps = None
    return range(3)
"""
        frames = cases(source, (False,), (True,))
        self.assertEqual(frames[1][1:], ("tagged", ("typed", "range", ("tuple", [0, 3, 1]))))
        self.assertEqual(frames[2], (b"1", 2))


class Scripts(unittest.TestCase):
    def script(self, test, *replies, helpers=""):
        codes = compile(helpers, "prompt.py", "exec"), compile(test, "test.py", "exec")
        job = ("script", b"tok", None, marshal.dumps(codes), "f")
        return run(job, *[(b"%d" % i, *r) for i, r in enumerate(replies)])

    def test_calls_travel(self):
        frames = self.script("assert f(1, k=[2]) == 3\nassert f() is None",
                             ("plain", 3), ("plain", None))
        self.assertEqual(frames, [
            (b"tok", "call", ("plain", ((1,), {"k": [2]}))),
            (b"0", "call", ("plain", ((), {}))),
            (b"1", "done", None)])

    def test_types_and_buffers_travel_tagged(self):
        frames = self.script("f(int, b's', bytearray(b'b'))", ("plain", 0))
        self.assertEqual(frames[0][2][0], "tagged")
        body = frames[0][2][1]
        frames = run(("calls", b"tok", None, b"def f(*a): return [x.__name__ if type(x) is type "
                      b"else type(x).__name__ for x in a]", "s.py", "f"), (b"0", ("tagged", body)))
        self.assertEqual(frames[1], (b"0", ["int", "bytes", "bytearray"]))

    def test_values_are_revived(self):
        table = [
            (("typed", "collections.Counter", ("dict", ["a", 2])), "== {'a': 2}"),
            (("typed", "collections.Counter", ("dict", ["a", 2])), ".most_common() == [('a', 2)]"),
            (("typed", "range", ("tuple", [0, 3, 1])), "== range(3)"),
            (("typed", "namedtuple", ("tuple", [1, 2])), "== (1, 2)"),
            (("typed", "collections.deque", [1]), ".pop() == 1"),
            (("typed", "dict_keys", [1, 2]), "== {1, 2}"),
            (("typed", "dict_items", [("tuple", [1, 2])]), "== {(1, 2)}"),
            (("typed", "iterator", [1]), ".__next__() == 1"),
            (("opaque", "re.Match", True), "is not None"),
            (("opaque", "re.Match", True), "and True"),
        ]
        for form, check in table:
            with self.subTest(check):
                frames = self.script("assert f() " + check, ("tagged", form))
                self.assertEqual(frames[-1][1], "done")

    def test_an_opaque_value_can_not_be_compared(self):
        for check in ("f() == 1", "1 == f()", "f() in [1]", "f().x", "len(f())", "{f()}",
                      "f()[0]", "str(f())", "[*f()]"):
            with self.subTest(check):
                frames = self.script("try: assert %s\nexcept Exception: pass" % check,
                                     ("tagged", ("opaque", "re.Match", True)))
                self.assertEqual(frames[-1], (b"0", "refused", "re.Match"))

    def test_failed_assertion(self):
        frames = self.script("def check(g):\n assert g(1) == 3, 'no'\ncheck(f)", ("plain", 2))
        self.assertEqual(frames[-1][:2], (b"0", "raised"))
        self.assertEqual(frames[-1][2][:3], ("AssertionError", "no", 2))

    def test_helpers_come_first_and_do_not_hide_the_stand_in(self):
        frames = self.script("assert f(h()) == 2", ("plain", 2), helpers="def f(): 1\ndef h(): return 5")
        self.assertEqual(frames[0], (b"tok", "call", ("plain", ((5,), {}))))

    def test_the_candidate_side(self):
        frames = run(("calls", b"tok", None, b"def f(a, *, k): return a + k", "s.py", "f"),
                     (b"0", ("plain", ((1,), {"k": 2}))))
        self.assertEqual(frames, [LOADED, (b"0", 3)])

    def test_shared(self):
        job = ("shared", b"tok", None, b"class P: v = 1", "s.py", b"", b"assert P.v == 1")
        self.assertEqual(run(job, (b"0", None)), [LOADED, (b"0", "done", None)])

    def test_shared_turned_around(self):
        for condition, ends in (("P.v == 1", "raised"), ("P.v != 1", "done")):
            job = ("shared", b"tok", None, b"class P: v = 1", "s.py", b"", b"'\\0assay'.asserted(%s, lambda: 1 / 0)" % condition.encode())
            self.assertEqual(run(job, (b"0", None))[-1][1], ends)


if __name__ == "__main__":
    SOURCE = "\n".join(open(path, encoding="utf-8").read() for path in sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
