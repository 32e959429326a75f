"""Layers as an OpenRaster file: a zip of PNGs and of a list of them. Krita opens it; GIMP as Debian 12 has it does not.

Source of the layout: the OpenRaster specification, 0.0.5.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import BinaryIO
from xml.etree.ElementTree import Element, SubElement, tostring
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from PIL import Image

from .blends import BLENDS
from .compose import merged
from .layer import NORMAL, PASS_THROUGH, Document, Layer, runs
from .png import png

MIME = b"image/openraster"
THUMBNAIL = 256  # pixels a side at most, as the specification wants

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same layers make the same file, byte for byte


def write_ora(file: BinaryIO, document: Document, preview: np.ndarray | None = None) -> None:
    """Writes `document` to a file. preview: uint8 [h,w,4] of `compose.merged`, where it is known already.

    Everything of a layer is kept exactly. The metadata is in the text of the merged picture, as in a PNG of ComfyUI's.
    """
    if preview is None:
        preview = merged(document.width, document.height, document.layers)
    with ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo("mimetype", _EPOCH), MIME)
        for name, data in _pictures(document.layers):
            archive.writestr(ZipInfo(name, _EPOCH), data)
        stack = ZipInfo("stack.xml", _EPOCH)
        stack.compress_type = ZIP_DEFLATED
        archive.writestr(stack, _stack(document))
        archive.writestr(ZipInfo("mergedimage.png", _EPOCH), png(preview, document.metadata))
        archive.writestr(ZipInfo("Thumbnails/thumbnail.png", _EPOCH), _thumbnail(preview))


def _pictures(layers: Sequence[Layer]) -> Iterator[tuple[str, bytes]]:
    """Each layer's PNG, packed by two threads, of which at most four wait to be written."""
    workers = min(2, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        for first in range(0, len(layers), 2 * workers):
            found = pool.map(lambda layer: png(layer.pixels), layers[first : first + 2 * workers])
            for index, data in enumerate(found, first):
                yield _file_of(index), data


def _file_of(index: int) -> str:
    return f"data/layer{index:03}.png"


def _stack(document: Document) -> bytes:
    image = Element(
        "image", version="0.0.5", w=str(document.width), h=str(document.height), xres="72", yres="72"
    )
    _fill(SubElement(image, "stack"), document.layers, 0, count())
    return tostring(image, "UTF-8", xml_declaration=True)


def _fill(stack: Element, layers: Sequence[Layer], depth: int, numbers: Iterator[int]) -> None:
    """The elements of one level; in the file the highest layer comes first."""
    for group, members in runs(layers, depth):
        if group is None:
            for layer in members:
                place = {"src": _file_of(next(numbers)), "x": str(layer.x), "y": str(layer.y)}
                looks = _looks(layer.name, layer.opacity, layer.blend, layer.visible)
                stack.insert(0, Element("layer", looks | place))
            continue
        blend = NORMAL if group.blend == PASS_THROUGH else group.blend
        inner = Element("stack", _looks(group.name, group.opacity, blend, group.visible))
        # "auto": put together on what is below, not on nothing first.
        inner.set("isolation", "auto" if group.blend == PASS_THROUGH else "isolate")
        _fill(inner, members, depth + 1, numbers)
        stack.insert(0, inner)


def _looks(name: str, opacity: float, blend: str, visible: bool) -> dict[str, str]:
    return {
        "name": name,
        "opacity": f"{opacity:.6g}",
        "visibility": "visible" if visible else "hidden",
        "composite-op": BLENDS[blend].ora,
    }


def _thumbnail(preview: np.ndarray) -> bytes:
    small = Image.fromarray(preview)
    small.thumbnail((THUMBNAIL, THUMBNAIL))  # Pillow scales with the colours weighted by their alpha
    file = io.BytesIO()
    small.save(file, "PNG")
    return file.getvalue()
