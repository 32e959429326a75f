"""Live prices: what the service charges today, where it says so, over what the model table knows.

They are never needed: without them the table's prices stand. All money is Decimal US dollars, and where a live price
can be read in two ways, the dearer one counts: a budget that is too careful costs nothing.

The service's units, as seen: "images", "generations", "megapixels", "processed megapixels", "units", "compute seconds",
"credits". Its documentation (docs.fal.ai/platform-apis/v1/models/pricing) calls flux/dev's price "per image" and says
that it is adjusted "for resolution": an "image" may be a megapixel.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ..errors import RemoteError
from ..models import Endpoint, Price
from .database import Database

if TYPE_CHECKING:
    from .client import FalClient

HOLDS = 24 * 3600.0  # seconds that a price counts
RENEW = 12 * 3600.0  # seconds after which it is asked again, so that an outage of hours costs no price
REST = 600.0  # seconds in which a question that had no answer is not repeated
BROKEN = (OSError, sqlite3.Error)
COLUMNS = {"service": "TEXT", "endpoint": "TEXT", "unit_price": "TEXT", "unit": "TEXT"}
COLUMNS |= {"fetched": "REAL", "asked": "REAL"}

LEAST, MOST = Decimal("1e-9"), Decimal(1000)  # US dollars for a unit; outside it is a slip, not a price
MOST_UNITS = Decimal(1_000_000)  # of one request
FINEST = Decimal("1e-9")
UNIT = re.compile(r"[a-z0-9][a-z0-9 ._/-]{0,39}")
MEGAPIXELS = {"megapixel", "megapixels", "processed megapixel", "processed megapixels"}
IMAGES = {"image", "images", "generation", "generations", "request", "requests"}


@dataclass(frozen=True)
class LivePrice:
    """US dollars for one `unit`, in the service's own word for it (lower case). Always above 0."""

    unit_price: Decimal
    unit: str


class Tariff:
    """The prices that the service has named, for a day. Never raises: it is only ever a refinement.

    A row without an endpoint says when the service itself last failed to answer.
    """

    def __init__(self, database: Database):
        self._database = database
        with contextlib.suppress(*BROKEN):
            database.table("tariff", COLUMNS)

    def known(self, service: str, endpoint: str, now: float | None = None) -> LivePrice | None:
        """The price of `endpoint`, at most `HOLDS` seconds old at `now` (since 1970; None: this moment)."""
        now = time.time() if now is None else now
        with contextlib.suppress(*BROKEN), self._database.reading() as rows:
            row = rows.execute(
                "SELECT unit_price, unit FROM tariff WHERE service = ? AND endpoint = ? AND fetched BETWEEN ? AND ?",
                (service, endpoint, now - HOLDS, now),
            ).fetchone()
            return _live(*row) if row else None
        return None

    def price_of(self, service: str) -> Callable[[Endpoint], Price]:
        """The price of an endpoint with what the service has named in it."""

        def price(endpoint: Endpoint) -> Price:
            live = self.known(service, endpoint.id)
            return priced(endpoint, live) if live else endpoint.price

        return price

    def refresh(self, client: FalClient, endpoints: Iterable[str], now: float | None = None) -> None:
        """Asks for what is old, in one short question; what cannot be had stays as it is. Blocks for some seconds."""
        now = time.time() if now is None else now
        asked = self._claim(client.service, endpoints, now)
        if not asked:
            return
        try:
            prices = client.prices(asked)
        except RemoteError:
            prices = None
        with contextlib.suppress(*BROKEN), self._database.writing() as rows:
            if prices is None:
                _put(rows, client.service, "", asked=now)
                return
            for endpoint, live in prices.items():
                text = f"{live.unit_price:f}"
                _put(rows, client.service, endpoint, unit_price=text, unit=live.unit, fetched=now)

    def _claim(self, service: str, endpoints: Iterable[str], now: float) -> list[str]:
        """The endpoints that are to be asked about now, by this caller alone.

        It is written down before the question, so that neither a dead service nor a disk that cannot be written makes
        every run wait.
        """
        wanted = list(dict.fromkeys(e for e in endpoints if e))
        claimed = []
        with contextlib.suppress(*BROKEN), self._database.writing() as rows:
            times = {
                endpoint: (fetched, asked)
                for endpoint, fetched, asked in rows.execute(
                    "SELECT endpoint, fetched, asked FROM tariff WHERE service = ?", (service,)
                )
            }
            if _within(times.get("", (None, None))[1], REST, now):
                return []
            for endpoint in wanted:
                fetched, asked = times.get(endpoint, (None, None))
                if not _within(fetched, RENEW, now) and not _within(asked, REST, now):
                    _put(rows, service, endpoint, asked=now)
                    claimed.append(endpoint)
            return claimed
        return []


