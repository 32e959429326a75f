"""Sends an order: reference pictures first, then its requests side by side, then the pictures back.

Collaborators come in as arguments: `client` makes one FalClient, `on_status` hears of progress, `interrupted` raises
when the person pressed cancel.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from ..errors import Failed, RemoteError, Uncollected, Unsure
from .aside import aside
from .books import Books
from .buy import buy, check_budget, request_key
from .client import FalClient
from .job import Result, Status
from .ledger import Purchase
from .order import Order
from .payloads import Payload

T = TypeVar("T")

GRAVITY = (Uncollected, Unsure, Failed)  # paid and waiting, perhaps paid, perhaps billed
INLINE_BYTES = (
    3_000_000  # all references together, as data URIs inside the request; larger ones are uploaded first
)


@dataclass(frozen=True)
class Attachment:
    """An encoded reference picture or mask: its bytes and "image/png" or the like."""

    data: bytes
    content_type: str


@dataclass(frozen=True)
class Delivery:
    """The results of the requests that ended in pictures, and the errors of the others, in the order of the order."""

    results: tuple[Result, ...]
    errors: tuple[RemoteError, ...] = ()


async def send(
    order: Order,
    references: Sequence[Attachment],
    mask: Attachment | None,
    client: Callable[[], FalClient],
    books: Books,
    on_status: Callable[[Status], None],
    interrupted: Callable[[], None],
    workflow: str = "",
) -> Delivery:
    """All requests of `order`. Raises only when not one of them ended in a picture: what is paid for is delivered.

    workflow: the id of the queued workflow that this is a part of, for the limits of a run. Raises OverBudget, with nothing
    sent, where the requests do not fit into a limit together.
    An interrupt (any BaseException that is not an Exception) cancels every job that is still under way.
    """
    attachments = [*references, *([mask] if mask else [])]
    with client() as one:
        purchases = await aside(lambda: _purchases(order, attachments, one.service, workflow), interrupted)
        await aside(lambda: check_budget(purchases, books), interrupted)
        addresses = _Once(lambda: _addresses(one, attachments, books, interrupted))
        outcomes = await _together(
            _one(one, payload, purchase, addresses, books, on_status, interrupted)
            for payload, purchase in zip(order.payloads, purchases, strict=True)
        )
    return _delivery(outcomes)


def _delivery(outcomes: Sequence[Result | RemoteError]) -> Delivery:
    results = tuple(o for o in outcomes if isinstance(o, Result))
    errors = tuple(o for o in outcomes if isinstance(o, RemoteError))
    if not results:
        raise _gravest(errors)
    return Delivery(results, errors)


def _gravest(errors: Sequence[RemoteError]) -> RemoteError:
    """Of the errors of one order, the one that says most about money; the others are in its message."""
    ranked = sorted(
        errors, key=lambda e: next((n for n, kind in enumerate(GRAVITY) if isinstance(e, kind)), len(GRAVITY))
    )
    worst, *others = ranked
    if not others:
        return worst
    also = " ".join(dict.fromkeys(str(error) for error in others))
    return type(worst)(f"{worst} Of the other {len(others)} requests: {also}", worst.request_id)


def _purchases(
    order: Order, attachments: Sequence[Attachment], service: str, workflow: str
) -> list[Purchase]:
    pictures = [attachment.data for attachment in attachments]
    return [
        Purchase(
            request_key(f"{service}/{payload.endpoint.id}", payload.arguments_with([]), pictures),
            payload.endpoint,
            order.model.id,
            payload.price,
            workflow,
            order.max_price,
        )
        for payload in order.payloads
    ]


async def _one(
    client: FalClient,
    payload: Payload,
    purchase: Purchase,
    addresses: _Once,
    books: Books,
    on_status: Callable[[Status], None],
    interrupted: Callable[[], None],
) -> Result | RemoteError:
    """One request. An error of the service is returned, so that it does not cancel its neighbours."""

    async def body() -> dict[str, Any]:
        urls = await addresses.get()
        return payload.arguments_with(urls[: payload.references], urls[-1] if payload.mask else "")

    try:
        return await buy(purchase, body, client, books, on_status, interrupted)
    except RemoteError as error:
        return error


class _Once:
    """The addresses of the references: made when the first request needs them, and only then."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, list[str]]]):
        self._make = make
        self._task: asyncio.Task[list[str]] | None = None

    async def get(self) -> list[str]:
        if self._task is None:
            self._task = asyncio.create_task(self._make())
        return await self._task


async def _addresses(
    client: FalClient, attachments: Sequence[Attachment], books: Books, interrupted: Callable[[], None]
) -> list[str]:
    """Data URIs while they are small together, else uploads, side by side and once for each different picture."""
    if sum(len(a.data) for a in attachments) <= INLINE_BYTES:
        return [_data_uri(a) for a in attachments]
    different = {a.data: a for a in attachments}.values()
    urls = await _together(
        aside(partial(books.uploads.address, a.data, a.content_type, client, time.time()), interrupted)
        for a in different
    )
    known = {a.data: url for a, url in zip(different, urls, strict=True)}
    return [known[a.data] for a in attachments]


async def _together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order. Where one raises, the others are cancelled, and waited for, before it is raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _data_uri(attachment: Attachment) -> str:
    return f"data:{attachment.content_type};base64,{base64.b64encode(attachment.data).decode('ascii')}"
