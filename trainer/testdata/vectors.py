"""Makes vectors.json: every method by every mask, worked out by hand.

An implementation of its own, with nothing of assay in it: loops over tokens, a
longest common subsequence by recursion, gradients by torch's autograd in
float64. Both the objective in Go and the hooks on TRL's trainer are held to it.

    python vectors.py > vectors.json
"""

import functools
import hashlib
import itertools
import json
import random
import re

import torch

METHODS = {  # w, share of pairs with a mask, answer of the log-likelihood
    "sft": (0, 0, "chosen"),
    "sft-incorrect": (0, 0, "rejected"),
    "dpo": (1, 0, None),
    "rpo": (1, 0, "chosen"),
    "target-dpo": (1, 1, None),
    "target-rpo": (1, 1, "chosen"),
    "hybrid": (1, 0.5, "chosen"),
}
KINDS = ["full", "line", "line+1", "line+2", "token", "affix"]
SEED = 7

TEXTS = [  # prompt, chosen, rejected
    ("add\n", "def f(a, b):\n    return a + b\n", "def f(a, b):\n    return a - b\n"),
    ("twice\n", "x = 1\nx = 1\ny = 2\n", "x = 1\ny = 3\nx = 1\n"),
    ("sätze\n", "s = 'größe'\nprint(s)\n", "s = 'große'\nprint(s, end='')\n"),
    ("crlf\n", "a\nb\nc\n", "a\r\nb\nc"),
    ("indent\n", "if x:\n\tif y:\n\t\tz()\n\tw()\n", "if x:\n    if y:\n\t\tz()\n\t\tw()\n"),
    ("long\n", "".join(f"v{i} = {i}\n" for i in range(9)), "".join(f"v{i} = {i * (1 + i % 4 // 3)}\n" for i in range(9))),
]


def coin(purpose, n, pair):
    return hashlib.sha256(f"{purpose}/{SEED}/{n}/{pair}".encode()).digest()[0] % 2 == 1


def lines(text):
    return [l for l in re.split(rb"(?<=\n)", text) if l]


def words(text):
    return [w.encode() for w in re.findall(r"[ \t]+|\w+|.", text.decode(), re.S)]


def lcs(a, b):
    """Which pieces of a and of b are outside; the earliest match wins."""

    @functools.cache
    def length(i, j):
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + length(i + 1, j + 1)
        return max(length(i + 1, j), length(i, j + 1))

    head = sum(1 for _ in itertools.takewhile(lambda p: p[0] == p[1], zip(a, b)))
    rest = itertools.takewhile(lambda p: p[0] == p[1], zip(a[head:][::-1], b[head:][::-1]))
    tail = sum(1 for _ in rest)
    na, nb = len(a) - tail, len(b) - tail
    a, b = a[:na], b[:nb]
    out_a, out_b, i, j = [], [], head, head
    while i < na or j < nb:
        if i < na and j < nb and a[i] == b[j]:
            i, j = i + 1, j + 1
        elif j == nb or (i < na and length(i + 1, j) >= length(i, j + 1)):
            out_a.append(i)
            i += 1
        else:
            out_b.append(j)
            j += 1
    return out_a, out_b


def spans(pieces, picked):
    """Byte spans of the picked pieces; neighbours are one span."""
    starts = list(itertools.accumulate([len(p) for p in pieces], initial=0))
    out = []
    for i in sorted(picked):
        if out and out[-1][1] == starts[i]:
            out[-1][1] = starts[i + 1]
        else:
            out.append([starts[i], starts[i + 1]])
    return out


def context(picked, total, count, pair):
    """Lines of context: for each run, count lines above or below it."""
    out, n = set(picked), 0
    runs = [[k for _, k in g] for _, g in itertools.groupby(enumerate(sorted(picked)), lambda p: p[1] - p[0])]
    for run in runs:
        low, high = run[0], run[-1]
        for k in range(count):
            below = coin("context", n * count + k, pair)
            if low == 0:
                below = True
            elif high == total - 1:
                below = False
            if below:
                high = min(high + 1, total - 1)
            else:
                low -= 1
        out |= set(range(low, high + 1))
        n += 1
    return out


def masks(kind, rejected, chosen, pair):
    """Spans of the rejected answer and of the chosen one; None is everything."""
    if kind == "full":
        return None, None
    if kind == "affix":
        r, c = words(rejected), words(chosen)
        head = 0
        while head < min(len(r), len(c)) and r[head] == c[head]:
            head += 1
        tail = 0
        while tail < min(len(r), len(c)) - head and r[-1 - tail] == c[-1 - tail]:
            tail += 1
        return spans(r, range(head, len(r) - tail)), spans(c, range(head, len(c) - tail))
    cut = words if kind == "token" else lines
    r, c = cut(rejected), cut(chosen)
    minus, plus = lcs(r, c)
    if "+" in kind:
        count = int(kind[-1])
        minus, plus = context(minus, len(r), count, pair), context(plus, len(c), count, pair)
    return spans(r, minus), spans(c, plus)


def weights(mask, offsets, rule):
    if mask is None:
        return [1] * len(offsets)
    out = []
    for start, end in offsets:
        if rule == "owner":
            hit = start < end and any(a <= start < b for a, b in mask)
        else:
            hit = any(byte in range(a, b) for a, b in mask for byte in range(start, end))
        out.append(int(hit))
    return out


