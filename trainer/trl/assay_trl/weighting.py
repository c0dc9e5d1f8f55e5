"""The mask: hooks that scale a model's log-probabilities.

TRL 1.16 sums `log_probs` of the model's output over a sequence, for the policy,
for the reference and for the precomputed reference alike, and calls all of them
with what the collator returned. So the mask travels in the batch; a hook takes
it out before the model sees it, and another one scales what the model returns.

A wrapper around the model would be bypassed under PEFT, which reaches through
to the model inside. The hooks are on the outermost module and see every call.
"""

import torch

from .errors import RunError

KEY = "token_weights"


class Weighting:
    """The hooks of a trainer's models, and the log-probabilities before them."""

    def __init__(self):
        self.taken = []  # unscaled log_probs of each forward since the last clear
        self._waiting = []
        self._hooked = set()

    def attach(self, module):
        """Hooks a model, once."""
        if id(module) in self._hooked:
            return
        self._hooked.add(id(module))
        module.register_forward_pre_hook(self._take, with_kwargs=True)
        module.register_forward_hook(self._scale, with_kwargs=True)

    def _take(self, module, args, kwargs):
        kwargs = dict(kwargs)
        self._waiting.append(kwargs.pop(KEY, None))
        return args, kwargs

    def _scale(self, module, args, kwargs, output):
        weights = self._waiting.pop()
        if not kwargs.get("fused_lm_head"):
            return None  # not a call for log-probabilities: generation
        if weights is None:
            raise RunError("a batch came without token weights: its log-probabilities would count whole")
        weights = weights[:, 1:]
        if output.log_probs.shape != weights.shape:
            raise RunError(f"the model gave log-probabilities of shape {tuple(output.log_probs.shape)} for token weights of shape {tuple(weights.shape)}: adapters that add tokens are not supported")
        self.taken.append(output.log_probs)
        # Not a product: 0 times -inf is not a number.
        output.log_probs = output.log_probs.masked_fill(~weights.to(output.log_probs.device), 0.0)
        return output


class Collator:
    """TRL's collator, with the token weights beside the ids."""

    def __init__(self, preference):
        self.preference = preference

    def __call__(self, rows):
        batch = self.preference(rows)
        batch[KEY] = torch.zeros_like(batch["input_ids"], dtype=torch.bool)
        for side, start in (("chosen", 0), ("rejected", len(rows))):
            for i, row in enumerate(rows):
                prompt, tokens = len(row["prompt_ids"]), row[f"{side}_weights"]
                batch[KEY][start + i, prompt : prompt + len(tokens)] = torch.tensor(tokens, dtype=torch.bool)
        return batch
