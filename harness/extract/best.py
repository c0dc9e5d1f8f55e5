# The program in a model's answer, as a person would take it out. Reasoning is no
# answer; fences are known by their language and by what stands in them; of several
# blocks the last that defines what was asked for is taken, with the blocks that it
# needs. No definition is ever dropped. Nothing of an answer is run.

import ast
import builtins
import json
import re
import textwrap
import warnings

warnings.simplefilter("ignore")

# What chat templates put between turns. They are no part of a program where they
# stand alone or end a line; inside of a line they may be a program's own text.
TOKEN = r"(?:<\|[\w .:/-]{1,40}\|>|<｜[^｜\n]{1,40}｜>|</?s>|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>|\[/?INST\])"
ENDS = re.compile(
    r"^.*?(?:<\|(?:im_end|endoftext|eot_id|end_of_text|end|return|eom_id|end_of_turn|EOT|END_RESPONSE)\|>"
    r"|<｜end▁of▁sentence｜>|</s>|<eos>|<end_of_turn>)[ \t]*$",
    re.MULTILINE,
)
TOKENS_AT_END = re.compile(rf"(?<![\"'\\`])(?:[ \t]*{TOKEN})+[ \t]*$", re.MULTILINE)
GLUED = re.compile(rf"^([ \t>]*(?:`{{3,}}|~{{3,}}))[ \t]*(?={TOKEN})", re.MULTILINE)
TOKENS_AT_START = re.compile(rf"^(?:{TOKEN}[ \t]*)+", re.MULTILINE)

