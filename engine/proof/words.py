"""A difference put into words, for the person who has to look at it."""

from __future__ import annotations

from collections.abc import Sequence

from .match import Edit
from .verdict import Line

_MOST = 4  # differences that are named one by one
_BEFORE = 4  # letters before a difference that say where it is


def explain(edits: Sequence[Edit], drawn: str, extra: Sequence[Line], order_wrong: bool) -> str:
    """Why a phrase passed or failed. `drawn`: what stands in its place; `extra`: what repeats it."""
    parts = []
    if order_wrong:
        parts.append("its words are there, but not in this order")
    elif edits:
        named = [_edit(edit) for edit in edits[:_MOST]]
        more = [f"{len(edits) - _MOST} more differences"] if len(edits) > _MOST else []
        parts.append(f"drawn as “{drawn}” ({', '.join(named + more)})")
    if extra:
        again = ", ".join(f"“{line.text}”" for line in extra)
        parts.append(f"drawn more than once: {again} again")
    return "; ".join(parts) or "spelled right"


def notes_on(phrase: str, asked: Sequence[str], drawn: str, given: Sequence[str]) -> tuple[str, ...]:
    """What differs and is no mistake. `asked`, `given`: the letters of both, which count as the same."""
    pairs = [(a, b) for a, b in zip(asked, given, strict=False) if a != b]
    found = []
    if any(a.casefold() == b.casefold() for a, b in pairs):
        found.append(f"Capitals differ: “{drawn}”")
    elif _signs(phrase) != _signs(drawn):
        found.append(f"Punctuation differs, or was not read: “{drawn}”")
    return tuple(found)


def _edit(edit: Edit) -> str:
    after = f" after “{edit.after[-_BEFORE:]}”" if edit.after else " at the start"
    if edit.swapped:
        return f"“{edit.asked}” is turned round{after}"
    if not edit.drawn:
        return f"“{edit.asked}” is missing{after}"
    if not edit.asked:
        return f"“{edit.drawn}” too many{after}"
    return f"“{edit.drawn}” instead of “{edit.asked}”{after}"


def _signs(text: str) -> str:
    """The punctuation of a text, quotes and dashes of every kind as one."""
    kinds = {
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "―": "-",
    }
    return "".join(kinds.get(char, char) for char in text if not (char.isalnum() or char.isspace()))
