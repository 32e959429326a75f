"""A diffusers or transformers module under ComfyUI's memory manager: in pieces where it can be, whole where it must.

ComfyUI loads a model that is too large for the card only as far as there is room; the rest stays in the computer's memory
and every layer that stayed behind fetches its weights when its turn comes. It can do that with the layers of `comfy.ops`
alone. So `Linear`, `Conv`, norm and embedding layers become those, by changing their class: the weights and the numbers stay
what they are, and with it come weights stored in fp8, LoRAs that are added as a layer runs, and Cancel within a step.

What is left is *fixed*: a model's own norms and convolutions, quantised layers, parameters and buffers of its own. ComfyUI
would leave those behind, or send them away first since they are small, and the next forward would stop with two devices in
one sum. They are loaded before everything else, and leave only when the whole model does. A model of fixed layers only
(GGUF, fp8 with scales per row) is therefore loaded and unloaded whole, without anybody deciding it.

It is `ModelPatcher` on purpose, and not `CoreModelPatcher`, which is `ModelPatcherDynamic` on most NVIDIA cards: that one
streams weights by page faults, asks of a model that its floating point types were noted down when it was made
(`*_comfy_model_dtype`), refuses full loading, and keeps a second copy in memory of all that is fixed. Both kinds make room for
each other (`free_memory` treats them by `is_dynamic()`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import comfy.model_patcher
import comfy.ops
import torch
from torch import nn

# Their forward reads the type of a layer's weight and casts its input to it, which must not be the type of storage.
READ_BY_THEIR_OWNER = {
    "T5DenseActDense": "wo",
    "T5DenseGatedActDense": "wo",
    "CLIPVisionEmbeddings": "patch_embedding",
    "PixtralVisionModel": "patch_conv",
    "Qwen2_5_VisionPatchEmbed": "proj",
    "Qwen3VLVisionPatchEmbed": "proj",
}


class Embedding(comfy.ops.manual_cast.Embedding):
    """ComfyUI's embedding answers in the type of its weights: its own text encoders ask for another. Others do not."""

    compute_dtype: torch.dtype

    def forward(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        return super().forward(*args, **kwargs, out_dtype=self.compute_dtype)


SWAPPED: dict[type, type] = {
    nn.Linear: comfy.ops.manual_cast.Linear,
    nn.Conv1d: comfy.ops.manual_cast.Conv1d,
    nn.Conv2d: comfy.ops.manual_cast.Conv2d,
    nn.Conv3d: comfy.ops.manual_cast.Conv3d,
    nn.GroupNorm: comfy.ops.manual_cast.GroupNorm,
    nn.LayerNorm: comfy.ops.manual_cast.LayerNorm,
    nn.RMSNorm: comfy.ops.manual_cast.RMSNorm,
    nn.Embedding: Embedding,
}


class Patcher(comfy.model_patcher.ModelPatcher):
    """ModelPatcher for a `keep()`: fixed layers come first and stay until the whole model leaves.

    `load`, `partially_unload` and `_load_list` have the same signatures in 0.16.3 and 0.30.0; the rows of `_load_list`
    differ between releases, so a row is known by the module in it.
    """

    def _load_list(self, *args: Any, **kwargs: Any) -> list[tuple]:
        rows = super()._load_list(*args, **kwargs)
        return [row for row in rows if any(hasattr(item, "comfy_cast_weights") for item in row)]

    def load(self, device_to=None, lowvram_model_memory=0, force_patch_weights=False, full_load=False):
        size = self.fixed_size()
        room = lowvram_model_memory if full_load else max(0, lowvram_model_memory - size)
        super().load(device_to, room, force_patch_weights=force_patch_weights, full_load=full_load)
        self._patch_fixed(device_to)
        self.settle(device_to)
        if not full_load:  # a full load counts the whole model by itself
            self.model.model_loaded_weight_memory += size

    def partially_unload(self, device_to, memory_to_free=0, force_patch_weights=False):
        if not self._load_list():
            return 0  # nothing goes in pieces: ComfyUI then unloads the whole
        return super().partially_unload(device_to, memory_to_free, force_patch_weights=force_patch_weights)

    def fixed_size(self) -> int:
        return sum(tensor.nbytes for _, module in self.model.fixed for tensor in _own(module))

    def settle(self, device: torch.device) -> bool:
        """Brings every fixed layer to `device`. True if one was elsewhere."""
        astray = [module for _, module in self.model.fixed if any(t.device != device for t in _own(module))]
        for module in astray:
            module._apply(lambda tensor: tensor.to(device), recurse=False)
        return bool(astray)

    def _patch_fixed(self, device: torch.device) -> None:
        for name, module in self.model.fixed:
            for own in module._parameters:
                key = f"{name}.{own}"
                if key in self.patches and key not in self.backup:  # in the backup: patched already
                    self.patch_weight_to_device(key, device_to=device)


def keep(module: nn.Module, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """What a `Patcher` takes: an nn.Module around `module`, which is prepared to compute in `dtype` on `device`.

    ModelPatcher sets `.device` on what it is given, and in diffusers and transformers that is a property without a setter.
    """
    module.requires_grad_(False).eval()
    for inner in module.modules():
        _swap(inner, dtype)
        _tell(inner, dtype, device)
    for owner in module.modules():
        read = READ_BY_THEIR_OWNER.get(type(owner).__name__)
        if read is not None:
            getattr(owner, read).to(dtype)
    holder = type(
        type(module).__name__, (nn.Module,), {}
    )()  # ComfyUI's log says "Requested to load" this name
    holder.inner = module
    holder.device = None
    holder.manual_cast_dtype = (
        dtype  # ComfyUI reckons with it what a layer that stays behind takes when it is fetched
    )
    holder.fixed = [
        (name, inner)
        for name, inner in holder.named_modules()
        if not hasattr(inner, "comfy_cast_weights") and any(True for _ in _own(inner))
    ]
    for _, inner in holder.fixed:
        _store(inner, dtype)
    return holder


def _own(module: nn.Module) -> Iterator[torch.Tensor]:
    for tensor in (*module._parameters.values(), *module._buffers.values()):
        if tensor is not None:
            yield tensor


def _swap(module: nn.Module, dtype: torch.dtype) -> None:
    swapped = SWAPPED.get(type(module))  # the very type: what is derived from it has a forward of its own
    if swapped is None:
        return
    module.__class__ = swapped
    # ComfyUI's constructors set these; those of the class are shared by all layers, and appended to.
    module.weight_function = []
    module.bias_function = []
    if not hasattr(module, "bias"):  # Embedding and RMSNorm have none, and are asked for it
        module.bias = None
    if isinstance(module, Embedding):
        module.compute_dtype = dtype


def _store(module: nn.Module, dtype: torch.dtype) -> None:
    """A fixed layer computes with its weights as they are, so they are stored in what is computed in.

    Not those of quantised layers (`nn.Linear` of another type), which know how to read their own; and no buffers: rotary
    frequencies and statistics are fp32 on purpose.
    """
    if isinstance(module, nn.Linear):
        return
    for name, weight in module._parameters.items():
        if type(weight) is nn.Parameter and weight.is_floating_point() and weight.dtype != dtype:
            module._parameters[name] = nn.Parameter(weight.to(dtype), requires_grad=False)


def _tell(module: nn.Module, dtype: torch.dtype, device: torch.device) -> None:
    """`.dtype` and `.device`, where a module answers with those of its first weight, say what its input should be."""
    if isinstance(getattr(type(module), "dtype", None), property):
        module.__class__ = _told(type(module))
        module.told_dtype, module.told_device = dtype, device


@cache
def _told(cls: type) -> type:
    says = {
        "dtype": property(lambda self: self.told_dtype),
        "device": property(lambda self: self.told_device),
    }
    return type(
        cls.__name__, (cls,), {"__module__": cls.__module__, "__qualname__": cls.__qualname__, **says}
    )
