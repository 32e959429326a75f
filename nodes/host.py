"""ComfyUI as the rest of the pack needs it: who is running, what may be used, progress, interrupt, private folder."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import comfy.model_management
import comfy.utils
import folder_paths
from comfy_execution.utils import get_executing_context
from server import PromptServer

from ..engine.errors import BadInput, NoKey
from ..engine.models import table_version

if TYPE_CHECKING:
    from ..engine.fal.books import Books
    from ..engine.fal.key import Key
    from ..engine.fal.settings import Settings
    from ..engine.request import Available
    from ..engine.user_rules import UserRules

# The stamp of the person's rules, and what they say, or why they cannot be read.
_rules: tuple[object, UserRules | BadInput] | None = None


def node_id() -> str:
    """The id of the node that is running now; "" outside a prompt."""
    context = get_executing_context()
    return str(context.node_id) if context else ""


def workflow_id() -> str:
    """The id of the queued workflow that is running now; "" outside one."""
    context = get_executing_context()
    return str(context.prompt_id) if context else ""


def say(text: str, node: str = "") -> None:
    """Shows a line of text on the running node, or on that one."""
    if PromptServer.instance is not None and (node or node_id()):
        PromptServer.instance.send_progress_text(text, node or node_id())


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
    from ..engine.fal.key import find_key

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

    local: False where a remote node chooses for itself: then nobody looks for local models, nor into the ledger, which
    will judge the very order. Raises BadInput for rules of the person's that cannot be understood: to pass over them might
    cost money.
    """
    from ..engine.request import Available

    try:
        present = key() is not None
    except NoKey:
        present = True
    if not local:
        return Available(local=None, key=present, rules=user_rules())
    from . import local_models

    found = local_models.inventory()
    return Available(found.rows, present, found.lacking, **_budget_left(), rules=user_rules())


def user_rules() -> UserRules | None:
    """The person's own rules for the router, read again when their file changes; None where there is none. Raises
    BadInput, one sentence with the line, for what cannot be understood."""
    global _rules
    from ..engine.rules_file import FILE, read_rules

    file = private_folder() / FILE
    try:
        stat = file.stat()
    except OSError:
        return None  # reading is what finds out more, where there is a file
    stamp = (str(file), stat.st_mtime_ns, stat.st_size)
    if _rules is None or _rules[0] != stamp:
        try:
            _rules = stamp, read_rules(file)
        except BadInput as trouble:
            _rules = stamp, trouble
    found = _rules[1]
    if isinstance(found, BadInput):
        raise BadInput(str(found))
    return found


def _budget_left() -> dict[str, Any]:
    """What may still be spent, for `Available`; nothing where no limit is set or nobody can tell: a budget that cannot be
    read is for the node that pays to speak of."""
    try:
        budget = settings().budget
    except BadInput:
        return {}
    if budget.daily is None and budget.monthly is None and budget.run is None:
        return {}
    from ..engine.fal.purse import purse

    left = purse(private_folder(), budget, time.time())
    if left is None:
        return {}
    return {
        "budget_left": left.usd,
        "budget": left.budget,
        "unknown_price": budget.unknown_price,
    }


def fingerprint(remote_only: bool) -> str:
    """What makes the router decide again although its inputs are the same. Never an amount, never the time.

    Hashed, because ComfyUI writes it into the metadata of every saved picture. remote_only: a choice that is remote anyway
    must not change, and buy again, with a key or with a model on the disk. Rules that cannot be understood are for the
    router itself to tell of.
    """
    try:
        now = available(local=not remote_only)
        rules = now.rules.version if now.rules else ""
    except BadInput:
        return "broken rules"
    here = () if remote_only else (now.key, sorted(now.local or ()))
    return sha256(f"{here} {table_version()} {rules}".encode()).hexdigest()[:12]


def service_address() -> str:
    """SWITCHYARD_FAL_URL: another base address for tests and gateways; "" for fal itself."""
    return os.environ.get("SWITCHYARD_FAL_URL", "").strip()
