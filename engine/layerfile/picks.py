"""What a person chose in the page's layer viewer, applied to the layers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..errors import BadInput
from .layer import Layer

MOST_TEXT = 200_000  # characters; an entry has fewer than 100
_KEYS = {"show", "opacity", "order"}
_RESET = "Choose again in the viewer, or empty `picks`."


def picked(layers: Sequence[Layer], picks: str) -> list[Layer]:
    """The layers that are shown, in the order chosen; the lowest first, as `layers` are.

    picks: "" (nothing was chosen: all layers as they are), or JSON, a list with one object for each layer, in the order of
    `layers`. Its keys, each of which may be left out:
    - "show": true or false. false: the layer is not in the result at all. true, which is the default, leaves its
      visibility as it is: a layer that is saved hidden stays a hidden one.
    - "opacity": a number, 0 to 1, in place of the layer's own.
    - "order": a whole number, -10,000 to 10,000, by which the shown layers are sorted, the lowest first; equal ones stay
      in the order of `layers`. The default is the layer's own index, 0 for the lowest.
    `[{}, {"show": false}, {"opacity": 0.5, "order": 9}]` drops the second of three and moves the third, at half strength,
    to the top. An object may be `null` for no choice.

    Raises BadInput for anything else: text that is no such JSON, unknown keys, a list for another number of layers (it was
    made for another picture), or no layer shown.
    """
    if not picks.strip():
        return list(layers)
    entries = _entries(picks)
    if len(entries) != len(layers):
        raise BadInput(
            f"`picks` was chosen for {len(entries)} layers, and now there are {len(layers)}. {_RESET}"
        )
    chosen: list[tuple[int, Layer]] = []
    for index, (layer, entry) in enumerate(zip(layers, entries, strict=True)):
        show, opacity, order = _choice(entry, index)
        if show:
            chosen.append((order, layer if opacity is None else replace(layer, opacity=opacity)))
    if not chosen:
        raise BadInput(f"`picks` shows no layer, so there is nothing to save. {_RESET}")
    return [layer for _, layer in sorted(chosen, key=lambda one: one[0])]


def _entries(picks: str) -> list[Any]:
    if len(picks) > MOST_TEXT:
        raise BadInput(f"`picks` has {len(picks):,} characters, far more than any choice of layers. {_RESET}")
    try:
        entries = json.loads(picks)
    except (ValueError, RecursionError):
        raise BadInput(f"`picks` is not JSON. {_RESET}") from None
    if not isinstance(entries, list):
        raise BadInput(f"`picks` is not a list with one entry for each layer. {_RESET}")
    return entries


def _choice(entry: Any, index: int) -> tuple[bool, float | None, int]:
    entry = {} if entry is None else entry
    if not isinstance(entry, dict) or not entry.keys() <= _KEYS:
        raise BadInput(
            f"Entry {index + 1} of `picks` may have show, opacity and order, and nothing else. {_RESET}"
        )
    show, opacity, order = entry.get("show", True), entry.get("opacity"), entry.get("order", index)
    if not isinstance(show, bool):
        raise BadInput(f"`show` of entry {index + 1} of `picks` is neither true nor false. {_RESET}")
    if opacity is not None and not (_is_number(opacity) and 0 <= opacity <= 1):
        raise BadInput(f"`opacity` of entry {index + 1} of `picks` is no number from 0 to 1. {_RESET}")
    if isinstance(order, bool) or not isinstance(order, int) or abs(order) > 10_000:
        raise BadInput(f"`order` of entry {index + 1} of `picks` is no whole number up to 10,000. {_RESET}")
    return show, None if opacity is None else float(opacity), order


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
