"""`dev.py jobs`: what was asked of the paid service, what became of it, and what it came to.

Nothing here needs more than Python; what talks to the service is in collect.py.
"""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from engine.errors import BadInput, SwitchyardError
from engine.fal.database import FILE, Database
from engine.fal.journal import Entry, Journal
from engine.fal.ledger import Ledger, Payment
from engine.fal.settings import Budget, read_settings
from engine.fal.spend import spend_of, text

from . import cache
from .errors import ToolError

PRIVATE = Path("user") / "__switchyard"
OUT = "switchyard-collected"
MEANING = {
    "sending": "being sent, or cut off while it was",
    "taken": "with the service; `jobs collect`, or the same request again, brings its pictures for nothing",
    "kept": "its pictures are kept; the same request again costs nothing",
    "unsure": "perhaps taken and billed; it is not sent again until you forget it",
    "withheld": "kept back by the service's safety check; it is not sent again until you forget it",
    "failed": "ended without a picture",
    "cancelled": "cancelled",
}
COLUMNS = (
    "time", "key", "state", "outcome", "model", "endpoint", "estimate_usd", "usd", "units", "request_id", "run",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What was typed. folder: the journal's own; "": every one that is known is tried."""

    action: str = "list"
    key: str = ""
    folder: str = ""
    out: str = ""
    csv: str = ""
    unbilled: bool = False


def run(wish: Wish) -> int:
    """The exit code. Raises ToolError with one sentence."""
    _check(wish)
    folders = [found for found in _folders(wish.folder) if (found / FILE).exists()]
    if not folders:
        raise ToolError("no journal was found: name its folder with --folder (ComfyUI's user/__switchyard).")
    try:
        return _ACTIONS[wish.action]([_Open.at(folder) for folder in folders], wish)
    except SwitchyardError as error:
        raise ToolError(str(error)) from None
    except sqlite3.Error as trouble:
        raise ToolError(f"the journal cannot be used: {trouble}.") from None
    except OSError as trouble:
        raise ToolError(
            f"{trouble.strerror or type(trouble).__name__}: {trouble.filename or FILE}."
        ) from None


@dataclass(frozen=True)
class _Open:
    """The books in one folder, as far as plain Python can read them."""

    folder: Path
    ledger: Ledger
    journal: Journal

    @classmethod
    def at(cls, folder: Path) -> _Open:
        database = Database(folder)
        ledger = Ledger(database)
        return cls(folder, ledger, Journal(database, ledger))


def _check(wish: Wish) -> None:
    if wish.key and wish.action not in ("collect", "forget"):
        raise ToolError("only collect and forget take a request.")
    for action, option, given in (
        ("collect", "--out", wish.out), ("export", "--csv", wish.csv), ("forget", "--unbilled", wish.unbilled),
    ):  # fmt: skip
        if given and wish.action != action:
            raise ToolError(f"{option} goes with {action}.")
    if wish.action == "forget" and not wish.key:
        raise ToolError("name the request to forget, as `jobs` shows it.")


def _folders(folder: str) -> list[Path]:
    if folder:
        return [Path(folder).expanduser().resolve()]
    own = [Path(os.environ["COMFYUI_PATH"]).expanduser() / PRIVATE] if os.environ.get("COMFYUI_PATH") else []
    found = [*own, *(f for depth in ("*", "*/*") for f in sorted(cache.root().glob(str(depth / PRIVATE))))]
    return list(dict.fromkeys(f.resolve() for f in found))


def _list(books: Sequence[_Open], wish: Wish) -> int:
    for book in books:
        if len(books) > 1:
            print(f"{book.folder}:")
        entries = book.journal.entries()
        for entry in entries:
            print(_line(entry))
        states = Counter[str](entry.state for entry in entries)
        counted = ", ".join(f"{states[state]} {state}" for state in MEANING if states[state])
        requests = "1 request" if len(entries) == 1 else f"{len(entries)} requests"
        print(f"{requests}: {counted}." if counted else f"{requests}.")
        print(_spent(book))
    return 0


def _spent(book: _Open) -> str:
    budget, trouble = Budget(), ""
    try:
        budget = read_settings(book.folder).budget
    except BadInput as error:
        trouble = f"\nLimits unknown: {error}"
    ledger = book.ledger
    return text(spend_of(ledger.payments(ledger.month), ledger.today, ledger.month, budget)) + trouble


def _line(entry: Entry) -> str:
    when = datetime.fromtimestamp(entry.created).strftime("%Y-%m-%d %H:%M:%S")
    job = f" request {entry.job.request_id}" if entry.job else ""
    return f"{entry.key[:12]}  {when}  {entry.endpoint}  {entry.price}  {entry.state}: {MEANING[entry.state]}{job}"


def _collect(books: Sequence[_Open], wish: Wish) -> int:
    from . import collect

    if not wish.key:
        return collect.run([book.folder for book in books], Path(wish.out or OUT))
    book, entry = _named(books, wish.key)
    return collect.run([book.folder], Path(wish.out or OUT), entry.key)


def _forget(books: Sequence[_Open], wish: Wish) -> int:
    book, entry = _named(books, wish.key)
    counted = _count(book, entry)
    try:
        forgotten = book.journal.forget(entry.key, unbilled=wish.unbilled)
    except BadInput as busy:
        raise ToolError(str(busy)) from None
    if not forgotten:
        raise ToolError(f"request {entry.key[:12]} is not there any more.")
    print("Forgotten. The same request is sent, and paid for, when it is queued again.")
    if wish.unbilled and _count(book, entry) < counted:
        print("It no longer counts.")
    elif wish.unbilled:
        print("The service has said what it was, so what it came to still counts.")
    return 0


def _count(book: _Open, entry: Entry) -> int:
    return sum(payment.key == entry.key for payment in book.ledger.payments())


def _export(books: Sequence[_Open], wish: Wish) -> int:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    rows = sorted((row for book in books for row in _rows(book)), key=lambda row: row[0])
    for at, *cells in rows:
        when = datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")
        writer.writerow([when, *map(harmless, cells)])
    data = table.getvalue().encode("utf-8")
    if wish.csv:
        Path(wish.csv).expanduser().write_bytes(data)
        print(f"{len(rows)} requests written to {wish.csv}.")
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return 0


def _rows(book: _Open) -> Iterator[tuple]:
    """One for each payment, and for each request that is older than the ledger: seconds since 1970, then the cells."""
    entries = {entry.key: entry for entry in book.journal.entries()}
    for payment in book.ledger.payments():
        entry = entries.pop(payment.key, None)  # payments before the newest are of earlier tries
        yield (payment.at, payment.key, entry.state if entry else "", *_money(payment, entry))
    for entry in entries.values():
        request = entry.job.request_id if entry.job else ""
        yield entry.created, entry.key, entry.state, "", "", entry.endpoint, "", "", "", request, ""


def _money(payment: Payment, entry: Entry | None) -> tuple[str, ...]:
    request = payment.request_id or (entry.job.request_id if entry and entry.job else "")
    amounts = (_plain(payment.estimate), _plain(payment.usd), _plain(payment.units))
    return payment.outcome, payment.model, payment.endpoint, *amounts, request, payment.run


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _named(books: Sequence[_Open], key: str) -> tuple[_Open, Entry]:
    """The one request whose key begins so."""
    found = [(book, entry) for book in books for entry in book.journal.entries() if entry.key.startswith(key)]
    if len(found) != 1:
        raise ToolError(f"no single request begins with {key!r}: see `dev.py jobs`.")
    return found[0]


_ACTIONS = {"list": _list, "collect": _collect, "export": _export, "forget": _forget}
