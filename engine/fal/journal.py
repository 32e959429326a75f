"""What was asked of the service, and what became of it: one row a request, so that nothing is bought twice.

SQLite with a write-ahead log, in a private folder; every call has a connection of its own, so any number of threads and
processes may share it. A row is written before the request goes out. It holds no prompt, no picture and no key: its
name is a hash of the whole request.

    sending   written before the POST; after a crash nobody knows whether it arrived, so it becomes unsure
    taken     the service has it, under the addresses in the row; it can be followed and collected at any time
    kept      its pictures are in the store
    unsure    perhaps taken: it is never sent again by itself, until a person forgets it
    failed, cancelled   ended without a picture: the same request may be sent anew
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from .job import Job
from .owner import Owner

State = Literal["sending", "taken", "kept", "unsure", "failed", "cancelled"]
Turn = Literal["send", "wait", "resume", "kept", "unsure"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    key TEXT PRIMARY KEY, state TEXT NOT NULL, owner TEXT NOT NULL, endpoint TEXT NOT NULL, price TEXT NOT NULL,
    created REAL NOT NULL, changed REAL NOT NULL, job TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '',
    token TEXT NOT NULL DEFAULT ''
)"""
PATIENCE = 30.0  # seconds that a writer waits for another


@dataclass(frozen=True)
class Entry:
    """One row. `price` is the estimate as text, `result` what the store needs to bring the pictures back.
    created, changed: seconds since 1970."""

    key: str
    state: State
    endpoint: str
    price: str
    created: float
    changed: float
    job: Job | None
    result: dict[str, Any]
    token: str = ""  # of the claim that this entry came with


