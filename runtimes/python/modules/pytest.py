"""The part of pytest that tests written by models use: raises, warns, approx,
mark.parametrize, skip and xfail, fixtures, and capsys, monkeypatch and tmp_path.
What runs the tests calls cases(); there are no plugins, no conftest and no files.

Written for assay from pytest's documentation, https://docs.pytest.org/en/stable/
reference/reference.html; the names and the defaults are its."""

import asyncio
import collections
import contextlib
import functools
import importlib
import io
import itertools
import math
import numbers
import os
import re
import sys
import types
import warnings

__version__ = "assay"


class Failed(AssertionError):
    """What fail() raises, and a check that does not hold."""


def fail(reason="", pytrace=True):
    raise Failed(reason)


fail.Exception = Failed

def skip(reason="", allow_module_level=False):
    from unittest import SkipTest

    raise SkipTest(reason)


def xfail(reason=""):
    raise XFailed(reason)


class XFailed(Exception):
    """What xfail() raises: the test counts as one that failed as expected."""


def exit(reason="", returncode=None):
    raise SystemExit(reason)


def importorskip(modname, minversion=None, reason=None):
    try:
        return __import__(modname, fromlist=["_"])
    except ImportError:
        skip(reason or "could not import %r" % modname)


def main(args=None, plugins=None):
    """Does nothing: whoever runs the tests has them already."""
    return 0


# What a block raises, and warns of.


class ExceptionInfo:
    """What raises() gives: the exception is there once the block has ended."""

    def __init__(self):
        self._value = None

    @property
    def value(self):
        if self._value is None:
            raise AttributeError("the block has not ended yet")
        return self._value

    @property
    def type(self):
        return type(self.value)

    @property
    def tb(self):
        return self.value.__traceback__

    @property
    def typename(self):
        return self.type.__name__

    def match(self, regexp):
        searched(regexp, self.value)
        return True

    def exconly(self, tryshort=False):
        return "%s: %s" % (self.typename, self.value)

    def errisinstance(self, exc):
        return isinstance(self.value, exc)

    def __str__(self):
        return repr(self)

    def __repr__(self):
        return "<ExceptionInfo %r>" % (self._value,)


def searched(regexp, error):
    text = "\n".join([str(error), *getattr(error, "__notes__", ())])
    if re.search(regexp, text) is None:
        raise Failed("Regex pattern did not match.\n Regex: %r\n Input: %r" % (getattr(regexp, "pattern", regexp), text))


class Raises:
    def __init__(self, expected, match, check):
        self.expected, self.match, self.check = expected, match, check

    def __enter__(self):
        self.info = ExceptionInfo()
        return self.info

    def __exit__(self, kind, error, traceback):
        if kind is None:
            fail("DID NOT RAISE %s" % (self.expected,))
        if not issubclass(kind, self.expected):
            return False
        self.info._value = error
        if self.match is not None:
            searched(self.match, error)
        if self.check is not None and not self.check(error):
            fail("check did not return True for %r" % error)
        return True


def raises(expected_exception=BaseException, *args, match=None, check=None, **kwargs):
    """Expects that a with block, or a call of args[0], raises."""
    kinds = expected_exception if isinstance(expected_exception, tuple) else (expected_exception,)
    if not kinds or not all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds):
        raise TypeError("expected exception must be a BaseException type, not %r" % (expected_exception,))
    block = Raises(expected_exception, match, check)
    if not args:
        if kwargs:
            raise TypeError("unexpected keyword arguments passed to pytest.raises: %s" % ", ".join(sorted(kwargs)))
        return block
    with block as info:
        args[0](*args[1:], **kwargs)
    return info


class Warns(warnings.catch_warnings):
    def __init__(self, expected, match):
        super().__init__(record=True)
        self.expected, self.match = expected, match

    def __enter__(self):
        self.list = super().__enter__()
        warnings.simplefilter("always")
        return self

    def __exit__(self, kind, error, traceback):
        super().__exit__(kind, error, traceback)
        if kind is None and self.expected is not None and not any(
            issubclass(w.category, self.expected) and (self.match is None or re.search(self.match, str(w.message))) for w in self.list
        ):
            fail("DID NOT WARN. No warnings of type %s were emitted." % (self.expected,))

    def __getitem__(self, i):
        return self.list[i]

    def __iter__(self):
        return iter(self.list)

    def __len__(self):
        return len(self.list)

    def pop(self, cls=Warning):
        for i, w in enumerate(self.list):
            if issubclass(w.category, cls):
                return self.list.pop(i)
        fail("%r not found in warning list" % cls)


