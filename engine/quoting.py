"""Quotation marks around words to be rendered: which ones suit a phrase, and putting or changing them in a prompt.

The words themselves are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .quotes import Quote, quotes
from .scripts import script_of

_MARKS = ("“”", "«»", "「」", "『』", "❝❞")
# What may follow words that nobody quoted, when they are surely whole: the end of a clause, or how they are set.
_ENDS = re.compile(
    r"[ \t]*(?:$|[\n,;:!?()—–]|\.(?=\s|$)|(?:in|with) (?:[\w-]+ ){0,4}(?:letters|lettering|type|font|script|capitals|neon)\b)"
)
_BEFORE = re.compile(r"(?:^|[\s(:])$")
_SPACED = re.compile(
    r"[\u0000-\u052f\u1e00-\u20cf]*"
)  # scripts that part words by spaces, and their punctuation
Change = tuple[int, int, str]  # text[start:end] becomes the string


def in_quotes(words: str, choice: int = 0) -> str:
    """`words` in quotation marks that do not occur in them; straight ones where that can be.

    choice: 1, 2 … for the next ones that would do as well.
    """
    fitting = list(_fitting(words))
    opening, closing = fitting[min(choice, len(fitting) - 1)]
    return f"{opening}{words}{closing}"


def copy_spans(text: str, copy: Iterable[str]) -> list[tuple[int, int]]:
    """Every place where a piece of copy stands, in order."""
    spans = []
    for words in copy:
        at = text.find(words)
        while at >= 0:
            spans.append((at, at + len(words)))
            at = text.find(words, at + len(words))
    return sorted(spans)


def straightened(text: str, copy: Sequence[str]) -> str:
    """With straight double quotation marks around the copy, where it has others."""
    wanted = set(copy)
    changes = [
        change
        for quote in quotes(text)
        if quote.words in wanted and not quote.is_title and '"' not in quote.words
        for change in _straight(text, quote)
    ]
    return changed(text, changes)


def announced_quoted(text: str, copy: Sequence[str]) -> str:
    """With quotation marks around copy that stands in the text once, surely whole, and without any."""
    taken = [(quote.start, quote.end) for quote in quotes(text)]
    changes: list[Change] = []
    for words in copy:
        at = text.find(words)
        end = at + len(words)
        if at < 0 or text.find(words, at + 1) >= 0 or any(start < end and at < stop for start, stop in taken):
            continue
        whole = _BEFORE.search(text, max(0, at - 1), at) and _ENDS.match(text, end)
        if whole and _SPACED.fullmatch(words) and not any(mark in words for mark in '"“”\n'):
            changes.append((at, end, f'"{words}"'))
            taken.append((at, end))
    return changed(text, changes)


def changed(text: str, changes: Iterable[Change]) -> str:
    """The text with all changes made; they must not overlap."""
    parts, done = [], 0
    for start, end, instead in sorted(changes):
        parts += [text[done:start], instead]
        done = end
    return "".join([*parts, text[done:]])


def _fitting(words: str) -> Iterator[tuple[str, str]]:
    """Pairs of marks that are not in `words`; a straight mark also closes “, so that pair is out with either."""
    if '"' not in words:
        yield '"', '"'
    # corner brackets first where they are at home
    far_east = any(script_of(char) in ("han", "kana", "hangul") for char in words)
    pairs = [_MARKS[i] for i in ((0, 2, 3, 1, 4) if far_east else (0, 1, 2, 3, 4))]
    clear = [pair for pair in pairs if not set(pair + ('"' if pair == "“”" else "")) & set(words)]
    yield from ((pair[0], pair[1]) for pair in clear)
    yield "❝", "❞"  # the least likely of all, should every other be in the words


def _straight(text: str, quote: Quote) -> Iterator[Change]:
    """Only where exactly the words stand between two single characters."""
    if quote.mark != '"' and text[quote.start + 1 : quote.end - 1] == quote.words:
        yield quote.start, quote.end, f'"{quote.words}"'
