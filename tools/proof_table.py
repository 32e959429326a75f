"""How often Text Check is wrong: `python3 -m tools.proof_table [--write] [--languages en,es] [--looks clean] [--posters N]`.

It draws posters (tools/posters.py) that are right or have one fault, has them checked, and counts the faults that passed
(misses) and the right posters that failed (false alarms), beside a bag of words and a page-wide edit distance on the same
readings. --write puts the tables into docs/text_check.md; --json prints the counts. It needs rapidocr, and tesseract with
its packs for ru, ko, ar and hi; what is missing is said and left out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from engine.fonts import font_folders
from engine.proof.check import available, check, open_reader
from engine.proof.fold import fold, plain
from engine.proof.match import distance
from engine.proof.tesseract import Tesseract, find_tesseract
from engine.proof.verdict import Line, Quad

from .poster_words import COPY, LANGUAGES
from .posters import FAULTS, LOOKS, UPRIGHT, Poster, drawable, poster

PAGE = Path(__file__).resolve().parent.parent / "docs" / "text_check.md"
BETWEEN = re.compile(r"(?<=<!-- tables -->\n).*?(?=<!-- /tables -->)", re.S)
NAMES = {"en": "English", "es": "Spanish", "zh": "Chinese", "ja": "Japanese", "ru": "Russian", "ko": "Korean",
         "ar": "Arabic", "hi": "Hindi"}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """One poster and what came of it. bag, page: the rivals' scores, 0..1; status: of the check."""

    language: str
    look: str
    fault: str
    status: str
    bag: float
    page: float
    why: str = ""


class Noted(Tesseract):
    """A tesseract that keeps the lines it read last, for the rivals."""

    last: tuple[Line, ...] = ()

    def read(self, pixels: np.ndarray, quads: Sequence[Quad], language: str) -> tuple[Line, ...]:
        lines = super().read(pixels, quads, language)
        object.__setattr__(self, "last", lines)
        return lines


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="tools.proof_table", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--looks", default=",".join(LOOKS))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--posters", type=int, default=20, help="of each language, look and fault")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first poster")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--from", dest="files", nargs="*", type=Path, help="tables from what --json printed earlier"
    )
    options = parser.parse_args(argv)
    if options.files:
        trials = [Trial(**row) for file in options.files for row in json.loads(file.read_text("utf-8"))]
    elif trouble := available():
        print(trouble, file=sys.stderr)
        return 2
    else:
        languages, looks, faults = (
            getattr(options, name).split(",") for name in ("languages", "looks", "faults")
        )
        seeds = range(options.first, options.first + options.posters)
        trials = list(_trials(languages, looks, faults, seeds))
    if options.json:
        print(json.dumps([asdict(trial) for trial in trials], ensure_ascii=False))
    elif options.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BETWEEN.sub(lambda _: tables(trials), page), encoding="utf-8")
    else:
        print(tables(trials))
    return 0


def tables(trials: list[Trial]) -> str:
    """The two tables, in Markdown."""
    upright = [trial for trial in trials if trial.look in UPRIGHT]
    parts = [f"Measured on {date.today()}, {len(trials):,} posters.\n"]
    if upright:
        parts += ["### Upright posters (clean, dark, noisy)\n", _by_language(upright)]
    parts += ["### Every look (missed, false alarms)\n", _by_look(trials)]
    return "\n".join(parts)


def _trials(languages: Iterable[str], looks: list[str], faults: list[str], seeds: range) -> Iterator[Trial]:
    folders = tuple(folder for folder in font_folders() if folder.is_dir())
    for language in languages:
        if trouble := drawable(language, folders):
            print(f"{NAMES[language]} is left out: {trouble}.", file=sys.stderr)
            continue
        for look in looks:
            for fault in faults:
                for seed in seeds:
                    yield _trial(poster(language, look, fault, seed, folders))
            print(f"{language} {look}", file=sys.stderr)


