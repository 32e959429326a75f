"""One SQLite file for all that must not be forgotten about paid requests, shared by any number of threads and processes.

A write-ahead log, and a connection of its own for every transaction: nothing is shared that could be locked by a thread
that died. The tables belong to the modules that use them (journal, ledger, uploads).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "requests.sqlite"
PATIENCE = 30.0  # seconds that a writer waits for another


class Database:
    """The file in `folder` (made if missing). Raises OSError or sqlite3.Error where it cannot be used."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._file = folder / FILE
        self._log_ahead()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start: what is read in it is still true when it writes."""
        connection = sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous=FULL")  # a row has to outlive a power cut
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # an open transaction is rolled back

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One look at the whole as it is now; no writer waits for it."""
        connection = sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    def table(self, name: str, columns: dict[str, str]) -> None:
        """Makes a table, or gives one that an older version made the columns that it lacks."""
        with self.writing() as rows:
            known = {row[1] for row in rows.execute(f"PRAGMA table_info({name})")}
            if not known:
                rows.execute(
                    f"CREATE TABLE {name} ({', '.join(f'{c} {kind}' for c, kind in columns.items())})"
                )
                return
            for column, kind in columns.items():
                if column not in known:
                    rows.execute(f"ALTER TABLE {name} ADD COLUMN {column} {kind}")

    def _log_ahead(self) -> None:
        """The write-ahead log is a property of the file. Turning it on does not wait for others as writing does."""
        until = time.monotonic() + PATIENCE
        connection = sqlite3.connect(self._file, timeout=PATIENCE)
        try:
            while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                try:
                    connection.execute("PRAGMA journal_mode=WAL")
                except sqlite3.OperationalError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.02)
        finally:
            connection.close()
