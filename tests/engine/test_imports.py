"""Who may import whom: `web ··> nodes ──> engine`, never back, and nothing heavy before it is used.

The check reads the source, so it needs neither ComfyUI nor torch; the last test plants every kind of forbidden import
in a copy and sees it found.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("engine", "nodes", "tools")
SIBLINGS = (("local", "fal"), ("fal", "local"))

HOST = ("comfy", "comfy_api", "comfy_api_nodes", "comfy_config", "comfy_execution", "comfy_extras", "comfyui_version",
        "folder_paths", "server", "execution", "latent_preview", "node_helpers", "cuda_malloc", "aiohttp", "nodes")  # fmt: skip
HEAVY = ("diffusers", "transformers", "accelerate", "fal_client", "httpx", "requests", "onnxruntime", "typst", "cv2",
         "scipy", "pandas", "sklearn", "gguf", "sentencepiece", "torchvision", "torchaudio")  # fmt: skip

# These decide; they neither see a tensor nor touch a file, a socket or a clock.
PURE = ("engine", "engine.candidates", "engine.errors", "engine.models", "engine.request", "engine.route", "engine.rules", "engine.prompt",
        "engine.quotes", "engine.lexicon", "engine.lexicon_more", "engine.lexicon_sheets", "engine.words", "engine.spelling", "engine.lettering", "engine.announced",
        "engine.edits", "engine.edit_figures", "engine.edit_quotes", "engine.edit_signs", "engine.edit_stays", "engine.signs", "engine.structured", "engine.judgement", "engine.passages", "engine.weights", "engine.bidi", "engine.scripts", "engine.sizes", "engine.price", "engine.catalog", "engine.fal",
        "engine.fal.node_values", "engine.fal.payloads", "engine.dialect", "engine.quoting", "engine.unfold", "engine.shorten", "engine.poster_copy", "engine.flux_prompt",
        "engine.alternatives", "engine.case", "engine.reason", "engine.user_rules", "engine.batch", "engine.branch", "engine.tries", "engine.purposes",
        "engine.turns", "engine.vocabulary")  # fmt: skip
PURE_MAY = ("__future__", "bisect", "collections", "dataclasses", "decimal", "enum", "functools", "hashlib", "itertools", "json", "math", "re",
            "typing", "unicodedata")  # fmt: skip


@dataclass(frozen=True)
class Import:
    """`module` imports `target`, both named from the checkout's root (`engine.route`); foreign ones as they are.

    own: the target lies in the checkout. at_load: it happens when the module is loaded, and not only for type checkers.
    """

    module: str
    line: int
    target: str
    own: bool
    at_load: bool

    def of(self, *names: str) -> bool:
        return any(self.target == name or self.target.startswith(f"{name}.") for name in names)

    def within(self, *names: str) -> bool:
        return any(self.module == name or self.module.startswith(f"{name}.") for name in names)

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def imports(root: Path) -> Iterator[Import]:
    files = [
        root / "__init__.py",
        root / "dev.py",
        *(f for part in PARTS for f in sorted((root / part).rglob("*.py"))),
    ]
    for file in files:
        if file.exists():
            yield from _imports_of(file.relative_to(root), file.read_text("utf-8"))


def forbidden(root: Path) -> list[str]:
    """What is against the direction of dependency, a sentence each."""
    found = []
    for one in imports(root):
        foreign = not one.own
        why = ""
        if foreign and one.of(*HOST) and not one.within("nodes"):
            why = "only nodes/ imports ComfyUI"
        elif one.own and one.of("nodes") and not (one.within("nodes") or one.module == "__init__"):
            why = "nodes/ is imported by the root __init__.py alone"
        elif one.within("engine") and one.own and not one.of("engine"):
            why = "engine/ stands on its own"
        elif one.within("nodes") and one.own and not one.of("nodes", "engine"):
            why = "nodes/ imports nothing but the engine"
        elif any(one.within(f"engine.{a}") and one.of(f"engine.{b}") for a, b in SIBLINGS):
            why = "engine/local and engine/fal never import each other"
        elif one.within("engine", "nodes") and foreign and one.of(*HEAVY) and one.at_load:
            why = "nothing heavy is imported before it is used"
        elif _is_pure(one.module) and foreign and not one.of(*PURE_MAY):
            why = "this module neither computes on tensors nor touches the world"
        elif _is_pure(one.module) and one.own and not any(_is_pure(name) for name in _ancestry(one.target)):
            why = "this module only imports others that are as pure"
        if why:
            found.append(f"{one}: {why}")
    return found


def _is_pure(module: str) -> bool:
    return module in PURE or module.startswith("engine.catalog.")


def _ancestry(target: str) -> tuple[str, ...]:
    """A module, or the module that a name stands in: engine.route.decide is in engine.route (never just `engine`)."""
    parent = target.rpartition(".")[0]
    return (target,) if parent in ("engine", "engine.fal", "") else (target, parent)


@cache
def _imports_of(file: PurePath, source: str) -> tuple[Import, ...]:
    parts = file.with_suffix("").parts
    is_package = parts[-1] == "__init__" and len(parts) > 1
    module = ".".join(parts[:-1] if is_package else parts)
    found = []
    for node, at_load in _walk(ast.parse(source).body, True):
        for target, relative in _targets(node, parts[:-1]):
            # dev.py runs with the checkout as its folder, where tools/ and engine/ are found by their plain names.
            plain = parts[0] in ("tools", "dev") and target.split(".")[0] in PARTS
            found.append(Import(module, getattr(node, "lineno", 0), target, relative or plain, at_load))
    return tuple(found)


def _targets(node: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, False) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level <= len(package) + 1, "a relative import leaves the checkout"
        base = list(package[: len(package) - node.level + 1]) if node.level else []
        base += [node.module] if node.module else []
        yield from ((".".join([*base, alias.name]), node.level > 0) for alias in node.names)
    elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
            yield node.args[0].value.lstrip("."), node.args[0].value.startswith(".")


def _walk(nodes: Iterable[ast.AST], at_load: bool) -> Iterator[tuple[ast.AST, bool]]:
    for node in nodes:
        yield node, at_load
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from _walk(ast.iter_child_nodes(node), False)
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from _walk(node.body, False)
            yield from _walk(node.orelse, at_load)
        else:
            yield from _walk(ast.iter_child_nodes(node), at_load)


def test_the_direction_of_dependency():
    assert forbidden(ROOT) == []


def test_the_check_sees_the_whole_house():
    seen = {one.module for one in imports(ROOT)}
    assert {
        "__init__",
        "dev",
        "engine.route",
        "engine.catalog.local",
        "engine.fal.client",
        "tools.plan",
        "nodes",
    } <= seen
    modules = {".".join(f.relative_to(ROOT).with_suffix("").parts) for f in (ROOT / "engine").rglob("*.py")}
    assert {name for name in PURE if name not in ("engine", "engine.catalog", "engine.fal")} <= modules
    assert Import("engine.route", 1, "engine.models.find", True, True) in {
        Import(o.module, 1, o.target, o.own, o.at_load) for o in imports(ROOT)
    }


def test_nothing_but_the_nodes_hangs_on_the_root():
    assert {one.target for one in imports(ROOT) if one.module == "__init__"} == {"nodes.comfy_entrypoint"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The Python of the checkout, and an engine/local beside engine/fal."""
    root = tmp_path_factory.mktemp("copy")
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "dev.py"):
        shutil.copy(ROOT / name, root / name)
    (root / "engine" / "local").mkdir(exist_ok=True)
    for name in ("__init__.py", "load.py"):
        (root / "engine" / "local" / name).touch()
    assert forbidden(root) == []
    return root


