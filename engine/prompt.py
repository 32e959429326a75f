"""Reads a prompt: which words are to be rendered, and what else is asked for. Pure, fast, no model.

`read` finds signals and never decides; what follows from them is `engine/route.py`'s business.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from . import lexicon
from .quotes import Quote, quotes

_WORD = re.compile(r"[^\W_]+(?:['’/.-][^\W_]+)*", re.UNICODE)
_CLAUSE = re.compile(r"[.;:!?。；！？\n]")
# Three digits alone are a number (ticket #123), unless they are a grey (#333).
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|(?=\d*[a-fA-F])[0-9a-fA-F]{3}|(\d)\1\1)\b")
_AT_REFERENCE = re.compile(r"(?<![\w@])@(?:image|img|ref|reference|picture)[ _-]?(\d+)\b", re.I)
_NAMED_AFTER = re.compile(r"\b(?:called|named|brand(?:ed)?|of the name|the name)\s+(?=[A-ZÀ-ÞА-Я0-9])")
_CAPITALS = re.compile(
    r"\b(?:reads?|says?|words?|text|titled|labell?ed|spelling)(?:\s*:)?\s+((?:[A-Z0-9&'’!?-]{2,}\s*){1,8})"
)
_LETTER = re.compile(r"\b[Ll]etters? ['\"]?[A-Z0-9]\b")
_JSON_COPY = re.compile(
    r"(?:^|_)(?:text|title|headline|heading|caption|label|tagline|slogan|subtitle|subheadline|copy|masthead|cta|button|"
    r"footer|wording|lettering|inscription|date|price|venue|author|quote)s?(?:_|$)", re.I
)  # fmt: skip
_JSON_MANNER = re.compile(
    r"style|font|colou?r|layout|position|placement|effect|size|align|description|note|material", re.I
)
_SWITCH_NO = re.compile(r"--no[ \t]+[^-\n]*")  # Midjourney's "--no text, people"

_SCRIPTS = (
    ("HANGUL", "Korean"), ("HIRAGANA", "Japanese"), ("KATAKANA", "Japanese"), ("CJK", "Chinese"),
    ("ARABIC", "Arabic"), ("DEVANAGARI", "Hindi"), ("CYRILLIC", "Cyrillic"), ("HEBREW", "Hebrew"), ("THAI", "Thai"),
    ("GREEK", "Greek"), ("LATIN", "Latin"),
)  # fmt: skip


@dataclass(frozen=True)
class Signals:
    """What a prompt shows.

    copy: the words to be rendered, exactly and in order. lettering: what announced them, for the reason.
    text_refused: "no text" and its like. scripts: the writing systems of the prompt, the most used first.
    edits_text: (with a picture) it is words in the picture that change. The rest says what its name says.
    """

    copy: tuple[str, ...] = ()
    lettering: str = ""
    text_refused: bool = False
    scripts: tuple[str, ...] = ()
    light: str = ""
    people: bool = False
    relations: int = 0
    edits_text: bool = False
    layers: bool = False
    draft: bool = False
    hex_colours: int = 0
    at_references: int = 0
    is_json: bool = False
    characters: int = 0

    @property
    def asks_for_text(self) -> bool:
        return bool(self.copy or self.lettering)

    @property
    def empty(self) -> bool:
        return self.characters == 0

    @property
    def mostly_not_latin(self) -> bool:
        return bool(self.scripts) and self.scripts[0] != "Latin"


def read(prompt: str) -> Signals:
    """Find the signals in `prompt`; any string will do."""
    text = _SWITCH_NO.sub(_refusal_in_words, visible_text(prompt))
    fields = _json_fields(text)
    words = _Words(text)
    passages = quotes(text)
    refused = words.refuses_text()
    copy, lettering = (
        _structured_copy(fields) if fields is not None else _free_copy(text, words, passages, refused)
    )
    return Signals(
        copy=tuple(dict.fromkeys(copy)),
        lettering=lettering,
        text_refused=refused,
        scripts=scripts(text),
        light=words.first("LIGHT"),
        people=bool(words.first("PEOPLE")),
        relations=len(words.phrases("RELATIONS")),
        edits_text=_edits_text(words, passages),
        layers=bool(words.first("LAYERS")),
        draft=_asks_for_draft(words),
        hex_colours=sum(1 for _ in _HEX.finditer(text)),
        at_references=len(set(_AT_REFERENCE.findall(text))),
        is_json=fields is not None,
        characters=len(text.strip()),
    )


def _refusal_in_words(switch: re.Match[str]) -> str:
    return " no text " if "text" in switch.group().lower() else " "


def visible_text(text: str) -> str:
    """Without zero-width and control characters (line breaks stay)."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


