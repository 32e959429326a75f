"""Qwen-Image-2.1: what Qwen3-VL is given, and what is kept of it: the last layer's result before its norm."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ..models import MEGAPIXEL
from .conditioning import Conditioning
from .encode_qwen import PAD, SLOT, check_references
from .machine import Machine
from .seen_pictures import seen, vision_inputs
from .text_encoder import Asked, depth, kept, refuse_long, states

if TYPE_CHECKING:
    from torch import Tensor

    from .model import LocalModel

USER = "<|im_start|>user"


def read(
    model: LocalModel, prompt: str, references: Sequence[Tensor], negative: bool, area: int | None
) -> Asked:
    """The prompt in the template for pictures or in the one without.

    area: px of each reference, which must be the VAE's: each token of a picture stands for 2 x 2 of its
    latents. The mask of those tokens is handed on as `image_pad_mask` [1, L].
    """
    check_references(model.family, references)
    shell = _pipeline(model.family.pipelines["generate"])
    pictures = seen(references, area or MEGAPIXEL)
    template = _template(shell, len(pictures))
    processor = model.processor
    text = template.format(
        prompt.replace(PAD, "") or " "
    )  # Qwen has no first token of its own: something must be read
    options = {"images": pictures} if pictures else {}
    given = processor(text=[text], padding=True, padding_side="left", return_tensors="pt", **options)
    pad = processor.tokenizer.convert_tokens_to_ids(PAD)
    inputs = vision_inputs(given, pad)
    drop = len(processor.tokenizer(template.partition(USER)[0])["input_ids"])  # the system message
    pads = inputs["input_ids"] == pad
    _measure(model, template, int((~pads).sum()), drop, negative)

    def run(model: LocalModel, machine: Machine) -> Conditioning:
        part = model.part("text_encoder")
        (last,) = states(part, machine, inputs, [depth(part.module)])
        return Conditioning(kept(last[:, drop:], part), extra={"image_pad_mask": pads[:, drop:].clone()})

    return Asked(("text_encoder",), f"qwen21, from {drop}", inputs, run)


@cache
def _pipeline(name: str) -> Any:
    """The pipeline without components. It measures its template with a processor that it cannot do without,
    and which is of no use here: ComfyUI's tokenizer has another model's chat template.
    """
    import diffusers

    pipeline = getattr(diffusers, name)
    wanted = list(inspect.signature(pipeline.__init__).parameters.values())[1:]
    nothing = {one.name: None for one in wanted if one.default is one.empty}
    return pipeline(**{**nothing, "processor": _NoProcessor})


class _NoProcessor:
    @staticmethod
    def apply_chat_template(*args: Any, **options: Any) -> list[list[int]]:
        return [[]]

    class tokenizer:
        encode = staticmethod(lambda text: [-1])


def _template(shell: Any, pictures: int) -> str:
    if not pictures:
        return shell.prompt_template_t2i
    slots = " ".join(f"<image{number}>{SLOT}" for number in range(1, pictures + 1))
    return shell.prompt_template_ti2i.replace(f"<image1>{SLOT}", slots)


def _measure(model: LocalModel, template: str, count: int, drop: int, negative: bool) -> None:
    if count - drop > model.family.tokens:
        empty = len(model.processor.tokenizer(template.replace(PAD, "").format(""))["input_ids"])
        refuse_long(model.family, count - empty, model.family.tokens - (empty - drop), negative)
