"""What becomes of one request, written down from the thread that does the work."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from ..errors import BadInput, Dropped, Failed, Moderated, Refused, Uncollected
from .books import Books, best_effort
from .job import Job, Result
from .journal import Ended, Entry
from .ledger import Bill, Outcome, Purchase
from .run import Watcher
from .tariff import billed

ACCEPTED = (
    "CANCELLATION_REQUESTED",
    "CANCELLED",
    "OK",
)  # words of the service to a cancel
NEVER_BEGUN = "OK"  # taken out of the queue, which costs nothing
SURELY_NOT = 10  # times the estimate: then the units are not what we take them for


class Watch(Watcher):
    """Writes down what becomes of one request, from the thread that does the work: it outlives an interrupt.

    Where nothing can be written (a full disk), the job goes on and its pictures are delivered all the same.
    """

    def __init__(self, purchase: Purchase, entry: Entry, books: Books, service: str, job: Job | None):
        self._purchase = purchase
        self._service = service
        self._entry = entry
        self._books = books
        self._journal = books.journal
        self._job = job

    def taken(self, job: Job) -> None:
        self._job = job
        with best_effort():
            self._journal.taken(self._entry, job)

    def delivered(self, result: Result) -> None:
        """What came is kept, all of it or not: links end. A result with pictures still to be had stays open, so that the next
        run asks for them, for nothing."""
        bill = self._bill("paid", result.billed_units)
        facts: dict[str, Any] = {}
        with best_effort():  # where the store is full, the pictures stay with the service for a while
            facts = {
                "pictures": self._books.store.keep(result.pictures),
                "seed": result.seed,
                "id": result.request_id,
                "units": "" if result.billed_units is None else str(result.billed_units),
                "faults": list(result.faults),
            }
        with best_effort():
            if facts and self._job is not None and not result.missing:
                self._journal.kept(self._entry, self._job, facts, bill)
            else:
                self._journal.let_go(self._entry, self._job, bill, facts)

    def cancelled(self, word: str, queued: bool) -> None:
        """Only an accepted cancel counts: a job that had ended already has a picture to collect."""
        with best_effort():
            if word in ACCEPTED:
                units = Decimal(0) if word == NEVER_BEGUN and queued else None
                self._journal.ended(self._entry, "cancelled", self._bill("cancelled", units), self._job)
            else:
                self._journal.let_go(self._entry, self._job)

    def failed(self, error: BaseException, known: bool) -> None:
        """`known`: the service has named the job."""
        with best_effort():
            if isinstance(error, Dropped):
                self._journal.ended(self._entry, "failed", Bill("cancelled", only_open=True), self._job)
            elif isinstance(error, Failed):
                outcome: Outcome = "moderated" if isinstance(error, Moderated) else "failed"
                billed_for_nothing = isinstance(error, Moderated) and error.units != 0
                state: Ended = "withheld" if billed_for_nothing else "failed"
                self._journal.ended(self._entry, state, self._bill(outcome, error.units), self._job)
            elif known or isinstance(error, Uncollected):
                self._journal.let_go(self._entry, self._job)
            elif isinstance(error, (Refused, BadInput)):
                self._journal.drop(self._entry)
            else:
                name = getattr(error, "request_id", "")
                self._journal.ended(self._entry, "unsure", Bill("unsure", request_id=name))

    def not_begun(self) -> None:
        try:
            with best_effort():
                self._journal.drop(self._entry)
                self._journal.let_go(self._entry, self._job)
        finally:
            self.over()

    def over(self) -> None:
        self._journal.leave(self._entry)

    def _bill(self, outcome: Outcome, units: Decimal | None) -> Bill:
        usd, endpoint = None, self._purchase.endpoint
        if units is not None:
            with best_effort():
                usd = billed(
                    endpoint, units, self._books.tariff.known(self._service, endpoint.id, time.time())
                )
            estimate = self._purchase.price.usd
            if usd and estimate and usd > estimate * SURELY_NOT:
                usd = None
        return Bill(outcome, usd, units, self._job.request_id if self._job else "")
