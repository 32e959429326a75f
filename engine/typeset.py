"""Lines of type with Pillow: many scripts and fonts in one line, where its ink is, where it breaks.

Sizes are pixels per em. A `Line` knows where it stands; `paint` draws it, `ink` says where its ink will be.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import ImageDraw, ImageFont

from .bidi import levels, visual_order
from .fonts import Face, Shelf, Style
from .scripts import COMPLEX, clusters, pieces, region_of, script_of

_PLAIN = dict(
    zip("·…×→≈–—“”‘’€", ("-", "...", "x", "->", "~", "-", "-", '"', '"', "'", "'", "EUR"), strict=True)
)


@dataclass(frozen=True)
class Run:
    """A part of a line in one font and one direction."""

    text: str
    face: Face
    rtl: bool


@dataclass(frozen=True)
class Line:
    """One line of cleaned text. `x` is its left end and `y` its baseline, in pixels; `rtl` the paragraph's
    direction, `region` whose forms Chinese characters take (scripts.region_of the whole phrase).
    """

    text: str
    size: int
    style: Style = "regular"
    rtl: bool = False
    region: str = "han"
    x: float = 0
    y: float = 0
    colour: str = "#000000"


def missing(text: str, shelf: Shelf, style: Style = "bold") -> tuple[set[str], set[str]]:
    """The scripts of a cleaned text that this machine has no font for, and those that it cannot shape."""
    region = region_of(text)
    absent = {script_of(c[0]) for c in clusters(text) if not c.isspace() and not shelf.face(c, style, region)}
    absent = {region if script in ("han", "hant") else script for script in absent}  # kanji are Japanese
    unshaped = {script for script in absent if script in COMPLEX} if not shelf.shapes else set()
    return absent - unshaped, unshaped


def covered(text: str, shelf: Shelf, style: Style = "bold") -> str:
    """A cleaned text without what no font here has."""
    region = region_of(text)
    return "".join(c for c in clusters(text) if c.isspace() or shelf.face(c, style, region))


def legible(text: str, shelf: Shelf, style: Style, as_json: bool = False) -> str:
    """A cleaned text with what no font here has replaced: by plain signs, "?", or JSON's own \\u escapes."""
    region = region_of(text)

    def word(cluster: str) -> str:
        if cluster.isspace() or shelf.face(cluster, style, region):
            return cluster
        if cluster in _PLAIN and not (as_json and _PLAIN[cluster] == '"'):
            return _PLAIN[cluster]
        if as_json:
            units = cluster.encode("utf-16-be")
            return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
        letter = unicodedata.normalize("NFD", cluster)[0]
        return letter if letter.isascii() else "?"

    return "".join(map(word, clusters(text)))


def width_of(line: Line, shelf: Shelf) -> float:
    """The advance width in pixels."""
    return sum(
        _font(run, line.size).getlength(run.text, **_direction(run, line.size)) for run in _runs(line, shelf)
    )


def length(text: str, like: Line, shelf: Shelf) -> float:
    """The advance width in pixels of another text, set like a line."""
    return width_of(replace(like, text=text), shelf)


def ink(line: Line, shelf: Shelf) -> tuple[float, float, float, float]:
    """The box of the ink (left, top, right, bottom) in pixels; without ink an empty one on the baseline."""
    boxes, x = [], line.x
    for run in _runs(line, shelf):
        font, direction = _font(run, line.size), _direction(run, line.size)
        left, top, right, bottom = font.getbbox(run.text, anchor="ls", **direction)
        if bottom > top and right > left:
            boxes.append((x + left, line.y + top, x + right, line.y + bottom))
        x += font.getlength(run.text, **direction)
    if not boxes:
        return line.x, line.y, line.x, line.y
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def paint(canvas: ImageDraw.ImageDraw, line: Line, shelf: Shelf) -> None:
    x = line.x
    for run in _runs(line, shelf):
        font, direction = _font(run, line.size), _direction(run, line.size)
        canvas.text((x, line.y), run.text, font=font, fill=line.colour, anchor="ls", **direction)
        x += font.getlength(run.text, **direction)


