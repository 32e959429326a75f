"""What the page sends, entry by entry: of the kind that the node itself would take, or refused without its words."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from ..engine.errors import BadInput
from ..engine.models import MAX_REFERENCES
from ..engine.sizes import Size

LARGEST = 65_536  # pixels of a side; ComfyUI's own widgets end at 16,384


def check_entries(entries: dict[str, Any], known: set[str]) -> None:
    if not entries.keys() <= known:
        raise BadInput(f"Only these entries are taken here: {', '.join(sorted(known))}.")


def text(entries: dict[str, Any], name: str) -> str:
    value = entries.get(name, "")
    if not isinstance(value, str):
        raise unfit(name)
    return value


def choice(entries: dict[str, Any], name: str, choices: Collection[str], default: str = "auto") -> str:
    value = entries.get(name, default)
    if value not in choices:
        raise unfit(name)
    return value


def whole(entries: dict[str, Any], name: str, most: int, least: int = 0) -> int:
    value = entries.get(name, least)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise unfit(name)
    return value


def amount(entries: dict[str, Any], name: str) -> float:
    """US dollars."""
    value = entries.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1_000_000:
        raise unfit(name)
    return float(Decimal(str(value)))


def object_of(entries: dict[str, Any], name: str) -> dict[str, Any]:
    value = entries.get(name, {})
    if not isinstance(value, dict):
        raise unfit(name)
    return value


def sizes(entries: dict[str, Any]) -> tuple[Size, ...]:
    found = entries.get("references", [])
    if not isinstance(found, list) or len(found) > 8 * MAX_REFERENCES:
        raise unfit("references")
    for sides in found:
        pair = isinstance(sides, list) and len(sides) == 2 and all(type(side) is int for side in sides)
        if not pair or not all(1 <= side <= LARGEST for side in sides):
            raise unfit("references")
    return tuple(Size(width, height) for width, height in found)


def unfit(name: str) -> BadInput:
    return BadInput(f'The entry "{name}" is not what the node itself would take.')
