"""Makes fixture.json: losses and gradients of two small models, by torch in
float64.

The model is written by hand, for transformers' own norms and softmaxes go through
float32; it is held to LlamaForCausalLM before anything is written.

    python fixture.py > fixture.json
"""

import json

import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.set_default_dtype(torch.float64)


def model(c, w, ids):
    n, d = len(ids), c["head_dim"]
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        at = lambda name: w[f"model.layers.{i}.{name}.weight"]
        y = norm(x, at("input_layernorm"), c)
        q, k, v = ((y @ at(f"self_attn.{p}_proj").T).view(n, -1, d).transpose(0, 1) for p in "qkv")
        q, k = turn(q, c), turn(k, c)
        groups = q.shape[0] // k.shape[0]
        k, v = k.repeat_interleave(groups, 0), v.repeat_interleave(groups, 0)
        scores = q @ k.transpose(1, 2) / d**0.5 + torch.full((n, n), -torch.inf).triu(1)
        x = x + (scores.softmax(-1) @ v).transpose(0, 1).reshape(n, -1) @ at("self_attn.o_proj").T
        y = norm(x, at("post_attention_layernorm"), c)
        x = x + (torch.nn.functional.silu(y @ at("mlp.gate_proj").T) * (y @ at("mlp.up_proj").T)) @ at("mlp.down_proj").T
    head = w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"]
    return norm(x, w["model.norm.weight"], c) @ head.T


def norm(x, w, c):
    return x * (x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"]).rsqrt() * w


def turn(x, c):
    half = c["head_dim"] // 2
    angle = torch.arange(x.shape[1])[:, None] * c["rope_parameters"]["rope_theta"] ** (-torch.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)


def weights(c, shapes, seed):
    g = torch.Generator().manual_seed(seed)
    return {n: (torch.randn(s, generator=g) * 0.4 + (len(s) == 1)).round(decimals=3).requires_grad_() for n, s in shapes.items()}


def log_probs(c, w, prompt, answer):
    lp = model(c, w, prompt + answer).log_softmax(-1)
    at = torch.arange(len(prompt) - 1, len(prompt) + len(answer) - 1)
    return lp[at, torch.tensor(answer)]


def loss(case, c, w):
    """Target-RPO and SFT, one pair after the other."""
    total, nll, tokens = 0.0, 0.0, 0
    for p in case["pairs"]:
        chosen, rejected = (log_probs(c, w, p["prompt"], p[s]["ids"]) for s in ("chosen", "rejected"))
        nll, tokens = nll - chosen.sum(), tokens + len(chosen)
        margin = 0.0
        for lp, s, sign in ((chosen, "chosen", 1), (rejected, "rejected", -1)):
            k = (lp - torch.tensor(p[s]["reference"])) * torch.tensor(p[s]["mask"])
            margin = margin + sign * k.sum()
        total = total - torch.nn.functional.logsigmoid(case["beta"] * margin) / len(case["pairs"])
    return (total if case["method"] == "target-rpo" else 0.0) + case["alpha"] * nll / tokens


def trajectory(case, c, w, rate=0.01, steps=6):
    """Losses over some steps of AdamW, gradients clipped."""
    optimizer = torch.optim.AdamW([{"params": [p for p in w.values() if p.dim() > 1], "weight_decay": 0.1}, {"params": [p for p in w.values() if p.dim() == 1], "weight_decay": 0.0}], lr=rate)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        out = loss(case, c, w)
        out.backward()
        torch.nn.utils.clip_grad_norm_(list(w.values()), 1.0)
        optimizer.step()
        losses.append(out.item())
    return losses


def answer(g, vocab, n, masked):
    ids = torch.randint(vocab, (n,), generator=g).tolist()
    mask = [1] * n if masked is None else [int(i in masked) for i in range(n)]
    return {"ids": ids, "mask": mask, "reference": (-3 * torch.rand(n, generator=g)).round(decimals=3).tolist()}


def make(method, tied, seed):
    c = dict(vocab_size=13, hidden_size=8, intermediate_size=10, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=6,
             max_position_embeddings=32, rms_norm_eps=1e-3, tie_word_embeddings=tied, rope_parameters={"rope_type": "default", "rope_theta": 50.0}, eos_token_id=0, hidden_act="silu")
    llama = LlamaForCausalLM(LlamaConfig(**c, bos_token_id=None)).double()
    w = weights(c, {n: list(p.shape) for n, p in llama.named_parameters()}, seed)
    llama.load_state_dict(w, strict=not tied)
    g = torch.Generator().manual_seed(seed + 1)
    pairs = []
    for prompt, chosen, rejected, masked in ((3, 5, 4, {1, 2}), (1, 2, 6, {0, 5}), (4, 3, 3, {2})):
        ids = torch.randint(c["vocab_size"], (prompt,), generator=g).tolist()
        pairs.append({"prompt": ids, "chosen": answer(g, c["vocab_size"], chosen, None), "rejected": answer(g, c["vocab_size"], rejected, masked)})
    case = dict(method=method, beta=0.3, alpha=0.7, config={"model_type": "llama", **c}, pairs=pairs)
    ids = pairs[0]["prompt"] + pairs[0]["chosen"]["ids"]
    logits = model(c, w, torch.tensor(ids))
    assert (llama(torch.tensor([ids])).logits[0] - logits).abs().max() < 1e-5, "not what transformers computes"
    out = loss(case, c, w)
    out.backward()
    short = lambda t: [float(f"{x:.12g}") for x in t.flatten().tolist()]
    gradients = {n: short(p.grad) for n, p in w.items()}
    start = {n: p.detach().flatten().tolist() for n, p in w.items()}
    return case | {
        "loss": out.item(),
        "logits": short(logits.detach()),
        "weights": start,
        "gradients": gradients,
        "trajectory": trajectory(case, c, w),
    }


if __name__ == "__main__":
    print(json.dumps([make("target-rpo", True, 1), make("sft", False, 3)], separators=(",", ":")))
