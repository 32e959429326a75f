"""Seconds a step, seconds for a second picture, and memory: our engine, diffusers' own pipeline, core ComfyUI.

Run through `python3 dev.py bench`. Each contender is a process of its own and keeps its model; they take turns, picture by
picture, so that whatever else the computer does meets all of them alike. Quote the ratios: they are taken turn by turn.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NAMES = ("ours", "diffusers", "core")
Picture = dict[str, Any]
NUMBERS: dict[str, Callable[[Picture], float]] = {
    "s a step": lambda one: statistics.median(one["wall of steps"]),
    "s a step, computing": lambda one: statistics.median(one["computing of steps"]),
    "s for decoding, computing": lambda one: one["computing after the last"],
    "s for the second picture": lambda one: one["wall"],
    "s for the second picture, computing": lambda one: one["computing"],
}

LAST = "s for the second picture, computing"


def main(argv: Sequence[str]) -> int:
    options = _parser().parse_args(argv)
    comfyui = str(Path(os.environ["COMFYUI_PATH"]).resolve())
    for name in NAMES:
        CHILD[name] = [sys.executable, str(HERE / "contenders.py"), name]
    card = _card()
    size = options.size or (1024 if card else 128)
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)  # of the contenders, who inherit it
    print(_about(card, size, options.repeats, options.threads), flush=True)
    for case in options.cases.split(","):
        with tempfile.TemporaryDirectory(prefix="switchyard-bench-") as folder:
            _write(case, Path(folder), comfyui, cut=not options.full)
            rounds = _rounds(case, folder, comfyui, size, options.repeats)
        print(_table(case, rounds), flush=True)
    return 0


CHILD: dict[str, list[str]] = {}


class Contender:
    """A process that draws a picture for each line that it is sent."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path):
        self.name, self.log = name, log
        with log.open("w") as said:
            self.process = subprocess.Popen(
                [*CHILD[name], *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )

    def picture(self, **asked: Any) -> Picture:
        assert self.process.stdin and self.process.stdout
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended: {self.log.read_text('utf-8', 'replace')[-2000:]}")
        found: Picture = json.loads(line)
        return found

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def _rounds(case: str, folder: str, comfyui: str, size: int, repeats: int) -> list[dict[str, Picture]]:
    """The first picture of each is not counted: with it weights are read, and ours reads the prompt."""
    with ExitStack() as stack:
        contenders = []
        for name in NAMES:
            made = Contender(name, [case, folder, comfyui, str(size)], Path(folder, f"{name}.log"))
            stack.callback(made.close)
            contenders.append(made)
        length, rounds = 0, []
        for turn in range(repeats + 1):
            found: dict[str, Picture] = {}
            first = turn % len(contenders)
            for one in contenders[first:] + contenders[:first]:
                found[one.name] = one.picture(seed=turn, prompt=_prompt(), length=length)
                length = found[one.name]["length"]
            rounds.append(found)
            said = ", ".join(f"{name} {NUMBERS[LAST](found[name]):.2f}" for name in NAMES)
            print(f"{case}, turn {turn} of {repeats}, {LAST}: {said}", file=sys.stderr, flush=True)
    return rounds[1:]


def _prompt() -> str:
    return "a red fox in the snow beside a sign that reads OPEN, 35 mm, soft morning light"


def _write(case: str, folder: Path, comfyui: str, cut: bool) -> None:
    """In a process of its own: its memory is given back."""
    code = (
        f"import sys; sys.path.insert(0, {str(HERE)!r}); import contenders; contenders.start({comfyui!r})\n"
        "import torch; from pathlib import Path; from switchyard.bench.models import CASES, write\n"
        "store = 'bf16' if torch.cuda.is_available() else 'f32'\n"
        f"write(Path({str(folder)!r}), CASES[{case!r}], {cut}, store)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def _table(case: str, rounds: list[dict[str, Picture]]) -> str:
    lines = [
        f"\n{case}",
        "| | " + " | ".join(NAMES) + " | ours / diffusers | ours / core |",
        "|---|" + "---|" * 5,
    ]
    for label, number in NUMBERS.items():
        cells = [_spread([number(turn[name]) for turn in rounds]) for name in NAMES]
        cells += [_ratio(rounds, number, "diffusers"), _ratio(rounds, number, "core")]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    for label, key in (("peak GB resident", "resident"), ("peak GB on the card", "card")):
        peaks = {name: max(turn[name][key] for turn in rounds) for name in NAMES}
        if any(peaks.values()):
            cells = [f"{peaks[name]:.2f}" for name in NAMES]
            cells += [f"{peaks['ours'] / peaks[name]:.2f}" for name in NAMES[1:]]
            lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _ratio(rounds: list[dict[str, Picture]], number: Callable[[Picture], float], other: str) -> str:
    return _spread([number(turn["ours"]) / number(turn[other]) for turn in rounds])


def _spread(numbers: Sequence[float]) -> str:
    """median (least to most)"""
    return f"**{statistics.median(numbers):.2f}** ({min(numbers):.2f} to {max(numbers):.2f})"


def _card() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else ""


def _about(card: str, size: int, repeats: int, threads: int | None) -> str:
    versions = " · ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("torch", "diffusers", "transformers")
    )
    where = card or f"{os.cpu_count()} CPU cores ({platform.machine()})"
    where += f" · threads of each: {threads}" if threads else ""
    return f"{where} · Python {platform.python_version()} · {versions} · {size}x{size} · median of {repeats}, least to most"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--cases", default="qwen,flux1,klein", help="of qwen, flux1, klein; with commas (default: all)"
    )
    parser.add_argument(
        "--repeats", type=int, default=3, help="pictures of each that are counted (default 3)"
    )
    parser.add_argument("--size", type=int, help="px, of a side (default 128, with a card 1024)")
    parser.add_argument(
        "--threads",
        type=int,
        help="of each contender (default: as many as cores); with one, CPU seconds are steadier on a computer that "
        "does other things too, where several threads wait for each other at full speed",
    )
    parser.add_argument(
        "--full", action="store_true", help="all blocks: three copies of the model have to fit"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
