"""OpenRaster files: their layers, names, groups and metadata.

Nothing is unpacked to the disk, so a path in the file leads nowhere; every entry is read up to a limit, whatever size it
claims; the XML may have no document type.
"""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

import numpy as np
from PIL import Image

from ..errors import BadInput
from .blends import BY_ORA
from .layer import NORMAL, PASS_THROUGH, Document, Group, Layer, clean_name
from .limits import LIMITS, Limits
from .xmp import parse_xml

_MOST_ENTRIES = 10_000
_ROOM = 64 << 20  # bytes that may come out of a file beyond four times its own: PNGs are packed already


def read_ora(data: bytes, limits: Limits = LIMITS) -> Document:
    """The document in an OpenRaster file. Raises BadInput for what is not one, is damaged, or is too large."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            return _document(_Archive(archive, 4 * len(data) + _ROOM), limits)
    except (
        BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        OverflowError,
        zlib.error,
    ):
        # zipfile's ways to say: damaged, of an unknown kind, with a password.
        raise BadInput("The OpenRaster file is damaged: it cannot be unpacked.") from None


@dataclass
class _Archive:
    """left: the bytes that may still be unpacked of it; without that, one small entry named by a thousand layers would
    keep a computer busy for hours."""

    file: ZipFile
    left: int

    def read(self, name: str) -> bytes:
        try:
            info = self.file.getinfo(name)
        except KeyError:
            called = clean_name(name)[:80]
            raise BadInput(
                f"The OpenRaster file is damaged: \u201c{called}\u201d, which it names, is not in it."
            ) from None
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadInput("The OpenRaster file is packed in a way that no painting program uses.")
        self.left -= info.file_size
        if self.left < 0:
            raise BadInput("The OpenRaster file unpacks to far more than its size: it is not opened.")
        with self.file.open(info) as entry:
            return entry.read(info.file_size)


def _document(archive: _Archive, limits: Limits) -> Document:
    names = archive.file.namelist()
    if len(names) > _MOST_ENTRIES:
        raise BadInput(f"The OpenRaster file has {len(names):,} entries: it is damaged.")
    if "stack.xml" not in names:
        raise BadInput("The file is no OpenRaster file: it is a zip without a stack.xml.")
    image = parse_xml(archive.read("stack.xml"))
    width, height = _whole(image, "w"), _whole(image, "h")
    limits.check_canvas(width, height)
    top = image.find("stack")
    if image.tag != "image" or top is None:
        raise BadInput("The OpenRaster file is damaged: its stack.xml has no stack.")
    notes: list[str] = []
    elements = list(_elements(top, (), limits, notes))[::-1]
    limits.check_layers(len(elements))
    limits.check_pixels(width * height * len(elements))
    used, layers = 0, []
    for element, groups in elements:
        picture = _open(archive.read(element.get("src", "")), limits)
        used += picture.width * picture.height
        limits.check_pixels(used)
        layers.append(_layer(element, groups, _pixels(picture), notes))
    if not layers:
        raise BadInput("The OpenRaster file has no layers.")
    return Document(width, height, tuple(layers), _metadata(archive, limits), tuple(dict.fromkeys(notes)))


def _elements(
    stack: Element, groups: tuple[Group, ...], limits: Limits, notes: list[str]
) -> Iterator[tuple[Element, tuple[Group, ...]]]:
    """The layers' elements with the groups that they are in, the highest first."""
    limits.check_depth(len(groups))
    for element in stack:
        if element.tag == "layer":
            yield element, groups
        elif element.tag == "stack":
            blend = _blend(element, notes)
            if blend == NORMAL and element.get("isolation") == "auto":
                blend = PASS_THROUGH
            group = Group(_name(element, "Group"), _opacity(element), blend, _visible(element))
            yield from _elements(element, (*groups, group), limits, notes)
        else:
            notes.append(f"An element \u201c{clean_name(element.tag)[:40]}\u201d of the file is left out.")


def _layer(element: Element, groups: tuple[Group, ...], pixels: np.ndarray, notes: list[str]) -> Layer:
    x, y = _whole(element, "x"), _whole(element, "y")
    return Layer(
        _name(element, "Layer"),
        pixels,
        x,
        y,
        _opacity(element),
        _blend(element, notes),
        _visible(element),
        groups,
    )


def _open(data: bytes, limits: Limits) -> Image.Image:
    """The picture, its size checked, not yet unpacked."""
    try:
        picture = Image.open(io.BytesIO(data), formats=["PNG"])
    except Exception:  # Pillow's readers raise nearly everything on broken files
        raise BadInput("The OpenRaster file is damaged: one of its layers is no PNG.") from None
    limits.check_pixels(picture.width * picture.height)
    return picture


def _pixels(picture: Image.Image) -> np.ndarray:
    if picture.mode.startswith(("I", "F")):
        raise BadInput("The OpenRaster file has a layer of 16 bits a channel; only 8 can be read.")
    try:
        return np.array(picture.convert("RGBA"))
    except Exception:
        raise BadInput("The OpenRaster file is damaged: one of its layers cannot be decoded.") from None


def _metadata(archive: _Archive, limits: Limits) -> dict[str, str]:
    """The texts of the merged picture; without one, or with a broken one, the layers are still good."""
    try:
        picture = _open(archive.read("mergedimage.png"), limits)
        return {str(key): value for key, value in picture.info.items() if isinstance(value, str)}
    except BadInput:
        return {}


def _whole(element: Element, key: str) -> int:
    try:
        value = float(element.get(key, "0"))
    except ValueError:
        value = math.nan
    if not abs(value) < 10_000_000:
        raise BadInput(f"The OpenRaster file is damaged: its stack.xml has a bad \u201c{key}\u201d.")
    return round(value)


def _opacity(element: Element) -> float:
    try:
        value = float(element.get("opacity", "1"))
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise BadInput("The OpenRaster file is damaged: an opacity is not between 0 and 1.")
    return value


def _visible(element: Element) -> bool:
    return element.get("visibility", "visible") != "hidden"


def _name(element: Element, without: str) -> str:
    return clean_name(element.get("name", "")) or without


def _blend(element: Element, notes: list[str]) -> str:
    mode = element.get("composite-op", "svg:src-over")
    if mode not in BY_ORA:
        called = clean_name(mode)[:40]
        notes.append(
            f"\u201c{_name(element, 'A layer')}\u201d has the blend mode \u201c{called}\u201d, which is taken as normal."
        )
    return BY_ORA.get(mode, NORMAL)
