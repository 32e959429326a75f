"""What in an instruction says that words in a picture change, and what that a thing, the light or the style does."""

from __future__ import annotations

import re
from bisect import bisect_left

from .lettering import Evidence
from .quotes import Quote
from .words import Hit, Words

_TARGET = re.compile(
    r"(?:\b(?:to|with|as|into|by|say|says|read|reads|a|por|par|en|durch|zu|in|на|para|com)|[:：]|改成|改为|改為|换成|換成|写上|变成|为|成|を|に|로|إلى|ب)\s*$",
    re.I,
)
_NUMBER = r"(?:[$€£¥]\s?)?\d[\d.,:/]*\s?(?:%|°|元|円|원|\$|€|£)?"
_FIGURES = re.compile(
    rf"\b(?:to|by|from|into|of|with|auf|à|a|на) {_NUMBER}(?!\s*(?:[a-z]|percent of the))|[$€£¥]\s?\d|\d\s?(?:元|円|원|\$|€|£|ohms?\b)",
    re.I,
)
_FIGURE_FOR_FIGURE = re.compile(
    rf"(?<!\w){_NUMBER}\s?(?:to|with|into|by|auf|à|a|на|改成|改为|换成|에서|を|から)\s?{_NUMBER}(?!\w)", re.I
)
_SHOUTED = re.compile(
    r"\b(?:with|to|say|says|read|reads|into|as)\s+(?:the (?:word|words|text|name)\s+)?[A-Z][A-Z0-9'&!]{1,}\b"
)
_MOST = 12  # quotations that are looked at
_COLOUR_CODE = re.compile(r"#[0-9a-fA-F]{3,6}\b")


def edit_evidence_of(words: Words, passages: list[Quote]) -> Evidence:
    """All evidence in an instruction with its quotations."""
    found = Evidence()
    kept = {i for hit in words.of("EDIT_KEEPS") for i in range(hit.start, hit.end)}
    starts = [q.start for q in passages]
    for concept, kind in (("EDIT_TEXT", "words"), ("EDIT_SHEETS", "a sheet")):
        for hit in words.of(concept):
            if hit.start in kept or words.refused(hit) or _inside(passages, starts, hit.start):
                continue
            found.add(f"{kind} {_part(words, hit)}")
            found.cue = found.cue or hit.phrase
    for quote in passages[:_MOST]:
        found.add(f"quote {_use(words, quote)}")
        found.copy.append((quote.start, quote.words))
    if _FIGURES.search(_COLOUR_CODE.sub("", words.text[:4000])):
        found.add("figures")
    if _FIGURE_FOR_FIGURE.search(words.text[:4000]):
        found.add("words object")
    if _SHOUTED.search(words.text[:4000]):
        found.add("capitals")
    if words.of("EDIT_TAKES"):
        found.add("takes away")
    if words.of("EDIT_WRITES"):
        found.add("changes")
    if len(words.text) > 600:
        found.add("long")
    if "a sheet object" in found.amounts and words.of("EDIT_WRITES") and not words.of("EDIT_TAKES"):
        found.add("changes a sheet")
    if words.of("EDIT_TAKES") and found.amounts.keys() & {"words description", "quote description"}:
        found.add("takes away what words describe")
    if found.amounts.keys() & {"words object", "words target"} and words.of("EDIT_WRITES"):
        found.add("changes words")
    return found


def _inside(passages: list[Quote], starts: list[int], at: int) -> bool:
    i = bisect_left(starts, at) - 1
    return i >= 0 and at < passages[i].end


def _part(words: Words, hit: Hit) -> str:
    """Of what the hit is the part of a sentence: the object, a description of it, a place, or what it becomes."""
    if not hit.phrase.isascii():
        return "object"
    start, _ = words.sentence(hit.start)
    low = max(start, hit.start - 200)
    describes = words.between("EDIT_DESCRIBES", low, hit.start)
    places = words.between("EDIT_PLACES", low, hit.start)
    if describes and not (words.between("EDIT_WRITES", describes[-1].start, hit.start)):
        verb = words.between("EDIT_TAKES", low, hit.start)
        if verb or "replace" not in words.lower[low : hit.start]:
            return "description"
        return "target"
    if places and not words.between("EDIT_WRITES", places[-1].start, hit.start):
        return "place"
    return "object"


def _use(words: Words, quote: Quote) -> str:
    start, _ = words.sentence(quote.start)
    low = max(start, quote.start - 120)
    before = words.text[low : quote.start]
    heard = words.between("HEARD", low, quote.start) or words.between("PEOPLE", low, quote.start)
    if _TARGET.search(before[-24:]) and (
        words.between("EDIT_WRITES", low, quote.start)
        or words.between("EDIT_WRITES", quote.end, quote.end + 30)
    ):
        return "target"
    if words.between("EDIT_TAKES", low, quote.start) and words.between("EDIT_DESCRIBES", low, quote.start):
        return "description"
    if any(h.start >= start for h in words.between("EDIT_TEXT", low, quote.start)):
        return "of words"
    if heard:
        return "heard"
    return "object" if words.between("EDIT_WRITES", low, quote.start) else "bare"
