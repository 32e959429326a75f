"""The books: what was asked for, what it cost, what may be spent, and the pictures; and what happens when the disk says no."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..errors import Refused
from .aside import aside
from .database import Database
from .journal import Journal
from .ledger import Ledger
from .settings import Budget, Settings
from .store import Store
from .tariff import Tariff
from .uploads import Uploads

log = logging.getLogger("switchyard")

UNSET = Settings()  # no limit, the usual patience

T = TypeVar("T")


@dataclass(frozen=True)
class Books:
    """Where it is written down what was asked for, what it cost and what may be spent, and where the pictures are kept."""

    journal: Journal
    ledger: Ledger
    store: Store
    uploads: Uploads
    tariff: Tariff
    budget: Budget

    @classmethod
    def open(
        cls,
        folder: Path,
        settings: Settings = UNSET,
        clock: Callable[[], float] = time.time,
    ) -> Books:
        """The books in `folder`, made where they are missing. Raises OSError or sqlite3.Error where they cannot be."""
        database = Database(folder)
        ledger = Ledger(database, clock)
        return cls(
            Journal(database, ledger, clock=clock),
            ledger,
            Store(folder / "pictures", settings.kept_bytes),
            Uploads(database),
            Tariff(database),
            settings.budget,
        )


@contextmanager
def best_effort() -> Iterator[None]:
    """A disk that says no is told in the log: what is written in here must not cost a picture that is paid for."""
    try:
        yield
    except (OSError, sqlite3.Error) as trouble:
        log.warning("Switchyard could not write its journal: %s", type(trouble).__name__)


@contextmanager
def or_refused() -> Iterator[None]:
    """Nothing is sent that is not written down first."""
    try:
        yield
    except (OSError, sqlite3.Error) as trouble:
        raise Refused(
            f"The journal of paid requests cannot be written ({trouble}), so nothing was sent: make room on the disk that "
            "holds ComfyUI's user folder, or mend its permissions."
        ) from None


async def beside(work: Callable[[], T]) -> T:
    """Books are read and written beside the event loop: a disk may be slow, and another process may hold the lock."""

    def careful() -> T:
        with or_refused():
            return work()

    return await aside(careful, lambda: None)