def tokens(text, rng):
    """Tokens of one to five bytes that end where characters end, and one more
    that stands for no text, as the end of a sequence does."""
    ends = [i for i in range(1, len(text) + 1) if i == len(text) or text[i] & 0xC0 != 0x80]
    out, start = [], 0
    while start < len(text):
        end = min((e for e in ends if e >= start + rng.randint(1, 5)), default=len(text))
        out.append([start, end])
        start = end
    return out + [[len(text), len(text)]]


def evaluate(method, beta, alpha, norm, pairs, masked):
    """The loss as the papers write it, one token after the other."""
    w, _, side = METHODS[method]
    leaves = [
        {s: torch.tensor(p[s]["policy"], dtype=torch.float64, requires_grad=True) for s in ("chosen", "rejected")}
        for p in pairs
    ]
    dpo = torch.zeros((), dtype=torch.float64)
    sums, counts, per_pair = torch.zeros((), dtype=torch.float64), 0, torch.zeros((), dtype=torch.float64)
    rewards = {"chosen": [], "rejected": []}
    logps = {"chosen": [], "rejected": []}
    for p, lp, m in zip(pairs, leaves, masked):
        k, sums_of = {}, {}
        for s in ("chosen", "rejected"):
            k[s], sums_of[s] = torch.zeros((), dtype=torch.float64), 0.0
            for t, keep in enumerate(m[s]):
                if keep:
                    k[s] = k[s] + lp[s][t] - p[s]["reference"][t]
                    sums_of[s] += p[s]["policy"][t]
            logps[s].append(sums_of[s])
            rewards[s].append(beta * k[s].item())
        dpo = dpo - torch.nn.functional.logsigmoid(beta * (k["chosen"] - k["rejected"]))
        if side:
            of_pair = 0.0
            for t in range(len(lp[side])):
                of_pair = of_pair - lp[side][t]
                counts += 1
            sums = sums + of_pair
            per_pair = per_pair + of_pair / len(lp[side])
    n = len(pairs)
    dpo = dpo / n
    loss = torch.zeros((), dtype=torch.float64)
    metrics = {f"logps/{s}": sum(logps[s]) / n for s in ("chosen", "rejected")}
    if side:
        nll = sums / counts if norm == "batch" else per_pair / n
        loss = loss + alpha * nll
        metrics["nll_loss"] = nll.item()
    if w:
        loss = loss + dpo
        metrics["dpo_loss"] = dpo.item()
        for s in ("chosen", "rejected"):
            metrics[f"rewards/{s}"] = sum(rewards[s]) / n
        margins = [c - r for c, r in zip(rewards["chosen"], rewards["rejected"])]
        metrics["rewards/margins"] = sum(margins) / n
        metrics["rewards/accuracies"] = sum(m > 0 for m in margins) / n
    metrics["loss"] = loss.item()
    loss.backward()
    gradient = [{s: (lp[s].grad if lp[s].grad is not None else torch.zeros_like(lp[s])).tolist() for s in lp} for lp in leaves]
    return metrics, gradient


def main():
    rng = random.Random(20250303)
    pairs = []
    for i, (prompt, chosen, rejected) in enumerate(TEXTS):
        pair = {"id": f"vector/{i}", "prompt": prompt}
        for side, text in (("chosen", chosen), ("rejected", rejected)):
            offsets = tokens(text.encode(), rng)
            pair[side] = {
                "text": text,
                "offsets": offsets,
                "policy": [round(-rng.expovariate(0.7), 4) for _ in offsets],
                "reference": [round(-rng.expovariate(0.7), 4) for _ in offsets],
            }
        pairs.append(pair)
    cases = []
    for method, (_, share, _) in METHODS.items():
        for kind, symmetric, rule, norm in itertools.product(KINDS, (False, True), ("overlap", "owner"), ("batch", "sequence")):
            if share == 0 and (kind, symmetric, rule) != ("full", False, "overlap"):
                continue
            if kind == "full" and (symmetric or rule == "owner"):
                continue
            if norm == "sequence" and (rule == "owner" or symmetric):
                continue
            beta, alpha = rng.choice([0.1, 0.25, 1.0]), rng.choice([0.2, 1.0])
            picked, masked = [], []
            for p in pairs:
                hit = share == 1 or share == 0.5 and coin("hybrid", 0, p["id"])
                minus, plus = masks(kind, p["rejected"]["text"].encode(), p["chosen"]["text"].encode(), p["id"])
                m = {"rejected": minus if hit else None, "chosen": plus if hit and symmetric else None}
                picked.append(m)
                masked.append({s: weights(m[s], p[s]["offsets"], rule) for s in m})
            metrics, gradient = evaluate(method, beta, alpha, norm, pairs, masked)
            cases.append({
                "method": method, "mask": kind, "symmetric": symmetric, "rule": rule, "norm": norm,
                "beta": beta, "alpha": alpha,
                "spans": [{s: "all" if m[s] is None else m[s] for s in m} for m in picked],
                "weights": masked, "metrics": metrics, "gradient": gradient,
            })
    print(json.dumps({"version": 1, "seed": SEED, "pairs": pairs, "cases": cases}, ensure_ascii=False))


main()
