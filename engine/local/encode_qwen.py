"""Qwen-Image, its edit models and Layered: what Qwen2.5-VL is given, and the part of its answer that is kept.

The templates are those of the installed diffusers, read from the family's own pipeline.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..models import MEGAPIXEL, find
from .conditioning import Conditioning
from .family import Family
from .machine import Machine
from .seen_pictures import each, seen, vision_inputs
from .text_encoder import Asked, kept, last_state, refuse_long

if TYPE_CHECKING:
    from torch import Tensor

    from .model import LocalModel

SLOT = "<|vision_start|><|image_pad|><|vision_end|>"  # where the processor puts a picture's tokens
PAD = "<|image_pad|>"


def read(
    model: LocalModel, prompt: str, references: Sequence[Tensor], negative: bool, area: int | None
) -> Asked:
    """The prompt in the family's template, with the references where it sees them, each scaled to `area` px."""
    shell = empty_pipeline(next(iter(model.family.pipelines.values())))
    pictures = _pictures(model.family, shell, references, area)
    template, drop = shell.prompt_template_encode, shell.prompt_template_encode_start_idx
    if pictures and PAD not in template:
        slots = "".join(f"Picture {number}: {SLOT}" for number in range(1, len(pictures) + 1))
        template = template.replace("{}", slots + "{}")
    inputs = _inputs(model, template.format(prompt.replace(PAD, "")), pictures)
    _measure(model, template, inputs["input_ids"], drop, negative)

    def run(model: LocalModel, machine: Machine) -> Conditioning:
        part = model.part("text_encoder")
        return Conditioning(kept(last_state(part, machine, inputs)[:, drop:], part))

    return Asked(("text_encoder",), f"qwen, from {drop}", inputs, run)


@cache
def empty_pipeline(name: str) -> Any:
    """The diffusers pipeline of that name without any component, for what its constructor knows."""
    import inspect

    import diffusers

    pipeline = getattr(diffusers, name)
    wanted = list(inspect.signature(pipeline.__init__).parameters.values())[1:]
    return pipeline(**{one.name: None for one in wanted if one.default is one.empty})


def check_references(family: Family, references: Sequence[Tensor], least: int = 0) -> None:
    """Raises BadInput for more reference pictures than the family takes, or fewer than it needs."""
    count = sum(len(each(reference)) for reference in references)
    model = find(family.model)
    name = model.name if model else family.model
    if count > family.references:
        raise BadInput(
            f"{name} takes {family.references} reference pictures at most, and {count} are connected."
        )
    if count < least:
        raise BadInput(f"{name} changes a picture, and none is connected: connect one to images.")


def _pictures(family: Family, shell: Any, references: Sequence[Tensor], area: int | None) -> list[Any]:
    if "edit" not in family.pipelines:
        return []  # Layered splits its picture, but its encoder only reads
    check_references(family, references, least=1 if PAD in shell.prompt_template_encode else 0)
    # Edit shows its encoder the picture at the size that the VAE gets; its successors have a smaller one of
    # their own.
    own = getattr(sys.modules[type(shell).__module__], "CONDITION_IMAGE_SIZE", MEGAPIXEL)
    return seen(references, area or own)


def _inputs(model: LocalModel, text: str, pictures: list[Any]) -> dict[str, Tensor]:
    if not pictures:
        given = model.tokenizer("tokenizer")([text], return_tensors="pt")
        return {"input_ids": given["input_ids"], "attention_mask": given["attention_mask"]}
    processor = model.processor
    given = processor(text=[text], images=pictures, padding=True, return_tensors="pt")
    return vision_inputs(given, processor.tokenizer.convert_tokens_to_ids(PAD))


def _measure(model: LocalModel, template: str, ids: Tensor, drop: int, negative: bool) -> None:
    """Pictures' tokens do not count: the limit is one of text, and diffusers has none for them either."""
    tokenizer = model.tokenizer("tokenizer")
    count = int((ids != tokenizer.convert_tokens_to_ids(PAD)).sum())
    if count - drop > model.family.tokens:
        empty = len(tokenizer(template.replace(PAD, "").format(""))["input_ids"])
        refuse_long(model.family, count - empty, model.family.tokens - (empty - drop), negative)
