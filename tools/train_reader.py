"""Learns how much each piece of evidence weighs: `python3 -m tools.train_reader [--check]`. Standard library only.

It needs the labelled prompts (shared/data/router beside the checkout, or --data DIR) and writes engine/weights.py.
Logistic regression with a penalty on weights far from what the rules' author expects (PRIOR), so that evidence that is
rare, or never alone, keeps its meaning; small sources weigh more for each prompt than large ones.
--check instead trains without each source in turn and tells how that source is then judged.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.judgement import likelihood
from engine.prompt import evidence_in

from .labelled import DATA, load, own

TARGET = Path(__file__).resolve().parent.parent / "engine" / "weights.py"
ROUNDS, STEP = 500, 0.06
PENALTY = {"generate": 0.001, "edit": 0.003}  # the best of four by prompts of sources that were left out
# What each piece of evidence is thought to weigh before any prompt is seen; 0 where nothing stands here.
PRIOR = {
    "generate": {
        "": -3.5, "a formula": 4, "a price": 2.5, "a letter or number": 3.5, "a named surface": 4, "announced": 4.5, "announced in capitals": 4,
        "capitals before a verb": 4, "capitals before writing": 4.5, "capitals in a sentence": 3, "capitals on a surface": 4, "description": -1,
        "json fields": 4, "lettering named": 4, "lettering named early": 4.5, "lettering named often": 1.5,
        "perhaps announced": 4, "quote asked": 5, "quote capitals": 4.5, "quote carried": 5, "quote field": 2,
        "quote heard": -2, "quote many words": 2, "quote near a surface": 4.5, "quote one capital word": 2.5,
        "quote plain": 1, "quote shape": -1, "quote spoken": -1, "quote written": 5.5, "refused": -4,
        "sheet first": 4.5, "sheet in the scene": 1, "sheet later": 1.5, "writing on a surface": 4.5,
    },
    "edit": {
        "": -3.5, "a letter": 2.5, "a figure for a figure": 5, "a name for a name": 5, "a price or time": 4, "a sheet beside": -1, "a sheet gets a figure": 2,
        "a sheet gets a name": 3, "a sheet in a language": 4, "a sheet object": 2, "a sheet within": 1.5,
        "adds a sheet": -1, "capitals": 1, "changes a sheet": 1, "changes words": 1, "figures": 2,
        "quote bare": 5, "quote heard": -1, "quote object": 6, "quote of words": 4, "quote target": 5,
        "quote written": 5, "refused": -3, "takes a sheet": -1.5, "words beside": 3, "words description": 1,
        "words named": 5.5, "words object": 6, "words target": 4, "words within": 4, "whole: words asked for": 6,
        "whole: refused": -4, "mends a sheet": 2.5,
    },
}  # fmt: skip
MASS = 30  # answers: what a bin of the curve of confidence holds at least
MARKS = re.compile("[\"“”„‟«»‹›「」『』〝〟＂❝❞《》〈〉【】`´]|(?<!\\w)['‘’]|['‘’](?!\\w)")
REFUSAL, STYLE = ", no text, no watermark, no logo", '. In the style of "Nighthawks".'


@dataclass(frozen=True)
class Row:
    """One labelled prompt as its evidence; a variant is one that was changed in a way that must change nothing."""

    amounts: dict[str, float]
    label: int
    source: str
    weight: float
    variant: bool


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="tools.train_reader", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--check", action="store_true", help="leave one source out at a time; write nothing")
    options = parser.parse_args(argv)
    rows = evidence(options.data)
    if options.check:
        for task in rows:
            for source, judged in left_out(task, rows[task]).items():
                print(f"{task:9}{source:24}{_balanced(judged):7.3f}  {len(judged)}", flush=True)
        return 0
    weights = {task: train(task, rows[task]) for task in rows}
    curves = {(task, yes): curve(_judged(task, rows[task]), yes) for task in rows for yes in (True, False)}
    TARGET.write_text(_module(weights, curves), encoding="utf-8")
    for task, found in weights.items():
        print(task, f"{len(rows[task])} prompts, {len(found)} weights")
    return 0


def evidence(data: Path) -> dict[str, list[Row]]:
    """By task, every labelled prompt and its variants as evidence."""
    rows: dict[str, list[Row]] = {"generate": [], "edit": []}
    labelled = [row for row in (*load(data), *own()) if row["y"] >= 0]
    sizes: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in labelled:
        sizes[row["source_set"], row["has_image"], row["y"]] += 1
    for row in labelled:
        weight = 1 / math.sqrt(sizes[row["source_set"], row["has_image"], row["y"]])
        for prompt, share in _variants(row):
            generate, edit = evidence_in(prompt)
            task, found = ("edit", edit) if row["has_image"] == "1" else ("generate", generate)
            rows[task].append(Row(found.amounts, row["y"], row["source_set"], weight * share, share < 1))
    return rows


def train(task: str, rows: list[Row]) -> dict[str, float]:
    """Evidence → weight, the constant under ""; gradient descent with a step of its own for each weight."""
    merged = _merged(rows)
    prior, penalty = PRIOR[task], PENALTY[task]
    names = {name for amounts, *_ in merged for name in amounts}.union(prior)
    weights = {name: float(prior.get(name, 0)) for name in sorted(names)}
    total = sum(weight for *_, weight in merged)
    size = dict.fromkeys(weights, 1e-6)
    for _ in range(ROUNDS):
        slope = {name: penalty * (value - prior.get(name, 0)) for name, value in weights.items()}
        for amounts, label, weight in merged:
            error = weight / total * (likelihood(weights, amounts) - label)
            slope[""] += error
            for name, amount in amounts.items():
                slope[name] += error * amount
        for name, value in slope.items():
            size[name] = 0.95 * size[name] + 0.05 * value * value
            weights[name] -= STEP * value / math.sqrt(size[name])
    return {name: round(value, 3) for name, value in weights.items()}


def left_out(task: str, rows: list[Row]) -> dict[str, list[tuple[int, float]]]:
    """Source → (label, likelihood) of its prompts, by weights that were learnt without it.

    The translations of a source are left out together with it.
    """
    found = {}
    for source in dict.fromkeys(row.source for row in rows):
        family = source.removesuffix("_i18n")
        weights = train(task, [row for row in rows if row.source.removesuffix("_i18n") != family])
        found[source] = _answers([row for row in rows if row.source == source], weights)
    return found


def curve(judged: list[tuple[int, float]], yes: bool) -> tuple[tuple[float, float], ...]:
    """(likelihood, how often it was right) for the answers yes, or no: isotonic, over bins of at least MASS answers."""
    of = sorted((p if yes else 1 - p, bool(label) == yes) for label, p in judged if (p >= 0.5) == yes)
    pools: list[tuple[float, float, int]] = []  # sum of the likelihoods, answers that were right, answers
    for start in range(0, max(1, len(of) - MASS + 1), MASS):
        here = of[start : start + MASS] if start + 2 * MASS <= len(of) else of[start:]
        pools.append((sum(p for p, _ in here), sum(right for _, right in here), len(here)))
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            (x, a, n), (y, b, m) = pools[-2:]
            pools[-2:] = [(x + y, a + b, n + m)]
    # two answers that were half right are added: no pool is sure by a handful
    points = [(x / n, (right + 1) / (n + 2)) for x, right, n in pools]
    return ((0.5, 0.5), *((round(x, 4), round(max(0.5, share), 4)) for x, share in points))


def _judged(task: str, rows: list[Row]) -> list[tuple[int, float]]:
    """(label, likelihood) of every prompt of others by weights that its source had no part in; the rules fit our own
    prompts better than any that are new."""
    found = left_out(task, rows)
    return [answer for source, answers in found.items() if source != "own" for answer in answers]


def _answers(rows: list[Row], weights: dict[str, float]) -> list[tuple[int, float]]:
    return [(row.label, likelihood(weights, row.amounts)) for row in rows if not row.variant]


def _variants(row: dict[str, Any]) -> list[tuple[str, float]]:
    """The prompt, and what must not change the answer: words asked for stay so without quotation marks, and neither a
    refusal nor the title of a style asks for any."""
    prompt = row["prompt"]
    if row["has_image"] == "1":
        return [(prompt, 1.0)]
    if row["y"]:
        return [(prompt, 1.0), (MARKS.sub("", prompt), 0.5)]
    return [(prompt, 1.0), (prompt + REFUSAL, 0.25), (prompt + STYLE, 0.25)]


def _merged(rows: list[Row]) -> list[tuple[dict[str, float], int, float]]:
    """Rows of the same evidence and label as one, of their weight together."""
    sums: dict[tuple[tuple[tuple[str, float], ...], int], float] = defaultdict(float)
    for row in rows:
        key = tuple(sorted((name, round(amount, 1)) for name, amount in row.amounts.items()))
        sums[key, row.label] += row.weight
    return [(dict(amounts), label, weight) for (amounts, label), weight in sums.items()]


def _balanced(judged: list[tuple[int, float]]) -> float:
    rates = []
    for label in (0, 1):
        of = [(p >= 0.5) == bool(label) for truth, p in judged if truth == label]
        if of:
            rates.append(sum(of) / len(of))
    return sum(rates) / len(rates)


def _module(weights: dict[str, dict[str, float]], curves: dict[tuple[str, bool], Any]) -> str:
    lines = [
        '"""What each piece of evidence weighs, and how far the answers can be trusted. Data only.',
        "",
        "Written by `python3 -m tools.train_reader`; the evidence has its meaning from `engine/lettering.py` and",
        '`engine/edits.py`. The constant stands under "".',
        '"""',
        "",
        "WEIGHTS: dict[str, dict[str, float]] = {",
    ]
    for task, found in weights.items():
        lines += [
            f'    "{task}": {{',
            *(f'        "{name}": {value},' for name, value in sorted(found.items())),
            "    },",
        ]
    lines += ["}", "", "# (task, answer) → points (likelihood, how often such an answer was right)"]
    lines += ["CURVES: dict[tuple[str, bool], tuple[tuple[float, float], ...]] = {"]
    lines += [f'    ("{task}", {yes}): {points},' for (task, yes), points in curves.items()]
    return "\n".join([*lines, "}  # fmt: skip", ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
