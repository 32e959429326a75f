"""The words of a text, where they stand, and which concepts of the lexicon they name. One pass, linear, no I/O."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from .quotes import Quote
from .vocabulary import KNOWN, Entry, pairs, part_index, phrase_index

# Words of the scripts that part them by spaces (Latin, Greek, Cyrillic); of the others, parts are looked for. Hyphens
# and apostrophes join, and so do points in numbers; "/" only in apertures (f/1.8).
_LETTER = "0-9A-Za-zªº\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u052f\u1e00-\u1fff"
_WORD = re.compile(rf"([{_LETTER}](?:(?<=f)/\d+(?:\.\d+)?|[{_LETTER}]*(?:['’-][{_LETTER}]+|\.\d+)*))")
# Pas d'inscription, nessun'insegna: the "no" is a word of its own; pas d'autre texte says that there is some.
_ELIDED_NO = re.compile(r"\b(pas d|nessun)'(?!autre|altr)")
# A point ends a sentence only before white space: 1.5, e.g.the, example.com do not.
_SENTENCE_END = re.compile(r"[.!?;。！？；।\n](?:(?<=[;。！？；।\n])|(?<![.!?][.!?])[.!?]*(?=[\s\"”'’)]|$))")
_BREAK = re.compile(r"[,.;:!?()\n]")
_ITEM = re.compile(
    r"[,，、/]|\b(?:or|and|nor|any|y|o|ni|et|ou|oder|und|e|или|и|ve|veya|và|hoặc|dan|atau)\b|[和及或与與और以と]|หรือ|और|या|أو"
)
_OR = re.compile(r"\b(?:or|nor|o|ni|ou|oder|или|и|veya|hoặc|atau)\b|[或、]|หรือ|और|या|أو")
_EXCEPT = re.compile(
    r"\b(?:but|except|only|just|besides|other than|apart from|solo|excepto|sauf|außer|кроме|add|use|include|poster|design|create|with|that|which|is|are|has)\b|除了|以外|只有|而是"
)
# A clause that tells what is there: Chinese goes on after a comma where others end a sentence.
_SOMETHING = re.compile("[有是着著写寫印刻标標显顯閃闪]")
# The rest of a list up to its last member.
_LAST_OF_LIST = re.compile(
    r"(?:[ -]?[\w'’-]+){0,3}(?:,(?: [\w'’-]+){1,4}){0,8},? (?:or|and|nor) (?:[\w'’-]+ ?){1,4}"
)
_REACH = 160  # characters that a refusal reaches at most
# A "no" that is itself the edit ("remove all text"), or that tells where ("write in the blank").
_DONE = frozenset(("空白", "remove all", "remove any", "去掉", "instead of", "rather than", "before the"))


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
        self.hits: dict[str, list[Hit]] = {}
        self._read_words()
        if not self.lower.isascii():
            self._read_parts()
        self.ends_of_sentences = [m.end() for m in _SENTENCE_END.finditer(self.lower)]
        spans = [(q.start, q.end) for q in passages if q.end - q.start < 0.6 * len(text)]
        for name in ("REFUSALS", "FORBIDS", "NO_BEFORE", "NO_AFTER"):  # 'No Parking' refuses nothing
            if spans and name in self.hits:
                self.hits[name] = outside(self.hits[name], spans)
        self._trapped = {i for h in self.hits.get("TRAPS", ()) for i in range(h.start, h.end)}
        self._refusing = sorted(
            [(h, False) for h in self.hits.get("REFUSALS", ())]
            + [(h, True) for h in self.hits.get("FORBIDS", ())]
            + [(h, True) for h in self.hits.get("NO_BEFORE", ()) if h.start not in self._trapped]
        )
        self._refusing_starts = [hit.start for hit, _ in self._refusing]
        self._answers: dict[tuple[int, int, bool], bool] = {}
        self.shouts = _shouts(text)

    def _read_words(self) -> None:
        by_first = phrase_index()
        lower = self.lower.replace("’", "'")
        if "'" in lower:
            lower = _ELIDED_NO.sub(r"\1 ", lower)
        pieces = _WORD.split(lower)  # what stands between words, a word, and so on
        ends = list(accumulate(map(len, pieces)))
        words = list(map(KNOWN.__getitem__, pieces[1::2]))
        for i, (following, second) in enumerate(
            zip(map(by_first.get, words), [*words[1:], ""], strict=False)
        ):
            if following and (entries := following.get(second) or following[""]):
                self._add_phrases(i, entries, words, ends)

    def _add_phrases(self, i: int, phrases: list[Entry], words: list[str], ends: list[int]) -> None:
        """The longest phrase of every concept that starts with word `i`. ends: where what stands before each word ends, and
        the word, by turns."""
        seen: set[str] = set()
        for length, phrase, concepts in phrases:
            if length > 2 and " ".join(words[i : i + length]) != phrase:
                continue
            start, end = ends[2 * i], ends[2 * (i + length) - 1]
            if length > 1 and _BREAK.search(self.lower, start, end):
                continue
            for concept in concepts:
                if concept not in seen:
                    seen.add(concept)
                    self.hits.setdefault(concept, []).append(Hit(start, end, phrase))

    def _read_parts(self) -> None:
        """The parts whose first two letters stand in the text are looked for one by one: at every place, the longest of
        each concept."""
        lower, (by_pair, of_one) = self.lower, part_index()
        found: list[tuple[int, int, str, str]] = []
        begun = [entry for pair in by_pair.keys() & pairs(lower) for entry in by_pair[pair]]
        for part, concept in (*begun, *of_one):
            at = lower.find(part)
            while at >= 0:
                found.append((at, -len(part), concept, part))
                at = lower.find(part, at + 1)
        end_of_last: dict[str, int] = {}
        for at, length, concept, part in sorted(found):
            if end_of_last.get(concept, 0) <= at:
                end_of_last[concept] = at - length
                self.hits.setdefault(concept, []).append(Hit(at, at - length, part.strip()))
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
        hits = self.hits.get(concept)
        if not hits:
            return []
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
            self._answers[key] = self._refused_before(hit, edit) or self._refused_after(hit, edit)
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
            if refusal.end <= hit.start and self._in_a_list(refusal, hit):
                return True
        return not edit and self._is_blank(hit, low)

    def _in_a_list(self, refusal: Hit, hit: Hit) -> bool:
        """No logo, watermark, hands, labels, or numbers: a long list whose "or" comes later."""
        gap = self.lower[refusal.end : hit.start]
        rest = self.lower[hit.end : min(self.sentence(hit.start)[1], hit.end + _REACH)]
        listed = _LAST_OF_LIST.match(rest)
        if not listed or gap.count(",") + listed.group().count(",") < 2:
            return False
        return _governs(f"{gap} or ", False)

    def _is_blank(self, hit: Hit, low: int) -> bool:
        """A blank page, une affiche vierge."""
        for blank in self.between("BLANK", max(low, hit.start - 24), hit.start):
            gap = self.lower[blank.end : hit.start]
            if gap and blank.phrase >= "\u2e80":  # no spaces there: 無地の背景に書かれた is another thing's
                continue
            if gap.count(" ") <= 2 and "," not in gap:
                return True
        after = self.between("BLANK", hit.end, hit.end + 16)
        return bool(after) and _IS_BLANK.fullmatch(self.lower, hit.end, after[0].start) is not None

    def _refused_after(self, hit: Hit, edit: bool) -> bool:
        """文字は含めず, 텍스트 없음: only where the hit itself is in such a script."""
        if hit.phrase.isascii() and "NO_AFTER" not in self.hits:
            return False
        end = min(self.sentence(hit.start)[1], hit.end + 40)
        after = self.between("NO_AFTER", hit.end, end)
        if edit and after and after[0].phrase == "말고":  # 민지 말고 민주: not the one but the other
            return False
        return bool(after) and not _NEVER_BETWEEN.search(self.lower[hit.end : after[0].start])


_IS_BLANK = re.compile(
    r" (?:(?:en|is|are|est|sont|ist|sind|son|está|están|estão|são|è|sono|была|были|jest|są) )?"
)
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
    if any(len(piece) > 2 and _SOMETHING.search(piece) for piece in pieces[1:]):
        return False
    if len(pieces) == 1:
        return len(gap.split()) <= 4 and len(gap) <= 48
    if not strong and not _OR.search(gap):
        return False
    return all(len(piece.split()) <= 4 and len(piece) <= 40 for piece in pieces)


def _lower(text: str) -> str:
    """Small letters at the same places: the few that become two letters stay as they are."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
