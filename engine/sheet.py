"""The parts of the proof sheet that a rehearsal returns: each one sets its text into a given box.

A part is a `Block`: its box, the lines in it with their places, and nothing drawn yet. Heights are in pixels,
sizes in pixels per em; `unit` is the size of the facts, from which all other measures of a sheet derive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .fonts import Shelf, Style
from .poster import INK, SMALLEST, compose, drawable
from .scripts import clean
from .typeset import Line, legible, shorten, width_of, wrap

PAPER, GREY, HAIRLINE, SIGNAL, WARNING = "#f6f3ea", "#6f6c63", "#d9d4c5", "#f0a020", "#a63d12"
_PITCH = 1.42  # baseline to baseline of running text, in its size: room for every script's marks
_LONGEST_VALUE, _LONGEST_REQUEST, _LONGEST_LINE = 1000, 20_000, 6000  # characters that are looked at
_MOST_ROWS = 60
Box = tuple[int, int, int, int]  # left, top, right, bottom
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Block:
    kind: Literal["title", "facts", "words", "request", "note"]
    box: Box
    lines: tuple[Line, ...]
    rules: tuple[int, ...] = ()  # y of the hairlines across the box


def title_bar(text: str, width: int, height: int, margin: int, unit: int, shelf: Shelf) -> Block:
    """The dark bar on top: left what stands before " · ", right the rest, or one below the other."""
    head, _, tail = text.partition(" · ")
    room, size = width - 2 * margin, round(unit * 1.6)
    left = Line(_plain(head, shelf, "bold"), size, "bold", colour=SIGNAL)
    right = Line(_plain(tail, shelf, "regular"), round(unit * 1.15), "regular", colour=PAPER)
    taken = width_of(left, shelf) + width_of(right, shelf)
    if taken + 1.5 * unit <= room:
        bottom = round(size * 2.3)
        baseline = round(bottom / 2 + 0.36 * size)  # 0.72 em is the height of capitals
        at = width - margin - width_of(right, shelf)
        return Block(
            "title",
            (0, 0, width, bottom),
            (replace(left, x=margin, y=baseline), replace(right, x=at, y=baseline)),
        )
    size = max(SMALLEST, min(size, round(unit * 1.1)))
    found = wrap(replace(left, size=size), room, shelf) + wrap(replace(right, size=size), room, shelf)
    lines = _stack(found[: int((height - margin) / (size * _PITCH))], margin, margin, size)
    return Block("title", (0, 0, width, min(height, round(margin * 2 + len(lines) * size * _PITCH))), lines)


def facts(rows: Rows, box: Box, unit: int, shelf: Shelf) -> Block | None:
    """Labels and values, as many rows as there is height for; None where there is none for even one.

    Two short ones share a row where the box is wide; a value has at most two lines.
    """
    left, top, right, bottom = box
    rows = rows[:_MOST_ROWS]
    labels = [
        shorten(Line(_plain(a, shelf, "regular"), unit, colour=GREY), (right - left) / 3, shelf)
        for a, _ in rows
    ]
    indent = max((width_of(label, shelf) for label in labels), default=0) + 1.2 * unit
    half = (right - left + 1.5 * unit) / 2
    pairs = right - left > 38 * unit
    lines: list[Line] = []
    rules: list[int] = []
    y, start, beside = float(top), float(top), False
    for label, (_, text) in zip(labels, rows, strict=True):
        value = Line(_plain(text, shelf, "bold"), unit, "bold", colour=INK)
        short = pairs and width_of(value, shelf) <= half - indent - 1.5 * unit
        if beside and short:
            lines += _stack([label], left + half, start, unit)
            lines += _stack([value], left + half + indent, start, unit)
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


def words(copy: tuple[str, ...], box: Box, unit: int, shelf: Shelf) -> Block | None:
    """The frame with the phrases, each as large as fits; below them which ones cannot be shown here, and why.

    None where the box is too small to show any.
    """
    left, top, right, bottom = box
    phrases, unshown, unread = drawable(copy, shelf)
    shown = len(phrases)
    inset, small = round(unit * 0.9), max(SMALLEST, round(unit * 0.72))
    width = right - left - 2 * inset
    while True:
        over = shown - len(phrases) + unread
        remarks = [*unshown, *([f"No room for {over} more phrase{'s' if over > 1 else ''}"] if over else [])]
        foot = [part for r in remarks for part in wrap(Line(r, small, colour=WARNING), width, shelf)][:4]
        ceiling = top + inset + small * 2.2
        floor = bottom - inset * 0.8 - len(foot) * small * _PITCH
        air = small * 0.8 if foot else 0
        if width < 5 * SMALLEST or floor - air - ceiling < (SMALLEST * 1.3 if phrases else 0):
            return None
        placed = compose(phrases, (left + inset, ceiling, right - inset, floor - air), shelf)
        if placed is not None:
            break
        phrases = phrases[:-1]
    caption = shorten(Line("Words asked for", small, colour=GREY), width, shelf)
    lines = [*_stack([caption], left + inset, top + inset * 0.7, small), *placed]
    return Block("words", box, (*lines, *_stack(foot, left + inset, floor, small)))


def request_lines(text: str, width: float, size: int, most: int, shelf: Shelf) -> list[Line]:
    """The request in at most `most` lines; where it needs more, the last says how many are left out."""
    found: list[Line] = []
    every = clean(text[:_LONGEST_REQUEST]).split("\n")
    across = max(1, int(width / (0.6 * size)))  # letters in a line, about; only for what is never shown
    beyond = -(-len(text[_LONGEST_REQUEST:]) // across)
    for at, raw in enumerate(every):
        plain = legible(raw, shelf, "mono", as_json=True)
        beyond += -(-len(plain[_LONGEST_LINE:]) // across)
        plain = plain[:_LONGEST_LINE]
        indent = len(plain) - len(plain.lstrip(" "))
        line = Line(plain.lstrip(" "), size, "mono", colour=INK)
        step = width_of(replace(line, text=" "), shelf)
        x = min(indent * step, width / 3)
        parts = wrap(line, width - x - 2 * step, shelf)
        found += [replace(part, x=x + (2 * step if n else 0)) for n, part in enumerate(parts)]
        if len(found) > most + 200:
            beyond += len(every) - at - 1
            break
    if len(found) + bool(beyond) <= most:
        return found
    left = len(found) - max(0, most - 1) + beyond
    words = f"… {left:,} more line{'s' if left > 1 else ''}"
    return [*found[: most - 1], Line(legible(words, shelf, "mono"), size, "mono", colour=GREY)]


def request(text: str, box: Box, unit: int, shelf: Shelf) -> Block | None:
    """The request under a small heading, as much as the box holds; None where that is less than two lines.

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
    return Block(
        "request",
        (left, top, right, min(bottom, below)),
        (*_stack([heading], left, top, heading.size), *placed),
    )


def footnote(text: str, box: Box, unit: int, shelf: Shelf) -> Block | None:
    """A note of at most two lines at the foot of the box; None without a note, or without the room."""
    left, top, right, bottom = box
    size = max(SMALLEST, round(unit * 0.8))
    found = _two_lines(Line(_plain(text, shelf, "regular"), size, colour=GREY), right - left, shelf)
    tall = round(len(found) * size * _PITCH)
    if not found or tall > bottom - top:
        return None
    return Block("note", (left, bottom - tall, right, bottom), _stack(found, left, bottom - tall, size))


def _plain(text: str, shelf: Shelf, style: Style) -> str:
    return legible(" ".join(clean(text[:_LONGEST_VALUE]).split()), shelf, style)


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
