"""Reads a prompt: which words are to be rendered, and what else is asked for. Pure, fast, no model.

`read` finds signals and never decides; what follows from them is `engine/route.py`'s business.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from .edits import edit_evidence_of
from .judgement import decisive, judge
from .lettering import SAID, Evidence, evidence_of
from .passages import Passage, passage
from .quotes import Quote, quotes
from .scripts import language_of, script_of
from .structured import Leaves, copy_among, json_fields, leaves, prose
from .words import Words, outside

# Three digits alone are a number (ticket #123), unless they are a grey (#333).
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|(?=\d*[a-fA-F])[0-9a-fA-F]{3}|(\d)\1\1)\b")
_AT_REFERENCE = re.compile(r"(?<![\w@])@(?:image|img|ref|reference|picture)[ _-]?(\d+)\b", re.I)
_SWITCH_NO = re.compile(r"--no[ \t]+[^-\n]*")  # Midjourney's "--no text, people"
_WHOLLY_QUOTED = re.compile(r'\s*"(?:[^"]|""){40,}"\s*')
# As galleries of prompts mark what may be replaced: {argument name="time" default="dusk"}.
_ARGUMENT = re.compile(
    r"""\{argument\s+name=(?:"[^"{}]{0,80}"|'[^'{}]{0,80}')\s+default=(?:"([^"{}]{0,400})"|'([^'{}]{0,400})')\s*/?\}"""
)
_IS_TO_GO = re.compile(r"\b(?:replace|fill|remove|change|swap|cover)\s+(?:the|this|its|that|my)?\s*$")
_NOT_NEEDED = re.compile(r"\s*(?:is|are)?\s*(?:not|n't)\s+(?:needed|wanted|required|necessary)\b")
_LONGISH, _LONG = 300, 600  # characters
_COUNTED = 2000  # characters by which the writing systems are told
# What shows, in a whole picture that is described, that words belong to it.
_WHOLE = frozenset(
    (
        "sheet first",
        "json fields",
        "lettering named",
        "lettering named early",
        "lettering named often",
        "quote written",
        "quote asked",
        "quote carried",
        "announced",
    )
)
_TOLD = frozenset(("announced", "announced in capitals", "perhaps announced", "capitals on a surface"))
# Control, format and private characters and lone surrogates, without line feed and tab; the joiners of Arabic and
# Indic words stay where they join two such letters.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000f0000-\U0010ffff]+"
)
_JOINERS = re.compile("[\u200c\u200d](?:(?<![\u0620-\u0fff][\u200c\u200d])|(?![\u0620-\u0fff]))")
# Characters of a longer prompt that decide: no model takes as many, and time stays bounded whatever is sent.
_BEGINNING, _END = 65_536, 16_384


@dataclass(frozen=True)
class Signals:
    """What a prompt shows.

    copy: the words to be rendered, exactly and in order. lettering: what announced them. because: what decided that
    words are to be rendered, for the reason: never the prompt's own words. text_refused: "no text" and its like.
    scripts: the writing systems of the prompt, the most used first. edits_text: (with a picture) it is words in the
    picture that change. confidence, edit_confidence: 0.5..1, how often an answer like this one is right, whether words
    are to be rendered (or not), and whether it is an edit of words (or not). transparent: a picture without a background of
    its own is asked for. The rest says what its name says.
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
    transparent: bool = False
    draft: bool = False
    hex_colours: int = 0
    at_references: int = 0
    is_json: bool = False
    characters: int = 0
    because: str = ""
    confidence: float = 0.5
    edit_confidence: float = 0.5

    @property
    def asks_for_text(self) -> bool:
        return bool(self.copy or self.lettering)

    @property
    def empty(self) -> bool:
        return self.characters == 0

    @property
    def mostly_not_latin(self) -> bool:
        return bool(self.scripts) and self.scripts[0] != "Latin"

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The copy, each with its script, its language as far as it can be told, and its direction."""
        return tuple(passage(words) for words in self.copy)


def read(prompt: str) -> Signals:
    """Find the signals in `prompt`; any string will do.

    Of more than 80 kB only the first 65,536 and the last 16,384 characters are read (JSON that long counts as prose);
    `characters` counts all of them.
    """
    whole = visible_text(prompt)
    text, fields, words, passages = _parsed(whole)
    evidence, edit = _evidence(fields, words, passages)
    asks, changes = judge("generate", evidence.amounts), judge("edit", edit.amounts)
    copy = tuple(dict.fromkeys(words for _, words in sorted(evidence.copy))) if asks.yes else ()
    return Signals(
        copy=copy,
        lettering=_cue(evidence, copy) if asks.yes else "",
        text_refused="refused" in evidence.amounts,
        scripts=scripts(text),
        light=words.first("LIGHT"),
        people=bool(words.of("PEOPLE")),
        relations=len(words.of("RELATIONS")),
        edits_text=changes.yes,
        layers=bool(words.of("LAYERS")),
        transparent=_asks_for_transparency(words, passages),
        draft=_asks_for_draft(words),
        hex_colours=sum(1 for _ in _HEX.finditer(text)),
        at_references=len(set(_AT_REFERENCE.findall(text))) if "@" in text else 0,
        is_json=fields is not None,
        characters=len(whole.strip()),
        because=SAID.get(decisive("generate", evidence.amounts), "") if asks.yes else "",
        confidence=asks.confidence,
        edit_confidence=changes.confidence,
    )