class Journal:
    """The journal in `folder` (made if missing). `clock` gives seconds since 1970."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time):
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "requests.sqlite"
        self._clock = clock
        self._owner = Owner.of(folder)
        self._prepare()

    def lost(self, key: str) -> None:
        """The store has its pictures no longer: the service may still have them."""
        with self._writing() as rows:
            rows.execute(
                "UPDATE requests SET state = 'taken', owner = '' WHERE key = ? AND state = 'kept'", (key,)
            )

    def claim(self, key: str, endpoint: str, price: str) -> tuple[Turn, Entry]:
        """Whose turn it is, decided and written down in one step.

        send: the caller, and nobody else, sends it now. wait: another one is at it. resume: the caller follows the job in
        the entry, whose state is the one before. kept: the pictures are in the store. unsure: it must not be sent.
        """
        with self._writing() as rows:
            entry = _read(rows, key)
            token = uuid4().hex
            if entry is None or entry.state == "failed":
                begun: dict[str, Any] = {
                    "endpoint": endpoint,
                    "price": price,
                    "job": None,
                    "result": {},
                    "token": token,
                }
                self._begin(rows, key)
                self._write(rows, key, "sending", **begun)
                turn: Turn = "send"
            elif entry.state in ("kept", "unsure"):
                turn = "kept" if entry.state == "kept" else "unsure"
            elif self._busy(rows, key):
                turn = "wait"
            elif entry.job is None:  # its process died while it sent, or could not write the addresses down
                self._write(rows, key, "unsure")
                turn = "unsure"
            else:  # taken, or cancelled: perhaps too late, and then its pictures are there to collect
                self._write(rows, key, "taken", token=token)
                turn = "resume"
            now = _read(rows, key)
            if turn in ("send", "resume"):
                self._owner.working.add(key)
        assert now is not None, "the row was just written or read"
        return turn, replace(entry if turn == "resume" and entry else now, token=token)

    def find(self, key: str) -> Entry | None:
        with self._writing() as rows:
            return _read(rows, key)

    def taken(self, key: str, token: str, job: Job) -> None:
        """This and the next three only write while the claim that made `token` is the latest, and never over kept."""
        self._change(key, token, "taken", job=job)

    def kept(self, key: str, token: str, job: Job, result: dict[str, Any]) -> None:
        self._change(key, token, "kept", job=job, result=result)

    def ended(
        self, key: str, token: str, state: Literal["unsure", "failed", "cancelled"], job: Job | None = None
    ) -> None:
        known: dict[str, Any] = {"job": job} if job else {}
        self._change(key, token, state, **known)

    def let_go(self, key: str, token: str, job: Job | None = None) -> None:
        """Nobody follows the job any more; whoever asks next may."""
        known: dict[str, Any] = {"job": job} if job else {}
        self._change(key, token, "taken" if job else None, ("sending", "taken"), owner="", **known)

    def drop(self, key: str, token: str) -> None:
        """Nothing was sent: as if it had never been asked for."""
        with self._writing() as rows:
            rows.execute(
                "DELETE FROM requests WHERE key = ? AND token = ? AND state = 'sending'", (key, token)
            )

    def leave(self, key: str) -> None:
        """This process is no longer at it. Needs no disk: a full one must not leave others waiting."""
        self._owner.working.discard(key)

    def forget(self, key: str) -> bool:
        """Whether there was such a request. `key` may be its first characters, as long as they fit only one."""
        with self._writing() as rows:
            found = [row[0] for row in rows.execute("SELECT key FROM requests") if row[0].startswith(key)]
            if key and len(found) == 1:
                rows.execute("DELETE FROM requests WHERE key = ?", (found[0],))
        return bool(key) and len(found) == 1

    def entries(self) -> list[Entry]:
        """All rows, the newest first."""
        with self._writing() as rows:
            return [
                _entry(row) for row in rows.execute(f"SELECT {_COLUMNS} FROM requests ORDER BY created DESC")
            ]

    def _prepare(self) -> None:
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
        with self._writing() as rows:
            rows.execute(_SCHEMA)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start: what is read in it is still true when it writes."""
        connection = sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous=FULL")  # the row has to outlive a power cut
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # an open transaction is rolled back

    def _busy(self, rows: sqlite3.Connection, key: str) -> bool:
        (owner,) = rows.execute("SELECT owner FROM requests WHERE key = ?", (key,)).fetchone()
        return key in self._owner.working if owner == self._owner.name else self._owner.is_alive(owner)

    def _change(
        self,
        key: str,
        token: str,
        state: State | None,
        before: tuple[State, ...] = ("sending", "taken", "unsure", "failed", "cancelled"),
        **more: Any,
    ) -> None:
        with self._writing() as rows:
            row = rows.execute("SELECT state, token FROM requests WHERE key = ?", (key,)).fetchone()
            if row and row[1] == token and row[0] in before:
                self._write(rows, key, state or row[0], **more)

    def _begin(self, rows: sqlite3.Connection, key: str) -> None:
        now = self._clock()
        rows.execute(
            "INSERT OR IGNORE INTO requests (key, state, owner, endpoint, price, created, changed) "
            "VALUES (?, 'sending', '', '', '', ?, ?)",
            (key, now, now),
        )

    def _write(self, rows: sqlite3.Connection, key: str, state: State, **more: Any) -> None:
        owner = self._owner.name if state in ("sending", "taken") else ""
        values = {"state": state, "changed": self._clock(), "owner": owner}
        values |= {name: _packed(value) for name, value in more.items()}
        names = ", ".join(f"{name} = ?" for name in values)
        rows.execute(f"UPDATE requests SET {names} WHERE key = ?", (*values.values(), key))


_COLUMNS = "key, state, endpoint, price, created, changed, job, result"


def _packed(value: Any) -> Any:
    if value is None:
        return ""
    return (
        json.dumps(vars(value) if isinstance(value, Job) else value) if not isinstance(value, str) else value
    )


def _read(rows: sqlite3.Connection, key: str) -> Entry | None:
    row = rows.execute(f"SELECT {_COLUMNS} FROM requests WHERE key = ?", (key,)).fetchone()
    return _entry(row) if row else None


def _entry(row: tuple[Any, ...]) -> Entry:
    key, state, endpoint, price, created, changed, job, result = row
    named = Job(**json.loads(job)) if job else None
    return Entry(key, state, endpoint, price, created, changed, named, json.loads(result) if result else {})
