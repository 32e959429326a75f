"""What was asked of the service, and what became of it: one row a request, so that nothing is bought twice.

A row is written before the request goes out. It holds no prompt, no picture and no key: its
name is a hash of the whole request.

    sending   written before the POST; after a crash nobody knows whether it arrived, so it becomes unsure
    taken     the service has it, under the addresses in the row; it can be followed and collected at any time
    kept      its pictures are in the store
    unsure    perhaps taken: it is never sent again by itself, until a person forgets it
    failed, cancelled   ended without a picture: the same request may be sent anew
    withheld  the service kept the picture back and billed it: the same request would be billed for the same again
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import uuid4

from ..errors import BadInput
from .database import Database
from .job import Job
from .ledger import Bill, Ledger, Purchase
from .owner import Owner
from .settings import Budget

State = Literal["sending", "taken", "kept", "unsure", "failed", "cancelled", "withheld"]
Ended = Literal["unsure", "failed", "cancelled", "withheld"]
Turn = Literal["send", "wait", "resume", "kept", "unsure", "withheld"]

_COLUMNS = {
    "key": "TEXT PRIMARY KEY",
    "state": "TEXT NOT NULL",
    "owner": "TEXT NOT NULL",
    "endpoint": "TEXT NOT NULL",
    "price": "TEXT NOT NULL",
    "created": "REAL NOT NULL",
    "changed": "REAL NOT NULL",
    "job": "TEXT NOT NULL DEFAULT ''",
    "result": "TEXT NOT NULL DEFAULT ''",
    "token": "TEXT NOT NULL DEFAULT ''",
    "payment": "INTEGER NOT NULL DEFAULT 0",
}


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
    payment: int = 0  # its number in the ledger


class Journal:
    """`clock` gives seconds since 1970."""

    def __init__(self, database: Database, ledger: Ledger, *, clock: Callable[[], float] = time.time):
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._owner = Owner.of(database.folder)
        database.table("requests", _COLUMNS)
        self._bury()

    def lost(self, key: str) -> None:
        """The store has its pictures no longer: the service may still have them."""
        with self._database.writing() as rows:
            rows.execute(
                "UPDATE requests SET state = 'taken', owner = '' WHERE key = ? AND state = 'kept'", (key,)
            )

    def claim(self, purchase: Purchase, budget: Budget) -> tuple[Turn, Entry]:
        """Whose turn it is, decided and written down in one step; its price is reserved in the same.

        send: the caller, and nobody else, sends it now. wait: another one is at it. resume: the caller follows the job in
        the entry, whose state is the one before. kept: the pictures are in the store. unsure, withheld: it must not be sent.
        Raises OverBudget instead of "send".
        """

        def send(rows: sqlite3.Connection, token: str) -> None:
            self._begin(rows, purchase, token, self._ledger.reserve(rows, purchase, budget))

        claimed = self._take(purchase.key, send)
        assert claimed is not None, "a request that is not known is sent"
        return claimed

    def resume(self, key: str) -> tuple[Turn, Entry] | None:
        """As `claim`, but nothing is ever sent: None for a request that is not known, or that ended without a picture."""
        return self._take(key, None)

    def find(self, key: str) -> Entry | None:
        with self._database.reading() as rows:
            return _read(rows, key)

    def taken(self, entry: Entry, job: Job) -> None:
        """This and the next three only write while the claim that `entry` came with is the latest, and never over kept."""
        self._change(entry, "taken", job=job)

    def kept(self, entry: Entry, job: Job, result: dict[str, Any], bill: Bill) -> None:
        self._change(entry, "kept", bill=bill, job=job, result=result)

    def ended(
        self,
        entry: Entry,
        state: Ended,
        bill: Bill | None = None,
        job: Job | None = None,
    ) -> None:
        known: dict[str, Any] = {"job": job} if job else {}
        if bill and bill.request_id:
            known["result"] = {"id": bill.request_id}
        self._change(entry, state, bill=bill, **known)

    def let_go(
        self,
        entry: Entry,
        job: Job | None = None,
        bill: Bill | None = None,
        result: dict[str, Any] | None = None,
    ) -> None:
        """Nobody follows the job any more; whoever asks next may. result: what is in the store of it so far."""
        known: dict[str, Any] = {"job": job} if job else {}
        known |= {"result": result} if result else {}
        state: State | None = "taken" if job and entry.state != "cancelled" else None
        self._change(entry, state, ("sending", "taken", "cancelled"), bill=bill, owner="", **known)

    def drop(self, entry: Entry) -> None:
        """Nothing was sent: as if it had never been asked for."""
        with self._database.writing() as rows:
            gone = rows.execute(
                "DELETE FROM requests WHERE key = ? AND token = ? AND state = 'sending'",
                (entry.key, entry.token),
            )
            if gone.rowcount:
                self._ledger.void(rows, entry.payment)

    def leave(self, entry: Entry) -> None:
        """This process is no longer at it. Needs no disk: a full one must not leave others waiting."""
        self._owner.working.discard(entry.token)

    def forget(self, key: str, unbilled: bool = False) -> bool:
        """Whether there was such a request. `key` may be its first characters, as long as they fit only one.

        unbilled: a person has seen that the service did not bill it, so it no longer counts. Raises BadInput for a request
        that somebody is at: its job would go on, and be paid for, beside the next one.
        """
        with self._database.writing() as rows:
            found = [
                _entry(row) for row in rows.execute(f"SELECT {_READ} FROM requests") if row[0].startswith(key)
            ]
            if not key or len(found) != 1:
                return False
            if self._busy(rows, found[0].key):
                raise BadInput(
                    f"Request {found[0].key[:12]} is under way: cancel it first, or wait until it has ended."
                )
            rows.execute("DELETE FROM requests WHERE key = ?", (found[0].key,))
            if unbilled:
                self._ledger.void(rows, found[0].payment)
            else:
                self._ledger.settle(rows, found[0].payment, Bill("unsure", only_open=True))
        return True

    def entries(self) -> list[Entry]:
        """All rows, the newest first."""
        with self._database.reading() as rows:
            return [
                _entry(row) for row in rows.execute(f"SELECT {_READ} FROM requests ORDER BY created DESC")
            ]

    def _bury(self) -> None:
        """What a process was sending when it died may have been taken: nobody is at it any more."""
        with self._database.reading() as rows:
            sending = rows.execute(
                "SELECT owner FROM requests WHERE state = 'sending' AND job = ''"
            ).fetchall()
        if all(owner == self._owner.name or self._owner.is_alive(owner) for (owner,) in sending):
            return
        with self._database.writing() as rows:
            for row in rows.execute(
                f"SELECT {_READ} FROM requests WHERE state = 'sending' AND job = ''"
            ).fetchall():
                entry = _entry(row)
                if not self._busy(rows, entry.key):
                    self._write(rows, entry.key, "unsure")
                    self._ledger.settle(rows, entry.payment, Bill("unsure", only_open=True))

    def _turn(self, rows: sqlite3.Connection, entry: Entry | None, token: str) -> Turn | None:
        """What is to be done with a request that is known; None for one that is to be sent."""
        if entry is None or entry.state == "failed":
            return None
        settled: dict[State, Turn] = {"kept": "kept", "unsure": "unsure", "withheld": "withheld"}
        if entry.state in settled:
            return settled[entry.state]
        if self._busy(rows, entry.key):
            return "wait"
        if entry.job is None:  # its process died while it sent, or could not write the addresses down
            self._write(rows, entry.key, "unsure")
            self._ledger.settle(rows, entry.payment, Bill("unsure"))
            return "unsure"
        self._write(rows, entry.key, entry.state, token=token, owner=self._owner.name)
        return "resume"  # taken, or cancelled: perhaps too late, and then its pictures are there to collect

    def _take(
        self, key: str, send: Callable[[sqlite3.Connection, str], None] | None
    ) -> tuple[Turn, Entry] | None:
        token = uuid4().hex
        try:
            with self._database.writing() as rows:
                before = _read(rows, key)
                turn = self._turn(rows, before, token)
                if turn is None:
                    if send is None:
                        return None
                    send(rows, token)
                    turn = "send"
                now = _read(rows, key)
                if turn in ("send", "resume"):
                    self._owner.working.add(token)  # before others can see the row
        except BaseException:  # also a commit that failed, on a full disk
            self._owner.working.discard(token)
            raise
        entry = before if turn == "resume" else now
        assert entry is not None, "the row was just written or read"
        return turn, replace(entry, token=token)

    def _busy(self, rows: sqlite3.Connection, key: str) -> bool:
        owner, token = rows.execute("SELECT owner, token FROM requests WHERE key = ?", (key,)).fetchone()
        return token in self._owner.working if owner == self._owner.name else self._owner.is_alive(owner)

    def _change(
        self,
        entry: Entry,
        state: State | None,
        before: tuple[State, ...] = ("sending", "taken", "unsure", "failed", "cancelled", "withheld"),
        bill: Bill | None = None,
        **more: Any,
    ) -> None:
        """The bill is written down also where the row is not ours any more: it is what the service has said."""
        with self._database.writing() as rows:
            row = rows.execute("SELECT state, token FROM requests WHERE key = ?", (entry.key,)).fetchone()
            if row and row[1] == entry.token and row[0] in before:
                self._write(rows, entry.key, state or row[0], **more)
            if bill:
                self._ledger.settle(rows, entry.payment, bill)

    def _begin(self, rows: sqlite3.Connection, purchase: Purchase, token: str, payment: int) -> None:
        """The row before the request goes out; one of an earlier try that failed is written over."""
        now = self._clock()
        rows.execute(
            "INSERT INTO requests (key, state, owner, endpoint, price, created, changed, token, payment) "
            "VALUES (?, 'sending', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET state = excluded.state, "
            "owner = excluded.owner, endpoint = excluded.endpoint, price = excluded.price, changed = excluded.changed, "
            "job = '', result = '', token = excluded.token, payment = excluded.payment",
            (
                purchase.key,
                self._owner.name,
                purchase.endpoint.id,
                purchase.price.text,
                now,
                now,
                token,
                payment,
            ),
        )

    def _write(self, rows: sqlite3.Connection, key: str, state: State, **more: Any) -> None:
        owner = self._owner.name if state in ("sending", "taken") else ""
        values = {"state": state, "changed": self._clock(), "owner": owner}
        values |= {name: _packed(value) for name, value in more.items()}
        names = ", ".join(f"{name} = ?" for name in values)
        rows.execute(f"UPDATE requests SET {names} WHERE key = ?", (*values.values(), key))


_READ = "key, state, endpoint, price, created, changed, job, result, payment"


def _packed(value: Any) -> Any:
    if value is None:
        return ""
    return (
        json.dumps(vars(value) if isinstance(value, Job) else value) if not isinstance(value, str) else value
    )


def _read(rows: sqlite3.Connection, key: str) -> Entry | None:
    row = rows.execute(f"SELECT {_READ} FROM requests WHERE key = ?", (key,)).fetchone()
    return _entry(row) if row else None


def _entry(row: tuple[Any, ...]) -> Entry:
    key, state, endpoint, price, created, changed, job, result, payment = row
    named = Job(**json.loads(job)) if job else None
    known = json.loads(result) if result else {}
    return Entry(key, state, endpoint, price, created, changed, named, known, payment=payment)
