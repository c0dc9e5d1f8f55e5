"""Turns tests around: where a test asserts something, its turned form asks for
the opposite of it too, and wants that to fail.

Reads the source of tests and writes the same lines. Each assertion becomes a call
of a constant, MARK, in whose place the driver puts what asks: a program has no
name by which to put something else there.
"""

import ast
import sys

MARK = "'\\0assay'"  # the driver has it too

# Assertions of unittest, which the driver knows an opposite of.
ASSERTIONS = {
    "assert" + kind
    for kind in (
        "Equal NotEqual True False Is IsNot IsNone IsNotNone In NotIn IsInstance NotIsInstance IsSubclass NotIsSubclass "
        "Greater LessEqual Less GreaterEqual AlmostEqual NotAlmostEqual Regex NotRegex StartsWith NotStartsWith EndsWith "
        "NotEndsWith HasAttr NotHasAttr ListEqual DictEqual SetEqual TupleEqual SequenceEqual MultiLineEqual CountEqual "
        "Equals NotEquals AlmostEquals"
    ).split()
}

# Checks of what a block does, as context managers or of a function.
BLOCKS = ("assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex", "assertLogs", "assertNoLogs", "raises", "warns")


def catches(kind):
    """Whether a handler's type catches a failed assertion."""
    if isinstance(kind, ast.Tuple):
        return any(map(catches, kind.elts))
    return kind is None or isinstance(kind, ast.Name) and kind.id in ("AssertionError", "Exception", "BaseException")


def gives_up(body):
    """Whether statements fail all the same."""
    return any(
        isinstance(node, ast.Raise) or isinstance(node, ast.Attribute) and node.attr == "fail"
        for statement in body
        for node in ast.walk(statement)
    )


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
        # From the end; of edits at one place what was asked for first comes first.
        for start, end, new in sorted(reversed(self.edits), key=lambda e: e[0], reverse=True):
            text = text[:start] + new.encode() + text[end:]
        return text.decode()

    def at(self, line, column):
        return self.starts[line - 1] + column

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def words(self, node):
        start, end = self.span(node)
        return self.text[start:end].decode()

    def visit_Assert(self, node):
        start, end = self.span(node)
        # Brackets may stand around condition and message: they stay.
        self.edits.append((start, start + len("assert"), MARK + ".asserted("))
        if node.msg is not None:  # which is for a failure only
            self.edits.append((self.span(node.msg)[0],) * 2 + ("lambda: ",))
        self.edits.append((end, end, ")"))

        self.compare(node.test)

    def compare(self, condition):
        """Have values looked at that a condition takes for equal."""
        if isinstance(condition, ast.JoinedStr):
            return
        for child in ast.iter_child_nodes(condition):
            self.compare(child)
        if isinstance(condition, ast.Compare) and [type(op) for op in condition.ops] == [ast.Eq]:
            start, end = self.span(condition)
            sign = self.text.index(b"==", self.span(condition.left)[1])
            self.edits += [(start, start, MARK + ".same("), (sign, sign + 2, ","), (end, end, ")")]

    def visit_With(self, node):
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in BLOCKS:
                start = self.span(call)[0]
                self.edits.append((start, start, MARK + ".block(), "))
        self.generic_visit(node)

    visit_AsyncWith = visit_With

    def visit_Try(self, node):
        # What may fail and be forgiven says nothing of a program: it stays as it is.
        # So does what only those are asked who come to a handler, unless the others
        # are asked something too, or fail.
        forgiven = any(catches(h.type) and not gives_up(h.body) for h in node.handlers)
        body, before = [*node.body, *node.orelse], len(self.edits)
        for part in [] if forgiven else body:
            self.visit(part)
        asked = len(self.edits) > before or gives_up(body)
        for part in [*(node.handlers if asked else []), *node.finalbody]:
            self.visit(part)

    visit_TryStar = visit_Try

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
        if isinstance(func, ast.Attribute) and name in ASSERTIONS:
            head = "%s.turned(%r" % (MARK, name)
        else:
            head = "%s.refused(%s" % (MARK, self.words(func))
        if call.args or call.keywords:
            head += ", "
        if name in ("assertTrue", "assertFalse"):
            for arg in call.args[:1]:
                self.compare(arg)
        self.edits.append((start, opening, head))


if __name__ == "__main__":
    sys.stdout.write(Turner(sys.stdin.read()).turned())
