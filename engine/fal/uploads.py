"""Where reference pictures lie with the service, so that a picture goes up once, however often it is used.

Table uploads: one row for a picture (hash of its type and bytes), a service and an account. What cannot be remembered
is uploaded again: nothing here can make a request fail that would otherwise go out.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from hashlib import sha256

from .client import FalClient
from .database import Database
from .storage import UPLOAD_LIFE

LEFT = 20 * 60  # seconds that a remembered address must still live: the model fetches it after the queue
BROKEN = (OSError, sqlite3.Error)  # a disk that is full, read-only or spoilt
COLUMNS = {"picture": "TEXT", "service": "TEXT", "account": "TEXT", "url": "TEXT", "expires": "REAL"}


class Uploads:
    """Any number of threads and processes may share one database. Never raises for the database's sake."""

    def __init__(self, database: Database):
        self._database = database
        self._salt = b""
        with contextlib.suppress(*BROKEN):
            database.table("uploads", COLUMNS)
            database.table("upload_salt", {"one": "INTEGER PRIMARY KEY", "salt": "TEXT"})
            self._salt = self._keep_salt()

    def address(self, data: bytes, content_type: str, client: FalClient, now: float | None = None) -> str:
        """An address of the picture that lives at least `LEFT` seconds from `now` (since 1970; None: this moment).

        Raises what `client.upload` raises. No lock is held while it uploads: two that want the same picture at the
        same moment may both upload it, which costs nothing.
        """
        now = time.time() if now is None else now
        picture = sha256(content_type.encode() + b"\0" + data).hexdigest()
        # An address of another account may be closed to this one; see FalClient.account for what is kept of the key.
        where = (picture, client.service, client.account(self._salt))
        known = self._known(where, now)
        if known:
            return known
        url = client.upload(data, content_type)
        self._remember(where, url, now)
        return url

    def _known(self, where: tuple[str, str, str], now: float) -> str:
        if not self._salt:
            return ""
        with contextlib.suppress(*BROKEN), self._database.reading() as rows:
            # One that would outlive a fresh upload was written by a clock that has been set back since.
            row = rows.execute(
                "SELECT url FROM uploads WHERE picture = ? AND service = ? AND account = ?"
                " AND expires BETWEEN ? AND ? ORDER BY expires DESC",
                (*where, now + LEFT, now + UPLOAD_LIFE),
            ).fetchone()
            return row[0] if row and isinstance(row[0], str) else ""
        return ""

    def _remember(self, where: tuple[str, str, str], url: str, now: float) -> None:
        """`now` is from before the upload, so the address lives at least as long as is written down."""
        if not self._salt:
            return
        expires = now + UPLOAD_LIFE
        with contextlib.suppress(*BROKEN), self._database.writing() as rows:
            rows.execute("DELETE FROM uploads WHERE expires NOT BETWEEN ? AND ?", (now, expires))
            rows.execute("DELETE FROM uploads WHERE picture = ? AND service = ? AND account = ?", where)
            rows.execute(
                "INSERT INTO uploads (picture, service, account, url, expires) VALUES (?, ?, ?, ?, ?)",
                (*where, url, expires),
            )

    def _keep_salt(self) -> bytes:
        """This file's own salt: without it nobody could compare the accounts in two such files."""
        with self._database.writing() as rows:
            rows.execute("INSERT OR IGNORE INTO upload_salt VALUES (1, ?)", (secrets.token_hex(16),))
            return bytes.fromhex(rows.execute("SELECT salt FROM upload_salt").fetchone()[0])
