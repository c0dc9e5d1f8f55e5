"""From a pair's text and spans to token ids and the tokens that count."""

import dataclasses
import json

from jinja2 import TemplateError
from tokenizers import Tokenizer

from .errors import RunError


@dataclasses.dataclass(frozen=True)
class Row:
    id: str
    prompt_ids: list
    chosen_ids: list
    rejected_ids: list
    chosen_weights: list  # of each token in the margin: 1 or 0
    rejected_weights: list

    def length(self):
        return len(self.prompt_ids) + max(len(self.chosen_ids), len(self.rejected_ids))


class Encoder:
    """A tokenizer with offsets that count bytes and cover the whole text."""

    def __init__(self, tokenizer, rule, template="none"):
        if not getattr(tokenizer, "is_fast", False):
            raise RunError("the model's tokenizer tells no offsets (it is not one of the tokenizers library), so spans cannot be mapped to its tokens")
        if tokenizer.eos_token is None:
            raise RunError("the model's tokenizer has no token that ends a text")
        if template == "chat" and not tokenizer.chat_template:
            raise RunError("template is chat, but the model's tokenizer has no chat template: choose none")
        self.tokenizer, self.rule, self.template = tokenizer, rule, template
        self.backend = _whole_offsets(tokenizer.backend_tokenizer)

    def row(self, pair):
        """The pair's row. Its answers start where their tokens leave the prompt's,
        as TRL has it: a token can reach from the prompt into an answer."""
        prompt = self._prompt(pair)
        ids, _ = self._encode(prompt)
        sides = {}
        for side in ("chosen", "rejected"):
            answer = getattr(pair, side)
            sides[side] = self._encode(prompt + answer + self._end(pair, prompt, answer))
        shared = min(_common(ids, sides[side][0]) for side in sides)
        out = {}
        for side, (whole, offsets) in sides.items():
            spans = getattr(pair, f"{side}_spans")
            out[f"{side}_ids"] = whole[shared:]
            out[f"{side}_weights"] = weights(spans, _shifted(offsets[shared:], -len(prompt.encode())), self.rule)
            self._check(pair, side, out[f"{side}_weights"])
        return Row(pair.id, ids[:shared], **out)

    def _check(self, pair, side, tokens):
        if not tokens:
            raise RunError(f"pair {pair.id}: the {side} answer has no tokens of its own: is this the model's tokenizer?")
        if not any(tokens):
            raise RunError(f"pair {pair.id}: no token of the {side} answer is in its mask by the rule {self.rule}, so nothing would be pushed there: write the run with the rule overlap")

    def _prompt(self, pair):
        if self.template == "none":
            return pair.prompt
        return self._render(pair, pair.conversation(), add_generation_prompt=True)

    def _end(self, pair, prompt, answer):
        """What stands behind an answer."""
        if self.template == "none":
            eos = self.tokenizer.eos_token
            return "" if answer.endswith(eos) else eos
        whole = self._render(pair, [*pair.conversation(), {"role": "assistant", "content": answer}])
        if not whole.startswith(prompt + answer):
            raise RunError(f"pair {pair.id}: the chat template changes the answer or what is before it, so its spans no longer fit: choose template none")
        return whole[len(prompt + answer) :]

    def _render(self, pair, messages, **options):
        try:
            return self.tokenizer.apply_chat_template(messages, tokenize=False, **options)
        except TemplateError as err:
            raise RunError(f"pair {pair.id}: the model's chat template refuses its messages ({', '.join(m['role'] for m in messages)}): {err}") from err

    def _encode(self, text):
        """Token ids, and for each the bytes of text that it stands for."""
        encoded = self.backend.encode(text, add_special_tokens=self.template == "none")
        ids, places = encoded.ids, encoded.offsets
        # Some tokenizers put the end token behind every text: ours has it already.
        while ids and ids[-1] == self.tokenizer.eos_token_id and encoded.special_tokens_mask[len(ids) - 1]:
            ids, places = ids[:-1], places[:-1]
        starts, total = [], 0
        for char in text:
            starts.append(total)
            total += len(char.encode())
        starts.append(total)
        offsets = [(starts[a], starts[b]) for a, b in places]
        reached = 0
        for start, end in [*offsets, (total, total)]:
            if start > reached:
                raise RunError(f"the model's tokenizer has no token for {text.encode()[reached:start].decode()!r}: spans cannot be mapped to its tokens")
            reached = max(reached, end)
        return ids, offsets


def weights(spans, offsets, rule):
    """1 for each token in the mask, else 0; None is the mask of everything."""
    if spans is None:
        return [1] * len(offsets)
    if rule == "owner":
        return [int(start < end and any(a <= start < b for a, b in spans)) for start, end in offsets]
    return [int(start < end and any(a < end and start < b for a, b in spans)) for start, end in offsets]


def _whole_offsets(backend):
    """The same tokenizer, whose offsets leave no blanks out: GPT-2's kind trims
    them, and a wrong indentation would belong to no token."""
    settings = json.loads(backend.to_str())

    def untrim(node):
        if isinstance(node, dict):
            if node.get("trim_offsets"):
                node["trim_offsets"] = False
            for name, child in node.items():
                if name != "model":
                    untrim(child)
        elif isinstance(node, list):
            for child in node:
                untrim(child)

    untrim(settings)
    copy = Tokenizer.from_str(json.dumps(settings))
    copy.no_truncation()
    copy.no_padding()
    return copy


def _shifted(offsets, by):
    return [(start + by, end + by) for start, end in offsets]


def _common(a, b):
    n = 0
    for x, y in zip(a, b):
        if x != y:
            break
        n += 1
    return n