def evidence_in(prompt: str) -> tuple[Evidence, Evidence]:
    """What speaks for and against words to be rendered, and for and against an edit of words: before any weighing."""
    _, fields, words, passages = _parsed(visible_text(prompt))
    return _evidence(fields, words, passages)


def visible_text(text: str) -> str:
    """Without zero-width and control characters (line breaks stay)."""
    if text.isascii():
        return _CONTROL.sub("", text)
    if text.replace("\n", "").isprintable():  # much quicker than to look for each of them
        return text
    return _JOINERS.sub("", _INVISIBLE.sub("", text))


def scripts(text: str) -> tuple[str, ...]:
    """The writing systems in `text`, most used first; kanji beside kana count as Japanese."""
    if text.isascii():
        return ("Latin",) if any(map(str.isalpha, text[:_COUNTED])) else ()
    counts: dict[str, int] = {}
    for char, count in Counter(text[:_COUNTED]).items():
        if name := _script_name(char):
            counts[name] = counts.get(name, 0) + count
    if "Japanese" in counts:
        counts["Japanese"] += counts.pop("Chinese", 0)
    return tuple(sorted(counts, key=lambda script: -counts[script]))


def _parsed(visible: str) -> tuple[str, Leaves | None, Words, list[Quote]]:
    """What is read of the prompt; its fields, if it is JSON; the words and quotations of it, or of the fields' values."""
    if len(visible) > _BEGINNING + _END:
        visible = f"{visible[:_BEGINNING]}\n{visible[-_END:]}"
    text = _SWITCH_NO.sub(_refusal_in_words, visible)
    if "{argument" in text:
        text = _ARGUMENT.sub(lambda found: found[1] or found[2] or "", text)
    if _WHOLLY_QUOTED.fullmatch(text):  # as spreadsheets and shells pass prompts on
        text = text.strip()[1:-1].replace('""', '"')
    value = json_fields(text)
    fields = None if value is None else leaves(value)
    read_as = text if fields is None else prose(fields)
    passages = quotes(read_as)
    return text, fields, Words(read_as, passages), passages


def _evidence(fields: Leaves | None, words: Words, passages: list[Quote]) -> tuple[Evidence, Evidence]:
    evidence = evidence_of(words, passages)
    if fields is not None:
        _add_fields(fields, evidence)
    if fields is not None or len(words.text) > _LONG:
        return evidence, _of_the_whole(evidence)
    edit = edit_evidence_of(words, passages)
    if len(words.text) > _LONGISH and _WHOLE.intersection(evidence.amounts):
        edit.add("whole: words asked for")
    if _TOLD.intersection(evidence.amounts) and not words.of("PEOPLE") and not words.of("EDIT_TAKES"):
        edit.add("words object")
    return evidence, edit


def _of_the_whole(evidence: Evidence) -> Evidence:
    """A long text is no instruction but describes a whole picture: whether words belong to that decides."""
    edit = Evidence()
    edit.add("whole")
    if _WHOLE.intersection(evidence.amounts):
        edit.add("whole: words asked for")
    if "refused" in evidence.amounts:
        edit.add("whole: refused")
    return edit


def _refusal_in_words(switch: re.Match[str]) -> str:
    return " no text " if "text" in switch.group().lower() else " "


def _cue(evidence: Evidence, copy: tuple[str, ...]) -> str:
    """What announced the words: a word of the lexicon, else the kind of the evidence."""
    return evidence.cue or (
        "quoted words" if copy else SAID.get(decisive("generate", evidence.amounts), "lettering")
    )


def _add_fields(fields: Leaves, evidence: Evidence) -> None:
    evidence.add("json")
    if copy := copy_among(fields):
        evidence.copy = [*enumerate(copy)]
        evidence.cue = "a text field of the JSON"
        evidence.add("json fields")
        evidence.add("quote written")
        if evidence.amounts.pop("refused", None):
            evidence.add("refused elsewhere")


def _asks_for_transparency(words: Words, passages: list[Quote]) -> bool:
    """Not where it is only quoted, is there already and is to go, or is said not to be needed."""
    hits = words.affirmed("TRANSPARENT")
    for hit in outside(hits, [(quote.start, quote.end) for quote in passages]) if hits else ():
        before, after = words.lower[max(0, hit.start - 24) : hit.start], words.lower[hit.end : hit.end + 24]
        if not _IS_TO_GO.search(before) and not _NOT_NEEDED.match(after):
            return True
    return False


def _asks_for_draft(words: Words) -> bool:
    trapped = {hit.start for hit in words.of("DRAFT_TRAPS")}
    return any(hit.start not in trapped for hit in words.of("DRAFT"))


_NAMES = {"latin": "Latin", "han": "Chinese", "kana": "Japanese", "hangul": "Korean", "devanagari": "Hindi"}


@lru_cache(maxsize=16_384)
def _script_name(char: str) -> str:
    if not char.isalpha():
        return ""
    script = script_of(char)
    if script in ("common", "symbols", "emoji"):
        return ""
    return _NAMES.get(script) or language_of(script)
