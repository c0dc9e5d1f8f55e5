"""What only a GPU can show, as one report: runs of real size with their loss,
accuracy, speed and memory. gpu-check.sh calls it; it needs no network.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "tests")]
os.environ.update({"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false", "TQDM_DISABLE": "1"})

import realpairs
import tiny
import torch
from transformers.utils import is_flash_attn_2_available, logging

from assay_trl import versions
from assay_trl.train import train

GPU = torch.cuda.is_available()
# On a CPU the same report is made with less: to try this file out.
SCALE = {"rows": 256, "steps": 24, "batch": 16, "micro": 8} if GPU else {"rows": 12, "steps": 3, "batch": 4, "micro": 2}


class Check:
    def __init__(self, folder, smollm2):
        self.folder, self.smollm2, self.failed = folder, smollm2, []

    def section(self, name, job):
        began = time.monotonic()
        try:
            text = job()
        except Exception as err:  # the report goes on: device time is scarce
            self.failed.append(name)
            text = f"FAILED: {err}"
            traceback.print_exc()
        print(f"== {name} [{time.monotonic() - began:.0f} s]: {text}", flush=True)
        if GPU:
            torch.cuda.empty_cache()

    def run(self, name, model, rows, stop_after=None, **settings):
        """Trains and says how it went; the run directory is name."""
        config = {
            "model": model, "batch_size": SCALE["batch"], "micro_batch_size": SCALE["micro"], "max_steps": SCALE["steps"], "epochs": 99,
            "learning_rate": 2e-5, "save_steps": 10_000, "eval_steps": SCALE["steps"], "held_out": 0.15, "keep_checkpoints": 1, **settings,
        }
        rundir = tiny.write_run(os.path.join(self.folder, name), rows, config)
        if GPU:
            torch.cuda.reset_peak_memory_stats()
        told, stop = [], threading.Event()

        def listen(event):
            told.append(event)
            if stop_after and event["event"] == "step" and event["step"] >= stop_after:
                stop.set()

        train(rundir, listen, stop, other_versions=True)
        return rundir, told

    def describe(self, told):
        steps = [e for e in told if e["event"] == "step"]
        last = steps[-1]
        # The first steps compile kernels and fill caches.
        rates = sorted(s["tokens_per_second"] for s in steps[len(steps) // 3 :])
        start = next(e for e in told if e["event"] == "start")
        held = [e for e in told if e["event"] == "evaluation"]
        out = {
            "weights_M": round(start["weights"] / 1e6, 1), "trained_M": round(start["trained_weights"] / 1e6, 2), "attention": start["attention"], "precision": start["precision"],
            "longest": start["longest"], "in_mask": f"{start['rejected_in_mask']}/{start['rejected_tokens']}",
            "dpo_loss": f"{steps[0].get('dpo_loss', 0):.4f} -> {last.get('dpo_loss', 0):.4f}", "nll_loss": f"{steps[0].get('nll_loss', 0):.3f} -> {last.get('nll_loss', 0):.3f}",
            "accuracy": f"{last.get('rewards/accuracies', 0):.2f}", "margin": f"{last.get('rewards/margins', 0):.3f}",
            "held_out_accuracy": [round(e["eval_rewards/accuracies"], 2) for e in held if "eval_rewards/accuracies" in e],
            "tokens/s": rates[len(rates) // 2], "steps": last["step"],
        }
        if "peak_memory" in last:
            out["peak_GiB"] = round(last["peak_memory"] / 2**30, 2)
        return json.dumps(out)

    def resume(self, model, rows):
        whole, _ = self.run("whole", model, rows)
        broken, _ = self.run("broken", model, rows, stop_after=SCALE["steps"] // 2)
        train(broken, other_versions=True)
        a, b = ([m for m in tiny.read_lines(d, "metrics.jsonl") if "loss" in m] for d in (whole, broken))
        if [m["step"] for m in a] != [m["step"] for m in b]:
            raise AssertionError(f"steps {[m['step'] for m in b]}")
        worst = max(abs(x["loss"] - y["loss"]) for x, y in zip(a, b))
        if worst > 0.02:
            raise AssertionError(f"losses differ by {worst}")
        return f"{len(a)} steps, stopped and resumed; losses differ by {worst:.2e} at most"

    def launched(self, config, kind, model, rows, packages=""):
        """One process under a launcher's sharding: the hooks see what they should."""
        rundir = tiny.write_run(os.path.join(self.folder, config), rows, {
            "model": model, "batch_size": SCALE["micro"], "micro_batch_size": SCALE["micro"], "max_steps": 4, "epochs": 99, "learning_rate": 2e-5, "held_out": 0.0, "save_steps": 10_000,
        })
        command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", os.path.join(HERE, "accelerate", config + ".yaml"), "--num_processes", "1", "-m", "assay_trl", rundir, "--other-versions"]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join((HERE, packages, os.environ.get("PYTHONPATH", "")))}, capture_output=True, text=True, timeout=100)
        if done.returncode:
            raise RuntimeError(" | ".join((done.stdout + done.stderr).strip().splitlines()[-12:])[-1500:])
        told = tiny.read_lines(rundir, "events.jsonl")
        if told[0]["distributed"] != kind:
            raise AssertionError(f"it ran as {told[0]['distributed']}")
        return self.describe(told)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smollm2", help="SmolLM2-135M-Instruct.Q4_1.gguf")
    parser.add_argument("--zero3", default="", help="a folder with DeepSpeed, where it is not installed")
    parser.add_argument("--only", default="", help="sections whose names hold this")
    options = parser.parse_args()
    torch.set_num_threads(8 if GPU else 1)
    logging.set_verbosity_error()
    began = time.monotonic()
    folder = tempfile.mkdtemp()
    check = Check(folder, options.smollm2)
    print("versions:", json.dumps(versions.installed()), "python", sys.version.split()[0])
    print("device:", torch.cuda.get_device_name(0) if GPU else "cpu", "| flash-attn package:", is_flash_attn_2_available())
    real = realpairs.pairs(SCALE["rows"])
    tok = tiny.tokenizer([r["chosen"] for r in real], size=4000)
    small = str(tiny.save_model(os.path.join(folder, "tiny"), tok, hidden_size=128, intermediate_size=256, max_position_embeddings=2048))
    sections = {
        "tiny Qwen2, full": lambda: check.describe(check.run("tiny-full", small, real, learning_rate=1e-3)[1]),
        "tiny Qwen2, LoRA, precomputed": lambda: check.describe(check.run("tiny-lora", small, real, learning_rate=1e-3, lora={"r": 8, "alpha": 16}, reference="precomputed")[1]),
        "resume, tiny Qwen2": lambda: check.resume(small, real),
    }
    if options.smollm2:
        lora = {"r": 16, "alpha": 32}
        s = options.smollm2
        sections |= {
            "SmolLM2-135M, full": lambda: check.describe(check.run("smol-full", s, real)[1]),
            "SmolLM2-135M, full, no gradient checkpointing, precomputed": lambda: check.describe(check.run("smol-plain", s, real, gradient_checkpointing=False, reference="precomputed")[1]),
            "SmolLM2-135M, LoRA, chat template": lambda: check.describe(check.run("smol-lora", s, real, lora=lora, learning_rate=2e-4, template="chat")[1]),
        }
    if GPU:
        sections["Qwen2 of 0.5B, random weights, full"] = lambda: check.describe(check.run("half", half_billion(folder, tok), real, max_steps=10, eval_steps=10)[1])
        sections["FSDP, one process"] = lambda: check.launched("fsdp", "FSDP", small, real)
        sections["ZeRO-3, one process"] = lambda: check.launched("zero3", "DEEPSPEED", small, real, options.zero3)
    sections = {name: job for name, job in sections.items() if options.only in name}
    for name, job in sections.items():
        check.section(name, job)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(check.failed)} failed of {len(sections)}, {time.monotonic() - began:.0f} s: {check.failed}")
    return 1 if check.failed else 0


def half_billion(folder, tok):
    """A model of Qwen2.5-0.5B's shape; its vocabulary is padded to that size."""
    with torch.device("cuda"):
        model = tiny.model(151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2, max_position_embeddings=4096, tie_word_embeddings=True)
    where = os.path.join(folder, "half-model")
    model.save_pretrained(where)
    tok.save_pretrained(where)
    return where


if __name__ == "__main__":
    sys.exit(main())
