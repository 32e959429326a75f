"""Qwen-Image's VAE is one of videos, and a picture is a video of one frame.

Its convolutions look back in time, and before the first frame there is nothing: zeros. Of a kernel of three frames only the
last one ever meets a number. So each becomes a convolution of pictures with that part of its weight: a third of the work
and of the weights, and nothing is kept of a frame for the one after it. Qwen-Image-2.1's VAE was published that way.

What comes out is the same but for rounding. Several frames at once are no longer possible; nothing here asks for them
(`vae.py` gives every picture and every layer by itself).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

CONVOLUTION, NORM, GROWING = "QwenImageCausalConv3d", "QwenImageRMS_norm", "QwenImageUpsample"


def still(module: nn.Module) -> None:
    """Makes an `AutoencoderKLQwenImage` that is loaded one of single frames, [B,C,1,H,W]; leaves any other module alone."""
    from torch import nn

    if not any(type(inner).__name__ == CONVOLUTION for inner in module.modules()):
        return
    Flat, Norm = _layers()
    for owner in list(module.modules()):
        for name, inner in list(owner.named_children()):
            kind = type(inner).__name__
            if name == "time_conv":
                setattr(owner, name, nn.Identity())  # between two frames; never called
            elif kind == CONVOLUTION:
                setattr(owner, name, Flat(inner))
            elif kind == NORM:
                setattr(owner, name, Norm(inner))
            elif kind == GROWING:
                inner.__class__ = nn.Upsample  # its own goes by way of float32, to copy numbers
            elif name == "nonlinearity" and type(inner) is nn.SiLU:
                setattr(owner, name, nn.SiLU(inplace=True))  # of a norm's result, which nobody else has
    # What the last frames were is kept in these lists, made anew by `clear_cache` before each picture: a copy of the input
    # of every convolution, until the picture is done. None says that there are no others.
    forgetful: Any = module
    forgetful.clear_cache = _nothing
    forgetful._feat_map = forgetful._enc_feat_map = None


def _nothing() -> None:
    pass


@cache
def _layers() -> tuple[Any, Any]:
    import torch
    from torch import nn

    class Flat(nn.Module):
        """A causal convolution for a single frame: around a plain one, which the host may make its own."""

        def __init__(self, causal: Any):
            super().__init__()
            left, _, top, _, _, _ = causal._padding
            out, inputs, _, height, width = causal.weight.shape
            with torch.device("meta"):
                self.flat = nn.Conv2d(
                    inputs, out, (height, width), causal.stride[1:], (top, left), bias=causal.bias is not None
                )
            self.flat.weight = nn.Parameter(causal.weight[:, :, -1].contiguous(), requires_grad=False)
            self.flat.bias = causal.bias

        def forward(self, x: Tensor, cache_x: None = None) -> Tensor:
            picture = x.squeeze(2)
            if picture.device.type == "cpu":  # a quarter faster there; every layer after it keeps that order
                picture = picture.contiguous(memory_format=torch.channels_last)
            return self.flat(picture).unsqueeze(2)

    class Norm(nn.Module):
        """`QwenImageRMS_norm` in two passes over the numbers instead of four, and rounded half as often."""

        def __init__(self, plain: Any):
            super().__init__()
            self.dim, self.scale, self.gamma = 1 if plain.channel_first else -1, plain.scale, plain.gamma

        def forward(self, x: Tensor) -> Tensor:
            length = torch.linalg.vector_norm(x, dim=self.dim, keepdim=True, dtype=torch.float32)
            made = torch.mul(x, self.scale / length.clamp_min(1e-12), out=torch.empty_like(x))
            return made.mul_(self.gamma)

    return Flat, Norm
