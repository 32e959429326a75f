"""The Python and the ComfyUI that everything runs on: built once in the cache, or the developer's own, as it is.

In the cache, torch has an environment of its own (5 GB) that each ComfyUI version's environment (1 GB) looks into.
Into a ComfyUI that COMFYUI_PATH names nothing is ever installed: what it lacks lies in an overlay, a folder in the
cache that only the processes started here see.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import cache, comfyui, venvs
from .errors import ToolError
from .steps import say

TORCH = ("torch==2.11.0", "torchvision==0.26.0", "torchaudio==2.11.0")  # these three match
TORCH_GB, REST_GB = 8.0, 2.0  # free disk, with pip's own downloads on the way
LISTS = (cache.CHECKOUT / "requirements.txt", cache.CHECKOUT / "tests" / "requirements.txt")
LOOK = "import sys, sysconfig; print(sys.version, sysconfig.get_paths()['purelib'], sep='\\n')"
GPU = """
import torch
mps = getattr(torch.backends, "mps", None)
xpu = getattr(torch, "xpu", None)
print(int(torch.cuda.is_available() or bool(mps and mps.is_available()) or bool(xpu and xpu.is_available())))
"""


@dataclass(frozen=True)
class Environment:
    python: Path
    comfyui: Path
    overlay: Path | None = None  # a folder for PYTHONPATH; only beside somebody's own ComfyUI
    own: bool = False  # COMFYUI_PATH named it: nothing is written into it

    def variables(self) -> dict[str, str | None]:
        """What a process has to find set (or, None, unset) to run on it."""
        return {
            "COMFYUI_PATH": str(self.comfyui),
            "COMFYUI_PYTHON": str(self.python),
            "PYTHONPATH": str(self.overlay) if self.overlay else None,
            "PYTHONHOME": None,
            "PYTHONDONTWRITEBYTECODE": "1" if self.own else None,
        }

    def has_gpu(self) -> bool:
        """Whether its torch sees one. Raises ToolError where there is no torch that can be imported."""
        trouble = "It needs a torch that can be imported."
        return _ask(self.python, GPU, self.variables(), trouble).strip() == "1"


def environment(version: str | None = None) -> Environment:
    """That ComfyUI version's, else COMFYUI_PATH's, else the newest's; what is missing is built. Raises ToolError."""
    if version is None and os.environ.get("COMFYUI_PATH"):
        return _adopted(os.environ)
    return _made(version or comfyui.NEWEST)


def child(overrides: Mapping[str, str | None]) -> dict[str, str]:
    """This process's environment with the overrides; None takes a variable away."""
    merged: dict[str, str | None] = {**os.environ, **overrides}
    return {name: value for name, value in merged.items() if value is not None}


def find_python(folder: Path, environ: Mapping[str, str]) -> Path:
    """The interpreter of a ComfyUI folder. Raises ToolError where there is none to be found."""
    if named := environ.get("COMFYUI_PYTHON"):
        if not Path(named).is_file():
            raise ToolError(f"COMFYUI_PYTHON is {named}, and there is no such file.")
        return Path(named).absolute()  # not resolved: a virtual environment is known by its link
    names = ("venv", ".venv")
    candidates = [folder / name / part for name in names for part in ("bin/python", "Scripts/python.exe")]
    candidates += [place / "python_embeded" / "python.exe" for place in (folder, folder.parent)]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ToolError(f"{folder} has no venv, .venv or python_embeded: set COMFYUI_PYTHON to its Python.")


def _made(version: str) -> Environment:
    venvs.check_python()
    source = comfyui.source(version)
    torch = venvs.make("torch", "torch", TORCH, "torch (about 5 GB)", gigabytes=TORCH_GB)
    lists = [source / "requirements.txt", *LISTS]
    lines = [line for path in lists for line in _requirements(path)]
    what, pinned = f"ComfyUI {version}'s requirements", [*TORCH, *lines]
    folder = venvs.make("envs", f"comfyui-{version}", pinned, what, gigabytes=REST_GB, sees=torch)
    return Environment(venvs.python_in(folder), source)


def _adopted(environ: Mapping[str, str]) -> Environment:
    folder = Path(environ["COMFYUI_PATH"]).expanduser().resolve()
    if not (folder / "main.py").is_file():
        raise ToolError(f"COMFYUI_PATH is {folder}, and there is no main.py in it.")
    python = find_python(folder, environ)
    overlay = _overlay(python)
    if any(python.parent.glob("python*._pth")) and any(overlay.glob("*.dist-info")):
        say(
            f"{python} is an embedded Python, which sees no overlay: install into it yourself what is missing."
        )
    return Environment(python, folder, overlay, own=True)


def _overlay(python: Path) -> Path:
    """What the interpreter lacks of our requirements and nothing else, so that it hides none of its packages."""
    bare = {"PYTHONPATH": None, "PYTHONHOME": None, "PYTHONDONTWRITEBYTECODE": "1"}
    about, packages = _ask(python, LOOK, bare, "It cannot be run.").strip().splitlines()[-2:]
    # The folder's time changes with every package that comes or goes; then it is asked again what is lacking.
    changed = Path(packages).stat().st_mtime_ns if Path(packages).is_dir() else 0
    lines = [line for path in LISTS for line in _requirements(path)]
    folder = cache.root() / "overlays" / cache.key([*lines, str(python), about, str(changed)])

    def fill(folder: Path) -> None:
        folder.mkdir()
        listed, report = folder / "requirements.txt", folder / "report.json"
        listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        dry = ["install", "--dry-run", "--report", str(report), "-r", str(listed)]
        venvs.pip(python, dry, f"asking what {python} lacks", log="overlay.log")
        missing = lacking(json.loads(report.read_text(encoding="utf-8")))
        if missing:
            put = ["install", "--no-deps", "--target", str(folder), *missing]
            venvs.pip(python, put, "installing what it lacks into an overlay", log="overlay.log")

    return cache.built(folder, "the overlay", fill)


def lacking(report: dict) -> list[str]:
    """`name==version` for each package that pip's installation report would install."""
    found = [item["metadata"] for item in report.get("install", [])]
    return [f"{about['name']}=={about['version']}" for about in found]


def _requirements(path: Path) -> list[str]:
    """A requirements file's lines without comments and empty ones."""
    lines = (line.split(" #")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _ask(python: Path, code: str, variables: Mapping[str, str | None], trouble: str) -> str:
    """What the interpreter prints. Raises ToolError with `trouble` when it fails."""
    command = [str(python), "-c", code]
    try:
        done = subprocess.run(command, env=child(variables), capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ToolError(f"{python} does not run: {problem}. {trouble}") from problem
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ToolError(f"{python} failed with “{last}”. {trouble}")
    return done.stdout
