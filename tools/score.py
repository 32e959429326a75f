"""Scores the reading of prompts on the labelled ones: `python3 -m tools.score [--write] [--left-out]`.

It needs the benchmark (shared/data/router beside the checkout, or --data DIR), of which no prompt is copied. --write
puts the tables into docs/router.md; --left-out adds how each source is judged by weights learnt without it (minutes).
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.models import all_models
from engine.prompt import Signals, read
from engine.request import Available, LatentShape, Request, Route
from engine.route import decide
from engine.sizes import Size

from . import train_reader
from .labelled import DATA, benchmark, load

PAGE = Path(__file__).resolve().parent.parent / "docs" / "router.md"
BETWEEN = re.compile(r"(?<=<!-- scores -->\n).*?(?=<!-- /scores -->)", re.S)
BINS = (0.5, 0.7, 0.9, 0.95, 0.99, 1.01)
KEYWORDS = re.compile(
    r"\b(?:text|sign|poster|logo|label|title|words?|letters?|typography|menu|banner|caption|headline|says|reads|written)\b",
    re.I,
)
REFERENCE, EVERYTHING = Size(1024, 1024), Available(frozenset(m for m in all_models()), key=True)

Row = dict[str, Any]
Answers = dict[str, tuple[bool, float]]  # id → (text branch, confidence)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="tools.score", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--left-out", action="store_true")
    options = parser.parse_args(argv)
    text = report(options.data, left_out=options.left_out)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BETWEEN.sub(lambda _: text, page), encoding="utf-8")
    else:
        print(text)
    return 0


def report(data: Path, *, left_out: bool) -> str:
    """All tables, in Markdown."""
    rows = [row for row in load(data) if row["y"] >= 0]
    found = answers(rows)
    parts = [
        f"Measured on {date.today().isoformat()}, {len(rows):,} prompts, audited labels.\n",
        _sources(data, rows, found),
        _languages(rows, found),
        _beside_simple_rules(rows, found),
        _reliability(rows, found),
        _changed(rows),
        _families(data),
        _speed(rows),
    ]
    if left_out:
        parts.append(_left_out(data))
    return "\n".join(parts)


def answers(rows: Iterable[Row]) -> Answers:
    return {row["id"]: text_branch(row["prompt"], row["has_image"] == "1") for row in rows}


def text_branch(prompt: str, has_image: bool) -> tuple[bool, float]:
    """Whether a prompt belongs to the text branch, and how sure that is."""
    signals = read(prompt)
    if has_image:
        return signals.edits_text and not signals.layers, signals.edit_confidence
    return signals.asks_for_text, signals.confidence


def _sources(data: Path, rows: list[Row], found: Answers) -> str:
    lines = [
        "| source | prompts | text | balanced accuracy | precision | recall | specificity |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, of in (("text to image", "t2i"), ("edits", "edit"), ("hard", "hard")):
        part = [row for row in rows if row["file"] == of]
        table = benchmark(data).table(part, {row["id"]: int(found[row["id"]][0]) for row in part})
        for source, scores in table.items():
            if of == "hard" and source in ("POOLED", "MACRO"):
                continue
            label = (
                f"**{name}, {'all together' if source == 'POOLED' else 'mean of sources'}**"
                if source.isupper()
                else source
            )
            lines.append(_score_line(label, scores))
    return "\n".join([*lines, ""])


def _languages(rows: list[Row], found: Answers) -> str:
    by: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for row in rows:
        by[row["language"]].append((row["y"], found[row["id"]][0]))
        if row["language"] not in ("en", "zh"):
            by["all but English and Chinese"].append((row["y"], found[row["id"]][0]))
    lines = [
        "| language | prompts | text | balanced accuracy | precision | recall | specificity |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [_score_line(name, _scores(pairs)) for name, pairs in sorted(by.items()) if len(pairs) > 5]
    return "\n".join([*lines, ""])


def _beside_simple_rules(rows: list[Row], found: Answers) -> str:
    lines = [
        "| | text → text | text → other | other → text | other → other | balanced accuracy |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    others: tuple[tuple[str, Callable[[Row], bool]], ...] = (
        ("Switchyard", lambda row: found[row["id"]][0]),
        ("always Qwen", lambda row: True),
        (
            "quotation marks or a keyword",
            lambda row: bool(train_reader.MARKS.search(row["prompt"]) or KEYWORDS.search(row["prompt"])),
        ),
    )
    for name, answer in others:
        scores = _scores([(row["y"], answer(row)) for row in rows])
        cells = " | ".join(f"{scores[key]:,.0f}" for key in ("tp", "fn", "fp", "tn"))
        lines.append(f"| {name} | {cells} | {scores['bal']:.3f} |")
    return "\n".join([*lines, ""])


def _reliability(rows: list[Row], found: Answers) -> str:
    lines = ["| confidence | answers | said, mean | right |", "|---|--:|--:|--:|"]
    for low, high in pairwise(BINS):
        of = [
            (sure, yes == bool(row["y"]))
            for row in rows
            for yes, sure in (found[row["id"]],)
            if low <= sure < high
        ]
        if of:
            said, right = sum(s for s, _ in of) / len(of), sum(r for _, r in of) / len(of)
            lines.append(f"| {low:.2f} to {min(high, 1):.2f} | {len(of):,} | {said:.3f} | {right:.3f} |")
    return "\n".join([*lines, ""])


def _changed(rows: list[Row]) -> str:
    """What must not change the answer."""
    t2i = [row for row in rows if row["file"] == "t2i"]
    text, plain = [r["prompt"] for r in t2i if r["y"]], [r["prompt"] for r in t2i if not r["y"]]

    def share(prompts: list[str], change: Callable[[str], str], wanted: bool) -> str:
        return f"{sum(read(change(p)).asks_for_text == wanted for p in prompts) / len(prompts):.3f}"

    changes: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("as they are", lambda p: p),
        ("all quotation marks removed", lambda p: train_reader.MARKS.sub("", p)),
        (f"`{train_reader.REFUSAL}` added", lambda p: p + train_reader.REFUSAL),
        (f"`{train_reader.STYLE}` added", lambda p: p + train_reader.STYLE),
        ("small letters, letters swapped in a quarter of the longer words", misspelt),
    )
    lines = ["| change | recall, text prompts | specificity, the others |", "|---|--:|--:|"]
    for n, (name, change) in enumerate(changes):
        recall = "" if n in (2, 3) else share(text, change, True)
        lines.append(f"| {name} | {recall} | {share(plain, change, False)} |")
    return "\n".join([*lines, ""])


def misspelt(prompt: str) -> str:
    chance = random.Random(1)

    def swap(word: re.Match[str]) -> str:
        letters = word.group()
        if len(letters) < 5 or chance.random() >= 0.25:
            return letters
        i = chance.randrange(1, len(letters) - 2)
        return letters[:i] + letters[i + 1] + letters[i] + letters[i + 2 :]

    return re.sub("[a-z]+", swap, prompt.lower())


def _families(data: Path) -> str:
    """hard.tsv: the family that the route takes, against the one that its author named, or also accepted."""
    rows = benchmark(data).rd(str(data / "dev" / "hard.tsv"))
    named = accepted = 0
    for row in rows:
        family = family_of(row)
        named += family == row["family"]
        accepted += family in (row["family"], *row["also_ok"].split())
    return f"Hard set, family of the route: {named / len(rows):.3f} as named, {accepted / len(rows):.3f} accepted ({len(rows)} prompts).\n"


def family_of(row: Row) -> str:
    """In the benchmark's words: qwen flux_pro flux_local cheap qwen_edit kontext layered draft default."""
    inputs = row["inputs"]
    request = Request(
        prompt=row["prompt"],
        references=(REFERENCE,) if "image" in inputs else (),
        mask_size=REFERENCE if "mask" in inputs else None,
        latent=LatentShape((1, 16, 128, 128)) if "latent" in inputs else None,
        family="flux" if inputs == "latent_flux" else "auto",
    )
    route = decide(request, EVERYTHING)
    return _family(route, route.signals)


