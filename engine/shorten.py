"""How long a prompt is for a model, and a shorter one: whole sentences are left out, never words to be rendered."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from .quoting import copy_spans

LONGEST = 200_000  # characters; nobody shortens more than a book's chapter
_SENTENCE = re.compile(
    r"[^.!?\n。！？；।]*(?:[.!?]+(?=[\s\"”'’)]|$)[\"”'’)]*|[.!?]+|[。！？；।]+[”’」』]?|\n+|$)\s*"
)
_WORD = re.compile(r"[A-Za-z]+|\d|[^\W\d_]|[^\w\s]|_")


def tokens_about(text: str) -> int:
    """About how many tokens the text encoders make of a text: their own count needs their vocabularies.

    A word of up to nine Latin letters is one, and so are digits and signs; three letters of other scripts are two.
    For 440 prompts it was 0.8 to 1.2 times Qwen's own count in four of five cases, and 0.7 to 1 times T5's in English.
    """
    latin = other = 0
    for match in _WORD.finditer(text):
        if match.group()[0].isascii():
            latin += 1 + (match.end() - match.start() - 1) // 9
        else:
            other += 1
    return latin + (2 * other + 2) // 3


def shortened(text: str, copy: Sequence[str], fits: Callable[[str], bool]) -> tuple[str, int] | None:
    """The text without as few sentences as it takes to fit, from the end, and how many are missing.

    Sentences that hold a piece of copy, and the first one, stay. None where it does not fit even so.
    """
    if len(text) > LONGEST:
        return None
    pieces = [match.group() for match in _SENTENCE.finditer(text) if match.group()]
    starts, at = [], 0
    for piece in pieces:
        starts.append(at)
        at += len(piece)
    kept = {0} if pieces else set()
    for start, end in copy_spans(text, copy):
        first, last = bisect_left(starts, start + 1) - 1, bisect_left(starts, end)
        kept.update(range(first, last))
    droppable = [n for n in range(len(pieces) - 1, -1, -1) if n not in kept]

    def without(count: int) -> str:
        gone = set(droppable[:count])
        return "".join(piece for n, piece in enumerate(pieces) if n not in gone).rstrip()

    low, high = 0, len(droppable)
    if not fits(without(high)):
        return None
    while low < high:  # the more is left out, the shorter it is
        middle = (low + high) // 2
        low, high = (low, middle) if fits(without(middle)) else (middle + 1, high)
    return without(low), low
