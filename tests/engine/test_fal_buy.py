"""Bought once: over a second run, a cancel, a crash at every stage, a lost answer, and two who ask at the same moment."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from switchyard.engine.errors import BadInput, Failed, Refused, Uncollected, Unsure
from switchyard.engine.fal.buy import Books, buy, request_key
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.job import Limits
from switchyard.engine.fal.journal import Journal
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.ledger import Purchase
from switchyard.engine.fal.store import Store
from switchyard.engine.models import find
from switchyard.engine.price import Estimate
from switchyard.tests.fal_emulator import Act, FalEmulator

ROOT = Path(__file__).resolve().parents[2]
TEXT = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"
FLUX = "fal-ai/flux-2-pro"
BODY = {"prompt": "guarded words of a heron", "seed": 1, "image_size": {"width": 64, "height": 64}}
NAME = request_key(FLUX, BODY, [])
WANTED = Purchase(NAME, find("flux-2-pro").endpoint("generate", 0), "flux-2-pro", Estimate(Decimal("0.03")))


class Cancelled(BaseException):
    pass


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


@pytest.fixture
def books(tmp_path):
    return Books.open(tmp_path)


def ask(fal, books, interrupted=lambda: None, limits=None):
    async def body():
        return BODY

    async def main():
        with FalClient(Key(TEXT), fal.url, limits=limits or Limits(retry=0.01)) as client:
            return await buy(WANTED, body, client, books, lambda _: None, interrupted)

    return asyncio.run(main())


def settle():
    for thread in threading.enumerate():
        if thread.name.startswith("switchyard-fal"):
            thread.join(10)


def state(books):
    (entry,) = books.journal.entries()
    return entry.state


def test_the_second_time_it_is_free_also_for_another_process(fal, books, tmp_path):
    first = ask(fal, books)
    again = ask(fal, Books.open(tmp_path))
    assert (fal.count("POST"), first.origin, again.origin) == (1, "bought", "kept")
    assert (
        again.pictures == first.pictures
        and again.seed == first.seed
        and again.billed_units == first.billed_units
    )


def test_another_seed_is_another_request():
    assert request_key(FLUX, {**BODY, "seed": 2}, []) != NAME != request_key(FLUX, BODY, [b"picture"])
    assert request_key(FLUX, dict(reversed(BODY.items())), []) == NAME


def test_the_same_request_at_the_same_moment_is_one(fal, books):
    fal.seconds = 0.5

    async def body():
        return BODY

    async def both():
        with FalClient(Key(TEXT), fal.url) as client:
            one = buy(WANTED, body, client, books, lambda _: None, lambda: None)
            two = buy(WANTED, body, client, books, lambda _: None, lambda: None)
            return await asyncio.gather(one, two)

    first, second = asyncio.run(both())
    assert fal.count("POST") == 1 and first.pictures == second.pictures
    assert sorted((first.origin, second.origin)) == ["bought", "kept"]


def test_a_lost_answer_is_never_asked_for_again_until_it_is_forgotten(fal, books):
    fal.script("POST", FLUX, Act(accept=True, drop=True))
    with pytest.raises(Unsure):
        ask(fal, books)
    with pytest.raises(Unsure, match="forget " + NAME[:12]) as caught:
        ask(fal, books)
    assert fal.count("POST") == 1 and state(books) == "unsure"
    assert "heron" not in str(caught.value)
    assert books.journal.forget(NAME[:12])
    assert ask(fal, books).origin == "bought"


def test_a_refusal_leaves_nothing_behind(fal, books):
    fal.script("POST", FLUX, Act(status=429, body={"detail": "busy"}))
    with pytest.raises(Refused):
        ask(fal, books)
    assert books.journal.entries() == []
    assert ask(fal, books).origin == "bought"


def test_a_failed_job_may_be_asked_for_again(fal, books):
    fal.answer = lambda job: {"detail": "out of order"}
    with pytest.raises(Failed):
        ask(fal, books)
    assert state(books) == "failed"
    fal.answer = None
    assert (ask(fal, books).origin, fal.count("POST")) == ("bought", 2)


def test_a_cancel_before_the_request_leaves_nothing_behind(fal, books):
    def at_once():
        raise Cancelled

    with pytest.raises(Cancelled):
        ask(fal, books, at_once)
    assert books.journal.entries() == [] and fal.count("POST") == 0
    assert ask(fal, books).origin == "bought"


def test_a_full_disk_at_the_end_lets_the_next_one_in(fal, books, monkeypatch):
    """The row cannot even be let go of; still nobody waits for a job that nobody is at."""
    with monkeypatch.context() as patched:
        for name in ("let_go", "kept", "ended"):
            patched.setattr(
                Journal, name, lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
            )
        assert ask(fal, books).pictures
    assert (ask(fal, books).origin, fal.count("POST")) == ("resumed", 1)


def test_a_cancelled_job_is_asked_for_anew(fal, books):
    fal.seconds = 60.0
    cancel_when(fal, books, lambda: fal.jobs)
    fal.wait_for(lambda: fal.cancels)
    fal.seconds = 0.0
    assert (ask(fal, books).origin, fal.count("POST")) == ("bought", 2)


def test_a_cancelled_job_that_the_service_has_dropped_is_asked_for_anew(fal, books):
    fal.seconds = 60.0
    cancel_when(fal, books, lambda: fal.jobs)
    fal.wait_for(lambda: fal.cancels)
    fal.jobs.clear()  # from now on 404
    fal.seconds = 0.0
    assert (ask(fal, books, limits=Limits(retry=0.01)).origin, fal.count("POST")) == ("bought", 2)


def test_a_job_that_is_out_of_sight_says_how_to_go_on(fal, books):
    fal.seconds = 1.0
    fal.script("GET", "/files/", Act(status=500), Act(status=500), Act(status=500), Act(status=500))
    fal.answer = lambda job: {"images": [{"url": fal.url + "/files/never"}]}
    with pytest.raises(Uncollected):
        ask(fal, books)
    with pytest.raises(Uncollected, match="jobs forget " + NAME[:12]):
        ask(fal, books)
    assert fal.count("POST") == 1


def test_a_cancel_that_came_too_late_is_collected_for_nothing(fal, books):
    """The job had ended when the cancel arrived: its picture is paid for, and the next run brings it."""
    hold = threading.Event()
    fal.script("GET", "/requests/[^/]+$", Act(wait=hold))
    cancel_when(fal, books, lambda: fal.count("GET", "/requests/[^/]+$"))
    hold.set()
    again = ask(fal, books)
    assert fal.count("POST") == 1 and again.origin in ("resumed", "kept") and again.pictures


def test_a_cancelled_job_stays_cancelled_when_its_second_run_is_cancelled_too(fal, books):
    fal.seconds = 60.0
    cancel_when(fal, books, lambda: fal.jobs)
    fal.wait_for(lambda: fal.cancels)
    for job in fal.jobs.values():
        job.seconds = 0.0  # it has ended: a second cancel is answered 400
    asked, hold = fal.count("GET", "/status"), threading.Event()
    fal.script("GET", "/status", Act(wait=hold))
    cancel_when(fal, books, lambda: fal.count("GET", "/status") > asked)
    fal.wait_for(lambda: len(fal.cancels) == 2)
    hold.set()
    settle()
    fal.seconds = 0.0
    assert (ask(fal, books).origin, fal.count("POST")) == ("bought", 2)


def test_what_a_dead_process_was_sending_is_unsure_at_once(fal, books, tmp_path):
    hold = threading.Event()
    fal.script("POST", FLUX, Act(wait=hold))
    child = subprocess.Popen([sys.executable, "-c", CRASH, str(ROOT), fal.url, str(tmp_path)])
    fal.wait_for(lambda: fal.count("POST", FLUX), timeout=30)
    child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    child.wait()
    hold.set()
    again = Books.open(tmp_path)
    assert state(again) == "unsure"
    assert [payment.outcome for payment in again.ledger.payments()] == ["unsure"]


def cancel_when(fal, books, moment):
    def interrupted():
        if moment():
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(fal, books, interrupted)


def test_a_picture_that_cannot_be_fetched_now_is_fetched_later(fal, books):
    fal.answer = lambda job: {"images": [{"url": fal.url + "/files/not-yet"}]}
    with pytest.raises(Uncollected, match="paid for"):
        ask(fal, books)
    fal.answer = None
    again = ask(fal, books)
    assert (fal.count("POST"), again.origin) == (1, "resumed")


def test_a_spoilt_store_asks_the_service_before_it_pays(fal, books, tmp_path):
    ask(fal, books)
    for file in (tmp_path / "pictures").iterdir():
        file.write_bytes(b"spoilt")
    assert (ask(fal, books).origin, fal.count("POST")) == ("resumed", 1)


def test_a_full_disk_does_not_cost_the_picture(fal, books, monkeypatch):
    monkeypatch.setattr(
        Store, "keep", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    assert ask(fal, books).pictures
    assert (ask(fal, books).origin, fal.count("POST")) == ("resumed", 1)


def test_nothing_private_is_written_down(fal, books, tmp_path):
    ask(fal, books)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert b"heron" not in data and TEXT.encode() not in data


CRASH = """
import sys
from types import ModuleType
package = ModuleType("switchyard"); package.__path__ = [sys.argv[1]]; sys.modules["switchyard"] = package
from pathlib import Path
from switchyard.tests.engine.test_fal_buy import Books, ask
class Fal: url = sys.argv[2]
ask(Fal, Books.open(Path(sys.argv[3])))
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize(
    ("stage", "moment", "posts"),
    [
        ("while the POST is out", lambda fal: fal.count("POST", FLUX), None),
        ("while the job runs", lambda fal: fal.count("GET", "/status") > 1, 1),
        ("while the result is fetched", lambda fal: fal.count("GET", "/requests/[^/]+$"), 1),
        ("while the picture is fetched", lambda fal: fal.count("GET", "/files/"), 1),
    ],
)
def test_kill_9_never_buys_twice(fal, books, tmp_path, stage, moment, posts):
    hold = threading.Event()
    fal.seconds = 1.0
    where = {"POST": ("POST", FLUX), "result": ("GET", "/requests/[^/]+$"), "picture": ("GET", "/files/")}
    for word, (method, path) in where.items():
        if f"the {word} is" in stage:
            fal.script(method, path, Act(wait=hold, accept=word == "POST"))
    child = subprocess.Popen([sys.executable, "-c", CRASH, str(ROOT), fal.url, str(tmp_path)])
    fal.wait_for(lambda: moment(fal), timeout=30)
    child.send_signal(signal.SIGKILL)
    child.wait()
    hold.set()
    if posts is None:  # nobody knows whether it arrived: it is not sent again by itself
        with pytest.raises(Unsure):
            ask(fal, books)
        assert fal.count("POST") == 1
    else:
        assert (ask(fal, books).origin, fal.count("POST")) == ("resumed", 1)


def test_a_moderated_picture_is_not_bought_again_by_itself(fal, books):
    """It had ended, and is billed, when the cancel came: the next run says so, and sends nothing."""
    hold = threading.Event()
    fal.script("GET", "/requests/[^/]+$", Act(wait=hold))
    fal.answer = lambda job: {"images": [{"url": "x"}], "has_nsfw_concepts": [True]}
    cancel_when(fal, books, lambda: fal.count("GET", "/requests/[^/]+$"))
    hold.set()
    fal.wait_for(lambda: fal.cancels)
    with pytest.raises(Failed):
        ask(fal, books)
    assert fal.count("POST") == 1


def test_a_missing_package_leaves_nothing_behind(fal, books, monkeypatch):
    monkeypatch.setitem(sys.modules, "fal_client", None)
    with pytest.raises(BadInput):
        ask(fal, books)
    assert books.journal.entries() == []
    monkeypatch.undo()
    assert ask(fal, books).origin == "bought"


def test_a_spoilt_file_is_mended(fal, books, tmp_path):
    ask(fal, books)
    (file,) = (tmp_path / "pictures").iterdir()
    file.write_bytes(b"")
    ask(fal, books)
    assert ask(fal, books).origin == "kept"
