"""Whether the process that began something is still there: it holds a lock on a file of its own for as long as it lives.

A lock goes with its process, also after a kill -9; a process number may belong to somebody else by then.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from pathlib import Path
from typing import IO, Any, ClassVar

FRESH = 60.0  # seconds


class Owner:
    """This process, under a name that no other ever has. One for each folder: `Owner.of`."""

    _known: ClassVar[dict[Path, Owner]] = {}
    _lock = threading.Lock()

    def __init__(self, folder: Path):
        self.name = uuid.uuid4().hex
        self._folder = folder / "owners"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[Any] = open(self._folder / self.name, "w+b")  # noqa: SIM115 - held as long as the process lives
        self.working: set[str] = set()  # the claims that this process is at
        self._pid = os.getpid()
        _try_lock(self._file)
        self._sweep()

    @classmethod
    def of(cls, folder: Path) -> Owner:
        """Made once for this process and folder; a forked child gets one of its own."""
        folder = folder.resolve()
        with cls._lock:
            owner = cls._known.get(folder)
            if owner is None or owner._pid != os.getpid() or not (owner._folder / owner.name).exists():
                owner = cls._known[folder] = cls(folder)
            return owner

    def _sweep(self) -> None:
        """Takes away what dead processes left; not what is so new that its process may not have locked it yet."""
        for file in self._folder.iterdir():
            with contextlib.suppress(OSError):
                if file.name != self.name and time.time() - file.stat().st_mtime > FRESH:
                    self.is_alive(file.name)

    def is_alive(self, name: str) -> bool:
        if name == self.name:
            return True
        file = self._folder / name
        if not name or not file.exists():
            return False
        with open(file, "r+b") as other:
            if not _try_lock(other):
                return True
        file.unlink(missing_ok=True)  # its process is gone, and so is what it had begun
        return False


def _let_go_in_child() -> None:
    """A forked child would hold its parent's locks after the parent's death."""
    for owner in Owner._known.values():
        with contextlib.suppress(OSError, ValueError):
            owner._file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_in_child)


def _try_lock(file: IO[Any]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
