"""Second looks at a picture, for phrases that a plain reading did not find: text that is turned, and text on a curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from .crop import widened
from .page import Page, centre, inside
from .verdict import Line, Quad

if TYPE_CHECKING:
    import numpy as np

Read = Callable[["np.ndarray"], tuple[Line, ...]]
ReadLine = Callable[["np.ndarray", Quad], str]
_LONGER = 1.3  # of a line's height: room for one more letter
_STRIPS, _WIDE = 3, 1.3  # strips side by side, each 1.3 thirds wide: on a third a curve is nearly straight
_ASTRAY = (
    2.5  # letters: by how much a letter's place may be wrong, if it is reckoned by its number in the line
)
_GROUND = (
    736  # px: the least side that the reader works with; it would enlarge what is smaller, and take longer
)
_NARROWEST = 240  # px: below it strips hold no words


def turned(pixels: np.ndarray, read: Read, quarters: int) -> Page:
    """The picture turned left by that many quarters and read; boxes in the picture as it stands."""
    import numpy as np

    high, wide = pixels.shape[:2]

    def back(x: float, y: float) -> tuple[float, float]:
        return {1: (wide - y, x), 2: (wide - x, high - y), 3: (y, high - x)}[quarters]

    lines = read(np.ascontiguousarray(np.rot90(pixels, quarters)))
    return Page(tuple(replace(line, quad=_each(line.quad, back)) for line in lines))


def lengthened(pixels: np.ndarray, lines: tuple[Line, ...], quads: Sequence[Quad], read: ReadLine) -> Page:
    """The same lines, but those that hold one of the boxes read again, longer at both ends.

    A thin stroke at the end of a line is cut off now and then, such as a 一 in a light serif.
    """
    high, wide = pixels.shape[:2]
    found = []
    for line in lines:
        if any(inside(centre(quad), line.quad) for quad in quads):
            longer = widened(line.quad, _LONGER, wide, high)
            line = Line(read(pixels, longer), longer, line.confidence)
        found.append(line)
    return Page(tuple(found))


def quarter_turns(lines: tuple[Line, ...]) -> tuple[int, ...]:
    """Which turns are worth a look: quarter turns where a good part of the boxes stand upright, half a turn where not."""
    upright = sum(math.dist(q[0], q[3]) > 1.5 * math.dist(q[0], q[1]) for q in (line.quad for line in lines))
    level = len(lines) - upright
    return (*((2,) if level or not lines else ()), *((1, 3) if upright else ()))


def strips(pixels: np.ndarray, read: Read) -> Page:
    """The picture in overlapping vertical strips, each read by itself, and lines that go on in the next strip joined."""
    wide = pixels.shape[1]
    if wide < _NARROWEST:
        return Page(())
    broad = min(wide, round(_WIDE * wide / _STRIPS))
    starts = [round(n * (wide - broad) / (_STRIPS - 1)) for n in range(_STRIPS)]
    joined: list[list[Line]] = []  # lines, each the parts of one from left to right
    for n, start in enumerate(starts):
        seam = start + (broad - (starts[1] - starts[0])) / 2
        for line in read(_on_ground(pixels[:, start : start + broad], wide)):
            moved = replace(line, quad=_each(line.quad, lambda x, y, dx=start: (x + dx, y)))  # type: ignore[misc]
            before = next(
                (parts for parts in joined if n and _goes_on(parts[-1], moved, seam, start, wide)), None
            )
            if before is None:
                joined.append([moved])
            else:
                before.append(moved)
    return Page(tuple(reduce(join, parts) for parts in joined))


def _on_ground(strip: np.ndarray, wide: int) -> np.ndarray:
    """A strip on a ground of the picture's own middle colour, so wide that the reader does not blow it up."""
    import numpy as np

    high, broad = strip.shape[:2]
    ground = np.empty((high, max(broad, min(_GROUND, wide)), 3), np.uint8)
    ground[:] = np.median(strip[::8, ::8].reshape(-1, 3), axis=0)
    ground[:, :broad] = strip
    return ground


def join(first: Line, second: Line) -> Line:
    """Two readings of one line, the second beginning before the first ends, as one: where most letters agree.

    The last letters of the first and the first ones of the second may be cut through, and misread. Letters that agree
    must stand in about the same place of the picture: of a word that is there twice one must not be lost.
    """
    one, other = first.text, second.text
    (start, end), (begin, stop) = _span(first), _span(second)
    wide = max(1.0, (end - start) / max(1, len(one)), (stop - begin) / max(1, len(other)))  # px, of a letter
    reach = max(4, round(1.6 * max(0.0, end - begin) / wide) + 2)
    best = (0, 0, 0)
    for i in range(max(0, len(one) - reach), len(one)):
        for j in range(min(reach, len(other))):
            apart = start + (end - start) * i / len(one) - begin - (stop - begin) * j / len(other)
            size = 0
            while i + size < len(one) and j + size < len(other) and one[i + size] == other[j + size]:
                size += 1
            if abs(apart) <= _ASTRAY * wide:
                best = max(best, (size, i, j))
    size, i, j = best
    text = one[: i + size] + other[j + size :] if size else f"{one} {other}"
    quad = (first.quad[0], second.quad[1], second.quad[2], first.quad[3])
    return Line(text, quad, min(first.confidence, second.confidence))


def _span(line: Line) -> tuple[float, float]:
    return line.quad[0][0], line.quad[1][0]


def _goes_on(line: Line, part: Line, seam: float, start: int, wide: int) -> bool:
    """Whether a line of one strip goes on in a line of the next: both cross the seam, at the same height."""
    left, right = line.quad, part.quad
    if not (left[1][0] >= seam and right[0][0] <= seam and right[1][0] > left[1][0] - 0.02 * wide):
        return False
    high = min(math.dist(left[0], left[3]), math.dist(right[0], right[3]))
    return abs(_middle_at(left, seam) - _middle_at(right, seam)) < 0.75 * high


def _middle_at(quad: Quad, x: float) -> float:
    (ax, ay), (bx, by) = (
        ((quad[0][0] + quad[3][0]) / 2, (quad[0][1] + quad[3][1]) / 2),
        ((quad[1][0] + quad[2][0]) / 2, (quad[1][1] + quad[2][1]) / 2),
    )
    return ay if bx == ax else ay + (by - ay) * (x - ax) / (bx - ax)


def _each(quad: Quad, move: Callable[[float, float], tuple[float, float]]) -> Quad:
    a, b, c, d = (move(x, y) for x, y in quad)
    return a, b, c, d