def _family(route: Route, signals: Signals) -> str:
    if signals.empty:
        return "default"
    if route.task == "layers":
        return "layered"
    if route.tier == "draft":
        return "draft"
    if route.task == "edit":
        return "qwen_edit" if route.family == "qwen" else "kontext"
    if route.request.latent is not None and route.family == "flux":
        return "flux_local"
    if route.job == "text":
        return "qwen"
    return "cheap" if route.job == "plain" else "flux_pro"


def _speed(rows: list[Row]) -> str:
    times = sorted(_least_time(row["prompt"]) for row in rows if len(row["prompt"]) <= 5000)
    return f"Reading takes {times[len(times) // 2]:.2f} ms (median), {times[int(0.99 * len(times))]:.2f} ms (99th percentile) of one core.\n"


def _least_time(prompt: str) -> float:
    """Milliseconds of the processor, the least of three: the others tell of what else the machine does."""
    read(prompt)  # the first time fills caches
    times = []
    for _ in range(3):
        start = time.process_time()
        read(prompt)
        times.append(1000 * (time.process_time() - start))
    return min(times)


def _left_out(data: Path) -> str:
    lines = ["| left out while learning | prompts | balanced accuracy |", "|---|--:|--:|"]
    for task, rows in train_reader.evidence(data).items():
        for source, judged in train_reader.left_out(task, rows).items():
            scores = _scores([(label, chance >= 0.5) for label, chance in judged])
            lines.append(
                f"| {source} ({'edits' if task == 'edit' else 'text to image'}) | {len(judged):,} | {scores['bal']:.3f} |"
            )
    return "\n".join([*lines, ""])


def _scores(pairs: list[tuple[int, bool]]) -> dict[str, float]:
    counts = {
        name: float(sum(bool(y) == label and yes == answer for y, yes in pairs))
        for name, label, answer in (
            ("tp", True, True),
            ("fn", True, False),
            ("fp", False, True),
            ("tn", False, False),
        )
    }
    share = lambda part, whole: part / whole if whole else float("nan")  # noqa: E731
    recall = share(counts["tp"], counts["tp"] + counts["fn"])
    specificity = share(counts["tn"], counts["fp"] + counts["tn"])
    rates = [rate for rate in (recall, specificity) if rate == rate]
    precision = share(counts["tp"], counts["tp"] + counts["fp"])
    return {**counts, "n": len(pairs), "pos": counts["tp"] + counts["fn"], "bal": sum(rates) / len(rates), "prec": precision, "rec": recall, "spec": specificity}  # fmt: skip


def _score_line(name: str, scores: dict[str, float]) -> str:
    cells = (
        f"{scores[key]:.3f}" if scores[key] == scores[key] else "" for key in ("bal", "prec", "rec", "spec")
    )
    return f"| {name} | {scores['n']:,.0f} | {scores['pos']:,.0f} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
