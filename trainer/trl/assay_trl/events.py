"""What a run tells: events.jsonl as it happens, metrics.jsonl to compare."""

import json
import os
import time

import torch
from transformers import TrainerCallback

EVENTS, METRICS, RESULT = "events.jsonl", "metrics.jsonl", "result.json"
STOP = ".stop"  # asks for a stop, where no signal comes through: below accelerate

# Of the clock, and so not in metrics.jsonl: equal runs have equal files there.
CLOCK = ("runtime", "per_second", "flos")


class Events:
    """Appends events to the run's file and passes them on. Only the first
    process of several tells."""

    def __init__(self, rundir, listen=None, tells=True):
        self.path, self.listen, self.tells = os.path.join(rundir, EVENTS), listen, tells

    def __call__(self, event, **facts):
        if not self.tells:
            return
        line = {"event": event, **facts}
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(json.dumps(line, ensure_ascii=False) + "\n")
        if self.listen:
            self.listen(line)


class Reporter(TrainerCallback):
    """Writes each log to metrics.jsonl and tells it with rate and memory."""

    def __init__(self, rundir, events, stop=None):
        self.path, self.events, self.stop = os.path.join(rundir, METRICS), events, stop
        self.stop_file = os.path.join(rundir, STOP)
        self.first = self.last = None
        self.stopped = False
        self.tokens, self.since = 0, None

    def on_train_begin(self, args, state, control, **kwargs):
        if self.events.tells:
            _cut(self.path, state.global_step)
        self.since = time.monotonic()

    def on_step_end(self, args, state, control, **kwargs):
        if self._asked(args.device):
            self.stopped = True
            control.should_save = True
            control.should_training_stop = True

    def _asked(self, device):
        """Whether any process was told to stop: all of them stop after the same step."""
        asked = self.stop is not None and self.stop.is_set() or os.path.exists(self.stop_file)
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            flag = torch.tensor([int(asked)], device=device)
            torch.distributed.all_reduce(flag, op=torch.distributed.ReduceOp.MAX)
            asked = bool(flag.item())
        return asked

    def on_log(self, args, state, control, logs=None, **kwargs):
        if not state.is_world_process_zero or not logs:
            return
        facts = {k: v for k, v in logs.items() if not any(c in k for c in CLOCK) and k != "train_loss"}
        if "loss" not in facts and "eval_loss" not in facts:
            return
        line = {"step": state.global_step, **facts}
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(json.dumps(line) + "\n")
        if "loss" in facts:
            self.first, self.last = self.first or line, line
            line = {"of": state.max_steps, **line, **self._speed(logs)}
        self.events("step" if "loss" in facts else "evaluation", **line)

    def on_save(self, args, state, control, **kwargs):
        self.events("checkpoint", step=state.global_step, path=f"checkpoints/checkpoint-{state.global_step}")

    def _speed(self, logs):
        now, tokens = time.monotonic(), logs.get("num_tokens", 0)
        rate = (tokens - self.tokens) / (now - self.since)
        self.tokens, self.since = tokens, now
        out = {"tokens_per_second": round(rate)}
        if torch.cuda.is_available():
            out["peak_memory"] = torch.cuda.max_memory_allocated()
        return out


def _cut(path, step):
    """Leaves of an interrupted run's metrics what its checkpoint knows of."""
    try:
        with open(path, encoding="utf-8") as f:
            lines = f.readlines()
    except FileNotFoundError:
        return
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
    write_whole(path, "".join(kept))


def write_whole(path, text):
    """Writes a file so that it is there whole or not at all."""
    with open(path + ".part", "w", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".part", path)