def warns(expected_warning=Warning, *args, match=None, **kwargs):
    block = Warns(expected_warning, match)
    if not args:
        return block
    with block:
        return args[0](*args[1:], **kwargs)


def deprecated_call(*args, match=None, **kwargs):
    return warns((DeprecationWarning, PendingDeprecationWarning, FutureWarning), *args, match=match, **kwargs)


# approx


class approx:
    """Equals what is near: within rel (1e-6) of expected or abs (1e-12), whichever
    is the wider, in numbers and in lists, tuples, dicts and arrays of them."""

    __array_ufunc__ = None  # so that an array on the left asks this
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, expected, rel=None, abs=None, nan_ok=False):
        if isinstance(expected, (set, frozenset)) or isinstance(expected, types.GeneratorType):
            raise TypeError("pytest.approx() only supports ordered sequences, but got: %r" % (expected,))
        for name, tolerance in (("relative", rel), ("absolute", abs)):
            if tolerance is not None and (tolerance < 0 or tolerance != tolerance):
                raise ValueError("%s tolerance can't be negative or NaN: %s" % (name, tolerance))
        self.expected, self.rel, self.abs, self.nan_ok = expected, rel, abs, nan_ok

    def __eq__(self, actual):
        return self.near(actual, self.expected)

    def __ne__(self, actual):
        return not self == actual

    def __bool__(self):
        raise AssertionError("approx() is not supported in a boolean context.\nDid you mean: `assert a == approx(b)`?")

    def near(self, actual, expected):
        if isinstance(expected, dict):
            return hasattr(actual, "keys") and set(actual.keys()) == set(expected.keys()) and all(self.near(actual[k], v) for k, v in expected.items())
        shape = getattr(expected, "shape", None)
        if shape or getattr(actual, "shape", None):
            if shape == ():
                shape = None
            if shape is not None and getattr(actual, "shape", shape) != shape:
                return False
            actual, expected = listed(actual), listed(expected)
            if isinstance(actual, list) and not isinstance(expected, list):
                return all(self.near(each, expected) for each in actual)
            if isinstance(expected, list) and not isinstance(actual, list):
                return all(self.near(actual, each) for each in expected)
        if isinstance(expected, (str, bytes)):
            return actual == expected
        if hasattr(expected, "__getitem__") and hasattr(expected, "__len__"):
            return hasattr(actual, "__len__") and len(actual) == len(expected) and all(map(self.near, actual, expected))
        return self.close(actual, expected)

    def close(self, actual, expected):
        if actual == expected:
            return True
        if isinstance(expected, bool) or not (isinstance(expected, numbers.Complex) or hasattr(expected, "__float__")):
            return False
        if not (isinstance(actual, numbers.Complex) or hasattr(actual, "__float__")):
            return False
        if expected != expected:
            return self.nan_ok and actual != actual
        size = builtin_abs(expected)
        if math.isinf(size) or math.isinf(builtin_abs(actual)):
            return False
        kind = type(expected) if type(expected).__name__ == "Decimal" else float
        absolute = kind("1e-12" if kind is not float else 1e-12) if self.abs is None else self.abs
        if self.rel is None and self.abs is not None:
            return builtin_abs(expected - actual) <= absolute
        relative = (kind("1e-6" if kind is not float else 1e-6) if self.rel is None else self.rel) * size
        return bool(builtin_abs(expected - actual) <= max(relative, absolute))

    def __repr__(self):
        return "approx(%r ± %s)" % (self.expected, 1e-6 if self.rel is None else self.rel)


builtin_abs = abs


def listed(value):
    return value.tolist() if hasattr(value, "tolist") else value


# Marks


class Mark:
    """pytest.mark.NAME: bare (args is None), or with arguments. One that nobody
    knows does nothing."""

    def __init__(self, name, args=None, kwargs=None):
        self.name, self.args, self.kwargs = name, args, kwargs or {}

    def __call__(self, *args, **kwargs):
        one = len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type))
        if one and (self.args is not None or self.name not in ("parametrize", "usefixtures")):
            args[0].pytestmark = [*marks_of(args[0]), self]
            return args[0]
        return Mark(self.name, args, kwargs)


class Marks:
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Mark(name)


mark = Marks()


def marks_of(thing):
    found = vars(thing).get("pytestmark", [])
    return list(found) if isinstance(found, (list, tuple)) else [found]


class param:
    """A set of parametrize's values, with marks or a name of its own."""

    def __init__(self, *values, marks=(), id=None):
        self.values, self.id = values, id
        self.marks = list(marks) if isinstance(marks, (list, tuple)) else [marks]


