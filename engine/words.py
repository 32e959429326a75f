"""The words of a text, where they stand, and which concepts of the lexicon they name. One pass, linear, no I/O."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple
from unicodedata import normalize

from . import lexicon, lexicon_more
from .quotes import Quote
from .spelling import meant

# Words of the scripts that part them by spaces (Latin, Greek, Cyrillic); of the others, parts are looked for. Hyphens
# and apostrophes join, and so do points in numbers; "/" only in apertures (f/1.8).
_LETTER = "0-9A-Za-zªº\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u052f\u1e00-\u1fff"
_WORD = re.compile(rf"f/\d+(?:\.\d+)?|[{_LETTER}]+(?:['’-][{_LETTER}]+|\.\d+)*")
# A point ends a sentence only before white space: 1.5, e.g.the, example.com do not.
_SENTENCE_END = re.compile(r"[.!?]+(?=[\s\"”'’)]|$)|[;。！？；।]|\n")
_BREAK = re.compile(r"[,.;:!?()\n]")
_ITEM = re.compile(
    r"[,，、/]|\b(?:or|and|nor|any|y|o|ni|et|ou|oder|und|e|или|и|ve|veya|và|hoặc|dan|atau)\b|[和及或与與और以と]|หรือ|और|या|أو"
)
_OR = re.compile(r"\b(?:or|nor|o|ni|ou|oder|или|и|veya|hoặc|atau)\b|[或、]|หรือ|और|या|أو")
_EXCEPT = re.compile(
    r"\b(?:but|except|only|just|besides|other than|apart from|solo|excepto|sauf|außer|кроме|add|use|include|poster|design|create|with|that|which|is|are|has)\b|除了|以外|只有|而是"
)
# What a German compound is at its end, and what a Russian word bends.
_COMPOUND = re.compile(
    r"(?<=[a-zäöüß]{3})(?:plakat|poster|aufschrift|inschrift|überschrift|schriftzug|etikett|diagramm|kalender|broschüre|einladung|speisekarte|geburtstagskarte|grußkarte|visitenkarte|schild|infografik|zertifikat|urkunde|prospekt|cover|magazin)$"
)
_ENDING = re.compile(r"(?:ами|ями|ого|его|ому|ему|ыми|ими|иях|ией|иям|ах|ях|ом|ем|ой|ей|ою|ую|юю|ая|яя|ое|ее|ые|ие|ий|ый|ов|ев|ам|ям|их|ых|ым|им|ию|ия|а|я|о|е|ы|и|у|ю|ь)$")
_REACH = 160  # characters that a refusal reaches at most
_DONE = frozenset(("remove all", "remove any", "去掉", "never", "instead of", "rather than", "before the"))


_Entry = tuple[int, str, str, tuple[str, ...]]


class Hit(NamedTuple):
    """text[start:end] names a concept; `phrase` is the lexicon's spelling of it."""

    start: int
    end: int
    phrase: str


