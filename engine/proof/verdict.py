"""What came of a check: a verdict on the picture, and one on each phrase that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .match import Edit

Status = Literal["pass", "fail", "unknown"]
Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """One line that was read. `quad`: its corners in pixels of the picture, from the upper left of the *text* clockwise;
    `confidence`: the reader's own, 0..1, which does not tell right from wrong.
    """

    text: str
    quad: Quad
    confidence: float = 1.0


@dataclass(frozen=True)
class PhraseResult:
    """How one phrase came out.

    score: 1 is letter for letter, 0 not found; None where it cannot be read here. drawn: what stands in its place, ""
    where nothing does. quads: where that is, in pixels. extra: words of it that are drawn once too often. why: a
    sentence for a person. notes: what is different and no mistake (capitals, punctuation).
    """

    phrase: str
    status: Status
    score: float | None
    drawn: str = ""
    quads: tuple[Quad, ...] = ()
    edits: tuple[Edit, ...] = ()
    extra: tuple[Line, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        return self.status == "fail" and not self.drawn

    @property
    def doubled(self) -> bool:
        return bool(self.extra)


@dataclass(frozen=True)
class Verdict:
    """The words of one picture. `phrases` in the order asked for; `unasked`: lines that nobody asked for; `lines`: all
    that was read upright.
    """

    phrases: tuple[PhraseResult, ...]
    unasked: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def status(self) -> Status:
        """fail where a phrase failed, else unknown where one cannot be read, else pass (also where none was asked for)."""
        statuses = {phrase.status for phrase in self.phrases}
        return "fail" if "fail" in statuses else "unknown" if "unknown" in statuses else "pass"

    @property
    def passed(self) -> bool:
        """Unknown is not passed."""
        return self.status == "pass"

    @property
    def score(self) -> float:
        """The mean of the phrases that can be read, 0..1; 1 where none was asked for, 0 where none can be read."""
        scores = [phrase.score for phrase in self.phrases if phrase.score is not None]
        if not scores:
            return 0.0 if self.phrases else 1.0
        return sum(scores) / len(scores)

    @property
    def report(self) -> str:
        """All of it in a few lines, for a person."""
        right = sum(phrase.status == "pass" for phrase in self.phrases)
        unread = sum(phrase.status == "unknown" for phrase in self.phrases)
        head = f"{self.status.upper()}: {right} of {len(self.phrases)} phrases are spelled right"
        head += f", {unread} cannot be read here" if unread else ""
        lines = [head + "."] if self.phrases else ["PASS: no words were asked for."]
        lines += [f"{_MARKS[p.status]} “{p.phrase}”: {'. '.join((p.why, *p.notes))}." for p in self.phrases]
        if self.unasked:
            others = ", ".join(f"“{line.text}”" for line in self.unasked)
            unsure = " (perhaps the words that cannot be read)" if unread else ""
            lines.append(f"• Not asked for{unsure}: {others}.")
        return "\n".join(lines)


_MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}
