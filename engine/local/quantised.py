"""Weights that are stored in less than they compute in: which kinds there are, and the layers that read them.

Plain fp8 (every number cast) needs no layer of its own: the host casts as it goes. fp8 with scales, as
ComfyUI saves it (`scaled_fp8` with `.scale_weight`, since late 2025 `.weight_scale` with `.comfy_quant`),
becomes `ScaledLinear`; without its scales it would load all the same and draw noise. GGUF becomes diffusers'
GGUFLinear. Anything else is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .files import Bundle, Entry, Header

if TYPE_CHECKING:
    from torch import Tensor, dtype, nn

FP8 = ("F8_E4M3", "F8_E5M2")
FLOATS = ("F64", "F32", "F16", "BF16", *FP8)
_SCALES = (".scale_weight", ".weight_scale")
_UNREAD = (
    ".scale_input",
    ".input_scale",
    ".comfy_quant",
    "scaled_fp8",
)  # of activations, and notes for ComfyUI
_FOREIGN = {
    ".weight_scale_2": "nvfp4",
    ".absmax": "bitsandbytes",
    ".quant_map": "bitsandbytes",
    ".qweight": "nunchaku or AWQ",
    ".wscales": "nunchaku",
    ".qzeros": "GPTQ or AWQ",
    ".SCB": "bitsandbytes int8",
    ".weight_packed": "compressed-tensors",
    ".svd_up": "SDNQ",
}


# Tables that are looked up, and the layer of T5 below.
_WIDE = (
    "embed_tokens.weight",
    "shared.weight",
    "token_embedding.weight",
    "position_embedding.weight",
    "pos_embed.weight",
    "relative_attention_bias.weight",
    "DenseReluDense.wo.weight",
)


@dataclass(frozen=True)
class Stored:
    """entries: the tensors that are weights. scales: weight's name -> name of its scale."""

    entries: Mapping[str, Entry]
    scales: Mapping[str, str]


def stored(bundle: Bundle) -> Stored:
    """Tells weights from what belongs to their quantisation. BadInput for a kind that cannot be read here."""
    entries = bundle.entries
    if bundle.gguf:
        return Stored(entries, {})
    scales: dict[str, str] = {}
    for name in entries:
        for end, kind in _FOREIGN.items():
            if name.endswith(end) or f"{end}." in name:
                raise BadInput(_refusal(bundle, kind))
        for end in _SCALES:
            if name.endswith(end):
                scales[name.removesuffix(end) + ".weight"] = name
    weights = {name: entry for name, entry in entries.items() if not is_note(name)}
    for weight, scale in scales.items():
        _check_scale(bundle, weights.get(weight), entries[scale])
    return Stored(weights, scales)


def is_note(name: str) -> bool:
    """Whether a tensor belongs to the quantisation of another, and is no weight itself."""
    return name.endswith((*_SCALES, *_UNREAD))


def check_kind(bundle: Bundle, name: str, entry: Entry) -> None:
    """BadInput if a parameter is stored as something that is not a floating point number."""
    if entry.dtype not in FLOATS and not bundle.gguf and len(entry.shape) > 1:
        raise BadInput(_refusal(bundle, f"{entry.dtype} (in {name})"))


def leading_dtype(entries: Mapping[str, Entry]) -> str:
    """What most of the numbers are stored in."""
    totals: dict[str, int] = {}
    for entry in entries.values():
        totals[entry.dtype] = totals.get(entry.dtype, 0) + prod(entry.shape)
    return max(totals, key=lambda name: totals[name], default="F32")


def takes_narrow(module: nn.Module, path: str) -> bool:
    """Whether the layer at `path` can keep a quantised weight: a linear layer whose weight's type nobody else
    reads.

    T5 casts what it gives its `wo` to the type that the weight of `wo` is stored in.
    """
    from torch import nn

    parent, _, leaf = path.rpartition(".")
    owner = type(module.get_submodule(parent)).__name__
    return type(module.get_submodule(path)) is nn.Linear and not (
        leaf == "wo" and owner.startswith("T5Dense")
    )


