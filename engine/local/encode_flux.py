"""FLUX.1 (CLIP for the whole, T5 for the words), FLUX.2 dev (Mistral 3) and klein (Qwen3)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .conditioning import Conditioning
from .encode_qwen import empty_pipeline
from .family import Family
from .machine import Machine
from .text_encoder import Asked, kept, refuse_long, states, whole

if TYPE_CHECKING:
    from torch import Tensor

    from .model import LocalModel

CLIP_TOKENS = 77  # CLIP-L's positions; ComfyUI's tokenizer folder says 8192


def read_flux1(
    model: LocalModel, prompt: str, references: Sequence[Tensor], negative: bool, area: int | None
) -> Asked:
    """T5 reads the whole prompt. CLIP only gives the picture's general direction, from the first 75 tokens:
    the rest is left out for it alone, as FLUX.1 was trained.
    """
    limit = model.family.tokens
    words = model.tokenizer("tokenizer_2")(
        [prompt], padding="max_length", max_length=limit, return_tensors="pt"
    )
    if words["input_ids"].shape[1] > limit:
        refuse_long(
            model.family, words["input_ids"].shape[1] - 1, limit - 1, negative
        )  # one is the end of the text
    start = model.tokenizer("tokenizer")(
        [prompt], padding="max_length", max_length=CLIP_TOKENS, truncation=True, return_tensors="pt"
    )
    clip_ids, t5_ids = start["input_ids"], words["input_ids"]

    def run(model: LocalModel, machine: Machine) -> Conditioning:
        clip, t5 = model.part("text_encoder"), model.part("text_encoder_2")
        pooled = kept(whole(clip, machine, clip_ids).pooler_output, clip)
        return Conditioning(kept(whole(t5, machine, t5_ids)[0], t5), pooled)

    return Asked(("text_encoder", "text_encoder_2"), "flux1", {"clip": clip_ids, "t5": t5_ids}, run)


def read_flux2(
    model: LocalModel, prompt: str, references: Sequence[Tensor], negative: bool, area: int | None
) -> Asked:
    """References go to the transformer alone: neither Mistral nor Qwen3 sees them."""
    family, tokenizer = model.family, model.tokenizer("tokenizer")
    template = _mistral if family.tokenizers["tokenizer"] == "mistral" else _qwen3
    given = template(family, tokenizer, prompt)
    if given["input_ids"].shape[1] > family.tokens:
        empty = int(template(family, tokenizer, "")["attention_mask"].sum())
        refuse_long(family, int(given["attention_mask"].sum()) - empty, family.tokens - empty, negative)
    inputs = {name: given[name] for name in ("input_ids", "attention_mask")}
    layers = family.out_layers

    def run(model: LocalModel, machine: Machine) -> Conditioning:
        import torch

        part = model.part("text_encoder")
        embeds = kept(torch.cat(states(part, machine, inputs, layers), dim=-1), part)
        return Conditioning(embeds, mask=_padding(inputs["attention_mask"]))

    return Asked(("text_encoder",), f"flux2, layers {layers}", inputs, run)


def _mistral(family: Family, tokenizer: Any, prompt: str) -> Any:
    shell = empty_pipeline(family.pipelines["generate"])
    module = sys.modules[type(shell).__module__]
    return tokenizer.apply_chat_template(
        module.format_input(prompts=[prompt], system_message=shell.system_message),
        add_generation_prompt=False,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        padding="max_length",
        max_length=family.tokens,
    )


def _qwen3(family: Family, tokenizer: Any, prompt: str) -> Any:
    """What Qwen3's own chat template makes of a question without thinking. It is not asked for it, for the
    tokenizer that ComfyUI brings along has the template of Qwen2.5, which puts a sentence before.
    """
    text = f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    return tokenizer([text], padding="max_length", max_length=family.tokens, return_tensors="pt")


def _padding(mask: Tensor) -> Tensor | None:
    return None if bool(mask.bool().all()) else mask
