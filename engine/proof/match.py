"""Where a phrase stands in a text that was read, and what is wrong with it: edit distances, nothing else.

A phrase may begin and end anywhere in the text (semi-global distance); texts are sequences of single letters, and
`same` of fold.py says which are equal. Bit-parallel after Myers (1999): a page of 8,000 letters takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .fold import same

GONE = "\0"  # a letter of the text that another phrase has taken: it equals nothing
_LONGEST_DIFF = 250_000  # cells of the table that a letter-by-letter comparison may take


@dataclass(frozen=True)
class Edit:
    """One difference: the letters that were asked for (none: something was added) and those that are drawn (none:
    something is missing); `after`: the asked letters before it.
    """

    asked: str
    drawn: str
    after: str = ""

    @property
    def swapped(self) -> bool:
        return len(self.asked) == len(self.drawn) == 2 and all(map(same, self.asked, reversed(self.drawn)))


@dataclass(frozen=True)
class Spot:
    """text[start:end] with its distance to the phrase."""

    distance: int
    start: int
    end: int


def spots(phrase: Sequence[str], text: Sequence[str], slack: int = 0, most: int = 24) -> list[Spot]:
    """The places of least distance, and those at most `slack` beyond it; the nearest first, none inside another's end.

    Empty for an empty phrase; the distance is never more than the phrase's length.
    """
    if not phrase:
        return []
    ends = _distances(phrase, text, anchored=False)
    least = min(ends)
    near = sorted((distance, end) for end, distance in enumerate(ends) if distance <= least + slack)
    return [_from_end(phrase, text, end, distance) for distance, end in near[:most]]


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """The number of letters to put in, take out or change to make one of the other."""
    return _distances(one, other, anchored=True)[-1] if one else len(other)


def differences(phrase: Sequence[str], drawn: Sequence[str]) -> tuple[Edit, ...]:
    """What differs, in order; as one edit of everything where the two are too long to be compared letter by letter."""
    if len(phrase) * len(drawn) > _LONGEST_DIFF:
        return () if distance(phrase, drawn) == 0 else (Edit("".join(phrase), "".join(drawn)),)
    found: list[Edit] = []
    last = False  # whether the step before was an edit too
    for asked, given, at in _steps(phrase, drawn):
        if asked and given and same(asked, given):
            last = False
        elif last:
            found[-1] = Edit(found[-1].asked + asked, found[-1].drawn + given, found[-1].after)
            continue
        else:
            found.append(Edit(asked, given, "".join(phrase[:at])))
            last = True
    return tuple(_joined_swaps(found, phrase))


def _distances(phrase: Sequence[str], text: Sequence[str], anchored: bool) -> list[int]:
    """For each end 0..len(text): the distance of the phrase to the best text before it (anchored: to all of it)."""
    high = len(phrase)
    every, top = (1 << high) - 1, 1 << (high - 1)
    equal: dict[str, int] = {}
    for letter in set(text):
        equal[letter] = sum(1 << at for at, wanted in enumerate(phrase) if same(wanted, letter))
    plus, minus, now = every, 0, high
    found = [now]
    for letter in text:
        match = equal[letter]
        vertical = match | minus
        level = (((match & plus) + plus) ^ plus) | match
        up = minus | (every & ~(level | plus))
        down = plus & level
        now += bool(up & top) - bool(down & top)
        found.append(now)
        up = (up << 1 | anchored) & every
        down = (down << 1) & every
        plus = down | (every & ~(vertical | up))
        minus = up & vertical
    return found


def _from_end(phrase: Sequence[str], text: Sequence[str], end: int, least: int) -> Spot:
    """The spot that ends at `end`: of several starts the one whose length is nearest to the phrase's."""
    before = text[max(0, end - len(phrase) - least) : end]
    back = _distances(phrase[::-1], before[::-1], anchored=True)
    lengths = [n for n, distance in enumerate(back) if distance == least]
    length = min(lengths, key=lambda n: abs(n - len(phrase)), default=0)
    return Spot(least, end - length, end)


def _steps(phrase: Sequence[str], drawn: Sequence[str]) -> list[tuple[str, str, int]]:
    """(asked letter or "", drawn letter or "", index in the phrase) from a full table, walked back."""
    table = [list(range(len(drawn) + 1))]
    for i, asked in enumerate(phrase, 1):
        above, row = table[-1], [i]
        for j, given in enumerate(drawn, 1):
            row.append(min(above[j - 1] + (not same(asked, given)), above[j] + 1, row[-1] + 1))
        table.append(row)
    i, j = len(phrase), len(drawn)
    back: list[tuple[str, str, int]] = []
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + (not same(phrase[i - 1], drawn[j - 1])):
            i, j = i - 1, j - 1
            back.append((phrase[i], drawn[j], i))
        elif i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            back.append((phrase[i], "", i))
        else:
            j -= 1
            back.append(("", drawn[j], i))
    return back[::-1]


def _joined_swaps(edits: list[Edit], phrase: Sequence[str]) -> list[Edit]:
    """An edit that takes a letter out and one that puts it back next door are one: two letters swapped."""
    found: list[Edit] = []
    for edit in edits:
        if found:
            last = found[-1]
            between = "".join(phrase[len(last.after) + len(last.asked) : len(edit.after)])
            whole = Edit(last.asked + between + edit.asked, last.drawn + between + edit.drawn, last.after)
            if len(between) == 1 and whole.swapped:
                found[-1] = whole
                continue
        found.append(edit)
    return found
