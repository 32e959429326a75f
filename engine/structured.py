"""Prompts written as JSON: which of their fields hold words to be rendered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_COPY = re.compile(
    r"(?:^|_)(?:text|title|headline|heading|caption|label|tagline|slogan|subtitle|subheadline|copy|masthead|cta|button|"
    r"footer|wording|lettering|inscription|date|price|venue|author|quote)s?(?:_|$)", re.I
)  # fmt: skip
_MANNER = re.compile(
    r"style|font|colou?r|layout|position|placement|effect|size|align|description|note|material|negative|avoid|exclu|constraint|count|ratio", re.I
)  # fmt: skip
_AGAINST = re.compile(r"negative|avoid|exclu|forbid|do_?not|must_not|without", re.I)
_PLACE = re.compile(r"layout|position|placement|align|size|ratio", re.I)
_NOTHING = frozenset(
    ("none", "no", "n/a", "null", "no text", "false", "without text", "-", "unlabeled", "blank")
)
_DEEPEST = 40  # levels; what lies deeper is not read


def json_fields(text: str) -> object | None:
    """The parsed prompt when it is a JSON object or list, alone or after a few words; else None."""
    start = min((i for i in (text.find("{"), text.find("[")) if 0 <= i < 200), default=-1)
    if start < 0 or not text.rstrip().endswith(("}", "]", "```")):
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) and value else None


def copy_fields(fields: object) -> list[str]:
    """The values of the fields whose names say that they are to be read, in order."""
    return [
        words
        for key, words in _leaves(fields)
        if words and words.lower() not in _NOTHING and _COPY.search(key) and not _MANNER.search(key)
    ]


def prose(fields: object) -> str:
    """All values but those of places and sizes, one below the other, those that are to be avoided as such."""
    lines = [
        f"{'avoid ' if _AGAINST.search(key) else ''}{words}"
        for key, words in _leaves(fields)
        if words and not _PLACE.search(key)
    ]
    return "\n".join(lines)


def _leaves(value: object, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, str(name), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key, depth + 1)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield key, str(value).strip()
