import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TQDM_DISABLE", "1")
sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))

import pytest
import tiny
import torch

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory):
    return str(tiny.save_model(tmp_path_factory.mktemp("model")))


@pytest.fixture
def config(model_dir):
    """A run of a few steps on the CPU."""
    return {"model": model_dir, "batch_size": 4, "micro_batch_size": 2, "epochs": 1, "learning_rate": 1e-3, "save_steps": 2, "eval_steps": 2, "held_out": 0.2, "trl": {"use_cpu": True}}
