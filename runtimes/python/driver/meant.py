# The Python that a benchmark meant. A program may be held to the rules of an older
# CPython than this one: to those that decide whether ordinary programs run.
#
# CPython evaluated annotations where they stand, up to 3.13; since then nobody does
# who doesn't ask. So each function that has any is asked for them as soon as it is
# made, by a decorator below all others: decorators and defaults are evaluated
# before, as they were. Annotated variables have theirs evaluated by a statement
# that follows. What a function or a class tells of its annotations is as it was.
#
# Syntax that came later is refused: by the parser, which knows since when it takes
# what, and for f-strings by their tokens.

import ast
import copy
import functools
import itertools
import math
import opcode
import operator
import re
import token as tokens
import types
from _tokenize import TokenizerIter

minor = None  # the program is held to Python 3.minor; None: to this one

LAZY = 14  # since when annotations wait
UNPACKS = 15  # since when a comprehension may unpack its items
FREE_FSTRINGS = 12  # since when an expression in an f-string may be any
SUMS_EXACTLY = 12  # since when sum keeps what float addition loses

ASKED = "\0assay annotations"  # stands in a syntax tree for what asks for them

ONLY_TREE = 0x400  # flags of compile, and of its code
POSTPONED = 0x1000000
OPTIMIZED = 1

# Programs without any of these have no syntax that came after 3.9, f-strings aside.
# Others may have it. To look for a word costs a tenth of looking for a pattern, and
# for one that begins with a word hardly more.
RECENT = [
    (("type ", "lazy ", "match ", "match("), re.compile(r"(?:^|[;:])[ \t]*(?:type|lazy|match)\b", re.MULTILINE)),
    (("except",), re.compile(r"except\b[ \t]*(?:\*|[^\s(][^\n]*,)")),
    (("def",), re.compile(r"def[ \t]+\w+[ \t]*\[")),
    (("class",), re.compile(r"class[ \t]+\w+[ \t]*\[")),
    (("*",), re.compile(r"[\[{(,][ \t\n]*\*")),
    (("t'", 't"', "T'", 'T"', "tr'", 'tr"', "tR'", 'tR"', "Tr'", 'Tr"', "TR'", 'TR"'), re.compile(r"(?<!\w)(?:[tT][rR]?|[rR][tT])['\"]")),
]
STARRED = re.compile(r"[\[{(]\s*\*")
FSTRING = [(tuple(a + q for a in ("f", "F", "fr", "fR", "Fr", "FR") for q in "'\""), re.compile(r"(?<!\w)(?:[fF][rR]?|[rR][fF])['\"]"))]


def has(text, kinds):
    for words, pattern in kinds:
        for word in words:
            if word in text:
                if pattern.search(text):
                    return True
                break
    return False


# Names that came later and that programs ask for, by the minor version, as far as
# the libraries here do without them. heapq itself calls its new ones.
CAME = {
    11: {math: "cbrt exp2", operator: "call"},
    12: {itertools: "batched", math: "sumprod"},
    13: {math: "fma", copy: "replace"},
    15: {
        math: "fmax fmin integer isnormal issubnormal signbit",
        operator: "is_none is_not_none",
    },
}

# Globals of what a program may meet of this: they lead to nothing of the driver's.
BARE = {"__builtins__": {}}
SUMMING = {
    "__name__": "builtins", "exact": sum, "reduce": functools.reduce, "add": operator.add,
    "again": frozenset((list, tuple, range)), "inexact": frozenset((float, complex)), "refused": frozenset((str, bytes, bytearray)),
    "__builtins__": {"iter": iter, "type": type},
}


def hold_to(version):
    """Hold the program to come to an older Python."""
    global minor
    minor = version
    for since, modules in CAME.items():
        for module, names in modules.items():
            if minor < since:
                listed = getattr(module, "__all__", ())  # what import * asks for
                for name in names.split():
                    vars(module).pop(name, None)
                    if name in listed:
                        listed.remove(name)
    if minor < SUMS_EXACTLY:
        builtins.sum = plain_sum


def plain_sum(iterable, /, start=0):
    """The sum of the items, each added to what there is."""
    if type(iterable) in again or type(start) in refused:
        total = exact(iterable, start)
        if type(total) not in inexact:
            return total
    return reduce(add, iter(iterable), start)


plain_sum = types.FunctionType(plain_sum.__code__.replace(co_name="sum", co_qualname="sum"), SUMMING, "sum", plain_sum.__defaults__)


