"""TRL with the hooks = a loop by hand = the vectors that the Go code is held to."""

import collections
import copy
import itertools
import json
import os

import pytest
import tiny
import torch
from datasets import Dataset
from peft import LoraConfig
from trl import DPOConfig, DPOTrainer
from trl.trainer.utils import FusedCausalLMOutput

from assay_trl.config import REFUSED, parse
from assay_trl.errors import RunError
from assay_trl.objective import TargetTrainer
from assay_trl.rundir import Manifest, Pair
from assay_trl.tokens import Encoder, weights

with open(os.path.join(tiny.TESTDATA, "vectors.json"), encoding="utf-8") as f:
    VECTORS = json.load(f)

METHODS = {  # preference, pairs with a mask, answer of the likelihood
    "sft": (False, "chosen"),
    "sft-incorrect": (False, "rejected"),
    "dpo": (True, "none"),
    "rpo": (True, "chosen"),
    "target-dpo": (True, "none"),
    "target-rpo": (True, "chosen"),
    "hybrid": (True, "chosen"),
}


def manifest(method, beta=0.3, alpha=0.7, norm="batch"):
    preference, nll = METHODS[method]
    return Manifest(method, preference, nll, norm, beta, alpha if nll != "none" else 0.0, "overlap", "", "")


def make(tmp_path, manifest, rows, peft=False, precomputed=False, device="cpu", **settings):
    """A trainer with a policy that has left its reference."""
    tok = tiny.tokenizer()
    policy = tiny.model(len(tok)).to(device)
    reference = copy.deepcopy(policy) if not peft and not precomputed else None
    args = DPOConfig(
        output_dir=str(tmp_path), beta=manifest.beta, precompute_ref_log_probs=precomputed or not manifest.preference, max_length=None,
        per_device_train_batch_size=len(rows), report_to=[], disable_tqdm=True, use_cpu=device == "cpu", **{"bf16": False, "gradient_checkpointing": False, **settings},
    )
    trainer = TargetTrainer(
        manifest, tok.pad_token_id, check_start=False, identity={}, model=policy, ref_model=reference, args=args,
        train_dataset=Dataset.from_list(rows), processing_class=tok,
        peft_config=LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM") if peft else None,
    )
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in trainer.model.parameters():
            if p.requires_grad:
                p.add_(0.05 * torch.randn(p.shape, generator=generator).to(p))
    return trainer


def one_batch(trainer):
    columns = trainer.train_dataset.column_names
    batch = trainer.data_collator([dict(zip(columns, row)) for row in zip(*(trainer.train_dataset[c] for c in columns))])
    return {k: v.to(trainer.model.device) for k, v in batch.items()}


# --- the vectors ---


class Table(torch.nn.Module):
    """A model that gives the log-probabilities it is told to."""

    def __init__(self, log_probs):
        super().__init__()
        self.log_probs = torch.nn.Parameter(log_probs)

    def forward(self, input_ids, attention_mask, labels, fused_lm_head, use_cache=None):
        log_probs = self.log_probs.masked_fill(labels[:, 1:] == -100, 0.0)
        zeros = torch.zeros_like(log_probs)
        return FusedCausalLMOutput(log_probs=log_probs, entropy=zeros, mean_logits=zeros, is_top1=zeros.bool())


def table(pairs, name, width):
    """Log-probabilities behind a prompt of one token, as TRL lays out a batch."""
    out = torch.full((2 * len(pairs), width), -1.0, dtype=torch.float64)
    for row, (side, pair) in enumerate((side, pair) for side in ("chosen", "rejected") for pair in pairs):
        values = pair[side][name]
        out[row, : len(values)] = torch.tensor(values, dtype=torch.float64)
    return out


@pytest.fixture(scope="module")
def trainers(tmp_path_factory):
    """A trainer for each pair of live or precomputed; the vectors bring their own
    manifest, batch and models."""
    rows = [{"prompt_ids": [1], "chosen_ids": [2], "rejected_ids": [3], "chosen_weights": [1], "rejected_weights": [1]}]
    return {p: make(tmp_path_factory.mktemp("t"), manifest("rpo"), rows, precomputed=p) for p in (False, True)}


