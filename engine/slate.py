"""What a rehearsal returns in place of a paid picture: a proof sheet that cannot be taken for one.

It shows the route, the price and the exact request, and the words that the prompt wants rendered, set in real
type: spelling, line lengths and scripts can be checked before anything is paid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw

from . import sheet
from .fonts import Shelf, system_shelf
from .sheet import Block, Box, Rows
from .typeset import paint


@dataclass(frozen=True)
class Slate:
    """`request` is JSON text without data URIs; `copy` the phrases asked for; sizes are pixels."""

    width: int
    height: int
    title: str
    rows: tuple[tuple[str, str], ...]
    request: str
    copy: tuple[str, ...]
    note: str = ""


def draw(slate: Slate, shelf: Shelf | None = None) -> Image.Image:
    """The sheet as an RGB picture of the slate's size. `shelf`: the fonts, by default this machine's."""
    shelf = shelf or system_shelf()
    picture = Image.new("RGB", (slate.width, slate.height), sheet.PAPER)
    canvas = ImageDraw.Draw(picture)
    unit = _unit(slate)
    for block in layout(slate, shelf):
        _decorate(canvas, block, unit)
        for line in block.lines:
            paint(canvas, line, shelf)
    return picture


def layout(slate: Slate, shelf: Shelf) -> list[Block]:
    """The blocks of the sheet, none over another. Where room is short, the request goes, then the facts."""
    unit = _unit(slate)
    margin = max(2, round(min(slate.width, slate.height) * 0.042))
    bar = sheet.title_bar(slate.title, slate.width, slate.height, margin, unit, shelf)
    page = (margin, bar.box[3] + round(margin * 0.7), slate.width - margin, slate.height - margin)
    if page[3] - page[1] < 2 * sheet.SMALLEST:
        return [bar]
    note = sheet.footnote(slate.note, (page[0], page[3] - unit * 4, page[2], page[3]), unit, shelf)
    if note and page[3] - page[1] > 24 * unit:
        page = (*page[:3], note.box[1] - unit)
    else:
        note = None
    arrange = _side_by_side if slate.width > 1.5 * slate.height else _stacked
    copy = slate.copy
    for rows, request in ((slate.rows, slate.request), (slate.rows, ""), ((), "")):
        blocks = arrange(rows, request, copy, page, unit, shelf)
        if not copy or any(block.kind == "words" for block in blocks):
            break
    else:
        blocks = arrange(slate.rows, "", (), page, unit, shelf)
    return [bar, *blocks, *([note] if note else [])]


def _unit(slate: Slate) -> int:
    """The size of the facts: 19 px on a sheet of a megapixel, and less on one that is long and narrow."""
    return max(sheet.SMALLEST, round(min(math.sqrt(slate.width * slate.height) / 54, slate.height / 28)))


def _stacked(
    rows: Rows, request: str, copy: tuple[str, ...], page: Box, unit: int, shelf: Shelf
) -> list[Block]:
    """Facts, words and request below each other, the words in whatever the others leave."""
    left, top, right, bottom = page
    found: list[Block] = []
    share = 0.45 if copy else 0.5
    half = (left, top, right, top + int((bottom - top) * share))
    if rows and (facts := sheet.facts(rows, half, unit, shelf)):
        found.append(facts)
        top = facts.box[3] + round(unit * 1.2)
    if request:
        high = bottom - top if not copy else int((bottom - top) * 0.4)
        block = sheet.request(request, (left, bottom - high, right, bottom), unit, shelf)
        if block and copy:  # it stands at the foot, so it is set again where its real height begins
            high = block.box[3] - block.box[1] + 2  # rounding must not cost a line
            block = sheet.request(request, (left, bottom - high, right, bottom), unit, shelf) or block
            bottom = block.box[1] - unit
        found += [block] if block else []
    words = sheet.words(copy, (left, top, right, bottom), unit, shelf) if copy else None
    return [*found, *([words] if words else [])]


def _side_by_side(
    rows: Rows, request: str, copy: tuple[str, ...], page: Box, unit: int, shelf: Shelf
) -> list[Block]:
    """Facts and request to the left, words to the right; without words the request takes their place."""
    left, top, right, bottom = page
    middle = left + int((right - left) * (0.44 if rows or request else 0))
    beside = (middle + unit if middle > left else left, top, right, bottom)
    found: list[Block] = []
    below = top
    if rows and (facts := sheet.facts(rows, (left, top, middle - unit, bottom), unit, shelf)):
        found.append(facts)
        below = facts.box[3] + round(unit * 1.2)
    if request:
        box = (left, below, middle - unit, bottom) if copy else beside
        block = sheet.request(request, box, unit, shelf)
        found += [block] if block else []
    words = sheet.words(copy, beside, unit, shelf) if copy else None
    return [*found, *([words] if words else [])]


def _decorate(canvas: ImageDraw.ImageDraw, block: Block, unit: int) -> None:
    left, top, right, bottom = block.box
    thick = max(1, round(unit / 10))
    if block.kind == "title":
        canvas.rectangle((left, top, right - 1, bottom - 1), fill=sheet.INK)
        canvas.rectangle((left, bottom - thick, right - 1, bottom - 1), fill=sheet.SIGNAL)
    elif block.kind == "words":
        _dashes(canvas, block.box, max(2, unit // 2), thick)
    for y in block.rules:
        canvas.line((left, y, right - 1, y), fill=sheet.HAIRLINE)


def _dashes(canvas: ImageDraw.ImageDraw, box: tuple[int, int, int, int], dash: int, thick: int) -> None:
    """A dashed outline inside the box, with whole dashes at all four corners."""
    left, top, right, bottom = box
    for length, along in ((right - left, True), (bottom - top, False)):
        count = max(1, round((length / dash - 1) / 2))  # after the first; the gaps take up what is left
        step = (length - dash) / count
        for n in range(count + 1):
            start = round(n * step)
            for edge in (top, bottom - thick) if along else (left, right - thick):
                x, y = (left + start, edge) if along else (edge, top + start)
                wide, high = (dash, thick) if along else (thick, dash)
                canvas.rectangle((x, y, x + wide - 1, y + high - 1), fill=sheet.GREY)
