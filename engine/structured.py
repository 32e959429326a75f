"""Prompts written as JSON: which of their fields hold words to be rendered."""

from __future__ import annotations

import json
import re
from functools import lru_cache

_COPY = re.compile(
    r"(?:^|_)(?:text|title|headline|heading|caption|label|tagline|slogan|subtitle|subheadline|copy|masthead|cta|button|"
    r"footer|wording|lettering|inscription|date|price|venue|author|quote)s?(?:_|$)", re.I
)  # fmt: skip
_MANNER = re.compile(
    r"style|font|colou?r|layout|position|placement|effect|size|align|description|note|material|negative|avoid|exclu|constraint|count|ratio", re.I
)  # fmt: skip
_AGAINST = re.compile(
    r"negative|avoid|exclu|forbid|do_?not|must_not|without|禁止|负面|負面|避免|不要|除外|避け|금지|제외|prohib|interdit|evitar|vermeid|verbot|запре|избег|ممنوع|تجنب|वर्जित",
    re.I,
)
_PLACE = re.compile(r"layout|position|placement|align|size|ratio", re.I)
_NOTHING = frozenset(
    (
        "none",
        "없음",
        "无",
        "無",
        "なし",
        "ninguno",
        "ninguna",
        "aucun",
        "aucune",
        "keine",
        "нет",
        "nenhum",
        "nessuno",
        "no",
        "n/a",
        "null",
        "no text",
        "false",
        "without text",
        "-",
        "unlabeled",
        "blank",
    )
)
_DEEPEST = 40  # levels; what lies deeper is not read
_KEY = 64  # characters of a field's name that count


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


Leaves = list[tuple[str, str]]


def leaves(fields: object) -> Leaves:
    """Every value with the name of its field, in order; what lies deeper than 40 levels is left out."""
    found: Leaves = []
    todo: list[tuple[str, object, int]] = [("", fields, 0)]
    while todo:
        key, value, depth = todo.pop()
        if isinstance(value, (dict, list)):
            if depth <= _DEEPEST:
                inner = value.items() if isinstance(value, dict) else ((key, part) for part in value)
                todo.extend(reversed([(str(name), part, depth + 1) for name, part in inner]))
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            found.append((key[-_KEY:], str(value).strip()))
    return found


def copy_fields(fields: object) -> list[str]:
    """The values of the fields whose names say that they are to be read, in order."""
    return copy_among(leaves(fields))


def copy_among(fields: Leaves) -> list[str]:
    return [
        words
        for key, words in fields
        if words
        and _kind(key) == "copy"
        and words.lower() not in _NOTHING
        and not words.lower().startswith("none,")
    ]


def prose(fields: Leaves) -> str:
    """All values but those of places and sizes, one below the other, those that are to be avoided as such."""
    return "\n".join(
        f"avoid {words}" if _kind(key) == "against" else words
        for key, words in fields
        if words and _kind(key) != "place"
    )


@lru_cache(maxsize=8192)
def _kind(key: str) -> str:
    if _PLACE.search(key):
        return "place"
    if _AGAINST.search(key):
        return "against"
    return "copy" if _COPY.search(key) and not _MANNER.search(key) else "other"
