"""What a file of weights holds, as one short word: copies of one encoder in the folders of several models are one to us.

Read are the header and the first bytes of every tensor. Whoever trains, merges or casts a tensor changes those; the whole of a
17 GB file would take a minute, this takes milliseconds, and once for each file as long as it stays the same.
"""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from .files import LONGEST_HEADER, Bundle, Header, read_offsets, stamp_of

SAMPLE = 256  # bytes of each tensor

_known: dict[str, str] = {}
_lock = threading.Lock()


def content_of(bundle: Bundle) -> str:
    """The same for files with the same content, wherever they lie."""
    return "|".join(_digest(header) for header in bundle.headers)


def _digest(header: Header) -> str:
    if header.gguf:
        return header.stamp
    with _lock:
        known = _known.get(header.stamp)
    if known is None:
        known = _read(header.path)
        with _lock:
            _known[header.stamp] = known
    return known


def _read(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(8), "little")
            words = file.read(min(size, LONGEST_HEADER))
            digest = sha256(words)
            digest.update(str(path.stat().st_size).encode())
            for start in sorted(read_offsets(words)):
                digest.update(_sample(file, 8 + size + start))
    except (OSError, ValueError):
        return stamp_of(path)  # whoever loads it says what is wrong with it
    return digest.hexdigest()[:24]


def _sample(file: BinaryIO, place: int) -> bytes:
    file.seek(place)
    return file.read(SAMPLE)
