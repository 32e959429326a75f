"""The page's route for the key: is there one, keep this one, forget it. The key itself is never answered."""

from __future__ import annotations

import asyncio
from typing import Any

from ..engine.errors import BadInput, NoKey
from ..engine.fal.key import FILE, find_key, forget_key, save_key
from . import host
from .routes import post


@post("/switchyard/key")
async def key(entries: dict[str, Any]) -> dict[str, Any]:
    """`{"key": "id:secret"}` saves the key, `{"key": ""}` removes the saved one, `{}` only asks.

    All answer `present`, `source` (a phrase, "" without a key) and `shadowed`: a saved key is there, and FAL_KEY in the
    environment goes first. The key itself is never answered.
    """
    if not entries.keys() <= {"key"} or not isinstance(entries.get("key", ""), str):
        raise BadInput(
            'Only one entry is taken here, "key", and it has to be a text: id:secret, or "" for none.'
        )
    if "key" in entries:
        try:
            await asyncio.to_thread(_keep, entries["key"])  # it waits for the disk
        except OSError as trouble:
            raise BadInput(
                f"The key could not be changed in ComfyUI's private user folder ({trouble.strerror}): make room on its "
                "disk, or mend its permissions."
            ) from None
    found = host.key()
    return {
        "present": found is not None,
        "source": found.source if found else "",
        "shadowed": found is not None and found.source != FILE and _is_saved(),
    }


def _keep(text: str) -> None:
    if text:
        save_key(host.private_folder(), text)
    else:
        forget_key(host.private_folder())


def _is_saved() -> bool:
    try:
        return find_key(host.private_folder(), {}) is not None
    except NoKey:
        return True  # there is one; that it is broken matters once it is in force
