"""What was spent, as numbers and as words: today and this month, by model and by how it ended.

Pure: the payments come in, nothing is read here. Money is Decimal US dollars. There is no prompt in a payment, so there
is none in what a person reads here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ..price import dollars

if TYPE_CHECKING:
    from .ledger import Payment
    from .settings import Budget

# How a request may end, in the order in which a person reads it.
OUTCOMES = {
    "paid": "paid",
    "open": "under way",
    "moderated": "withheld by the service",
    "failed": "failed",
    "cancelled": "cancelled",
    "unsure": "perhaps taken",
}


@dataclass(frozen=True)
class Share:
    """The part of a sum that belongs to one model or one outcome."""

    name: str
    requests: int
    usd: Decimal


@dataclass(frozen=True)
class Period:
    """A day or a month. usd: what counts, requests under way included.

    models: the dearest first. outcomes: only those that occur. unknown: requests that count nothing, or a guess, because
    nobody knew their price. limit None: there is none.
    """

    usd: Decimal
    requests: int
    models: tuple[Share, ...]
    outcomes: tuple[Share, ...]
    unknown: int
    limit: Decimal | None

    @property
    def reserved(self) -> Decimal:
        """By requests that are under way; a part of `usd`."""
        return next((share.usd for share in self.outcomes if share.name == "open"), Decimal(0))

    @property
    def left(self) -> Decimal | None:
        """Of the limit, never below 0; None where there is none."""
        return None if self.limit is None else max(Decimal(0), self.limit - self.usd)


@dataclass(frozen=True)
class Spend:
    today: Period
    month: Period


def spend_of(payments: Iterable[Payment], today: float, month: float, budget: Budget) -> Spend:
    """today, month: when they began, in seconds since 1970. What is dated later than now counts, as it does for a limit."""
    known = list(payments)
    return Spend(
        _period([p for p in known if p.at >= today], budget.daily),
        _period([p for p in known if p.at >= month], budget.monthly),
    )


def text(spend: Spend) -> str:
    """A few lines for a person."""
    lines = [_line("Today", spend.today), _line("This month", spend.month)]
    if spend.month.models:
        lines.append("By model: " + ", ".join(_share(share) for share in spend.month.models) + ".")
    apart = [share for share in spend.month.outcomes if share.name not in ("paid", "open")]
    if apart:
        ended = ", ".join(_share(share, OUTCOMES.get(share.name, share.name)) for share in apart)
        lines.append(f"Of this month, apart from the paid: {ended}.")
    if spend.month.unknown:
        lines.append(f"Without a known price this month: {_requests(spend.month.unknown)}.")
    return "\n".join(lines)


def table(spend: Spend) -> str:
    """The same by model as a Markdown table; the last column counts this month's requests."""
    today = {share.name: share.usd for share in spend.today.models}
    rows = ["| model | today | this month | requests |", "|:--|--:|--:|--:|"]
    for share in spend.month.models:
        usd = today.get(share.name, Decimal(0))
        rows.append(f"| {_cell(share.name)} | {dollars(usd)} | {dollars(share.usd)} | {share.requests} |")
    total = f"{dollars(spend.today.usd)} | {dollars(spend.month.usd)} | {spend.month.requests}"
    return "\n".join([*rows, f"| **all** | {total} |"])


def _period(payments: Sequence[Payment], limit: Decimal | None) -> Period:
    outcomes = {share.name: share for share in _shares(payments, "outcome")}
    return Period(
        sum((p.usd for p in payments), Decimal(0)),
        len(payments),
        tuple(
            sorted(_shares(payments, "model"), key=lambda share: (-share.usd, -share.requests, share.name))
        ),
        (*(outcomes[name] for name in OUTCOMES if name in outcomes),),
        sum(_is_unknown(p) for p in payments),
        limit,
    )


def _shares(payments: Sequence[Payment], column: str) -> list[Share]:
    names = dict.fromkeys(getattr(p, column) for p in payments)
    of = {name: [p.usd for p in payments if getattr(p, column) == name] for name in names}
    return [Share(name, len(amounts), sum(amounts, Decimal(0))) for name, amounts in of.items()]


def _is_unknown(payment: Payment) -> bool:
    """Neither an estimate nor a bill. Units that are billed and come to nothing had no price either."""
    if payment.estimate is not None:
        return False
    return payment.units is None or (payment.units > 0 and payment.usd == 0)


def _line(when: str, period: Period) -> str:
    of = "" if period.limit is None else f" of {dollars(period.limit)}"
    under_way = f", {dollars(period.reserved)} under way" if period.reserved else ""
    left = "" if period.left is None else f"; {dollars(period.left)} left"
    return f"{when} {dollars(period.usd)}{of} ({_requests(period.requests)}{under_way}){left}."


def _share(share: Share, name: str = "") -> str:
    return f"{name or share.name} {dollars(share.usd)} ({share.requests})"


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def _cell(words: str) -> str:
    """A text that stays within its cell."""
    return " ".join(words.split()).replace("|", "\\|")
