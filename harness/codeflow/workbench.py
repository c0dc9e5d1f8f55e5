# What is done with a solution and the tests that a model wrote for it. All of it
# shares one interpreter: tests may do anything with a solution's functions.

import ast
import builtins
import random
import sys
import types

OWN = ("solution.py", "tests.py")
TRACEBACK = 30  # entries kept, the last ones
MESSAGE = 2000  # characters
TESTS = 100  # more are refused


def work(what, *args):
    return WORKS[what](*args)


def load(solution, tests, seed=0, code=None):
    """The tests' globals, with the solution's names in them."""
    random.seed(seed)
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    exec(code or compiled(solution, "solution.py"), vars(module))
    scope = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    scope.update(__name__="tests", __builtins__=builtins)
    exec(compiled(tests, "tests.py"), scope)
    return scope


def compiled(source, filename):
    return compile(source, filename, "exec", dont_inherit=True)


def found(scope):
    """The tests: names with what runs each, in the order they stand in."""
    out = []
    for name, value in scope.items():
        if isinstance(value, types.FunctionType) and name.startswith("test"):
            out += cases(scope, name, value)
        elif isinstance(value, type) and value.__module__ == "tests":
            case = "unittest" in sys.modules and issubclass(value, sys.modules["unittest"].TestCase)
            for method in dir(value):
                if case and method.startswith("test"):
                    out.append((name + "." + method, of_case(value, method)))
                elif not case and name.startswith("Test") and method.startswith("test"):
                    out += cases(scope, name + "." + method, getattr(value, method), value)
    return out


def cases(scope, name, function, owner=None):
    """The runs of a test. Only one as pytest has it is more than a call of it."""
    plain = isinstance(function, types.FunctionType) and function.__code__.co_argcount == (owner is not None)
    if plain and "pytest" not in sys.modules:
        return [(name, (lambda: getattr(owner(), function.__name__)()) if owner else function)]
    import pytest

    return pytest.cases(scope, name, function, owner)


def of_case(cls, method):
    def run():
        cls.setUpClass()
        try:
            cls(method).debug()
        finally:
            cls.doClassCleanups()
            cls.tearDownClass()

    return run


def names(solution, tests):
    """("tests", names), or how it failed before there was any."""
    try:
        listed = [name[:200] for name, _ in found(load(solution, tests))[: TESTS + 1]]
    except BaseException as error:
        return failure(error, solution, tests)
    if not listed and any(isinstance(node, ast.Assert) for node in ast.parse(tests).body):
        listed = ["the module"]  # its assertions have run
    return ("tests", listed)


def one(solution, tests, at):
    """("passed",), or how one test failed."""
    try:
        listed = found(load(solution, tests))
        if listed:
            listed[at][1]()
    except BaseException as error:
        return failure(error, solution, tests)
    return ("passed",)


def every(solution, tests, variant):
    """Whether all tests pass, in one go: as they stand, or in another order, with
    other random numbers and on another day."""
    try:
        if variant:
            import time

            time.sleep(40 * 86400 + 12345)  # no time passes but the guest's
            random.randbytes(100)
        listed = found(load(solution, tests, variant))
        for name, run in reversed(listed) if variant else listed:
            run()
    except BaseException as error:
        return failure(error, solution, tests)
    return ("passed",)


def failure(error, solution, tests):
    """(kind, type, message, line in the solution, traceback)."""
    sources = {"solution.py": solution.split("\n"), "tests.py": tests.split("\n")}
    entries, line, last = [], 0, ""
    tb = error.__traceback__
    while tb is not None:
        name, at = tb.tb_frame.f_code.co_filename, tb.tb_lineno or 0
        if name in OWN:
            last = name
            if name == "solution.py":
                line = at
            text = '  File "%s", line %d, in %s\n' % (name, at, tb.tb_frame.f_code.co_name[:200])
            if at <= len(sources[name]):
                text += "    %s\n" % sources[name][at - 1].strip()[:200]
            entries.append(text)
        tb = tb.tb_next
    kind = "raised"
    if isinstance(error, SyntaxError) and not entries:
        kind, line = "syntax", error.lineno or 0
        entries = ['  File "%s", line %d\n' % (error.filename, line)]
    elif isinstance(error, AssertionError) and last == "tests.py":
        kind = "wrong"
    return (kind, type(error).__name__[:200], message_of(error)[:MESSAGE], line, "".join(entries[-TRACEBACK:]))


