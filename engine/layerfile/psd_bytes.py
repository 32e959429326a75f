"""The bytes of a Photoshop file, read with every length checked; and its channels, in the four ways they are stored."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from ..errors import BadInput
from .packbits import unpacked

_RAW, _RLE, _ZIP, _ZIP_OF_DIFFERENCES = range(4)


class Bytes:
    """A reader that moves through `data` from `start` to `end`. big: a PSB, where some lengths are wider.

    Everything raises BadInput where the file ends before what it promised.
    """

    def __init__(self, data: bytes, start: int = 0, end: int | None = None, big: bool = False):
        self.data, self.at, self.big = data, start, big
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, size: int) -> bytes:
        start = self._move(size)
        return self.data[start : start + size]

    def part(self, size: int) -> Bytes:
        """A reader of the next `size` bytes, which this one leaves behind."""
        start = self._move(size)
        return Bytes(self.data, start, start + size, self.big)

    def numbers(self, layout: str) -> tuple:
        return struct.unpack_from(layout, self.data, self._move(struct.calcsize(layout)))

    def number(self, layout: str) -> int:
        return self.numbers(layout)[0]

    def length(self, wide: bool = False) -> int:
        return self.number(">Q" if wide else ">I")

    def _move(self, size: int) -> int:
        start = self.at
        if size > self.left:
            raise BadInput("The Photoshop file is damaged or cut off: it ends before what it promises.")
        self.at += size
        return start


def plane(channel: Bytes, width: int, height: int) -> np.ndarray:
    """One channel of a layer, uint8 [height,width]; `channel` begins with its compression."""
    if channel.left < 2:
        raise BadInput("The Photoshop file is damaged: a layer's channel is missing.")
    kind = channel.number(">H")
    if kind == _RLE:
        table = 4 if channel.big else 2
        channel.take(table * height)  # the rows' lengths, which the codes themselves tell, too
        return unpacked(channel.take(channel.left), width, height)
    return _whole(channel, kind, width, height)


def planes(file: Bytes, wanted: int, stored: int, width: int, height: int) -> Iterator[np.ndarray]:
    """The first `wanted` of the `stored` channels of the whole picture, at the file's end."""
    kind = file.number(">H")
    if kind == _RLE:
        table = np.frombuffer(
            file.take((4 if file.big else 2) * height * stored), ">u4" if file.big else ">u2"
        )
        for sizes in table.reshape(stored, height)[:wanted]:
            yield unpacked(file.take(int(sizes.sum(dtype=np.int64))), width, height)
    elif kind == _RAW:
        for _ in range(wanted):
            yield np.frombuffer(file.take(width * height), np.uint8).reshape(height, width)
    else:
        yield from _whole(file, kind, width, height * wanted).reshape(wanted, height, width)


def _whole(channel: Bytes, kind: int, width: int, height: int) -> np.ndarray:
    if kind == _RAW:
        return np.frombuffer(channel.take(width * height), np.uint8).reshape(height, width)
    if kind not in (_ZIP, _ZIP_OF_DIFFERENCES):
        raise BadInput(
            f"The Photoshop file has a channel of compression {kind}, which nobody knows: it is damaged."
        )
    values = np.frombuffer(_inflated(channel.take(channel.left), width * height), np.uint8).reshape(
        height, width
    )
    if kind == _ZIP_OF_DIFFERENCES:
        return np.add.accumulate(values, axis=1, dtype=np.uint8)
    return values


def _inflated(data: bytes, size: int) -> bytes:
    """Exactly `size` bytes: what a bomb has more is never unpacked."""
    if len(data) * 1040 < size:  # zlib packs 1,032 bytes into one at most
        raise BadInput("The Photoshop file is damaged: a zipped channel is shorter than its pixels.")
    try:
        found = zlib.decompressobj().decompress(data, size)
    except zlib.error:
        raise BadInput("The Photoshop file is damaged: a zipped channel cannot be unpacked.") from None
    if len(found) != size:
        raise BadInput("The Photoshop file is damaged: a zipped channel is shorter than its pixels.")
    return found
