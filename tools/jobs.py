"""`dev.py jobs`: what was asked of the service, and what became of it."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from engine.fal.journal import Entry, Journal

from . import cache

PRIVATE = Path("user") / "__switchyard"
MEANING = {
    "sending": "being sent, or cut off while it was",
    "taken": "with the service; queue the same request and its pictures are collected for nothing",
    "kept": "its pictures are kept; the same request again costs nothing",
    "unsure": "perhaps taken and billed; it is not sent again until you forget it",
    "failed": "ended without a picture",
    "cancelled": "cancelled",
}


def run(action: str, key: str, folder: str | None) -> int:
    """`list` every request, or `forget` one. `folder` is the journal's own, else every one that is known is tried."""
    journals = [Journal(found) for found in _folders(folder) if (found / "requests.sqlite").exists()]
    if not journals:
        print(
            "dev.py: no journal was found: name its folder with --folder (ComfyUI's user/__switchyard).",
            file=sys.stderr,
        )
        return 1
    if action == "forget":
        if not any(journal.forget(key) for journal in journals):
            print(f"dev.py: no single request begins with {key!r}: see `dev.py jobs`.", file=sys.stderr)
            return 1
        print("Forgotten. The same request is sent, and paid for, when it is queued again.")
        return 0
    entries = [entry for journal in journals for entry in journal.entries()]
    for entry in sorted(entries, key=lambda e: -e.created):
        print(_line(entry))
    print(f"{len(entries)} requests.")
    return 0


def _folders(folder: str | None) -> list[Path]:
    if folder:
        return [Path(folder).expanduser()]
    own = [Path(os.environ["COMFYUI_PATH"]).expanduser() / PRIVATE] if os.environ.get("COMFYUI_PATH") else []
    return [
        *own,
        *sorted(cache.root().glob(str(Path("*") / PRIVATE))),
        *sorted(cache.root().glob(str(Path("*/*") / PRIVATE))),
    ]


def _line(entry: Entry) -> str:
    when = datetime.fromtimestamp(entry.created).strftime("%Y-%m-%d %H:%M:%S")
    job = f" request {entry.job.request_id}" if entry.job else ""
    return f"{entry.key[:12]}  {when}  {entry.endpoint}  {entry.price}  {entry.state}: {MEANING[entry.state]}{job}"
