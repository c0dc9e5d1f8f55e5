"""Small tokenizers of the kinds that models have, and what tokens Hugging
Face's library finds in awkward texts. Needs tokenizers (0.23.3 was used); writes
the .json files beside it."""

import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
BYTES = pre_tokenizers.ByteLevel
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
KINDS = {
    "qwen": (normalizers.NFC(), [pre_tokenizers.Split(Regex(QWEN), "isolated"), BYTES(add_prefix_space=False, use_regex=False)]),
    "smol": (None, [pre_tokenizers.Digits(individual_digits=True), BYTES(add_prefix_space=False)]),
    "gpt2": (None, [BYTES(add_prefix_space=True)]),
    "nfkc": (normalizers.Sequence([normalizers.NFKC()]), [pre_tokenizers.Digits(individual_digits=False), BYTES(add_prefix_space=False)]),
}
CORPUS = (pathlib.Path(__file__).read_text() + "def add(numbers, other):\n    return [number + other for number in numbers]\n") * 3
PIECES = ["def f(x):\n", "    return x", "\t", " ", "  \n", "\r\n", "'s", "'LL", "don't", "é", "e\u0301", "ﬁ", "你好", "🙂", "12345", "٣", "x_1", "==", "# !", "\u2028", "\x0b", "\x00", "<|end|>", "<|end", "for number in"]


def main():
    pick = random.Random(1)
    texts = ["", *PIECES, *("".join(pick.choices(PIECES, k=pick.randint(2, 40))) for _ in range(60)), "a" * 500, " " * 301 + "x"]
    counts, ids = {}, []
    for name, (normalizer, splits) in KINDS.items():
        t = Tokenizer(models.BPE(ignore_merges=name == "gpt2"))
        t.pre_tokenizer = pre_tokenizers.Sequence(splits)
        if normalizer:
            t.normalizer = normalizer
        t.train_from_iterator([CORPUS], trainers.BpeTrainer(vocab_size=360, initial_alphabet=sorted(BYTES.alphabet()), special_tokens=[AddedToken("<|end|>", special=True)], show_progress=False))
        t.save(str(HERE / f"{name}.json"), pretty=False)
        counts[name] = [len(t.encode(text, add_special_tokens=False).ids) for text in texts]
        if name == "smol":  # it has a place for every token
            ids = [t.encode(text, add_special_tokens=False).ids for text in texts]
    (HERE / "counts.json").write_text(json.dumps({"texts": texts, "counts": counts, "smol": ids}, indent=None) + "\n")


main()