def _trial(made: Poster) -> Trial:
    program = find_tesseract()
    noted = Noted(program.program, program.packs) if program else None
    verdict = check(made.pixels, made.asked, open_reader(), other=noted)
    lines = noted.last if noted and noted.last else verdict.lines
    why = "" if (verdict.status == "pass") == (made.fault == "right") else f"{verdict.report} << {made.drawn}"
    return Trial(
        made.language,
        made.look,
        made.fault,
        verdict.status,
        _bag(made.asked, lines),
        _page(made.asked, lines),
        why,
    )


def _bag(asked: tuple[str, ...], lines: tuple[Line, ...]) -> float:
    """The share of the words asked for that are somewhere on the page (characters, where no spaces part words)."""
    wanted, there = _words(asked), _words(line.text for line in lines)
    return sum((wanted & there).values()) / max(1, sum(wanted.values()))


def _words(texts: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        for word in text.split():
            letters = [plain(letter) for letter in fold(word).letters]
            found.update(
                letters
                if any("\u3040" <= c <= "\u9fff" for c in letters)
                else ["".join(letters)] * bool(letters)
            )
    return found


def _page(asked: tuple[str, ...], lines: tuple[Line, ...]) -> float:
    """One less the edit distance between all that was asked for and all that was read, by the longer of the two."""
    one, other = fold(" ".join(asked)).letters, fold(" ".join(line.text for line in lines)).letters
    return 1 - distance(one, other) / max(1, len(one), len(other))


def _by_language(trials: list[Trial]) -> str:
    head = "| language | posters | letter wrong: found | every fault: missed | false alarms | bag of words: missed, false alarms | page-wide distance: missed, false alarms |"
    rows = [head, "|---|--:|--:|--:|--:|--:|--:|"]
    for language in _languages(trials):
        own = [trial for trial in trials if trial.language == language]
        letters = [trial for trial in own if trial.fault == "letter"]
        found = f"{_share(sum(t.status == 'fail' for t in letters), len(letters))} of {len(letters)}"
        cells = [NAMES[language], f"{len(own)}", found if letters else ""]
        if any(trial.status == "unknown" for trial in own):
            rows.append(
                " | ".join(["| " + NAMES[language], f"{len(own)}", "cannot be read here", "", "", "", "|"])
            )
            continue
        cells += list(_errors(own, [t.status == "pass" for t in own]))
        for rival in ("bag", "page"):
            scores = [getattr(trial, rival) for trial in own]
            cells.append(", ".join(_errors(own, [score >= _best(own, scores) for score in scores])))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _by_look(trials: list[Trial]) -> str:
    """Missed / false alarms of each language and look."""
    looks = [look for look in LOOKS if any(trial.look == look for trial in trials)]
    rows = ["| language | " + " | ".join(looks) + " |", "|---|" + "--:|" * len(looks)]
    for language in _languages(trials):
        cells = []
        for look in looks:
            own = [trial for trial in trials if (trial.language, trial.look) == (language, look)]
            unknown = any(trial.status == "unknown" for trial in own)
            errors = ", ".join(_errors(own, [t.status == "pass" for t in own])) if own else ""
            cells.append("unknown" if unknown else errors)
        rows.append(f"| {NAMES[language]} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _languages(trials: list[Trial]) -> list[str]:
    there = {trial.language for trial in trials}
    return [language for language in LANGUAGES if language in there]


def _errors(trials: list[Trial], passed: list[bool]) -> tuple[str, str]:
    faulty = [ok for trial, ok in zip(trials, passed, strict=True) if trial.fault != "right"]
    right = [ok for trial, ok in zip(trials, passed, strict=True) if trial.fault == "right"]
    return _share(sum(faulty), len(faulty)), _share(sum(not ok for ok in right), len(right))


def _best(trials: list[Trial], scores: list[float]) -> float:
    """The threshold that serves a rival best on these very posters: the most of misses and false alarms spared."""

    def spared(threshold: float) -> float:
        right = [s >= threshold for t, s in zip(trials, scores, strict=True) if t.fault == "right"]
        faulty = [s < threshold for t, s in zip(trials, scores, strict=True) if t.fault != "right"]
        return sum(right) / max(1, len(right)) + sum(faulty) / max(1, len(faulty))

    return max(sorted({*scores, 1.0}, reverse=True), key=spared)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


assert set(NAMES) == set(COPY)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
