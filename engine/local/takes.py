"""How a parameter is taken from a file: which tensor, which of its rows, in which shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .files import Shape

Shapes = Mapping[str, Shape]
Rows = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Take:
    """A parameter: the tensor `key` of the file, its rows `rows` one after the other (none named: all), as
    `shape`."""

    key: str
    shape: Shape
    rows: Rows = ()


Arrangement = dict[str, Take]
