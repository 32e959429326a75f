"""One request, bought once: kept pictures cost nothing, a job that is under way is joined, and nothing unsure is repeated."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from ..errors import BadInput, Dropped, Failed, Refused, Uncollected, Unsure
from .client import FalClient
from .job import Job, Result, Status
from .journal import Entry, Journal
from .run import Watcher, run
from .store import Store

log = logging.getLogger("switchyard")

ACCEPTED = (
    "CANCELLATION_REQUESTED",
    "CANCELLED",
    "OK",
    "HTTP 200",
    "HTTP 202",
)  # words of the service to a cancel
WAIT = 0.25  # seconds between two looks at a request that somebody else is at


@dataclass(frozen=True)
class Books:
    """Where it is written down what was asked for, and where the pictures are kept."""

    journal: Journal
    store: Store


def request_key(endpoint: str, arguments: Mapping[str, Any], pictures: Sequence[bytes]) -> str:
    """The name of a request: the same endpoint, arguments (seed included) and picture bytes have the same."""
    facts = [endpoint, arguments, [sha256(picture).hexdigest() for picture in pictures]]
    return sha256(
        json.dumps(facts, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()


async def buy(
    key: str,
    endpoint: str,
    price: str,
    body: Callable[[], Awaitable[dict[str, Any]]],
    client: FalClient,
    books: Books,
    on_status: Callable[[Status], None],
    interrupted: Callable[[], None],
) -> Result:
    """The result of the request `key`. `body` makes its arguments, and uploads for them; it is only asked when needed.

    Raises what `run` raises, and Unsure for a request that may have been taken already.
    """
    with _or_refused():
        entry = books.journal.find(key)
    if kept := _kept(books, entry):
        return kept
    arguments = await body()
    while True:
        with _or_refused():
            turn, entry = books.journal.claim(key, endpoint, price)
        if turn == "kept":
            if kept := _kept(books, entry):
                return kept
            books.journal.lost(key)
            continue
        if turn == "unsure":
            raise _unsure(entry)
        if turn == "wait":
            on_status(Status("running", message="another node asked for the same picture"))
            interrupted()
            await asyncio.sleep(WAIT)
            continue
        job = None if turn == "send" else entry.job
        watch = Watch(key, entry.token, books, job)
        try:
            result = await run(client, endpoint, arguments, on_status, interrupted, watch, job)
        except Unsure as error:
            raise Unsure(f"{error} {_release(key)}", error.request_id) from None
        except (Failed, Uncollected) as error:
            over = isinstance(error, Dropped) or (isinstance(error, Uncollected) and error.gone)
            if turn == "resume" and entry.state == "cancelled" and over:
                with _or_refused():
                    books.journal.ended(key, entry.token, "failed")
                continue  # the cancel had worked; now it is asked for anew
            if turn == "resume" and isinstance(error, Uncollected):
                raise Uncollected(f"{error} {_release(key)}", error.request_id, error.gone) from None
            raise
        return replace(result, origin="bought" if turn == "send" else "resumed")


class Watch(Watcher):
    """Writes down what becomes of one request, from the thread that does the work: it outlives an interrupt.

    Where nothing can be written (a full disk), the job goes on and its pictures are delivered all the same.
    """

    def __init__(self, key: str, token: str, books: Books, job: Job | None):
        self._key = key
        self._token = token
        self._books = books
        self._job = job

    def taken(self, job: Job) -> None:
        self._job = job
        with _best_effort():
            self._books.journal.taken(self._key, self._token, job)

    def delivered(self, result: Result) -> None:
        """A result with faults is not kept: what is missing can be collected again for nothing."""
        journal = self._books.journal
        with _best_effort():
            if result.faults or self._job is None:
                return journal.let_go(self._key, self._token, self._job)
        with _best_effort():
            units = "" if result.billed_units is None else str(result.billed_units)
            pictures = self._books.store.keep(result.pictures)
            facts = {"pictures": pictures, "seed": result.seed, "id": result.request_id, "units": units}
            return journal.kept(self._key, self._token, self._job, facts)
        with _best_effort():  # the store is full: the picture stays with the service for a while
            journal.let_go(self._key, self._token, self._job)

    def cancelled(self, word: str) -> None:
        """Only an accepted cancel counts: a job that had ended already has a picture to collect."""
        journal = self._books.journal
        with _best_effort():
            if word in ACCEPTED:
                journal.ended(self._key, self._token, "cancelled", self._job)
            else:
                journal.let_go(self._key, self._token, self._job)

    def failed(self, error: BaseException, known: bool) -> None:
        """`known`: the service has named the job."""
        journal = self._books.journal
        with _best_effort():
            if isinstance(error, Failed):
                journal.ended(self._key, self._token, "failed", self._job)
            elif known or isinstance(error, Uncollected):
                journal.let_go(self._key, self._token, self._job)
            elif isinstance(error, (Refused, BadInput)):
                journal.drop(self._key, self._token)
            else:
                journal.ended(self._key, self._token, "unsure")

    def not_begun(self) -> None:
        self.over()
        with _best_effort():
            self._books.journal.drop(self._key, self._token)
            self._books.journal.let_go(self._key, self._token, self._job)

    def over(self) -> None:
        self._books.journal.leave(self._key)


@contextmanager
def _best_effort() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as trouble:
        log.warning("Switchyard could not write its journal: %s", type(trouble).__name__)


@contextmanager
def _or_refused() -> Iterator[None]:
    """Nothing is sent that is not written down first."""
    try:
        yield
    except (OSError, sqlite3.Error) as trouble:
        raise Refused(
            f"The journal of paid requests cannot be written ({trouble}), so nothing was sent: make room on the disk that "
            "holds ComfyUI's user folder, or mend its permissions."
        ) from None


def _kept(books: Books, entry: Entry | None) -> Result | None:
    """The kept pictures; None where they are not, or no longer, in the store."""
    if entry is None or entry.state != "kept":
        return None
    facts = entry.result
    pictures = books.store.bring(facts.get("pictures", []))
    if not pictures:
        return None
    units = Decimal(facts["units"]) if facts.get("units") else None
    return Result(pictures, str(facts.get("id", "")), units, facts.get("seed"), {}, origin="kept")


def _unsure(entry: Entry) -> Unsure:
    when = datetime.fromtimestamp(entry.changed).strftime("%Y-%m-%d %H:%M:%S")
    return Unsure(
        f"This very request was sent at {when} and its answer was lost: it may have been taken and billed, so it is not sent "
        f"again. Look at the requests on fal's dashboard. {_release(entry.key)}"
    )


def _release(key: str) -> str:
    return f"To send it all the same, run `python3 dev.py jobs forget {key[:12]}`, or choose another seed."