# How models mark what they think before they answer.
REASONING = [
    (r"<(think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis|internal_monologue|seed:think)>", r"</{0}>"),
    (r"\[(THINK|THOUGHT|REASONING)\]", r"\[/{0}\]"),
    (r"◁think▷", r"◁/think▷"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    (r"<\|think(?:ing)?\|>", r"<\|/think(?:ing)?\|>|<\|end_think(?:ing)?\|>"),
]
CHANNEL = re.compile(r"(?:<\|start\|>\w*)?<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>")
ANSWER = re.compile(r"<(answer|solution|final_answer|output|code)>|<\|begin_of_solution\|>|<\|START_RESPONSE\|>", re.IGNORECASE)

FENCE = re.compile(r"^(?P<lead>[ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
LATE_FENCE = re.compile(r"^(?P<lead>)(?P<before>.*[^`\s][ \t]*)(?P<mark>`{3,})[ \t]*(?P<info>(?:python|py)\w*)[ \t]*$")
ONE_LINE = re.compile(r"(`{1,3})(?:(?:python3?|py)[ \t]+)?([^`\n]+?)[ \t]*\1")
PYTHON = {"python", "py", "python3", "py3", "python2", "ipython", "ipython3", "pypy", "pypy3", "sage", "cython", "starlark"}
SESSION = {"pycon", "python-repl", "doctest", "pyconsole"}


def parsed(text):
    """The tree of a text that is Python, else None."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def wrong(text):
    """What is wrong with a text as Python, and the line; None where it is Python."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}"
    except (ValueError, MemoryError, RecursionError) as error:
        return str(error) or type(error).__name__
    return None


def inside_fence(text, at):
    """Whether a place is in a fenced block, which may be one that nobody closed."""
    opened = None
    for line in text[:at].split("\n"):
        match = FENCE.match(line)
        if match is None:
            continue
        mark = match["mark"]
        if opened is None:
            opened = mark
        elif mark.startswith(opened) and not match["info"].strip():
            opened = None
    return opened is not None


def without_reasoning(text):
    """The answer behind what was thought; and whether it ends while it still thinks."""
    channels = list(CHANNEL.finditer(text))
    if channels and not inside_fence(text, channels[0].start()):
        parts = [(m[1], text[m.end() : n.start() if n else len(text)]) for m, n in zip(channels, [*channels[1:], None])]
        final = [part for name, part in parts if name == "final"]
        commentary = [part for name, part in parts if name == "commentary"]
        if final or commentary:
            return (final or commentary)[-1], False
        return text[: channels[0].start()], True
    for opens, closes in REASONING:
        opening = re.compile(rf"^[ \t]*{opens}", re.IGNORECASE | re.MULTILINE)
        while match := next((m for m in opening.finditer(text) if not inside_fence(text, m.start())), None):
            word = re.escape(match[1]) if match.groups() else ""
            end = re.compile(closes.format(word), re.IGNORECASE).search(text, match.end())
            if end is None:
                return text[: match.start()], True
            text = text[: match.start()] + "\n" + text[end.end() :]
        # A template may have opened it in the prompt.
        word = re.search(r"\(([\w|:]+)\)", opens)
        last = None
        for name in word[1].split("|") if word else [""]:
            for match in re.finditer(rf"^[ \t]*(?:{closes.format(re.escape(name))})|(?:{closes.format(re.escape(name))})[ \t]*$", text, re.IGNORECASE | re.MULTILINE):
                last = match
        if last is not None and not quoted(text, last.start()):
            text = text[last.end() :]
    return text, False


def quoted(text, at):
    """Whether a place is in a line between quotes of one kind."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return any(line.count(quote) % 2 for quote in ("'", '"'))


def within_answer(text):
    """What stands between the tags of a final answer, where there are such."""
    for match in reversed(list(ANSWER.finditer(text))):
        if inside_fence(text, match.start()) or quoted(text, match.start()):
            continue
        word = match[1]
        closes = re.compile(rf"</{word}>" if word else r"<\|end_of_solution\|>|<\|END_RESPONSE\|>", re.IGNORECASE)
        end = closes.search(text, match.end())
        inner = text[match.end() : end.start() if end else len(text)]
        if any(block.is_python() for block in blocks(inner)) or parsed(textwrap.dedent(inner).strip("\n")) and "\n" in inner.strip():
            return inner
    return text


def from_json(text):
    """The program of an answer that is a JSON object with one."""
    bare = text.strip()
    match = FENCE.match(bare.split("\n", 1)[0])
    if match and match["info"].strip().lower() in ("json", ""):
        bare = bare.split("\n", 1)[-1].rsplit("```", 1)[0].strip()
    if not bare.startswith("{"):
        return text
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        return text
    for key in ("code", "solution", "program", "python", "completion", "answer"):
        if isinstance(found, dict) and isinstance(found.get(key), str):
            return found[key]
    return text


class Block:
    """A stretch of an answer that may be a program."""

    def __init__(self, text, language="", closed=True):
        self.text = clean(text)
        self.language = language
        self.closed = closed
        self.tree = parsed(self.text)

    def is_python(self):
        if self.language in PYTHON:
            return True
        return not self.language and self.tree is not None and any(not prose(node) for node in self.tree.body)

    def is_session(self):
        return self.language in SESSION or self.text.lstrip().startswith(">>> ")


def prose(node):
    """Whether a statement is what words, figures and data look like to a parser."""
    if not isinstance(node, (ast.Expr, ast.AnnAssign)):
        return False
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    return not any(isinstance(part, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)) for part in ast.walk(node.value))


def clean(text):
    """A block without what is no part of it: marks of byte order, tokens, common indent."""
    text = text.replace("\ufeff", "")
    if parsed(text) is None:
        stripped = TOKENS_AT_START.sub("", TOKENS_AT_END.sub("", text))
        text = textwrap.dedent(stripped.expandtabs(4) if "\t" in leading(stripped) and " " in leading(stripped) else stripped)
    return text.strip("\n").rstrip()


def leading(text):
    return "".join(re.findall(r"^[ \t]+", text, re.MULTILINE))


def blocks(text):
    """The fenced blocks of an answer, in their order."""
    lines = text.split("\n")
    found, at = [], 0
    while at < len(lines):
        match = FENCE.match(lines[at]) or LATE_FENCE.match(lines[at])
        if match is None:
            # A whole block in one line.
            whole = re.match(r"^[^`]*`{3}(?:(?:python3?|py)\b)?[ \t]*([^`\n]+?)[ \t]*`{3}\s*$", lines[at])
            if whole and parsed(whole[1]) is not None:
                found.append(Block(whole[1]))
            at += 1
            continue
        lead, mark, info = match["lead"], match["mark"], match["info"].strip()
        language = re.split(r"[\s{,:;=]", info.lower().lstrip("{."), maxsplit=1)[0].strip("}") if info else ""
        body, closers = [], []
        quote = lead.count(">")
        for line in lines[at + 1 :]:
            if quote:
                line = re.sub(r"^[ \t]*(?:>[ \t]?){0,%d}" % quote, "", line)
            body.append(line)
            close = FENCE.match(line)
            if close and close["mark"][0] == mark[0] and len(close["mark"]) >= len(mark):
                closers.append(len(body) - 1)
                if close["info"].strip() or len(closers) >= 8:
                    break
            elif line.rstrip().endswith(mark) and mark[0] == "`" and not line.strip().startswith("#"):
                closers.append(len(body) - 1)  # glued to the last line
        block, used = one_block(body, closers, mark, language)
        found.append(block)
        at += used
    return found


def one_block(body, closers, mark, language):
    """A block that begins at a fence, and how many lines it takes: to the first
    closing fence that leaves a program, else to the first."""
    first = None
    for k in closers:
        close = FENCE.match(body[k])
        inner = body[:k] if close else [*body[:k], body[k].rstrip()[: -len(mark)]]
        opens_next = close is not None and close["info"].strip() != ""
        block = Block("\n".join(inner), language)
        used = k + 1 if opens_next else k + 2
        if first is None:
            first = block, used
        if block.tree is not None or language and language not in PYTHON:
            return block, used
        if opens_next:
            break
    if first is not None:
        return first
    text = "\n".join(body)
    block = Block(text, language, closed=False)
    if block.tree is None and (language in PYTHON or not language):
        block = Block(without_tail(text), language, closed=False)
    return block, len(body) + 1


STARTS = re.compile(
    r"(?:@|(?:async\s+)?def\b|class\b|if\b|for\b|while\b|try\b|with\b|else\b|elif\b|except\b|finally\b|import\b|from\b|return\b|print\b|assert\b|raise\b|\w+\s*[-+*/%|&^]?=[^=]|[)\]}#\"'])"
)


def without_tail(text):
    """A block that nobody closed, without the words behind the program."""
    lines = text.rstrip().split("\n")
    for end in range(len(lines) - 1, 0, -1):
        rest = lines[end]
        if rest.strip() and (rest[0] in " \t" or STARTS.match(rest)):
            continue
        if not rest.strip():
            continue
        shorter = "\n".join(lines[:end])
        if parsed(shorter) is not None:
            return shorter
    return text


def unfenced(text):
    """The runs of Python in an answer without fences."""
    text = clean(text)
    if Block(text).is_python():
        return [Block(text)]
    lines = [TOKENS_AT_START.sub("", TOKENS_AT_END.sub("", line)) for line in text.split("\n")]
    found, at = [], 0
    while at < len(lines):
        end = run_from(lines, at) if BEGINS.match(lines[at]) else at
        if lines[at][:1] in (" ", "\t"):  # as Markdown has code without fences
            end = next((i for i in range(at, len(lines)) if lines[i].strip() and lines[i][0] not in " \t"), len(lines))
        if end > at:
            block = Block("\n".join(lines[at:end]))
            if block.is_python():
                found.append(block)
                at = end
                continue
        at += 1
    return found


BEGINS = re.compile(r"@|#|'|\"|[(\[{*]|(?:async|def|class|import|from|if|for|while|try|with|assert|print|match|return|del|global|raise)\b|[\w.]+(?:\[.*\])?\s*(?:[:,]|[-+*/%|&^]{0,2}=|\()")


def run_from(lines, at):
    """Where the longest run of Python ends that begins at a line."""
    end = len(lines)
    while end > at:
        try:
            ast.parse("\n".join(lines[at:end]))
            return end
        except SyntaxError as error:
            # What follows the error's line changes nothing, but for what is unclosed.
            near = at + (error.lineno or 1) - 1
            end = min(end - 1, near) if near > at else (end - 1 if "never closed" in str(error.msg) or "unterminated triple" in str(error.msg) else at)
        except (ValueError, MemoryError, RecursionError):
            return at
    return at


def top_level(body):
    """The statements of a module that run when it is loaded, those in if, try, with and for included."""
    for node in body:
        yield node
        for field in ("body", "orelse", "finalbody"):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from top_level(getattr(node, field, []))
        for handler in getattr(node, "handlers", []):
            yield from top_level(handler.body)


def targets(node):
    if isinstance(node, ast.Name):
        yield node.id
    for child in ast.iter_child_nodes(node) if isinstance(node, (ast.Tuple, ast.List, ast.Starred)) else ():
        yield from targets(child)


def defined(tree):
    """The names that a module has, with the statement that each is from."""
    names = {}
    for node in top_level(tree.body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names[node.name] = node
            case ast.Import() | ast.ImportFrom():
                names.update(((alias.asname or alias.name).split(".")[0], node) for alias in node.names)
            case ast.Assign():
                names.update((name, node) for target in node.targets for name in targets(target))
            case ast.AnnAssign() if node.value is not None:
                names.update((name, node) for name in targets(node.target))
            case ast.AugAssign():
                names.update((name, node) for name in targets(node.target))
            case ast.For() | ast.AsyncFor():
                names.update((name, node) for name in targets(node.target))
            case ast.With() | ast.AsyncWith():
                names.update((name, node) for item in node.items if item.optional_vars for name in targets(item.optional_vars))
    return names


def stars(tree):
    return any(isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names) for node in ast.walk(tree))


def missing(tree):
    """The names that a module uses and has from nowhere."""
    used, bound = set(), set(dir(builtins)) | {"__file__", "__name__", "__doc__"}
    for node in ast.walk(tree):
        match node:
            case ast.Name(ctx=ast.Load()):
                used.add(node.id)
            case ast.Name():
                bound.add(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound.add(node.name)
            case ast.arg():
                bound.add(node.arg)
            case ast.alias():
                bound.add((node.asname or node.name).split(".")[0])
            case ast.ExceptHandler(name=str()):
                bound.add(node.name)
            case ast.MatchAs(name=str()) | ast.MatchStar(name=str()):
                bound.add(node.name)
            case ast.MatchMapping(rest=str()):
                bound.add(node.rest)
            case ast.Global() | ast.Nonlocal():
                used.update(node.names)
    return used - bound


def is_stub(node):
    """Whether a function is only hinted at: its body is a docstring, pass, ..., or not there."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    return all(isinstance(part, ast.Pass) for part in body)


def reads_input(tree):
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="input")):
                return True
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdin"):
                return True
            case ast.ImportFrom(module="sys", names=names) if any(alias.name == "stdin" for alias in names):
                return True
            case ast.Call(func=ast.Name(id="open"), args=[ast.Constant(value=0 | "/dev/stdin"), *_]):
                return True
    return False


