"""Virtual environments in the cache, each named after all that goes into it.

One recent pip, in an environment of its own, installs into all of them (and into other people's overlays): the
pip that comes with Python 3.10 is too old for `--python`, and an environment without pip is made in no time.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from . import cache, steps
from .errors import ToolError

OLDEST, NEWEST = (3, 10), (3, 14)  # the Pythons that torch 2.11 is built for
PIP = "pip>=25,<28"


def python_in(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def check_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Raises ToolError where this Python cannot build the environment."""
    if OLDEST <= version[:2] <= NEWEST:
        return
    mine, oldest, newest = (".".join(map(str, v[:2])) for v in (version, OLDEST, NEWEST))
    fault = "old" if version[:2] < OLDEST else "new"
    raise ToolError(f"Python {mine} is too {fault}: run dev.py with Python {oldest} to {newest}.")


def machine() -> list[str]:
    """What makes an environment unusable elsewhere, to be part of its name."""
    tag = str(sys.implementation.cache_tag)
    return [tag, sys.platform, platform.machine(), os.path.realpath(sys.executable)]


def make(
    kind: str,
    name: str,
    requirements: Sequence[str],
    what: str,
    *,
    gigabytes: float,
    sees: Path | None = None,
) -> Path:
    """The environment's folder, with the requirements (lines of a requirements file) installed.

    `gigabytes` have to be free before it is made; `sees` is another environment whose packages it finds too,
    behind its own. Raises ToolError.
    """
    folder = cache.root() / kind / f"{name}-{cache.key([*requirements, *machine(), str(sees or '')])}"

    def install(folder: Path) -> None:
        cache.need_space(gigabytes)
        _create(folder, what)
        if sees:
            (site_packages(folder) / "_sees.pth").write_text(f"{site_packages(sees)}\n", encoding="utf-8")
        listed = folder / "requirements.txt"
        listed.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        pip(python_in(folder), ["install", "-r", str(listed)], f"installing {what}", log=f"{folder.name}.log")

    return cache.built(folder, what, install, usable=lambda folder: python_in(folder).exists())


def site_packages(folder: Path) -> Path:
    if os.name == "nt":
        return folder / "Lib" / "site-packages"
    return folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def pip(python: Path, arguments: Sequence[str], what: str, *, log: str) -> None:
    """Runs pip on the packages of that interpreter; nothing of pip has to be installed there."""
    options = ["--no-input", "--disable-pip-version-check"]
    command = [str(python_in(_pip())), "-m", "pip", "--python", str(python), *options, *arguments]
    if arguments[0] in ("install", "download"):
        command += ["--progress-bar", "off"]
    steps.run(command, what, cache.root() / "logs" / log, _clean_environment())


def _pip() -> Path:
    folder = cache.root() / "tools" / f"pip-{cache.key([PIP, *machine()])}"

    def install(folder: Path) -> None:
        _create(folder, "pip", with_pip=True)
        log = cache.root() / "logs" / f"{folder.name}.log"
        command = [str(python_in(folder)), "-m", "pip", "install", "--no-input", PIP]
        steps.run(command, "installing pip", log, _clean_environment())

    return cache.built(folder, "pip", install, usable=lambda folder: python_in(folder).exists())


def _create(folder: Path, what: str, *, with_pip: bool = False) -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise ToolError(
            f"{sys.executable} comes without venv or ensurepip: install them "
            "(on Debian and Ubuntu: apt install python3-venv), or run dev.py with another Python."
        )
    command = [sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"]), str(folder)]
    steps.run(command, f"making room for {what}", cache.root() / "logs" / "venv.log", _clean_environment())


def _clean_environment() -> dict[str, str]:
    """The environment without what would send pip's packages elsewhere or refuse to install them."""
    foreign = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"}
    return {name: value for name, value in os.environ.items() if name.upper() not in foreign}
