"""What assay pairs should make of a file of traces, by a program that shares
nothing with it: python3 independent.py TRACES.jsonl OPTIONS, where OPTIONS is
the card's JSON. Prints counts and rows."""

import ast
import hashlib
import json
import math
import re
import sys
import warnings

warnings.simplefilter("ignore")
PRIME = 2**61 - 1


def lines_of(text):
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def common(a, b):
    """Pairs of places of a longest common subsequence. Of several it is the one
    that has what both begin with, then what both end with; between them it matches
    earliest, and a line of a is given up before one of b."""
    head = tail = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    end, stop = len(a) - tail, len(b) - tail
    yield from ((i, i) for i in range(head))
    yield from ((end + i, stop + i) for i in range(tail))
    best = [[0] * (stop + 1) for _ in range(end + 1)]
    for i in reversed(range(head, end)):
        for j in reversed(range(head, stop)):
            best[i][j] = best[i + 1][j + 1] + 1 if a[i] == b[j] else max(best[i + 1][j], best[i][j + 1])
    i = j = head
    while i < end and j < stop:
        if a[i] == b[j]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1


def spans(lines, kept):
    out, at = [], 0
    for number, line in enumerate(lines):
        size = len(line.encode())
        if number not in kept:
            if out and out[-1][1] == at:
                out[-1][1] = at + size
            else:
                out.append([at, at + size])
        at += size
    return out


def differ(rejected, chosen):
    a, b = lines_of(rejected), lines_of(chosen)
    both = list(common(a, b))
    left, right = {i for i, _ in both}, {j for _, j in both}
    return [line for i, line in enumerate(a) if i not in left], spans(a, left), spans(b, right)


def changed(rejected, chosen):
    a, b = lines_of(rejected), lines_of(chosen)
    return len(a) + len(b) - 2 * len(list(common(a, b)))


def fenced(program, ticks):
    return ticks + "python\n" + program + ("" if program.endswith("\n") else "\n") + ticks


def pick(versions, chosen, name, options):
    how = options["rejected"]
    if how == "random":
        digest = hashlib.sha256(f"rejected/{options['seed']}/{name}".encode()).digest()
        return versions[int.from_bytes(digest[:8], "big") % len(versions)]
    if how == "closest":
        fewest = min(changed(v["program"], chosen) for v in versions)
        return [v for v in versions if changed(v["program"], chosen) == fewest][-1]
    return versions[0 if how == "first" else -1]


def tree(program):
    try:
        return ast.dump(ast.parse(program))
    except SyntaxError:
        return None


def permutations():
    for i in range(250):
        digest = hashlib.sha256(f"assay/minhash/1/{i}".encode()).digest()
        yield 1 + int.from_bytes(digest[:8], "big") % (PRIME - 1), int.from_bytes(digest[8:16], "big") % PRIME


PERMUTATIONS = list(permutations())


def bands(*texts):
    hashes = set()
    for text in texts:
        words = re.findall(r"\w+", text)
        for run in [words[i : i + 5] for i in range(max(1, len(words) - 4))]:
            hashes.add(int.from_bytes(hashlib.sha1(" ".join(run).encode()).digest()[:4], "little"))
    least = [min(((a * h + b) % PRIME) & 0xFFFFFFFF for h in hashes) for a, b in PERMUTATIONS]
    return [(i, *least[i : i + 10]) for i in range(0, 250, 10)]


def main(path, options):
    names = ["only_comments", "many_lines", "many_tokens", "equal_trees", "near_duplicates"]
    counts = dict.fromkeys(["traces", "dropped", "failed_held_out", "no_earlier_version", "pairs", "kept", "empty_rejected_spans"] + names, 0)
    rows, seen = [], set()
    for line in open(path, encoding="utf-8"):
        trace = json.loads(line)
        counts["traces"] += 1
        if trace["outcome"] != "passed":
            counts["dropped"] += 1
            continue
        way = [s for s in trace["steps"] if s["chosen"]]
        last = way[-1]
        if last.get("held_out", "pass") != "pass":
            counts["failed_held_out"] += 1
            continue
        versions = [s for s in way if s["iteration"] < last["iteration"] and s["program"] and s["verdict"] not in ("pass", "infra_error")]
        if not versions:
            counts["no_earlier_version"] += 1
            continue
        counts["pairs"] += 1
        name = f"{trace['task_id']}#{trace['sample']}"
        wrong, right = pick(versions, last["program"], name, options), last["program"]
        ticks = "```"
        while ticks in wrong["program"] or ticks in right:
            ticks += "`"
        chosen, rejected = fenced(right, ticks), fenced(wrong["program"], ticks)
        minus, minus_spans, plus_spans = differ(rejected, chosen)
        code = [m for m in minus if m.strip()]
        if code and all(m.strip().startswith("#") for m in code):
            reason = "only_comments"
        elif len(minus) > options["max_lines"]:
            reason = "many_lines"
        elif any(math.ceil(len(p.encode()) / 3) > options["max_tokens"] for p in (right, wrong["program"])):
            reason = "many_tokens"
        elif tree(right) is not None and tree(right) == tree(wrong["program"]):
            reason = "equal_trees"
        else:
            own = bands(wrong["program"], right)
            reason = "near_duplicates" if seen.intersection(own) else None
            if reason is None:
                seen.update(own)
        if reason:
            counts[reason] += 1
            continue
        counts["kept"] += 1
        counts["empty_rejected_spans"] += not minus
        rows.append({"id": name, "chosen": chosen, "rejected": rejected, "chosen_spans": plus_spans, "rejected_spans": minus_spans, "rejected_iteration": wrong["iteration"]})
    json.dump({"counts": counts, "rows": rows}, sys.stdout)


main(sys.argv[1], json.loads(sys.argv[2]))
