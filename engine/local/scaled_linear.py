"""A linear layer whose weight is stored in fp8 with a scale: multiplied out when it is used, and never
before.

ComfyUI's memory manager takes it for one of its own casting layers (`comfy_cast_weights`): it may leave the
weight on the CPU, which is then fetched layer by layer, add LoRAs on the way (`weight_function`), or into the
weight itself (`convert_weight`, `set_weight`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


class ScaledLinear(nn.Linear):
    """weight: fp8 [out, in], the true one is weight * scale. scale: float32, one number or [out, 1]."""

    weight: nn.Parameter
    comfy_cast_weights = True
    scale: Tensor

    def __init__(self, in_features: int, out_features: int, bias: bool):
        super().__init__(in_features, out_features, bias)
        self.register_buffer("scale", torch.ones(()), persistent=False)
        self.weight_function: list[Callable[[Tensor], Tensor]] = []
        self.bias_function: list[Callable[[Tensor], Tensor]] = []

    def forward(self, input: Tensor) -> Tensor:
        weight: Tensor = self.convert_weight(self.weight.to(input.device, input.dtype, non_blocking=True))
        for change in self.weight_function:
            weight = change(weight)
        bias: Tensor | None = self.bias
        if bias is not None:
            bias = bias.to(input.device, input.dtype, non_blocking=True)
            for change in self.bias_function:
                bias = change(bias)
        return nn.functional.linear(input, weight, bias)

    def convert_weight(self, weight: Tensor, inplace: bool = False, **_: Any) -> Tensor:
        """The true weight, of one that was cast out of fp8."""
        scale = self.scale.to(weight.device, weight.dtype)
        return weight.mul_(scale) if inplace else weight * scale

    def set_weight(
        self,
        weight: Tensor,
        inplace_update: bool = False,
        seed: int | None = None,
        return_weight: bool = False,
        **_: Any,
    ) -> Tensor | None:
        """Stores a true weight as fp8 at the scale that there is: a LoRA hardly makes it any larger."""
        stored = rounded(weight / self.scale.to(weight.device, weight.dtype), self.weight.dtype, seed or 0)
        if return_weight:
            return stored
        if inplace_update:
            self.weight.data.copy_(stored)
        else:
            self.weight = nn.Parameter(stored, requires_grad=False)
        return None

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> ScaledLinear:
        """Moves with the model; the scale keeps its precision, and the weight its size, whatever it is told
        to become."""
        before, scale = self.weight.dtype, self.scale
        super()._apply(fn, recurse)
        if self.weight.dtype != before and self.weight.device.type != "meta":
            self.weight = nn.Parameter(self.weight.detach().to(before), requires_grad=False)
        self.scale = scale.to(self.weight.device)
        return self


def rounded(weight: Tensor, narrow: torch.dtype, seed: int) -> Tensor:
    """`weight` in fp8, up or down by chance: to the nearest, most of a LoRA would be less than a step and vanish.

    The same seed gives the same numbers.
    """
    limits = torch.finfo(narrow)
    size = weight.float().abs()
    # frexp: a number of exponent e is at least 2**(e - 1). eps is the step at 1; below `tiny` steps stay the same.
    least = int(torch.frexp(torch.tensor(limits.tiny))[1])
    exponent = torch.frexp(size)[1].clamp(min=least)
    step = torch.ldexp(torch.full_like(size, limits.eps), exponent - 1)
    generator = torch.Generator(weight.device).manual_seed(seed)
    chance = torch.rand(weight.shape, device=weight.device, generator=generator)
    stored = (size / step + chance).floor() * step
    return stored.clamp(max=limits.max).copysign(weight.float()).to(narrow)
