"""A layer file of any kind that can be read."""

from __future__ import annotations

from pathlib import Path

from ..errors import BadInput
from .layer import Document
from .limits import LIMITS, Limits
from .ora_read import read_ora
from .psd_read import read_psd

MOST_BYTES = 2 << 30


def open_file(path: Path, limits: Limits = LIMITS) -> Document:
    """The document in a PSD, PSB or OpenRaster file. Raises BadInput for everything that keeps it from being one."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"{path.name} is larger than the {MOST_BYTES >> 30} GB that are opened.")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}.") from None
    return read(data, limits)


def read(data: bytes, limits: Limits = LIMITS) -> Document:
    """The same of a file's bytes; its first ones tell which kind it is."""
    if data.startswith(b"8BPS"):
        return read_psd(data, limits)
    if data.startswith(b"PK"):
        return read_ora(data, limits)
    raise BadInput(
        "The file has no layers that can be read: neither a PSD or PSB nor an OpenRaster file begins like this."
    )
