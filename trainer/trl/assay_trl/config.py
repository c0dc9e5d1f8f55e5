"""config.json: how a run trains. What it trains is in the manifest."""

import dataclasses
import json
import os

from .errors import RunError
from .rundir import CONFIG

# Settings of TRL that would change the loss or cut rows behind our back.
REFUSED = {
    "ld_alpha": "it reweights tokens by position, under a mask that has none",
    "use_weighting": "it weighs pairs by probabilities of tokens outside of the mask",
    "loss_type": "the manifest's method decides the loss",
    "loss_weights": "the manifest's method decides the loss",
    "label_smoothing": "the objective has none",
    "f_divergence_type": "the objective is DPO's reverse KL",
    "f_alpha_divergence_coef": "the objective is DPO's reverse KL",
    "discopop_tau": "the objective has none",
    "sync_ref_model": "the reference stays as it was",
    "padding_free": "TRL 1.16 ignores it",
    "truncation_mode": "rows are never cut",
    "disable_dropout": "with dropout the policy would differ from the reference at the start",
    "use_liger_kernel": "it replaces the forward that carries the mask",
    "router_aux_loss_coef": "mixtures of experts were not proven",
}


@dataclasses.dataclass(frozen=True)
class Lora:
    r: int = 16
    alpha: int = 32
    targets: str | list = "all-linear"


@dataclasses.dataclass(frozen=True)
class Config:
    """The paper's numbers are the defaults."""

    model: str = ""  # a folder, a .gguf file, or a name in the local cache
    template: str = "none"  # none: prompt and answer as they are; chat: the tokenizer's chat template
    lora: Lora | None = None  # None: every weight is trained
    reference: str = "live"  # live: a second forward at each step; precomputed: one pass before
    learning_rate: float = 1e-5
    batch_size: int = 128  # pairs of a step, over all devices
    micro_batch_size: int = 4  # pairs of one forward on one device
    epochs: float = 2.0
    max_steps: int = -1  # -1: as many as the epochs have
    warmup: float = 0.03  # share of the steps
    scheduler: str = "cosine"
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    max_prompt_length: int = 1024  # tokens; longer rows are left out and counted
    max_length: int = 2048
    held_out: float = 0.05  # share of the pairs that is only evaluated
    precision: str = "auto"  # bfloat16 where a GPU has it, else float32
    attention: str = "auto"  # flash_attention_2 where it is installed, else sdpa
    gradient_checkpointing: bool = True
    seed: int = 0
    logging_steps: int = 1
    save_steps: int = 100
    eval_steps: int = 100
    keep_checkpoints: int = 2
    trl: dict = dataclasses.field(default_factory=dict)  # further settings of DPOConfig


CHOICES = {
    "template": ("none", "chat"),
    "reference": ("live", "precomputed"),
    "precision": ("auto", "bfloat16", "float32"),
    "attention": ("auto", "sdpa", "eager", "flash_attention_2"),
}
POSITIVE = ("learning_rate", "batch_size", "micro_batch_size", "epochs", "max_prompt_length", "max_length", "logging_steps", "save_steps", "eval_steps", "keep_checkpoints", "max_grad_norm")


def read_config(rundir):
    path = os.path.join(rundir, CONFIG)
    try:
        with open(path, encoding="utf-8") as f:
            return parse(json.load(f))
    except OSError as err:
        raise RunError(f"{path}: {err.strerror}") from err
    except ValueError as err:
        raise RunError(f"{CONFIG}: {err}") from err


def parse(settings):
    known = {f.name: f for f in dataclasses.fields(Config)}
    for name in settings:
        if name not in known:
            raise RunError(f"{CONFIG}: there is no setting {name!r}; there are {', '.join(known)}")
    settings = dict(settings)
    if settings.get("lora") is not None:
        try:
            settings["lora"] = Lora(**settings["lora"])
        except TypeError as err:
            raise RunError(f"{CONFIG}: lora: {err}; it has r, alpha and targets") from err
    config = Config(**settings)
    _check(config, known)
    return config


def _check(config, known):
    for name, field in known.items():
        value, want = getattr(config, name), field.type
        if want in (int, float) and (isinstance(value, bool) or not isinstance(value, (int, want))):
            raise RunError(f"{CONFIG}: {name} is {value!r}, not a number")
    if not config.model:
        raise RunError(f"{CONFIG}: model is missing: name a folder with a model, or a .gguf file")
    for name, choices in CHOICES.items():
        if getattr(config, name) not in choices:
            raise RunError(f"{CONFIG}: {name} is {getattr(config, name)!r}; there are {', '.join(choices)}")
    for name in POSITIVE:
        if not getattr(config, name) > 0:
            raise RunError(f"{CONFIG}: {name} is {getattr(config, name)}; it must be above 0")
    for name in ("warmup", "held_out"):
        if not 0 <= getattr(config, name) < 1:
            raise RunError(f"{CONFIG}: {name} is {getattr(config, name)}; it must be from 0 to below 1")
    for name, value in config.trl.items():
        if name in REFUSED:
            raise RunError(f"{CONFIG}: trl.{name} is refused: {REFUSED[name]}")
        if name in OWNED:
            raise RunError(f"{CONFIG}: trl.{name} is refused: it is set from {OWNED[name]}")


# Settings of DPOConfig that we derive, and from what.
OWNED = {
    "beta": "the manifest's beta",
    "output_dir": "the run directory",
    "precompute_ref_log_probs": "reference",
    "max_length": "max_length, beyond which rows are left out and not cut",
    "learning_rate": "learning_rate",
    "per_device_train_batch_size": "micro_batch_size",
    "per_device_eval_batch_size": "micro_batch_size",
    "gradient_accumulation_steps": "batch_size and micro_batch_size",
    "num_train_epochs": "epochs",
    "max_steps": "max_steps",
    "warmup_steps": "warmup",
    "lr_scheduler_type": "scheduler",
    "weight_decay": "weight_decay",
    "max_grad_norm": "max_grad_norm",
    "bf16": "precision",
    "fp16": "precision",
    "gradient_checkpointing": "gradient_checkpointing",
    "seed": "seed",
    "data_seed": "seed",
    "logging_steps": "logging_steps",
    "save_steps": "save_steps",
    "save_strategy": "save_steps",
    "save_total_limit": "keep_checkpoints",
    "eval_steps": "eval_steps",
    "eval_strategy": "held_out",
    "resume_from_checkpoint": "what the run directory holds",
    "remove_unused_columns": "the columns of a row",
    "model_init_kwargs": "model, precision and attention",
    "report_to": "events.jsonl and metrics.jsonl",
    "push_to_hub": "nothing: nothing is sent anywhere",
}
