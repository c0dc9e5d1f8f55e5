# The unittest mode, for suites whose tests patch and subclass in the
# candidate's own interpreter. A record of each test goes out as it ends, so an
# early exit leaves the rest without one; the host knows how many there must be.
#
# Nothing of the driver is below a candidate on the stack: the driver is a
# generator that the turn's line goes through, and each thing that it yields is
# called by that line. So the frames of its callers lead a program to no token and
# no record, and an exception can only come out where it is looked for. What the
# tests stand on is compared, by content, before each test with what it was when
# the image was made.

import ast
import functools
import gc
import operator
import os
import types
import unittest
import unittest.async_case
import unittest.case
import unittest.mock

TEST_FILE = "__test__.py"  # of program and tests together, as the peer names it

main = vars(sys.modules["__main__"])
partial, SkipTest, Subtest, Outcome = functools.partial, unittest.SkipTest, unittest.case._SubTest, unittest.case._Outcome
AsyncCase = unittest.async_case.IsolatedAsyncioTestCase
Function = types.FunctionType

# Only these end a test early and leave it a pass: no test here asks for it.
unittest.case._ShouldStop = ()


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
    module = types.ModuleType("__test__")
    scope = vars(module)
    scope.update(__builtins__=builtins, __file__=TEST_FILE, __package__=None, sys=sys, os=os, environ=os.environ)
    builtins.exit = builtins.quit = None
    builtins.sum = sum  # the tests stand on it
    refuse_reaching()
    code = parse(source + b"\n" + tests_source, TEST_FILE)
    turning = WRITTEN in tests_source and Turning(look, unittest.TestCase())
    if turning:
        code = turning.put(code, source.count(b"\n") + 1)
    error = yield from attempt(exec, code, scope)
    if error is not None:
        yield from end(error)
    sys.modules["__test__"] = module
    check()
    exchange(frame("loaded"))
    cls = scope.get(case)
    if not issubclass(type(cls), type):
        yield from end(KeyError(case) if cls is None else TypeError("%s is no class" % case))
    mro = type_mro(cls)
    found = sorted({n for kind in mro for n, f in type_dict(kind).items() if n.startswith("test") and callable(f)})
    units = [unit(turning, cls, mro, n, static(mro, n), marked(mro, n, "skip"), marked(mro, n, "expecting_failure")) for n in found]
    skipped = static(mro, "__unittest_skip__")
    if (yield from fixture(module, "setUpModule", "setUpModule" in scope)):
        started = yield from fixture(cls, "setUpClass", not skipped)
        if started:
            for each in units:
                yield from each
                check()
                yield from attempt(kept.clear)
        yield from fixture(cls, "tearDownClass", started and not skipped)
        yield from fixture(cls, "doClassCleanups", not skipped)
        yield from fixture(module, "tearDownModule", "tearDownModule" in scope)
    yield from attempt(flush_outside)
    call(frame("done"))


def attempt(action, *args, **kwargs):
    """Have the turn's line call something; gives what it raised, or None."""
    action = partial(fenced, partial(action, *args, **kwargs), collecting, gc_enable, gc_disable, gc_isenabled)
    yield action
    quiet()
    got = main.pop("assay", None)
    if got is action:
        return None
    if not issubclass(type(got), BaseException):
        call(frame("tampered", "the driver's turn"))
    kept.append(got)  # what it holds on to must not end while the driver runs
    tb = traceback_of(got)
    for _ in range(2):  # the turn's line, and fenced
        tb = tb and tb.tb_next
    set_traceback(got, tb)
    return got


def fenced(action, on, enable, disable, enabled):
    """Collect garbage only here: what ends then looks at the frame above it."""
    if on[0]:
        enable()
    try:
        action()
    finally:
        on[0] = enabled()
        disable()


fenced = Function(fenced.__code__, {"__builtins__": {}})


def ask(function, arg):
    """What a function gives that the turn's line calls; None where it raises."""
    answers = []
    kept.append(answers)
    yield from attempt(answers.extend, map(function, [arg]))
    return answers[0] if answers else None


