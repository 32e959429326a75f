"""The order on the page of a line that mixes directions: the Unicode Bidirectional Algorithm, UAX 9.

Without explicit embeddings and isolates: those characters are taken out before (scripts.clean). Pillow's own
shaping would do this for a line of one font; a line of several has to be ordered before it is cut into fonts.
"""

from __future__ import annotations

import unicodedata

_PAIRS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "（": "）",
    "［": "］",
    "「": "」",
    "『": "』",
    "〈": "〉",
    "《": "》",
}
_NEUTRAL = ("B", "S", "WS", "ON", "BN")


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is one that is written from right to left (rules P2, P3)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def levels(text: str, right_to_left: bool) -> list[int]:
    """The embedding level of every character; odd ones run from right to left."""
    base = int(right_to_left)
    side = "R" if right_to_left else "L"
    kinds = _weak([unicodedata.bidirectional(char) or "L" for char in text], side)
    _brackets(text, kinds, side)
    _neutrals(kinds, side)
    step = {"EN": 2 - base, "AN": 2 - base, side: 0}  # rules I1 and I2; the other side is one level deeper
    found = [base + step.get(kind, 1) for kind in kinds]
    trailing = len(text.rstrip())
    return found[:trailing] + [base] * (len(text) - trailing)


def visual_order(depths: list[int]) -> list[int]:
    """The positions of runs in the order in which they stand on the page, from their levels (rule L2)."""
    order = list(range(len(depths)))
    for depth in range(max(depths, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and depths[order[end]] >= depth:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


def _weak(kinds: list[str], side: str) -> list[str]:
    """Rules W1 to W7: marks, digits and the signs among digits."""
    kinds = list(kinds)
    strong = previous = side
    for at, kind in enumerate(kinds):
        if kind == "NSM":
            kind = previous
        elif kind == "EN" and strong == "AL":
            kind = "AN"
        previous = kinds[at] = kind
        strong = kind if kind in ("L", "R", "AL") else strong
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):
        around = {kinds[at - 1], kinds[at + 1]}
        if (kinds[at] == "ES" and around == {"EN"}) or (kinds[at] == "CS" and around in ({"EN"}, {"AN"})):
            kinds[at] = kinds[at - 1]
    for span in (range(len(kinds)), range(len(kinds) - 1, -1, -1)):  # W5, from both ends
        beside = ""
        for at in span:
            if kinds[at] == "ET" and beside == "EN":
                kinds[at] = "EN"
            beside = kinds[at]
    strong = side
    for at, kind in enumerate(kinds):
        if kind in ("ES", "ET", "CS"):
            kinds[at] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
        strong = kind if kind in ("L", "R") else strong
    return kinds


def _brackets(text: str, kinds: list[str], side: str) -> None:
    """Rule N0: both halves of a pair run the same way, and marks on them with them."""
    for start, end in _bracket_pairs(text, kinds):
        inside = {_strong(kind) for kind in kinds[start + 1 : end]} - {""}
        if not inside:
            continue
        context = next((_strong(kind) for kind in reversed(kinds[:start]) if _strong(kind)), side)
        for at in (start, end):
            kinds[at] = side if side in inside or context not in inside else context
            while at + 1 < len(kinds) and unicodedata.bidirectional(text[at + 1]) == "NSM":
                at += 1
                kinds[at] = kinds[at - 1]


def _bracket_pairs(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    opened: list[tuple[str, int]] = []
    pairs = []
    for at, char in enumerate(text):
        if kinds[at] != "ON":
            continue
        if char in _PAIRS:
            opened.append((_PAIRS[char], at))
            if len(opened) > 63:  # where the standard gives up, too
                break
        elif any(char == closing for closing, _ in opened):
            while opened:
                closing, start = opened.pop()
                if closing == char:
                    pairs.append((start, at))
                    break
    return sorted(pairs)


def _neutrals(kinds: list[str], side: str) -> None:
    """Rules N1 and N2: what has no direction takes that of its two neighbours where they agree."""
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > at:
            left = _strong(kinds[at - 1]) if at else side
            right = _strong(kinds[end]) if end < len(kinds) else side
            kinds[at:end] = [left if left == right else side] * (end - at)
        at = end + 1


def _strong(kind: str) -> str:
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")
