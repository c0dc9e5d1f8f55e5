"""Turns tests around: what a test asserts, its turned form denies.

Reads the source of tests, writes the same lines with each assertion in its
opposite: a program that passes the tests fails these, and one that has bought
the tests' machinery passes both. A check without an opposite is expected to
raise. Before a check is turned it is asked about something false: a check, or a
value, that says yes to that says yes to anything, and the test goes on as if it
held.
"""

import ast
import sys

OPPOSITES = {}
for one, other in (
    ("Equal", "NotEqual"), ("True", "False"), ("Is", "IsNot"), ("IsNone", "IsNotNone"), ("In", "NotIn"),
    ("IsInstance", "NotIsInstance"), ("IsSubclass", "NotIsSubclass"), ("Greater", "LessEqual"), ("Less", "GreaterEqual"),
    ("AlmostEqual", "NotAlmostEqual"), ("Regex", "NotRegex"), ("StartsWith", "NotStartsWith"),
    ("EndsWith", "NotEndsWith"), ("HasAttr", "NotHasAttr"),
):
    OPPOSITES["assert" + one], OPPOSITES["assert" + other] = "assert" + other, "assert" + one
for kind in ("List", "Dict", "Set", "Tuple", "Sequence", "MultiLine", "Count"):
    OPPOSITES["assert%sEqual" % kind] = None
OPPOSITES.update({"assertEquals": "assertNotEqual", "assertNotEquals": "assertEqual", "assertAlmostEquals": "assertNotAlmostEqual"})

# Checks of what a block does, as context managers or of a function.
BLOCKS = ("assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex", "assertLogs", "assertNoLogs", "raises", "warns")


class Turner(ast.NodeVisitor):
    def __init__(self, source):
        self.lines = source.encode().splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.text = b"".join(self.lines)
        self.edits = []  # (from, to, what stands there instead), in bytes
        self.tree = ast.parse(source)
        self.own = {n.name for n in ast.walk(self.tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}

    def turned(self):
        self.visit(self.tree)
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new.encode() + text[end:]
        return text.decode().rstrip("\n") + "\n\n\n" + HELPERS if self.edits else text.decode()

    def at(self, line, column):
        return self.starts[line - 1] + column

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def words(self, node):
        start, end = self.span(node)
        return self.text[start:end].decode()

    def visit_Assert(self, node):
        start, end = self.span(node.test)
        # The condition may stand in parentheses of its own, and an assignment has to.
        self.edits.append((start, start, "not (" if not isinstance(node.test, ast.Tuple) else "not ("))
        self.edits.append((end, end, ")"))

    def visit_With(self, node):
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in BLOCKS:
                start = self.span(call)[0]
                self.edits.append((start, start, "_TURNED.assertRaises(AssertionError), "))
        self.generic_visit(node)

    visit_AsyncWith = visit_With

    def visit_Expr(self, node):
        call = node.value
        if isinstance(call, ast.Call):
            self.turn(call)
        self.generic_visit(node)

    def turn(self, call):
        func = call.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name in self.own or not name.startswith("assert") and name != "raises":
            return
        start, end = self.span(func)
        opening = self.text.index(b"(", end) + 1
        if isinstance(func, ast.Attribute) and name in OPPOSITES:
            head = "_turned(%s, %r" % (self.words(func.value), name)
        else:
            head = "_refused(%s" % self.words(func)
        if call.args or call.keywords:
            head += ", "
        self.edits.append((start, opening, head))


HELPERS = '''\
class _Nothing:
    pass


_TURNED = __import__("unittest").TestCase()
_OPPOSITES = {opposites!r}


def _holds(check, *args, **kwargs):
    try:
        check(*args, **kwargs)
    except Exception:
        return False
    return True


def _false(name, args):
    """The same question about what is not so."""
    first, more = args[:1], args[1:]
    kind = name.removeprefix("assert")
    if kind in ("True", "False", "IsNone", "IsNotNone"):
        return ([kind in ("False", "IsNotNone") and (kind == "False" or None)],)
    if kind.startswith("Not") or kind == "IsNot" or len(args) < 2:
        return ()
    if kind == "In":
        return ([_Nothing()] + args[1:],)
    if kind in ("IsInstance", "IsSubclass"):
        return (first + [_Nothing] + more[1:],)
    if kind in ("Greater", "GreaterEqual"):
        return (first + [float("inf")] + more[1:], first + [chr(0x10FFFF) * 9] + more[1:])
    if kind in ("Less", "LessEqual"):
        return (first + [float("-inf")] + more[1:],)
    if kind == "Regex":
        return (first + ["(?!)"] + more[1:],)
    if kind in ("StartsWith", "EndsWith", "HasAttr"):
        return (first + ["\\0nothing\\0"] + more[1:],)
    wrong = args[1]
    if type(wrong) in (int, float, complex):
        wrong = wrong * 3 + 7
    elif type(wrong) in (str, bytes, list, tuple):
        wrong = wrong + type(wrong)((0,)) if type(wrong) is not str else wrong + "\\0"
    elif type(wrong) is dict:
        wrong = {{**wrong, "\\0nothing\\0": None}}
    elif type(wrong) is set:
        wrong = wrong | {{"\\0nothing\\0"}}
    else:
        wrong = _Nothing()
    return (first + [_Nothing()] + more[1:], first + [wrong] + more[1:])


def _turned(case, name, *args, **kwargs):
    """The opposite of an assertion."""
    args = list(args)
    check = getattr(case, name)
    for false in _false(name, args):
        if _holds(check, *false, **kwargs):
            return
    opposite = _OPPOSITES[name]
    if opposite is None:
        case.assertRaises(AssertionError, check, *args, **kwargs)
    else:
        getattr(case, opposite)(*args, **kwargs)


def _refused(check, *args, **kwargs):
    """A check without an opposite: it has to raise."""
    if getattr(check, "__name__", "") not in _BLOCKS:
        if len(args) > 1 and _holds(check, args[0], _Nothing(), *args[2:], **kwargs):
            return
        if args and _holds(check, _Nothing(), *args[1:], **kwargs):
            return
    _TURNED.assertRaises(AssertionError, check, *args, **kwargs)


_BLOCKS = {blocks!r}
'''.format(opposites=OPPOSITES, blocks=BLOCKS)


if __name__ == "__main__":
    sys.stdout.write(Turner(sys.stdin.read()).turned())
