"""A small random model, its tokenizer, and run directories to train it in."""

import hashlib
import json
import os
import random

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

TESTDATA = os.path.join(os.path.dirname(__file__), "..", "..", "testdata")
RUN = os.path.join(TESTDATA, "run")
EOS = "<|end|>"
CHAT = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}" + EOS + "\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"


def tokenizer(texts=(), size=400, trim=False):
    """A byte-level BPE, as GPT-2 and Qwen have it."""
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=trim)
    corpus = list(texts) or ["def add(a, b):\n    return a + b\n", "```python\n    for i in range(n):\n```\n", "\n\n    return sum(xs) / len(xs)\n"]
    t.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=size, special_tokens=[EOS], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return PreTrainedTokenizerFast(tokenizer_object=t, eos_token=EOS, pad_token=EOS, chat_template=CHAT)


def model(vocabulary, seed=0, **settings):
    torch.manual_seed(seed)
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "tie_word_embeddings": False}
    return Qwen2ForCausalLM(Qwen2Config(vocab_size=vocabulary, **{**small, **settings}))


def save_model(folder, tok=None, **settings):
    tok = tok or tokenizer()
    model(len(tok), **settings).save_pretrained(folder)
    tok.save_pretrained(folder)
    return folder


def pairs(count, seed=0):
    """Programs of a few lines with one wrong line each."""
    rng = random.Random(seed)
    out = []
    for i in range(count):
        lines = [f"def f{i}(a, b):\n"] + [f"    v{k} = a * {rng.randint(0, 9)} + b\n" for k in range(rng.randint(1, 4))]
        lines.append("    return v0\n")
        bad = rng.randrange(1, len(lines))
        wrong = lines[:bad] + [f"    v0 = a - {rng.randint(0, 9)}\n"] + lines[bad + 1 :]
        start = sum(len(l.encode()) for l in wrong[:bad])
        out.append({
            "version": 1, "id": f"tiny/{i}", "prompt": f"Task {i}.\n", "chosen": "".join(lines), "rejected": "".join(wrong),
            "chosen_spans": "all", "rejected_spans": [[start, start + len(wrong[bad].encode())]],
        })
    return out


def manifest(**changes):
    m = {"version": 1, "assay": "test", "trainer": "trl", "method": "target-rpo", "preference": True, "nll": "chosen", "norm": "batch", "beta": 0.1, "alpha": 1.0, "rule": "overlap"}
    return {**m, **changes}


def write_run(folder, rows, config, **changes):
    os.makedirs(folder, exist_ok=True)
    text = "".join(json.dumps(r) + "\n" for r in rows).encode()
    with open(os.path.join(folder, "pairs.jsonl"), "wb") as f:
        f.write(text)
    for name, value in (("manifest.json", manifest(pairs_sha256=hashlib.sha256(text).hexdigest(), **changes)), ("config.json", config)):
        with open(os.path.join(folder, name), "w") as f:
            json.dump(value, f)
    return str(folder)


def read_lines(folder, name):
    with open(os.path.join(folder, name)) as f:
        return [json.loads(line) for line in f]
