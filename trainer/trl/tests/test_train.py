"""A whole run: it trains, tells, stops, goes on, and refuses."""

import json
import math
import os
import threading

import pytest
import tiny
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from assay_trl.errors import RunError
from assay_trl.objective import TargetTrainer
from assay_trl.train import train

NAMES = {"loss", "dpo_loss", "nll_loss", "rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies", "logps/chosen", "logps/rejected", "logits/chosen", "logits/rejected", "entropy", "mean_token_accuracy", "num_tokens", "learning_rate", "grad_norm", "epoch", "step"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory, model_dir):
    """A run from start to end, and what it told."""
    rundir = str(tmp_path_factory.mktemp("finished"))
    config = {"model": model_dir, "batch_size": 4, "micro_batch_size": 2, "epochs": 1, "learning_rate": 1e-3, "save_steps": 2, "eval_steps": 2, "held_out": 0.2, "trl": {"use_cpu": True}}
    tiny.write_run(rundir, tiny.pairs(30), config)
    told = []
    return rundir, config, train(rundir, told.append), told


def test_trains(finished):
    rundir, _, result, told = finished
    assert result["finished"] and result["step"] == 6 and result["pairs"] == 24 and result["held_out"] == 6
    metrics = tiny.read_lines(rundir, "metrics.jsonl")
    steps = [m for m in metrics if "loss" in m]
    assert set(steps[0]) == NAMES
    assert [m["step"] for m in steps] == [1, 2, 3, 4, 5, 6]
    assert abs(steps[0]["dpo_loss"] - math.log(2)) < 1e-5
    assert steps[0]["loss"] == pytest.approx(steps[0]["dpo_loss"] + steps[0]["nll_loss"])
    assert steps[-1]["loss"] < steps[0]["loss"] and steps[-1]["rewards/margins"] > 0
    assert {f"eval_{n}" for n in ("loss", "dpo_loss", "nll_loss", "rewards/accuracies")} <= set(next(m for m in metrics if "eval_loss" in m))
    assert told == tiny.read_lines(rundir, "events.jsonl")
    assert [e["event"] for e in told if e["event"] != "step"] == ["start", "evaluation", "checkpoint"] * 1 + ["evaluation", "checkpoint"] * 2 + ["end"]


def test_checkpoint_loads(finished, model_dir):
    rundir, _, _, _ = finished
    trained = AutoModelForCausalLM.from_pretrained(os.path.join(rundir, "checkpoint"))
    start = AutoModelForCausalLM.from_pretrained(model_dir)
    ids = AutoTokenizer.from_pretrained(os.path.join(rundir, "checkpoint"))("def f(a):\n", return_tensors="pt").input_ids
    assert not torch.allclose(trained(ids).logits, start(ids).logits)
    assert sorted(os.listdir(os.path.join(rundir, "checkpoints"))) == ["checkpoint-4", "checkpoint-6"]


def test_finished_run_is_not_trained_again(finished):
    with pytest.raises(RunError, match="is finished"):
        train(finished[0])


