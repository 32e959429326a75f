"""Layers put together, as painting programs do it: what a file's preview shows, and what a difference is taken of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .blends import BLENDS
from .layer import PASS_THROUGH, Group, Layer, runs

STRIP = 1 << 18  # pixels that are worked on at a time: they stay in a processor's cache, and memory small

# Colours times their alpha [h,w,3] and alpha [h,w,1], float32 in 0..1: painted on in place.
Paint = tuple[np.ndarray, np.ndarray]


def merged(width: int, height: int, layers: Sequence[Layer]) -> np.ndarray:
    """What the layers, the lowest first, look like together: uint8 [height,width,4], alpha straight.

    Hidden layers and groups are left out. Exact in floating point, rounded once at the end. Where nothing is, it is 0.
    """
    whole = np.zeros((height, width, 4), np.uint8)
    shown = [layer for layer in layers if layer.shown and layer.strength > 0]
    rows = max(1, STRIP // max(width, 1))
    for top in range(0, height, rows):
        size = (min(rows, height - top), width)
        colour, alpha = np.zeros((*size, 3), np.float32), np.zeros((*size, 1), np.float32)
        _paint((colour, alpha), shown, 0, top)
        colour /= np.maximum(alpha, 1e-6)
        whole[top : top + size[0], :, :3] = np.rint(colour.clip(0, 1) * 255)
        whole[top : top + size[0], :, 3:] = np.rint(alpha.clip(0, 1) * 255)
    whole[whole[..., 3] == 0] = 0
    return whole


def on_colour(picture: np.ndarray, colour: int = 255) -> np.ndarray:
    """An RGBA picture, uint8 [h,w,4], on a grey: uint8 [h,w,3]. 255: white."""
    if (picture[..., 3] == 255).all():
        return picture[..., :3]
    flat = np.empty((*picture.shape[:2], 3), np.uint8)
    rows = max(1, STRIP // max(picture.shape[1], 1))
    for top in range(0, picture.shape[0], rows):
        part = picture[top : top + rows].astype(np.float32)
        alpha = part[..., 3:] / 255
        flat[top : top + rows] = np.rint(part[..., :3] * alpha + colour * (1 - alpha))
    return flat


def _paint(ground: Paint, layers: Sequence[Layer], depth: int, top: int) -> None:
    """Paints the layers of one level on the strip that starts at row `top` of the canvas."""
    for group, members in runs(layers, depth):
        if group is None:
            for layer in members:
                _lay(ground, layer, top)
        elif group.blend != PASS_THROUGH:
            inner = (np.zeros_like(ground[0]), np.zeros_like(ground[1]))
            _paint(inner, members, depth + 1, top)
            _blend(ground, inner[0] / np.maximum(inner[1], 1e-6), inner[1] * group.opacity, group.blend)
        else:
            _pass_through(ground, group, members, depth, top)


def _pass_through(ground: Paint, group: Group, members: Sequence[Layer], depth: int, top: int) -> None:
    if group.opacity == 1:
        _paint(ground, members, depth + 1, top)
        return
    changed = (ground[0].copy(), ground[1].copy())
    _paint(changed, members, depth + 1, top)
    for old, new in zip(ground, changed, strict=True):
        old += (new - old) * np.float32(group.opacity)


def _lay(ground: Paint, layer: Layer, top: int) -> None:
    height, width = ground[1].shape[:2]
    left, right = max(layer.x, 0), min(layer.x + layer.width, width)
    first, last = max(layer.y, top), min(layer.y + layer.height, top + height)
    if left >= right or first >= last:
        return
    pixels = layer.pixels[first - layer.y : last - layer.y, left - layer.x : right - layer.x]
    alpha = pixels[..., 3:]
    if not alpha.any():
        return
    here = (slice(first - top, last - top), slice(left, right))
    part = (ground[0][here], ground[1][here])
    if layer.blend == "normal" and layer.opacity == 1 and alpha.min() == 255:
        part[0][...] = pixels[..., :3] * np.float32(1 / 255)
        part[1][...] = 1
        return
    strength = np.float32(layer.opacity / 255)
    _blend(part, pixels[..., :3] * np.float32(1 / 255), alpha * strength, layer.blend)


def _blend(ground: Paint, colour: np.ndarray, alpha: np.ndarray, blend: str) -> None:
    """Lays a straight `colour` of `alpha` on the ground: W3C's Co = (1-as)*ab*Cb + as*((1-ab)*Cs + ab*B(Cb, Cs))."""
    below, under = ground
    mix = BLENDS[blend].mix
    if mix is not None:
        straight = np.minimum(below / np.maximum(under, 1e-6), 1)
        colour = colour + under * (mix(straight, colour) - colour)
    below *= 1 - alpha
    below += colour * alpha
    under *= 1 - alpha
    under += alpha
