"""The money: what each request was expected to cost when it went out, and what it came to.

One row a request that was sent, never taken away (the journal's rows go when a request is asked for anew). Amounts are
whole billionths of a US dollar, so that the prices of single tokens add up exactly. A reservation is made in the same
transaction as the journal's row: whatever runs beside it, in whatever process, has either counted already or will see it.

    open        under way: its estimate is reserved
    paid        ended in pictures
    moderated   withheld by the service
    failed      ended without a picture
    cancelled   cancelled by us; a job that was running may be billed all the same
    unsure      perhaps taken: its estimate counts

Everything counts on the day on which it was sent. What lies in the future counts too: a clock that was set back must not
open the purse again.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from ..errors import OverBudget
from ..models import Endpoint
from ..price import Estimate, dollars
from .database import Database
from .settings import DAILY, FILE, Budget

Outcome = Literal["open", "paid", "moderated", "failed", "cancelled", "unsure"]

NANO = 10**9
SETTLED = ("paid", "moderated")  # what the service has said; nothing later changes it


@dataclass(frozen=True)
class Purchase:
    """A request that is about to be sent.

    key: its name in the journal. run: one queued workflow, for the limits of a run. most: the router's max_price for that
    run in US dollars, 0 for none.
    """

    key: str
    endpoint: Endpoint
    model: str
    price: Estimate
    run: str = ""
    most: Decimal = Decimal(0)


@dataclass(frozen=True)
class Bill:
    """How a request ended. usd None: the estimate stands, because the service did not say. only_open: where nothing was
    known before."""

    outcome: Outcome
    usd: Decimal | None = None
    units: Decimal | None = None
    request_id: str = ""
    only_open: bool = False


@dataclass(frozen=True)
class Payment:
    """One row. at: seconds since 1970. estimate None: nobody knew the price. usd: what counts."""

    key: str
    at: float
    model: str
    endpoint: str
    estimate: Decimal | None
    usd: Decimal
    outcome: Outcome
    units: Decimal | None
    request_id: str
    run: str


class Ledger:
    """`clock` gives seconds since 1970."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time):
        self._database = database
        self._clock = clock
        database.table("payments", _COLUMNS)

    def reserve(self, rows: sqlite3.Connection, purchase: Purchase, budget: Budget) -> int:
        """Writes the reservation into the open transaction `rows`; returns its number.

        Raises OverBudget where spent + reserved + this one would pass a limit: then nothing is written.
        """
        amount = self._check(rows, [purchase], budget)
        known = purchase.price.usd
        row = rows.execute(
            "INSERT INTO payments (key, at, model, endpoint, run, estimate, amount, outcome) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 'open')",
            (
                purchase.key,
                self._clock(),
                purchase.model,
                purchase.endpoint.id,
                purchase.run,
                None if known is None else nano(known),
                amount,
            ),
        )
        assert row.lastrowid is not None
        return row.lastrowid

    def settle(self, rows: sqlite3.Connection, payment: int, bill: Bill) -> None:
        """What became of it. Once the service has said what it was, nothing later changes the amount."""
        amount = None if bill.usd is None else nano(bill.usd)
        known = " AND outcome = 'open'" if bill.only_open else f" AND outcome NOT IN {SETTLED}"
        rows.execute(
            "UPDATE payments SET outcome = ?, amount = COALESCE(?, estimate, amount), units = ?, request_id = ? "
            f"WHERE id = ?{known}",
            (bill.outcome, amount, _text(bill.units), bill.request_id, payment),
        )

    def void(self, rows: sqlite3.Connection, payment: int) -> None:
        """Nothing was sent."""
        rows.execute(f"DELETE FROM payments WHERE id = ? AND outcome NOT IN {SETTLED}", (payment,))

    def check(self, purchases: Sequence[Purchase], budget: Budget) -> None:
        """Raises OverBudget where `purchases` do not fit together. Reserves nothing: each is checked again when it goes."""
        with self._database.reading() as rows:
            self._check(rows, purchases, budget)

    def payments(self, since: float = 0.0) -> list[Payment]:
        """What was sent since then (seconds since 1970), the newest first."""
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT key, at, model, endpoint, estimate, amount, outcome, units, request_id, run FROM payments "
                "WHERE at >= ? ORDER BY at DESC, id DESC",
                (since,),
            )
            return [_payment(row) for row in found]

    @property
    def today(self) -> float:
        """Local midnight, in seconds since 1970."""
        now = datetime.fromtimestamp(self._clock())
        return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()

    @property
    def month(self) -> float:
        """The first of the month, local midnight, in seconds since 1970."""
        now = datetime.fromtimestamp(self._clock())
        return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()

    def _check(self, rows: sqlite3.Connection, purchases: Sequence[Purchase], budget: Budget) -> int:
        """What `purchases` count together, in billionths of a dollar."""
        if not purchases:
            return 0
        limits = self._limits(purchases[0], budget)
        total = sum(_amount(purchase, budget, bool(limits)) for purchase in purchases)
        for limit in limits:
            spent, reserved = _counted(rows, limit)
            if total and spent + reserved + total > nano(limit.usd, down=True):
                raise OverBudget(_refusal(limit, total, spent, reserved))
        return total

    def _limits(self, purchase: Purchase, budget: Budget) -> list[_Limit]:
        found: list[tuple[str, Decimal | None, str, str, float | str]] = [
            (f"the daily budget ({DAILY} or {FILE})", budget.daily, "today", "at >= ?", self.today),
            (f"the monthly budget ({FILE})", budget.monthly, "this month", "at >= ?", self.month),
            (f"the budget of a run ({FILE})", budget.run, "in this run", "run = ?", purchase.run),
            ("max_price", purchase.most or None, "in this run", "run = ?", purchase.run),
        ]
        return [
            _Limit(name, usd, when, where, value)
            for name, usd, when, where, value in found
            if usd is not None
        ]


