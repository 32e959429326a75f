"""What a picture in layers is: layers on a canvas, some of them in groups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

NORMAL, PASS_THROUGH = "normal", "pass-through"


@dataclass(frozen=True, eq=False)
class Group:
    """A folder of layers. Two groups are one only when they are the same object: names may repeat.

    blend: one of `blends.BLENDS`, for which its layers are put together on nothing first; or "pass-through", the
    default of Photoshop: its layers lie on what is below it as though there were no group.
    """

    name: str
    opacity: float = 1.0  # 0..1
    blend: str = PASS_THROUGH
    visible: bool = True


@dataclass(frozen=True, eq=False)
class Layer:
    """pixels: uint8 [h,w,4], RGBA, alpha straight; their top left corner lies at (x, y) of the canvas, which they may
    overlap. group: the groups that it is in, the outermost first."""

    name: str
    pixels: np.ndarray
    x: int = 0
    y: int = 0
    opacity: float = 1.0  # 0..1
    blend: str = NORMAL
    visible: bool = True
    group: tuple[Group, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def path(self) -> tuple[str, ...]:
        """The names of its groups and its own."""
        return (*(group.name for group in self.group), self.name)

    @property
    def shown(self) -> bool:
        return self.visible and all(group.visible for group in self.group)

    @property
    def strength(self) -> float:
        """Its opacity times that of its groups, 0..1."""
        value = self.opacity
        for group in self.group:
            value *= group.opacity
        return value


@dataclass(frozen=True)
class Document:
    """width, height: the canvas in pixels. layers: the lowest first. metadata: keyword -> text, as in a PNG of
    ComfyUI's: `prompt` and `workflow` are JSON. notes: what a reader left out, a sentence each."""

    width: int
    height: int
    layers: tuple[Layer, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def full_canvas(layer: Layer, width: int, height: int) -> np.ndarray:
    """Its pixels [height,width,4] on a transparent canvas; what hangs over the edge is cut off."""
    if (layer.x, layer.y, layer.width, layer.height) == (0, 0, width, height):
        return layer.pixels
    canvas = np.zeros((height, width, 4), np.uint8)
    left, top = max(layer.x, 0), max(layer.y, 0)
    right, bottom = min(layer.x + layer.width, width), min(layer.y + layer.height, height)
    if left < right and top < bottom:
        inside = layer.pixels[top - layer.y : bottom - layer.y, left - layer.x : right - layer.x]
        canvas[top:bottom, left:right] = inside
    return canvas


def trimmed(layer: Layer) -> Layer:
    """The same layer without its borders of alpha 0, at the offset that this takes. Where nothing is left, one transparent
    pixel in the corner is: programs drop a layer without any."""
    alpha = layer.pixels[..., 3]
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return replace(layer, pixels=np.zeros((1, 1, 4), np.uint8), x=0, y=0)
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    if (bottom - top, right - left) == layer.pixels.shape[:2]:
        return layer
    inside = layer.pixels[top:bottom, left:right].copy()  # a view would keep the whole canvas in memory
    return replace(layer, pixels=inside, x=layer.x + int(left), y=layer.y + int(top))


def runs(layers: Sequence[Layer], depth: int = 0) -> Iterator[tuple[Group | None, list[Layer]]]:
    """Neighbours that share their group at `depth`, the lowest first; None: the layers that are in no deeper one."""
    for group, run in groupby(layers, lambda layer: layer.group[depth] if len(layer.group) > depth else None):
        yield group, list(run)


_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")


def clean_name(name: str) -> str:
    """`name` without what no file can hold (control characters, line breaks, halves of surrogate pairs); at most 250 characters."""
    return _UNPRINTABLE.sub(" ", name)[:250].strip()
