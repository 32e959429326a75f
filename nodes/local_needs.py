"""What a loader would find on this machine, told before it runs: for the page. Nothing is loaded, and nothing fetched."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import folder_paths

from ..engine.errors import BadInput, SwitchyardError
from ..engine.models import Model
from ..engine.request import Request
from . import local, local_models
from .entries import check_entries, choice, object_of, text, unfit
from .local_inputs import AUTO
from .preview import MOST_BYTES, decided, request_of
from .routes import post

_LOADER = {"family", "model", "files", "route"}
LONGEST = 1_000  # characters of a file's name


@post("/switchyard/local", MOST_BYTES)
async def needs(entries: dict[str, Any]) -> dict[str, Any]:
    """A loader's widgets: `family`, `model`, `files` (role -> name or "auto"), and `route`, the connected router's own
    entries, where the model is automatic.

    Answers `{"chosen": false, "track": …}` where the route goes elsewhere, `{"refused": sentence}` where the node would raise
    whatever is there, else the model, whether it is `ready`, a sentence on what is missing and where to put it (`said`), and
    the memory that it `needs` against the `memory` here.
    """
    check_entries(entries, _LOADER)
    family = choice(entries, "family", ("qwen", "flux"))
    files = object_of(entries, "files")
    if not files.keys() <= local_models.FOLDERS.keys():
        raise unfit("files")
    if not all(isinstance(name, str) and len(name) <= LONGEST for name in files.values()):
        raise unfit("files")
    asked = None if entries.get("route") is None else request_of(object_of(entries, "route"))
    model = text(entries, "model") or AUTO
    try:
        return await asyncio.to_thread(_looked, family, model, files, asked)
    except SwitchyardError as error:
        return {"refused": str(error)}


def _looked(family: str, model: str, files: dict[str, str], asked: Request | None) -> dict[str, Any]:
    route = decided(asked) if asked and model == AUTO else None
    if route and (route.place, route.family) != ("local", family):
        return {"chosen": False, "track": route.track}
    row = local_models.row_of(model, family) if model != AUTO else route.row if route else local.best(family)
    return _found(
        row, {role: name for role, name in files.items() if name not in ("", local_models.AUTO_FILE)}
    )


def _found(row: Model, chosen: dict[str, str]) -> dict[str, Any]:
    from ..engine.local.needs import gigabytes, needs_here, too_little
    from .machine import machine

    try:
        local_models.open_row(row, chosen)  # headers only
        said = ""
    except BadInput as error:
        said = str(error)
    places = (
        (role, folder_paths.get_full_path(local_models.FOLDERS[role], name)) for role, name in chosen.items()
    )
    own = machine()
    needs = needs_here(row, {role: Path(path) for role, path in places if path}, local_models.folders(), own)
    memory = own.memory()
    short = too_little(row, needs, memory)
    return {
        "chosen": True,
        "model": row.id,
        "name": row.name,
        "ready": not said,
        "fits": not short,
        "said": said or short,
        "needs": gigabytes(max(need.total for need in needs)),
        "memory": f"{gigabytes(memory.card)} of card and {gigabytes(memory.of_the_computer)} of computer"
        if memory.card
        else gigabytes(memory.of_the_computer),
    }
