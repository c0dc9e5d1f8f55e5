"""One run: from a run directory to a checkpoint."""

import dataclasses
import hashlib
import json
import os
import shutil

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import PrinterCallback, ProgressCallback
from transformers.trainer_utils import get_last_checkpoint
from trl import DPOConfig

from . import load, versions
from .config import read_config
from .errors import RunError
from .events import RESULT, Events, Reporter, write_whole
from .objective import IDENTITY, PARTIAL, TargetTrainer, count_weights, publish
from .rundir import CONFIG, read_manifest, read_pairs
from .tokens import Encoder

CHECKPOINTS, CHECKPOINT = "checkpoints", "checkpoint"


def train(rundir, listen=None, stop=None, other_versions=False):
    """Trains what rundir describes, from its last checkpoint if it has one, and
    returns its result. Each event is passed to listen as it is told. When stop
    (a threading.Event) is set, the run saves a checkpoint after the step and ends.
    """
    events = Events(rundir, listen, tells=int(os.environ.get("RANK", "0")) == 0)
    try:
        return _train(rundir, events, stop, other_versions)
    except RunError as err:
        events("failed", error=str(err))
        raise
    except torch.OutOfMemoryError as err:
        message = f"out of GPU memory: a smaller micro_batch_size, gradient_checkpointing, lora or more GPUs may help ({str(err).splitlines()[0]})"
        events("failed", error=message)
        raise RunError(message) from err


def _train(rundir, events, stop, other_versions):
    found = versions.check(other_versions)
    if os.path.exists(os.path.join(rundir, RESULT)):
        raise RunError(f"{rundir} is finished: it has a {RESULT}")
    manifest, config = read_manifest(rundir), read_config(rundir)
    tokenizer = load.load_tokenizer(config)
    rows, too_long = encode(read_pairs(rundir, manifest), Encoder(tokenizer, manifest.rule, config.template), config)
    learned, held = split(rows, config)
    args = arguments(rundir, manifest, config, evaluates=bool(held))
    last = get_last_checkpoint(args.output_dir) if os.path.isdir(args.output_dir) else None
    identity = {"manifest": manifest.sha256, "config": _sha256(os.path.join(rundir, CONFIG))}
    if last:
        _same_run(last, identity)
    model = load.load_model(config)
    if (most := max(max(r.prompt_ids + r.chosen_ids + r.rejected_ids) for r in rows)) >= model.get_input_embeddings().num_embeddings:
        raise RunError(f"the tokenizer gives token {most}, but the model knows {model.get_input_embeddings().num_embeddings}: tokenizer and model are not of one kind")
    reference = None
    if manifest.preference and not config.lora and config.reference == "live":
        reference = load.load_model(config)
    reporter = Reporter(rundir, events, stop)
    trainer = TargetTrainer(
        manifest,
        tokenizer.pad_token_id,
        check_start=last is None,
        identity=identity,
        model=model,
        ref_model=reference,
        args=args,
        train_dataset=table(learned),
        eval_dataset=table(held) if held else None,
        processing_class=tokenizer,
        peft_config=_lora(config),
        callbacks=[reporter],
    )
    for noisy in (ProgressCallback, PrinterCallback):
        trainer.remove_callback(noisy)
    every, trained = count_weights(trainer.model)
    events(
        "start",
        method=manifest.method,
        versions=found,
        device=torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu",
        processes=trainer.accelerator.num_processes,
        distributed=trainer.accelerator.distributed_type.value,
        precision=str(load.precision(config)).removeprefix("torch."),
        attention=model.config._attn_implementation,
        weights=every,
        trained_weights=trained,
        too_long=too_long,
        resumed_from=last and os.path.basename(last),
        **statistics(learned, held),
    )
    if last:
        trainer.restore(last)
    trainer.train(resume_from_checkpoint=last)
    if reporter.stopped and trainer.state.global_step < trainer.state.max_steps:
        events("stopped", step=trainer.state.global_step, resume="start the same run again")
        return {"finished": False, "step": trainer.state.global_step}
    result = {
        "finished": True,
        "step": trainer.state.global_step,
        "checkpoint": CHECKPOINT,
        "first": reporter.first,
        "last": reporter.last,
        "too_long": too_long,
        "versions": found,
        **identity,
        **statistics(learned, held),
    }
    _export(trainer, rundir)
    if trainer.is_world_process_zero():
        write_whole(os.path.join(rundir, RESULT), json.dumps(result, indent=2) + "\n")
    events("end", **result)
    return result