def only_shows(tree):
    """Whether a module defines nothing and only prints or asserts: an example of use."""
    return all(isinstance(node, (ast.Expr, ast.Assert, ast.Import, ast.ImportFrom)) or isinstance(node, ast.Assign) for node in tree.body) and not reads_input(tree)


def is_tests(tree):
    """Whether a module is tests of a program, and no program."""
    named = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    return bool(named) and all(is_test(node) or node.name.lower().startswith("test") or node.name == "check" for node in named)


def from_session(text):
    """The program that was typed into a session."""
    typed = [line[4:] for line in text.split("\n") if re.match(r"(?:>>>|\.\.\.)(?: |$)", line)]
    return "\n".join(typed)


def choose(programs, entry):
    """The block that is the answer: its index, or None."""
    if entry:
        whole = stub = None
        for i, block in enumerate(programs):
            node = defined(block.tree).get(entry) if block.tree else None
            if node is None:
                continue
            if is_stub(node):
                stub = i
            else:
                whole = i
        if whole is not None or stub is not None:
            return whole if whole is not None else stub
        # One that is cut off or has a mistake still is the program that was meant.
        meant = re.compile(rf"\b(?:def|class)\s+{re.escape(entry)}\b|^{re.escape(entry)}\s*=", re.MULTILINE)
        for i in range(len(programs) - 1, -1, -1):
            if meant.search(programs[i].text):
                return i
        return None
    for good in (
        lambda b: b.tree is not None and reads_input(b.tree) and not is_tests(b.tree),
        lambda b: b.tree is not None and not only_shows(b.tree) and not is_tests(b.tree),
        lambda b: b.tree is None or not is_tests(b.tree),
        lambda b: True,
    ):
        for i in range(len(programs) - 1, -1, -1):
            if good(programs[i]):
                return i
    return None


