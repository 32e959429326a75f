"""What becomes of one request, written down from the thread that does the work."""

from __future__ import annotations

import time
from decimal import Decimal

from ..errors import BadInput, Dropped, Failed, Moderated, Refused, Uncollected
from .books import Books, best_effort
from .job import Job, Result
from .journal import Entry
from .ledger import Bill, Outcome, Purchase
from .run import Watcher
from .tariff import billed

ACCEPTED = (
    "CANCELLATION_REQUESTED",
    "CANCELLED",
    "OK",
    "HTTP 200",
    "HTTP 202",
)  # words of the service to a cancel
NEVER_BEGUN = ("OK", "HTTP 200")  # it was still in the queue, which costs nothing
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
        """A result with faults is not kept: what is missing can be collected again for nothing."""
        bill = self._bill("paid", result.billed_units)
        with best_effort():
            if result.faults or self._job is None:
                return self._journal.let_go(self._entry, self._job, bill)
        with best_effort():
            units = "" if result.billed_units is None else str(result.billed_units)
            pictures = self._books.store.keep(result.pictures)
            facts = {"pictures": pictures, "seed": result.seed, "id": result.request_id, "units": units}
            return self._journal.kept(self._entry, self._job, facts, bill)
        with best_effort():  # the store is full: the picture stays with the service for a while
            self._journal.let_go(self._entry, self._job, bill)

    def cancelled(self, word: str) -> None:
        """Only an accepted cancel counts: a job that had ended already has a picture to collect."""
        with best_effort():
            if word in ACCEPTED:
                units = Decimal(0) if word in NEVER_BEGUN else None
                self._journal.ended(self._entry, "cancelled", self._bill("cancelled", units), self._job)
            else:
                self._journal.let_go(self._entry, self._job)

    def failed(self, error: BaseException, known: bool) -> None:
        """`known`: the service has named the job."""
        with best_effort():
            if isinstance(error, Failed):
                outcome: Outcome = "moderated" if isinstance(error, Moderated) else "failed"
                bill = None if isinstance(error, Dropped) else self._bill(outcome, error.units)
                billed_for_nothing = isinstance(error, Moderated) and error.units != 0
                self._journal.ended(
                    self._entry, "withheld" if billed_for_nothing else "failed", bill, self._job
                )
            elif known or isinstance(error, Uncollected):
                self._journal.let_go(self._entry, self._job)
            elif isinstance(error, (Refused, BadInput)):
                self._journal.drop(self._entry)
            else:
                self._journal.ended(
                    self._entry, "unsure", Bill("unsure", request_id=getattr(error, "request_id", ""))
                )

    def not_begun(self) -> None:
        self.over()
        with best_effort():
            self._journal.drop(self._entry)
            self._journal.let_go(self._entry, self._job)

    def over(self) -> None:
        self._journal.leave(self._entry.key)

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