@pytest.mark.parametrize(
    "file, line",
    [
        ("engine/images.py", "import comfy.utils"),
        ("engine/images.py", "from comfy_api.latest import io"),
        ("engine/images.py", "def f():\n    import folder_paths"),
        ("engine/images.py", "def f():\n    from server import PromptServer"),
        ("engine/images.py", "import nodes"),
        ("engine/images.py", "import aiohttp"),
        ("engine/images.py", "from ..nodes import host"),
        ("engine/images.py", "from ..tools import plan"),
        ("engine/images.py", "import importlib\nimportlib.import_module('latent_preview')"),
        ("engine/images.py", "if True:\n    import diffusers"),
        ("engine/images.py", "class A:\n    import onnxruntime"),
        ("engine/images.py", "try:\n    import typst\nexcept ImportError:\n    pass"),
        ("engine/fal/client.py", "import httpx"),
        ("engine/fal/client.py", "from fal_client import SyncClient"),
        ("engine/fal/client.py", "from ..local import load"),
        ("engine/fal/client.py", "def f():\n    from ..local.load import x"),
        ("engine/local/load.py", "from ..fal.client import FalClient"),
        ("engine/local/load.py", "from .. import fal"),
        ("engine/local/load.py", "import transformers"),
        ("engine/route.py", "import torch"),
        ("engine/route.py", "import os"),
        ("engine/route.py", "def f():\n    import sqlite3"),
        ("engine/route.py", "from . import images"),
        ("engine/route.py", "from .images import decode"),
        ("engine/route.py", "from .fal import client"),
        ("engine/prompt.py", "from pathlib import Path"),
        ("engine/quotes.py", "import numpy"),
        ("engine/lexicon.py", "import urllib.request"),
        ("engine/rules.py", "import socket"),
        ("engine/sizes.py", "from PIL import Image"),
        ("engine/price.py", "import http.client"),
        ("engine/models.py", "import subprocess"),
        ("engine/request.py", "from torch import Tensor"),
        ("engine/catalog/local.py", "import time"),
        ("engine/fal/payloads.py", "from .client import FalClient"),
        ("engine/fal/payloads.py", "import asyncio"),
        ("tools/plan.py", "from nodes import router"),
        ("tools/plan.py", "import comfy"),
        ("dev.py", "import nodes"),
        ("__init__.py", "import comfy"),
        ("nodes/router.py", "import diffusers"),
        ("nodes/router.py", "from ..tools import plan"),
    ],
)
def test_a_planted_import_is_found(copy, file, line):
    planted = copy / file
    before = planted.read_text("utf-8")
    try:
        planted.write_text(f"{before}\n{line}\n", "utf-8")
        found = forbidden(copy)
    finally:
        planted.write_text(before, "utf-8")
    assert len(found) == 1 and found[0].startswith(file[:-3].replace("/", "."))


@pytest.mark.parametrize(
    "file, line",
    [
        ("engine/images.py", "def f():\n    import diffusers"),
        ("engine/images.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import httpx"),
        ("engine/images.py", "import torch"),
        ("nodes/router.py", "import comfy.utils\nfrom ..engine.fal import client"),
        ("engine/route.py", "from .catalog import ROWS"),
    ],
)
def test_what_is_allowed_is_not_found(copy, file, line):
    planted = copy / file
    before = planted.read_text("utf-8")
    try:
        planted.write_text(f"{before}\n{line}\n", "utf-8")
        assert forbidden(copy) == []
    finally:
        planted.write_text(before, "utf-8")