def quiet():
    """Put out what watches a program from within: it would watch the driver."""
    settrace(None)
    setprofile(None)
    for tool in range(6):
        if get_tool(tool) is not None:
            set_events(tool, 0)
            free_tool(tool)
    gc_callbacks.clear()


def end(error):
    """End here with what the module raised."""
    if issubclass(type(error), SystemExit):
        call(ended(error))
    yield from attempt(flush_outside)
    call(raised(error, TEST_FILE, (yield from message(error))))


def message(error):
    text = yield from ask(str, error)
    return text[:MESSAGE] if type(text) is str else ""


def fixture(owner, name, there):
    """Run setUpClass or the like, where there is one; says whether it went well."""
    if not there:
        return True
    error = yield from attempt(methodcaller(name), owner)
    if name == "doClassCleanups":
        name, error = "tearDownClass", next((e[1] for e in type_dict(owner).get("tearDown_exceptions", ())), error)
    if error is None:
        return True
    skip = issubclass(type(error), SkipTest)
    label = owner.__name__ if type(owner) is types.ModuleType else "__test__." + type_label(owner)
    yield from tell(("%s (%s)" % (name, label)).rpartition(".")[2], "skip" if skip else "error", None if skip else error)
    return False


def unit(turning, cls, mro, name, function, skip, expecting):
    """Run one test, as unittest.TestCase.run does."""
    case = yield from ask(cls, name)
    if cls not in type_mro(type(case)):
        call(frame("tampered", "how a test case is made"))
    exchange(frame("begin", name[:NAME]))
    if skip:
        return (yield from tell(name, "skip"))
    parts = []
    own = object_dict(case)
    outcome = own["_outcome"] = Outcome(types.SimpleNamespace(
        failfast=False, addSubTest=Function(add_part.__code__, {}, argdefs=(parts,)), addSkip=Function(add_skip.__code__, {}, argdefs=(parts,))))
    awaits = AsyncCase in mro
    failure = static(mro, "failureException")
    expected = None
    well = True

    def part(action, *args, expecting=False):
        """Run a part of the test, and tell what it raised."""
        nonlocal well, expected
        outcome.expecting_failure = expecting
        error = yield from attempt(action, *args)
        if expecting and error is None and type(outcome.expectedFailure) is tuple:
            error = outcome.expectedFailure[1]  # of a subtest
        while parts:
            subtest, raised_there = parts.pop(0)
            label = yield from ask(Subtest.id, subtest)
            label = label.rpartition(".")[2] if type(label) is str else name
            yield from tell(label, *outcome_of(raised_there and raised_there[1], failure))
            well = False
        if error is not None and expecting:
            expected = error
        elif error is not None:
            well = False
            yield from tell(name, *outcome_of(error, failure))

    if awaits:
        yield from part(methodcaller("_setupAsyncioRunner"), case)
    yield from part(methodcaller("_callSetUp" if awaits else "setUp"), case)
    if well:
        if awaits:
            test = methodcaller("_callTestMethod", types.MethodType(function, case)), case
        elif type(function) is Function:
            test = (types.MethodType(function, case),)
        else:
            test = methodcaller(name), case
        yield from part(*test, expecting=bool(expecting))
        yield from part(methodcaller("_callTearDown" if awaits else "tearDown"), case)
    while own.get("_cleanups"):
        if type(own["_cleanups"]) is not list:
            call(frame("tampered", "the cleanups of a test"))
        action, args, kwargs = own["_cleanups"].pop()
        kept.append((action, args, kwargs))
        if awaits:
            yield from part(methodcaller("_callCleanup", action, *args, **kwargs), case)
        else:
            yield from part(partial(action, *args, **kwargs))
    if awaits:
        yield from part(methodcaller("_tearDownAsyncioRunner"), case)
    own["_outcome"] = None
    failed = turning.failed() if turning else expecting and not expected
    if well and outcome.success:
        yield from tell(name, "fail" if failed else "pass")


