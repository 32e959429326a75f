"""The pictures of an edit: the size they are shown in, the size of the result, and what stays of the source.

A picture is resized once, from the original straight to the size at which it is encoded. Shifts and zooms in
edited pictures come from sizes off the grid and from resizing twice (QwenLM/Qwen-Image issues 229 and 160).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..models import MEGAPIXEL
from .family import Family

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST = 64  # pixels of a side; FLUX.2 refuses less


def snapped(family: Family, width: int, height: int) -> tuple[int, int]:
    """(width, height) on the family's grid, each side to the nearest line."""
    step = family.multiple
    width, height = (max(SMALLEST, math.floor(side / step + 0.5) * step) for side in (width, height))
    return width, height


def output_size(
    family: Family, references: Sequence[Tensor], width: int = 0, height: int = 0
) -> tuple[int, int]:
    """(width, height) of an edit: what was asked for, else the first picture's own, on the family's grid.

    With one side given, the other follows the picture's shape. references: IMAGE [B,H,W,C] or [H,W,C]."""
    if not references and not (width and height):
        raise BadInput(
            "The size of the result is not known: give width and height, or a picture that it can follow."
        )
    if references:
        tall, wide = references[0].shape[-3:-1]
        if not (width or height):
            width, height = wide, tall
        width = width or round(height * wide / tall)
        height = height or round(width * tall / wide)
    return snapped(family, width, height)


def shown_size(family: Family, width: int, height: int, megapixels: float = 0.0) -> tuple[int, int]:
    """(width, height) at which a picture is encoded for the model: with about so many megapixels (1:
    1024x1024) and its own shape, on the grid; 0 keeps its size. A reference costs by its pixels: one of 1 MP
    makes a step about 2.4 times as long.

    Qwen-Image-2.1 has no size of the picture's own: its text encoder has to be shown the same number of
    pixels."""
    if not megapixels and family.kind != "qwen21":
        return snapped(family, width, height)
    area, step = (megapixels or 1.0) * MEGAPIXEL, family.multiple
    wide = math.sqrt(int(area) * width / height)
    return max(step, round(wide / step) * step), max(step, round(wide * height / width / step) * step)


def shown(family: Family, picture: Tensor, megapixels: float = 0.0) -> Tensor:
    """`picture` [1,H,W,C] in 0..1 at its shown size; the very tensor if it has that size already."""
    height, width = picture.shape[1:3]
    return resized(picture, *shown_size(family, width, height, megapixels))


def resized(picture: Tensor, width: int, height: int) -> Tensor:
    """IMAGE [B,H,W,C] by Lanczos in 8 bit, as the pipelines do it; the very tensor if nothing changes."""
    import torch

    if tuple(picture.shape[1:3]) == (height, width):
        return picture
    return torch.stack([_resized(one, width, height) for one in picture])


def resized_masks(masks: Tensor, width: int, height: int) -> Tensor:
    """MASK [B,H,W], smoothly; the very tensor if nothing changes."""
    import torch.nn.functional as functional

    if tuple(masks.shape[1:]) == (height, width):
        return masks
    made = functional.interpolate(masks[:, None], (height, width), mode="bilinear", antialias=True)
    return made[:, 0].clamp(0, 1)


def composite(made: Tensor, source: Tensor, mask: Tensor) -> Tensor:
    """`source` with `made` where the mask is, at the source's size; outside it is the source to the last bit.

    made: IMAGE [B,h,w,3]. source: IMAGE [1 or B,H,W,C]. mask: MASK [1 or B,H,W], 1 = from made, soft edges
    blend."""
    height, width = source.shape[1:3]
    channels = min(made.shape[-1], source.shape[-1])
    return _blended(resized(made, width, height)[..., :channels], source[..., :channels], mask)


def composite_masks(made: Tensor, source: Tensor, mask: Tensor) -> Tensor:
    """The same of what is transparent: MASK [B,h,w], 1 = clear; a source without alpha is nowhere."""
    import torch

    height, width = source.shape[1:3]
    clear = 1 - source[..., 3:4] if source.shape[-1] > 3 else torch.zeros_like(source[..., :1])
    return _blended(resized_masks(made, width, height)[..., None], clear, mask)[..., 0]


def _blended(made: Tensor, source: Tensor, mask: Tensor) -> Tensor:
    """[B,H,W,C], both of one size."""
    import torch
    import torch.nn.functional as functional

    height, width = source.shape[1:3]
    source, mask = source.to(made), mask.to(made).reshape(-1, 1, *mask.shape[-2:])
    if mask.shape[-2:] != (height, width):
        mask = functional.interpolate(mask, (height, width), mode="bilinear")
    share = mask.movedim(1, -1).clamp(0, 1)
    return torch.where(share > 0, torch.where(share < 1, source + (made - source) * share, made), source)


def _resized(picture: Tensor, width: int, height: int) -> Tensor:
    import numpy as np
    import torch
    from PIL import Image

    pixels: Any = (picture.detach().float().cpu().clamp(0, 1) * 255).round().byte().numpy()
    made = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(made)).float().div(255).to(picture.device)
