"""The schedule that a hub folder brings along, in place of the table's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .files import read_json

CLASS = "FlowMatchEulerDiscreteScheduler"


def schedule_beside(transformer: Path) -> Mapping[str, object] | None:
    """What `scheduler/scheduler_config.json` beside a hub folder's transformer says, as far as it is known here: the class's
    own defaults stand for the rest. None for a single file, for a folder without one, and for another class.

    BadInput for one that is spoilt."""
    path = transformer.parent / "scheduler" / "scheduler_config.json"
    if not transformer.is_dir() or not path.is_file():
        return None
    given = read_json(path)
    if given.get("_class_name") != CLASS:
        return None
    known = {name: given[name] for name in _KNOWN if name in given}
    wrong = next((name for name, value in known.items() if not _KNOWN[name](value)), None)
    if wrong is None and known.get("base_image_seq_len", 0) == known.get("max_image_seq_len", 1):
        wrong = "max_image_seq_len"
    if wrong is not None:
        place = f"{transformer.parent.name}/{path.parent.name}/{path.name}"
        raise BadInput(f"{place} has no number or word that fits for its {wrong}: download it again.")
    return known


def _number(value: Any) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number with hundreds of digits
        return False


def _length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


_KNOWN: Mapping[str, Callable[[Any], bool]] = {
    "base_image_seq_len": _length,
    "base_shift": _number,
    "max_image_seq_len": _length,
    "max_shift": _number,
    "shift": lambda value: _number(value) and value > 0,
    "shift_terminal": lambda value: value is None or (_number(value) and 0 <= value < 1),
    "time_shift_type": lambda value: value in ("exponential", "linear"),
    "use_dynamic_shifting": lambda value: isinstance(value, bool),
}
