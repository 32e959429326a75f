"""A file on its way: what has arrived of it lies beside its place as NAME.SUM.part, and its checksum grows with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .hub_files import RemoteFile

PIECE = 4 * 1024**2  # bytes that are read at a time


class Part:
    """What `http_get` of huggingface_hub writes into. `stopped`: what the callback raised, to be told from the network's.

    The name holds the checksum, so that a part of another version is never continued.
    """

    def __init__(self, folder: Path, file: RemoteFile, on_bytes: Callable[[int], None] = lambda count: None):
        self._file = file
        self._final = folder / file.path
        self._on_bytes = on_bytes
        self._sum = (file.sha256 or file.git or f"{file.size:x}")[:12]
        self.path = self._final.with_name(f"{self._final.name}.{self._sum}.part")
        self.stopped: BaseException | None = None
        self._digest: Any = None
        self._open: Any = None

    @property
    def size(self) -> int:
        """Bytes that have arrived, as far as they can be right."""
        if self._open is not None:
            return int(self._open.tell())
        try:
            size = self.path.stat().st_size
        except OSError:
            return 0
        return size if size <= self._file.size else 0

    @contextmanager
    def opened(self) -> Iterator[None]:
        """For writing at its end. What is there already is read once, for the checksum."""
        if self.size == 0:
            self.drop()
        with self.path.open("a+b") as self._open:
            self._open.seek(0)
            self._digest = _digest(self._file)
            while piece := self._open.read(PIECE):
                self._digest.update(piece)
                self._tell()
            try:
                yield
            finally:
                self._open.flush()
                if self.path.stat().st_size != self._open.tell():  # something wrote past us
                    self._digest = None
                self._open = None

    def write(self, piece: bytes) -> int:
        count = int(self._open.write(piece))
        if self._digest is not None:
            self._digest.update(piece)
        self._tell()
        return count

    def tell(self) -> int:
        return int(self._open.tell())

    def seek(self, offset: int, whence: int = 0) -> int:
        """Back, where a server sent the whole anew: the checksum is then made when all is there."""
        if offset != self._open.tell() or whence:
            self._digest = None
        return int(self._open.seek(offset, whence))

    def truncate(self, size: int | None = None) -> int:
        count = int(self._open.truncate(size))
        if count == 0:
            self._digest = _digest(self._file)
        return count

    def restart(self) -> None:
        self._open.seek(0)
        self.truncate(0)

    def flush(self) -> None:
        self._open.flush()

    @property
    def name(self) -> str:
        return str(self.path)

    def whole(self) -> bool:
        """Size and checksum are the hub's."""
        with suppress(OSError):
            if self.path.stat().st_size == self._file.size:
                return fits(
                    self._file, self._digest.hexdigest() if self._digest else digest_of(self.path, self._file)
                )
        return False

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)

    def drop_others(self) -> None:
        """Parts of other versions of this file."""
        for other in self._final.parent.glob(f"{self._final.name}.*.part"):
            with suppress(OSError):
                other.unlink()

    def _tell(self) -> None:
        try:
            self._on_bytes(int(self._open.tell()))
        except BaseException as error:
            self.stopped = error
            raise


def digest_of(path: Path, file: RemoteFile) -> str:
    digest = _digest(file)
    with path.open("rb") as opened:
        while piece := opened.read(PIECE):
            digest.update(piece)
    return str(digest.hexdigest())


def fits(file: RemoteFile, digest: str) -> bool:
    """Where the hub gives no sum, the size has to do."""
    wanted = file.sha256 or file.git
    return not wanted or digest == wanted.lower()


def _digest(file: RemoteFile) -> Any:
    """sha256 of large files; git's sum of small ones, which starts with their kind and size."""
    if file.sha256 or not file.git:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
