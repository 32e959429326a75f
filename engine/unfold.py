"""A JSON prompt as prose, for models that are not known to read JSON: every key and every value stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from .quoting import in_quotes

_DEEPEST = 40  # levels; what lies deeper is left as it was typed
_FENCE = "```"


class _Fields(tuple):
    """The (key, value) pairs of an object, in order; a key that comes twice stays twice."""


class _Literal(str):
    """A number, or a word like NaN, exactly as it was written."""


def unfolded(text: str, copy: Sequence[str] = ()) -> tuple[str, tuple[str, ...]] | None:
    """The prose and all words and numbers in it, or None where the text is not wholly JSON.

    Words before the JSON are kept. Values that are `copy` are put in quotation marks.
    """
    start = min((i for i in (text.find("{"), text.find("[")) if i >= 0), default=-1)
    if start < 0:
        return None
    decoder = json.JSONDecoder(
        object_pairs_hook=_Fields, parse_int=_Literal, parse_float=_Literal, parse_constant=_Literal
    )
    try:
        value, end = decoder.raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    if text[start + end :].replace(_FENCE, "").strip() or not isinstance(value, (list, _Fields)):
        return None
    leaves: list[str] = []
    wanted = set(copy)

    def words(leaf: object) -> str:
        if not isinstance(leaf, str):
            return "none" if leaf is None else "yes" if leaf else "no"
        said = leaf.strip()
        leaves.append(said)
        return in_quotes(said) if said in wanted and not isinstance(leaf, _Literal) else said

    try:
        lines = _lines(value, words)
    except RecursionError:
        return None
    before = text[:start].rstrip()
    if before.lower().endswith((_FENCE, f"{_FENCE}json")):
        before = before[: before.rindex(_FENCE)].rstrip()
    prose = "\n".join([before, *lines] if before else lines).strip()
    return (prose, tuple(leaves)) if prose else None


def _lines(value: object, words: Callable[[object], str]) -> list[str]:
    """One line for each field of the outermost level."""
    if isinstance(value, _Fields):
        named = ((_name(key), _inner(inner, words, 1)) for key, inner in value)
        return [f"{name[:1].upper()}{name[1:]}: {inner}" for name, inner in named if inner]
    assert isinstance(value, list)
    return [line for item in value if (line := _inner(item, words, 1))]


def _inner(value: object, words: Callable[[object], str], depth: int) -> str:
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, _Fields):
        fields = ((_name(key), _inner(inner, words, depth + 1)) for key, inner in value)
        return ", ".join(f"{name}: {inner}" for name, inner in fields if inner)
    if isinstance(value, list):
        items = [item for one in value if (item := _inner(one, words, depth + 1))]
        return ("; " if any(isinstance(one, (_Fields, list)) for one in value) else ", ").join(items)
    return words(value)


def _name(key: str) -> str:
    return key.replace("_", " ").strip()