@pytest.mark.parametrize("precomputed", [False, True])
@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda c: "/".join(str(c[k]) for k in ("method", "mask", "symmetric", "rule", "norm")))
def test_vectors(case, precomputed, trainers):
    pairs, trainer = VECTORS["pairs"], trainers[precomputed]
    rows = []
    for pair, spans, want in zip(pairs, case["spans"], case["weights"]):
        row = {"prompt_ids": [1]}
        for side in ("chosen", "rejected"):
            row[f"{side}_ids"] = list(range(len(pair[side]["offsets"])))
            row[f"{side}_weights"] = weights(None if spans[side] == "all" else spans[side], pair[side]["offsets"], case["rule"])
            assert row[f"{side}_weights"] == want[side]
        rows.append(row)
    trainer.manifest = manifest(case["method"], case["beta"], case["alpha"], case["norm"])
    trainer.beta = case["beta"]
    batch = trainer.data_collator(rows)
    width = batch["input_ids"].size(1) - 1
    policy, reference = Table(table(pairs, "policy", width)), Table(table(pairs, "reference", width))
    for model in (policy, reference):
        trainer.weighting._hooked.discard(id(model))  # ids are used again
        trainer.weighting.attach(model)
    if precomputed:
        batch["ref_chosen_logps"], batch["ref_rejected_logps"] = trainer.compute_ref_log_probs(reference, batch)
    else:
        trainer.ref_model = reference
    trainer._metrics["train"].clear()
    trainer.model.train()
    trainer._compute_loss(policy, batch, False).backward()
    got = {name: values[0] for name, values in trainer._metrics["train"].items()}
    for name, value in case["metrics"].items():
        assert got[name] == pytest.approx(value, rel=1e-6, abs=1e-6), name
    assert ("rewards/margins" in got) == ("rewards/margins" in case["metrics"])
    gradient = torch.zeros_like(policy.log_probs)
    for i, of_pair in enumerate(case["gradient"]):
        gradient[i, : len(of_pair["chosen"])] = torch.tensor(of_pair["chosen"])
        gradient[len(pairs) + i, : len(of_pair["rejected"])] = torch.tensor(of_pair["rejected"])
    assert torch.allclose(policy.log_probs.grad, gradient, rtol=1e-6, atol=1e-7)


# --- a real model ---


def rows_of(symmetric):
    generator = torch.Generator().manual_seed(3)
    out = []
    for _ in range(3):
        row = {"prompt_ids": torch.randint(1, 300, (4,), generator=generator).tolist()}
        for side in ("chosen", "rejected"):
            length = int(torch.randint(3, 12, (), generator=generator))
            row[f"{side}_ids"] = torch.randint(0, 300, (length,), generator=generator).tolist()
            masked = symmetric if side == "chosen" else symmetric is not None
            bits = torch.randint(0, 2, (length,), generator=generator).tolist()
            row[f"{side}_weights"] = [1] + bits[1:] if masked else [1] * length
        out.append(row)
    out[0]["chosen_ids"][0] = 0  # token 0 is a token: no index is ignored
    return out


def by_hand(policy, reference, rows, manifest):
    """The loss, one sequence after the other, without padding."""

    def log_probs(model, row, side):
        ids = torch.tensor([row["prompt_ids"] + row[f"{side}_ids"]], device=next(model.parameters()).device)
        table = model(ids).logits.double().log_softmax(-1)
        start = len(row["prompt_ids"])
        return [table[0, start + i - 1, token] for i, token in enumerate(row[f"{side}_ids"])]

    loss, total, tokens = 0.0, 0.0, 0
    for row in rows:
        lp = {s: log_probs(policy, row, s) for s in ("chosen", "rejected")}
        if manifest.preference:
            with torch.no_grad():
                ref = {s: log_probs(reference, row, s) for s in lp}
            k = {s: sum(p - r for p, r, w in zip(lp[s], ref[s], row[f"{s}_weights"]) if w) for s in lp}
            loss = loss - torch.nn.functional.logsigmoid(manifest.beta * (k["chosen"] - k["rejected"])) / len(rows)
        if manifest.nll != "none":
            total, tokens = total - sum(lp[manifest.nll]), tokens + len(lp[manifest.nll])
    return loss + (manifest.alpha * total / tokens if tokens else 0.0)


