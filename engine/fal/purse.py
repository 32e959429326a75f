"""What may still be spent, for the router: read at once, without a lock, and never written.

The ledger is what stops a payment (ledger.py, whose table of payments this adds up); here it is only told beforehand which
models would be stopped. What cannot be read is not known, and nothing follows from it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from .database import FILE
from .ledger import NANO
from .settings import Budget

_PATIENCE = 0.05  # seconds; a write-ahead log never keeps a reader waiting
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Purse:
    """usd: what the nearest limit leaves, never below 0. budget: whose limit it is, for a person."""

    usd: Decimal
    budget: str


_last: tuple[object, tuple[Decimal, Decimal]] | None = None


def purse(folder: Path, budget: Budget, now: float) -> Purse | None:
    """now: seconds since 1970. None where no limit is set, or the ledger in `folder` cannot be read."""
    limits = (budget.daily, budget.monthly, budget.run)
    if all(limit is None for limit in limits):
        return None
    try:
        day, month = (
            _spent(folder, now) if (budget.daily, budget.monthly) != (None, None) else (_NOTHING, _NOTHING)
        )
    except (OSError, sqlite3.Error):
        return None
    left = [
        Purse(max(_NOTHING, limit - spent), words)
        for limit, spent, words in (
            (budget.daily, day, "today's budget"),
            (budget.monthly, month, "this month's budget"),
            (budget.run, _NOTHING, "the budget of a run"),
        )
        if limit is not None
    ]
    return min(left, key=lambda one: one.usd)


def _spent(folder: Path, now: float) -> tuple[Decimal, Decimal]:
    """US dollars today and this month, requests under way included; added up again only when the ledger has changed."""
    global _last
    local = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today, month = local.timestamp(), local.replace(day=1).timestamp()
    files = (folder / FILE, folder / f"{FILE}-wal")
    stamp = (today, *(_stamp(file) for file in files))
    if _last is not None and _last[0] == stamp:
        return _last[1]
    if not files[0].exists():
        return _NOTHING, _NOTHING
    rows = sqlite3.connect(f"{files[0].resolve().as_uri()}?mode=ro", timeout=_PATIENCE, uri=True)
    try:
        day, whole = rows.execute(
            "SELECT COALESCE(SUM(CASE WHEN at >= ? THEN amount END), 0), COALESCE(SUM(amount), 0) FROM payments WHERE at >= ?",
            (today, month),
        ).fetchone()
    finally:
        rows.close()
    _last = stamp, (Decimal(day) / NANO, Decimal(whole) / NANO)
    return _last[1]


def _stamp(file: Path) -> tuple[object, ...]:
    try:
        stat = file.stat()
    except FileNotFoundError:
        return (str(file),)
    return str(file), stat.st_size, stat.st_mtime_ns