def message_of(error):
    try:
        return str(error.msg if isinstance(error, SyntaxError) else error)
    except BaseException:
        return ""


# How much of the solution the tests run.


def codes(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes(const)


def coverage(solution, tests):
    """(lines, lines run, branches, branches run) of the solution."""
    watch = sys.monitoring
    code = compiled(solution, "solution.py")
    lines = {at for part in codes(code) for _, _, at in part.co_lines() if at}
    branches = 2 * sum(len(list(part.co_branches())) for part in codes(code))
    ran, taken = set(), set()

    def at_line(part, at):
        ran.add(at)
        return watch.DISABLE

    def at_branch(side):
        def at(part, offset, _):
            taken.add((id(part), offset, side))
            return watch.DISABLE

        return at

    events = watch.events.LINE | watch.events.BRANCH_LEFT | watch.events.BRANCH_RIGHT
    watch.use_tool_id(watch.COVERAGE_ID, "assay")
    try:
        watch.register_callback(watch.COVERAGE_ID, watch.events.LINE, at_line)
        watch.register_callback(watch.COVERAGE_ID, watch.events.BRANCH_LEFT, at_branch(0))
        watch.register_callback(watch.COVERAGE_ID, watch.events.BRANCH_RIGHT, at_branch(1))
        for part in codes(code):
            watch.set_local_events(watch.COVERAGE_ID, part, events)
        for _, run in found(load(solution, tests, code=code)):
            run()
    finally:
        watch.free_tool_id(watch.COVERAGE_ID)
    return (len(lines), len(lines & ran), branches, len(taken))


# Broken solutions.

SWAPS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.And: ast.Or, ast.Or: ast.And,
}

NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


def sites(node):
    """The places below a node where one thing can be changed: (node, field, index, new)."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "type_comment"):
            continue
        for index, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(item, ast.AST) or isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant):
                continue  # a docstring says nothing
            new = changed(node, field, item)
            if new is not None:
                yield node, field, index, new
            yield from sites(item)


def changed(node, field, item):
    if type(item) in SWAPS:
        return SWAPS[type(item)]()
    if isinstance(node, ast.Call) and field == "func" and isinstance(item, ast.Name) and item.id in NAMES:
        return ast.Name(NAMES[item.id], ast.Load())
    if isinstance(node, (ast.If, ast.While, ast.IfExp)) and field == "test":
        return ast.UnaryOp(ast.Not(), item)
    if isinstance(node, ast.Return) and not (isinstance(item, ast.Constant) and item.value is None):
        return ast.Constant(None)
    if isinstance(item, ast.Constant) and not isinstance(node, (ast.JoinedStr, ast.FormattedValue)):
        match item.value:
            case bool():
                return ast.Constant(not item.value)
            case int() | float():
                return ast.Constant(item.value + 1)
            case str():
                return ast.Constant("" if item.value else "mutant")
    return None


def put(node, field, index, item):
    if index is None:
        setattr(node, field, item)
    else:
        getattr(node, field)[index] = item


def mutants(solution, most):
    """Solutions with one thing changed, at most so many, from all over it."""
    tree = ast.parse(solution)
    places = list(sites(tree))
    if len(places) > most:
        places = [places[i * len(places) // most] for i in range(most)]
    out = []
    for node, field, index, new in places:
        old = getattr(node, field) if index is None else getattr(node, field)[index]
        put(node, field, index, new)
        out.append(ast.unparse(tree))
        put(node, field, index, old)
    return out


def hollow(solution):
    """Two solutions that do nothing: every function returns None, or raises."""
    out = []
    for body in ("return None", "raise NotImplementedError"):
        tree = ast.parse(solution)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                node.body = ast.parse(body).body
        out.append(ast.unparse(tree))
    return out


def assertions(tests):
    """How many assertions the tests have."""
    count = 0
    for node in ast.walk(ast.parse(tests)):
        called = node.func if isinstance(node, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else ""
        count += isinstance(node, ast.Assert) or name.startswith("assert") or name == "fail"
        count += isinstance(node, ast.Raise)  # if it did not raise: raise AssertionError
    return count


WORKS = {
    "nothing": lambda: None,
    "names": names,
    "one": one,
    "every": every,
    "coverage": coverage,
    "mutants": mutants,
    "hollow": hollow,
    "assertions": assertions,
}