def shorten(line: Line, width: float, shelf: Shelf) -> Line:
    """The line, cut to `width` pixels with an ellipsis where it is longer."""
    if width_of(line, shelf) <= width:
        return line
    dots, parts = legible("…", shelf, line.style), clusters(line.text)
    low, high = 0, len(parts)
    while low < high:
        middle = (low + high + 1) // 2
        short = replace(line, text="".join(parts[:middle]).rstrip() + dots)
        low, high = (middle, high) if width_of(short, shelf) <= width else (low, middle - 1)
    return replace(line, text="".join(parts[:low]).rstrip() + dots)


def wrap(line: Line, width: float, shelf: Shelf) -> list[Line]:
    """The line broken at `width` pixels, inside words where it has to be; positions are not set."""
    found: list[str] = [""]
    for word in pieces(line.text):
        whole = length(found[-1] + word.rstrip(), line, shelf)
        if whole <= width:
            found[-1] += word
        elif length(word.rstrip(), line, shelf) <= width:
            found.append(word)
        else:
            for letter in pieces(word, anywhere=True):
                fits = length(found[-1] + letter.rstrip(), line, shelf) <= width
                found[-1:] = [found[-1] + letter] if fits or not found[-1] else [found[-1], letter]
    return [replace(line, text=text.rstrip()) for text in found if text.strip()]


def _runs(line: Line, shelf: Shelf) -> tuple[Run, ...]:
    return _itemise(line.text, line.style, line.rtl, line.region, shelf)


@lru_cache(maxsize=4096)
def _itemise(text: str, style: Style, rtl: bool, region: str, shelf: Shelf) -> tuple[Run, ...]:
    """The runs from left to right. What no font has is left out: callers ask `missing` or `legible` first."""
    if text.isascii() and not rtl:  # most lines by far
        face = shelf.face("a", style, region)
        if face and all(map(face.covers, text)):
            return (Run(text, face, False),) if text else ()
    found: list[Run] = []
    depths: list[int] = []
    every, at = levels(text, rtl), 0
    parts = clusters(text)
    for part, face in zip(parts, _faces(parts, style, region, shelf), strict=True):
        depth, at = every[at], at + len(part)
        part = part.replace("\u00a0", " ")
        if face is None:
            continue
        if found and found[-1].face is face and depths[-1] == depth:
            found[-1] = Run(found[-1].text + part, face, depth % 2 == 1)
        else:
            found.append(Run(part, face, depth % 2 == 1))
            depths.append(depth)
    return tuple(found[i] for i in visual_order(depths))


def _faces(parts: list[str], style: Style, region: str, shelf: Shelf) -> list[Face | None]:
    """A face for each cluster. Spaces, digits and signs stay in the font of the letters before them where it
    has them, so that a line changes fonts as seldom as it can; those at the start take that of the first
    letters. Not in code, where signs should look alike all along.
    """
    own = [shelf.face(part, style, region) for part in parts]
    letters = [i for i, part in enumerate(parts) if script_of(part[0]) not in ("common", "emoji", "symbols")]
    current = own[letters[0]] if letters else None
    for i, part in enumerate(parts):
        shared = script_of(part[0]) == "common" and style != "mono"
        if shared and current and all(map(current.covers, part)):
            own[i] = current
        else:
            current = own[i] or current
    return own


def _font(run: Run, size: int) -> ImageFont.FreeTypeFont:
    return run.face.at(size)


def _direction(run: Run, size: int) -> dict[str, str]:
    shaped = _font(run, size).layout_engine == ImageFont.Layout.RAQM  # else Pillow refuses a direction
    return {"direction": "rtl" if run.rtl else "ltr"} if shaped else {}
