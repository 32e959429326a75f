"""Where everything lives that the tools build: one folder outside the checkout, made of parts with a name each.

A part is complete when its marker file is there. The marker is written last, so what a killed build left behind
is thrown away and built again. A lock of the operating system keeps two processes from building the same part;
it ends with its process, however that ends, so there are no stale ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from .errors import ToolError
from .steps import say

CHECKOUT = Path(__file__).resolve().parent.parent
MARKER = ".complete"
LOCKED_BYTE = 1 << 30  # far behind the few bytes in the file: Windows lets nobody read a locked byte


def root() -> Path:
    """The cache folder. Raises ToolError where it would lie inside the checkout."""
    folder = place(os.environ, sys.platform, Path.home())
    if folder == CHECKOUT or CHECKOUT in folder.parents:
        raise ToolError(f"SWITCHYARD_CACHE is {folder}, inside the checkout: name a folder outside it.")
    return folder


def place(environ: Mapping[str, str], platform: str, home: Path) -> Path:
    """SWITCHYARD_CACHE, else the platform's own cache folder."""
    if named := environ.get("SWITCHYARD_CACHE"):
        return Path(named).expanduser().resolve()
    if platform == "win32":
        parent = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        parent = home / "Library" / "Caches"
    else:
        parent = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    return parent / "switchyard"


def key(parts: Iterable[str]) -> str:
    """Ten hex digits that change when any of the parts does."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return digest.hexdigest()[:10]


def complete(folder: Path) -> bool:
    return (folder / MARKER).is_file()


def built(
    folder: Path, what: str, make: Callable[[Path], None], usable: Callable[[Path], bool] = complete
) -> Path:
    """The folder, made by `make(folder)` if it is not complete. `what` names it to a person who waits."""
    if complete(folder) and usable(folder):
        return folder
    with locked(root() / "locks" / f"{folder.parent.name}-{folder.name}.lock", what):
        if complete(folder) and usable(folder):  # built while we waited
            return folder
        if folder.exists():
            shutil.rmtree(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        make(folder)
        (folder / MARKER).write_text(what + "\n", encoding="utf-8")
    return folder


def need_space(gigabytes: float) -> None:
    """Raises ToolError unless the cache's disk has that much left (GB = 10^9 bytes)."""
    folder = root()
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise ToolError(
            f"The environment needs about {gigabytes:.0f} GB and the disk of {folder} has {free:.1f} GB left: "
            "free some space, or set SWITCHYARD_CACHE to a folder on another disk."
        )


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Holds the lock file; waits, and says so once, while another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+b") as file:
        if not _try_lock(file):
            say(f"Another process (id {_owner(file)}) is busy with {what}: waiting for it.")
            while not _try_lock(file):
                time.sleep(0.3)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()).encode())
        file.flush()
        try:
            yield
        finally:
            _unlock(file)


def _owner(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(20).decode(errors="replace") or "unknown"


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            file.seek(LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
