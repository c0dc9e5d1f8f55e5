"""Spans to tokens, with the tokenizers that models have."""

import pytest
import tiny
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from assay_trl.errors import RunError
from assay_trl.rundir import Pair
from assay_trl.tokens import Encoder

GOOD, BAD = "if x:\n    y = 1\n", "if x:\n  y = 1\n"
INDENT = ["if x:\n    y\n", "if x:\n  y\n", "\n    return\n"]


def pair(rejected=BAD, spans=((6, 14),), chosen=GOOD, prompt="p:\n"):
    return Pair("a", prompt, chosen, rejected, None, list(spans))


def masked(row, tok):
    """The text of the tokens in the mask."""
    return tok.decode([i for i, w in zip(row.rejected_ids, row.rejected_weights) if w])


@pytest.mark.parametrize("trim", [False, True], ids=["qwen", "gpt-2"])
def test_wrong_indentation_is_in_the_mask(trim):
    tok = tiny.tokenizer(INDENT * 20, trim=trim)
    assert masked(Encoder(tok, "overlap").row(pair()), tok).endswith("  y = 1\n")
    row = Encoder(tok, "owner").row(pair(spans=((6, 8),)))
    assert row.rejected_weights.count(1) <= 1


def test_every_token_of_everything():
    tok = tiny.tokenizer()
    row = Encoder(tok, "overlap").row(pair())
    assert row.chosen_weights == [1] * len(row.chosen_ids)
    assert row.chosen_ids[-1] == tok.eos_token_id == row.rejected_ids[-1]
    assert row.rejected_weights[-1] == 0  # what ends the text is not in D⁻


def adding(template, **options):
    """A tokenizer that puts tokens around every text, as Llama's kind does with
    add_bos_token and add_eos_token."""
    tok = tiny.tokenizer(**options)
    backend = tok.backend_tokenizer
    special = [("<s>", 1), (tiny.EOS, tok.eos_token_id)]
    backend.post_processor = processors.Sequence([backend.post_processor, processors.TemplateProcessing(single=template, pair=f"{template} $B", special_tokens=special)])
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=tiny.EOS, chat_template=tiny.CHAT)


@pytest.mark.parametrize("template", [f"<s> $A {tiny.EOS}", f"$A {tiny.EOS}", "<s> $A", "$A"])
@pytest.mark.parametrize("ended", ["", tiny.EOS], ids=["open", "ended"])
def test_one_end(template, ended):
    """However the tokenizer and the row end a text, its end is one token, in the
    mask of everything and in no span."""
    tok = adding(template)
    assert (tok("x").input_ids[-1] == tok.eos_token_id) == template.endswith(tiny.EOS)
    row = Encoder(tok, "overlap").row(pair(BAD + ended, chosen=GOOD + ended))
    for ids in (row.chosen_ids, row.rejected_ids):
        assert ids.count(tok.eos_token_id) == 1 and ids[-1] == tok.eos_token_id
    assert tok.eos_token_id not in row.prompt_ids
    assert (row.prompt_ids[0] == 1) == template.startswith("<s>")
    assert row.chosen_weights == [1] * len(row.chosen_ids)
    assert row.rejected_weights[-1] == 0 and masked(row, tok).endswith("  y = 1\n")
    plain = Encoder(tiny.tokenizer(), "overlap").row(pair())
    assert (row.chosen_ids, row.rejected_ids, row.rejected_weights) == (plain.chosen_ids, plain.rejected_ids, plain.rejected_weights)


def test_several_bytes_a_character():
    """A character that is three tokens: each of them is it."""
    tok = tiny.tokenizer()
    text = "s = '→'\n"
    row = Encoder(tok, "overlap").row(pair(text, [(5, 8)]))
    assert masked(row, tok).strip("'") == "→"
    assert sum(row.rejected_weights) >= 3


def test_a_token_that_reaches_out_of_the_prompt():
    """Where the prompt's last token and the answer's first one merge, the
    completion starts earlier; bytes of the prompt are not in a span."""
    tok = tiny.tokenizer(["ab\n"] * 50, size=300)
    row = Encoder(tok, "overlap").row(pair("b\n", [(0, 2)], "b\n\n", "xa"))
    assert tok.decode(row.prompt_ids) == "x" and tok.decode(row.rejected_ids[:1]).startswith("ab")
    assert row.rejected_weights[0] == 1
    with pytest.raises(RunError, match="no token of the rejected answer is in its mask by the rule owner"):
        Encoder(tok, "owner").row(pair("b\n", [(0, 1)], "b\n\n", "xa"))


def test_chat_template():
    tok = tiny.tokenizer()
    row = Encoder(tok, "overlap", "chat").row(pair())
    assert tok.decode(row.prompt_ids) == "<|user|>\np:\n<|end|>\n<|assistant|>\n"
    assert tok.decode(row.rejected_ids) == BAD + "<|end|>\n"
    assert masked(row, tok).endswith("  y = 1\n")


def test_a_conversation_in_the_template():
    """Its turns keep their roles in the chat template, and are one text without."""
    tok = tiny.tokenizer()
    turns = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "p:"}, {"role": "assistant", "content": "what?"}, {"role": "user", "content": "q"}]
    p = Pair("a", "be brief\np:\nwhat?\nq\n", GOOD, BAD, None, [(6, 14)], turns)
    row = Encoder(tok, "overlap", "chat").row(p)
    assert tok.decode(row.prompt_ids) == "".join(f"<|{m['role']}|>\n{m['content']}<|end|>\n" for m in turns) + "<|assistant|>\n"
    assert tok.decode(row.rejected_ids) == BAD + "<|end|>\n"
    assert masked(row, tok).endswith("  y = 1\n")
    assert tok.decode(Encoder(tok, "overlap").row(p).prompt_ids) == p.prompt
    tok.chat_template = "{{ raise_exception('no system here') }}"
    with pytest.raises(RunError, match="pair a: the model's chat template refuses its messages .system, user, assistant, user.: no system here"):
        Encoder(tok, "overlap", "chat").row(p)


@pytest.mark.parametrize("template, why", [("{{ messages[-1].content | trim }}", "changes the answer"), (None, "no chat template")])
def test_chat_templates_that_do_not_fit(template, why):
    tok = tiny.tokenizer()
    tok.chat_template = template
    with pytest.raises(RunError, match=why):
        Encoder(tok, "overlap", "chat").row(pair())


def test_a_tokenizer_that_drops_text():
    """Blanks between words belong to no token: a span of them cannot be mapped."""
    t = Tokenizer(models.WordLevel(unk_token="?"))
    t.normalizer, t.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    t.train_from_iterator([GOOD], trainers.WordLevelTrainer(special_tokens=["?", "<end>"], show_progress=False))
    tok = PreTrainedTokenizerFast(tokenizer_object=t, eos_token="<end>")
    with pytest.raises(RunError, match="has no token for"):
        Encoder(tok, "overlap").row(pair())


def test_a_tokenizer_without_offsets():
    with pytest.raises(RunError, match="tells no offsets"):
        Encoder(object(), "overlap")
