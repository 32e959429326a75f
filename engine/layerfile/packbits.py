"""PackBits, the run-length coding of PSD files, at the speed of the C in Pillow: 4 megapixels in 5 to 65 ms."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, TiffImagePlugin, features

from ..errors import BadInput

_ROWS_PER_STRIP, _STRIP_OFFSETS, _STRIP_SIZES = 278, 273, 279


def packed(plane: np.ndarray) -> tuple[bytes, np.ndarray] | None:
    """One channel, uint8 [h,w], as (the rows' codes one after the other, int64 [h]: the length of each in bytes).

    None where that would not be smaller, or where this Pillow has no libtiff: then the plane is stored as it is.
    """
    if not features.check("libtiff"):
        return None
    # A TIFF of one row per strip has just these rows in it: Pillow offers its encoder in no other way.
    file = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(plane))
    image.save(file, "TIFF", compression="packbits", tiffinfo={_ROWS_PER_STRIP: 1})
    if file.getbuffer().nbytes >= plane.size:
        return None
    file.seek(0)
    written = TiffImagePlugin.TiffImageFile(file)
    offsets = np.array(written.tag_v2[_STRIP_OFFSETS], np.int64)
    sizes = np.array(written.tag_v2[_STRIP_SIZES], np.int64)
    if len(sizes) != plane.shape[0] or (offsets[:-1] + sizes[:-1] != offsets[1:]).any():
        return None
    return file.getvalue()[offsets[0] : offsets[-1] + sizes[-1]], sizes


def unpacked(codes: bytes, width: int, height: int) -> np.ndarray:
    """The channel, uint8 [h,w], that the rows' codes stand for. Raises BadInput for codes that do not fill it."""
    fewest = -(-width // 128) * 2 * height  # a code of 2 bytes stands for 128 pixels at most
    if len(codes) < fewest:
        raise BadInput("The layer file is damaged: a run-length coded channel ends too early.")
    try:
        return np.asarray(Image.frombytes("L", (width, height), codes, "packbits", "L"))
    except (ValueError, OSError):
        raise BadInput("The layer file is damaged: a run-length coded channel cannot be decoded.") from None
