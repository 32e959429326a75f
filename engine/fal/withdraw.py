"""Cancelling from outside a node: a job that was left with the service is dropped there, if the service agrees.

It goes the way of an interrupted run: the job is followed, and dropped as soon as the service has said how far it is. One
that has ended by then is collected and kept instead, since it is paid for; and only the service's own word makes it cancelled.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..errors import BadInput
from .books import Books, beside
from .client import FalClient
from .job import Job, Status
from .journal import Entry
from .recall import Collector, recall
from .watch import ACCEPTED, NEVER_BEGUN

LATE = "ALREADY_COMPLETED"  # the service's word for a job that has ended
LOOKS = 200  # at the journal, for what is written down in another thread
KEPT = (
    "It had ended already: it is paid for, and its pictures are kept. Queue the same workflow to have them."
)
WAIT = 0.05  # seconds between two of them


class Withdrawer(Collector):
    """A Collector that cancels as well. word: what the service said to that, "" where it said nothing, None before."""

    word: str | None = None

    def cancel(self, job: Job) -> str:
        self.word = FalClient.cancel(self, job)
        return self.word


@dataclass(frozen=True)
class Answer:
    """accepted: the service agreed to drop it. busy: a run is waiting for the job, so nothing was asked."""

    accepted: bool
    said: str
    busy: bool = False


class _Heard(Exception):
    """Ends the following as an interrupt does."""


async def withdraw(books: Books, client: Withdrawer, entry: Entry) -> Answer:
    """Raises what `recall` raises: BadInput where there is nothing to cancel, Uncollected for a job that cannot be seen, which
    is left as it was, and Failed for one that has ended without a picture."""
    if entry.job is None:
        raise BadInput("It cannot be cancelled: no address of it with the service is known.")
    state = ""

    def hear(status: Status) -> None:
        nonlocal state
        state = status.state

    def stop() -> None:
        if state in ("queued", "running"):
            raise _Heard

    try:
        result = await recall(books, client, entry, hear, stop)
    except _Heard:
        return await _told(books, client, entry)
    if result is None:
        return Answer(
            False,
            "A run is waiting for it: ComfyUI's own Cancel stops that run, and cancels with the service.",
            True,
        )
    return Answer(False, KEPT)


async def _told(books: Books, client: Withdrawer, entry: Entry) -> Answer:
    """Once the service's word is here and written down: the cancel goes on in a thread of its own."""
    for _ in range(LOOKS):
        now = await beside(lambda: books.journal.find(entry.key))
        if now is None or now.state != "taken" or (client.word is not None and client.word not in ACCEPTED):
            break
        await asyncio.sleep(WAIT)
    if now is not None and now.state == "kept":
        return Answer(False, KEPT)
    word = client.word or ""
    return Answer(word in ACCEPTED, _sentence(word))


def _sentence(word: str) -> str:
    if word == NEVER_BEGUN:
        return "Cancelled: the service has taken it out of its queue."
    if word in ACCEPTED:
        return (
            "The service agreed to stop it. What had begun by then may be billed all the same; if a picture comes of it, it "
            "can be collected."
        )
    if word == LATE:
        return "It cannot be cancelled any more: it has ended, and its pictures can be collected for nothing."
    if word:
        return f"The service did not cancel it ({word}): it is left as it was."
    return "The service did not answer: nobody knows whether it was cancelled, and it is left as it was."
