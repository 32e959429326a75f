"""`dev.py jobs collect`: brings home the pictures of jobs that nobody is at. It sends no request.

It needs httpx: where this Python has none, it runs on the Python of dev.py's environment.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from engine import VERSION
from engine.errors import Dropped, SwitchyardError, Uncollected
from engine.fal.key import find_key
from engine.fal.settings import read_settings

from . import cache
from .environment import Environment, child, environment
from .errors import ToolError

if TYPE_CHECKING:
    from engine.fal.books import Books
    from engine.fal.job import Picture, Result, Status
    from engine.fal.journal import Entry
    from engine.fal.recall import Collector

AT_ONCE = 8  # jobs that are followed side by side
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
CHILD = "import sys; sys.path.insert(0, sys.argv.pop(1)); import dev; sys.exit(dev.main(sys.argv[1:]))"


def run(folders: Sequence[Path], out: Path, key: str = "") -> int:
    """All jobs in the journals of `folders` that nobody is at, or the one request named `key`; the exit code.

    Raises ToolError, SwitchyardError, OSError or sqlite3.Error where it cannot begin.
    """
    out = out.expanduser().absolute()
    if importlib.util.find_spec("httpx") is None:
        found = environment()
        return max(elsewhere(found, folder, out, key) for folder in folders)
    errands = [errand for folder in folders for errand in _errands(folder, key)]
    if not errands:
        print("Nothing is left to collect.")
        return 0
    out.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_all(errands, out, named=bool(key)))


def elsewhere(found: Environment, folder: Path, out: Path, key: str) -> int:
    """The same for one folder on a Python that can speak to the service."""
    variables = child(found.variables())
    if subprocess.call([str(found.python), "-c", "import httpx"], env=variables, stderr=subprocess.DEVNULL):
        raise ToolError(f"{found.python} has no httpx: install this pack's requirements.txt into it.")
    arguments = ["jobs", "collect", *([key] if key else []), "--folder", str(folder), "--out", str(out)]
    return subprocess.call([str(found.python), "-c", CHILD, str(cache.CHECKOUT), *arguments], env=variables)


def write(pictures: Sequence[Picture], out: Path, stem: str) -> list[Path]:
    """As STEM_1.png and so on, under the first numbers that are free: nothing is ever overwritten. Raises OSError."""
    files: list[Path] = []
    numbers = count(1)
    for picture in pictures:
        while len(files) < len(pictures):
            file = out / f"{stem}_{next(numbers)}{SUFFIXES.get(picture.content_type, '')}"
            try:
                new = open(file, "xb")  # noqa: SIM115 - only its opening may find a file of that name
            except FileExistsError:
                continue
            try:
                with new:
                    new.write(picture.data)
            except OSError:
                file.unlink(missing_ok=True)
                raise
            files.append(file)
            break
    return files


@dataclass(frozen=True)
class _Errand:
    books: Books
    client: Collector
    entry: Entry


def _errands(folder: Path, key: str) -> list[_Errand]:
    from engine.fal.books import Books
    from engine.fal.recall import Collector, waiting

    settings = read_settings(folder)
    books = Books.open(folder, settings)
    entries = [entry for entry in books.journal.entries() if entry.key == key] if key else waiting(books)
    if not entries:
        return []
    own = find_key(folder)
    if own is None:
        raise ToolError(f"no fal key was found in FAL_KEY or in {folder}: set FAL_KEY, then collect again.")
    address = os.environ.get("SWITCHYARD_FAL_URL", "").strip()
    client = Collector(own, address, version=VERSION, limits=settings.limits)
    return [_Errand(books, client, entry) for entry in entries]


async def _all(errands: Sequence[_Errand], out: Path, named: bool) -> int:
    """Side by side; a job that cannot be had does not cost the others."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(errand: _Errand) -> bool:
        async with turns:
            return await _one(errand, out, named)

    try:
        return 0 if all(await asyncio.gather(*map(one, errands))) else 1
    finally:
        for errand in errands:
            errand.client.close()


async def _one(errand: _Errand, out: Path, named: bool) -> bool:
    """Whether it is in order; a person reads a line in any case."""
    from engine.fal.recall import recall

    entry, name = errand.entry, errand.entry.key[:12]
    try:
        result = await recall(
            errand.books, errand.client, entry, lambda status: _say(name, _progress(status))
        )
    except Dropped as error:
        _say(name, str(error), wrong=entry.state != "cancelled")
        return entry.state == "cancelled"  # then nothing was to be expected
    except SwitchyardError as error:
        gone = isinstance(error, Uncollected) and error.gone
        anew = f" To let it be sent anew, run `python3 dev.py jobs forget {name}`." if gone else ""
        _say(name, f"{error}{anew}", wrong=True)
        return False
    if result is None:
        _say(name, "Another process is at it: its pictures arrive there.", wrong=named)
        return not named
    return _delivered(errand, result, out)


def _delivered(errand: _Errand, result: Result, out: Path) -> bool:
    from engine.fal.recall import model_of

    entry, name = errand.entry, errand.entry.key[:12]
    day = datetime.fromtimestamp(entry.created).strftime("%Y-%m-%d")
    model = model_of(errand.books, entry) or entry.endpoint
    for fault in result.faults:
        _say(name, fault, wrong=True)
    now = errand.books.journal.find(entry.key)
    kept = now is not None and now.state == "kept"
    if not kept and not result.faults:
        _say(name, "It could not be kept for the workflow and stays with the service.", wrong=True)
    try:
        files = write(result.pictures, out, re.sub(r"[^\w.-]+", "-", f"{day}_{model}"))
    except OSError as trouble:
        where = "It is kept for the workflow, but" if kept else "It"
        _say(name, f"{where} could not be written to {out}: {trouble.strerror}.", wrong=True)
        return False
    _say(name, f"collected: {', '.join(map(str, files))}")
    return kept


def _progress(status: Status) -> str:
    ahead = f", {status.position} ahead" if status.position else ""
    return {"queued": f"in the queue{ahead}", "running": "being drawn", "done": "fetching"}[status.state]


def _say(name: str, words: str, wrong: bool = False) -> None:
    print(f"{name}  {words}", file=sys.stderr if wrong else sys.stdout, flush=True)