def stays_narrow(name: str, shape: tuple[int, ...]) -> bool:
    """What `takes_narrow` will say of a parameter, by its name and shape alone."""
    return name.endswith(".weight") and len(shape) == 2 and not name.endswith(_WIDE)


def scale_layer(module: nn.Module, path: str, scale: Tensor) -> None:
    """Makes the linear layer at `path` one with a scale: its weight is set afterwards."""
    from .scaled_linear import ScaledLinear

    old: Any = module.get_submodule(path)
    new = ScaledLinear(old.in_features, old.out_features, old.bias is not None)
    new.scale = spread(scale)
    _replace(module, path, new)


def spread(scale: Tensor) -> Tensor:
    """A scale as it is multiplied with a weight [out, in]: one number, or [out, 1]. float32."""
    return scale.float().reshape(()) if scale.numel() == 1 else scale.float().reshape(-1, 1)


def gguf_layer(module: nn.Module, path: str, compute: dtype) -> None:
    from diffusers.quantizers.gguf.utils import GGUFLinear

    old: Any = module.get_submodule(path)
    _replace(
        module,
        path,
        GGUFLinear(old.in_features, old.out_features, old.bias is not None, compute_dtype=compute),
    )


def read_gguf(header: Header) -> dict[str, Any]:
    """Every tensor of the file, memory-mapped: torch tensors, and diffusers' GGUFParameter for what is
    quantised."""
    try:
        import gguf
        from diffusers.quantizers.gguf.utils import SUPPORTED_GGUF_QUANT_TYPES, GGUFParameter
    except ImportError:
        raise BadInput(
            f"{header.path.name} is a GGUF file, and reading it needs the package gguf: install it into ComfyUI's Python "
            "(pip install gguf), or take the .safetensors file."
        ) from None
    import torch

    kinds = gguf.GGMLQuantizationType
    plain = {
        kinds.F32: torch.float32,
        kinds.F16: torch.float16,
        kinds.BF16: torch.bfloat16,
        kinds.F64: torch.float64,
    }
    try:
        tensors = gguf.GGUFReader(header.path, "c").tensors  # copy on write: torch wants writable memory
    except (ValueError, OSError, IndexError, KeyError, OverflowError):
        raise BadInput(f"{header.path.name} cannot be read as GGUF: download it again.") from None
    found: dict[str, Any] = {}
    for tensor in tensors:
        data, shape = torch.from_numpy(tensor.data), header.entries[tensor.name].shape
        if tensor.tensor_type in plain:
            found[tensor.name] = data.view(torch.uint8).view(plain[tensor.tensor_type]).reshape(shape)
        elif tensor.tensor_type in SUPPORTED_GGUF_QUANT_TYPES:
            found[tensor.name] = GGUFParameter(data, quant_type=tensor.tensor_type)
        else:
            raise BadInput(
                f"{header.path.name} is quantised as {tensor.tensor_type.name}, which diffusers does not read: take Q4_K, Q5_K, "
                "Q6_K, Q8_0 or BF16."
            )
    return found


def _check_scale(bundle: Bundle, weight: Entry | None, scale: Entry) -> None:
    if weight is None:
        raise BadInput(f"{bundle.path.name} has a scale without its weight: download it again.")
    if weight.dtype not in FP8 or scale.dtype not in ("F32", "F16", "BF16"):
        raise BadInput(
            _refusal(
                bundle, {"I8": "int8", "U8": "nvfp4", "F8_E4M3": "mxfp8"}.get(weight.dtype, weight.dtype)
            )
        )
    if prod(scale.shape) not in (1, weight.shape[0]):
        raise BadInput(_refusal(bundle, "fp8 in blocks"))


def _refusal(bundle: Bundle, kind: str) -> str:
    return (
        f"{bundle.path.name} is quantised as {kind}, which is not read here: take the bf16, fp16 or fp8 file of the same model, "
        "or a GGUF."
    )


def _replace(module: nn.Module, path: str, new: nn.Module) -> None:
    parent, _, leaf = path.rpartition(".")
    module.get_submodule(parent).register_module(leaf, new)
