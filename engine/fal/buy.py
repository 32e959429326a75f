"""One request, bought once: kept pictures cost nothing, a job that is under way is joined, and nothing unsure is repeated."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from ..errors import Dropped, Failed, Moderated, Uncollected, Unsure
from .books import Books, beside, or_refused
from .client import FalClient
from .job import Picture, Result, Status
from .journal import Entry, Turn
from .ledger import Purchase
from .run import run
from .watch import Watch

WAIT = 0.25  # seconds between two looks at a request that somebody else is at

_buying: Counter[str] = Counter()  # requests that somebody is at, by the workflow that they are for


def request_key(endpoint: str, arguments: Mapping[str, Any], pictures: Sequence[bytes]) -> str:
    """The name of a request: the same endpoint, arguments (seed included) and picture bytes have the same."""
    facts = [endpoint, arguments, [sha256(picture).hexdigest() for picture in pictures]]
    return sha256(
        json.dumps(facts, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()


def check_budget(purchases: Sequence[Purchase], books: Books) -> None:
    """Raises OverBudget where those of `purchases` that would be sent now do not fit into the budget together."""
    with or_refused():
        known = [books.journal.find(purchase.key) for purchase in purchases]
        new = [p for p, entry in zip(purchases, known, strict=True) if _is_new(entry)]
        books.ledger.check(list({purchase.key: purchase for purchase in new}.values()), books.budget)


async def buy(
    purchase: Purchase,
    body: Callable[[], Awaitable[dict[str, Any]]],
    client: FalClient,
    books: Books,
    on_status: Callable[[Status], None],
    interrupted: Callable[[], None],
) -> Result:
    """The result of a request. `body` makes its arguments, and uploads for them; it is only asked when needed.

    Raises what `run` raises, Unsure for a request that may have been taken already, and OverBudget.
    """
    _buying[purchase.run] += 1
    try:
        return await _bought(_Buyer(purchase, body, client, books, on_status, interrupted))
    finally:
        _buying[purchase.run] -= 1
        if not _buying[purchase.run]:
            del _buying[purchase.run]


async def _bought(buyer: _Buyer) -> Result:
    purchase, books = buyer.purchase, buyer.books
    known = await beside(lambda: books.journal.find(purchase.key))
    if _is_new(known):
        await buyer.prepare()
    while True:
        turn, entry = await _claim(books, purchase)
        if turn == "unsure":
            raise _unsure(entry)
        if turn == "withheld":
            raise _withheld(entry)
        if turn == "wait":
            buyer.on_status(Status("running", message="another node asked for the same picture"))
            buyer.interrupted()
            await asyncio.sleep(WAIT)
            continue
        result = await (buyer.bring(entry) if turn == "kept" else buyer.run(turn, entry))
        if result is not None:
            return result


async def neighbours(workflow: str, interrupted: Callable[[], None]) -> None:
    """Until nobody is at a request of the workflow any more. An error that is raised before cancels them all: they may be
    billed, and their pictures would never come."""
    while workflow and _buying[workflow] > 0:
        interrupted()
        await asyncio.sleep(WAIT)


@dataclass
class _Buyer:
    """One request and all that it takes to have its pictures."""

    purchase: Purchase
    body: Callable[[], Awaitable[dict[str, Any]]]
    client: FalClient
    books: Books
    on_status: Callable[[Status], None]
    interrupted: Callable[[], None]
    arguments: dict[str, Any] | None = None

    async def prepare(self) -> None:
        if self.arguments is None:
            self.arguments = await self.body()

    async def bring(self, entry: Entry) -> Result | None:
        """The kept pictures; None where they are gone, and the service has to be asked for them."""
        result = await beside(lambda: _kept(self.books, entry))
        if result is None:
            await beside(lambda: self.books.journal.lost(entry.key))
        return result

    async def run(self, turn: Turn, entry: Entry) -> Result | None:
        """Sends it, or follows what was sent; None where that was dropped with the service, so that it is to be sent anew."""
        job = None if turn == "send" else entry.job
        watch = Watch(self.purchase, entry, self.books, self.client.service, job)
        if turn == "send":
            try:
                await self.prepare()
            except BaseException:
                watch.not_begun()
                raise
        endpoint, arguments = self.purchase.endpoint.id, self.arguments or {}
        try:
            result = await run(self.client, endpoint, arguments, self.on_status, self.interrupted, watch, job)
        except Unsure as error:
            raise Unsure(f"{error} {_release(entry.key)}", error.request_id) from None
        except (Failed, Uncollected) as error:
            if job is None:
                raise
            word = str(error)
            if left := await beside(lambda: _what_is_left(self.books, entry, word)):
                return left
            if isinstance(error, Dropped):
                return None
            if entry.state == "cancelled" and isinstance(error, Uncollected) and error.gone:
                await beside(lambda: self.books.journal.ended(entry, "failed"))
                return None
            if isinstance(error, Uncollected):
                raise Uncollected(f"{error} {_release(entry.key)}", error.request_id, error.gone) from None
            raise
        return replace(result, origin="bought" if job is None else "resumed")


async def _claim(books: Books, purchase: Purchase) -> tuple[Turn, Entry]:
    """Whose turn it is. A claim that nobody waits for any more, because the prompt was cancelled, is given back."""
    lock, left = threading.Lock(), threading.Event()
    made: list[tuple[Turn, Entry]] = []

    def give_back() -> None:
        for turn, entry in made:
            if turn in ("send", "resume"):
                Watch(purchase, entry, books, "", entry.job).not_begun()

    def work() -> tuple[Turn, Entry]:
        claim = books.journal.claim(purchase, books.budget)
        with lock:
            made.append(claim)
            if left.is_set():
                give_back()
        return claim

    try:
        return await beside(work)
    except BaseException:
        with lock:
            left.set()
            give_back()
        raise


def _is_new(entry: Entry | None) -> bool:
    return entry is None or entry.state == "failed"


def _kept(books: Books, entry: Entry) -> Result | None:
    """The kept pictures; None where one of them is not, or no longer, in the store."""
    pictures = books.store.bring(entry.result.get("pictures", []))
    whole = pictures and len(pictures) == len(entry.result["pictures"])
    return _from_store(entry, pictures, entry.result.get("faults", [])) if whole else None


def _what_is_left(books: Books, entry: Entry, error: str) -> Result | None:
    """Pictures of a job that the service has no longer: what was kept of it before is better than nothing."""
    pictures = books.store.bring(entry.result.get("pictures", []))
    if not pictures:
        return None
    return _from_store(
        entry, pictures, [*entry.result.get("faults", []), f"Not all of it is here any more: {error}"]
    )


def _from_store(entry: Entry, pictures: tuple[Picture, ...], faults: Sequence[str]) -> Result:
    facts = entry.result
    units = Decimal(facts["units"]) if facts.get("units") else None
    name = str(facts.get("id", ""))
    return Result(pictures, name, units, facts.get("seed"), {}, tuple(map(str, faults)), origin="kept")


def _unsure(entry: Entry) -> Unsure:
    when = datetime.fromtimestamp(entry.changed).strftime("%Y-%m-%d %H:%M:%S")
    name = str(entry.result.get("id", ""))
    named = f" (request {name})" if name else ""
    return Unsure(
        f"This very request was sent at {when} and its answer was lost{named}: it may have been taken and billed, so it is not "
        f"sent again. Look at the requests on fal's dashboard. {_release(entry.key)}",
        name,
    )


def _withheld(entry: Entry) -> Moderated:
    name = str(entry.result.get("id", ""))
    return Moderated(
        f"fal's safety check kept this very picture back before and billed it (request {name}), so it is not sent again: "
        f"change the prompt or the reference. {_release(entry.key)}",
        name,
    )


def _release(key: str) -> str:
    return f"To send it all the same, run `python3 dev.py jobs forget {key[:12]}`, or choose another seed."
