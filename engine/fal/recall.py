"""Collecting from outside a node: a job that was paid for and left is followed, fetched and kept, and nothing is sent.

The same workflow afterwards finds its pictures in the store, for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

from ..errors import BadInput, Dropped, Refused, Uncollected
from ..models import Endpoint, all_models, find
from ..price import Estimate
from .address import Addresses, Foreign
from .books import Books, beside
from .client import FalClient
from .job import Job, Result, Status
from .journal import Entry
from .ledger import Payment, Purchase
from .run import run
from .watch import Watch


class Collector(FalClient):
    """A client that follows and fetches only. Whoever stops collecting has not asked to lose the picture either."""

    def submit(self, endpoint: str, arguments: Mapping[str, object]) -> Job:
        raise Refused("Collecting sends no request.")

    def upload(self, data: bytes, content_type: str) -> str:
        raise Refused("Collecting uploads nothing.")

    def cancel(self, job: Job) -> str:
        return ""


def waiting(books: Books) -> list[Entry]:
    """The requests that the service may still have pictures of, the newest first; somebody may be at them."""
    return [entry for entry in books.journal.entries() if entry.state in ("taken", "cancelled") and entry.job]


def model_of(books: Books, entry: Entry) -> str:
    """The row id of the model that was asked; "" where it was asked before there was a ledger."""
    payment = _payment(books, entry)
    return payment.model if payment else ""


async def recall(
    books: Books,
    client: Collector,
    entry: Entry,
    on_status: Callable[[Status], None] = lambda _: None,
    interrupted: Callable[[], None] = lambda: None,
) -> Result | None:
    """The result of a request in the journal, kept in the store as a node would keep it; None: somebody else is at it.

    Raises BadInput for a request that cannot be collected, Dropped for one that was cancelled for good, and what
    FalClient's follow and collect raise.
    """
    if entry.job is None:
        raise BadInput(
            f"Request {entry.key[:12]} cannot be collected: it is {entry.state}, and no address of it with the service is known."
        )
    own = _is_own(client, entry.job)
    purchase = await beside(lambda: _purchase(books, entry))
    turn, claimed = await beside(lambda: books.journal.resume(entry.key)) or ("gone", entry)
    if turn == "wait":
        return None
    if turn == "kept":
        kept = claimed.result.get("pictures", [])
        pictures = await beside(lambda: books.store.bring(kept))
        if pictures and len(pictures) == len(claimed.result["pictures"]):
            return Result(pictures, str(claimed.result.get("id", "")), None, None, {}, origin="kept")
        await beside(lambda: books.journal.lost(entry.key))
        turn, claimed = await beside(lambda: books.journal.resume(entry.key)) or ("gone", entry)
    if turn != "resume":  # it was ended or forgotten meanwhile
        raise BadInput(f"Request {entry.key[:12]} cannot be collected: it has just ended without a picture.")
    watch = Watch(purchase, claimed, books, client.service, claimed.job)
    try:
        result = await run(client, entry.endpoint, {}, on_status, interrupted, watch, claimed.job)
    except Uncollected as error:
        seen = error
        raise await beside(lambda: _seen(books, claimed, seen, own)) from None
    return replace(result, origin="resumed")


def _seen(books: Books, claimed: Entry, error: Uncollected, own: bool) -> Dropped | Uncollected:
    """A cancelled job that could not be seen stays cancelled; one that the service has dropped may be asked for anew."""
    gone = error.gone and own
    if claimed.state == "cancelled":
        books.journal.ended(claimed, "failed" if gone else "cancelled")
        if gone:
            return Dropped("It was cancelled, and the service has dropped it.", error.request_id)
    return Uncollected(str(error), error.request_id, gone)


def _is_own(client: Collector, job: Job) -> bool:
    """Whether the service in force is the one that took the job, as far as the addresses tell: a gateway may stand in
    for it, so a job of fal's is asked for there too, but is never believed to be gone. Raises BadInput for a job of a
    third service."""
    host = urlsplit(job.status_url).hostname
    try:
        asked = Addresses(client.service).service(job.status_url)
    except Foreign as foreign:
        raise BadInput(
            f"Request {job.request_id} was taken by another service ({foreign.host}): set SWITCHYARD_FAL_URL to that "
            "service's address to collect it."
        ) from None
    return urlsplit(asked).hostname == host


def _payment(books: Books, entry: Entry) -> Payment | None:
    return next((payment for payment in books.ledger.payments() if payment.key == entry.key), None)


def _purchase(books: Books, entry: Entry) -> Purchase:
    """What was bought, as far as it is still known: its estimate decides what its bill may be."""
    payment = _payment(books, entry)
    usd: Decimal | None = payment.estimate if payment else None
    model = find(payment.model) if payment else None
    models = [*([model] if model else []), *all_models().values()]
    endpoint = next((e for m in models for e in m.endpoints if e.id == entry.endpoint), None)
    named = payment.model if payment else ""
    return Purchase(entry.key, endpoint or Endpoint(entry.endpoint, "generate"), named, Estimate(usd))
