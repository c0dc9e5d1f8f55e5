"""Trains a model of the shape that assay is measured with, by PyTorch, and prints
tokens a second of the last steps and peak memory in bytes."""

import json
import resource
import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

layers, width, heads, length, rows, steps, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(0)
inner = (width * 8 // 3 + 7) // 8 * 8
config = LlamaConfig(vocab_size=257, hidden_size=width, intermediate_size=inner, num_hidden_layers=layers, num_attention_heads=heads,
                     num_key_value_heads=heads, max_position_embeddings=length, tie_word_embeddings=True, use_cache=False)
model = LlamaForCausalLM(config)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
since = 0.0
for step in range(steps):
    if step == steps // 2:  # the first ones warm up
        since = time.monotonic()
    ids = torch.randint(257, (rows, length))
    loss = model(input_ids=ids, labels=ids).loss
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
rate = rows * length * (steps - steps // 2) / (time.monotonic() - since)
print(json.dumps({"rate": rate, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10, "weights": sum(p.numel() for p in model.parameters())}))
