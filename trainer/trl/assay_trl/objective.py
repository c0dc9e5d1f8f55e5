"""The loss: TRL's for the margin, and ours beside it for the likelihood."""

import json
import math
import os
import shutil


from transformers.trainer_utils import rotate_checkpoints
from trl import DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from .errors import RunError
from .weighting import Collator, Weighting

COLUMNS = ["chosen_weights", "rejected_weights"]
PARTIAL, IDENTITY = ".partial", "assay.json"


class TargetTrainer(DPOTrainer):
    """DPOTrainer whose margin is taken over masks.

    Its loss is w · TRL's sigmoid loss + α · the negative log-likelihood of one
    answer, unmasked. (TRL's own "sft" loss would see masked log-probabilities of
    the chosen answer under a symmetric mask.)
    """

    def __init__(self, manifest, pad_token_id, check_start, identity, **kwargs):
        self.manifest = manifest
        self.weighting = Weighting()
        self._check_start = check_start
        self._identity = identity
        self._staging = None
        collator = Collator(DataCollatorForPreference(pad_token_id=pad_token_id))
        super().__init__(data_collator=collator, **kwargs)
        self._attach()

    def _attach(self):
        self.weighting.attach(self.accelerator.unwrap_model(self.model))
        if getattr(self, "ref_model", None) is not None:
            self.weighting.attach(self.accelerator.unwrap_model(self.ref_model))

    # Rows come tokenized: TRL's own tokenizing keeps no offsets.
    def _prepare_dataset(self, dataset, processing_class, args, dataset_name):
        return dataset

    def _set_signature_columns_if_needed(self):
        super()._set_signature_columns_if_needed()
        self._signature_columns += [c for c in COLUMNS if c not in self._signature_columns]

    # TRL calls this while it is being made, when the models are there already.
    def _precompute_ref_logps(self, dataset, name, batch_size):
        if not self.manifest.preference:  # no margin, so no reference
            nothing = [0.0] * len(dataset)
            return dataset.add_column("ref_chosen_logps", nothing).add_column("ref_rejected_logps", nothing)
        self._attach()
        return super()._precompute_ref_logps(dataset, name, batch_size)

    def _compute_loss(self, model, inputs, return_outputs):
        mode = "train" if self.model.training else "eval"
        self.weighting.taken.clear()
        preference = super()._compute_loss(model, inputs, False)
        loss = preference if self.manifest.preference else 0.0 * preference
        record = self._metrics[mode]
        if self.manifest.preference:
            self._record(record, "dpo_loss", preference)
            self._at_start(preference)
        else:
            for name in [n for n in record if n.startswith("rewards/")]:
                del record[name]
        if self.manifest.nll != "none":
            nll = self._nll(inputs["completion_mask"])
            self._record(record, "nll_loss", nll)
            loss = loss + self.manifest.alpha * nll
        self._record(record, "loss", loss)
        if not math.isfinite(record["loss"][-1]):
            raise RunError(f"the loss is {record['loss'][-1]} in step {self.state.global_step + 1}: a lower learning_rate or a look at the pairs may help")
        self.weighting.taken.clear()
        return loss

    def _nll(self, completion_mask):
        """The mean negative log-likelihood of one answer's tokens, by the policy:
        its forward is the first of the two."""
        side = ("chosen", "rejected").index(self.manifest.nll)
        log_probs = self.weighting.taken[0].chunk(2, dim=0)[side]
        tokens = completion_mask[:, 1:].chunk(2, dim=0)[side].to(log_probs.device).bool()
        sums = -log_probs.masked_fill(~tokens, 0.0).sum(dim=1)
        if self.manifest.norm == "sequence":
            return (sums / tokens.sum(dim=1)).mean()
        return sums.sum() / tokens.sum()

    def _record(self, record, name, value):
        record[name].append(self.accelerator.gather(value.detach().reshape(1)).mean().item())

    def _at_start(self, preference):
        """Before the first step the policy is the reference, and the loss ln 2."""
        if not self._check_start or not self.model.training:
            return
        self._check_start = False
        tolerance = 0.1 if self.args.bf16 else 1e-3
        if abs(preference.item() - math.log(2)) > tolerance:
            raise RunError(f"the first loss is {preference.item():.4f} and not ln 2 = {math.log(2):.4f}: policy and reference differ before training (dropout, another model, or weights that were not loaded)")

    # Checkpoints appear whole or not at all: written aside, then renamed.
    def _get_output_dir(self, trial):
        return self._staging or super()._get_output_dir(trial)

    def _save_checkpoint(self, model, trial):
        final = self.args.output_dir
        self._staging = os.path.join(final, PARTIAL)
        name = f"checkpoint-{self.state.global_step}"
        try:
            if self.is_world_process_zero():
                shutil.rmtree(self._staging, ignore_errors=True)
            self.accelerator.wait_for_everyone()
            super()._save_checkpoint(model, trial)
            self.accelerator.wait_for_everyone()
            if self.is_world_process_zero():
                with open(os.path.join(self._staging, name, IDENTITY), "w", encoding="utf-8") as f:
                    json.dump({**self._identity, "num_tokens": self._total_train_tokens}, f)
                publish(os.path.join(self._staging, name), os.path.join(final, name))
                rotate_checkpoints(output_dir=final, save_total_limit=self.args.save_total_limit)
            self.accelerator.wait_for_everyone()
        except (OSError, RuntimeError) as err:
            if "No space left" in str(err) or isinstance(err, OSError):
                raise RunError(f"the checkpoint of step {self.state.global_step} could not be written: {err}; free space and start again") from err
            raise
        finally:
            self._staging = None

    def restore(self, checkpoint):
        """What TRL forgets in a checkpoint."""
        with open(os.path.join(checkpoint, IDENTITY), encoding="utf-8") as f:
            self._total_train_tokens = json.load(f)["num_tokens"]

    def create_model_card(self, *args, **kwargs):
        """The card is assay's to write."""

    def _send_telemetry(self):
        """Nothing is sent anywhere."""


def publish(written, final):
    """Gives a folder that was written aside its name."""
    for folder, _, names in os.walk(written):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                os.fsync(f.fileno())
    if os.path.exists(final):
        shutil.rmtree(final)
    os.replace(written, final)


def count_weights(model):
    """Numbers of weights in all and of those that are trained."""
    size = lambda p: getattr(p, "ds_numel", p.numel())  # ZeRO-3 leaves an empty tensor where a weight is elsewhere
    return sum(size(p) for p in model.parameters()), sum(size(p) for p in model.parameters() if p.requires_grad)
