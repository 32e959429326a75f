"""Pictures that were paid for, as bytes, named by their hash: they outlive the service's links and ComfyUI's cache.

The least recently used go first when the store passes its limit. A file that is not what its name says counts as gone.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from .job import Picture

LIMIT = 2 * 2**30  # bytes
SLACK = 100  # the store is looked through after every hundredth of its limit that was written
STALE = 3600  # seconds after which what a process began to write, and died at, is taken away

_written: dict[Path, int] = {}  # bytes since the store was last looked through; nothing known: it is time


class Store:
    def __init__(self, folder: Path, limit: int = LIMIT):
        self._folder = folder
        self._limit = limit
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, pictures: Sequence[Picture]) -> list[dict[str, Any]]:
        """Writes the pictures; returns what `bring` needs. Raises OSError where the disk is full."""
        kept = []
        for picture in pictures:
            name = sha256(picture.data).hexdigest()
            file = self._folder / name
            if not file.exists():
                part = file.with_suffix(f".{uuid4().hex}.part")
                with open(part, "wb") as out:
                    out.write(picture.data)
                    out.flush()
                    os.fsync(out.fileno())
                os.replace(part, file)  # whole or not at all, also after a power cut
            kept.append({"file": name, "type": picture.content_type})
        self._grown(sum(len(picture.data) for picture in pictures), {entry["file"] for entry in kept})
        return kept

    def bring(self, kept: Sequence[dict[str, Any]]) -> tuple[Picture, ...]:
        """The pictures that are still there, whole."""
        pictures = []
        for entry in kept:
            file = self._folder / str(entry["file"])
            try:
                data = file.read_bytes()
            except OSError:
                continue
            if sha256(data).hexdigest() != entry["file"]:
                with contextlib.suppress(OSError):
                    file.unlink(missing_ok=True)  # so that the picture can be kept anew
                continue
            with contextlib.suppress(OSError):
                os.utime(file)  # used now
            pictures.append(Picture(data, entry["type"]))
        return tuple(pictures)

    def _grown(self, size: int, keep: set[str]) -> None:
        since = _written.get(self._folder, self._limit) + size
        if since * SLACK >= self._limit:
            self._evict(keep)
            since = 0
        _written[self._folder] = since

    def _evict(self, keep: set[str]) -> None:
        files = []
        for file in self._folder.iterdir():
            with contextlib.suppress(OSError):
                facts = file.stat()
                if file.suffix == ".part" and time.time() - facts.st_mtime > STALE:
                    file.unlink()
                    continue
                files.append((facts.st_mtime, facts.st_size, file))
        over = sum(size for _, size, _ in files) - self._limit
        for _, size, file in sorted(files):
            if over <= 0:
                return
            if file.name not in keep:
                with contextlib.suppress(OSError):
                    file.unlink()
                    over -= size