def encode(pairs, encoder, config):
    """Rows of the pairs that fit, and how many don't. None is cut."""
    rows, too_long = [], 0
    for pair in pairs:
        row = encoder.row(pair)
        if len(row.prompt_ids) > config.max_prompt_length or row.length() > config.max_length:
            too_long += 1
        else:
            rows.append(row)
    if not rows:
        raise RunError(f"no pair is left to train on: all {too_long} are longer than max_prompt_length {config.max_prompt_length} or max_length {config.max_length}")
    return rows, too_long


def split(rows, config):
    """Rows to learn from and rows held out: those whose ids hash lowest."""
    order = sorted(rows, key=lambda r: hashlib.sha256(f"held-out/{config.seed}/{r.id}".encode()).digest())
    held = {r.id for r in order[: round(len(rows) * config.held_out)]}
    if len(held) == len(rows):
        raise RunError(f"held_out {config.held_out} leaves nothing to learn from of {len(rows)} rows")
    return [r for r in rows if r.id not in held], [r for r in rows if r.id in held]


def table(rows):
    names = [f.name for f in dataclasses.fields(rows[0]) if f.name != "id"]
    return Dataset.from_dict({name: [getattr(r, name) for r in rows] for name in names})


def statistics(learned, held):
    rejected = [w for r in learned for w in r.rejected_weights]
    return {
        "pairs": len(learned),
        "held_out": len(held),
        "tokens": sum(2 * len(r.prompt_ids) + len(r.chosen_ids) + len(r.rejected_ids) for r in learned),
        "longest": max(r.length() for r in learned),
        "rejected_tokens": len(rejected),
        "rejected_in_mask": sum(rejected),
    }


def arguments(rundir, manifest, config, evaluates):
    """TRL's settings. Several of its defaults are not the paper's."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    accumulation, rest = divmod(config.batch_size, config.micro_batch_size * world)
    if rest or not accumulation:
        raise RunError(f"batch_size {config.batch_size} is not a multiple of micro_batch_size {config.micro_batch_size} times {world} processes")
    return DPOConfig(
        output_dir=os.path.join(rundir, CHECKPOINTS),
        beta=manifest.beta,
        loss_type=["sigmoid"],
        max_length=None,
        precompute_ref_log_probs=config.reference == "precomputed" or not manifest.preference,
        learning_rate=config.learning_rate,
        per_device_train_batch_size=config.micro_batch_size,
        per_device_eval_batch_size=config.micro_batch_size,
        gradient_accumulation_steps=accumulation,
        num_train_epochs=config.epochs,
        max_steps=config.max_steps,
        warmup_steps=config.warmup,
        lr_scheduler_type=config.scheduler,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        bf16=load.precision(config) == torch.bfloat16,
        gradient_checkpointing=config.gradient_checkpointing,
        seed=config.seed,
        data_seed=config.seed,
        logging_steps=config.logging_steps,
        save_steps=config.save_steps,
        save_total_limit=config.keep_checkpoints,
        eval_strategy="steps" if evaluates else "no",
        eval_steps=config.eval_steps,
        report_to=[],
        **{"prediction_loss_only": True, "disable_tqdm": True, "logging_nan_inf_filter": False, **config.trl},
    )


def _lora(config):
    if config.lora is None:
        return None
    return LoraConfig(r=config.lora.r, lora_alpha=config.lora.alpha, target_modules=config.lora.targets, task_type="CAUSAL_LM")


def _same_run(checkpoint, identity):
    """A checkpoint goes on only under the settings that it was made with."""
    try:
        with open(os.path.join(checkpoint, IDENTITY), encoding="utf-8") as f:
            was = json.load(f)
    except (OSError, ValueError) as err:
        raise RunError(f"{checkpoint} has no readable {IDENTITY}: it is not a checkpoint of this trainer") from err
    for name, sha256 in identity.items():
        if was.get(name) != sha256:
            raise RunError(f"{name}.json has changed since {os.path.basename(checkpoint)} was written: undo that, or start a new run directory")


def _export(trainer, rundir):
    """The trained model with its tokenizer, for whoever loads it."""
    partial = os.path.join(rundir, CHECKPOINTS, PARTIAL)
    try:
        if trainer.is_world_process_zero():
            shutil.rmtree(partial, ignore_errors=True)
        trainer.accelerator.wait_for_everyone()
        trainer.save_model(partial)
        if trainer.is_world_process_zero():
            publish(partial, os.path.join(rundir, CHECKPOINT))
    except OSError as err:
        raise RunError(f"the trained model could not be written: {err}; free space and start again") from err


def _sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()
