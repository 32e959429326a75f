"""The lexicon, indexed: which phrases begin with a word, which parts with a letter, and which word is meant."""

from __future__ import annotations

import re
from functools import cache
from unicodedata import normalize

from . import lexicon, lexicon_more, lexicon_sheets
from .spelling import meant

# What a German compound is at its end, and what a Russian word bends.
_COMPOUND = re.compile(
    r"(?<=[a-zäöüß]{3})(?:plakat|poster|aufschrift|inschrift|überschrift|schriftzug|etikett|diagramm|kalender|broschüre|einladung|speisekarte|geburtstagskarte|grußkarte|visitenkarte|schild|infografik|zertifikat|urkunde|prospekt|cover|magazin)$"
)
_ENDING = re.compile(
    r"(?:ами|ями|ого|его|ому|ему|ыми|ими|иях|ией|иям|ах|ях|ом|ем|ой|ей|ою|ую|юю|ая|яя|ое|ее|ые|ие|ий|ый|ов|ев|ам|ям|их|ых|ым|им|ию|ия|а|я|о|е|ы|и|у|ю|ь)$"
)

LONGEST = 40  # letters; longer words are nobody's
MOST = 32_768  # words that are remembered

Entry = tuple[int, str, tuple[str, ...]]
Part = tuple[str, str]


@cache
def phrase_index() -> dict[str, dict[str, list[Entry]]]:
    """First word → second word → (number of words, phrase, its concepts), the longest phrase first. Under the second word
    "" are the phrases of one word alone, which the others' lists have as well."""
    index: dict[str, dict[str, list[Entry]]] = {}
    for phrase, names in _concepts().items():
        first, second, *_ = f"{phrase} ".split(" ")
        index.setdefault(first, {"": []}).setdefault(second, []).append(
            (phrase.count(" ") + 1, phrase, names)
        )
    for following in index.values():
        alone = following[""]
        for second, entries in following.items():
            entries += alone if second else []
            entries.sort(key=lambda entry: (-entry[0], entry[1]))
    return index


@cache
def all_words() -> frozenset[str]:
    return frozenset(word for phrase in _concepts() for word in phrase.split())


@cache
def part_index() -> tuple[dict[int, list[Part]], list[Part]]:
    """(Number of the first two letters, as in `pairs` → (part, concept)), and the parts of one letter."""
    by_pair: dict[int, list[Part]] = {}
    of_one: list[Part] = []
    for name, vocabulary in _vocabularies():
        for part in vocabulary if isinstance(vocabulary, tuple) else ():
            if len(part) == 1:
                of_one.append((part, name.removesuffix("_PARTS")))
            else:
                (number,) = memoryview(part[:2].encode("utf-16-le")).cast("I")
                by_pair.setdefault(number, []).append((part, name.removesuffix("_PARTS")))
    return by_pair, of_one


def pairs(text: str) -> set[int]:
    """Every two letters that stand side by side in `text`, each two as one number: much quicker than to cut them out."""
    units = memoryview(f"{text}\0\0\0".encode("utf-16-le", "surrogatepass"))
    even, odd = units[: len(units) // 4 * 4], units[2 : 2 + (len(units) - 2) // 4 * 4]
    return {*even.cast("I").tolist(), *odd.cast("I").tolist()}


class _Known(dict[str, str]):
    """A word → the word of the lexicon that it is, else itself. Remembered, as many as MOST."""

    def __missing__(self, word: str) -> str:
        if len(word) > LONGEST:
            return word
        if len(self) >= MOST:
            self.clear()
        self[word] = found = _known(word)
        return found


KNOWN = _Known()


def _known(word: str) -> str:
    """A word that the lexicon lacks: the last part of a compound ("movie-poster", "l'affiche", "Werbeplakat"), another
    form of one that it has ("надписях", "affiches"), or what is meant."""
    lexical = all_words()
    if word in lexical:
        return word
    if not word.isascii():
        word = normalize("NFC", word)
    if word in lexical:
        return word
    if word.endswith("'s") and word[:-2] in lexical:
        return word[:-2]
    last = word[max(word.rfind("-"), word.rfind("'")) + 1 :]
    if last in lexical and len(last) > 3:
        return last
    if "а" <= word[:1] <= "я":
        return _by_stem().get(_stem(word), word) if len(word) > 4 else word
    if compound := _COMPOUND.search(word):
        return compound.group()
    if word[-1:] == "s" and len(word) > 6 and word[:-1] in _by_plural():
        return word[:-1]
    return meant(word)


def _share_stems(concepts: dict[str, tuple[str, ...]]) -> None:
    """What one case of a Russian word means, all its cases mean."""
    by_stem: dict[str, list[str]] = {}
    for phrase in concepts:
        if "а" <= phrase[:1] <= "я" and " " not in phrase and len(phrase) > 4:
            by_stem.setdefault(_stem(phrase), []).append(phrase)
    for forms in by_stem.values():
        together = tuple(dict.fromkeys(name for form in sorted(forms) for name in concepts[form]))
        for form in forms:
            concepts[form] = together


def _stem(word: str) -> str:
    return _ENDING.sub("", word)


@cache
def _by_stem() -> dict[str, str]:
    """Russian words by what stays of them in every case."""
    found: dict[str, str] = {}
    for phrase in (p for p in _one_word_phrases() if "а" <= p[:1] <= "я" and len(p) > 4):
        found.setdefault(_stem(phrase), phrase)
    return found


@cache
def _by_plural() -> frozenset[str]:
    return frozenset(p for p in _one_word_phrases() if len(p) > 5 and p[-1] != "s")


def _one_word_phrases() -> list[str]:
    return sorted(phrase for phrase in _concepts() if " " not in phrase)


@cache
def _concepts() -> dict[str, tuple[str, ...]]:
    """Every phrase, and what it names."""
    concepts: dict[str, tuple[str, ...]] = {}
    for name, vocabulary in _vocabularies():
        if isinstance(vocabulary, frozenset):
            for phrase in vocabulary:
                concepts[phrase] = (*concepts.get(phrase, ()), name)
    _share_stems(concepts)
    return concepts


def _vocabularies() -> list[tuple[str, object]]:
    return [
        (name, value)
        for source in (lexicon, lexicon_more, lexicon_sheets)
        for name, value in vars(source).items()
        if name.isupper() and isinstance(value, (frozenset, tuple))
    ]
