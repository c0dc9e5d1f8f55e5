"""Makes fixture.json: weights over some steps by torch's AdamW, clipping and
transformers' schedules, in float64.

    python fixture.py > fixture.json
"""

import json

import torch
from transformers import get_scheduler

torch.set_default_dtype(torch.float64)


def run(kind, decay, most, rate=0.05, steps=7, warmup=2):
    g = torch.Generator().manual_seed(3)
    start = [torch.randn(n, generator=g).round(decimals=3) for n in (4, 3)]
    weights = [w.clone().requires_grad_() for w in start]
    optimizer = torch.optim.AdamW([{"params": [weights[0]], "weight_decay": decay}, {"params": [weights[1]], "weight_decay": 0.0}], lr=rate)
    schedule = get_scheduler(kind, optimizer, warmup, steps)
    out = {"kind": kind, "decay": decay, "clip": most, "rate": rate, "steps": steps, "warmup": warmup, "start": [w.tolist() for w in start], "gradients": [], "norms": [], "weights": []}
    for _ in range(steps):
        gradients = [torch.randn(w.shape, generator=g).round(decimals=3) for w in weights]
        out["gradients"].append([x.tolist() for x in gradients])
        for w, x in zip(weights, gradients):
            w.grad = x.clone()
        out["norms"].append(torch.nn.utils.clip_grad_norm_(weights, most).item())
        optimizer.step()
        schedule.step()
        out["weights"].append([w.tolist() for w in weights])
    return out


print(json.dumps([run("cosine", 0.1, 1.0), run("linear", 0.0, 100.0), run("constant_with_warmup", 0.01, 2.0)], separators=(",", ":")))
