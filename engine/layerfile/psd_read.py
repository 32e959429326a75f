"""Photoshop files, PSD and PSB, of 8-bit RGB: their layers, names, groups, masks and metadata.

Nothing in a file is believed: every length is checked against what is left of it, every size against `limits`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..errors import BadInput
from .blends import BY_PSD
from .layer import NORMAL, PASS_THROUGH, Document, Group, Layer
from .limits import LIMITS, Limits
from .psd_bytes import Bytes, plane, planes
from .psd_record import Mask, Record, read_record
from .xmp import metadata_of

MODES = {
    0: "bitmap",
    1: "grey",
    2: "indexed colour",
    3: "RGB",
    4: "CMYK",
    7: "multichannel",
    8: "duotone",
    9: "Lab",
}

_RGB, _XMP = 3, 1060
_MASK = -2  # the number of the channel


def read_psd(data: bytes, limits: Limits = LIMITS) -> Document:
    """The document in a PSD or PSB. Layer masks are multiplied into the alpha. A file without layers has one, of its whole
    picture. Raises BadInput for what is not one, is damaged, is too large, or is not 8-bit RGB."""
    file = Bytes(data)
    channels, width, height = _header(file, limits)
    file.take(file.length())  # the palette
    metadata = _metadata(file.part(file.length()))
    section = file.part(file.length(file.big))
    info = section.part(section.length(file.big)) if section.left else section
    notes: list[str] = []
    layers = tuple(_layers(info, limits, width, height, notes)) if info.left >= 2 else ()
    if not layers:
        layers = (_flat(file, channels, width, height),)
    return Document(width, height, layers, metadata, tuple(dict.fromkeys(notes)))


def _header(file: Bytes, limits: Limits) -> tuple[int, int, int]:
    if file.take(4) != b"8BPS":
        raise BadInput("The file is no Photoshop file: it does not begin like one.")
    version = file.number(">H")
    if version not in (1, 2):
        raise BadInput(f"The Photoshop file is of version {version}; 1 (PSD) and 2 (PSB) can be read.")
    file.big = version == 2
    file.take(6)
    channels, height, width, depth, mode = file.numbers(">HIIHH")
    if mode != _RGB or depth != 8:
        called = MODES.get(mode, f"mode {mode}")
        raise BadInput(
            f"The Photoshop file is {called} with {depth} bits a channel; only RGB with 8 can be read: convert it "
            "there (Image > Mode) and save it again."
        )
    if not 3 <= channels <= 56:
        raise BadInput(f"The Photoshop file says that RGB has {channels} channels: it is damaged.")
    limits.check_canvas(width, height)
    return channels, width, height


def _metadata(resources: Bytes) -> dict[str, str]:
    while resources.left >= 12:
        resources.take(4)
        number = resources.number(">H")
        name = resources.number(">B")
        resources.take(name + (name + 1) % 2)
        size = resources.length()
        block = resources.take(size)
        resources.take(min(size % 2, resources.left))
        if number == _XMP:
            return metadata_of(block)
    return {}


def _layers(info: Bytes, limits: Limits, width: int, height: int, notes: list[str]) -> Iterator[Layer]:
    count = abs(info.number(">h"))
    limits.check_layers(count)
    records = [read_record(info) for _ in range(count)]
    real = [record for record in records if not record.divider]
    limits.check_pixels(sum(max(0, r.box[0]) * max(0, r.box[1]) for r in real))
    limits.check_pixels(width * height * len(real))
    limits.check_pixels(sum(r.mask.pixels for r in real if r.mask))
    paths = _paths(records, limits)
    base: Layer | None = None
    for record, path in zip(records, paths, strict=True):
        pixels, masked = _channels(info, record, limits)
        if record.divider:
            if masked:
                notes.append(f"The mask of the group \u201c{record.name}\u201d is left out.")
            continue
        notes.extend(_left_out(record))
        layer = Layer(
            record.name, pixels, record.left, record.top, record.opacity / 255,
            BY_PSD.get(record.blend, NORMAL), not record.hidden, path,
        )  # fmt: skip
        if record.clipped and base is not None:
            layer = _clipped(layer, base)
        else:
            base = layer
        yield layer


def _paths(records: list[Record], limits: Limits) -> list[tuple[Group, ...]]:
    """The groups of each record. The file names a group after its layers, so this goes from the top down."""
    paths: list[tuple[Group, ...]] = []
    open_groups: list[Group] = []
    for record in reversed(records):
        if record.divider == 3 and open_groups:
            open_groups.pop()
        paths.append(tuple(open_groups))
        if record.divider in (1, 2):
            blend = PASS_THROUGH if record.group_blend == b"pass" else BY_PSD.get(record.group_blend, NORMAL)
            open_groups.append(Group(record.name, record.opacity / 255, blend, not record.hidden))
            limits.check_depth(len(open_groups))
    return paths[::-1]


def _channels(info: Bytes, record: Record, limits: Limits) -> tuple[np.ndarray, bool]:
    """The pixels of a layer, its mask multiplied in; and whether it has a mask. A group has no pixels.

    A channel that is there twice is read once: a small file could name a large one many times.
    """
    width, height = record.box
    empty = width < 1 or height < 1 or bool(record.divider)
    if not empty and max(width, height) > limits.side:
        raise BadInput(f"The Photoshop file has a layer of {width:,} x {height:,} pixels: it is damaged.")
    found: dict[int, np.ndarray] = {}
    mask = None if record.mask is None or record.mask.off else record.mask
    for number, length in record.channels:
        channel = info.part(length)
        if empty or number in found:
            continue
        if number == _MASK and mask:
            found[_MASK] = _mask_plane(channel, mask)
        elif -1 <= number <= 2:
            found[number] = plane(channel, width, height)
    if empty:
        return np.zeros((1, 1, 4), np.uint8), bool(mask) and any(n == _MASK for n, _ in record.channels)
    if not {0, 1, 2} <= found.keys():
        raise BadInput("The Photoshop file is damaged: a layer has not all of its colours.")
    pixels = np.empty((height, width, 4), np.uint8)
    for number in (0, 1, 2):
        pixels[..., number] = found[number]
    pixels[..., 3] = found.get(-1, 255)
    if mask and _MASK in found:
        _multiply(pixels, record, mask, found[_MASK])
    return pixels, _MASK in found


def _mask_plane(channel: Bytes, mask: Mask) -> np.ndarray:
    if not mask.pixels:
        return np.zeros((0, 0), np.uint8)
    return plane(channel, mask.right - mask.left, mask.bottom - mask.top)


def _multiply(pixels: np.ndarray, record: Record, mask: Mask, values: np.ndarray) -> None:
    whole = np.full(pixels.shape[:2], mask.outside, np.uint16)
    left, top = max(mask.left, record.left), max(mask.top, record.top)
    right, bottom = min(mask.right, record.right), min(mask.bottom, record.bottom)
    if left < right and top < bottom:
        inside = values[top - mask.top : bottom - mask.top, left - mask.left : right - mask.left]
        whole[top - record.top : bottom - record.top, left - record.left : right - record.left] = inside
    pixels[..., 3] = (pixels[..., 3] * whole + 127) // 255


def _clipped(layer: Layer, base: Layer) -> Layer:
    """A layer that Photoshop shows only where the one below it is: its alpha times that one's, and hidden with it."""
    alpha = np.zeros(layer.pixels.shape[:2], np.uint16)
    left, top = max(layer.x, base.x), max(layer.y, base.y)
    right, bottom = (
        min(layer.x + layer.width, base.x + base.width),
        min(layer.y + layer.height, base.y + base.height),
    )
    if left < right and top < bottom:
        inside = base.pixels[top - base.y : bottom - base.y, left - base.x : right - base.x, 3]
        alpha[top - layer.y : bottom - layer.y, left - layer.x : right - layer.x] = inside
    pixels = layer.pixels.copy()
    pixels[..., 3] = (pixels[..., 3] * alpha + 127) // 255
    return replace(layer, pixels=pixels, visible=layer.visible and base.visible)


