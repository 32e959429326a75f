"""Phrases measured once, in ems, so that they can be broken into lines and fitted into a box at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .bidi import runs_right_to_left
from .fonts import Shelf, Style
from .scripts import pieces, region_of
from .typeset import Line, ink, length

_EM = 100  # px; the size at which widths are measured for every other: hinting no longer matters there

Parts = tuple[tuple[str, float, float], ...]  # text, its width, and that without the space at its end; ems


@dataclass(frozen=True)
class Phrase:
    """A phrase measured in ems, ready to be broken into lines at any size."""

    text: str
    style: Style
    rtl: bool
    region: str
    parts: tuple[Parts, ...]  # one of each paragraph
    ascent: float  # of the ink, em
    descent: float
    small: tuple[Parts, ...]  # the same, cut inside words too

    def pitch(self, size: int) -> float:
        """Baseline to baseline in pixels: what the ink of this very phrase needs, marks included, and air."""
        return max(1.06, self.ascent + self.descent + 0.2) * size + 1  # hinting rounds ink to whole pixels

    @property
    def longest(self) -> float:
        """The widest part that cannot be broken, in ems."""
        return max((width for paragraph in self.parts for _, _, width in paragraph), default=0.0)

    def lines(self, width: float, inside_words: bool = False) -> list[str]:
        """The lines at `width` ems; a part that is wider stands alone and sticks out."""
        return [line for part in (self.small if inside_words else self.parts) for line in _break(part, width)]

    def balanced(self, width: float, inside_words: bool = False) -> list[str]:
        """As few lines as `lines` needs, but of lengths as even as they can be."""
        best = self.lines(width, inside_words)
        low, high = self.longest if not inside_words else 1.0, width
        for _ in range(8 if len(best) > 1 else 0):
            middle = (low + high) / 2
            lines = self.lines(middle, inside_words)
            low, high, best = (low, middle, lines) if len(lines) <= len(best) else (middle, high, best)
        return best


def measure(text: str, style: Style, shelf: Shelf) -> Phrase:
    """A cleaned text as a Phrase."""
    rtl, region = runs_right_to_left(text), region_of(text)
    whole = Line(text, _EM, style, rtl, region)
    paragraphs = [paragraph.strip() for paragraph in text.split("\n")]
    parts, small = ([_measured(p, whole, shelf, inside) for p in paragraphs if p] for inside in (False, True))
    boxes = [ink(replace(whole, text=p), shelf) for p in paragraphs if p]
    top, bottom = min((b[1] for b in boxes), default=0), max((b[3] for b in boxes), default=0)
    return Phrase(text, style, rtl, region, tuple(parts), -top / _EM, bottom / _EM, tuple(small))


def fit(
    phrases: Sequence[Phrase],
    weights: Sequence[float],
    box: tuple[float, float],
    floor: int,
    ceiling: int,
    gap: float = 0.5,
) -> list[tuple[int, list[str]]] | None:
    """The largest sizes at which all phrases stand below each other in a box (width, height): size and lines.

    `weights` are the sizes that phrases have among each other; none grows so large that a word of it would
    have to be broken. Between two phrases there is `gap` times their mean size. None when they do not fit at
    `floor`.
    """
    width, height = box
    caps = [int(width / max(phrase.longest, 0.2)) for phrase in phrases]

    def at(scale: float) -> list[tuple[int, bool]]:
        wanted = (int(scale * weight) for weight in weights)
        return [(max(floor, min(w, cap, ceiling)), cap < floor) for w, cap in zip(wanted, caps, strict=True)]

    def fits(scale: float) -> bool:
        total, before = 0.0, 0
        for phrase, (size, inside) in zip(phrases, at(scale), strict=True):
            total += gap * (before + size) / 2 if before else 0
            total += len(phrase.lines(width / size, inside)) * phrase.pitch(size)
            before = size
        return total <= height

    low, high = 0.0, ceiling / min(weights, default=1)
    if not fits(low):
        return None
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return [(s, p.balanced(width / s, inside)) for p, (s, inside) in zip(phrases, at(low), strict=True)]


def _break(parts: Parts, width: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for text, full, bare in parts:
        if line and used + bare > width + 1e-9:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + text, used + full
    return [*lines, line.rstrip()]


def _measured(text: str, like: Line, shelf: Shelf, inside: bool) -> Parts:
    found = []
    for piece in pieces(text, anywhere=inside):
        bare = length(piece.rstrip(" "), like, shelf) / _EM
        found.append((piece, bare if not piece.endswith(" ") else length(piece, like, shelf) / _EM, bare))
    return tuple(found)
