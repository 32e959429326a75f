"""ComfyUI's pictures as the readers take them, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BadInput

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


def to_pixels(images: Tensor) -> list[np.ndarray]:
    """uint8 [H,W,3] of every picture of a batch [B,H,W,1|3|4] in 0..1, on white where it is transparent.

    Rounded to 8 bit; what is outside 0..1 is clipped, NaN is black. Raises BadInput for another shape and for a batch
    without a picture.
    """
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4) or 0 in images.shape:
        shape = " x ".join(map(str, images.shape))
        raise BadInput(f"Pictures of height x width x 3 are needed, not {shape}.")
    return [_eight_bit(picture) for picture in images]


def to_images(pictures: Sequence[Image.Image]) -> Tensor:
    """RGB pictures of one size as an IMAGE batch, float32 [B,H,W,3]."""
    import torch

    return torch.stack([torch.from_numpy(np.asarray(p, dtype=np.float32) / 255) for p in pictures])


def _eight_bit(picture: Tensor) -> np.ndarray:
    values = np.nan_to_num(picture.detach().to("cpu").float().numpy(), nan=0.0, posinf=1.0, neginf=0.0).clip(
        0, 1
    )
    if values.shape[2] == 4:
        alpha = values[..., 3:]
        values = values[..., :3] * alpha + 1 - alpha
    return np.ascontiguousarray(
        np.broadcast_to((values * 255).round().astype(np.uint8), (*values.shape[:2], 3))
    )
