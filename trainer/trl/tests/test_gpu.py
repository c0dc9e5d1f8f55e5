"""The hooks on a GPU: its kernels for the head are others than the CPU's."""

import copy

import pytest
import test_objective as on_cpu
import torch

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
]


@pytest.mark.parametrize("method, symmetric", on_cpu.CASES)
@pytest.mark.parametrize("peft", [False, True])
@pytest.mark.parametrize("precomputed", [False, True])
def test_loop_in_float32(tmp_path, method, symmetric, peft, precomputed):
    rows = on_cpu.rows_of(symmetric)
    on_cpu.agree(on_cpu.make(tmp_path, on_cpu.manifest(method), rows, peft, precomputed, device="cuda"), rows)


@pytest.mark.parametrize("method, symmetric", on_cpu.CASES)
@pytest.mark.parametrize("peft", [False, True])
def test_loop_in_bfloat16(tmp_path, method, symmetric, peft):
    """Against the loop in float32: as far as eight bits of mantissa carry."""
    rows = on_cpu.rows_of(symmetric)
    trainer = on_cpu.make(tmp_path, on_cpu.manifest(method), rows, peft, device="cuda", bf16=True)
    on_cpu.agree(trainer, rows, loss_tolerance=0.05, gradient_tolerance=0.02)


@pytest.mark.parametrize("side", ["chosen", "rejected"])
def test_tokens_outside_of_the_mask_do_not_count(tmp_path, side):
    """In bfloat16 too, a mask of other tokens is another loss, and one with the
    same tokens the same."""
    rows = on_cpu.rows_of(True)
    losses = []
    for flip in (False, False, True):
        changed = copy.deepcopy(rows)
        if flip:
            for row in changed:
                row[f"{side}_weights"] = [1 - w for w in row[f"{side}_weights"]]
        trainer = on_cpu.make(tmp_path, on_cpu.manifest("target-dpo", beta=1.0), changed, device="cuda", bf16=True)
        trainer.model.train()
        losses.append(trainer.compute_loss(trainer.model, on_cpu.one_batch(trainer)).item())
    assert losses[0] == losses[1] != losses[2]
