"""Layers made of pictures and of what a person typed about them, and told as text again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from ..errors import BadInput
from .blends import BLENDS
from .layer import NORMAL, PASS_THROUGH, Document, Group, Layer, clean_name, full_canvas, trimmed
from .limits import LIMITS

_T = TypeVar("_T")

_ALIASES = {
    "": NORMAL,
    "linear-dodge": "add",
    "linear-dodge-(add)": "add",
    "colour": "color",
    "src-over": NORMAL,
}
_YES, _NO = ("", "yes", "true", "1", "on", "visible", "shown"), ("no", "false", "0", "off", "hidden")


@dataclass(frozen=True)
class Looks:
    """What a person typed, one line per layer, the lowest first; a missing or empty line: the default.

    names: `name` or `group/name`; a slash that belongs to a name is written `\\/`. opacity: 0..1 or 80%. blends: a key of
    `blends.BLENDS`. visible: yes or no. Of the last three, one value alone is for all layers, and commas may stand for
    line breaks. Lines for more layers than there are do nothing.
    """

    names: str = ""
    opacity: str = ""
    blends: str = ""
    visible: str = ""


def stacked(pictures: Iterable[np.ndarray], number: int, looks: Looks, trim: bool = True) -> list[Layer]:
    """`number` pictures, uint8 [h,w,4] each, the lowest first, as layers. trim: cut off their transparent borders."""
    lines = looks.names.splitlines()
    opacity = _each(looks.opacity, number, "opacity", _opacity)
    blends = _each(looks.blends, number, "blend_modes", _blend)
    visible = _each(looks.visible, number, "visible", _visible)
    groups: dict[tuple[str, ...], Group] = {}
    layers = []
    for index, pixels in enumerate(pictures):
        *path, name = _path(lines[index] if index < len(lines) else "")
        if len(path) > LIMITS.depth:
            raise BadInput(
                f"`names` puts layer {index + 1} into {len(path):,} groups inside each other; at most {LIMITS.depth} are possible."
            )
        inside = tuple(
            groups.setdefault(tuple(path[:end]), Group(path[end - 1])) for end in range(1, len(path) + 1)
        )
        called = name or f"Layer {index + 1}"
        layer = Layer(
            called, pixels, opacity=opacity[index], blend=blends[index], visible=visible[index], group=inside
        )
        layers.append(trimmed(layer) if trim else layer)
    return layers


def looks_of(layers: Sequence[Layer]) -> Looks:
    """The same as text, for `stacked`: what is typed into one node can be read from another."""
    return Looks(
        "\n".join("/".join(_escaped(part) for part in layer.path) for layer in layers),
        "\n".join(f"{layer.opacity:.4g}" for layer in layers),
        "\n".join(layer.blend for layer in layers),
        "\n".join("yes" if layer.visible else "no" for layer in layers),
    )


def flattened(document: Document, hidden: bool, into_alpha: bool) -> tuple[list[Layer], list[str]]:
    """All layers on the full canvas, with what their groups did to them; and sentences about what is lost in it.

    hidden: with those that do not show. into_alpha: their opacity in their alpha, and 1 then. Raises BadInput where no
    layer is left.
    """
    layers = [layer for layer in document.layers if hidden or layer.shown]
    if not layers:
        raise BadInput(
            f"All {len(document.layers)} layers of the file are hidden: turn on `hidden_layers` to load them."
        )
    notes = list(document.notes)
    for group in dict.fromkeys(group for layer in layers for group in layer.group):
        if group.blend not in (NORMAL, PASS_THROUGH):
            notes.append(
                f"The blend mode \u201c{group.blend}\u201d of the group \u201c{group.name}\u201d is left out."
            )
    return [_flat(layer, document, into_alpha) for layer in layers], notes


def _flat(layer: Layer, document: Document, into_alpha: bool) -> Layer:
    pixels, strength = full_canvas(layer, document.width, document.height), layer.strength
    if into_alpha and strength < 1:
        pixels = pixels.copy()
        pixels[..., 3] = np.rint(pixels[..., 3] * np.float32(strength))
    opacity = 1.0 if into_alpha else strength
    return replace(layer, pixels=pixels, x=0, y=0, opacity=opacity, visible=layer.shown)


def _each(text: str, number: int, called: str, read: Callable[[str], _T | None]) -> list[_T]:
    text = text.rstrip()  # not at the start: an empty first line is a layer's own
    lines = text.splitlines() if "\n" in text else text.split(",")
    if len(lines) == 1:
        lines = lines * number
    lines += [""] * (number - len(lines))
    found = []
    for position, line in enumerate(lines[:number], 1):
        value = read(line.strip().lower())
        if value is None:
            raise BadInput(
                f"`{called}` of layer {position} is \u201c{line.strip()[:40]}\u201d. {_WANTED[called]}"
            )
        found.append(value)
    return found


_WANTED = {
    "opacity": "It takes a number from 0 to 1, or a percentage like 80%.",
    "blend_modes": f"It takes {', '.join(BLENDS)}.",
    "visible": "It takes yes or no.",
}


def _opacity(text: str) -> float | None:
    if not text:
        return 1.0
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _blend(text: str) -> str | None:
    key = re.sub(r"[\s_]+", "-", text)
    key = _ALIASES.get(key, key)
    return key if key in BLENDS else None


def _visible(text: str) -> bool | None:
    return True if text in _YES else False if text in _NO else None


def _path(line: str) -> list[str]:
    """The groups that a line names, and the layer's name, which may be empty."""
    parts = [""]
    for mark in re.findall(r"\\[\\/]|.", line, re.DOTALL):
        if mark == "/":
            parts.append("")
        else:
            parts[-1] += mark[-1]
    names = [clean_name(part) for part in parts]
    return [*(name for name in names[:-1] if name), names[-1]]


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("/", "\\/")
