"""A loader's `download`: what a model lacks on this machine, from the hub into models/diffusers. Never without being asked."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import folder_paths

from ..engine.errors import BadInput
from ..engine.fal.aside import aside
from ..engine.models import Model
from . import host, local_models


class Stopped(Exception):
    """Ends the thread that fetches; nobody waits for it any more."""


async def fetch(row: Model, chosen: Mapping[str, str]) -> None:
    """Fetches what `row` lacks beside the files `chosen` by role; where that is nothing, nobody is asked for anything.

    Cancel is heard while the line stands still too: the thread ends at its next piece, and what has arrived stays. BadInput,
    one sentence, for whatever goes wrong.
    """
    lacking = await aside(lambda: _lacking(row, chosen), host.raise_if_interrupted)
    if not lacking:
        return
    from ..engine.local.family import families
    from ..engine.local.hub import download

    repository, stop, shown = row.endpoints[0].id, threading.Event(), _Progress()
    had = {part.role for part in families()[row.id].weights} - lacking
    root = Path(folder_paths.get_folder_paths("diffusers")[0])

    def check() -> None:
        if stop.is_set():
            raise Stopped

    def beat() -> None:
        host.raise_if_interrupted()
        shown.show()

    host.say(f"asking the hub for {repository}")
    try:
        await aside(lambda: download(repository, root, progress=shown.hear, check=check, skip=had), beat)
    finally:
        stop.set()


def _lacking(row: Model, chosen: Mapping[str, str]) -> set[str]:
    """Roles and tokenizers that are not here. Raises BadInput for a model that the installed libraries cannot run."""
    from ..engine.local.family import families
    from ..engine.local.find import look
    from ..engine.local.releases import too_old

    if reason := too_old(families()[row.id]):  # nothing is fetched that could not run
        raise BadInput(reason)
    given = {role for role, name in chosen.items() if name != local_models.AUTO_FILE}
    found = look(families()[row.id], local_models.folders())
    return {one.role for one in found.missing} - given


class _Progress:
    """Heard in the thread that fetches, shown in ComfyUI's own: only there it is known which node is running."""

    def __init__(self) -> None:
        self._now: tuple[int, int, str] | None = None
        self._shown: tuple[int, int, str] | None = None

    def hear(self, done: int, total: int, file: str) -> None:
        """Bytes of the whole folder, and the file under way."""
        self._now = done, total, file

    def show(self) -> None:
        now = self._now
        if now is None or now == self._shown:
            return
        self._shown = done, total, file = now
        part = file.partition("/")[0].replace("_", " ") if "/" in file else "its index"
        unit, size = ("GB", 10**9) if total >= 10**9 else ("MB", 10**6)
        host.say(f"downloading {part}: {done / size:.1f} of {total / size:.1f} {unit}")
        host.progress(total).update_absolute(done, total)
