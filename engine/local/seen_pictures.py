"""Reference pictures as a vision encoder sees them: 8 bit, on white, scaled to an area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

GRID = 32  # px; a multiple of what one token covers in every Qwen vision encoder and VAE


def fitted(width: int, height: int, area: int) -> tuple[int, int]:
    """(width, height) in px with about `area` px, the same shape, both on the grid."""
    wide = math.sqrt(area * width / height)
    return max(GRID, round(wide / GRID) * GRID), max(GRID, round(wide * height / width / GRID) * GRID)


def seen(references: Sequence[Tensor], area: int) -> list[Image]:
    """RGB pictures of about `area` px each. references: [H,W,C] or [B,H,W,C] in 0..1, C 3 or 4 (what is clear
    turns white).
    """
    from PIL import Image

    pictures = [_image(picture) for reference in references for picture in each(reference)]
    return [_on_white(p.resize(fitted(p.width, p.height, area), Image.Resampling.LANCZOS)) for p in pictures]


def each(reference: Tensor) -> Sequence[Tensor]:
    """The single pictures [H,W,C] of an IMAGE."""
    return [reference] if reference.dim() == 3 else list(reference)


def vision_inputs(given: Any, picture_token: int) -> dict[str, Tensor]:
    """What a Qwen processor made of text and pictures, with the kind of each token beside it: 1 = of a
    picture, 0 = text.

    Without `mm_token_type_ids` transformers 5 numbers the tokens of a picture like words in a row: its rows
    and columns are lost, and nothing says so (diffusers issue 14194).
    """
    inputs = {name: given[name] for name in ("input_ids", "attention_mask")}
    if "pixel_values" in given:
        inputs |= {name: given[name] for name in ("pixel_values", "image_grid_thw")}
        inputs["mm_token_type_ids"] = (given["input_ids"] == picture_token).int()
    return inputs


def _image(picture: Tensor) -> Image:
    from PIL import Image

    pixels = (picture.detach().float().cpu().clamp(0, 1) * 255).round().byte().numpy()
    return Image.fromarray(pixels if pixels.shape[-1] == 4 else pixels[..., :3])


def _on_white(picture: Image) -> Image:
    from PIL import Image

    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, (255, 255, 255))
    white.paste(picture, mask=picture.getchannel("A"))
    return white