_ADJUSTMENTS = {b"brit", b"levl", b"curv", b"expA", b"vibA", b"hue2", b"hue ", b"blnc", b"blwh", b"phfl", b"mixr", b"clrL",
                b"nvrt", b"post", b"thrs", b"grdm", b"selc"}  # fmt: skip
_FILLS = {b"SoCo", b"GdFl", b"PtFl"}


def _left_out(record: Record) -> Iterator[str]:
    called = f"\u201c{record.name}\u201d"
    if record.keys & _ADJUSTMENTS:
        yield f"{called} is an adjustment layer: it comes empty."
    elif record.keys & _FILLS and record.box == (0, 0):
        yield f"{called} is a fill layer without pixels: it comes empty."
    if record.keys & {b"lfx2", b"lrFX", b"lmfx"}:
        yield f"The effects of {called} are left out."
    if record.blend not in BY_PSD:
        mode = record.blend.decode("ascii", "replace").strip()
        yield f"{called} has the blend mode \u201c{mode}\u201d, which is taken as normal."


def _flat(file: Bytes, channels: int, width: int, height: int) -> Layer:
    pixels = np.full((height, width, 4), 255, np.uint8)
    for index, channel in enumerate(planes(file, min(channels, 4), channels, width, height)):
        pixels[..., index] = channel
    return Layer("Background", pixels)