def read_prices(body: bytes, asked: Collection[str]) -> dict[str, LivePrice]:
    """The usable prices of a reply `{"prices": [{"endpoint_id", "unit_price", "unit", "currency"}, …]}`.

    Left out: what was not asked for, is not in US dollars, is no amount from `LEAST` to `MOST`. A price of 0 is among
    them: it can mean "billed otherwise", and would let everything through a budget.
    """
    try:
        # Numbers stay text: a float would spoil the amount, and one that is absurdly long all the others.
        reply = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return {}
    entries = reply.get("prices") if isinstance(reply, dict) else None
    found: dict[str, LivePrice] = {}
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("currency") not in ("USD", "usd"):
            continue
        endpoint, live = entry.get("endpoint_id"), _live(entry.get("unit_price"), entry.get("unit"))
        if live is None or not isinstance(endpoint, str) or endpoint not in asked:
            continue
        if endpoint not in found or live.unit_price > found[endpoint].unit_price:
            found[endpoint] = live
    return found


def priced(endpoint: Endpoint, live: LivePrice) -> Price:
    """The price of `endpoint` with the live amount in it, as far as one unit's price can tell; else the row's own."""
    row = endpoint.price
    by_area, by_image = live.unit in MEGAPIXELS, live.unit in IMAGES
    if not (by_area or by_image) or row.rule in ("free", "per_token"):
        return row  # seconds of computing, credits: how many a picture takes is known after it only
    if row.rule in ("first_megapixel", "per_image_tier"):
        return _dearer(row, live.unit_price)
    if row.rule == "per_megapixel" or (row.rule == "per_image" and by_image):
        return replace(row, usd=live.unit_price, confidence="fal-text")
    # An unknown price, or one for an image that the service counts by area: references may be counted too.
    return replace(
        row,
        rule="per_megapixel" if by_area else "per_image",
        usd=max(live.unit_price, row.usd or live.unit_price),
        counts_inputs=by_area and endpoint.references != 0,
        confidence="fal-text",
        note=f"The service's live price, by {live.unit}.",
    )


def billed(endpoint: Endpoint, units: Decimal, live: LivePrice | None) -> Decimal | None:
    """What a request cost in US dollars, from the units that the service billed; None where nobody can tell.

    The units are those of the live price, whatever they are. Without it they are the row's, where the row has one price.
    """
    if not units.is_finite() or not 0 <= units <= MOST_UNITS:
        return None
    if units == 0:
        return Decimal(0)
    if live is not None:
        return units * live.unit_price
    price = endpoint.price
    if price.rule == "free":
        return Decimal(0)
    return (
        units * price.usd if price.rule in ("per_megapixel", "per_image") and price.usd is not None else None
    )


def _dearer(row: Price, unit_price: Decimal) -> Price:
    """A price of two amounts, of which the service names one: both grow in proportion, and neither ever shrinks."""
    if not row.usd or unit_price <= row.usd:
        return row
    extra = row.extra_usd
    if extra is not None:
        extra = (extra * unit_price / row.usd).quantize(FINEST, ROUND_CEILING)
    return replace(row, usd=unit_price, extra_usd=extra, confidence="fal-text")


def _live(unit_price: object, unit: object) -> LivePrice | None:
    """Out of two texts; None unless both are what they should be."""
    if not isinstance(unit_price, str) or not isinstance(unit, str) or len(unit_price) > 40:
        return None
    unit = " ".join(unit.lower().split())
    try:
        amount = Decimal(unit_price)
    except InvalidOperation:
        return None
    if not amount.is_finite() or not LEAST <= amount <= MOST or not UNIT.fullmatch(unit):
        return None
    return LivePrice(amount, unit)


def _within(moment: object, seconds: float, now: float) -> bool:
    """Whether `moment` lies less than `seconds` back; one that is still to come was written by a wrong clock."""
    return isinstance(moment, (int, float)) and 0 <= now - moment < seconds


def _put(rows: sqlite3.Connection, service: str, endpoint: str, **values: object) -> None:
    """Writes some columns of the one row of an endpoint, which is made if missing."""
    names = ", ".join(f"{name} = ?" for name in values)
    where = (service, endpoint)
    if not rows.execute("SELECT 1 FROM tariff WHERE service = ? AND endpoint = ?", where).fetchone():
        rows.execute("INSERT INTO tariff (service, endpoint) VALUES (?, ?)", where)
    rows.execute(f"UPDATE tariff SET {names} WHERE service = ? AND endpoint = ?", (*values.values(), *where))
