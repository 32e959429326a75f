"""Layers as a Photoshop file: PSD, or PSB where that is too small for them; 8 bit, RGB.

Source of the layout: Adobe's "Photoshop File Formats Specification".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

import numpy as np

from .blends import BLENDS
from .compose import merged, on_colour
from .layer import PASS_THROUGH, Document, Group, Layer, runs
from .packbits import packed
from .xmp import xmp_packet

LARGEST_PSD = 30_000  # pixels a side; more needs a PSB, whose lengths are twice as wide
MOST_BYTES_PSD = 4_000_000_000  # of pixels before they are packed: a length of 4 bytes holds no more

_RGB, _EIGHT_BIT = 3, 8
_RAW, _RLE = 0, 1
_CHANNELS = ((-1, 3), (0, 0), (1, 1), (2, 2))  # Photoshop's number of a channel, and where it is in RGBA
_HIDDEN, _HAS_BIT_4, _NO_PIXELS = 2, 8, 16
_OPEN_GROUP, _GROUP_END = 1, 3


def write_psd(file: BinaryIO, document: Document, preview: np.ndarray | None = None) -> None:
    """Writes `document` to a seekable file. preview: uint8 [h,w,4] of `compose.merged`, where it is known already.

    A layer's pixels and offset, name, opacity (in steps of 1/255), blend mode, visibility and groups are kept exactly.
    """
    big = needs_psb(document)
    if preview is None:
        preview = merged(document.width, document.height, document.layers)
    opaque = bool((preview[..., 3] == 255).all())
    channels = 3 if opaque else 4
    version = 2 if big else 1
    file.write(
        b"8BPS"
        + struct.pack(">H6xHIIHH", version, channels, document.height, document.width, _EIGHT_BIT, _RGB)
    )
    file.write(struct.pack(">I", 0))  # no palette
    resources = _resources(document)
    file.write(struct.pack(">I", len(resources)) + resources)
    _write_layers(file, document, big, opaque)
    _write_preview(file, preview, channels, big)


def needs_psb(document: Document) -> bool:
    """Whether the document is too large for a PSD."""
    pixels = sum(layer.width * layer.height for layer in document.layers)
    return max(document.width, document.height) > LARGEST_PSD or 4 * pixels > MOST_BYTES_PSD


@dataclass(frozen=True)
class _Record:
    """What is said of a layer before all pixels; `layer` is None for the two ends of a group, which have no pixels."""

    name: str
    opacity: float
    blend: bytes
    flags: int
    layer: Layer | None = None
    divider: int = 0
    inner_blend: bytes = b""


def _records(layers: Sequence[Layer], depth: int = 0) -> Iterator[_Record]:
    """In the order of the file: from the lowest up, a group's end before its layers and its head after them."""
    for group, members in runs(layers, depth):
        if group is not None:
            yield _Record("</Layer group>", 1, b"norm", _HAS_BIT_4 | _NO_PIXELS, divider=_GROUP_END)
            yield from _records(members, depth + 1)
            yield _head(group)
            continue
        for layer in members:
            flags = _HAS_BIT_4 | (0 if layer.visible else _HIDDEN)
            yield _Record(layer.name, layer.opacity, BLENDS[layer.blend].psd, flags, layer)


def _head(group: Group) -> _Record:
    blend = b"pass" if group.blend == PASS_THROUGH else BLENDS[group.blend].psd
    flags = _HAS_BIT_4 | _NO_PIXELS | (0 if group.visible else _HIDDEN)
    return _Record(group.name, group.opacity, blend, flags, divider=_OPEN_GROUP, inner_blend=blend)


def _write_layers(file: BinaryIO, document: Document, big: bool, opaque: bool) -> None:
    """The layer section. The records come first and tell the lengths of the pixels: their place is filled at the end."""
    wide = ">Q" if big else ">I"
    records = list(_records(document.layers))
    nothing = [[2] * len(_CHANNELS)] * len(records)
    start = file.tell()
    head = struct.calcsize(wide) * 2 + 2
    size = sum(len(_record(record, lengths, big)) for record, lengths in zip(records, nothing, strict=True))
    file.seek(start + head + size)
    lengths = [_write_channels(file, record.layer, big) for record in records]
    length = file.tell() - start - head + 2
    padding = -length % 4
    file.write(bytes(padding) + struct.pack(">I", 0))  # no global mask
    end = file.tell()
    file.seek(start)
    info = struct.pack(wide, length + padding)
    file.write(struct.pack(wide, end - start - struct.calcsize(wide)) + info)
    # A negative count says that the fourth channel of the preview is its transparency.
    file.write(struct.pack(">h", len(records) if opaque else -len(records)))
    for record, own in zip(records, lengths, strict=True):
        file.write(_record(record, own, big))
    file.seek(end)


