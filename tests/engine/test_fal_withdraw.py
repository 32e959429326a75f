"""Cancelling a job that was left with the service: only its own word counts, and a picture that is paid for is never lost."""

import asyncio

import pytest
from switchyard.engine.errors import BadInput, Uncollected
from switchyard.engine.fal.books import Books
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.job import Limits
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.recall import Collector, recall
from switchyard.engine.fal.withdraw import Withdrawer, withdraw
from switchyard.tests.engine.test_fal_buy import BODY, FLUX, NAME, TEXT, WANTED, ask, settle, state
from switchyard.tests.fal_emulator import Act, FalEmulator

LIMITS = Limits(retry=0.01, pace=0.01, cancel=0.5)


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        emulator.seconds = 3600.0
        yield emulator


@pytest.fixture
def books(tmp_path):
    return Books.open(tmp_path)


def left(fal, books):
    """A job that the service has, and that nobody follows."""
    _, entry = books.journal.claim(WANTED, books.budget)
    with FalClient(Key(TEXT), fal.url, limits=LIMITS) as client:
        job = client.submit(FLUX, BODY)
    books.journal.taken(entry, job)
    books.journal.let_go(entry, job)
    books.journal.leave(entry)
    return books.journal.find(NAME)


def cancel(fal, books, entry=None):
    async def main():
        with Withdrawer(Key(TEXT), fal.url, limits=LIMITS) as client:
            return await withdraw(books, client, entry or books.journal.find(NAME))

    try:
        return asyncio.run(main())
    finally:
        settle()


def spent(books):
    (payment,) = books.ledger.payments()
    return payment.usd


def test_a_running_job_is_cancelled_once_and_what_comes_of_it_can_be_collected(fal, books):
    left(fal, books)
    answer = cancel(fal, books)
    assert answer.accepted and not answer.busy and "agreed to stop" in answer.said
    assert len(fal.cancels) == 1 and state(books) == "cancelled" and spent(books) == WANTED.price.usd
    assert fal.count("POST") == 1
    job = fal.jobs[fal.taken[0]]  # it ran to its end all the same
    job.cancelled, job.seconds = False, 0.0

    async def collect():
        with Collector(Key(TEXT), fal.url, limits=LIMITS) as client:
            return await recall(books, client, books.journal.find(NAME))

    assert len(asyncio.run(collect()).pictures) == 1 and state(books) == "kept"


def test_what_had_not_begun_costs_nothing(fal, books):
    fal.queued = 3600.0
    left(fal, books)
    fal.script("PUT", "/cancel", Act(status=200, body={"status": "OK"}))
    assert "out of its queue" in cancel(fal, books).said
    assert state(books) == "cancelled" and spent(books) == 0


def test_what_has_ended_is_collected_and_not_cancelled(fal, books):
    fal.seconds = 0.0
    left(fal, books)
    answer = cancel(fal, books)
    assert not answer.accepted and "kept" in answer.said and not fal.cancels
    assert state(books) == "kept" and ask(fal, books).origin == "kept" and fal.count("POST") == 1


@pytest.mark.parametrize(
    ("act", "word"),
    [(Act(status=400, body={"status": "ALREADY_COMPLETED"}), "cannot be cancelled any more"),
     (Act(status=404, body={"detail": "gone"}), "HTTP 404"), (Act(drop=True), "did not answer"),
     (Act(status=200, body={"status": "<img src=x onerror=x>"}), "HTTP 200")],
)  # fmt: skip
def test_what_the_service_does_not_cancel_is_left_as_it_was(fal, books, act, word):
    left(fal, books)
    fal.script("PUT", "/cancel", act)
    answer = cancel(fal, books)
    assert not answer.accepted and word in answer.said and state(books) == "taken"


def test_a_job_that_a_run_waits_for_is_left_to_it(fal, books):
    _, entry = books.journal.claim(WANTED, books.budget)
    with FalClient(Key(TEXT), fal.url, limits=LIMITS) as client:
        books.journal.taken(entry, client.submit(FLUX, BODY))
    answer = cancel(fal, books)
    assert answer.busy and not answer.accepted and "ComfyUI's own Cancel" in answer.said
    assert not fal.cancels and state(books) == "taken"


def test_a_service_that_cannot_be_seen_is_not_believed_to_have_cancelled(fal, books):
    left(fal, books)
    fal.go_away()
    with pytest.raises(Uncollected, match="left running"):
        cancel(fal, books)
    assert state(books) == "taken"


def test_there_is_nothing_to_cancel_without_a_job(fal, books):
    _, entry = books.journal.claim(WANTED, books.budget)
    books.journal.ended(entry, "unsure")
    with pytest.raises(BadInput, match="cannot be cancelled"):
        cancel(fal, books)
    assert not fal.seen
