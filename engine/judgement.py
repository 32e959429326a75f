"""How likely it is, by the evidence, that words are to be rendered or edited: one weight for each piece of evidence.

What is weighed are rules; the weights are learnt by `tools/train_reader.py` and stand in `engine/weights.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from .weights import CURVES, WEIGHTS

_STEEPEST = 30.0  # beyond that the likelihood is 0 or 1 in any case


@dataclass(frozen=True)
class Judgement:
    """yes: the words are asked for (or the edit is one of words). confidence: how often such a yes, or no, is right,
    0.5..1, as measured on prompts whose source had no part in the learning."""

    yes: bool
    confidence: float


def judge(task: str, amounts: Mapping[str, float]) -> Judgement:
    """For a task, "generate" or "edit"; evidence without a weight counts nothing."""
    chance = likelihood(WEIGHTS[task], amounts)
    yes = chance >= 0.5
    return Judgement(yes, round(_along(CURVES[task, yes], chance if yes else 1 - chance), 3))


def likelihood(weights: Mapping[str, float], amounts: Mapping[str, float]) -> float:
    score = weights[""] + sum(weights.get(name, 0.0) * amount for name, amount in amounts.items())
    return 1 / (1 + math.exp(-max(-_STEEPEST, min(_STEEPEST, score))))


def decisive(task: str, amounts: Mapping[str, float]) -> str:
    """The evidence that spoke most for words; "" where none did."""
    weights = WEIGHTS[task]
    name = max(amounts, key=lambda name: (weights.get(name, 0.0) * amounts[name], name), default="")
    return name if weights.get(name, 0.0) > 0 else ""


def _along(curve: tuple[tuple[float, float], ...], x: float) -> float:
    """The value at x of a line through points that are in order; flat before the first and after the last."""
    before = curve[0]
    for point in curve:
        if x <= point[0]:
            share = (x - before[0]) / (point[0] - before[0]) if point[0] > before[0] else 1.0
            return before[1] + share * (point[1] - before[1])
        before = point
    return before[1]
