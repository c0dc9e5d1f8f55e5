# Tests turned around. A rewriting of their source, which no candidate sees, has put
# MARK where an assertion stood; in its place goes what asks for the assertion's
# opposite, and wants that to fail. The program goes on, as it would after an
# assertion that holds. So a test turned around fails if there was an assertion in
# it and each said no to its opposite, and passes for whoever says yes to anything.

import itertools
import types
from functools import partial

MARK = "\0assay"  # the rewriting has it too
WRITTEN = b"'\\0assay'"  # as it stands in the source

CHECKS = compile(
    """
class Nothing:
    pass


OPPOSITES = {}
for one, other in (
    ("Equal", "NotEqual"), ("True", "False"), ("Is", "IsNot"), ("IsNone", "IsNotNone"), ("In", "NotIn"),
    ("IsInstance", "NotIsInstance"), ("IsSubclass", "NotIsSubclass"), ("Greater", "LessEqual"), ("Less", "GreaterEqual"),
    ("AlmostEqual", "NotAlmostEqual"), ("Regex", "NotRegex"), ("StartsWith", "NotStartsWith"), ("EndsWith", "NotEndsWith"),
    ("HasAttr", "NotHasAttr"), ("Equals", "NotEqual"), ("NotEquals", "Equal"), ("AlmostEquals", "NotAlmostEqual"),
):
    OPPOSITES.setdefault("assert" + one, "assert" + other)
    OPPOSITES.setdefault("assert" + other, "assert" + one)


def holds(check, *args, **kwargs):
    try:
        check(*args, **kwargs)
    except Exception:
        return False
    return True


def yes(question):
    # What raises, or gives an array, says no yes.
    try:
        return bool(question())
    except Exception:
        return False


def other(x):
    # A value of the same type that is not x.
    kind = type(x)
    if kind in (int, float, complex):
        return x * 3 + 7 if x * 3 + 7 != x else Nothing()
    if kind is bool:
        return not x
    if kind is str:
        return x + chr(0)
    if kind is bytes:
        return x + bytes(1)
    if kind in (list, tuple):
        return x + kind((Nothing(),))
    if kind is dict:
        return {**x, Nothing: Nothing}
    if kind is set:
        return x | {Nothing}
    return Nothing()


def lies(a, b, depth=0):
    # Whether a says that it equals what it does not, or anything in it does.
    wrong = other(b)
    if yes(lambda: a == Nothing()) or yes(lambda: a == wrong):
        return True
    if depth < 5 and type(a) is type(b):
        if type(a) in (list, tuple):
            return any(lies(x, y, depth + 1) or lies(y, x, depth + 1) for x, y in zip(a[:200], b[:200]))
        if type(a) is dict and len(a) < 200:
            return any(lies(x, b[k], depth + 1) or lies(b[k], x, depth + 1) for k, x in a.items() if k in b)
    return False


def lied_to(name, args):
    # Whether the assertion would hold of what is not so.
    kind = name.removeprefix("assert")
    if kind.startswith("Not") or kind == "IsNot" or len(args) < 2:
        return False
    a, b = args[:2]
    if kind == "In":
        return yes(lambda: Nothing() in b)
    if kind in ("IsInstance", "IsSubclass"):
        return yes(lambda: isinstance(a, Nothing))
    if kind.startswith(("Greater", "Less")):
        return yes(lambda: a > float("inf")) or yes(lambda: a < float("-inf"))
    if kind.startswith("Almost") and type(b) in (int, float):
        return holds(case.assertAlmostEqual, a, other(b))
    if kind.endswith(("Equal", "Equals")):
        return lies(a, b) or lies(b, a)
    return False


def refuses(check, args, kwargs):
    try:
        check(*args, **kwargs)
    except AssertionError:
        return True
    return False


class Block:
    def __enter__(self):
        verify()

    def __exit__(self, kind, error, traceback):
        if kind is None:
            denied()
            return False
        if issubclass(kind, AssertionError):
            held()
        return False


class Checks:
    __slots__ = ()

    def turned(self, name, *args, **kwargs):
        verify()
        if any(hasattr(type(a), "__next__") for a in args):  # can be asked once
            getattr(case, name)(*args, **kwargs)
            denied()
        elif lied_to(name, args):
            held()
        elif name in OPPOSITES:
            denied() if refuses(getattr(case, OPPOSITES[name]), args, kwargs) else held()
        else:
            held() if refuses(getattr(case, name), args, kwargs) else denied()

    def refused(self, check, *args, **kwargs):
        verify()
        name = getattr(check, "__name__", "")
        if name in ("assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"):
            check = getattr(case, name)
        elif len(args) > 1 and holds(check, args[0], Nothing(), *args[2:], **kwargs) or args and holds(check, Nothing(), *args[1:], **kwargs):
            return held()
        held() if refuses(check, args, kwargs) else denied()

    def same(self, a, b):
        if lies(a, b) or lies(b, a):
            held()
        return a == b

    def asserted(self, condition, message=None):
        verify()
        denied() if condition else held()

    def block(self):
        return Block()
""",
    "<assay>", "exec", 0, True,
)


class Turning:
    """What came of the assertions that were turned around."""

    def __init__(self, verify, case=None):
        self.denied = self.held = 0
        # The functions are given as iterators' methods: the names that a program
        # may find in these globals lead to nothing of the driver's.
        scope = {"__builtins__": dict(OWN["__builtins__"]), "__name__": "assay", "case": case}
        scope["verify"] = once(verify)
        scope["denied"] = once(partial(self.count, "denied"))
        scope["held"] = once(partial(self.count, "held"))
        exec(CHECKS, scope)
        self.checks = scope["Checks"]()

    def count(self, what):
        setattr(self, what, getattr(self, what) + 1)

    def put(self, code, above):
        """The code with the checks in it, of all functions below that line."""
        consts = tuple(map(partial(self.place, above=above, mine=code.co_firstlineno > above), code.co_consts))
        return code.replace(co_consts=consts)

    def place(self, const, above, mine):
        if type(const) is types.CodeType:
            return self.put(const, above)
        if mine and type(const) is str and const == MARK:
            return self.checks
        return const

    def failed(self):
        """Whether a test failed as one turned around must; asked once for each."""
        out = self.denied > 0 and self.held == 0
        self.denied = self.held = 0
        return out


def once(function):
    return itertools.starmap(function, itertools.repeat(())).__next__
