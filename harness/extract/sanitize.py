# The program in a model's answer, as evalplus 0.3.1 takes it out (its
# sanitize.py): the longest run of lines that is Python; of that the imports, the
# definitions that the entry point reaches, and nothing else. evalplus reads them
# with tree-sitter. What ast says of a text that is Python is the same, except
# where a definition ends and what it is called.

import ast
import re
import warnings

warnings.simplefilter("ignore")


def parsed(text):
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return error


# These errors are about a token and what stands before it. What follows its
# line changes nothing.
FINAL = re.compile(r"invalid syntax$|invalid (?:non-printable )?character |unterminated string literal \(detected at line (\d+)\)")


def hopeless_from(error, first, end):
    """The line, counted in the answer, with which every run from first on is no Python."""
    match = FINAL.match(error.msg) if type(error) is SyntaxError else None
    if match is None or not error.lineno:
        return end
    return first + int(match[1] or error.lineno) - 1


def code_extract(text):
    """The longest run of two lines or more that is Python; among equals the first."""
    lines = text.split("\n")
    solid = [i for i, line in enumerate(lines) if line.strip()]
    hopeless = [len(lines)] * len(lines)
    for count in range(len(solid), 0, -1):
        for at in range(len(solid) - count + 1):
            first = solid[at - 1] + 1 if at else 0
            last = solid[at + count] if at + count < len(solid) else len(lines)
            for i in range(first, solid[at] + 1):
                for j in range(max(i + 1, solid[at + count - 1]), last):
                    if j >= hopeless[i]:
                        break
                    run = "\n".join(lines[i : j + 1])
                    tree = parsed(run)
                    if isinstance(tree, ast.Module):
                        return run, tree
                    hopeless[i] = min(hopeless[i], hopeless_from(tree, i, len(lines)))
    return lines[0], None


class Source:
    """A text by the positions that ast gives: lines, and bytes within them."""

    def __init__(self, text):
        self.bytes = text.encode()
        self.starts = [m.start() for m in re.finditer(rb"^|(?<=\n)|(?<=\r)(?!\n)", self.bytes)]

    def at(self, line, column):
        return self.starts[line - 1] + column

    def start_of(self, node):
        return self.at(node.lineno, node.col_offset)

    def end_of(self, node):
        return self.at(node.end_lineno, node.end_col_offset)


BEHIND = re.compile(rb"[ \t\f]*;?[ \t\f]*(?:#[^\r\n]*)?")
COMMENT = re.compile(rb"(?:[ \t\f]*(?:\r\n|\r|\n))+([ \t\f]*)#[^\n]*")


def definition_end(source, node):
    """Where a class or function ends: with the comments in its block, as tree-sitter has it."""
    end = source.end_of(node)
    behind = BEHIND.match(source.bytes, end)
    if not behind[0].isspace():
        end = behind.end()
    block = node.body[0]
    if block.lineno == node.lineno:
        return end
    indent = width(source.bytes[source.at(block.lineno, 0) : source.start_of(block)])
    while (match := COMMENT.match(source.bytes, end)) and width(match[1]) >= indent:
        end = match.end()
    return end


def width(blanks):
    return len(blanks.replace(b"\f", b"").expandtabs(8))


def identifiers(node):
    """Every name in a node, whatever it stands for."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, (ast.Constant, ast.JoinedStr)):
            continue
        for field, value in ast.iter_fields(part):
            if field == "str":  # the text of an interpolation
                continue
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str):
                    found.update(item.split("."))
    return found


def assigned_name(source, node):
    """The first plain name that is a part of an assignment, its value included."""
    target, value = (node.target, node.value) if isinstance(node, ast.AnnAssign) else (node.targets[0], node.value)
    if isinstance(target, ast.Name) and source.start_of(target) == source.start_of(node):
        return target.id
    if isinstance(node, ast.Assign) and len(node.targets) > 1 or not isinstance(value, ast.Name):
        return None
    between = source.bytes[source.end_of(target) : source.start_of(value)]
    return None if b"(" in between else value.id


def pieces(source, tree):
    """The imports, and the definitions with their names, as places in the source."""
    imports, definitions, names = [], [], set()

    def define(name, node, end):
        if name not in names:
            names.add(name)
            definitions.append((name, node, source.start_of(node), end))

    for node in tree.body:
        match node:
            case ast.ImportFrom(module="__future__", level=0):
                pass
            case ast.Import() | ast.ImportFrom():
                imports.append((source.start_of(node), source.end_of(node)))
            case ast.ClassDef(decorator_list=[]):
                define(node.name, node, definition_end(source, node))
            case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]):
                if any(isinstance(part, ast.Return) for part in ast.walk(node)):
                    define(node.name, node, definition_end(source, node))
            case ast.Assign() | ast.AnnAssign():
                define(assigned_name(source, node), node, source.end_of(node))
    return imports, definitions


def reachable(entry, definitions):
    uses = {name: identifiers(node) for name, node, _, _ in definitions}
    seen, queue = {entry}, [entry]
    while queue:
        new = uses.get(queue.pop(), set()) - seen
        seen |= new
        queue += new
    return seen


def sanitize(text, entry):
    code, tree = code_extract(text)
    read = code
    if tree is None:  # the first line, which tree-sitter reads wherever it begins
        read = code.strip()
        tree = parsed(read)
    if not isinstance(tree, ast.Module):
        return code
    source = Source(read)
    imports, definitions = pieces(source, tree)
    keep = reachable(entry, definitions)
    places = imports + [(start, end) for name, _, start, end in definitions if name in keep]
    out = b"\n".join(source.bytes[start:end] for start, end in places).decode()
    return out.strip() or code