def joined(programs, chosen):
    """The chosen block behind those that it needs."""
    parts, text = [chosen], programs[chosen].text
    tree = programs[chosen].tree
    while tree is not None and not stars(tree):
        lacks = missing(tree)
        best = None
        # The nearest before it, else the first behind it.
        for i in [*range(chosen - 1, -1, -1), *range(chosen + 1, len(programs))]:
            other = programs[i].tree
            if i in parts or other is None or is_tests(other):
                continue
            if lacks & defined(other).keys():
                best = i
                break
        if best is None:
            break
        parts.append(best)
        text = programs[best].text + "\n\n" + text
        tree = parsed(text)
    return text if tree is not None else programs[chosen].text


def answer_in(text):
    """What a model answered, without what it thought, and with nothing of another turn; and whether it ends while it still thinks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = GLUED.sub(r"\1\n", text)
    text, unfinished = without_reasoning(text)
    if (match := ENDS.search(text)) and text[: match.end()].strip(" \t\n`") and parsed(text) is None:
        # What follows the end of a turn is another turn.
        before = TOKENS_AT_END.sub("", text[: match.end()])
        if before.strip():
            text = before if not inside_fence(text, match.start()) or "```" not in text[match.end() :] else text
    return from_json(within_answer(text)), unfinished


def best(text, entry, prompt):
    """The program, and why there is none or it is no Python ("" when it is)."""
    text, unfinished = answer_in(text)
    fenced = blocks(text)
    programs = [block for block in fenced if block.is_python() and not block.is_session() and block.text]
    if entry and not any(defines(block, entry) for block in programs):
        # A fence that names another language, or none at all around the program.
        programs = [b for b in fenced if b.text and not b.is_session() and (defines(b, entry) or b in programs)] or programs
        if not any(defines(block, entry) for block in programs):
            runs = unfenced(text)
            programs += runs if any(defines(run, entry) for run in runs) else []
    if not programs:
        programs = [Block(from_session(b.text)) for b in fenced if b.is_session() and from_session(b.text)]
    if not programs and not fenced:
        programs = unfenced(text)
        if len(programs) > 1:
            together = Block("\n\n".join(block.text for block in programs))
            programs = [together] if together.tree is not None else programs
    if not programs and not fenced:
        programs = [Block(m[2]) for m in ONE_LINE.finditer(text) if entry and defines(Block(m[2]), entry)]
    chosen = choose(programs, entry) if programs else None
    if chosen is None and entry and prompt:
        if body := as_body(programs, fenced, text, prompt, entry):
            return body, ""
    if chosen is None and programs:
        chosen = choose(programs, "")
    if chosen is None:
        bare = clean(text)
        if entry and re.search(rf"\b(?:def|class)\s+{re.escape(entry)}\b", bare):
            return bare, wrong(bare) or ""
        if not entry and looks_like_code(bare):
            return bare, wrong(bare) or ""
        return "", "the answer ends within its reasoning" if unfinished else "the answer has no program"
    program = joined(programs, chosen)
    return program, wrong(program) or ""


def defines(block, entry):
    if block.tree is not None:
        return entry in defined(block.tree)
    return re.search(rf"\b(?:def|class)\s+{re.escape(entry)}\b", block.text) is not None


def looks_like_code(text):
    return len(re.findall(r"^\s*(?:def |class |import |from \w+ import|for .+:$|while .+:$|if .+:$|print\(|\w+ = )", text, re.MULTILINE)) >= 2


def as_body(programs, fenced, text, prompt, entry):
    """The prompt gone on with, where the answer is only the body of its function."""
    for body in [*(block.text for block in reversed(fenced) if block.language in PYTHON or not block.language), text]:
        body = body.strip("\n").rstrip()
        if not body.strip():
            continue
        for indent in ("", "    "):
            whole = prompt.rstrip("\n") + "\n" + textwrap.indent(body, indent)
            tree = parsed(whole)
            node = defined(tree).get(entry) if tree is not None else None
            if node is not None and not is_stub(node) and any(isinstance(part, (ast.Return, ast.Yield, ast.YieldFrom)) for part in ast.walk(node)):
                return whole
    return None


def is_test(node):
    """Whether a statement of a module is one of its tests."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return node.name.startswith("test")
        case ast.ClassDef():
            return node.name.startswith("Test") or any("TestCase" in ast.unparse(base) for base in node.bases)
        case ast.Assert():
            return True
    return False


