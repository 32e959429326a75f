"""The lines of one reading as one text, in several orders, with the letters that are already spoken for.

A phrase may run over several lines. Which line follows which is not known, so it is looked for in each order: that of
the reader, row by row along the slope of the text, and column by column.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..scripts import script_of
from .fold import Folded, fold, parts_words
from .match import GONE, spots
from .verdict import Line, Quad

Letter = tuple[int, int]  # line, letter in that line


@dataclass(frozen=True)
class Found:
    """A place in a page: the letters of it, its distance to the phrase, and the letters glued to it in the same words."""

    letters: tuple[Letter, ...]
    distance: int
    glued: tuple[Letter, ...] = ()

    @property
    def cost(self) -> int:
        return self.distance + len(self.glued)


@dataclass
class Page:
    """`taken`: the letters that a phrase has been found in; `lines` may be empty."""

    lines: tuple[Line, ...]
    taken: set[Letter] = field(default_factory=set)

    @cached_property
    def folded(self) -> list[Folded]:
        return [fold(line.text) for line in self.lines]

    @cached_property
    def orders(self) -> list[tuple[Letter, ...]]:
        """Every letter of the page, once for each order that differs from the others."""
        lines = dict.fromkeys(tuple(order) for order in _orders(self.lines))
        return [tuple((n, at) for n in order for at in range(len(self.folded[n]))) for order in lines]

    def find(self, phrase: Sequence[str], slack: int = 2) -> Found | None:
        """The best place for a phrase among the letters that are not taken; None on an empty page or for no letters."""
        best: Found | None = None
        for order in self.orders:
            text = [GONE if letter in self.taken else self.letter(letter) for letter in order]
            for spot in spots(phrase, text, slack):
                place = tuple(letter for letter in order[spot.start : spot.end] if letter not in self.taken)
                found = Found(place, spot.distance, self.glued(place))
                if best is None or (found.cost, found.distance) < (best.cost, best.distance):
                    best = found
            if best is not None and best.cost == 0:
                break
        return best

    def take(self, found: Found) -> None:
        self.taken.update(found.letters)
        self.taken.update(found.glued)

    def letter(self, letter: Letter) -> str:
        return self.folded[letter[0]].letters[letter[1]]

    def drawn(self, letters: Iterable[Letter]) -> str:
        """What stands there, as it was read: with its capitals, spaces and signs."""
        spans: dict[int, list[int]] = {}
        for line, at in letters:
            spans.setdefault(line, []).append(self.folded[line].places[at])
        return " ".join(self._with_signs(n, min(places), max(places) + 1) for n, places in spans.items())

    def _with_signs(self, n: int, start: int, end: int) -> str:
        """A part of a line as it was read, with the punctuation that touches it."""
        text, letters = self.lines[n].text, set(self.folded[n].places)
        while start and start - 1 not in letters and not text[start - 1].isspace():
            start -= 1
        while end < len(text) and end not in letters and not text[end].isspace():
            end += 1
        return text[start:end]

    def quads(self, letters: Iterable[Letter]) -> tuple[Quad, ...]:
        """The boxes of some letters, one for each line: a part of the line's own box, by the share of its letters."""
        spans: dict[int, list[int]] = {}
        for line, at in letters:
            spans.setdefault(line, []).append(at)
        found = []
        for n, letters_of in spans.items():
            whole = len(self.folded[n])
            start, end = min(letters_of) / whole, (max(letters_of) + 1) / whole
            if _right_to_left(self.lines[n]):
                start, end = 1 - end, 1 - start
            found.append(part_of(self.lines[n].quad, start, end))
        return tuple(found)

    def left_over(self) -> list[tuple[Letter, ...]]:
        """What no phrase has taken, line by line in runs of neighbouring letters."""
        found: list[tuple[Letter, ...]] = []
        for n, line in enumerate(self.folded):
            run: list[Letter] = []
            for at in range(len(line)):
                if (n, at) in self.taken:
                    found += [tuple(run)] if run else []
                    run = []
                else:
                    run.append((n, at))
            found += [tuple(run)] if run else []
        return found

    def as_line(self, letters: tuple[Letter, ...]) -> Line:
        """Some letters of one line as a line of their own."""
        n = letters[0][0]
        return Line(self.drawn(letters), self.quads(letters)[0], self.lines[n].confidence)

    def glued(self, place: tuple[Letter, ...]) -> tuple[Letter, ...]:
        """The letters that touch a place within a word and belong to no other phrase: SALES is not SALE.

        In scripts without spaces it is a letter or two; more are another word.
        """
        found: list[Letter] = []
        for (line, at), step in ((place[0], -1), (place[-1], 1)) if place else ():
            folded = self.folded[line]
            spaced = parts_words(folded.letters)
            run: list[Letter] = []
            at += step
            while 0 <= at < len(folded) and (line, at) not in self.taken:
                if spaced and folded.words[at] != folded.words[at - step]:
                    break
                run.append((line, at))
                at += step
            if spaced or len(run) <= 2 or len(place) <= 2:
                found += run
        return tuple(found)

    def follows(self, one: Letter, other: Letter) -> bool:
        """Whether the second may be read after the first: further along the line, in the row, or on a lower line."""
        if one[0] == other[0]:
            return other[1] > one[1]
        a, b = self._boxes[one[0]], self._boxes[other[0]]
        if abs(a.y - b.y) < 0.5 * min(a.high, b.high):
            return (b.left > a.left) != _right_to_left(self.lines[one[0]])
        return b.y > a.y

    @cached_property
    def _boxes(self) -> list[_Box]:
        return _levelled(self.lines)


