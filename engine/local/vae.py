"""Pixels to latents and back, in an explicit dtype, a picture at a time.

`vae` is a model with a `family` and a "vae" part, or ComfyUI's own VAE object: anything with encode and
decode of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from . import latents as forms
from .family import Kind
from .machine import Machine, Part

if TYPE_CHECKING:
    from torch import Tensor

TILE = 512  # pixels; what is tried when the whole picture does not fit
# Numbers that a VAE holds at once for each pixel, from the peaks measured in decoding 512x512 in float32 (Qwen's, as one of
# single frames: 530 to 570); that of Qwen-Image-2.1 by its wider decoder.
NUMBERS_PER_PIXEL: dict[Kind, int] = {"qwen": 700, "qwen21": 3400, "flux1": 1050, "flux2": 1050}


def encode_pixels(vae: Any, machine: Machine, pixels: Tensor, tile: int = 0) -> Tensor:
    """IMAGE [B,H,W,C] in 0..1 -> LATENT samples [B,…], float32 on the CPU.

    C: 3 or 4; a VAE with alpha gets an opaque one where there is none, one without drops it. The picture is
    cut to whole latents, at the middle. The latent is the likeliest one, not a drawn one: the same picture is
    always the same latent. tile: pixels of a tile's side, 0 for none. Raises BadInput for what is no
    picture."""
    import torch

    if pixels.ndim != 4 or pixels.shape[-1] not in (3, 4):
        raise BadInput(
            f"An image has the shape [batch, height, width, 3 or 4], and this one is {list(pixels.shape)}."
        )
    if _is_core(vae):
        pixels = _channels(pixels, getattr(vae, "output_channels", 3))
        return torch.cat(
            [vae.encode(one).float().cpu() for one in pixels.split(1)]
        )  # a batch would be a video to some
    part, kind = vae.part("vae"), vae.family.kind
    pixels = _cut(_channels(pixels, _inputs(part)), vae.family.multiple)
    height, width = pixels.shape[1:3]

    def encode(one: Tensor) -> Tensor:
        picture = (one.movedim(-1, 1) * 2 - 1).to(part.device or machine.device, part.dtype)
        picture = picture.unsqueeze(2) if forms.GRIDS[kind].frames else picture
        found = part.module.encode(picture).latent_dist.mode().float()
        return (_normalised(part, found) if kind == "flux2" else found).cpu()

    return torch.cat(_each(part, machine, kind, pixels.split(1), (width, height), tile, encode))


def decode(vae: Any, machine: Machine, samples: Tensor, tile: int = 0) -> tuple[Tensor, Tensor | None]:
    """LATENT samples -> (IMAGE [N,H,W,3] in 0..1, MASK [N,H,W] = 1 - alpha, or None for a VAE without alpha),
    float32 on the CPU. Layers (frames of the samples) become pictures, in order. tile: as above; without one,
    tiles of TILE are tried when the device runs out of memory."""
    import torch

    if samples.ndim == 5:
        samples = samples.movedim(2, 1).flatten(0, 1).unsqueeze(2)
    if _is_core(vae):
        pixels = torch.cat([_core_decode(vae, one, tile) for one in samples.split(1)])
    else:
        part, kind = vae.part("vae"), vae.family.kind
        if samples.ndim == 4 and forms.GRIDS[kind].frames:
            samples = samples.unsqueeze(2)

        def decode_one(one: Tensor) -> Tensor:
            given = one.to(part.device or machine.device).float()
            given = forms.unpatchify(_restored(part, given)) if kind == "flux2" else given
            picture = part.module.decode(given.to(part.dtype), return_dict=False)[0].float()
            picture = picture[:, :, 0] if forms.GRIDS[kind].frames else picture
            # tiled decoding leaves the range in some VAEs
            return ((picture + 1) / 2).clamp(0, 1).movedim(1, -1).cpu()

        pixels = torch.cat(
            _each(part, machine, kind, samples.split(1), forms.size(kind, samples), tile, decode_one)
        )
    return pixels[..., :3], 1 - pixels[..., 3] if pixels.shape[-1] == 4 else None


def activations(part: Part, kind: Kind, width: int, height: int, tile: int = 0) -> int:
    """Bytes beside the weights."""
    return room(kind, width, height, tile, part.dtype.itemsize)


def room(kind: Kind, width: int, height: int, tile: int, itemsize: int) -> int:
    """Bytes beside the weights: pixels of the picture, or of a tile, x NUMBERS_PER_PIXEL x itemsize."""
    area = min(width, tile or width) * min(height, tile or height)
    return area * NUMBERS_PER_PIXEL[kind] * itemsize


@contextlib.contextmanager
def tiled(module: Any, tile: int) -> Iterator[None]:
    """The VAE in tiles of `tile` pixels (a multiple of 64) with a quarter's overlap; 0 for whole pictures.
    The module is shared, and comes back as it was.

    FLUX's VAEs cut at their config's sample_size of 1024 pixels: enable_tiling() alone does nothing up to
    that size."""
    side = max(64, tile // 64 * 64)
    wide = hasattr(module, "tile_sample_min_width")
    changes: dict[str, Any] = {"use_tiling": bool(tile), "use_slicing": False}
    if tile and wide:
        changes |= dict.fromkeys(("tile_sample_min_height", "tile_sample_min_width"), side)
        changes |= dict.fromkeys(("tile_sample_stride_height", "tile_sample_stride_width"), side * 3 // 4)
    elif tile:
        shrink = 2 ** (len(module.config.block_out_channels) - 1)
        changes |= {"tile_sample_min_size": side, "tile_latent_min_size": side // shrink}
    before = {name: getattr(module, name) for name in changes}
    try:
        for name, value in changes.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def _each(
    part: Part, machine: Machine, kind: Kind, given: Any, size: tuple[int, int], tile: int, work: Any
) -> list[Tensor]:
    import torch

    made = []
    for one in given:
        machine.check()
        machine.ready([part], activations(part, kind, *size, tile))
        try:
            with torch.no_grad(), tiled(part.module, tile):
                made.append(work(one))
            continue
        except RuntimeError as error:
            if tile or not _is_full(error):
                raise
        tile = TILE  # outside the except block, which holds on to the tensors that did not fit
        machine.ready([part], activations(part, kind, *size, tile))
        with torch.no_grad(), tiled(part.module, tile):
            made.append(work(one))
    return made


def _is_full(error: RuntimeError) -> bool:
    """Whether the card has no room: torch has a class for it, but not for Apple's and not for an allocation that fails late."""
    import torch

    return isinstance(error, torch.cuda.OutOfMemoryError) or "out of memory" in str(error).lower()


