"""What was read against what was asked for: which phrases stand there, how, and what stands there beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .fold import Folded, fold, parts_words
from .match import Edit, differences, distance, spots
from .page import Found, Letter, Page, centre, inside
from .verdict import Line, PhraseResult
from .words import explain, notes_on

LOST = 0.5  # below this share of right letters a phrase is not there: chance alone finds a third of them
_SHORT = 4  # letters; a shorter phrase inside of a longer word is no sign of a lost space
_REPEATED = 0.2  # of a phrase's letters may differ in its second copy


@dataclass
class _Case:
    """One phrase on its way: where it was found."""

    phrase: str
    folded: Folded
    pages: list[Page]  # where to look for it
    page: Page | None = None
    found: Found | None = None
    contained: bool = False  # it stands inside a longer phrase that was asked for too
    scattered: bool = False  # word by word, not in one run
    order_wrong: bool = False

    @property
    def settled(self) -> bool:
        return self.found is not None

    @property
    def score(self) -> float:
        if self.found is None:
            return 0.0
        share = max(0.0, 1 - self.found.cost / max(1, len(self.folded)))
        return min(share, 0.9) if self.order_wrong else share


def judge(
    phrases: Sequence[str], pages: Sequence[Page], lost: Collection[int] = ()
) -> tuple[tuple[PhraseResult, ...], tuple[Line, ...]]:
    """A result for each phrase in its order, and what nobody asked for on the first page.

    The pages are readings of one picture, the best first. `lost`: the numbers of the phrases that count where they came
    out best; the others are what the first page says: a second look that cuts a line in two could hide their faults.
    Phrases without a letter to compare are not to be handed in.
    """
    pages = [Page(page.lines) for page in pages]
    cases = [_Case(p, fold(p), pages if n in lost else pages[:1]) for n, p in enumerate(phrases)]
    longest = sorted(cases, key=lambda case: -len(case.folded))
    _exact(longest)
    for case in longest:
        if not case.settled:
            _inside_another(case, cases)
    for case in longest:
        if not case.settled:
            _word_by_word(case)
    for case in longest:
        if not case.settled:
            _nearest(case)
    _reglue(cases)
    extras, unasked = _beside(cases, pages)
    return tuple(_result(case, extras.get(n, ())) for n, case in enumerate(cases)), unasked


def _exact(cases: list[_Case]) -> None:
    """Letter for letter: first those that stand alone, then those whose neighbours a lost space may have glued on."""
    for n in range(max((len(case.pages) for case in cases), default=0)):
        for glue_allowed in (False, True):
            for case in cases:
                if case.settled or n >= len(case.pages) or (glue_allowed and len(case.folded) < _SHORT):
                    continue
                found = case.pages[n].find(case.folded.letters, slack=0)
                if found and found.distance == 0 and (glue_allowed or not found.glued):
                    _settle(case, case.pages[n], replace(found, glued=()))


def _inside_another(case: _Case, cases: list[_Case]) -> None:
    """JAZZ needs no place of its own where SUMMER JAZZ NIGHTS is asked for too."""
    within = any(
        len(other.folded) > len(case.folded) and _holds(other.folded.letters, case.folded.letters)
        for other in cases
    )
    for page in case.pages if within else ():
        found = Page(page.lines).find(case.folded.letters, slack=0)
        if found and found.distance == 0:
            case.page, case.found, case.contained = page, replace(found, glued=()), True
            return


def _word_by_word(case: _Case) -> None:
    """A phrase whose words stand apart, other words between them: right where they can be read in their order."""
    words = _words(case.folded)
    if len(words) < 2:
        return
    for page in case.pages:
        before = set(page.taken)
        places: list[tuple[Letter, ...]] = []
        for word in words:
            found = page.find(word, slack=0)
            if found is None or found.cost:
                break
            places.append(found.letters)
            page.take(found)
        page.taken = before
        steps = [(a[-1], b[0]) for a, b in pairwise(places)]
        own = {letter for place in places for letter in place}
        if any(a[0] == b[0] and any((a[0], at) not in own for at in range(a[1] + 1, b[1])) for a, b in steps):
            continue  # something stands between two words of one line: that is a mistake, and no second column
        if len(places) == len(words):
            case.order_wrong = not all(page.follows(a, b) for a, b in steps)
            case.scattered = True
            _settle(case, page, Found(tuple(letter for place in places for letter in place), 0))
            return


def _nearest(case: _Case) -> None:
    best: tuple[Page, Found] | None = None
    for page in case.pages:
        found = page.find(case.folded.letters)
        if found and (best is None or found.cost < best[1].cost):
            best = page, found
    if best and 1 - best[1].cost / max(1, len(case.folded)) >= LOST:
        _settle(case, *best)


def _settle(case: _Case, page: Page, found: Found) -> None:
    case.page, case.found = page, found
    page.take(found)


def _reglue(cases: list[_Case]) -> None:
    """Letters that still touch a phrase after every phrase has its place are letters too many."""
    for case in cases:
        if case.found and case.page and not case.contained and not case.scattered and not case.found.glued:
            glued = case.page.glued(case.found.letters)
            case.found = replace(case.found, glued=glued)
            case.page.taken.update(glued)


def _beside(cases: list[_Case], pages: list[Page]) -> tuple[dict[int, tuple[Line, ...]], tuple[Line, ...]]:
    """What is left over: for each phrase what repeats it, and what nobody asked for.

    The first page tells of everything but the places where another reading found a phrase: there its letters are that
    phrase, misread. Another page tells only what repeats a phrase that it found, right beside it.
    """
    extras: dict[int, tuple[Line, ...]] = {}
    unasked: list[Line] = []
    for page in pages:
        here = [c for c in cases if c.found and c.page is page and not c.scattered]
        elsewhere = [
            quad
            for c in cases
            if c.found and c.page and c.page is not page
            for quad in c.page.quads(c.found.letters)
        ]
        for run in page.left_over():
            line = page.as_line(run)
            if page is pages[0]:
                if any(inside(centre(line.quad), quad) for quad in elsewhere):
                    continue
            elif not (
                _touches(page, run)
                and any(run[0][0] == at[0] for c in here if c.found for at in c.found.letters)
            ):
                continue
            repeated = _repeats(page, run, cases)
            if repeated is not None:
                extras[repeated] = (*extras.get(repeated, ()), line)
            elif page is pages[0]:
                unasked.append(line)
    return extras, tuple(unasked)


def _touches(page: Page, run: tuple[Letter, ...]) -> bool:
    (line, first), (_, last) = run[0], run[-1]
    return (line, first - 1) in page.taken or (line, last + 1) in page.taken


def _repeats(page: Page, run: tuple[Letter, ...], cases: list[_Case]) -> int | None:
    """The number of the phrase that a left-over repeats, all of it or some of its words; None for other text."""
    letters = tuple(page.letter(letter) for letter in run)
    touches = _touches(page, run)
    beside = [n for n, c in enumerate(cases) if c.found and any(at[0] == run[0][0] for at in c.found.letters)]
    order = [*beside, *(n for n in range(len(cases)) if n not in beside)]
    for n in order:
        wanted = cases[n].folded.letters
        if len(wanted) > 2 and distance(wanted, letters) <= _REPEATED * len(wanted) and cases[n].settled:
            return n
    spoken = _words(fold(page.drawn(run)))
    for n in order:
        folded = cases[n].folded
        if not cases[n].settled:
            continue
        if not parts_words(folded.letters):
            if touches and _holds(folded.letters, letters):
                return n
        elif touches or len(letters) > 2:
            own = _words(folded)
            if all(any(distance(word, said) == 0 for word in own) for said in spoken):
                return n
    return None


def _result(case: _Case, extra: tuple[Line, ...]) -> PhraseResult:
    if case.found is None or case.page is None:
        return PhraseResult(case.phrase, "fail", 0.0, why="not found in the picture")
    around = sorted(case.found.glued)
    place = case.found.letters
    whole = (*(x for x in around if x < place[0]), *place, *(x for x in around if x > place[-1]))
    drawn_letters = tuple(case.page.letter(letter) for letter in whole)
    edits: tuple[Edit, ...] = () if case.scattered else differences(case.folded.letters, drawn_letters)
    right = not case.found.cost and not case.order_wrong
    share = sum(len(fold(line.text)) for line in extra) / len(case.folded)
    score = min(case.score, max(0.5, 1 - share)) if extra else case.score
    drawn = case.page.drawn(whole)
    return PhraseResult(
        phrase=case.phrase,
        status="pass" if right and not extra else "fail",
        score=score,
        drawn=drawn,
        quads=case.page.quads(whole),
        edits=edits,
        extra=extra,
        why=explain(edits, drawn, extra, case.order_wrong),
        notes=notes_on(case.phrase, case.folded.letters, drawn, drawn_letters) if right and not extra else (),
    )


def _holds(text: Sequence[str], phrase: Sequence[str]) -> bool:
    return bool(phrase) and any(spot.distance == 0 for spot in spots(phrase, text, most=1))


def _words(folded: Folded) -> list[tuple[str, ...]]:
    words: dict[int, list[str]] = {}
    for letter, word in zip(folded.letters, folded.words, strict=True):
        words.setdefault(word, []).append(letter)
    return [tuple(letters) for letters in words.values()]