def part_of(quad: Quad, start: float, end: float) -> Quad:
    """The part of a line's box between two shares of its width, 0..1."""

    def between(a: tuple[float, float], b: tuple[float, float], share: float) -> tuple[float, float]:
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share

    tl, tr, br, bl = quad
    return between(tl, tr, start), between(tl, tr, end), between(bl, br, end), between(bl, br, start)


def centre(quad: Quad) -> tuple[float, float]:
    return sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4


def inside(point: tuple[float, float], quad: Quad) -> bool:
    """Whether a point lies in the upright rectangle around a box."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return min(xs) <= point[0] <= max(xs) and min(ys) <= point[1] <= max(ys)


@dataclass(frozen=True)
class _Box:
    """A line's box, turned so that most text is level."""

    n: int
    left: float
    right: float
    y: float
    high: float

    def over(self, other: _Box) -> float:
        """How much of the narrower of the two lies over or under the other, 0..1."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        return max(0.0, shared) / max(1e-6, min(self.right - self.left, other.right - other.left))


def _orders(lines: Sequence[Line]) -> list[list[int]]:
    boxes = _levelled(lines)
    rows = _rows(boxes)
    right_to_left = sum(map(_right_to_left, lines)) * 2 > len(lines)
    along = [box.n for row in rows for box in (row[::-1] if right_to_left else row)]
    return [list(range(len(lines))), along, _columns([box for row in rows for box in row])]


def _levelled(lines: Sequence[Line]) -> list[_Box]:
    edges = sorted(
        (math.atan2(tr[1] - tl[1], tr[0] - tl[0]), math.dist(tl, tr))
        for tl, tr, _, _ in (x.quad for x in lines)
    )
    half, slope = sum(length for _, length in edges) / 2, 0.0
    for angle, length in edges:  # the median, each line with the weight of its length
        half -= length
        if half <= 0:
            slope = angle
            break
    cos, sin = math.cos(-slope), math.sin(-slope)
    found = []
    for n, line in enumerate(lines):
        turned = [(x * cos - y * sin, x * sin + y * cos) for x, y in line.quad]
        xs = [x for x, _ in turned]
        (tl, tr, br, bl) = turned
        high = max(1.0, (math.dist(tl, bl) + math.dist(tr, br)) / 2)
        found.append(_Box(n, min(xs), max(xs), sum(y for _, y in turned) / 4, high))
    return found


def _rows(boxes: list[_Box]) -> list[list[_Box]]:
    rows: list[list[_Box]] = []
    for box in sorted(boxes, key=lambda box: box.y):
        if rows and abs(rows[-1][0].y - box.y) < 0.5 * min(rows[-1][0].high, box.high):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda box: box.left) for row in rows]


def _columns(boxes: list[_Box]) -> list[int]:
    """Each line, then the nearest one below it that has its width and height, and so on downwards."""
    left = list(boxes)
    found: list[int] = []
    while left:
        box = left.pop(0)
        found.append(box.n)
        while True:
            below = [
                other
                for other in left
                if 0 < other.y - box.y < 2.5 * max(box.high, other.high)
                and box.over(other) > 0.5
                and 0.6 < other.high / box.high < 1.7
            ]
            if not below:
                break
            box = min(below, key=lambda other: other.y)
            left.remove(box)
            found.append(box.n)
    return found


def _right_to_left(line: Line) -> bool:
    return any(script_of(char) in ("arabic", "hebrew") for char in line.text)
