"""Clocks that jump: the wall clock decides nothing about money, and patience is counted on the one that never goes back."""

import asyncio
import os
import time
from decimal import Decimal
from itertools import count

import pytest
from switchyard.engine.errors import OverBudget, Uncollected, Unsure
from switchyard.engine.fal.books import Books
from switchyard.engine.fal.buy import buy
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.job import Limits, Picture
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.ledger import Purchase
from switchyard.engine.fal.owner import Owner
from switchyard.engine.fal.settings import Budget, Settings
from switchyard.engine.fal.store import Store
from switchyard.engine.models import find
from switchyard.engine.price import Estimate
from switchyard.tests.fal_emulator import Act, FalEmulator

KEY = Key("11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef")
FLUX = find("flux-2-pro").endpoint("generate", 0)
RESULT = r"/requests/[^/]+$"
HOUR, DAY = 3600.0, 86_400.0
NOON = 1_800_000_000.0  # a moment in 2027
JUMPS = {
    "back a day": -DAY,
    "on a month": 30 * DAY,
    "back to 1970": 2 * DAY - NOON,
    "on a century": 36_525 * DAY,
}
QUICK = Limits(retry=0.01, pace=0.01)


class Clock:
    """A wall clock that somebody sets."""

    def __init__(self):
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


@pytest.fixture
def clock():
    return Clock()


def ask(fal, books, seed=1, **client):
    """One request, as a node makes it."""
    arguments = {"prompt": "a heron", "seed": seed, "image_size": {"width": 64, "height": 64}}
    purchase = Purchase(f"heron {seed}", FLUX, "flux-2-pro", Estimate(Decimal("0.03")))

    async def body():
        return arguments

    async def main():
        with FalClient(KEY, fal.url, **{"limits": QUICK, **client}) as service:
            return await buy(purchase, body, service, books, lambda _: None, lambda: None)

    return asyncio.run(main())


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_a_paid_picture_is_joined_and_kept_across_a_jump(fal, clock, jump, tmp_path):
    books = Books.open(tmp_path, clock=clock)
    fal.script("GET", RESULT, *[Act(status=500)] * 4)
    with pytest.raises(Uncollected):
        ask(fal, books)
    clock.now += jump
    joined = ask(fal, books)
    clock.now = NOON
    kept = ask(fal, Books.open(tmp_path, clock=clock))
    assert (joined.origin, kept.origin, kept.pictures) == ("resumed", "kept", joined.pictures)
    assert fal.count("POST") == 1


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_what_is_unsure_stays_unsure_across_a_jump(fal, clock, jump, tmp_path):
    books = Books.open(tmp_path, clock=clock)
    fal.script("POST", FLUX.id, Act(accept=True, drop=True))
    for moment in (NOON, NOON + jump, NOON):
        clock.now = moment
        with pytest.raises(Unsure):
            ask(fal, books)
    assert (fal.count("POST"), len(fal.taken)) == (1, 1)


@pytest.mark.parametrize("jump", [-HOUR, -DAY, -30 * DAY])
def test_a_clock_that_is_set_back_opens_no_purse(fal, clock, jump, tmp_path):
    books = Books.open(tmp_path, Settings(Budget(daily=Decimal("0.05"), monthly=Decimal("0.05"))), clock)
    ask(fal, books)
    clock.now += jump
    with pytest.raises(OverBudget):
        ask(fal, books, seed=2)
    assert fal.count("POST") == 1


def test_a_day_later_there_is_a_budget_again_until_the_clock_goes_back(fal, clock, tmp_path):
    books = Books.open(tmp_path, Settings(Budget(daily=Decimal("0.05"))), clock)
    ask(fal, books)
    clock.now += DAY
    ask(fal, books, seed=2)
    clock.now -= DAY
    with pytest.raises(OverBudget):
        ask(fal, books, seed=3)
    assert fal.count("POST") == 2


def test_patience_does_not_look_at_the_wall_clock(fal, monkeypatch, tmp_path):
    """Every look at it is a month off, to and fro, while a job runs for a while."""
    books, looks, real = Books.open(tmp_path), count(), time.time
    fal.seconds = 0.3
    monkeypatch.setattr(time, "time", lambda: real() + (-1) ** next(looks) * 30 * DAY)
    result = ask(fal, books, limits=Limits(retry=0.01, pace=0.01, follow=20, whole=20, submit=20))
    assert (result.origin, fal.count("POST"), fal.cancels) == ("bought", 1, [])
    assert fal.count("GET", "/status") > 1 and next(looks) > 0


def test_patience_is_counted_on_the_clock_that_never_goes_back(fal, tmp_path):
    """Two hours of it go by at once: the job is out of sight, then joined for nothing."""
    books = Books.open(tmp_path)
    fal.seconds = 3600.0
    fal.script("PUT", "/cancel", Act(drop=True))

    def monotonic():
        return time.monotonic() + 2 * HOUR * bool(fal.count("GET", "/status"))

    with pytest.raises(Uncollected, match="was not ready after 120 minutes"):
        ask(fal, books, clock=monotonic)
    for job in fal.jobs.values():
        job.seconds = 0.0
    assert ask(fal, books).origin == "resumed"
    assert fal.count("POST") == 1


def test_the_picture_just_paid_for_stays_whatever_the_clock_says(tmp_path):
    """The others in the store were used in what is now the future."""
    store = Store(tmp_path, limit=150)
    old = store.keep([Picture(b"o" * 100, "image/png")])
    os.utime(tmp_path / old[0]["file"], (NOON + 30 * DAY,) * 2)
    new = store.keep([Picture(b"n" * 100, "image/png")])
    assert store.bring(new) and not store.bring(old)


@pytest.mark.parametrize("moment", [1.0, 4e9])
def test_who_is_at_work_is_not_told_by_the_time(tmp_path, moment):
    """A process that holds its lock is alive, however old its file looks to one that starts after a jump."""
    worker = Owner(tmp_path)
    os.utime(tmp_path / "owners" / worker.name, (moment, moment))
    other = Owner(tmp_path)
    assert other.is_alive(worker.name)
    worker._file.close()
    assert not other.is_alive(worker.name)
