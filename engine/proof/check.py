"""The way in: `check(pixels, phrases, reader)` reads a picture and holds it against the phrases that were asked for.

    trouble = available()                  # "" or a sentence that says what to install; imports nothing
    reader = open_reader()                 # the one of this process, kept; raises BadInput with that sentence
    verdict = check(pixels, phrases, reader)
    verdict.passed, verdict.score, verdict.report; verdict.phrases[0].status, .score, .drawn, .why

A first plain reading settles most pictures (half a processor second for 1024 x 1024). Where a phrase was not found,
the picture is looked at again: turned, with the angle classifier, in strips. Each phrase counts where it came out best;
nothing is ever found by looking for it, because no reading knows what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..scripts import language_of, script_of
from . import looks
from .fold import fold
from .judge import judge
from .page import Page, centre, inside
from .reader import available, open_reader
from .tesseract import Tesseract, find_tesseract
from .verdict import Line, PhraseResult, Quad, Verdict

if TYPE_CHECKING:
    import numpy as np

__all__ = ["available", "check", "open_reader"]

_AGAIN = 0.75  # a phrase with fewer right letters is looked for again
_NOBODY = "nobody"
_MOST, _MOST_LETTERS = 80, 8000  # phrases, and characters of all of them together


class Reader(Protocol):
    """What reads a picture: RapidReader, or a test's own."""

    def read(self, pixels: np.ndarray, classify: bool = False) -> tuple[Line, ...]: ...

    def boxes(self, pixels: np.ndarray) -> tuple[Quad, ...]: ...

    def line(self, pixels: np.ndarray, quad: Quad) -> str: ...

    def lacks(self, text: str) -> set[str]: ...


def check(
    pixels: np.ndarray,
    phrases: Sequence[str],
    reader: Reader,
    *,
    other: Tesseract | None = None,
    between: Callable[[], None] = lambda: None,
) -> Verdict:
    """Read an RGB picture (uint8 [H,W,3]) and judge each phrase.

    other: for scripts that `reader` lacks; `find_tesseract()` by default. between: called before each reading; what it
    raises goes through (a person's Cancel). Raises BadInput where the reader fails on the picture.
    """
    asked = _tidy(phrases)
    between()
    first = Page(reader.read(pixels))
    groups = _grouped(asked, reader, other)
    results: dict[int, PhraseResult] = {}
    mine = groups.pop("", [])
    found, unasked = _looked([asked[n] for n in mine], pixels, first, reader, between)
    results.update(zip(mine, found, strict=True))
    for language, numbers in groups.items():
        wanted = [asked[n] for n in numbers]
        if language == _NOBODY:
            found = tuple(_unknown(phrase, reader) for phrase in wanted)
        else:
            between()
            program = other or find_tesseract()
            assert program is not None, "only an installed program has languages"
            page = Page(program.read(pixels, reader.boxes(pixels), language))
            found, _ = judge(wanted, [page])
        unasked = _not_claimed(unasked, found)
        results.update(zip(numbers, found, strict=True))
    return Verdict(tuple(results[n] for n in range(len(asked))), unasked, first.lines)


def _tidy(phrases: Sequence[str]) -> tuple[str, ...]:
    """The phrases without spaces around them and without empty ones, as many as are looked at."""
    found: list[str] = []
    letters = 0
    for phrase in phrases:
        words = " ".join(str(phrase).split())
        letters += len(words)
        if words and len(found) < _MOST and letters <= _MOST_LETTERS:
            found.append(words)
    return tuple(found)


def _grouped(asked: Sequence[str], reader: Reader, other: Tesseract | None) -> dict[str, list[int]]:
    """The numbers of the phrases by who can read them: "" the reader, a language of tesseract's, or nobody."""
    groups: dict[str, list[int]] = {}
    for n, phrase in enumerate(asked):
        letters = fold(phrase).letters
        if letters and not reader.lacks("".join(letters)):
            language = ""
        else:
            program = (other or find_tesseract()) if letters else None
            language = (program.language(letters) if program else "") or _NOBODY
        groups.setdefault(language, []).append(n)
    return groups


def _looked(
    phrases: list[str],
    pixels: np.ndarray,
    first: Page,
    reader: Reader,
    between: Callable[[], None],
) -> tuple[tuple[PhraseResult, ...], tuple[Line, ...]]:
    """The results after as many looks as it takes."""
    pages, numbers = [first], set[int]()
    results, unasked = judge(phrases, pages)
    if cut := {n for n, phrase in enumerate(results) if _is_cut(phrase)}:
        between()
        quads = [quad for n in cut for quad in results[n].quads]
        pages.append(looks.lengthened(pixels, first.lines, quads, reader.line))
        numbers |= cut
        results, unasked = judge(phrases, pages, numbers)
    for look in _more_looks(pixels, first, reader, bool(unasked) or not first.lines):
        lost = {n for n, phrase in enumerate(results) if _is_lost(phrase)}
        if not lost:
            break
        between()
        pages.append(look())
        numbers |= lost
        results, unasked = judge(phrases, pages, numbers)
    return results, unasked


def _is_cut(phrase: PhraseResult) -> bool:
    """Whether nothing is wrong but that letters are missing at its ends: their box may have been cut too short."""
    ends = (edit for edit in phrase.edits if not edit.drawn and not phrase.extra)
    letters = len(fold(phrase.phrase))
    at_end = [edit for edit in ends if not edit.after or len(edit.after) + len(edit.asked) == letters]
    return bool(phrase.edits) and len(at_end) == len(phrase.edits)


def _is_lost(phrase: PhraseResult) -> bool:
    """Whether another look may find a phrase: too little of it was read, and not only something added to it."""
    added = phrase.extra or (phrase.edits and not any(edit.asked for edit in phrase.edits))
    return phrase.score is not None and phrase.score < _AGAIN and not added


def _more_looks(
    pixels: np.ndarray, first: Page, reader: Reader, unexplained: bool
) -> Iterator[Callable[[], Page]]:
    """`unexplained`: something was read that is no phrase. Text that is turned is that, misread; a curve may be nothing."""
    if unexplained:
        for quarters in looks.quarter_turns(first.lines):
            yield partial(looks.turned, pixels, reader.read, quarters)
        yield lambda: Page(reader.read(pixels, classify=True))
    yield partial(looks.strips, pixels, reader.read)


def _unknown(phrase: str, reader: Reader) -> PhraseResult:
    letters = fold(phrase).letters
    if not letters:
        return PhraseResult(phrase, "unknown", None, why="it has no letters or digits to compare")
    strange = reader.lacks("".join(letters))
    scripts = dict.fromkeys(script_of(char) for char in letters if char in strange)
    names = " and ".join(language_of(script) for script in scripts)
    signs = "" if len(strange) > 6 else f" ({' '.join(sorted(strange))})"
    return PhraseResult(
        phrase,
        "unknown",
        None,
        why=f"cannot be read here: the reader does not know these {names} letters{signs}. The program tesseract "
        "with its language pack would read them",
    )


def _not_claimed(unasked: tuple[Line, ...], found: Sequence[PhraseResult]) -> tuple[Line, ...]:
    """What nobody asked for, without the lines that another reader has found a phrase in."""
    claimed = [quad for phrase in found for quad in (*phrase.quads, *(line.quad for line in phrase.extra))]
    return tuple(line for line in unasked if not any(inside(centre(line.quad), quad) for quad in claimed))