def code_of(text, filename):
    """The program's code, by the rules that it is held to."""
    if minor is None:
        return compile(text, filename, "exec", 0, True)
    code = None
    if not has(text, RECENT):
        code = compile(text, filename, "exec", 0, True)
    if code is None or minor < LAZY and annotated(code) and not harmless(text, code):
        tree = compile(text, filename, "exec", ONLY_TREE, True, _feature_version=minor)
        if minor < UNPACKS and "for" in text and STARRED.search(text):
            refuse_unpacking(tree, filename)
        asks = minor < LAZY and not postponed(tree) and ask_in(tree.body, True)
        code = compile(tree, filename, "exec", 0, True)
        if asks:
            code = place_evaluated(code)
    if minor < FREE_FSTRINGS and has(text, FSTRING):
        refuse_free_fstrings(text, filename)
    return code


def refuse_unpacking(tree, filename):
    """Raise SyntaxError for a comprehension that unpacks, which the parser takes for any version."""
    for node in ast.walk(tree):
        kind = type(node)
        if (
            kind in (ast.ListComp, ast.SetComp, ast.GeneratorExp) and type(node.elt) is ast.Starred
            or kind is ast.DictComp and node.value is None
        ):
            raise syntax_error("iterable unpacking cannot be used in comprehension", filename, (node.lineno, node.col_offset))


def annotated(code):
    """Whether there are annotations in it that would be evaluated."""
    if code.co_flags & POSTPONED:
        return False
    return any(type(c) is types.CodeType and (c.co_name == "__annotate__" or annotated(c)) for c in code.co_consts)


# Most annotations are List[int] and the like of names that are there: to evaluate
# them shows nobody anything, and the syntax tree for it costs as much as all the
# rest of a usual program. What these patterns match can't fail.

LEADING = re.compile(r"(?:(?:from[ \t]+\w+[ \t]+import[ \t]+\w+(?:,[ \t]*\w+)*|import[ \t]+[\w., \t]+)?[ \t]*(?:#[^\n]*)?\n)*")
TYPING = re.compile(r"^from[ \t]+typing[ \t]+import[ \t]+([\w, \t]+)", re.MULTILINE)
TYPES = {"int", "str", "float", "bool", "bytes", "object", "list", "dict", "tuple", "set", "frozenset"}


def header():
    one = r"(?:int|str|float|bool|bytes|object|list|dict|tuple|set|frozenset|None|Any|List|Dict|Tuple|Set)\b(?!\[)"
    for _ in range(3):
        one = (
            rf"(?:{one}|(?:List|Set|Optional|list|set|frozenset|Iterable|Iterator|Sequence)\[{one}\]|(?:Dict|dict)\[{one}, ?{one}\]"
            rf"|(?:Tuple|tuple)\[{one}, ?\.\.\.\]|(?:Tuple|tuple|Union)\[{one}(?:, ?{one})*\])"
        )
    default = r"(?:-?\d+(?:\.\d*)?|None|True|False|'[^'\\\n]*'|\"[^\"\\\n]*\"|\[\]|\(\)|\{\})"
    param = rf"\*{{0,2}}\w+(?:[ \t]*:[ \t]*{one})?(?:[ \t]*=[ \t]*{default})?"
    return re.compile(rf"def[ \t]+\w+\(\s*(?:{param}(?:,\s*{param})*\s*)?\)[ \t]*(?:->[ \t]*{one}[ \t]*)?:")


HEADER = header()
STORES = bytes([opcode.opmap["STORE_NAME"], opcode.opmap["DELETE_NAME"], opcode.opmap["STORE_GLOBAL"], opcode.opmap["EXTENDED_ARG"]])


def harmless(text, code):
    """Whether the annotations can be left alone: each is of the kinds above, of
    built-in types and of names that a first line has from typing, and no name of
    these gets another value."""
    if "global" in text or "import *" in text:
        return False
    known = {name.strip() for line in TYPING.findall(LEADING.match(text)[0]) for name in line.split(",")} | TYPES
    used, functions, parts = set(), 0, [code]
    for part in parts:
        inner = [const for const in part.co_consts if type(const) is types.CodeType]
        asked = [const for const in inner if const.co_name == "__annotate__"]
        for each in asked:
            if set(each.co_freevars) - {"__classdict__"} or not known.issuperset(each.co_names):
                return False
            used.update(each.co_names)
        functions += len(asked)
        parts += (const for const in inner if const.co_name != "__annotate__")
    imported = used - TYPES
    for part in parts:
        if part.co_flags & OPTIMIZED:  # a function: what it stores is its own
            continue
        steps = part.co_code
        for i in range(0, len(steps), 2):
            if steps[i] in STORES:
                if steps[i] == STORES[-1]:
                    return False
                name = part.co_names[steps[i + 1]]
                if name in imported and part is code:
                    imported.remove(name)  # by that line
                elif name in used:
                    return False
    return functions == sum("->" in m[0] or ":" in m[0][:-1] for m in HEADER.finditer(text))


