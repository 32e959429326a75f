"""Blend modes: what each is called in the files, and how it mixes two colours.

The formulas are those of the W3C's "Compositing and Blending Level 1". Photoshop's differ visibly in soft light alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .layer import NORMAL

Mix = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Blend:
    """psd: its four-letter key there. ora: its name in OpenRaster. mix: (colour below, colour above) -> colour, float32
    [h,w,3] in 0..1; None: the colour above."""

    psd: bytes
    ora: str
    mix: Mix | None = None


def _multiply(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return below * above


def _screen(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return below + above - below * above


def _hard_light(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return np.where(above <= 0.5, 2 * below * above, _screen(below, 2 * above - 1))


def _overlay(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return _hard_light(above, below)


def _dodge(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    lighter = np.minimum(1, below / np.maximum(1 - above, 1e-6))
    return np.where(below <= 0, np.float32(0), lighter)


def _burn(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    darker = 1 - np.minimum(1, (1 - below) / np.maximum(above, 1e-6))
    return np.where(below >= 1, np.float32(1), darker)


def _soft_light(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    curve = np.where(below <= 0.25, ((16 * below - 12) * below + 4) * below, np.sqrt(below))
    darker = below - (1 - 2 * above) * below * (1 - below)
    return np.where(above <= 0.5, darker, below + (2 * above - 1) * (curve - below))


def _difference(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return np.abs(below - above)


def _add(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return np.minimum(1, below + above)


_LIGHT = np.array([0.3, 0.59, 0.11], np.float32)


def _luminosity_of(colour: np.ndarray) -> np.ndarray:
    return (colour @ _LIGHT)[..., None]


def _with_luminosity(colour: np.ndarray, light: np.ndarray) -> np.ndarray:
    """`colour` moved to a luminosity, and back into 0..1 towards grey where that left it."""
    colour = colour + (light - _luminosity_of(colour))
    low, high = colour.min(axis=-1, keepdims=True), colour.max(axis=-1, keepdims=True)
    from_below = light / np.maximum(light - low, 1e-6)
    colour = np.where(low < 0, light + (colour - light) * from_below, colour)
    from_above = (1 - light) / np.maximum(high - light, 1e-6)
    return np.where(high > 1, light + (colour - light) * from_above, colour)


def _spread(colour: np.ndarray) -> np.ndarray:
    return colour.max(axis=-1, keepdims=True) - colour.min(axis=-1, keepdims=True)


def _with_spread(colour: np.ndarray, spread: np.ndarray) -> np.ndarray:
    own = _spread(colour)
    return (colour - colour.min(axis=-1, keepdims=True)) * np.where(
        own > 0, spread / np.maximum(own, 1e-6), 0
    )


def _hue(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return _with_luminosity(_with_spread(above, _spread(below)), _luminosity_of(below))


def _saturation(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return _with_luminosity(_with_spread(below, _spread(above)), _luminosity_of(below))


def _colour(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return _with_luminosity(above, _luminosity_of(below))


def _luminosity(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return _with_luminosity(below, _luminosity_of(above))


BLENDS: dict[str, Blend] = {
    NORMAL: Blend(b"norm", "svg:src-over"),
    "multiply": Blend(b"mul ", "svg:multiply", _multiply),
    "screen": Blend(b"scrn", "svg:screen", _screen),
    "overlay": Blend(b"over", "svg:overlay", _overlay),
    "darken": Blend(b"dark", "svg:darken", np.minimum),
    "lighten": Blend(b"lite", "svg:lighten", np.maximum),
    "color-dodge": Blend(b"div ", "svg:color-dodge", _dodge),
    "color-burn": Blend(b"idiv", "svg:color-burn", _burn),
    "hard-light": Blend(b"hLit", "svg:hard-light", _hard_light),
    "soft-light": Blend(b"sLit", "svg:soft-light", _soft_light),
    "difference": Blend(b"diff", "svg:difference", _difference),
    "add": Blend(b"lddg", "svg:plus", _add),
    "hue": Blend(b"hue ", "svg:hue", _hue),
    "saturation": Blend(b"sat ", "svg:saturation", _saturation),
    "color": Blend(b"colr", "svg:color", _colour),
    "luminosity": Blend(b"lum ", "svg:luminosity", _luminosity),
}
BY_PSD = {blend.psd: name for name, blend in BLENDS.items()}
BY_ORA = {blend.ora: name for name, blend in BLENDS.items()}
