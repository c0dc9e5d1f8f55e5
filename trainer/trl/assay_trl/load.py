"""Models and tokenizers, from a folder of transformers or a .gguf file."""

import os

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import is_flash_attn_2_available

from .errors import RunError


def precision(config):
    """The type that products are computed in."""
    if config.precision == "auto":
        return torch.bfloat16 if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else torch.float32
    return getattr(torch, config.precision)


def attention(config):
    """The attention's implementation. Flash attention wants a GPU and bfloat16."""
    fit = torch.cuda.is_available() and precision(config) == torch.bfloat16 and is_flash_attn_2_available()
    if config.attention == "flash_attention_2" and not fit:
        raise RunError("attention flash_attention_2 needs a GPU, bfloat16 and the package flash-attn: choose auto or sdpa")
    if config.attention == "auto":
        return "flash_attention_2" if fit else "sdpa"
    return config.attention


def load_tokenizer(config):
    where, options = _where(config.model)
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, **options)
    except (OSError, ValueError) as err:
        raise RunError(f"no tokenizer in {config.model}: {err}") from err
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(config):
    """The model. Weights that are trained stay in float32, so that small updates
    are not lost; under LoRA the frozen ones are in the type of the products."""
    where, options = _where(config.model)
    dtype = precision(config) if config.lora else torch.float32
    try:
        model = AutoModelForCausalLM.from_pretrained(where, dtype=dtype, attn_implementation=attention(config), **options)
    except (OSError, ValueError) as err:
        raise RunError(f"no model in {config.model}: {err}") from err
    if options:
        model = _fresh(model, dtype)
    return model


def _fresh(model, dtype):
    """A model that was unpacked from a .gguf file cannot be saved as it is: its
    state goes into a new one of the same configuration."""
    settings = model.config
    if hasattr(settings, "quantization_config"):
        del settings.quantization_config
    fresh = AutoModelForCausalLM.from_config(settings, attn_implementation=settings._attn_implementation, dtype=dtype)
    fresh.load_state_dict(model.state_dict())
    return fresh


def _where(model):
    if model.endswith(".gguf"):
        if not os.path.isfile(model):
            raise RunError(f"{model}: there is no such file")
        return os.path.dirname(os.path.abspath(model)), {"gguf_file": os.path.basename(model)}
    return model, {}