class After(threading.Event):
    """Is set once a number of steps is told."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def __call__(self, event):
        if event["event"] == "step" and event["step"] == self.steps:
            self.set()


@pytest.mark.parametrize("lora", [None, {"r": 4, "alpha": 8}])
def test_resumes_to_the_same_losses(tmp_path, config, lora):
    config["lora"] = lora
    whole, broken = (tiny.write_run(tmp_path / n, tiny.pairs(30), config) for n in ("whole", "broken"))
    train(whole)
    stop = After(3)
    assert train(broken, stop, stop) == {"finished": False, "step": 4}
    assert train(broken)["finished"]
    assert tiny.read_lines(broken, "metrics.jsonl") == tiny.read_lines(whole, "metrics.jsonl")
    name = "adapter_model.safetensors" if lora else "model.safetensors"
    with open(os.path.join(whole, "checkpoint", name), "rb") as a, open(os.path.join(broken, "checkpoint", name), "rb") as b:
        assert a.read() == b.read()


def test_killed_while_saving(tmp_path, config, monkeypatch):
    """The half-written checkpoint is not one, and the one before it is whole."""
    rundir = tiny.write_run(tmp_path / "run", tiny.pairs(30), config)
    save = TargetTrainer._save_optimizer_and_scheduler

    def full(self, folder):
        if self.state.global_step == 4:
            raise OSError(28, "No space left on device", folder)
        save(self, folder)

    monkeypatch.setattr(TargetTrainer, "_save_optimizer_and_scheduler", full)
    with pytest.raises(RunError, match="checkpoint of step 4 could not be written.*No space left.*free space"):
        train(rundir)
    assert sorted(os.listdir(os.path.join(rundir, "checkpoints"))) == [".partial", "checkpoint-2"]
    assert tiny.read_lines(rundir, "events.jsonl")[-1]["event"] == "failed"
    monkeypatch.undo()
    assert train(rundir)["finished"]
    assert [m["step"] for m in tiny.read_lines(rundir, "metrics.jsonl") if "loss" in m] == [1, 2, 3, 4, 5, 6]


def test_checkpoint_of_other_settings(tmp_path, config):
    rundir = tiny.write_run(tmp_path / "run", tiny.pairs(30), config)
    stop = After(1)
    train(rundir, stop, stop)
    tiny.write_run(rundir, tiny.pairs(30), {**config, "learning_rate": 2e-3})
    with pytest.raises(RunError, match="config.json has changed since checkpoint-2"):
        train(rundir)


def test_too_long_rows_are_counted(tmp_path, config):
    rows = tiny.pairs(20)
    for row in rows[:3]:
        row["chosen"] += "# " + "long " * 200
    rows[5]["prompt"] = "word " * 200
    rundir = tiny.write_run(tmp_path / "run", rows, {**config, "max_length": 200, "max_prompt_length": 100, "max_steps": 1})
    result = train(rundir)
    assert result["too_long"] == 4 and result["pairs"] + result["held_out"] == 16
    rundir = tiny.write_run(tmp_path / "none", rows, {**config, "max_length": 3})
    with pytest.raises(RunError, match="all 20 are longer"):
        train(rundir)


def test_loss_that_is_no_number(tmp_path, config):
    rundir = tiny.write_run(tmp_path / "run", tiny.pairs(30), {**config, "learning_rate": 1e30, "max_grad_norm": 1e30})
    with pytest.raises(RunError, match="the loss is (nan|inf) in step"):
        train(rundir)


def test_reference_that_differs(tmp_path, config, monkeypatch):
    from assay_trl import load

    seeds = iter((0, 1))
    tok = tiny.tokenizer()
    monkeypatch.setattr(load, "load_model", lambda config: tiny.model(len(tok), seed=next(seeds)))
    rundir = tiny.write_run(tmp_path / "run", tiny.pairs(30), config, beta=5.0)
    with pytest.raises(RunError, match="the first loss is .* and not ln 2"):
        train(rundir)


@pytest.mark.parametrize("method, changes", [("sft", {"preference": False}), ("sft-incorrect", {"preference": False, "nll": "rejected"}), ("dpo", {"nll": "none", "alpha": 0.0}), ("target-dpo", {"nll": "none", "alpha": 0.0})])
def test_methods_without_a_part(tmp_path, config, method, changes):
    rundir = tiny.write_run(tmp_path / "run", tiny.pairs(30), {**config, "max_steps": 2}, method=method, **changes)
    last = train(rundir)["last"]
    assert ("dpo_loss" in last) == ("rewards/margins" in last) == changes.get("preference", True)
    assert ("nll_loss" in last) == (changes.get("nll") != "none")


def test_run_directory_of_the_go_side(tmp_path, config):
    """What assay writes is what this trainer reads."""
    import shutil

    rundir = str(shutil.copytree(tiny.RUN, tmp_path / "run"))
    with open(os.path.join(rundir, "config.json"), "w") as f:
        json.dump({**config, "held_out": 0.0, "batch_size": 2}, f)
    result = train(rundir)
    assert result["finished"] and result["pairs"] == 6 and 0 < result["rejected_in_mask"] < result["rejected_tokens"]


def test_chat_template(tmp_path, config):
    rundir = tiny.write_run(tmp_path / "run", tiny.pairs(30), {**config, "template": "chat", "max_steps": 1})
    assert train(rundir)["finished"]


def test_too_few_to_hold_out(tmp_path, config):
    rundir = tiny.write_run(tmp_path / "run", tiny.pairs(6), {**config, "held_out": 0.05, "max_steps": 1})
    assert train(rundir)["held_out"] == 0
