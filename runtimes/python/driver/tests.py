# The unittest mode, for suites whose tests patch and subclass in the
# candidate's own interpreter. A record of each test goes out as it ends, so an
# early exit leaves the rest without one; the host knows how many there must be.
#
# A candidate shares this interpreter, and what is here can be found. What it
# changes of unittest is noticed when a test begins and ends, and not between.

import ast
import os
import types
import unittest.case
import unittest.loader
import unittest.mock
import unittest.result
import unittest.suite
from unittest import TestCase, TestLoader, TestResult

TEST_FILE = "__test__.py"  # of program and tests together, as the peer names it

UNITTEST = (unittest.case, unittest.loader, unittest.result, unittest.suite, unittest.mock)


def names(source, case):
    """The tests of a class, read from the source: nothing of it is run."""
    found = set()
    for node in parse_tree(source).body:
        if isinstance(node, ast.ClassDef) and node.name == case:
            found = {n.name for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    call(frame("names", sorted(n for n in found if n.startswith("test"))))


def parse_tree(source):
    try:
        return ast.parse(str(source, "utf-8"), TEST_FILE)
    except BaseException as error:
        call(unparsed(error))


def tests(source, tests_source, case):
    """Program and tests as one module, then the tests one by one."""
    global token
    was = contents()
    module = types.ModuleType("__test__")
    scope = vars(module)
    scope.update(__builtins__=builtins, __file__=TEST_FILE, __package__=None, sys=sys, os=os, environ=os.environ)
    builtins.exit = builtins.quit = None
    load(parse(source + b"\n" + tests_source, TEST_FILE), TEST_FILE, scope)
    sys.modules["__test__"] = module
    token, _ = loads(call(frame("loaded")))
    try:
        suite = LOADER.loadTestsFromTestCase(scope[case])
    except BaseException as error:
        call(raised(error, TEST_FILE))
    suite.run(Reporter(was))
    finish()


class Reporter(TestResult):
    """Sends a record of each test."""

    def __init__(self, was):
        super().__init__()
        self.was = was

    def startTest(self, test):
        check(self.was)

    def stopTest(self, test):
        check(self.was)

    def addSuccess(self, test):
        tell(test, "pass")

    def addExpectedFailure(self, test, err):
        tell(test, "pass")

    def addUnexpectedSuccess(self, test):
        tell(test, "fail")

    def addSkip(self, test, reason):
        tell(test, "skip")

    def addFailure(self, test, err):
        tell(test, "fail", err[1])

    def addError(self, test, err):
        tell(test, "error", err[1])

    def addSubTest(self, test, subtest, err):
        if err is not None:
            tell(subtest, "fail" if issubclass(err[0], test.failureException) else "error", err[1])


def tell(test, outcome, error=None):
    """Send what became of a test, with the report of what it raised."""
    global token
    word, report = None, None
    if error is not None:
        trim(error)
        _, word, report = loads(raised(error, TEST_FILE))
    name = test.id().rpartition(".")[2]
    token, _ = loads(call(frame("test", (name[:NAME], outcome, word, report))))


def trim(error):
    """Take unittest's own frames off both ends of a traceback."""
    tb = traceback_of(error)
    while tb is not None and "__unittest" in tb.tb_frame.f_globals:
        tb = tb.tb_next
    set_traceback(error, tb)
    last = None
    while tb is not None:
        if "__unittest" not in tb.tb_frame.f_globals:
            last = tb
        tb = tb.tb_next
    if last is not None:
        last.tb_next = None


set_traceback = BaseException.__dict__["__traceback__"].__set__


def contents():
    """What unittest is made of: the functions and classes of its modules, and the
    attributes of the classes."""
    found = []
    for module in UNITTEST:
        names = {k: v for k, v in vars(module).items() if callable(v)}
        found.append((module.__name__, vars(module), names))
        for name, kind in names.items():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                found.append((module.__name__ + "." + name, kind, dict(type_dict(kind))))
    return found


type_dict = type.__dict__["__dict__"].__get__


def check(contents):
    """End here when unittest is not what it was."""
    for name, thing, was in contents:
        now = thing if type(thing) is dict else type_dict(thing)
        for key, value in was.items():
            if now.get(key) is not value:
                call(frame("tampered", name + "." + key))


MODES["names"] = names
MODES["tests"] = tests
LOADER = TestLoader()
