"""A trainer of the smallest model there is: which byte follows which.

The objective is the one of all trainers, L = w·mean softplus(−β(M·lp − c)) − α·(s·lp),
and its gradient is written out. A model is a folder with bigram.json in it, an
object of rows: scores of the 256 bytes that may follow a byte. {} is a model that
knows nothing.
"""

import json
import math
import os

from assay_plugin import Stopped, trainer

FILE = "bigram.json"


def load(folder):
    with open(os.path.join(folder, FILE), encoding="utf-8") as f:
        return {int(byte): row for byte, row in json.load(f).items()}


def save(model, folder):
    with open(os.path.join(folder, FILE), "w", encoding="utf-8") as f:
        json.dump({str(byte): row for byte, row in sorted(model.items())}, f)


def log_probs(row):
    most = max(row)
    total = most + math.log(sum(math.exp(x - most) for x in row))
    return [x - total for x in row]


def tokens(pair, side):
    """The answer's bytes, each with the byte before it, and whether it is in the mask."""
    before, answer, spans = pair["prompt"].encode()[-1:], pair[side].encode(), pair[side + "_spans"]
    masked = (lambda i: True) if spans == "all" else (lambda i: any(a <= i < b for a, b in spans))
    return [(a, b, masked(i)) for i, (a, b) in enumerate(zip(before + answer, answer))]


def learn(model, reference, pairs, m, rate):
    """Figures of the pairs; with a rate, a step down the gradient."""
    rows, first = {}, {}

    def lp(a, b):
        if a not in rows:
            rows[a] = log_probs(model.get(a, [0.0] * 256))
            first[a] = log_probs(reference.get(a, [0.0] * 256))
        return rows[a][b]

    side = m["nll"]
    liked = [tokens(p, side) for p in pairs] if side != "none" else []
    count = sum(map(len, liked))
    loss, margins, pull = 0.0, [], {}  # pull: the loss's slope along each log-probability

    def add(a, b, slope):
        pull[a, b] = pull.get((a, b), 0.0) + slope

    for p in pairs if m["preference"] else []:
        weighed = [(a, b, sign) for name, sign in (("chosen", 1), ("rejected", -1)) for a, b, masked in tokens(p, name) if masked]
        margin = sum(sign * (lp(a, b) - first[a][b]) for a, b, sign in weighed)
        margins.append(m["beta"] * margin)
        loss += math.log1p(math.exp(-abs(margins[-1]))) / len(pairs) + max(0.0, -margins[-1]) / len(pairs)
        slope = -m["beta"] / (1 + math.exp(min(margins[-1], 700))) / len(pairs)
        for a, b, sign in weighed:
            add(a, b, slope * sign)
    for answer in liked:
        share = 1 / count if m["norm"] == "batch" else 1 / (len(liked) * len(answer))
        for a, b, _ in answer:
            loss -= m["alpha"] * share * lp(a, b)
            add(a, b, -m["alpha"] * share)
    if rate:
        down(model, rows, pull, rate)
    figures = {"loss": loss}
    if margins:
        figures["rewards/accuracies"] = sum(x > 0 for x in margins) / len(margins)
        figures["rewards/margins"] = sum(margins) / len(margins)
    return figures


def down(model, rows, pull, rate):
    for a in rows:
        slopes = [pull.get((a, b), 0.0) for b in range(256)]
        total = sum(slopes)
        row = model.setdefault(a, [0.0] * 256)
        for b in range(256):
            row[b] -= rate * (slopes[b] - total * math.exp(rows[a][b]))


@trainer(bigram="0.1.0")
def train(run):
    c, m, pairs = run.config, run.manifest, run.pairs()
    model, reference = load(c["model"]), load(c["model"])
    held = round(len(pairs) * c["held_out"])
    learned, held = pairs[: len(pairs) - held], pairs[len(pairs) - held :]
    size = min(c["batch_size"], len(learned))
    steps = c["max_steps"] if c["max_steps"] > 0 else math.ceil(c["epochs"] * len(learned) / size)
    at, kept = run.resume()
    if kept:
        model = load(kept)
    run.tell("start", device="cpu", precision="float64", pairs=len(learned), held_out=len(held), resumed_from=os.path.basename(kept or ""))
    for step in range(at + 1, steps + 1):
        batch = [learned[(step * size + i) % len(learned)] for i in range(size)]
        run.step(step, steps, **learn(model, reference, batch, m, c["learning_rate"]))
        if step == steps or step % c["save_steps"] == 0 or run.stop.is_set():
            with run.checkpoint(step) as folder:
                save(model, folder)
        if run.stop.is_set() and step < steps:
            raise Stopped
    if held:
        run.evaluation(steps, **learn(model, reference, held, m, 0))
    with run.model() as folder:
        save(model, folder)
    rejected = [masked for p in learned for _, _, masked in tokens(p, "rejected")]
    run.finish(
        step=steps, pairs=len(learned), held_out=len(held), too_long=0, versions=train.check(),
        tokens=sum(len(tokens(p, side)) for p in learned for side in ("chosen", "rejected")),
        rejected_tokens=len(rejected), rejected_in_mask=sum(rejected),
    )  # fmt: skip


if __name__ == "__main__":
    train.serve()
