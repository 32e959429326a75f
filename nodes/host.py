"""ComfyUI as the rest of the pack needs it: who is running, what may be used, progress, interrupt, private folder."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import comfy.model_management
import comfy.utils
import folder_paths
from comfy_execution.utils import get_executing_context
from server import PromptServer

from ..engine.errors import BadInput, NoKey
from ..engine.fal.key import Key, find_key
from ..engine.models import table_version
from ..engine.request import Available

if TYPE_CHECKING:
    from ..engine.fal.books import Books
    from ..engine.fal.settings import Settings


def node_id() -> str:
    """The id of the node that is running now; "" outside a prompt."""
    context = get_executing_context()
    return str(context.node_id) if context else ""


def workflow_id() -> str:
    """The id of the queued workflow that is running now; "" outside one."""
    context = get_executing_context()
    return str(context.prompt_id) if context else ""


def say(text: str) -> None:
    """Shows a line of text on the running node."""
    if PromptServer.instance is not None and node_id():
        PromptServer.instance.send_progress_text(text, node_id())


def progress(steps: int) -> comfy.utils.ProgressBar:
    return comfy.utils.ProgressBar(steps)


def raise_if_interrupted() -> None:
    """Raises ComfyUI's own InterruptProcessingException when the person pressed cancel."""
    comfy.model_management.throw_exception_if_processing_interrupted()


def private_folder() -> Path:
    """Our folder inside ComfyUI's user directory. ComfyUI never serves it over HTTP."""
    return Path(folder_paths.get_system_user_directory("switchyard"))


def key() -> Key | None:
    """The key for fal, or None. Raises NoKey when there is one that cannot be right."""
    return find_key(private_folder())


def settings() -> Settings:
    """What the person has set about money and patience. Raises BadInput for what cannot be understood."""
    from ..engine.fal.settings import read_settings

    return read_settings(private_folder())


def books(settings: Settings) -> Books:
    """The journal of what was asked of the service, and the pictures that were paid for, in the private folder."""
    import sqlite3

    from ..engine.fal.books import Books

    try:
        return Books.open(private_folder(), settings)
    except (OSError, sqlite3.Error) as trouble:
        raise BadInput(
            f"The journal of paid requests cannot be opened ({trouble}), so nothing was sent: make room on the disk that "
            "holds ComfyUI's user folder, or mend its permissions."
        ) from None


def required_key() -> Key:
    found = key()
    if found is None:
        raise NoKey(
            "No fal key was found, so nothing was sent: set FAL_KEY in the environment that starts ComfyUI, "
            "or turn on rehearse to see everything but the picture."
        )
    return found


def available(local: bool = True) -> Available:
    """What a route may count on. A malformed key counts as one: the node that needs it says what is wrong with it.

    local: False where only a remote model will be chosen; then nobody looks for others.
    """
    try:
        present = key() is not None
    except NoKey:
        present = True
    if not local:
        return Available(local=None, key=present)
    from . import local_models

    found = local_models.inventory()
    return Available(found.rows, present, found.lacking)


def fingerprint(remote_only: bool) -> str:
    """What makes the router decide again although its inputs are the same. Never an amount, never the time.

    Hashed, because ComfyUI writes it into the metadata of every saved picture. remote_only: a choice that is remote anyway
    must not change, and buy again, with a key or with a model on the disk.
    """
    now = None if remote_only else available()
    here = (now.key, sorted(now.local or ())) if now else ()
    return sha256(f"{here} {table_version()}".encode()).hexdigest()[:12]


def service_address() -> str:
    """SWITCHYARD_FAL_URL: another base address for tests and gateways; "" for fal itself."""
    return os.environ.get("SWITCHYARD_FAL_URL", "").strip()
