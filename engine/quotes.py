"""Quoted passages in a text, whatever the quotation marks. One pass, linear in the length of the text."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 400  # characters; a longer "quotation" is two stray marks

_PAIRS = {
    "“": "”", "„": "“”", "‟": "”", "«": "»", "‹": "›", "「": "」", "『": "』", "〝": "〟〞", "＂": "＂", "❝": "❞",
    "《": "》", "〈": "〉", "【": "】",
}  # fmt: skip
_SINGLE = "'‘’‚`´"
_OPENING = re.compile(f'[{"".join(_PAIRS)}"”{_SINGLE}*]')
# don't, O'Neill: what stands before a letter closes nothing
_STRAIGHT, _ANY_SINGLE = re.compile('["”]'), re.compile(f"[{_SINGLE}](?![A-Za-z0-9])")
_STARRED = re.compile(
    r"\*([^\s*][^*\n]{0,58}[^\s*])\*(?![\w*])"
)  # says *Open*; no list, no *emphasis*, no **bold**
_SAYS = re.compile(
    r"\b(?:says?|saying|reads?|reading|writes?|written|write|spells?|spelling|words?|text|titled|named|called|labell?ed|print|printed)[:,]? $"
)
_BECOMES = re.compile(r"\b(?:change|replace|to|with|into|and|add) $")  # a name, with a capital
_TITLES = "《〈【"  # brackets around titles of works and headings, not always copy
_ELISION = re.compile(r"['’‘](?:\d0s|til|em|cause|n|tis|twas)\b", re.I)
_CLAUSE_END = re.compile(r"[\n\r]{2}")


class Quote(NamedTuple):
    """text[start:end] is the passage with its marks, `words` what stands between them."""

    start: int
    end: int
    words: str
    mark: str

    @property
    def is_title(self) -> bool:
        return self.mark in _TITLES


def quotes(text: str) -> list[Quote]:
    """Every quoted passage from left to right; nested ones belong to the outer passage."""
    found: list[Quote] = []
    closings: dict[str, dict[int, int]] = {}
    i = 0
    while mark := _OPENING.search(text, i):
        i, char, end = mark.start(), mark.group(), -1
        if char in _PAIRS:
            if char not in closings:
                closings[char] = _closings(text, char)
            end = closings[char].get(i, -1)
        elif char == "*":
            end = _closing_star(text, i)
        elif char == "”":  # for both marks; after a digit they are inches
            inches = i > 0 and text[i - 1].isdigit()
            end = -1 if inches else text.find("”", i + 1, i + 1 + LONGEST)
        elif char == '"':
            inches = i > 0 and text[i - 1].isdigit() and _is_inches(text, i)
            close = None if inches else _STRAIGHT.search(text, i + 1, i + 1 + LONGEST)
            end = close.start() if close else -1
        elif char in _SINGLE:
            end = _closing_single(text, i)
        words = text[i + 1 : end].strip() if 0 < end <= i + LONGEST else ""
        if char in _SINGLE:
            words = words.lstrip(_SINGLE)  # ''doubled'' and ``doubled`` are one mark each
        if words:
            found.append(Quote(i, end + 1, words, char))
            i = end + 1
        else:
            i += 1
    return found


def _closing_star(text: str, start: int) -> int:
    """Only after a word for writing, or as a name for a name: elsewhere stars emphasise."""
    starred = _STARRED.match(text, start)
    before = text[max(0, start - 16) : start]
    named = starred is not None and (starred[1][0].isupper() or starred[1][0].isdigit())
    if starred and (_SAYS.search(before) or (named and _BECOMES.search(before))):
        return starred.end() - 1
    return -1


def _closings(text: str, opening: str) -> dict[int, int]:
    """Where each opening mark of a kind is closed; in one pass, however deep they are nested."""
    closing = _PAIRS[opening] + ('"' if opening in "“„" else "")
    found: dict[int, int] = {}
    opened: list[int] = []
    for mark in re.finditer(f"[{opening}{closing}]", text):
        # where a kind closes itself (＂), a mark closes whatever is open
        if mark.group() in closing and opened:
            found[opened.pop()] = mark.start()
        elif mark.group() == opening:
            opened.append(mark.start())
    return found


def _is_inches(text: str, i: int) -> bool:
    """12" wide, 12"x18", 37°31'11"N: a mark right after a digit that does not open a word."""
    after = text[i + 1 : i + 3]
    if "°" in text[max(0, i - 12) : i]:  # seconds of a latitude
        return True
    opens = after[:1].isalnum() and not (after[:1] in "xX×" and after[1:].isdigit())
    return not opens


def _closing_single(text: str, start: int) -> int:
    """Apostrophes are no quotation marks: an opening one stands before a word, a closing one after it."""
    before, after = text[start - 1 : start], text[start + 1 : start + 2]
    if text[start + 1 : start + 3].strip(_SINGLE) == "" and len(text) > start + 2:
        return -1  # a row of three marks
    if (before.isalnum() and before.isascii()) or not after.strip() or _ELISION.match(text, start):
        return -1
    window = text[start + 1 : start + 1 + LONGEST]
    if paragraph := _CLAUSE_END.search(window):
        window = window[: paragraph.start()]
    possessive = -1
    for mark in _ANY_SINGLE.finditer(window, 1):
        offset = mark.start()
        following = window[offset + 1 : offset + 2]
        if (
            window[offset - 1] in "sS"
            and following == " "
            and possessive < 0
            and _closes_later(window, offset)
        ):
            possessive = offset  # dogs' dinner': rather the later mark
            continue
        return start + 1 + offset
    return start + 1 + possessive if possessive >= 0 else -1


def _closes_later(window: str, offset: int) -> bool:
    rest = window[offset + 1 : offset + 80]
    close = re.search(r"[^\s(:,]['’](?=[\s.,;:!?)]|$)", rest)
    opening = re.search(r"(?:^|[\s(:,])['‘]\S", rest)
    return close is not None and not (opening and opening.start() < close.start())
