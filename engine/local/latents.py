"""Latents, in the three forms that they have on their way.

samples  what ComfyUI passes as LATENT: the VAE's own scale. qwen [B,16,F,H/8,W/8] (F: 1, or the layers),
         qwen21 [B,64,1,H/16,W/16], flux1 [B,16,H/8,W/8], flux2 [B,128,H/16,W/16] (patches of 2x2, which its
         VAE has batch-normalised).
latents  the same shape in the model's space: (samples - mean) / std. Previews are made from these.
tokens   [B,N,C], what a pipeline's loop moves: patches of 2x2 for qwen and flux1, single points for the
         others; frames in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..errors import BadInput
from .family import Kind

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Grid:
    """pixels: of a latent's side. patch: latents of a token's side. frames: samples have an axis for them."""

    channels: int
    pixels: int
    patch: int
    frames: bool


GRIDS: dict[Kind, Grid] = {
    "qwen": Grid(16, 8, 2, True),
    "qwen21": Grid(64, 16, 1, True),
    "flux1": Grid(16, 8, 2, False),
    "flux2": Grid(128, 16, 1, False),
}
FLUX_1_MEAN, FLUX_1_STD = 0.1159, 1 / 0.3611  # its VAE's shift_factor and 1 / scaling_factor


def empty(kind: Kind, width: int, height: int, batch: int = 1, layers: int = 1) -> torch.Tensor:
    """Samples of nothing, for a person's own sampler: zeros of the right shape."""
    import torch

    grid = GRIDS[kind]
    frames = (layers,) if grid.frames else ()
    return torch.zeros(batch, grid.channels, *frames, height // grid.pixels, width // grid.pixels)


def size(kind: Kind, samples: torch.Tensor) -> tuple[int, int]:
    """(width, height) in pixels of the picture that samples or latents stand for."""
    grid = GRIDS[kind]
    return samples.shape[-1] * grid.pixels, samples.shape[-2] * grid.pixels


def from_comfy(kind: Kind, samples: torch.Tensor) -> torch.Tensor:
    """LATENT samples -> latents, float32. Samples without an axis for frames (EmptySD3LatentImage's) get one.

    Raises BadInput for samples of another kind of model, and for sides that make no whole tokens."""
    grid = GRIDS[kind]
    if samples.ndim == 4 and grid.frames:
        samples = samples.unsqueeze(2)
    if samples.ndim != (5 if grid.frames else 4) or samples.shape[1] != grid.channels:
        raise BadInput(
            f"This latent has the shape {list(samples.shape)}, and this model's have {grid.channels} channels "
            f"on a grid of {grid.pixels} pixels: it comes from another kind of model. Decode it with its own "
            "VAE and pass the image."
        )
    if samples.shape[-1] % grid.patch or samples.shape[-2] % grid.patch:
        width, height = size(kind, samples)
        step = grid.pixels * grid.patch
        raise BadInput(
            f"This latent is of a picture of {width}x{height} pixels, and this model works in steps of "
            f"{step}: resize it to {width // step * step}x{height // step * step} before it is encoded."
        )
    mean, std = _scale(kind, samples)
    return (samples.float() - mean) / std


def to_comfy(kind: Kind, latents: torch.Tensor) -> torch.Tensor:
    """Latents -> LATENT samples on the CPU, float32."""
    mean, std = _scale(kind, latents)
    return (latents.float() * std + mean).cpu()


def pack(kind: Kind, latents: torch.Tensor) -> torch.Tensor:
    """Latents -> tokens."""
    grid = GRIDS[kind]
    if not grid.frames:
        latents = latents.unsqueeze(2)
    batch, channels, frames, height, width = latents.shape
    rows, columns, patch = height // grid.patch, width // grid.patch, grid.patch
    patches = latents.reshape(batch, channels, frames, rows, patch, columns, patch)
    return patches.permute(0, 2, 3, 5, 1, 4, 6).reshape(batch, frames * rows * columns, channels * patch**2)


def unpack(kind: Kind, tokens: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """Tokens of a picture of width x height pixels -> latents, of as many frames as the tokens fill."""
    grid = GRIDS[kind]
    patch = grid.patch
    rows, columns = height // grid.pixels // patch, width // grid.pixels // patch
    frames = tokens.shape[1] // (rows * columns)
    patches = tokens.reshape(tokens.shape[0], frames, rows, columns, grid.channels, patch, patch)
    latents = patches.permute(0, 4, 1, 2, 5, 3, 6).reshape(
        tokens.shape[0], grid.channels, frames, rows * patch, columns * patch
    )
    return latents if grid.frames else latents.squeeze(2)


def token_count(kind: Kind, width: int, height: int) -> int:
    side = GRIDS[kind].pixels * GRIDS[kind].patch
    return (width // side) * (height // side)


def mask_of(kind: Kind, mask: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """MASK [B,H,W] (1: repaint) -> [B,1,rows,columns] on the grid of latents, as the inpainting pipelines
    make it: black and white at the picture's size, then the nearest point (FLUX.2: a soft edge, its tokens
    are 16 pixels wide)."""
    import torch.nn.functional as functional

    mask = mask.float().reshape(-1, 1, *mask.shape[-2:])
    if mask.shape[-2:] != (height, width):
        mask = functional.interpolate(mask, (height, width), mode="bilinear")
    mask = (mask >= 0.5).float()
    side = GRIDS[kind].pixels
    target = (height // side, width // side)
    if kind == "flux2":
        return functional.interpolate(mask, target, mode="bilinear")
    return functional.interpolate(mask, target)


def patchify(latents: torch.Tensor) -> torch.Tensor:
    """[B,C,H,W] -> [B,4C,H/2,W/2]: what FLUX.2 does to its VAE's latents before anything else."""
    batch, channels, height, width = latents.shape
    patches = latents.reshape(batch, channels, height // 2, 2, width // 2, 2).permute(0, 1, 3, 5, 2, 4)
    return patches.reshape(batch, channels * 4, height // 2, width // 2)


def unpatchify(latents: torch.Tensor) -> torch.Tensor:
    batch, channels, height, width = latents.shape
    patches = latents.reshape(batch, channels // 4, 2, 2, height, width).permute(0, 1, 4, 2, 5, 3)
    return patches.reshape(batch, channels // 4, height * 2, width * 2)


def _scale(kind: Kind, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(mean, std), each [1,C,1,…], beside `like`."""
    import torch

    shape = (1, -1, *(1,) * (like.ndim - 2))
    mean, std = (
        torch.tensor(values, dtype=torch.float32, device=like.device).reshape(shape)
        for values in _constants(kind)
    )
    return mean, std


@cache
def _constants(kind: Kind) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Of the Qwen VAEs they are the defaults of diffusers' classes, which the published configs repeat."""
    if kind == "flux2":
        return (0.0,), (1.0,)  # its VAE normalises by itself
    if kind == "flux1":
        return (FLUX_1_MEAN,), (FLUX_1_STD,)
    import inspect

    import diffusers

    made = diffusers.AutoencoderKLQwenImage if kind == "qwen" else diffusers.AutoencoderKLQwenImage21
    given = inspect.signature(made.__init__).parameters
    return tuple(given["latents_mean"].default), tuple(given["latents_std"].default)