def _is_core(vae: Any) -> bool:
    return not hasattr(vae, "family") and hasattr(vae, "encode") and hasattr(vae, "decode")


def _core_decode(vae: Any, samples: Tensor, tile: int) -> Tensor:
    if tile:
        side = tile // vae.spacial_compression_decode()
        pixels = vae.decode_tiled(samples, tile_x=side, tile_y=side, overlap=side // 4)
    else:
        pixels = vae.decode(samples)
    return pixels.reshape(-1, *pixels.shape[-3:]).float().cpu()


def _inputs(part: Part) -> int:
    config = part.module.config
    return config.get("input_channels") or config.get("in_channels") or 3


def _channels(pixels: Tensor, wanted: int) -> Tensor:
    import torch

    if pixels.shape[-1] < wanted:
        return torch.cat([pixels, torch.ones_like(pixels[..., :1])], dim=-1)
    return pixels[..., :wanted]


def _cut(pixels: Tensor, step: int) -> Tensor:
    height, width = (side // step * step for side in pixels.shape[1:3])
    if not height or not width:
        raise BadInput(
            f"A picture of {pixels.shape[2]}x{pixels.shape[1]} is too small: sides have {step} pixels or more."
        )
    top, left = (pixels.shape[1] - height) // 2, (pixels.shape[2] - width) // 2
    return pixels[:, top : top + height, left : left + width]


def _norm(part: Part) -> tuple[Tensor, Tensor]:
    """(mean, std) [1,128,1,1] of FLUX.2's patches."""
    norm = part.module.bn
    mean, var = (stat.view(1, -1, 1, 1).float() for stat in (norm.running_mean, norm.running_var))
    return mean, (var + part.module.config.batch_norm_eps).sqrt()


def _normalised(part: Part, latents: Tensor) -> Tensor:
    mean, std = _norm(part)
    return (forms.patchify(latents) - mean.to(latents.device)) / std.to(latents.device)


def _restored(part: Part, latents: Tensor) -> Tensor:
    mean, std = _norm(part)
    return latents * std.to(latents.device) + mean.to(latents.device)
