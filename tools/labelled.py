"""Labelled prompts: those of the router's benchmark, where they lie beside the checkout (they are never copied into
it), and the project's own, invented ones: `tools/prompts.tsv`, one for each kind of error that was mended and more, and
`tools/breadth.tsv`, written to find what is missed."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "router"
HERE = Path(__file__).resolve().parent
OWN = HERE / "prompts.tsv", HERE / "breadth.tsv"


def load(data: Path = DATA, *files: str) -> list[dict[str, Any]]:
    """Rows with the audited labels: `prompt`, `has_image` ("0" or "1"), `y` (1 text, 0 not, -1 neither), `source_set` …"""
    return benchmark(data).load("dev", files or ("t2i", "edit", "hard"), audited=True)


def own() -> list[dict[str, Any]]:
    """The invented prompts, as rows of the same kind; `kind` says what each is an example of."""
    rows: list[dict[str, Any]] = []
    for file in OWN:
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        rows += (dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines)
    for n, row in enumerate(rows):
        row.update(id=f"own-{n}", source_set="own", file="own", y=int(row["label"] in ("text", "text_edit")))
        row["prompt"] = re.sub(
            r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), row["prompt"]
        )
    return rows


@cache
def benchmark(data: Path = DATA) -> ModuleType:
    """The benchmark's own `score.py`. Raises FileNotFoundError where it is not."""
    script = data / "score.py"
    if not script.is_file():
        raise FileNotFoundError(f"no labelled prompts in {data}")
    spec = importlib.util.spec_from_file_location("router_score", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