class Words:
    """A text in small letters, its words, and every phrase of the lexicon in it, in order, by concept."""

    def __init__(self, text: str, passages: Sequence[Quote] = ()):
        self.text = text
        self.lower = _lower(text)
        self.words: list[str] = []
        self.starts: list[int] = []
        self.hits: dict[str, list[Hit]] = {}
        self._read_words()
        if not self.lower.isascii():
            self._read_parts()
        self.ends_of_sentences = [m.end() for m in _SENTENCE_END.finditer(self.lower)]
        spans = [(q.start, q.end) for q in passages if q.end - q.start < 0.6 * len(text)]
        for name in ("REFUSALS", "FORBIDS", "NO_BEFORE", "NO_AFTER"):  # 'No Parking' refuses nothing
            if spans and name in self.hits:
                self.hits[name] = outside(self.hits[name], spans)
        self._refusing = sorted(
            [(h, False) for h in self.hits.get("REFUSALS", ())]
            + [(h, True) for name in ("FORBIDS", "NO_BEFORE") for h in self.hits.get(name, ())]
        )
        self._refusing_starts = [hit.start for hit, _ in self._refusing]
        self._trapped = {i for h in self.hits.get("TRAPS", ()) for i in range(h.start, h.end)}
        self._answers: dict[tuple[int, int, bool], bool] = {}
        self.shouts = _shouts(text)

    def _read_words(self) -> None:
        by_first, known = _phrase_index(), _all_words()
        matches = list(_WORD.finditer(self.lower))
        self.starts = [m.start() for m in matches]
        words = [m.group().replace("’", "'") for m in matches]
        self.words = words = [word if word in known else _known(word) for word in words]
        for i, word in enumerate(words):
            if word in by_first:
                self._add_phrases(i, by_first[word], matches)

    def _add_phrases(self, i: int, phrases: list[_Entry], matches: list[re.Match[str]]) -> None:
        """The longest phrase of every concept that starts with word `i`."""
        seen: set[str] = set()
        following = self.words[i + 1] if i + 1 < len(self.words) else ""
        for length, second, phrase, concepts in phrases:
            if length > 1 and (following != second or " ".join(self.words[i : i + length]) != phrase):
                continue
            start, end = matches[i].start(), matches[min(i + length, len(matches)) - 1].end()
            if length > 1 and _BREAK.search(self.lower, start, end):
                continue
            for concept in concepts:
                if concept not in seen:
                    seen.add(concept)
                    self.hits.setdefault(concept, []).append(Hit(start, end, phrase))

    def _read_parts(self) -> None:
        letters, by_pair = _part_index()
        lower = self.lower
        end_of_last: dict[str, int] = {}
        for match in letters.finditer(lower):
            i = match.start()
            for part, concept in by_pair.get(lower[i : i + 2]) or by_pair.get(lower[i]) or ():
                if lower.startswith(part, i) and end_of_last.get(concept, 0) <= i:
                    end_of_last[concept] = i + len(part)
                    self.hits.setdefault(concept, []).append(Hit(i, i + len(part), part.strip()))
        for concept in end_of_last:
            self.hits[concept].sort()

    def of(self, concept: str) -> list[Hit]:
        """Every phrase of a concept that no trap covers, in order."""
        return [h for h in self.hits.get(concept, ()) if h.start not in self._trapped]

    def first(self, concept: str) -> str:
        found = self.of(concept)
        return found[0].phrase if found else ""

    def between(self, concept: str, start: int, end: int) -> list[Hit]:
        """The phrases of a concept that lie within [start, end)."""
        hits = self.hits.get(concept, [])
        found = hits[bisect_left(hits, (start,)) : bisect_left(hits, (end,))]
        return [h for h in found if h.end <= end and h.start not in self._trapped]

    def affirmed(self, concept: str) -> list[Hit]:
        """The phrases of a concept that nothing takes back."""
        return [h for h in self.of(concept) if not self.refused(h)]

    def sentence(self, at: int) -> tuple[int, int]:
        """Where the sentence around a position starts and ends."""
        i = bisect_right(self.ends_of_sentences, at)
        start = self.ends_of_sentences[i - 1] if i else 0
        return start, self.ends_of_sentences[i] if i < len(self.ends_of_sentences) else len(self.lower)

    def refused(self, hit: Hit, *, edit: bool = False) -> bool:
        """Whether a "no", before it or, in some languages, after it, takes a phrase back; lists included.

        In an edit "remove all text" and "fix the garbled text" refuse none: they are what is to be done.
        """
        key = (hit.start, hit.end, edit)
        if key not in self._answers:
            self._answers[key] = self._refused_before(hit, edit) or self._refused_after(hit)
        return self._answers[key]

    def _refused_before(self, hit: Hit, edit: bool) -> bool:
        low = max(self.sentence(hit.start)[0], hit.start - _REACH)
        i = bisect_left(self._refusing_starts, hit.start)
        for refusal, strong in reversed(self._refusing[max(0, i - 4) : i]):
            if refusal.start < low - (80 if strong else 0):
                break
            if edit and refusal.phrase in _DONE:
                continue
            if refusal.end <= hit.start and _governs(self.lower[refusal.end : hit.start], strong):
                return True
        for blank in () if edit else self.between("BLANK", max(low, hit.start - 24), hit.start):
            if (
                self.lower[blank.end : hit.start].count(" ") <= 2
                and "," not in self.lower[blank.end : hit.start]
            ):
                return True
        following = () if edit else self.between("BLANK", hit.end, hit.end + 14)
        return bool(following) and self.lower[hit.end : following[0].start] in (" ", " en ")  # une affiche vierge

    def _refused_after(self, hit: Hit) -> bool:
        """文字は含めず, 텍스트 없음: only where the hit itself is in such a script."""
        if hit.phrase.isascii() and "NO_AFTER" not in self.hits:
            return False
        end = min(self.sentence(hit.start)[1], hit.end + 40)
        after = self.between("NO_AFTER", hit.end, end)
        return bool(after) and not _NEVER_BETWEEN.search(self.lower[hit.end : after[0].start])


_NEVER_BETWEEN = re.compile('["“”「」『』]|と書|적힌|쓰인|लिखा|があ|있는|있고|하고|하며|して|され|है|であり')


def _shouts(text: str) -> bool:
    """Whether capitals tell nothing: nearly every word has one."""
    words = text[:600].split()
    return sum(word[:1].isupper() for word in words) > 0.6 * len(words) and len(words) > 4


