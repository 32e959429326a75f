"""Text set in type with Pillow: many scripts in one line, line breaking, the largest size that fits.

Sizes are pixels per em. A `Line` knows where it stands; `paint` draws it, `ink` says where its ink will be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from PIL import ImageDraw, ImageFont

from .bidi import levels, runs_right_to_left, visual_order
from .fonts import Face, Shelf, Style
from .scripts import COMPLEX, clusters, language_of, pieces, region_of, script_of

_EM = 100  # px; the size at which widths are measured for every other: hinting no longer matters there
_PLAIN = {"·": "-", "…": "...", "×": "x", "→": "->", "≈": "~", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'",
          "’": "'", "€": "EUR"}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A part of a line in one font and one direction."""

    text: str
    face: Face
    rtl: bool


@dataclass(frozen=True)
class Line:
    """One line of cleaned text. `x` is its left end and `y` its baseline, in pixels; `rtl` the paragraph's direction,
    `region` whose forms Chinese characters take (scripts.region_of the whole phrase).
    """

    text: str
    size: int
    style: Style = "regular"
    rtl: bool = False
    region: str = "han"
    x: float = 0
    y: float = 0
    colour: str = "#000000"


@dataclass(frozen=True)
class Phrase:
    """A phrase measured in ems, ready to be broken into lines at any size."""

    text: str
    style: Style
    rtl: bool
    region: str
    parts: tuple[
        tuple[tuple[str, float, float], ...], ...
    ]  # per paragraph: text, width, width without end space
    ascent: float  # of the ink, em
    descent: float
    small: tuple[tuple[tuple[str, float, float], ...], ...] = field(
        repr=False
    )  # the same, cut inside words too

    @property
    def pitch(self) -> float:
        """Baseline to baseline, in ems: what the ink of this very phrase needs, marks included, and air."""
        return max(1.06, self.ascent + self.descent + 0.2)

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
    """A cleaned text with what no font here has in other words: plain signs, "?", or JSON's own \\u escapes."""
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


def fit(phrases: Sequence[Phrase], weights: Sequence[float], box: tuple[float, float], floor: int, ceiling: int,
        gap: float = 0.5) -> list[tuple[int, list[str]]] | None:  # fmt: skip
    """The largest sizes at which all phrases stand below each other in a box (width, height), as (size, lines).

    `weights` are the sizes that phrases have among each other; none grows so large that a word of it would have to be
    broken. Between two phrases there is `gap` times their mean size. None when they do not fit at `floor`.
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
            total += len(phrase.lines(width / size, inside)) * phrase.pitch * size
            before = size
        return total <= height

    low, high = 0.0, ceiling / min(weights, default=1)
    if not fits(low):
        return None
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return [(s, p.balanced(width / s, inside)) for p, (s, inside) in zip(phrases, at(low), strict=True)]


def width_of(line: Line, shelf: Shelf) -> float:
    """The advance width in pixels."""
    return sum(
        _font(run, line.size).getlength(run.text, **_direction(run, line.size)) for run in _runs(line, shelf)
    )


def ink(line: Line, shelf: Shelf) -> tuple[float, float, float, float]:
    """The box of the ink (left, top, right, bottom) in pixels; an empty one at the baseline where there is none."""
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
        whole = _length(found[-1] + word.rstrip(), line, shelf)
        if whole <= width:
            found[-1] += word
        elif _length(word.rstrip(), line, shelf) <= width:
            found.append(word)
        else:
            for letter in pieces(word, anywhere=True):
                fits = _length(found[-1] + letter.rstrip(), line, shelf) <= width
                found[-1:] = [found[-1] + letter] if fits or not found[-1] else [found[-1], letter]
    return [replace(line, text=text.rstrip()) for text in found if text.strip()]


def _break(parts: Sequence[tuple[str, float, float]], width: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for text, full, bare in parts:
        if line and used + bare > width + 1e-9:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + text, used + full
    return [*lines, line.rstrip()]


def _measured(text: str, like: Line, shelf: Shelf, inside: bool) -> tuple[tuple[str, float, float], ...]:
    found = []
    for piece in pieces(text, anywhere=inside):
        bare = _length(piece.rstrip(" "), like, shelf) / _EM
        found.append((piece, bare if not piece.endswith(" ") else _length(piece, like, shelf) / _EM, bare))
    return tuple(found)


def _length(text: str, like: Line, shelf: Shelf) -> float:
    return width_of(replace(like, text=text), shelf)


def _runs(line: Line, shelf: Shelf) -> tuple[Run, ...]:
    return _itemise(line.text, line.style, line.rtl, line.region, shelf)


@lru_cache(maxsize=4096)
def _itemise(text: str, style: Style, rtl: bool, region: str, shelf: Shelf) -> tuple[Run, ...]:
    """The runs from left to right. What no font has is left out: callers ask `missing` or `legible` first."""
    if text.isascii() and not rtl:  # most lines by far
        faces = [shelf.face("a", style, region)] * len(text)
        if all(face and face.covers(c) for face, c in zip(faces, text)):
            return (Run(text, faces[0], False),) if text else ()
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
    """A face for each cluster. Spaces, digits and signs stay in the font of the letters before them where it has
    them, so that a line changes fonts as seldom as it can; those at the start take that of the first letters. Not in
    code, where signs should look alike all along.
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
    shaped = (
        run.face.at(size).layout_engine == ImageFont.Layout.RAQM
    )  # else Pillow refuses the word "direction"
    return {"direction": "rtl" if run.rtl else "ltr"} if shaped else {}