@dataclass(frozen=True)
class _Limit:
    name: str
    usd: Decimal
    when: str
    where: str
    value: float | str


_COLUMNS = {
    "id": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "key": "TEXT NOT NULL",
    "at": "REAL NOT NULL",
    "model": "TEXT NOT NULL",
    "endpoint": "TEXT NOT NULL",
    "run": "TEXT NOT NULL",
    "estimate": "INTEGER",
    "amount": "INTEGER NOT NULL",
    "outcome": "TEXT NOT NULL",
    "units": "TEXT NOT NULL DEFAULT ''",
    "request_id": "TEXT NOT NULL DEFAULT ''",
}


def nano(usd: Decimal, down: bool = False) -> int:
    """Whole billionths of a dollar; what is owed is rounded up, what may be spent down."""
    return int((usd * NANO).to_integral_value(ROUND_FLOOR if down else ROUND_CEILING))


def _amount(purchase: Purchase, budget: Budget, limited: bool) -> int:
    usd = purchase.price.usd
    if usd is None:
        usd = budget.unknown_price
    if usd is None and limited:
        raise OverBudget(
            f"Nobody knows what {purchase.endpoint.id} costs, and a limit is set that it might pass, so nothing was sent: "
            f'say in {FILE} what such a request counts ("unknown_price": "0.25"), or choose a model whose price is known.'
        )
    return nano(usd) if usd is not None else 0


def _counted(rows: sqlite3.Connection, limit: _Limit) -> tuple[int, int]:
    """What is spent, and what is reserved by requests that are still under way."""
    open_, whole = rows.execute(
        "SELECT COALESCE(SUM(CASE WHEN outcome = 'open' THEN amount END), 0), COALESCE(SUM(amount), 0) FROM payments "
        f"WHERE {limit.where}",
        (limit.value,),
    ).fetchone()
    return whole - open_, open_


def _refusal(limit: _Limit, total: int, spent: int, reserved: int) -> str:
    under_way = f" and {_dollars(reserved)} reserved by requests under way" if reserved else ""
    later = {"today": " or wait until midnight", "this month": " or wait for the next month"}.get(
        limit.when, ""
    )
    return (
        f"This would cost {_dollars(total)}, {limit.when} {_dollars(spent)} are spent{under_way}, and {limit.name} is "
        f"{dollars(limit.usd)}, so nothing was sent: raise it, {later}or choose a cheaper model."
    )


def _dollars(amount: int) -> str:
    return dollars(Decimal(amount) / NANO)


def _text(units: Decimal | None) -> str:
    return "" if units is None else str(units)


def _payment(row: tuple) -> Payment:
    key, at, model, endpoint, estimate, amount, outcome, units, request_id, run = row
    return Payment(
        key,
        at,
        model,
        endpoint,
        None if estimate is None else Decimal(estimate) / NANO,
        Decimal(amount) / NANO,
        outcome,
        Decimal(units) if units else None,
        request_id,
        run,
    )
