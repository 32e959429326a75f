"""The words that a prompt wants rendered, set like a poster: a headline, the rest alike, as large as fits."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from .fonts import Shelf
from .phrases import Phrase, fit, measure
from .scripts import clean, language_of
from .typeset import Line, covered, missing, width_of

INK = "#1c2430"
SMALLEST = 7  # px per em; below it letters are noise
_LONGEST = 1500  # characters of one phrase that are looked at
_MOST, _MOST_LETTERS = 80, 8000  # phrases, and characters of all of them together
_GAP = 0.5  # between two phrases, in their mean size
_GUTTER = 1 / 24  # between two columns, in the width
_HEAD, _BODY = 0.2, 0.75  # of the height, for the headline and the columns below it

Fitted = list[tuple[int, list[str]]]
Area = tuple[float, float, float, float]


def drawable(copy: tuple[str, ...], shelf: Shelf) -> tuple[list[Phrase], list[str], int]:
    """The phrases that can be set here, a line for each reason why others cannot, and how many were not read.

    A phrase without a font for one of its scripts is not drawn at all; one whose emoji or signs are missing
    loses only those.
    """
    phrases: list[Phrase] = []
    absent: Counter[str] = Counter()
    unshaped: Counter[str] = Counter()
    letters, read = 0, 0
    for text in copy[:_MOST]:
        text = clean(text[: 2 * _LONGEST]).strip()
        letters += min(len(text), _LONGEST)
        if letters > _MOST_LETTERS:
            break
        read += 1
        no_font, no_shaping = missing(text, shelf)
        absent.update({language_of(script) for script in no_font})
        unshaped.update({language_of(script) for script in no_shaping})
        text = re.sub(" +", " ", covered(text, shelf)).strip()
        if text and not no_shaping and no_font <= {"emoji", "symbols", "common"}:
            cut = text if len(text) <= _LONGEST else covered(text[:_LONGEST].rstrip() + "…", shelf)
            phrases.append(measure(cut, "bold", shelf))
    return phrases, _reasons(absent, unshaped), len(copy) - read


def compose(phrases: list[Phrase], area: Area, shelf: Shelf) -> list[Line] | None:
    """All phrases in the area (left, top, right, bottom), centred; many short ones in two or three columns.

    None when they do not fit even in the smallest size.
    """
    best: list[Line] | None = None if phrases else []
    for columns in range(1, max(1, min(3, len(phrases) // 3)) + 1):
        found = _in_columns(phrases, area, columns, shelf) if columns > 1 else _in_one(phrases, area, shelf)
        if found and (not best or _smallest(found) > 1.2 * _smallest(best)):  # columns only where they help
            best = found
    return best


def _in_one(phrases: list[Phrase], area: Area, shelf: Shelf) -> list[Line] | None:
    left, top, right, bottom = area
    weights = [_weight(phrase) for phrase in phrases]
    if _has_headline(phrases):
        weights[0] = 1.7
    box = right - left, bottom - top
    fitted = fit(phrases, weights, box, SMALLEST, max(SMALLEST, int(box[1] * 0.6)), _GAP)
    if fitted is None:
        return None
    start = (top + bottom - _height(phrases, fitted)) / 2
    return _placed(phrases, fitted, (left, right), start, shelf)


def _in_columns(phrases: list[Phrase], area: Area, columns: int, shelf: Shelf) -> list[Line] | None:
    """The headline across, the rest below it in columns of one common size, read downwards."""
    left, top, right, bottom = area
    tall, gutter = bottom - top, (right - left) * _GUTTER
    head, body = (phrases[:1], phrases[1:]) if _has_headline(phrases) else ([], phrases)
    each = -(-len(body) // columns)
    parts = [body[n : n + each] for n in range(0, len(body), each)]
    wide = (right - left - gutter * (columns - 1)) / columns
    box = wide, tall * (_BODY if head else 1)
    first = [_fit_column(part, box, max(SMALLEST, int(tall * 0.6))) for part in parts]
    if None in first:
        return None
    size = min(max(size for size, _ in column) for column in first if column)
    sets = [_fit_column(part, box, size) or [] for part in parts]
    headline = fit(head, [1.0] * len(head), (right - left, tall * _HEAD), SMALLEST, max(SMALLEST, 2 * size))
    if headline is None:
        return None
    above = _height(head, headline) + (min(size, tall * (1 - _HEAD - _BODY)) if head else 0)
    start = (top + bottom - above - max(_height(p, s) for p, s in zip(parts, sets, strict=True))) / 2
    lines = _placed(head, headline, (left, right), start, shelf)
    for n, (part, fitted) in enumerate(zip(parts, sets, strict=True)):
        x = left + n * (wide + gutter)
        lines += _placed(part, fitted, (x, x + wide), start + above, shelf)
    return lines


def _fit_column(phrases: list[Phrase], box: tuple[float, float], size: int) -> Fitted | None:
    return fit(phrases, [_weight(phrase) for phrase in phrases], box, SMALLEST, size, _GAP)


def _height(phrases: list[Phrase], fitted: Fitted) -> float:
    gaps = sum(_GAP * (a + b) / 2 for (a, _), (b, _) in pairwise(fitted))
    return gaps + sum(len(lines) * p.pitch(size) for p, (size, lines) in zip(phrases, fitted, strict=True))


def _placed(
    phrases: list[Phrase], fitted: Fitted, span: tuple[float, float], y: float, shelf: Shelf
) -> list[Line]:
    """Every line with its place, centred between the two ends of `span`, from `y` down."""
    placed = []
    before = 0
    for phrase, (size, lines) in zip(phrases, fitted, strict=True):
        y += _GAP * (before + size) / 2 if before else 0
        air = (phrase.pitch(size) - (phrase.ascent + phrase.descent) * size) / 2
        for text in lines:
            line = Line(text, size, phrase.style, phrase.rtl, phrase.region, colour=INK)
            baseline = round(y + air + phrase.ascent * size)
            while (width := width_of(line, shelf)) > span[1] - span[0] and line.size > 3:
                line = replace(line, size=line.size - 1)  # hinting makes some small sizes wider than measured
            placed.append(replace(line, x=(span[0] + span[1] - width) / 2, y=baseline))
            y += phrase.pitch(size)
        before = size
    return placed


def _smallest(lines: list[Line]) -> int:
    return min(line.size for line in lines)


def _has_headline(phrases: list[Phrase]) -> bool:
    """Whether the first phrase is one: short, and not alone."""
    return len(phrases) > 1 and _ems(phrases[0]) < 22


def _weight(phrase: Phrase) -> float:
    return 1.0 if _ems(phrase) < 45 else 0.7


def _ems(phrase: Phrase) -> float:
    return sum(width for paragraph in phrase.parts for _, width, _ in paragraph)


def _reasons(absent: Counter[str], unshaped: Counter[str]) -> list[str]:
    reasons = {
        "No font on this machine for: ": absent,
        "Pillow cannot shape here (libraqm, fribidi): ": unshaped,
    }
    return [
        start + ", ".join(f"{name} ({n} phrase{'s' if n > 1 else ''})" for name, n in sorted(counted.items()))
        for start, counted in reasons.items()
        if counted
    ]