def agree(trainer, rows, loss_tolerance=1e-5, gradient_tolerance=1e-4):
    """Loss and every gradient of the trainer and of the loop."""
    reference = tiny.model(len(trainer.processing_class)).to(trainer.model.device)
    trainer.model.train()
    with trainer.compute_loss_context_manager():
        got = trainer._compute_loss(trainer.model, one_batch(trainer), False)
    got.backward()
    trained = {n: p for n, p in trainer.model.named_parameters() if p.requires_grad}
    gradients = {n: p.grad.clone() for n, p in trained.items()}
    trainer.model.zero_grad()
    want = by_hand(trainer.model, reference, rows, trainer.manifest)
    want.backward()
    assert got.item() == pytest.approx(want.item(), abs=loss_tolerance)
    for name, p in trained.items():
        worst = (gradients[name] - p.grad).abs().max().item()
        assert worst <= gradient_tolerance, f"{name}: {worst}"


MASKS = {"sft": [None], "sft-incorrect": [None], "dpo": [None], "rpo": [None]}
CASES = [(m, s) for m in METHODS for s in MASKS.get(m, [False, True])]


@pytest.mark.parametrize("method, symmetric", CASES)
@pytest.mark.parametrize("peft, precomputed", itertools.product((False, True), repeat=2))
def test_loop(tmp_path, method, symmetric, peft, precomputed):
    rows = rows_of(symmetric)
    agree(make(tmp_path, manifest(method), rows, peft, precomputed), rows)


def test_gradient_checkpointing_changes_nothing(tmp_path):
    rows = rows_of(True)
    trainer = make(tmp_path, manifest("target-rpo"), rows, gradient_checkpointing=True)
    trainer.model.gradient_checkpointing_enable()
    agree(trainer, rows)


def test_rpo_is_trls_own(tmp_path):
    """With a mask of everything, nothing of ours shows."""
    rows = rows_of(None)
    ours = make(tmp_path, manifest("rpo"), rows)
    theirs = copy.copy(ours)
    theirs.loss_types, theirs.loss_weights = ["sigmoid", "sft"], [1.0, 0.7]
    theirs._metrics = {"train": collections.defaultdict(list)}
    batch = one_batch(ours)
    want = DPOTrainer._compute_loss(theirs, theirs.model, dict(batch), False)
    assert ours._compute_loss(ours.model, batch, False).item() == pytest.approx(want.item(), abs=1e-6)


def test_ids_and_rows_are_trls_own(tmp_path):
    """Our tokenizing, which keeps offsets, gives what TRL's gives."""
    trainer = make(tmp_path, manifest("rpo"), rows_of(None))
    pairs = tiny.pairs(8)
    texts = Dataset.from_list([{k: p[k] for k in ("prompt", "chosen", "rejected")} for p in pairs])
    theirs = DPOTrainer._prepare_dataset(trainer, texts, trainer.processing_class, trainer.args, "train")
    encoder = Encoder(trainer.processing_class, "overlap")
    for pair, want in zip(pairs, theirs):
        got = encoder.row(Pair(pair["id"], pair["prompt"], pair["chosen"], pair["rejected"], None, None))
        assert (got.prompt_ids, got.chosen_ids, got.rejected_ids) == (want["prompt_ids"], want["chosen_ids"], want["rejected_ids"])


def test_a_batch_without_weights_is_refused(tmp_path):
    trainer = make(tmp_path, manifest("target-rpo"), rows_of(True))
    batch = one_batch(trainer)
    del batch["token_weights"]
    with pytest.raises(RunError, match="without token weights"):
        trainer._compute_loss(trainer.model, batch, False)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    with pytest.raises(RunError, match=f"trl.{name} is refused"):
        parse({"model": "m", "trl": {name: 1}})
