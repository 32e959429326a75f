"""Parts of a result, links that end, stores that lose files, disks that fill up at the commit, and who is at a request."""

import sqlite3
import threading
from decimal import Decimal

import pytest
from switchyard.engine.errors import BadInput, Failed, Refused, Uncollected
from switchyard.engine.fal.books import Books
from switchyard.engine.fal.ledger import Bill
from switchyard.engine.fal.settings import Budget
from switchyard.tests.engine.test_fal_buy import (
    FLUX,
    NAME,
    WANTED,
    ask,
    cancel_when,
    settle,
    state,
)
from switchyard.tests.fal_emulator import Act, FalEmulator
from switchyard.tests.fal_emulator import picture as encoded


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


@pytest.fixture
def books(tmp_path):
    return Books.open(tmp_path)


def hosted(fal, *words):
    return [{"url": fal.host(encoded(64, 64, word))} for word in words]


def test_a_picture_beside_a_withheld_one_is_kept(fal, books):
    fal.answer = lambda job: {"images": hosted(fal, "good", "bad"), "has_nsfw_concepts": [False, True]}
    first = ask(fal, books)
    fal.jobs.clear(), fal.files.clear()  # the links have ended
    again = ask(fal, books)
    assert (again.origin, again.pictures, fal.count("POST")) == ("kept", first.pictures, 1)
    assert len(again.faults) == 1 and "safety check" in again.faults[0]


def test_a_picture_that_was_not_there_yet_is_asked_for_again(fal, books):
    images = hosted(fal, "one")
    fal.answer = lambda job: {"images": [*images, {"url": fal.url + "/files/not-yet"}]}
    assert len(ask(fal, books).pictures) == 1 and state(books) == "taken"
    images += hosted(fal, "two")
    fal.answer = lambda job: {"images": images}
    again = ask(fal, books)
    assert (again.origin, len(again.pictures), again.faults, fal.count("POST")) == ("resumed", 2, (), 1)
    assert state(books) == "kept"


def test_what_was_kept_of_a_job_outlives_the_service(fal, books):
    images = hosted(fal, "one")
    fal.answer = lambda job: {"images": [*images, {"url": fal.url + "/files/never"}]}
    first = ask(fal, books)
    fal.jobs.clear(), fal.files.clear()
    again = ask(fal, books)
    assert (again.origin, again.pictures, fal.count("POST")) == ("kept", first.pictures, 1)
    assert "Not all of it is here" in again.faults[-1]


def test_one_lost_file_does_not_cost_the_batch(fal, books, tmp_path):
    fal.answer = lambda job: {"images": hosted(fal, "one", "two", "three")}
    ask(fal, books)
    next((tmp_path / "pictures").iterdir()).unlink()
    fal.jobs.clear(), fal.files.clear()
    again = ask(fal, books)
    assert (again.origin, len(again.pictures), fal.count("POST")) == ("kept", 2, 1)


def test_a_write_that_fails_keeps_no_part_for_the_whole(fal, books, monkeypatch):
    fal.answer = lambda job: {"images": [*hosted(fal, "one"), {"url": fal.url + "/files/not-yet"}]}
    with monkeypatch.context() as patched:

        def locked(*_):
            raise sqlite3.OperationalError("database is locked")

        patched.setattr(type(books.journal), "let_go", locked)
        ask(fal, books)
    assert state(books) != "kept"


def test_a_file_that_cannot_be_decoded_is_not_kept(fal, books):
    whole = encoded(64, 64, "heron")
    spoilt = whole[:60] + bytes(len(whole) - 80) + whole[-20:]  # its head and its end are right
    fal.answer = lambda job: {"images": [{"url": fal.host(spoilt)}]}
    with pytest.raises(Uncollected, match="could not be read"):
        ask(fal, books)
    fal.answer = None
    assert (ask(fal, books).origin, fal.count("POST")) == ("resumed", 1)


