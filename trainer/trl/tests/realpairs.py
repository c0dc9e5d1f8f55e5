"""Preference pairs of real programs, without a network: functions of Python's
own library, and the same with one operator or constant wrong."""

import ast
import hashlib
import pathlib
import random
import sysconfig

SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Mult: ast.Add}


def pairs(count, low=8, high=50):
    """Pairs of functions of low to high lines, the same ones for a version of
    Python, in an order that mixes files."""
    out, seen = [], set()
    for path in sorted(pathlib.Path(sysconfig.get_path("stdlib")).glob("*.py")):
        if len(out) >= count:
            break
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (row := _pair(f"{path.stem}.{node.name}", node, low, high)) and row["id"] not in seen:
                seen.add(row["id"])
                out.append(row)
    out.sort(key=lambda r: hashlib.sha256(r["id"].encode()).digest())
    if len(out) < count:
        raise ValueError(f"Python's library gave {len(out)} pairs of the {count} asked for")
    return out[:count]


def _pair(name, node, low, high):
    good = ast.unparse(node).splitlines(keepends=True)
    if not low <= len(good) <= high:
        return None
    bad = ast.unparse(_mutate(node, random.Random(name))).splitlines(keepends=True)
    wrong = [i for i, (a, b) in enumerate(zip(good, bad)) if a != b]
    if len(bad) != len(good) or len(wrong) != 1:
        return None
    fence = "```python\n"
    start = len((fence + "".join(bad[: wrong[0]])).encode())
    return {
        "version": 1, "id": name, "prompt": f"Write the function `{node.name}` in Python.\n",
        "chosen": fence + "".join(good) + "\n```\n", "rejected": fence + "".join(bad) + "\n```\n",
        "chosen_spans": "all", "rejected_spans": [[start, start + len(bad[wrong[0]].encode())]],
    }


def _mutate(node, rng):
    node = ast.parse(ast.unparse(node)).body[0]
    places = []
    for n in ast.walk(node):
        if isinstance(n, (ast.BinOp, ast.BoolOp)) and type(n.op) in SWAPS:
            places.append((n, "op", SWAPS[type(n.op)]()))
        elif isinstance(n, ast.Compare) and type(n.ops[0]) in SWAPS:
            places.append((n, "ops", [SWAPS[type(n.ops[0])](), *n.ops[1:]]))
        elif isinstance(n, ast.Constant) and type(n.value) is int:
            places.append((n, "value", n.value + 1))
    if places:
        target, field, value = rng.choice(places)
        setattr(target, field, value)
    return node
