"""A prompt for a poster, menu or label from the words on it: each phrase exactly as typed, in quotation marks, with a place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from .errors import BadInput
from .prompt import read, visible_text
from .quotes import LONGEST
from .quoting import in_quotes
from .scripts import script_of


@dataclass(frozen=True)
class PosterCopy:
    """What is on the picture. Every line of a field is a phrase of its own; `extra` is for all that has no name.

    language: of the lettering, in words, "" for no word about it. where: field → its place, instead of the usual one.
    """

    headline: str = ""
    deck: str = ""
    body: str = ""
    price: str = ""
    date: str = ""
    extra: str = ""
    scene: str = ""
    style: str = ""
    language: str = ""
    where: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Built:
    """prompt: for the Prompt Router or any model. copy: the phrases from top to bottom, as they are to be read."""

    prompt: str
    copy: tuple[str, ...]


# Field → the usual place, the size, what it is called.
_PARTS = {
    "headline": ("across the top", "in the largest letters", "the headline"),
    "deck": ("right below the headline", "in medium letters", "the subheading"),
    "body": ("in the lower half", "in small, even letters", "the text"),
    "price": ("at the lower right", "in large letters", "the price"),
    "date": ("at the lower left", "in medium letters", "the date"),
    "extra": ("along the bottom edge", "in small letters", "a line of text"),
}
_FIRST = {"deck": "near the top"}  # where there is no headline above it
_WHERE_LINE = re.compile(r"\s*(\w+)\s*[:：]\s*(.+?)\s*")
_TRIES = 4  # kinds of quotation marks
_JOINER = re.compile("([\u200c\u200d])")  # they hold emoji and Indic letters together


def build(poster: PosterCopy) -> Built:
    """The prompt for `poster`. Raises BadInput in one sentence where nothing is to be lettered, or a line is too long."""
    parts = {name: _phrases(name, getattr(poster, name)) for name in _PARTS}
    copy = tuple(phrase for phrases in parts.values() for phrase in phrases)
    if not copy:
        raise BadInput(
            "There are no words to set: fill in headline, deck, body, price, date or extra, or write a plain prompt."
        )
    wanted = tuple(dict.fromkeys(visible_text(phrase) for phrase in copy))
    best, most = "", (False, -1, 0)
    for marks, scene_last in product(range(_TRIES), (False, True)):
        # A stray mark or a quotation in the scene can hide a phrase: with other marks, or after the words, it may not.
        prompt = _prompt(poster, parts, marks, scene_last)
        found = _found(read(prompt).copy, wanted)
        if found > most:
            best, most = prompt, found
        if most[0]:
            break
    return Built(best, copy)


def parse_where(text: str) -> dict[str, str]:
    """`headline: top left`, one a line. Raises BadInput for a line that is none."""
    places = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _WHERE_LINE.fullmatch(line)
        if found is None or found.group(1).lower() not in _PARTS:
            raise BadInput(
                f"Line {number} of `where` must be a field and its place, such as `headline: top left`; the fields are "
                f"{', '.join(_PARTS)}."
            )
        places[found.group(1).lower()] = _clause(found.group(2))
    return places


def _phrases(name: str, text: str) -> list[str]:
    lines = [_drawable(line).replace("\t", " ").strip() for line in text.splitlines()]
    for line in lines:
        if len(line) >= LONGEST:
            raise BadInput(
                f"A line of `{name}` has {len(line)} characters: break it into lines of less than {LONGEST}."
            )
    return [line for line in lines if line]


def _drawable(line: str) -> str:
    return "".join(part if _JOINER.fullmatch(part) else visible_text(part) for part in _JOINER.split(line))


def _prompt(poster: PosterCopy, parts: Mapping[str, list[str]], marks: int, scene_last: bool) -> str:
    scene = [_sentence(poster.scene)] if poster.scene.strip() else ["A poster."]
    style = [_sentence(poster.style)] if poster.style.strip() else []
    lettering = [
        f"{_placed(name, poster, bool(parts['headline']))} {_quoted(phrases, marks)}."
        for name, phrases in parts.items()
        if phrases
    ]
    if poster.language.strip():
        lettering.append(f"The lettering is in {_clause(poster.language)}.")
    lettering.append("Every word is spelled exactly as quoted, and there is no other text.")
    return "\n".join([*lettering, *scene, *style] if scene_last else [*scene, *style, *lettering])


def _placed(name: str, poster: PosterCopy, headline: bool) -> str:
    """Across the top, in the largest letters, the headline reads"""
    usual, size, called = _PARTS[name]
    if not headline:
        usual = _FIRST.get(name, usual)
    place = (poster.where or {}).get(name) or usual
    return f"{place[:1].upper()}{place[1:]}, {size}, {called} reads"


def _quoted(phrases: list[str], marks: int) -> str:
    """Several lines are told one after the other."""
    return ", then ".join(in_quotes(phrase, marks) for phrase in phrases)


def _sentence(text: str) -> str:
    text = text.strip()
    if text.endswith((".", "!", "?", "…", "。", "！", "？", "।", "؟")):
        return text
    return f"{text}{'。' if script_of(text[-1]) in ('han', 'kana') else '.'}"


def _clause(text: str) -> str:
    return " ".join(text.split()).rstrip(".,;")


def _found(copy: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[bool, int, int]:
    """How good a reading is: exactly the words, else as many of them as can be, with as little besides."""
    there = sum(phrase in copy for phrase in wanted)
    return copy == wanted, there, -len(copy)
