"""`dev.py check`: what can be said about the code without running the tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import cache, suite, venvs
from .environment import environment

LINTERS = ("ruff>=0.17,<0.18", "mypy>=2.4,<2.5")
PACKAGING = ("comfy-cli==1.23.0",)  # GPL-3.0: a tool of its own, nothing here imports it
TYPED = ("engine", "tools", "dev.py")
GUARDS = ("tests/engine/test_imports.py", "tests/comfyui/test_contract.py")
ROOT = cache.CHECKOUT

Verdict = tuple[bool, str]  # whether it is in order, and what to print of it


def run() -> int:
    """Every check, one line each and the details of those that fail; 1 if any does."""
    tools = venvs.python_in(venvs.make("tools", "linters", LINTERS, "the linters", gigabytes=0.5))
    checks: list[tuple[str, Callable[[], Verdict]]] = [
        ("ruff check", lambda: _command([str(tools), "-m", "ruff", "check", "--no-cache", "."])),
        ("ruff format", lambda: _command([str(tools), "-m", "ruff", "format", "--no-cache", "--check", "."])),
        ("types", lambda: _types(tools)),
        ("scripts", _scripts),
        ("packaging", _packaging),
        ("requirements", lambda: _same_requirements(ROOT)),
        ("imports and contracts", _guards),
    ]
    failed = [name for name, check in checks if not _reported(name, check)]
    print(f"check: failed: {', '.join(failed)}" if failed else "check: all in order", flush=True)
    return 1 if failed else 0


def project_requirements(pyproject: str) -> list[str]:
    """`[project].dependencies` of a pyproject.toml, sorted; tomllib came only with Python 3.11."""
    project = re.search(r"(?ms)^\[project\]\s*$(.*?)(?=^\[|\Z)", pyproject)
    listed = re.search(
        r'(?m)^dependencies\s*=\s*\[((?:\s*"[^"\n]*"\s*,?)*)\s*\]', project[1] if project else ""
    )
    return sorted(re.findall(r'"([^"\n]*)"', listed[1])) if listed else []


def file_requirements(text: str) -> list[str]:
    """The lines of a requirements file, sorted, without comments and empty ones."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return sorted(line for line in lines if line)


def _reported(name: str, check: Callable[[], Verdict]) -> bool:
    began = time.monotonic()
    good, details = check()
    print(f"{'ok    ' if good else 'FAILED'} {name} ({time.monotonic() - began:.1f} s)", end="", flush=True)
    short = good and "\n" not in details
    print(f": {details}" if short and details else "" if good else f"\n{details.rstrip()}", flush=True)
    return good


def _command(command: Sequence[str], **variables: str) -> Verdict:
    done = subprocess.run(
        list(command), cwd=ROOT, env={**os.environ, **variables}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    return done.returncode == 0, "" if done.returncode == 0 else done.stdout


def _types(tools: Path) -> Verdict:
    """The checkout's folder is no package name: the files are named from the root, `engine.route`."""
    options = ["--explicit-package-bases", "--ignore-missing-imports", "--check-untyped-defs"]
    options += ["--disallow-incomplete-defs", "--no-error-summary", "--cache-dir", str(cache.root() / "mypy")]
    present = [name for name in TYPED if (ROOT / name).exists()]
    return _command([str(tools), "-m", "mypy", *options, *present], MYPYPATH=str(ROOT))


def _scripts() -> Verdict:
    """Every script parses as an ES module. Node takes the kind from the suffix, so the copies are .mjs files."""
    node = shutil.which("node")
    if node is None:
        return True, "skipped: there is no node on this machine"
    scripts = sorted((ROOT / "web").rglob("*.js"))
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for script in scripts:
            copy = Path(folder) / "script.mjs"
            shutil.copyfile(script, copy)
            good, said = _command([node, "--check", str(copy)])
            if not good:
                faults.append(said.replace(str(copy), str(script.relative_to(ROOT))))
    return not faults, "\n".join(faults) or f"{len(scripts)} files"


def _packaging() -> Verdict:
    """The registry's own check of pyproject.toml and of what it forbids; it asks and tells nobody anything."""
    folder = venvs.make("tools", "packaging", PACKAGING, "the registry's checker", gigabytes=0.5)
    programs = venvs.python_in(folder).parent
    home = cache.root() / "packaging-home"  # it keeps its settings at home: not in the developer's
    home.mkdir(parents=True, exist_ok=True)
    places = {
        "HOME": home,
        "USERPROFILE": home,
        "XDG_CONFIG_HOME": home,
        "APPDATA": home,
        "LOCALAPPDATA": home,
    }
    quiet = {"DO_NOT_TRACK": "1", "COMFY_NO_TELEMETRY": "1", "PYTHONUTF8": "1"}
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])  # it runs the ruff beside it
    comfy = programs / ("comfy.exe" if os.name == "nt" else "comfy")
    command = [str(comfy), "--skip-prompt", "--no-enable-telemetry", "node", "validate"]
    return _command(command, PATH=path, **quiet, **{name: str(place) for name, place in places.items()})


def _same_requirements(root: Path) -> Verdict:
    """ComfyUI-Manager installs requirements.txt, pip and the registry read pyproject.toml: one list in two files."""
    in_project = project_requirements((root / "pyproject.toml").read_text(encoding="utf-8"))
    in_file = file_requirements((root / "requirements.txt").read_text(encoding="utf-8"))
    if in_project and in_project == in_file:
        return True, ", ".join(in_file)
    return (
        False,
        f"pyproject.toml has {in_project}, requirements.txt has {in_file}: they have to be the same.",
    )


def _guards() -> Verdict:
    present = [path for path in GUARDS if (ROOT / path).exists()]
    if not present:
        return True, f"skipped: no {' and no '.join(GUARDS)}"
    sys.stdout.flush()
    status = suite.pytest(environment(), ["-q", "--no-header", *present])
    return status == 0, "" if status == 0 else f"pytest ended with {status}: see above"