def test_a_portals_answer_to_a_cancel_is_no_cancel(fal, books):
    """Its HTTP 200 must not make the job count nothing: it runs to its end, and its picture is collected."""
    fal.seconds = 60.0
    fal.script("PUT", "/cancel", Act(status=200, body=b"<html>log in</html>", content_type="text/html"))
    cancel_when(fal, books, lambda: fal.jobs)
    fal.wait_for(lambda: fal.count("PUT"))
    settle()
    assert sum(payment.usd for payment in books.ledger.payments()) == Decimal("0.03")
    for job in fal.jobs.values():
        job.seconds = 0.0
    assert (ask(fal, books).origin, fal.count("POST")) == ("resumed", 1)


def test_a_cancel_that_is_only_requested_is_no_end(fal, books):
    fal.script("GET", "/status", Act(status=200, body={"status": "CANCELLATION_REQUESTED"}))
    assert (ask(fal, books).origin, fal.count("POST")) == ("bought", 1)


def test_paid_after_all_is_paid_what_was_expected(books):
    _, entry = books.journal.claim(WANTED, Budget())
    books.journal.ended(entry, "cancelled", Bill("cancelled", Decimal(0)))
    with books.journal._database.writing() as rows:
        books.ledger.settle(rows, entry.payment, Bill("paid"))
    assert [payment.usd for payment in books.ledger.payments()] == [Decimal("0.03")]


def test_nobody_forgets_what_is_under_way(fal, books):
    _, entry = books.journal.claim(WANTED, Budget())
    with pytest.raises(BadInput, match="under way"):
        books.journal.forget(NAME[:12], unbilled=True)
    books.journal.leave(entry)
    assert books.journal.forget(NAME[:12])


def test_a_commit_that_fails_leaves_nobody_waiting(fal, books, monkeypatch):
    hold = threading.Event()
    fal.script("GET", "/requests/[^/]+$", *[Act(status=500)] * 4)
    with pytest.raises(Uncollected):
        ask(fal, books)
    original = type(books.journal)._write

    def full(self, rows, *args, **more):
        original(self, rows, *args, **more)
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(type(books.journal), "_write", full)
        with pytest.raises(Refused, match="cannot be written"):
            ask(fal, books)
    hold.set()
    assert (ask(fal, books).origin, fal.count("POST")) == ("resumed", 1)


def test_a_computer_without_threads_sends_nothing(fal, books, monkeypatch):
    start = threading.Thread.start

    def none_left(self):
        if self.name == "switchyard-fal":
            raise RuntimeError("can't start new thread")
        start(self)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        with pytest.raises(Refused, match="no thread"):
            ask(fal, books)
    assert books.journal.entries() == [] and fal.count("POST") == 0
    assert ask(fal, books).origin == "bought"


def test_a_request_that_is_queued_again_while_its_cancel_is_out_waits_for_the_answer(fal, books):
    fal.seconds = 60.0
    hold = threading.Event()
    fal.script("PUT", "/cancel", Act(accept=True, wait=hold))
    cancel_when(fal, books, lambda: fal.jobs)
    fal.seconds = 0.0
    threading.Timer(0.5, hold.set).start()
    assert (ask(fal, books).origin, fal.count("POST")) == ("bought", 2)


def test_nothing_billed_is_nothing_also_for_prices_of_two_amounts(fal, books):
    fal.script(
        "GET",
        "/requests/[^/]+$",
        Act(
            status=422,
            body={"detail": [{"type": "value_error", "loc": ["body"]}]},
            headers={"x-fal-billable-units": "0"},
        ),
    )
    with pytest.raises(Failed, match="not billed"):
        ask(fal, books)
    assert WANTED.endpoint.id == FLUX and [p.usd for p in books.ledger.payments()] == [Decimal(0)]


def test_a_job_that_the_service_dropped_is_not_under_way_for_ever(fal, books):
    fal.script("GET", "/status", Act(status=200, body={"status": "CANCELLED"}))
    with pytest.raises(Failed):
        ask(fal, books)
    assert [payment.outcome for payment in books.ledger.payments()] == ["cancelled"]


def test_the_services_file_names_are_not_written_down(fal, books, tmp_path):
    url = hosted(fal, "one")[0]["url"]
    fal.answer = lambda job: {"images": [{"url": url, "file_name": "guarded words of a heron.png"}]}
    ask(fal, books)
    assert all(b"guarded" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