def _record(record: _Record, lengths: Sequence[int], big: bool) -> bytes:
    layer = record.layer
    box = (layer.y, layer.x, layer.y + layer.height, layer.x + layer.width) if layer else (0, 0, 0, 0)
    channels = b"".join(
        struct.pack(">hQ" if big else ">hI", number, length)
        for (number, _), length in zip(_CHANNELS, lengths, strict=True)
    )
    opacity = round(max(0.0, min(1.0, record.opacity)) * 255)
    extra = struct.pack(">II", 0, 0) + _old_name(record.name) + _block(b"luni", _unicode(record.name))
    if record.divider:
        kind = struct.pack(">I", record.divider)
        extra += _block(b"lsct", kind + b"8BIM" + record.inner_blend if record.inner_blend else kind)
    fixed = struct.pack(">iiiiH", *box, len(_CHANNELS)) + channels
    return (
        fixed + b"8BIM" + record.blend + struct.pack(">BBBxI", opacity, 0, record.flags, len(extra)) + extra
    )


def _old_name(name: str) -> bytes:
    """For readers that know no `luni`: ImageMagick 6 takes these bytes as they are, so UTF-8 keeps every script there."""
    short = name.encode("utf-8", "replace")[:255].decode("utf-8", "ignore").encode()
    return (bytes([len(short)]) + short).ljust(-(-(len(short) + 1) // 4) * 4, b"\0")


def _unicode(name: str) -> bytes:
    units = name.encode("utf-16-be", "replace")
    return struct.pack(">I", len(units) // 2) + units


def _block(key: bytes, data: bytes) -> bytes:
    data += bytes(-len(data) % 4)
    return b"8BIM" + key + struct.pack(">I", len(data)) + data


def _write_channels(file: BinaryIO, layer: Layer | None, big: bool) -> list[int]:
    """The pixels of one layer; the length in bytes of each channel."""
    lengths = []
    for _, index in _CHANNELS:
        start = file.tell()
        if layer is None:
            file.write(struct.pack(">H", _RAW))
        else:
            _write_plane(file, np.ascontiguousarray(layer.pixels[..., index]), big)
        lengths.append(file.tell() - start)
    return lengths


def _write_plane(file: BinaryIO, plane: np.ndarray, big: bool) -> None:
    found = packed(plane)
    if found is None:
        file.write(struct.pack(">H", _RAW))
        file.write(plane.data)
        return
    codes, sizes = found
    file.write(struct.pack(">H", _RLE) + sizes.astype(">u4" if big else ">u2").tobytes() + codes)


def _write_preview(file: BinaryIO, preview: np.ndarray, channels: int, big: bool) -> None:
    """The whole picture, for programs that know no layers. By convention on white where it is transparent."""
    planes = [np.ascontiguousarray(on_colour(preview)[..., index]) for index in range(3)]
    if channels == 4:
        planes.append(np.ascontiguousarray(preview[..., 3]))
    coded = [packed(plane) for plane in planes]
    rows = [one for one in coded if one is not None]
    if len(rows) < len(planes):  # one compression for all of them
        file.write(struct.pack(">H", _RAW))
        for plane in planes:
            file.write(plane.data)
        return
    file.write(struct.pack(">H", _RLE))
    for chunk in chain(
        (sizes.astype(">u4" if big else ">u2").tobytes() for _, sizes in rows), (codes for codes, _ in rows)
    ):
        file.write(chunk)


def _resources(document: Document) -> bytes:
    inch = struct.pack(">IHHIHH", 72 << 16, 1, 1, 72 << 16, 1, 1)  # 16.16 fixed point, pixels per inch
    made_by = [_unicode("Switchyard")] * 2
    version = (
        struct.pack(">IB", 1, 1) + b"".join(made_by) + struct.pack(">I", 1)
    )  # 1: the preview is a real one
    found = {1005: inch, 1057: version}
    if document.metadata:
        found[1060] = xmp_packet(document.metadata)
    return b"".join(
        b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + bytes(len(data) % 2)
        for number, data in found.items()
    )
