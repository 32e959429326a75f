"""The labelled prompts of the router's benchmark, where they lie beside the checkout. They are never copied into it."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "router"


def load(data: Path = DATA, *files: str) -> list[dict[str, Any]]:
    """Rows with the audited labels: `prompt`, `has_image` ("0" or "1"), `y` (1 text, 0 not, -1 neither), `source_set` …"""
    return benchmark(data).load("dev", files or ("t2i", "edit", "hard"), audited=True)


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
