"""Layer files on the disk, each whole or not there at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import numpy as np

from ..errors import BadInput
from .layer import Document, full_canvas
from .limits import LIMITS
from .ora_write import write_ora
from .png import png
from .psd_write import needs_psb, write_psd

PSD, ORA, BOTH, PNG = "psd", "ora", "psd + ora", "png per layer"
FORMATS = (PSD, ORA, BOTH, PNG)


def save(document: Document, preview: np.ndarray, folder: Path, stem: str, form: str) -> list[Path]:
    """Writes `folder/stem.psd`, `.psb` for a document that needs it, `.ora`, or `stem01.png`, `stem02.png` … of the whole
    canvas each, the lowest first; returns them. preview: uint8 [h,w,4] of `compose.merged`.

    form: one of FORMATS. Raises BadInput for more than a layer file may have, or where the disk takes no file.
    """
    LIMITS.check_layers(len(document.layers))
    LIMITS.check_canvas(document.width, document.height)
    made = []
    if form in (PSD, BOTH):
        extension = "psb" if needs_psb(document) else "psd"
        made.append(_write(folder / f"{stem}.{extension}", lambda file: write_psd(file, document, preview)))
    if form in (ORA, BOTH):
        made.append(_write(folder / f"{stem}.ora", lambda file: write_ora(file, document, preview)))
    if form == PNG:
        for number, layer in enumerate(document.layers, 1):
            data = png(full_canvas(layer, document.width, document.height), document.metadata)
            made.append(write_whole(folder / f"{stem}{number:02}.png", data))
    return made


def write_whole(path: Path, data: bytes) -> Path:
    return _write(path, lambda file: file.write(data))


def _write(path: Path, write: Callable[[BinaryIO], object]) -> Path:
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("w+b") as file:
            write(file)
        part.replace(path)
    except OSError as error:
        raise BadInput(f"{path.name} could not be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)
    return path
