"""Random LoRAs as files, in the layouts that trainers write.

`layers` makes one for the linear layers of any state dict, a module's own or one with the names of Black Forest Labs; `write`
saves it in a layout; `merged` adds it by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

RANK = 4
Layers = dict[str, tuple[Tensor, Tensor, float | None]]  # layer -> up [out, rank], down [rank, in], alpha


def layers(
    state: Mapping[str, Tensor], seed: int = 0, only: Callable[[str], bool] = lambda name: True
) -> Layers:
    """One for every linear layer; every second one has an alpha."""
    source = torch.Generator().manual_seed(seed)
    made: Layers = {}
    for number, (name, weight) in enumerate(state.items()):
        layer = name.removesuffix(".weight")
        if layer == name or weight.ndim != 2 or not only(layer):
            continue
        up = 0.1 * torch.randn(weight.shape[0], RANK, generator=source)
        made[layer] = (
            up,
            0.1 * torch.randn(RANK, weight.shape[1], generator=source),
            (None if number % 2 else 2.0),
        )
    return made


def merged(state: Mapping[str, Tensor], *loras: tuple[Layers, float]) -> dict[str, Tensor]:
    """A copy of `state` with each LoRA added at its strength."""
    made = {name: weight.clone() for name, weight in state.items()}
    for lora, strength in loras:
        for layer, (up, down, alpha) in lora.items():
            made[f"{layer}.weight"] += strength * (1 if alpha is None else alpha / RANK) * (up @ down)
    return made


# layout -> (what stands before a layer, whether its dots are underscores, the names of down and up)
LAYOUTS: dict[str, tuple[str, bool, str, str]] = {
    "diffusers": ("transformer.", False, "lora_A.weight", "lora_B.weight"),
    "peft": ("base_model.model.", False, "lora_A.default.weight", "lora_B.default.weight"),
    "bare": ("", False, "lora_A.weight", "lora_B.weight"),
    "lightning": ("", False, "lora_down.weight", "lora_up.weight"),
    "comfy": ("diffusion_model.", False, "lora_A.weight", "lora_B.weight"),
    "dotted": ("", False, "lora.down.weight", "lora.up.weight"),
    "linear": ("transformer.", False, "lora_linear_layer.down.weight", "lora_linear_layer.up.weight"),
    "kohya": ("lora_unet_", True, "lora_down.weight", "lora_up.weight"),
    "onetrainer": ("lora_transformer_", True, "lora_down.weight", "lora_up.weight"),
    "lycoris": ("lycoris_", True, "lora_down.weight", "lora_up.weight"),
}


def named(lora: Layers, layout: str) -> dict[str, Tensor]:
    before, flat, down_name, up_name = LAYOUTS[layout]
    tensors = {}
    for layer, (up, down, alpha) in lora.items():
        stem = before + (layer.replace(".", "_") if flat else layer)
        tensors |= {f"{stem}.{down_name}": down, f"{stem}.{up_name}": up}
        if alpha is not None:
            tensors[f"{stem}.alpha"] = torch.tensor(alpha)
    return tensors


def write(path: Path, lora: Layers, layout: str) -> Path:
    return save(path, named(lora, layout))


def save(path: Path, tensors: Mapping[str, Tensor], notes: Mapping[str, object] | None = None) -> Path:
    """notes: into the file's own metadata; what is no text as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = {key: note if isinstance(note, str) else json.dumps(note) for key, note in (notes or {}).items()}
    save_file(
        {name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path, metadata=words or None
    )
    return path


def apply(state: Mapping[str, Tensor], patches: Iterable[tuple[Mapping, float]]) -> dict[str, Tensor]:
    """A copy of `state` with patches as `Machine.patched` takes them, in plain arithmetic."""
    made = {name: weight.clone() for name, weight in state.items()}
    for lora, strength in patches:
        for key, value in lora.items():
            name, (axis, start, length) = (key, (0, 0, made[key].shape[0])) if isinstance(key, str) else key
            piece = made[name].narrow(axis, start, length)
            if isinstance(value, Tensor):
                piece += strength * value
            elif isinstance(value, tuple):
                up, down, alpha = value
                piece += strength * (1 if alpha is None else alpha / down.shape[0]) * (up @ down)
            else:
                piece.copy_(value.added(piece, strength))
    return made
