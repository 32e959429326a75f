"""What a LoRA's file adds to each weight: its tensors, cut and scaled as the model's own layers need them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .adapter import Adapter, Kind
from .files import Shape
from .lora_keys import Layer, Piece

if TYPE_CHECKING:
    from torch import Tensor

Parts = dict[str, str]  # part of a layer -> the tensor's name in the file


class Broken(Exception):
    """What a layer of the file lacks, as words that go on from "has"."""


def patches_of(
    parts: Parts,
    layer: Layer,
    shapes: Mapping[str, Shape],
    read: Callable[[str], Tensor],
    alpha: float | None,
) -> tuple[dict[Any, Any], str]:
    """What one layer of the file adds, and why it does not fit, as "4x4, here 8x8". Raises Broken."""
    made: dict[Any, Any] = {}
    tensors = {part: read(key) for part, key in parts.items()}
    if "alpha" in tensors:
        alpha = float(tensors["alpha"].float().reshape(-1)[0]) if tensors["alpha"].numel() == 1 else math.nan
    if alpha is not None and not math.isfinite(alpha):
        raise Broken("an alpha that is no number")
    kind = _kind(tensors)
    if kind is not None:
        adapter = Adapter(kind, _of_kind(tensors, kind), alpha, tensors.get("magnitude"))
        try:
            shape = adapter.shape
        except ValueError as error:
            raise Broken(str(error)) from None
        if len(layer.shape) != 2 or shape != layer.shape:
            return {}, f"{times(shape)}, here {times(layer.shape)}"
        if adapter.whole and layer.fused:
            return {}, "a DoRA along its columns, here in several pieces"
        made |= {piece.key: _value(adapter, piece, layer) for piece in layer.pieces}
    if "diff" in tensors:
        if tuple(tensors["diff"].shape) != layer.shape:
            return {}, f"{times(tuple(tensors['diff'].shape))}, here {times(layer.shape)}"
        made |= {piece.key: tensors["diff"][piece.start : piece.stop] for piece in layer.pieces}
    biases, lost = _biases(tensors, layer, shapes, adapter.scale if kind is not None else 1.0)
    if lost:
        return {}, lost
    made |= biases
    if not made:
        raise Broken("nothing but an alpha")
    return made, ""


def noted_alphas(words: Mapping[str, str]) -> Alphas:
    """diffusers writes PEFT's settings into the file, and no alpha beside the weights."""
    settings: Any = None
    with suppress(ValueError, RecursionError):
        settings = json.loads(words.get("lora_adapter_metadata", "null"))
    settings = settings if isinstance(settings, dict) else {}
    start = "transformer." if any(str(key).startswith("transformer.") for key in settings) else ""
    return Alphas({str(key).removeprefix(start): value for key, value in settings.items()})


class Alphas:
    """layer -> alpha, by PEFT's rules: a pattern that ends the layer's name, else one for all."""

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings

    def get(self, layer: str) -> float | None:
        alpha, rank = (
            self._number(one, pattern, layer)
            for one, pattern in (("lora_alpha", "alpha_pattern"), ("r", "rank_pattern"))
        )
        if alpha is None or not self._settings.get("use_rslora"):
            return alpha
        return alpha * math.sqrt(rank) if rank else None  # rank-stabilised: alpha / sqrt(rank)

    def _number(self, name: str, pattern: str, layer: str) -> float | None:
        patterns = self._settings.get(pattern)
        own = (
            (number for end, number in patterns.items() if _ends(layer, end))
            if isinstance(patterns, dict)
            else ()
        )
        number = next(iter(own), self._settings.get(name))
        return float(number) if isinstance(number, (int, float)) and not isinstance(number, bool) else None


def times(shape: Iterable[int]) -> str:
    return "x".join(map(str, shape)) or "one number"


def _kind(tensors: Mapping[str, Tensor]) -> Kind | None:
    if "up" in tensors or "down" in tensors:
        return "lora"
    if any(name.startswith("hada_") for name in tensors):
        return "loha"
    return "lokr" if any(name.startswith("lokr_") for name in tensors) else None


def _of_kind(tensors: Mapping[str, Tensor], kind: Kind) -> dict[str, Tensor]:
    start = {"lora": ("up", "down"), "loha": ("hada_",), "lokr": ("lokr_",)}[kind]
    return {name: tensor for name, tensor in tensors.items() if name.startswith(start) and name != "up_bias"}


def _value(adapter: Adapter, piece: Piece, layer: Layer) -> Any:
    whole = piece.start == 0 and piece.stop == layer.shape[0]
    if adapter.kind == "lora" and adapter.magnitude is None:
        up = adapter.tensors["up"].flatten(1)
        return (
            (up if whole else up[piece.start : piece.stop]),
            adapter.tensors["down"].flatten(1),
            adapter.alpha,
        )
    rows = None if whole else (piece.start, piece.stop)
    return Adapter(adapter.kind, adapter.tensors, adapter.alpha, adapter.magnitude, rows)


def _biases(
    tensors: Mapping[str, Tensor], layer: Layer, shapes: Mapping[str, Shape], scale: float
) -> tuple[dict[Any, Any], str]:
    made: dict[Any, Any] = {}
    for part, factor in (("diff_b", 1.0), ("up_bias", scale)):
        if part not in tensors:
            continue
        bias = tensors[part]
        for piece in layer.pieces:
            target = Piece(piece.weight.removesuffix("weight") + "bias", piece.start, piece.stop, piece.put)
            if target.weight not in shapes or tuple(bias.shape) != layer.shape[:1]:
                return (
                    {},
                    f"a bias of {times(tuple(bias.shape))}, here {times(layer.shape[:1]) if target.weight in shapes else 'none'}",
                )
            made[target.key] = bias[piece.start : piece.stop].float() * factor
    return made, ""


def _ends(layer: str, end: Any) -> bool:
    return layer == end or layer.endswith(f".{end}")
