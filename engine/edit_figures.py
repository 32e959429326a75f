"""Figures and spellings in an instruction that take each other's place: 2026 not 2025; Sisters', not Sister's; 9–1 → 10–2."""

from __future__ import annotations

import re

_NUMBER = (
    r"(?:[A-Z]{1,3}(?=\d)|[$€£¥]\s?)?\d[\d.,:/–-]{0,14}(?:st|nd|rd|th)?\s?(?:%|°[CF]?|℃|元|円|원|\$|€|£)?"
)
_NOT = (
    r"not|instead of|rather than|and not|statt|anstatt|anstelle von|non|no|não|pas|et non|не|а не|вместо|değil|yerine|thay vì|"
    r"bukan|zamiast|nie|niet|in plaats van|en lugar de|en vez de|em vez de|au lieu de|invece di|→|->|=>|而不是|不是|じゃなく|아니라|말고"
)
_FOR_FIGURE = re.compile(
    rf"(?<![A-Za-z\d]){_NUMBER}(?:\s?(?:to|with|into|by|auf|à|a|на|改成|改为|改|换成|에서|を|から)\s?|,?\s?(?:{_NOT})\s?){_NUMBER}(?![A-Za-z\d])",
    re.I,
)
# 16:9 instead of 4:3 is a format, and so is a width.
_FORMAT = re.compile(
    r"\b(?:crop\w*|aspect|ratio|resize\w*|resolution|pixels?|px|dpi|zoom\w*|scale[ds]?|width|height)\b"
)
_BE_FIGURE = re.compile(
    rf"(?:\b(?:should|ought to|needs? to|must|has to|have to) (?:be|show|read|say|go to|end (?:in|with)) (?:at )?"
    rf"|应为|应该是|應該是|\b(?:ma być|olmalı|muss|deve essere|debe ser|deve ser|doit être|должн[оаы] быть|moet) )"
    rf"{_NUMBER}(?=\s*(?:$|[.,;:!?)]|(?:{_NOT}|and)\b))",
    re.I,
)
_ARROW = re.compile(r"(\S{1,24}(?: \S{1,12})?) ?(?:→|->|=>) ?(\S{1,24})")
_NAMELY = re.compile(r"[\d@#\"“'&]|(?<=.)[A-ZÀ-ÖØ-ÞА-ЯЁ]")
_PAIR = re.compile(
    rf"([^\W\d_][\w'’-]{{4,30}}),? (?:{_NOT}|por|à la place de)\s(?:the |an? )?([^\W\d_][\w'’-]{{4,30}})",
    re.I,
)
_ARROW_PAIR = re.compile(r"([^\W\d_][\w'’-]{3,30}) ?(?:→|->|=>) ?([^\W\d_][\w'’-]{3,30})")


def figure_for_figure(text: str) -> bool:
    """A number for a number, or one that something should read; formats are none."""
    return bool(_FOR_FIGURE.search(text) or _BE_FIGURE.search(text)) and not _FORMAT.search(text.lower())


def named_for_named(text: str) -> bool:
    """Words or signs on both sides of an arrow, or one word and nearly the same one: a spelling is mended."""
    for before, after in _ARROW.findall(text) if _has_arrow(text) else ():
        if _NAMELY.search(before) or _NAMELY.search(after):
            return True
    return any(_nearly(a, b) for find in (_PAIR, _ARROW_PAIR) for a, b in find.findall(text))


def _has_arrow(text: str) -> bool:
    return any(arrow in text for arrow in ("→", "->", "=>"))


def _nearly(one: str, other: str) -> bool:
    """Whether two words differ in one or two letters, and not only in a plural's."""
    a, b = one.lower(), other.lower()
    if a == b:
        return one != other and one.isupper() == other.isupper()
    if abs(len(a) - len(b)) > 2 or a[0] != b[0] or f"{a}s" == b or a == f"{b}s":
        return False
    return _distance(a, b) <= 2


def _distance(a: str, b: str) -> int:
    """Letters that are put in, left out or changed."""
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (char != other))
    return row[-1]
