"""What was spent, and the requests that are not settled: for the page's panel. Nothing here sends a paid request.

Whoever reaches ComfyUI's port may ask, so no prompt, no picture, no address and no key is in an answer.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ..engine import VERSION
from ..engine.errors import BadInput, SwitchyardError
from ..engine.fal.books import Books
from ..engine.fal.database import FILE
from ..engine.fal.journal import Entry
from ..engine.fal.spend import OUTCOMES, Period, Share
from ..engine.models import find
from ..engine.price import dollars
from . import host, spend
from .routes import post

MOST_JOBS = 100  # the newest; `dev.py jobs` lists them all
OPEN = {
    "sending": "being sent",
    "taken": "with the service, its pictures can be collected for nothing",
    "cancelled": "cancelled, perhaps too late: what there is can be collected for nothing",
    "unsure": "perhaps taken and billed: it is not sent again until it is forgotten",
    "withheld": "kept back by the service's safety check: it is not sent again until it is forgotten",
}

T = TypeVar("T")
C = TypeVar("C")


@post("/switchyard/spend")
async def spent(entries: dict[str, Any]) -> dict[str, Any]:
    """`{}`: today and this month, by model and by outcome; amounts as a person reads them."""
    _check(entries, set())
    found, trouble = await asyncio.to_thread(spend.spend_now)
    return {"today": _period(found.today), "month": _period(found.month), "trouble": trouble}


@post("/switchyard/jobs")
async def jobs(entries: dict[str, Any]) -> dict[str, Any]:
    """`{}`: the requests that have not ended in kept pictures and may still cost or bring something, the newest first."""
    _check(entries, set())
    none: list[dict[str, Any]] = []
    return {"jobs": await asyncio.to_thread(lambda: _opened(_open_jobs, none))}


@post("/switchyard/jobs/forget")
async def forget(entries: dict[str, Any]) -> dict[str, Any]:
    """`{"key": …, "unbilled": true}`: the same request may be sent anew, and is then paid for anew. `unbilled`: a person has
    seen that the service did not bill it, so it counts no longer. Answers whether there was such a request."""
    key = _key(entries, {"key", "unbilled"})
    unbilled = entries.get("unbilled") is True
    done = await asyncio.to_thread(lambda: _opened(lambda books: _forget(books, key, unbilled), False))
    return {"forgotten": done}


@post("/switchyard/jobs/collect")
async def collect(entries: dict[str, Any]) -> dict[str, Any]:
    """`{"key": …}`: follows a job that was paid for and keeps its pictures; nothing is sent, nothing is paid. It answers when
    that is over, which may take minutes: the same workflow then has its pictures for nothing."""
    from ..engine.fal.recall import Collector, recall

    books, client, entry = await _at_service(entries, Collector)
    try:
        result = await recall(books, client, entry)
    except SwitchyardError as error:  # an answer for a person, and no error for a browser's console
        return {"collected": 0, "said": str(error)}
    finally:
        client.close()
    if result is None:
        return {"collected": 0, "said": "Somebody is at it already: its pictures arrive there."}
    return {"collected": len(result.pictures), "said": " ".join(result.faults)}


@post("/switchyard/jobs/cancel")
async def cancel(entries: dict[str, Any]) -> dict[str, Any]:
    """`{"key": …}`: asks the service to drop a job that nobody here is at; nothing is sent or paid, and what has ended by then
    is collected instead. Answers `cancelled`, whether the service agreed; `busy`, whether a run is waiting for the job: to
    stop that is ComfyUI's own Cancel, which cancels with the service, too; and a sentence (`said`)."""
    from ..engine.fal.withdraw import Withdrawer, withdraw

    books, client, entry = await _at_service(entries, Withdrawer)
    try:
        answer = await withdraw(books, client, entry)
    except SwitchyardError as error:  # an answer for a person, and no error for a browser's console
        return {"cancelled": False, "busy": False, "said": str(error)}
    finally:
        client.close()
    return {"cancelled": answer.accepted, "busy": answer.busy, "said": answer.said}


async def _at_service(entries: dict[str, Any], kind: Callable[..., C]) -> tuple[Books, C, Entry]:
    """The books, a client of that kind, to be closed, and the request that `entries` names. Raises NoKey or BadInput."""
    key = _key(entries, {"key"})
    own, settings = await asyncio.to_thread(lambda: (host.required_key(), host.settings()))
    books = await asyncio.to_thread(host.books, settings)
    entry = await asyncio.to_thread(books.journal.find, key)
    if entry is None:
        raise BadInput("There is no such request any more.")
    return books, kind(own, host.service_address(), version=VERSION, limits=settings.limits), entry


def _open_jobs(books: Books) -> list[dict[str, Any]]:
    known = [entry for entry in books.journal.entries() if _is_open(entry)][:MOST_JOBS]
    models = {payment.key: payment.model for payment in books.ledger.payments()} if known else {}
    return [_job(entry, models.get(entry.key, "")) for entry in known]


def _is_open(entry: Entry) -> bool:
    return entry.state in OPEN and (entry.state != "cancelled" or entry.job is not None)


def _job(entry: Entry, model: str) -> dict[str, Any]:
    row = find(model)
    return {
        "key": entry.key,
        "name": row.name if row else model or entry.endpoint,
        "price": entry.price,
        "state": entry.state,
        "meaning": OPEN[entry.state],
        "since": entry.created,  # seconds since 1970
        "request": entry.job.request_id if entry.job else "",
        "cancellable": entry.state == "taken" and entry.job is not None,
        "collectable": entry.state in ("taken", "cancelled") and entry.job is not None,
    }


def _forget(books: Books, key: str, unbilled: bool) -> bool:
    entry = books.journal.find(key)
    if entry is not None and entry.state == "sending":
        raise BadInput("It is being sent at this moment: wait for it, or interrupt the run.")
    return entry is not None and books.journal.forget(key, unbilled=unbilled)


def _opened(look: Callable[[Books], T], nothing: T) -> T:
    """What `look` finds in the books; `nothing` where there are none yet, which are not made for a look."""
    if not (host.private_folder() / FILE).exists():
        return nothing
    try:
        return look(host.books(host.settings()))
    except (OSError, sqlite3.Error) as trouble:
        raise BadInput(f"The journal of paid requests cannot be used ({type(trouble).__name__}).") from None


def _period(period: Period) -> dict[str, Any]:
    return {
        "spent": dollars(period.usd),
        "requests": period.requests,
        "under_way": dollars(period.reserved) if period.reserved else "",
        "limit": "" if period.limit is None else dollars(period.limit),
        "left": "" if period.left is None else dollars(period.left),
        "unknown": period.unknown,
        "models": _shares(period.models, _model_name),
        "outcomes": _shares(period.outcomes, lambda name: OUTCOMES.get(name, name)),
    }


def _shares(shares: Iterable[Share], title: Callable[[str], str]) -> list[dict[str, Any]]:
    return [
        {"name": title(share.name), "spent": dollars(share.usd), "requests": share.requests}
        for share in shares
    ]


def _model_name(model: str) -> str:
    row = find(model)
    return row.name if row else model


def _key(entries: dict[str, Any], known: set[str]) -> str:
    """A request's whole name in the journal."""
    _check(entries, known)
    key = entries.get("key")
    if not isinstance(key, str) or not key or len(key) > 200:
        raise BadInput('Name the request: "key" has to be its whole name.')
    return key


def _check(entries: dict[str, Any], known: set[str]) -> None:
    if not entries.keys() <= known:
        raise BadInput(f"Only these entries are taken here: {', '.join(sorted(known)) or 'none'}.")