def scripts(text: str) -> tuple[str, ...]:
    """The writing systems in `text`, most used first; kanji beside kana count as Japanese."""
    counts: dict[str, int] = {}
    for char in text[:4000]:
        if char.isascii():
            name = "Latin" if char.isalpha() else ""
        else:
            unicode_name = unicodedata.name(char, "") if char.isalpha() else ""
            name = next((script for prefix, script in _SCRIPTS if unicode_name.startswith(prefix)), "")
        if name:
            counts[name] = counts.get(name, 0) + 1
    if "Japanese" in counts:
        counts["Japanese"] += counts.pop("Chinese", 0)
    return tuple(sorted(counts, key=lambda script: -counts[script]))


@cache
def _phrase_index() -> tuple[dict[str, tuple[str, ...]], int, frozenset[str]]:
    """Every phrase of the lexicon with its concepts, the longest phrase in words, and all first words."""
    index: dict[str, tuple[str, ...]] = {}
    for name, vocabulary in vars(lexicon).items():
        if isinstance(vocabulary, frozenset):
            for phrase in vocabulary:
                index[phrase] = (*index.get(phrase, ()), name)
    longest = max(phrase.count(" ") + 1 for phrase in index)
    return index, longest, frozenset(phrase.split(" ", 1)[0] for phrase in index)


def _part_refused(text: str, start: int, end: int) -> bool:
    """Scripts without spaces say "no" right before the word (无文字, بدون نص) or right after it (文字なし, 텍스트 없음)."""
    before, after = text[max(0, start - 12) : start], text[end : end + 12]
    return any(no in before for no in lexicon.NO_BEFORE) or any(no in after for no in lexicon.NO_AFTER)


class _Words:
    """The words of a text, lower-cased, with where they stand, and phrase look-ups over them."""

    def __init__(self, text: str):
        self.text = text
        self.lower = text.lower()
        matches = list(_WORD.finditer(self.lower))
        self.words = [m.group().replace("’", "'") for m in matches]
        self.starts = [m.start() for m in matches]
        self.ends = [m.end() for m in matches]
        self._hits: dict[str, list[tuple[int, str]]] | None = None

    def phrases(self, concept: str) -> list[tuple[int, str]]:
        """(index of the first word, phrase) for every phrase of `concept`, the longest that starts at each word."""
        if self._hits is None:
            self._hits = {}
            index, longest, words = _phrase_index()
            for i, word in enumerate(self.words):
                if word not in words:
                    continue
                seen: set[str] = set()
                for length in range(min(longest, len(self.words) - i), 0, -1):
                    phrase = " ".join(self.words[i : i + length])
                    for name in index.get(phrase, ()):
                        if name not in seen:
                            seen.add(name)
                            self._hits.setdefault(name, []).append((i, phrase))
        return self._hits.get(concept, [])

    def first(self, concept: str) -> str:
        """The first phrase of `concept`, or, for scripts without spaces, a part of the text; "" for none."""
        found = self.phrases(concept)
        return found[0][1] if found else self.part(concept)

    def part(self, concept: str) -> str:
        """The first of the concept's `_PARTS` that stands in the text and is not taken back."""
        if self.lower.isascii():
            return ""
        for part in getattr(lexicon, f"{concept}_PARTS", ()):
            at = self.lower.find(part)
            while at >= 0:
                if not _part_refused(self.lower, at, at + len(part)):
                    return part
                at = self.lower.find(part, at + len(part))
        return ""

    def refused_at(self, index: int) -> bool:
        """Whether word `index` is taken back by one of the four words before it in the same clause ("no …")."""
        for i in range(index - 1, max(-1, index - 5), -1):
            if _CLAUSE.search(self.text, self.ends[i], self.starts[i + 1]):
                return False
            word = self.words[i]
            pair = f"{word} {self.words[i + 1]}"
            if word in lexicon.REFUSALS or pair in lexicon.REFUSALS or word in lexicon.BLANK:
                return True
        return False

    def affirms(self, concept: str) -> bool:
        """Whether the concept is there and not taken back."""
        return any(not self.refused_at(i) for i, _ in self.phrases(concept)) or bool(self.part(concept))

    def refuses_text(self) -> bool:
        if self.phrases("REFUSED") or any(self.refused_at(i) for i, _ in self.phrases("LETTERING")):
            return True
        return any(part in self.lower for part in lexicon.LETTERING_PARTS) and not self.part("LETTERING")

    def near(self, start: int, end: int, before: int = 80, after: int = 40) -> tuple[str, str]:
        """The rest of the clause before and after the passage [start, end)."""
        left = _CLAUSE.split(self.text[max(0, start - before) : start])
        right = _CLAUSE.split(self.text[end : end + after])
        return (left[-1] or (left[-2] if len(left) > 1 else ""), right[0])


