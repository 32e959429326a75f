"""The picture with what was found marked on it, and below it a legend that says what the marks mean.

The picture keeps its size and place; the legend is added below, so that nothing of it is covered. Letters are set in
this machine's fonts; what they lack is replaced and never drawn as a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from ..bidi import runs_right_to_left
from ..fonts import Shelf, system_shelf
from ..scripts import clean, region_of
from ..typeset import Line as Type
from ..typeset import legible, paint, width_of, wrap
from .verdict import PhraseResult, Quad, Verdict

if TYPE_CHECKING:
    import numpy as np

PAPER, INK = "#f6f3ea", "#1c2430"
RIGHT, WRONG, TWICE, UNASKED, UNKNOWN = "#2e9e5b", "#d1372c", "#b04bc4", "#e08a00", "#6f6c63"
_LONGEST = 300  # characters of an entry
_MOST = 60  # entries
_MOST_HIGH = 1.5  # times the picture's height: the legend is never higher
Entry = tuple[str, str, str]  # colour, label, words


def mark(pixels: np.ndarray, verdict: Verdict, shelf: Shelf | None = None) -> Image.Image:
    """An RGB picture (uint8 [H,W,3]) with the boxes of a verdict and a legend below: as wide, and higher."""
    return sheets([pixels], [verdict], shelf)[0]


def sheets(
    pictures: Sequence[np.ndarray], verdicts: Sequence[Verdict], shelf: Shelf | None = None
) -> list[Image.Image]:
    """The same for several pictures of one size: all as high as the one with the longest legend."""
    shelf = shelf or system_shelf()
    legends = [
        _legend(verdict, pixels.shape[1], shelf) for pixels, verdict in zip(pictures, verdicts, strict=True)
    ]
    below = max((high for _, high in legends), default=0)
    return [
        _sheet(pixels, verdict, lines, below, shelf)
        for pixels, verdict, (lines, _) in zip(pictures, verdicts, legends, strict=True)
    ]


def entries(verdict: Verdict) -> list[Entry]:
    """The lines of the legend: the phrases in their order, then what nobody asked for."""
    found = [(_colour(phrase), _label(phrase), _words(phrase)) for phrase in verdict.phrases]
    found += [(UNASKED, "not asked for", line.text) for line in verdict.unasked]
    if len(found) > _MOST:
        found = [*found[: _MOST - 1], (INK, "", f"and {len(found) - _MOST + 1} more")]
    return found or [(INK, "", "No words were asked for, and none were found.")]


def _colour(phrase: PhraseResult) -> str:
    if phrase.status == "unknown":
        return UNKNOWN
    if phrase.status == "pass":
        return RIGHT
    return TWICE if phrase.doubled and not phrase.edits else WRONG


def _label(phrase: PhraseResult) -> str:
    if phrase.status != "fail":
        return "right" if phrase.status == "pass" else "cannot be read"
    if phrase.missing:
        return "missing"
    return "misspelt" if phrase.edits else "drawn twice" if phrase.doubled else "words out of order"


def _words(phrase: PhraseResult) -> str:
    same = phrase.status != "fail" or phrase.missing or not phrase.edits
    return phrase.phrase if same else f"{phrase.phrase} → {phrase.drawn}"


def _sheet(pixels: np.ndarray, verdict: Verdict, lines: list[Type], below: int, shelf: Shelf) -> Image.Image:
    high, wide = pixels.shape[:2]
    sheet = Image.new("RGB", (wide, high + below), PAPER)
    picture = Image.fromarray(pixels)
    canvas = ImageDraw.Draw(picture)
    thick = max(1, round(min(wide, high) / 250))
    for line in verdict.unasked:
        _outline(canvas, line.quad, UNASKED, thick)
    for phrase in verdict.phrases:
        for quad in phrase.quads:
            _outline(canvas, quad, RIGHT if phrase.doubled and not phrase.edits else _colour(phrase), thick)
        for line in phrase.extra:
            _outline(canvas, line.quad, TWICE, thick)
    sheet.paste(picture)
    canvas = ImageDraw.Draw(sheet)
    for entry in lines:
        paint(canvas, replace(entry, y=entry.y + high), shelf)
    return sheet


def _outline(canvas: ImageDraw.ImageDraw, quad: Quad, colour: str, thick: int) -> None:
    """The box, a little outside of the letters, on a light seam that shows on dark pictures too."""
    x, y = sum(p[0] for p in quad) / 4, sum(p[1] for p in quad) / 4
    out = [(px + (thick if px > x else -thick), py + (thick if py > y else -thick)) for px, py in quad]
    for line, width in (("#ffffff", thick * 2 + 1), (colour, thick)):
        canvas.line([*out, out[0], out[1]], fill=line, width=width, joint="curve")


def _legend(verdict: Verdict, wide: int, shelf: Shelf) -> tuple[list[Type], int]:
    """The lines, their places counted from the picture's lower edge, and the height of all of them, in pixels."""
    size = max(9, min(28, round(wide / 48)))
    pitch, margin = size * 1.5, size
    lines: list[Type] = []
    y = float(margin + size)
    most = max(pitch * 2, _MOST_HIGH * wide)
    for colour, label, words in entries(verdict):
        head = Type(
            f"{legible(label, shelf, 'bold')}  " if label else "", size, "bold", x=margin, y=y, colour=colour
        )
        indent = margin + width_of(head, shelf)
        text = " ".join(clean(words[:_LONGEST]).split())
        body = Type(
            legible(text, shelf, "regular"),
            size,
            rtl=runs_right_to_left(text),
            region=region_of(text),
            colour=INK,
        )
        parts = wrap(body, max(4 * size, wide - indent - margin), shelf) or [body]
        lines.append(head)
        for part in parts:
            lines.append(replace(part, x=indent, y=y))
            y += pitch
        if y > most:
            break
    return lines, round(y - size + margin / 2)