def runs_tests(node):
    """Whether a statement only starts tests, as what stands under the main guard does."""
    if isinstance(node, ast.If):
        return all(runs_tests(part) for part in node.body) and not node.orelse
    text = ast.unparse(node)
    return isinstance(node, ast.Expr) and (re.match(r"(?:unittest|pytest|sys\.exit\(pytest)\.?main\(|test\w*\(\)$|sys\.exit\(", text) is not None or text.startswith("print("))


def lines_of(text, nodes):
    """The lines of some statements, with the comments above each."""
    lines = text.split("\n")
    out = []
    for node in nodes:
        first = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", []))])
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        out.append("\n".join(lines[first - 1 : node.end_lineno]))
    return "\n\n".join(out)


def divided(block):
    """The program and the tests of one block."""
    tests = [node for node in block.tree.body if is_test(node)]
    if not tests:
        return block.text, ""
    imports = [node for node in block.tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    rest = [node for node in block.tree.body if not is_test(node) and not runs_tests(node)]
    own = [node for node in rest if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    fixtures = [node for node in own if any("fixture" in ast.unparse(part) for part in node.decorator_list)]
    if len(own) == len(fixtures) and not any(isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) for node in rest):
        return "", block.text
    used = set().union(*(missing(ast.Module([node], [])) for node in rest if node not in imports and node not in fixtures))
    needed = [node for node in rest if node not in fixtures and (node not in imports or defined(ast.Module([node], [])).keys() & used or not_only_for_tests(node))]
    return lines_of(block.text, needed), lines_of(block.text, imports + fixtures + tests)


def not_only_for_tests(node):
    return not any((alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0] in ("pytest", "unittest") for alias in node.names)


def apart(text):
    """The solution and the tests of an answer that has both; "" for what it has not."""
    text, _ = answer_in(text)
    fenced = blocks(text)
    programs = [block for block in fenced if block.is_python() and not block.is_session() and block.text]
    if not programs and not fenced:
        programs = unfenced(text)
    solutions, tests = [], []
    elsewhere = set()
    for block in programs:
        if block.tree is not None and not any(is_test(node) for node in block.tree.body):
            elsewhere |= defined(block.tree).keys()
    for block in programs:
        if block.tree is not None and elsewhere & missing(block.tree) and any(is_test(node) for node in block.tree.body):
            tests.append(block)  # with helpers of the tests' own
            continue
        if block.tree is None:
            (tests if re.search(r"^(?:def test|class Test|assert\b)", block.text, re.MULTILINE) and solutions else solutions).append(block)
            continue
        program, own = divided(block)
        if own:
            tests.append(Block(own))
        if program.strip() and not (own == "" and only_shows(block.tree) and solutions):
            solutions.append(Block(program))
    wanted = set().union(*(missing(block.tree) for block in tests if block.tree is not None))
    wanted |= {name for block in tests if block.tree is not None for name, node in defined(block.tree).items() if isinstance(node, ast.ImportFrom) and node.module == "solution"}
    chosen = None
    for i, block in enumerate(solutions):
        has = len(wanted & defined(block.tree).keys()) if block.tree is not None else sum(bool(re.search(rf"\b(?:def|class)\s+{re.escape(name)}\b", block.text)) for name in wanted)
        if chosen is None or has >= chosen[0]:
            chosen = has, i
    return joined(solutions, chosen[1]) if chosen else "", "\n\n".join(block.text for block in tests)
