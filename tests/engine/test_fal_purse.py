"""What the router is told of the money that is left: the ledger's own sums, read without writing, and quickly."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from switchyard.engine.fal.database import FILE, Database
from switchyard.engine.fal.ledger import Bill, Ledger, Purchase
from switchyard.engine.fal.purse import Purse, purse
from switchyard.engine.fal.settings import Budget
from switchyard.engine.models import find
from switchyard.engine.price import Estimate

NOON = datetime(2026, 11, 21, 12).timestamp()
ENDPOINT = find("flux-2-pro").endpoint("generate")


def buy(folder, usd, at=NOON, outcome=None, key="k"):
    database = Database(folder)
    ledger = Ledger(database, lambda: at)
    with database.writing() as rows:
        number = ledger.reserve(rows, Purchase(key, ENDPOINT, "flux-2-pro", Estimate(Decimal(usd))), Budget())
        if outcome:
            ledger.settle(rows, number, Bill(outcome, Decimal(usd)))


def daily(folder, usd="1", now=NOON):
    return purse(folder, Budget(daily=Decimal(usd)), now)


def test_what_is_left_is_what_the_ledger_has_not_counted(tmp_path):
    assert daily(tmp_path) == Purse(Decimal(1), "today's budget") and not list(tmp_path.iterdir())
    buy(tmp_path, "0.30", outcome="paid")
    buy(tmp_path, "0.25")  # under way: reserved
    assert daily(tmp_path).usd == Decimal("0.45")
    buy(tmp_path, "0.40", at=NOON - timedelta(days=1).total_seconds(), outcome="paid")
    assert daily(tmp_path).usd == Decimal("0.45")  # yesterday's is yesterday's
    assert daily(tmp_path, "0.5").usd == 0
    buy(tmp_path, "0.05", outcome="paid")
    assert daily(tmp_path).usd == Decimal("0.40")  # seen at once
    tomorrow = NOON + timedelta(days=1).total_seconds()
    assert daily(tmp_path, now=tomorrow).usd == Decimal(1)


def test_the_nearest_limit_is_the_one_that_is_told_of(tmp_path):
    buy(tmp_path, "0.30", outcome="paid")
    buy(tmp_path, "2", at=NOON - timedelta(days=5).total_seconds(), outcome="paid")
    budget = Budget(daily=Decimal(1), monthly=Decimal("2.5"), run=Decimal("0.1"))
    assert purse(tmp_path, budget, NOON) == Purse(Decimal("0.1"), "the budget of a run")
    budget = Budget(daily=Decimal(1), monthly=Decimal("2.5"))
    assert purse(tmp_path, budget, NOON) == Purse(Decimal("0.2"), "this month's budget")
    assert purse(tmp_path, Budget(), NOON) is None
    assert purse(tmp_path, Budget(unknown_price=Decimal(1)), NOON) is None


@pytest.mark.parametrize("spoilt", [b"", b"no database at all" * 100])
def test_a_ledger_that_cannot_be_read_is_no_limit_here(tmp_path, spoilt):
    (tmp_path / FILE).write_bytes(spoilt)
    assert daily(tmp_path) is None
    assert (tmp_path / FILE).read_bytes() == spoilt


def test_it_neither_writes_nor_waits_for_a_writer(tmp_path):
    buy(tmp_path, "0.30", outcome="paid")
    database = Database(tmp_path)
    with database.writing() as rows:
        rows.execute("UPDATE payments SET amount = 0")
        began = time.monotonic()
        assert daily(tmp_path).usd == Decimal("0.70")  # as it is for everybody until the writer is done
        assert time.monotonic() - began < 1
    with sqlite3.connect(tmp_path / FILE) as rows:
        assert rows.execute("SELECT COUNT(*) FROM payments").fetchone() == (1,)


def test_asking_again_costs_next_to_nothing(tmp_path):
    buy(tmp_path, "0.01")
    with Database(tmp_path).writing() as rows:
        rows.executemany(
            "INSERT INTO payments (key, at, model, endpoint, run, amount, outcome) VALUES ('k', ?, 'm', 'e', '', 1000, 'paid')",
            [(NOON,)] * 20_000,
        )
    first = daily(tmp_path)
    took = []
    for _ in range(50):
        began = time.perf_counter()
        assert daily(tmp_path) == first
        took.append(time.perf_counter() - began)
    assert sorted(took)[25] < 0.002
