"""Layers between ComfyUI, as an IMAGE batch with a MASK batch, and the engine, as 8-bit RGBA with straight alpha.

The mask is ComfyUI's way round, 1 where a layer is transparent, as our Layered nodes, core's Load Image and its Join Image
with Alpha have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import folder_paths
import numpy as np
import torch

from ..engine.errors import BadInput

if TYPE_CHECKING:
    from ..engine.layerfile.layer import Layer
    from ..engine.layerfile.stack import Looks


def stacked(images: torch.Tensor, masks: torch.Tensor | None, looks: Looks, trim: bool) -> list[Layer]:
    """The layers of a batch. Raises BadInput where masks, or what was typed, do not fit it."""
    from ..engine.layerfile import stack

    return stack.stacked(pictures(images, masks), len(images), looks, trim)


def pictures(images: torch.Tensor, masks: torch.Tensor | None) -> Iterator[np.ndarray]:
    """Each picture as uint8 [H,W,4], one at a time. Raises BadInput at once where the masks do not fit."""
    if images.shape[-1] not in (1, 3, 4):
        raise BadInput(f"A picture has 1, 3 or 4 channels; these have {images.shape[-1]}.")
    if 0 in images.shape:
        raise BadInput("`images` is a batch without a picture, so there are no layers.")
    if masks is None:
        return (rgba(image) for image in images)
    masks = masks.reshape(-1, *masks.shape[-2:])
    if not masks.any():  # core's Load Image gives 64 x 64 zeros for a picture without transparency
        return (rgba(image[..., :3]) for image in images)
    height, width = images.shape[1:3]
    if len(masks) not in (1, len(images)):
        raise BadInput(
            f"There are {len(images)} pictures but {len(masks)} masks: connect one mask for each, or one for all."
        )
    if masks.shape[-2:] != (height, width):
        high, wide = masks.shape[-2:]
        raise BadInput(
            f"The masks are {wide}×{high} pixels, the pictures {width}×{height}: scale one of them first."
        )
    return (
        rgba(image[..., :3], mask)
        for image, mask in zip(images, masks.expand(len(images), -1, -1), strict=True)
    )


def rgba(image: torch.Tensor, mask: torch.Tensor | None = None) -> np.ndarray:
    """One picture [H,W,1|3|4] as uint8 [H,W,4]. A mask [H,W] takes the place of a fourth channel."""
    height, width, channels = image.shape
    pixels = np.full((height, width, 4), 255, np.uint8)
    colours = _eight_bit(image)
    pixels[..., : max(3, min(channels, 4))] = colours
    if mask is not None:
        pixels[..., 3] = _eight_bit(1 - mask.to("cpu", torch.float32))
    return pixels


def tensors(layers: Sequence[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """uint8 [h,w,4] of one size as (images [n,h,w,3], masks [n,h,w])."""
    height, width = layers[0].shape[:2]
    images = torch.empty((len(layers), height, width, 3))
    masks = torch.empty((len(layers), height, width))
    for index, pixels in enumerate(layers):
        values = torch.from_numpy(np.ascontiguousarray(pixels))
        torch.div(values[..., :3], 255, out=images[index])
        torch.sub(1, values[..., 3] / 255, out=masks[index])
    return images, masks


def shown(picture: np.ndarray, texts: dict[str, str]) -> dict[str, str]:
    """uint8 [h,w,4] as a PNG in ComfyUI's temp folder, for a node to show: browsers show no layer file."""
    from ..engine.layerfile.png import png
    from ..engine.layerfile.save import write_whole

    folder = Path(folder_paths.get_temp_directory())
    folder.mkdir(parents=True, exist_ok=True)
    path = write_whole(folder / f"switchyard_layers_{uuid4().hex[:12]}.png", png(picture, texts))
    return {"filename": path.name, "subfolder": "", "type": "temp"}


def _eight_bit(tensor: torch.Tensor) -> np.ndarray:
    # Rounded: n / 255 * 255 in float32 ends below n for some n.
    whole = tensor.detach().to("cpu", torch.float32).nan_to_num(nan=0.0, posinf=1.0, neginf=0.0)
    return whole.clamp(0, 1).mul(255).round().to(torch.uint8).numpy()
