"""Turns of phrase: patterns that are looked for only where one of their words stands."""

from __future__ import annotations

import re
from typing import NamedTuple


class Turn(NamedTuple):
    """A pattern, and words in small letters of which whatever it finds has one: most texts have none of them, and to look
    for a word takes a hundredth of the time in which a pattern is tried at every letter."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]

    def may_stand_in(self, lower: str) -> bool:
        return any(word in lower for word in self.words)

    def search(self, text: str, lower: str) -> re.Match[str] | None:
        """lower: `text` in small letters."""
        return self.pattern.search(text) if self.may_stand_in(lower) else None


def turn(words: str, pattern: str, flags: int = 0) -> Turn:
    """words: parted by "|"."""
    return Turn(tuple(words.split("|")), re.compile(pattern, flags))