def sets_of(mark):
    """What parametrize says: (names of arguments, [param])."""
    names, values = (*mark.args, *(mark.kwargs[k] for k in ("argnames", "argvalues") if k in mark.kwargs))[:2]
    names = [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else list(names)
    sets = []
    for value in values:
        if not isinstance(value, param):
            value = param(*value) if len(names) > 1 else param(value)
        if len(value.values) != len(names):
            raise ValueError("parametrize: %d names (%s), and %d values" % (len(names), ", ".join(names), len(value.values)))
        sets.append(value)
    return names, sets


# Fixtures. Each is made anew for every test, whatever scope it asks for.


def fixture(function=None, *, scope="function", params=None, autouse=False, ids=None, name=None):
    def of(function):
        function.pytestfixture = name or function.__name__, autouse, params
        return function

    return of(function) if function is not None else of


yield_fixture = fixture


class CaptureFixture:
    def __init__(self):
        self.streams = io.StringIO(), io.StringIO()

    def readouterr(self):
        out = CaptureResult(*(stream.getvalue() for stream in self.streams))
        for stream in self.streams:
            stream.seek(0)
            stream.truncate()
        return out


CaptureResult = collections.namedtuple("CaptureResult", "out err")


def capsys():
    capture = CaptureFixture()
    with contextlib.redirect_stdout(capture.streams[0]), contextlib.redirect_stderr(capture.streams[1]):
        yield capture


MISSING = object()


class MonkeyPatch:
    def __init__(self):
        self.undone = []

    def setattr(self, target, name, value=MISSING, raising=True):
        if value is MISSING:  # by the dotted name
            path, _, attribute = target.rpartition(".")
            target, name, value = importlib.import_module(path), attribute, name
        old = vars(target).get(name, MISSING) if isinstance(target, type) else getattr(target, name, MISSING)
        if old is MISSING and raising and not hasattr(target, name):
            raise AttributeError("%r has no attribute %r" % (target, name))
        self.undone.append(functools.partial(delattr, target, name) if old is MISSING else functools.partial(setattr, target, name, old))
        setattr(target, name, value)

    def delattr(self, target, name, raising=True):
        if hasattr(target, name):
            self.undone.append(functools.partial(setattr, target, name, getattr(target, name)))
            delattr(target, name)
        elif raising:
            raise AttributeError(name)

    def setitem(self, mapping, key, value):
        self.undone.append(functools.partial(mapping.pop, key, None) if key not in mapping else functools.partial(mapping.__setitem__, key, mapping[key]))
        mapping[key] = value

    def delitem(self, mapping, key, raising=True):
        if key in mapping:
            self.undone.append(functools.partial(mapping.__setitem__, key, mapping.pop(key)))
        elif raising:
            raise KeyError(key)

    def setenv(self, name, value, prepend=None):
        self.setitem(os.environ, name, str(value) + (prepend + os.environ[name] if prepend and name in os.environ else ""))

    def delenv(self, name, raising=True):
        self.delitem(os.environ, name, raising)

    def undo(self):
        while self.undone:
            self.undone.pop()()

    @classmethod
    @contextlib.contextmanager
    def context(cls):
        patch = cls()
        try:
            yield patch
        finally:
            patch.undo()


def monkeypatch():
    with MonkeyPatch.context() as patch:
        yield patch


def tmp_path():
    import pathlib
    import tempfile

    return pathlib.Path(tempfile.mkdtemp())


OURS = {"capsys": capsys, "monkeypatch": monkeypatch, "tmp_path": tmp_path}


def asks(function):
    """The names of the arguments that a test or a fixture wants."""
    method = getattr(function, "__func__", None)
    code, defaults = (method or function).__code__, (method or function).__defaults__ or ()
    names = code.co_varnames[: code.co_argcount - len(defaults)][method is not None :]
    more = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return [*names, *(name for name in more if name not in ((method or function).__kwdefaults__ or {}))]


class Case:
    """One run of a test."""

    def __init__(self, scope, function, owner, values, marks):
        self.scope, self.function, self.owner, self.values, self.marks = scope, function, owner, values, marks

    def __call__(self):
        expected = [mark for mark in self.marks if mark.name == "xfail" and holds(mark)]
        try:
            self.run()
        except Exception as error:
            if isinstance(error, XFailed) or any(isinstance(error, mark.kwargs.get("raises") or Exception) for mark in expected):
                return
            raise
        if any(mark.kwargs.get("strict") for mark in expected):
            fail("[XPASS(strict)] " + str(expected[0].kwargs.get("reason", "")))

    def run(self):
        self.made, self.instance = {}, self.owner and self.owner()
        self.fixtures = fixtures_in(self.scope, self.instance)
        test = self.function.__get__(self.instance) if self.owner else self.function
        with contextlib.ExitStack() as self.stack:
            for name, fixture in self.fixtures.items():
                if fixture.pytestfixture[1]:
                    self.give(name)
            start, end = self.around()
            if start:
                start(*[test][: len(asks(start))])
            if end:
                self.stack.callback(end, *[test][: len(asks(end))])
            for mark in self.marks:
                if mark.name == "usefixtures":
                    for name in mark.args:
                        self.give(name)
            out = test(**{name: self.give(name) for name in asks(test)})
            if hasattr(out, "__await__"):
                asyncio.run(out)

    def around(self):
        """What a module or a class has done before and after each test."""
        if self.owner:
            return getattr(self.instance, "setup_method", None), getattr(self.instance, "teardown_method", None)
        return self.scope.get("setup_function"), self.scope.get("teardown_function")

    def give(self, name):
        if name not in self.values and name not in self.made:
            self.made[name] = self.make(name)
        return self.values[name] if name in self.values else self.made[name]

    def make(self, name):
        if name == "request":
            return types.SimpleNamespace(addfinalizer=self.stack.callback, getfixturevalue=self.give, function=self.function, instance=self.instance, cls=self.owner)
        function = self.fixtures.get(name) or OURS.get(name)
        if function is None:
            raise LookupError("fixture %r not found" % name)
        args = {each: self.give(each) for each in asks(function)}
        if "request" in args and (name, "param") in self.values:
            args["request"] = types.SimpleNamespace(**{**vars(args["request"]), "param": self.values[name, "param"]})
        out = function(**args)
        if not hasattr(out, "send"):  # it does not yield
            return out
        self.stack.callback(next, out, None)
        return next(out)


def fixtures_in(scope, instance):
    found = {value.pytestfixture[0]: value for value in scope.values() if isinstance(value, types.FunctionType) and hasattr(value, "pytestfixture")}
    for name in dir(type(instance)) if instance is not None else ():
        value = getattr(type(instance), name)
        if isinstance(value, types.FunctionType) and hasattr(value, "pytestfixture"):
            found[value.pytestfixture[0]] = value.__get__(instance)
    return found


def holds(mark):
    """Whether a mark with conditions is in force. A condition may be a text."""
    conditions = list(mark.args or ())
    if "condition" in mark.kwargs:
        conditions.append(mark.kwargs["condition"])
    if mark.name == "skip" or not conditions:
        return True
    return any(eval(c, {"sys": sys, "os": os}) if isinstance(c, str) else c for c in conditions)


def cases(scope, name, function, owner=None):
    """The runs of a test: its name and what runs it, for each set of values. None for
    one that is skipped."""
    module = scope.get("pytestmark", [])
    marks = [*marks_of(function), *(marks_of(owner) if owner else ()), *(module if isinstance(module, (list, tuple)) else [module])]
    spread = [sets_of(mark) for mark in marks if mark.name == "parametrize"]
    given = {each for names, _ in spread for each in names}
    for each in wanted(scope, function, owner, given):
        params = each.pytestfixture[2]
        if params is not None:
            spread.append(([(each.pytestfixture[0], "param")], [p if isinstance(p, param) else param(p) for p in params]))
    out = []
    for chosen in itertools.product(*(sets for _, sets in reversed(spread))):
        values, own, label = {}, list(marks), []
        for (names, _), one in zip(reversed(spread), chosen):
            values.update(zip(names, one.values))
            own += one.marks
            label.append(one.id or "-".join(v if type(v) is str else repr(v) for v in one.values))
        if any(mark.name in ("skip", "skipif") and holds(mark) for mark in own):
            continue
        out.append((name + "[%s]" % "-".join(label) if label else name, Case(scope, function, owner, values, own)))
    return out


def wanted(scope, function, owner, given):
    """The fixtures that a test asks for, and those that these ask for."""
    fixtures = fixtures_in(scope, owner and object.__new__(owner))
    names = [*asks(function), *(n for n, f in fixtures.items() if f.pytestfixture[1])]
    found = {}
    while names:
        name = names.pop(0)
        if name in fixtures and name not in found and name not in given:
            found[name] = fixtures[name]
            names += asks(fixtures[name])
    return found.values()