def outside(hits: list[Hit], spans: list[tuple[int, int]]) -> list[Hit]:
    """The hits that start in none of the spans, which are in order and do not overlap."""
    starts, kept = [start for start, _ in spans], []
    for hit in hits:
        i = bisect_right(starts, hit.start) - 1
        if i < 0 or hit.start >= spans[i][1]:
            kept.append(hit)
    return kept


def _governs(gap: str, strong: bool) -> bool:
    """Whether a "no" still holds after `gap`, the text between it and the word: "no", "no visible", "no a, b or"."""
    if any(mark in gap for mark in '"“”「」『』《'):
        return False
    if _SENTENCE_END.search(gap) and not (strong and "\n" not in gap.strip() and ":" in gap[:3]):
        return False
    if _EXCEPT.search(gap):
        return False
    pieces = _ITEM.split(gap)
    if len(pieces) == 1:
        return len(gap.split()) <= 4 and len(gap) <= 48
    if not strong and not _OR.search(gap):
        return False
    return all(len(piece.split()) <= 4 and len(piece) <= 40 for piece in pieces)


@lru_cache(maxsize=8192)
def _known(word: str) -> str:
    """A word that the lexicon lacks: the last part of a compound ("movie-poster", "l'affiche", "Werbeplakat"), another
    form of one that it has ("надписях", "affiches"), or what is meant."""
    known = _all_words()
    if not word.isascii():
        word = normalize("NFC", word)
    if word in known:
        return word
    if word.endswith("'s") and word[:-2] in known:
        return word[:-2]
    last = word[max(word.rfind("-"), word.rfind("'")) + 1 :]
    if last in known and len(last) > 3:
        return last
    if "а" <= word[:1] <= "я":
        return _by_stem().get(_stem(word), word) if len(word) > 4 else word
    if compound := _COMPOUND.search(word):
        return compound.group()
    if word[-1:] == "s" and len(word) > 6 and word[:-1] in _by_plural():
        return word[:-1]
    return meant(word)


def _stem(word: str) -> str:
    return _ENDING.sub("", word)


@cache
def _by_stem() -> dict[str, str]:
    """Russian words by what stays of them in every case."""
    found: dict[str, str] = {}
    for phrase in (p for p in _phrase_index_of_one_word() if "а" <= p[:1] <= "я" and len(p) > 4):
        found.setdefault(_stem(phrase), phrase)
    return found


@cache
def _by_plural() -> frozenset[str]:
    return frozenset(p for p in _phrase_index_of_one_word() if len(p) > 5 and p[-1] != "s")


def _phrase_index_of_one_word() -> list[str]:
    return sorted(phrase for entries in _phrase_index().values() for n, _, phrase, _ in entries if n == 1)


def _lower(text: str) -> str:
    """Small letters at the same places: the few that become two letters stay as they are."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _vocabularies() -> list[tuple[str, object]]:
    return [
        (name, value)
        for source in (lexicon, lexicon_more)
        for name, value in vars(source).items()
        if name.isupper() and isinstance(value, (frozenset, tuple))
    ]


@cache
def _phrase_index() -> dict[str, list[_Entry]]:
    """First word → (number of words, second word, phrase, its concepts), the longest phrase first."""
    concepts: dict[str, tuple[str, ...]] = {}
    for name, vocabulary in _vocabularies():
        if isinstance(vocabulary, frozenset):
            for phrase in vocabulary:
                concepts[phrase] = (*concepts.get(phrase, ()), name)
    index: dict[str, list[_Entry]] = {}
    for phrase, names in concepts.items():
        index.setdefault(phrase.split(" ", 1)[0], []).append(
            (phrase.count(" ") + 1, f"{phrase} ".split(" ")[1], phrase, names)
        )
    for entries in index.values():
        entries.sort(key=lambda entry: (-entry[0], entry[2]))
    return index


@cache
def _all_words() -> frozenset[str]:
    return frozenset(
        word for entries in _phrase_index().values() for *_, phrase, _ in entries for word in phrase.split()
    )


@cache
def _part_index() -> tuple[re.Pattern[str], dict[str, list[tuple[str, str]]]]:
    """A pattern of all first letters, and: first two letters → (part, concept), the longest part first.

    Parts of one letter stand under that letter, and under every pair that begins with it.
    """
    index: dict[str, list[tuple[str, str]]] = {}
    for name, vocabulary in _vocabularies():
        if isinstance(vocabulary, tuple):
            for part in vocabulary:
                index.setdefault(part[:2], []).append((part, name.removesuffix("_PARTS")))
    for key in index:
        if len(key) == 2:
            index[key] += index.get(key[0], [])
    for entries in index.values():
        entries.sort(key=lambda entry: (-len(entry[0]), entry))
    letters = "".join(sorted({key[0] for key in index}))
    return re.compile(f"[{re.escape(letters)}]"), index