def _free_copy(text: str, words: _Words, passages: list[Quote], refused: bool) -> tuple[list[str], str]:
    lettering = _lettering(words)
    copy = [q.words for q in passages if _is_copy(words, q, bool(lettering), refused)]
    if not copy and not refused and (capitals := _CAPITALS.search(text)):
        copy = [capitals.group(1).strip()]
    if copy and not lettering:
        lettering = "quoted words"
    if not lettering and not refused and _LETTER.search(text):
        lettering = "a letter"
    if not copy and not lettering and not refused:
        lettering = _named_surface(words)
    return copy, lettering


def _lettering(words: _Words) -> str:
    """The first word that asks for lettering and is not taken back."""
    trapped = {i + n for i, phrase in words.phrases("TRAPS") for n in range(phrase.count(" ") + 1)}
    for i, phrase in words.phrases("LETTERING"):
        if i not in trapped and not words.refused_at(i):
            return phrase
    return words.part("LETTERING")


def _is_copy(words: _Words, quote: Quote, lettering: bool, refused: bool) -> bool:
    before, after = words.near(quote.start, quote.end)
    left, right = _Words(before), _Words(after)
    surface = bool(left.first("SURFACES") or right.first("SURFACES"))
    writes = left.affirms("WRITES") or right.affirms("WRITES")
    asked = left.affirms("LETTERING") or right.affirms("LETTERING")
    heard = bool(left.first("HEARD") or right.first("HEARD"))
    if heard and not (surface or asked):
        return False
    if writes and left.first("PEOPLE") and not surface and not asked:
        return False  # a person says it
    if refused:
        return (writes and surface) or asked
    return (
        True
        if (writes or surface or asked or lettering)
        else not quote.is_title and quote.words[:1] != quote.words[:1].lower()
    )


def _named_surface(words: _Words) -> str:
    """A sign, label or shop with a name: the name will be read."""
    for match in _NAMED_AFTER.finditer(words.text):
        before, _ = words.near(match.start(), match.end(), before=60)
        if surface := _Words(before).first("SURFACES"):
            return f"the name on the {surface}"
    for i, _ in words.phrases("WRITES"):
        if surface := _Words(words.near(words.starts[i], words.ends[i])[0]).first("SURFACES"):
            return f"writing on the {surface}"
    return words.part("WRITES")


def _edits_text(words: _Words, passages: list[Quote]) -> bool:
    """Whether the words of a picture are what changes, given that there is a picture."""
    kept = {i + n for i, phrase in words.phrases("EDIT_KEEPS") for n in range(phrase.count(" ") + 1)}
    for i, _ in words.phrases("EDIT_TEXT"):
        if i not in kept and not words.refused_at(i):
            return True
    return bool(words.part("EDIT_TEXT")) or any(_is_copy(words, quote, True, False) for quote in passages)


def _asks_for_draft(words: _Words) -> bool:
    trapped = {i for i, _ in words.phrases("DRAFT_TRAPS")}
    return any(i not in trapped for i, _ in words.phrases("DRAFT")) or bool(words.part("DRAFT"))


def _json_fields(text: str) -> object | None:
    """The parsed prompt when it is a JSON object or list, alone or after a few words; else None."""
    start = min((i for i in (text.find("{"), text.find("[")) if 0 <= i < 200), default=-1)
    if start < 0 or not text.rstrip().endswith(("}", "]", "```")):
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) and value else None


def _structured_copy(fields: object) -> tuple[list[str], str]:
    copy = [
        words
        for key, words in _leaves(fields)
        if words and _JSON_COPY.search(key) and not _JSON_MANNER.search(key)
    ]
    if copy:
        return copy, "a text field of the JSON"
    whole = " ".join(words for key, words in _leaves(fields) if not _JSON_MANNER.search(key))
    words = _Words(whole)
    return _free_copy(whole, words, quotes(whole), words.refuses_text())


def _leaves(value: object, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > 40:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, str(name), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key, depth + 1)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield key, str(value).strip()
