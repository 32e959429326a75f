"""Which local models can run here: the installed libraries have their classes (`releases.py`), their files are complete, and
they fit into the memory (`needs.py`)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ..errors import BadInput
from ..models import Model, find
from .family import families
from .files import SUFFIXES
from .find import DEPTH, Found, look
from .load import open_model
from .machine import Machine
from .model import LocalModel, Parts
from .needs import Memory, needs_of, too_little
from .releases import too_old
from .sources import Folders, Sources


@dataclass(frozen=True)
class Inventory:
    """rows: ids of the local models that can run. lacking: for each other one why not, a sentence."""

    rows: frozenset[str] = frozenset()
    lacking: Mapping[str, str] = field(default_factory=dict)


_lock = threading.Lock()
_known: dict[tuple[Memory, str], tuple[str, Inventory]] = {}


def inventory(folders: Folders, machine: Machine, memory: Memory) -> Inventory:
    """The folders are walked every time (a millisecond for a hundred files); headers are read again only after a file has come,
    gone or changed."""
    stamp, place = _stamp(folders), (memory, str(machine.device))
    with _lock:
        known = _known.get(place)
    if known is not None and known[0] == stamp:
        return known[1]
    why = {
        row: _obstacle(look(family, folders), machine, memory, folders.configs)
        for row, family in families().items()
    }
    lacking = {row: reason for row, reason in why.items() if reason}
    made = Inventory(frozenset(row for row in why if row not in lacking), lacking)
    with _lock:
        _known.clear()
        _known[place] = stamp, made
    return made


def open_row(
    row: Model, chosen: Mapping[str, Path], folders: Folders, registry: Parts, machine: Machine
) -> LocalModel:
    """The model of that row, from the likeliest files, or from those `chosen` by role. Raises BadInput, one sentence for what
    is missing or does not fit; weights are not read."""
    family = families()[row.id]
    found = look(family, folders)
    parts = dict(found.sources.parts)
    parts.update((role, path) for role, path in chosen.items() if family.part(role) is not None)
    sources = Sources(parts, found.sources.hub, found.sources.tokenizers, found.sources.configs)
    try:
        return open_model(family, sources, registry, machine)
    except BadInput as error:
        if found.refused and len(parts) < len(family.weights):
            raise BadInput(f"{error} Passed over: {found.refused[0]}") from None
        raise


def row_of(row_id: str) -> Model:
    """Raises BadInput for an id that is not, or no longer, a local model's."""
    row = find(row_id)
    if row is None or row.id not in families():
        raise BadInput(
            "This workflow asks for a local model that this version of Switchyard does not know: choose one from the list."
        )
    return row


def _obstacle(found: Found, machine: Machine, memory: Memory, configs: Path) -> str:
    old = too_old(found.family)
    if old:
        return old
    if not found.complete:
        return found.sentence
    try:
        needs = needs_of(found.family, found.sources.parts, machine, configs)
    except BadInput as error:
        return str(error)
    return too_little(row_of(found.family.model), needs, memory)


def _stamp(folders: Folders) -> str:
    digest = sha256()
    for place in (*folders.diffusers, *folders.diffusion_models, *folders.text_encoders, *folders.vae):
        for entry in _files(str(place), DEPTH):
            digest.update(entry.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(place: str, depth: int) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir():
                if depth > 0:
                    yield from _files(entry.path, depth - 1)
            elif entry.name.lower().endswith((*SUFFIXES, ".json")):
                stat = entry.stat()
                yield f"{entry.path}:{stat.st_size}:{stat.st_mtime_ns};"
        except OSError:  # gone in between, or a link to nowhere
            continue