def postponed(tree):
    return any(
        type(node) is ast.ImportFrom and node.module == "__future__" and any(n.name == "annotations" for n in node.names)
        for node in tree.body
    )


def ask_in(body, variables):
    """Have the annotations in a block evaluated; those of variables where they are
    of a module or of a class. Says whether any function is asked for its own."""
    asks = False
    blocks = [(body, variables)]  # no deep calls: a program may be nested deeply
    while blocks:
        body, variables = blocks.pop()
        for i in reversed(range(len(body))):
            node = body[i]
            kind = type(node)
            if kind is ast.FunctionDef or kind is ast.AsyncFunctionDef:
                if any(type(a) is not ast.Constant for a in annotations(node)):
                    node.decorator_list.append(standing_at(node, ast.Constant(ASKED)))
                    asks = True
                blocks.append((node.body, False))
            elif kind is ast.ClassDef:
                blocks.append((node.body, True))
            elif kind is ast.AnnAssign:
                if variables and type(node.annotation) is not ast.Constant:
                    body.insert(i + 1, standing_at(node.annotation, ast.Expr(node.annotation)))
            elif kind in BLOCKS:
                for field in BLOCKS[kind]:
                    part = getattr(node, field)
                    if field in ("handlers", "cases"):
                        blocks.extend((each.body, variables) for each in part)
                    elif part:
                        blocks.append((part, variables))
    return asks


BLOCKS = {
    ast.If: ("body", "orelse"), ast.For: ("body", "orelse"), ast.AsyncFor: ("body", "orelse"), ast.While: ("body", "orelse"),
    ast.With: ("body",), ast.AsyncWith: ("body",), ast.Match: ("cases",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"), ast.TryStar: ("body", "handlers", "orelse", "finalbody"),
}


def annotations(node):
    args = node.args
    for each in (*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg):
        if each is not None and each.annotation is not None:
            yield each.annotation
    if node.returns is not None:
        yield node.returns


def standing_at(old, new):
    """The new node, in the place of the old one."""
    new.lineno, new.col_offset, new.end_lineno, new.end_col_offset = old.lineno, old.col_offset, old.end_lineno, old.end_col_offset
    return new


def evaluated(function):
    function.__annotations__
    return function


evaluated = types.FunctionType(evaluated.__code__, BARE, "evaluated")


def place_evaluated(code):
    """The code with the decorator where the tree has its mark."""
    consts = []
    for const in code.co_consts:
        if type(const) is types.CodeType:
            const = place_evaluated(const)
        elif type(const) is str and const == ASKED:
            const = evaluated
        consts.append(const)
    return code.replace(co_consts=tuple(consts))


def refuse_free_fstrings(text, filename):
    """Raise SyntaxError for an f-string that is one only since 3.12: with the quotes
    around it, a backslash or a comment in an expression, or nested three deep."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    strings = []  # that are open: the quotes, and the fields that are open in it
    for kind, word, start, end, _ in TokenizerIter(iter([line + "\n" for line in lines]).__next__, extra_tokens=True):
        if kind == tokens.FSTRING_START:
            strings.append((word.lstrip("fFrR"), []))
        elif not strings:
            pass
        elif kind == tokens.FSTRING_END:
            strings.pop()
        elif kind == tokens.COMMENT:
            raise syntax_error("f-string expression part cannot include '#'", filename, start)
        elif kind == tokens.OP:
            quotes, fields = strings[-1]
            field = fields[-1] if fields else None  # where its expression starts, and how many brackets are open; None when it is over
            if field is None or field[1] is None:  # in text, or in how a field is formatted
                if word == "{":
                    if len(fields) == 2:
                        raise syntax_error("f-string: expressions nested too deeply", filename, start)
                    fields.append([end, 0])
                elif word == "}":
                    fields.pop()
            elif word in ("(", "[", "{"):
                field[1] += 1
            elif field[1] > 0:
                field[1] -= word in (")", "]", "}")
            elif word in ("}", ":"):
                check_field(between(lines, field[0], start), quotes, filename, field[0])
                field[1] = None
                if word == "}":
                    fields.pop()


def check_field(text, quotes, filename, at):
    if "\\" in text:
        raise syntax_error("f-string expression part cannot include a backslash", filename, at)
    if quotes in text:
        raise syntax_error("f-string: expecting '}'", filename, at)
    if len(quotes) == 1 and "\n" in text:
        raise syntax_error("unterminated string literal (detected at line %d)" % at[0], filename, at)


def between(lines, start, end):
    (line, column), (last, stop) = start, end
    if line == last:
        return lines[line - 1][column:stop]
    return "\n".join((lines[line - 1][column:], *lines[line : last - 1], lines[last - 1][:stop]))


def syntax_error(message, filename, at):
    return SyntaxError(message, (filename, at[0], at[1] + 1, None))