# These stand in frames of the program's making: they know nothing of the driver.
def add_part(test, part, error, parts):
    if error is not None:
        parts.append((part, error))


def add_skip(test, reason, parts):
    parts.append((test, None))


def flush_outside():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


flush_outside = Function(flush_outside.__code__, {"sys": sys, "Exception": Exception, "__builtins__": {}})


def outcome_of(error, failure):
    """What unittest says of an exception: the word, and whether it is shown."""
    if error is None or issubclass(type(error), SkipTest):
        return "skip", None
    return "fail" if failure in type_mro(type(error)) else "error", error


def tell(name, outcome, error=None):
    """Send what became of a test, with the report of what it raised."""
    word, report = None, None
    if error is not None:
        trim(error)
        _, word, report = loads(raised(error, TEST_FILE, (yield from message(error))))
    exchange(frame("test", (name[:NAME], outcome, word, report)))


def trim(error):
    """Take unittest's own frames off both ends of a traceback."""
    tb = traceback_of(error)
    while tb is not None and contains(tb.tb_frame.f_globals, "__unittest"):
        tb = tb.tb_next
    set_traceback(error, tb)
    last = None
    while tb is not None:
        if not contains(tb.tb_frame.f_globals, "__unittest"):
            last = tb
        tb = tb.tb_next
    if last is not None:
        last.tb_next = None


def static(mro, name):
    """An attribute of a class as it stands there."""
    for kind in mro:
        if name in type_dict(kind):
            return type_dict(kind)[name]
    return None


def marked(mro, name, mark):
    """A mark that a decorator of unittest's put on a test or on its class."""
    function, mark = static(mro, name), "__unittest_%s__" % mark
    return static(mro, mark) or type(function) is Function and function.__dict__.get(mark)


collecting = [True]  # what the program wants
kept = []
contains = dict.__contains__
set_traceback = BaseException.__dict__["__traceback__"].__set__
type_dict, type_mro = type.__dict__["__dict__"].__get__, type.__dict__["__mro__"].__get__
object_dict = unittest.TestCase.__dict__["__dict__"].__get__
settrace, setprofile = sys.settrace, sys.setprofile
get_tool, set_events, free_tool = sys.monitoring.get_tool, sys.monitoring.set_events, sys.monitoring.free_tool_id
gc_callbacks, gc_disable, gc_enable, gc_isenabled = gc.callbacks, gc.disable, gc.enable, gc.isenabled

# What watches a program's steps, or leads from any object to all that know it,
# would lead it to the driver: beside unit tests there is none. Modules can be
# imported anew from copies that Python keeps, so these are found too.

REFUSED = (
    (sys, ("settrace", "setprofile", "_settraceallthreads", "_setprofileallthreads", "addaudithook", "call_tracing")),
    (sys.monitoring, tuple(name for name, value in vars(sys.monitoring).items() if callable(value))),
    (gc, ("get_objects", "get_referents", "get_referrers")),
)
reaching = []  # a dict, and its names


def refused(*args, **kwargs):
    raise RuntimeError("this is not there beside unit tests")


refused = Function(refused.__code__, {"RuntimeError": RuntimeError, "__builtins__": {}})


def find_reaching():
    spaces = [d for d in gc.get_objects() if type(d) is dict and d is not OWN]
    for module, names in REFUSED:
        for name in names:
            original = vars(module).get(name)
            if original is not None:
                reaching.extend((d, name) for d in spaces if d.get(name) is original)


def refuse_reaching():
    for names, name in reaching:
        names[name] = refused


# What tests stand on, by the content that it had when the image was made.

STANDS = (
    "builtins", "unittest", "unittest.async_case", "unittest.case", "unittest.loader", "unittest.mock", "unittest.result",
    "unittest.suite", "numpy.testing", "numpy.testing._private.utils", "pandas.testing", "pandas._testing.asserters",
)
NEAR = ("builtins", "unittest.case.TestCase", "numpy.testing", "numpy.testing._private.utils", "pandas._testing.asserters")
REPLACED = {"open", "print", "input", "exit", "quit", "_"}  # of builtins, what programs replace for good

