"""The parts of the proof sheet that a rehearsal returns: each one sets its text into a given box.

A part is a `Block`: its box, the lines in it with their places, and nothing drawn yet. Heights are in pixels, sizes
in pixels per em; `unit` is the size of the facts, from which all other measures of a sheet derive.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

from .fonts import Shelf, Style
from .scripts import clean, language_of
from .typeset import Line, Phrase, covered, fit, legible, measure, missing, shorten, width_of, wrap

INK, PAPER, GREY, HAIRLINE, SIGNAL, WARNING = "#1c2430", "#f6f3ea", "#6f6c63", "#d9d4c5", "#f0a020", "#a63d12"
SMALLEST = 7  # px per em; below it letters are noise
_PITCH = 1.42  # baseline to baseline of running text, in its size: room for every script's marks
_LONGEST_PHRASE, _LONGEST_REQUEST, _MOST_PHRASES = 1500, 20_000, 60  # characters and phrases that are looked at


@dataclass(frozen=True)
class Block:
    kind: Literal["title", "facts", "words", "request", "note"]
    box: tuple[int, int, int, int]  # left, top, right, bottom
    lines: tuple[Line, ...]
    rules: tuple[int, ...] = ()  # y of the hairlines across the box


def title_bar(text: str, width: int, height: int, margin: int, unit: int, shelf: Shelf) -> Block:
    """The dark bar on top: what stands before " · " to the left, the rest to the right; lines where it is narrow."""
    head, _, tail = _plain(text, shelf, "bold").partition(" · ")
    room, size = width - 2 * margin, round(unit * 1.6)
    left = Line(head, size, "bold", colour=SIGNAL)
    right = Line(_plain(tail, shelf, "regular"), round(unit * 1.15), "regular", colour=PAPER)
    taken = width_of(left, shelf) + width_of(right, shelf)
    if taken + 1.5 * unit <= room:
        bottom = round(size * 2.3)
        baseline = round(bottom / 2 + 0.36 * size)  # 0.72 em is the height of capitals
        at = width - margin - width_of(right, shelf)
        lines = (replace(left, x=margin, y=baseline), replace(right, x=at, y=baseline))
        return Block("title", (0, 0, width, bottom), lines)
    size = max(SMALLEST, min(size, round(unit * 1.1)))
    found = wrap(replace(left, size=size), room, shelf) + wrap(replace(right, size=size), room, shelf)
    lines = _stack(found[: int((height - margin) / (size * _PITCH))], margin, margin, size)
    return Block("title", (0, 0, width, min(height, round(margin * 2 + len(lines) * size * _PITCH))), lines)


def facts(rows: tuple[tuple[str, str], ...], box: tuple[int, int, int, int], unit: int, shelf: Shelf) -> Block | None:
    """Labels and values, as many rows as there is height for; None where there is none for even one.

    Two short ones share a row where the box is wide; a value has at most two lines.
    """
    left, top, right, bottom = box
    labels = [shorten(Line(_plain(a, shelf, "regular"), unit, colour=GREY), (right - left) / 3, shelf) for a, _ in rows]
    indent = max((width_of(label, shelf) for label in labels), default=0) + 1.2 * unit
    half = (right - left + 1.5 * unit) / 2
    pairs = right - left > 38 * unit
    lines: list[Line] = []
    rules: list[int] = []
    y, beside = float(top), False
    for label, (_, text) in zip(labels, rows, strict=True):
        value = Line(_plain(text, shelf, "bold"), unit, "bold", colour=INK)
        short = pairs and width_of(value, shelf) <= half - indent - 1.5 * unit
        if beside and short:
            lines += _stack([label], left + half, start, unit) + _stack([value], left + half + indent, start, unit)
            beside = False
            continue
        values = _two_lines(value, right - left - indent, shelf)
        start = y + unit * 0.25
        tall = round(unit * (0.5 + _PITCH * max(1, len(values))))
        if y + tall > bottom or right - left - indent < 3 * unit:
            break
        lines += _stack([label], left, start, unit) + _stack(values, left + indent, start, unit)
        y += tall
        rules.append(round(y))
        beside = short
    return Block("facts", (left, top, right, rules[-1] + 1), tuple(lines), tuple(rules)) if rules else None


def words(copy: tuple[str, ...], box: tuple[int, int, int, int], unit: int, shelf: Shelf) -> Block | None:
    """The frame with the phrases, each as large as fits; below them which ones cannot be shown here, and why.

    None where the box is too small to show any.
    """
    left, top, right, bottom = box
    phrases, unshown = _drawable(copy, shelf)
    inset, small = round(unit * 0.9), max(SMALLEST, round(unit * 0.72))
    width = right - left - 2 * inset
    remarks = list(unshown)
    while True:
        foot = [part for r in remarks for part in wrap(Line(r, small, colour=WARNING), width, shelf)][:4]
        ceiling = top + inset + small * 2.2
        floor = bottom - inset * 0.8 - len(foot) * small * _PITCH
        air = small * 0.8 if foot else 0
        if width < 5 * SMALLEST or floor - air - ceiling < (SMALLEST * 1.3 if phrases else 0):
            return None
        placed = _set_phrases(phrases, (left + inset, ceiling, right - inset, floor - air), shelf)
        if placed is not None or not phrases:
            break
        phrases = phrases[:-1]
        unset = len(copy) - len(phrases) - sum(1 for r in unshown if r)
        remarks = [*unshown, f"No room for {unset} more phrase{'s' if unset > 1 else ''}"]
    caption = shorten(Line("Words asked for", small, colour=GREY), width, shelf)
    lines = [*_stack([caption], left + inset, top + inset * 0.7, small), *(placed or [])]
    return Block("words", box, (*lines, *_stack(foot, left + inset, floor, small)))


def request_lines(text: str, width: float, size: int, most: int, shelf: Shelf) -> list[Line]:
    """The request broken into at most `most` lines; where more are needed the last says how many are left out."""
    found: list[Line] = []
    every = text[:_LONGEST_REQUEST].split("\n")
    beyond = -(-len(text[_LONGEST_REQUEST:]) // max(1, int(width / (0.6 * size))))
    for at, raw in enumerate(every):
        plain = legible(clean(raw), shelf, "mono", as_json=True)
        indent = len(plain) - len(plain.lstrip(" "))
        line = Line(plain.lstrip(" "), size, "mono", colour=INK)
        step = width_of(replace(line, text=" "), shelf)
        x = min(indent * step, width / 3)
        parts = wrap(line, width - x - 2 * step, shelf)
        found += [replace(part, x=x + (2 * step if n else 0)) for n, part in enumerate(parts)]
        if len(found) > 4 * most + 400:  # far more than is shown: the rest is only counted, roughly
            beyond += len(every) - at
            break
    if len(found) + bool(beyond) <= most:
        return found
    left = len(found) - max(0, most - 1) + beyond
    words = f"… {left:,} more line{'s' if left > 1 else ''}"
    return [*found[: most - 1], Line(legible(words, shelf, "mono"), size, "mono", colour=GREY)]


def request(text: str, box: tuple[int, int, int, int], unit: int, shelf: Shelf) -> Block | None:
    """The request under a small heading, as much of it as the box holds; None where that is less than two lines.

    The block is only as high as it needs to be.
    """
    left, top, right, bottom = box
    size = max(SMALLEST + 1, round(unit * 0.72))
    heading = Line("Request", max(SMALLEST, round(unit * 0.72)), colour=GREY)
    start = top + heading.size * 1.9
    most = int((bottom - start) / (size * _PITCH))
    if most < 2 or right - left < 12 * size:
        return None
    lines = request_lines(text, right - left, size, most, shelf)
    below = round(start + len(lines) * size * _PITCH)
    placed = _stack(lines, left, start, size)
    return Block("request", (left, top, right, min(bottom, below)), (*_stack([heading], left, top, heading.size), *placed))


def footnote(text: str, box: tuple[int, int, int, int], unit: int, shelf: Shelf) -> Block | None:
    """A note of at most two lines at the foot of the box; None without a note, or without the room."""
    left, top, right, bottom = box
    size = max(SMALLEST, round(unit * 0.8))
    found = _two_lines(Line(_plain(text, shelf, "regular"), size, colour=GREY), right - left, shelf)
    tall = round(len(found) * size * _PITCH)
    if not found or tall > bottom - top:
        return None
    return Block("note", (left, bottom - tall, right, bottom), _stack(found, left, bottom - tall, size))


def _plain(text: str, shelf: Shelf, style: Style) -> str:
    return legible(" ".join(clean(text[:_LONGEST_PHRASE]).split()), shelf, style)


def _two_lines(line: Line, width: float, shelf: Shelf) -> list[Line]:
    found = wrap(line, width, shelf)
    if len(found) > 2:
        rest = legible(found[1].text + " " + found[2].text, shelf, line.style)
        return [found[0], shorten(replace(line, text=rest), width, shelf)]
    return found


def _stack(lines: list[Line], x: float, y: float, size: int) -> tuple[Line, ...]:
    """Lines below each other from `y` down, each moved right by `x`."""
    baseline = y + size * (_PITCH / 2 + 0.36)
    return tuple(
        replace(line, x=x + line.x, y=round(baseline + n * size * _PITCH)) for n, line in enumerate(lines)
    )


def _drawable(copy: tuple[str, ...], shelf: Shelf) -> tuple[list[Phrase], list[str]]:
    """The phrases that can be set here, and a line for each kind of reason why others cannot.

    A phrase without a font for one of its scripts is not drawn at all; one whose emoji or signs are missing loses
    only those.
    """
    phrases: list[Phrase] = []
    absent: Counter[str] = Counter()
    unshaped: Counter[str] = Counter()
    for text in copy[:_MOST_PHRASES]:
        text = clean(text[: 2 * _LONGEST_PHRASE]).strip()
        no_font, no_shaping = missing(text, shelf)
        absent.update({language_of(script) for script in no_font})
        unshaped.update({language_of(script) for script in no_shaping})
        text = "\n".join(" ".join(line.split(" ")) for line in covered(text, shelf).split("\n")).strip()
        if text and not no_shaping and no_font <= {"emoji", "symbols", "common"}:
            cut = text if len(text) <= _LONGEST_PHRASE else text[:_LONGEST_PHRASE].rstrip() + "…"
            phrases.append(measure(cut, "bold", shelf))
    reasons = {"No font on this machine for: ": absent, "Pillow cannot shape here (libraqm, fribidi): ": unshaped}
    return [p for p in phrases if p.longest > 0], [
        start + ", ".join(f"{name} ({n} phrase{'s' if n > 1 else ''})" for name, n in counted.items())
        for start, counted in reasons.items()
        if counted
    ]


def _set_phrases(
    phrases: list[Phrase], box: tuple[float, float, float, float], shelf: Shelf
) -> list[Line] | None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    weights = [_weight(n, phrase, len(phrases)) for n, phrase in enumerate(phrases)]
    for slack in (0.99, 0.96, 0.9):  # small sizes are hinted: their widths are not those of the large ones
        fitted = fit(phrases, weights, (width * slack, height), SMALLEST, int(height * 0.6))
        if fitted is None:
            return None
        lines = _centred(phrases, fitted, left + width / 2, (top, bottom), shelf)
        if all(line.x >= left for line in lines):
            break
    return lines


def _centred(
    phrases: list[Phrase],
    fitted: list[tuple[int, list[str]]],
    middle: float,
    span: tuple[float, float],
    shelf: Shelf,
) -> list[Line]:
    sizes = [size for size, _ in fitted]
    heights = [len(lines) * p.pitch * size for p, (size, lines) in zip(phrases, fitted, strict=True)]
    gaps = [0.5 * (a + b) / 2 for a, b in zip(sizes, sizes[1:], strict=False)]
    y = (span[0] + span[1] - sum(heights) - sum(gaps)) / 2
    placed = []
    for phrase, (size, lines), tall, gap in zip(phrases, fitted, heights, [*gaps, 0], strict=True):
        air = (phrase.pitch - phrase.ascent - phrase.descent) / 2
        for n, text in enumerate(lines):
            line = Line(text, size, phrase.style, phrase.rtl, phrase.region, colour=INK)
            baseline = y + (n * phrase.pitch + air + phrase.ascent) * size
            placed.append(replace(line, x=middle - width_of(line, shelf) / 2, y=round(baseline)))
        y += tall + gap
    return placed


def _weight(place: int, phrase: Phrase, many: int) -> float:
    """How large a phrase is beside the others: a short one at the start is the headline."""
    ems = sum(width for paragraph in phrase.parts for _, width, _ in paragraph)
    if many > 1 and place == 0 and ems < 22:
        return 1.7
    return 1.0 if ems < 45 else 0.7
