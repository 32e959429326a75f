"""How much memory a local model asks for, told before anything is loaded: from its files, or from the published ones' sizes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..models import Model
from .available import ROOM
from .family import families
from .files import SUFFIXES
from .find import look
from .sources import Folders


def memory_of(row: Model, chosen: Mapping[str, Path], folders: Folders) -> int:
    """Bytes that its largest part takes, with what is computed beside it: the parts take turns.

    chosen: role -> a file; the other parts are the likeliest on this machine. What is not here counts as it is published.
    """
    family = families()[row.id]
    here = {**look(family, folders).sources.parts, **chosen}
    sizes = (_bytes(here.get(part.role)) or int(part.gigabytes * 1e9) for part in family.weights)
    return max(sizes) + ROOM


def too_little(row: Model, needed: int, memory: int) -> str:
    """A sentence where `needed` bytes are more than the card and the computer have together; "" where they are not."""
    if needed <= memory:
        return ""
    return (
        f"{row.name} needs {needed / 1e9:.0f} GB of memory for its largest part, and this machine has {memory / 1e9:.0f} GB "
        "in all: use a smaller file of it (fp8 or GGUF)."
    )


def _bytes(path: Path | None) -> int:
    """Of a file of weights, or of all in a component's folder; 0 for what is not there."""
    if path is None:
        return 0
    try:
        files = path.iterdir() if path.is_dir() else [path]
        return sum(file.stat().st_size for file in files if file.suffix.lower() in SUFFIXES)
    except OSError:
        return 0