class Stand:
    """Some of what tests stand on."""

    def __init__(self):
        self.spaces, self.functions, self.cells = [], [], []

    def seal(self):
        self.columns = [(of, getters[of], list(map(getters[of], self.functions))) for of in getters]
        self.contents = list(map(content_of, self.cells))


modules, kinds, everything, near = [], [], Stand(), Stand()


def remember():
    """Take down what there is. Called once, when all is imported."""
    find_reaching()
    for name in STANDS:
        module = known_modules.get(name)
        if module is None:
            continue
        modules.append((name, module))
        space(name, vars(module))
        for key, value in list(vars(module).items()):
            if isinstance(value, type) and value.__module__ == name != "builtins":
                kinds.append((name + "." + key, value, type(value), value.__bases__))
                space(name + "." + key, type_dict(value))
    space("the driver", OWN)
    for stand in (everything, near):
        seen = set()
        for name, _, was in list(stand.spaces):
            for value in was.values():
                collect(stand, name, value, seen)
        stand.seal()


def space(name, names):
    entry = (name, names, dict(names))
    everything.spaces.append(entry)
    if name in NEAR:
        near.spaces.append(entry)


def collect(stand, name, value, seen):
    """A function with all that it is made of."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, (staticmethod, classmethod)):
        collect(stand, name, value.__func__, seen)
    elif isinstance(value, property):
        for part in (value.fget, value.fset, value.fdel):
            collect(stand, name, part, seen)
    elif isinstance(value, Function):
        stand.functions.append(value)
        if hasattr(value, "__wrapped__"):
            collect(stand, name, value.__wrapped__, seen)
            stand.spaces.append((name, value.__dict__, dict(value.__dict__)))
        if value.__kwdefaults__:
            stand.spaces.append((name, value.__kwdefaults__, dict(value.__kwdefaults__)))
        for cell in value.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            if callable(content):
                stand.cells.append(cell)
                collect(stand, name, content, seen)


getters = {name: Function.__dict__[name].__get__ for name in ("__code__", "__defaults__", "__kwdefaults__")}
content_of = types.CellType.__dict__["cell_contents"].__get__
bases_of = type.__dict__["__bases__"].__get__
same, known_modules = operator.is_, sys.modules
methodcaller = operator.methodcaller


def check():
    """End here when what the tests stand on is not what it was."""
    for name, module in modules:
        if known_modules.get(name) is not module:
            changed("sys.modules", name)
    for name, kind, meta, bases in kinds:
        if type(kind) is not meta or bases_of(kind) != bases:
            changed(name, "__bases__")
    hold(everything)


def look():
    """The like within a test: what its assertions are made of."""
    hold(near)


def hold(stand):
    for name, names, was in stand.spaces:
        if len(names) != len(was) or not all(map(same, map(names.get, was), was.values())):
            compare(name, names, was)
    for of, getter, column in stand.columns:
        if not all(map(same, map(getter, stand.functions), column)):
            i = next(i for i, f in enumerate(stand.functions) if getter(f) is not column[i])
            changed(stand.functions[i].__qualname__, of)
    if not all(map(same, map(content_of, stand.cells), stand.contents)):
        changed("a function", "__closure__")


def compare(name, names, was):
    """What is not called may change, and a module may get what is not called, as a
    class may; in builtins there may be more than there was."""
    loose = name == "builtins"
    if name == "the driver":
        was = {k: v for k, v in was.items() if k != "token"}
    for key, value in was.items():
        now = names.get(key)
        if now is not value and (callable(now) or callable(value)) and not (loose and key in REPLACED):
            changed(name, key)
    if not loose and name != "the driver":
        for key, now in names.items():
            if key not in was and (callable(now) or type(names) is not dict and key.startswith("__")):
                changed(name, key)


def changed(name, key):
    call(frame("tampered", ("%s.%s" % (name, key))[:MESSAGE]))


MODES["names"] = names
MODES["tests"] = tests
