"""Sends an order: reference pictures first, then its requests side by side, then the pictures back.

Collaborators come in as arguments: `client` makes one FalClient, `on_status` hears of progress, `interrupted` raises
when the person pressed cancel.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import RemoteError
from .aside import aside
from .client import FalClient
from .job import Result, Status
from .order import Order
from .payloads import Payload
from .run import run

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
    on_status: Callable[[Status], None],
    interrupted: Callable[[], None],
) -> Delivery:
    """All requests of `order`. Raises only when not one of them ended in a picture: what is paid for is delivered.

    An interrupt (any BaseException that is not an Exception) cancels every job that is still under way.
    """
    with client() as one:
        attachments = [*references, *([mask] if mask else [])]
        addresses = await aside(lambda: _addresses(one, attachments), interrupted)
        pictures, mask_address = addresses[: len(references)], addresses[-1] if mask else ""
        tasks = [
            asyncio.create_task(_one(one, payload, pictures, mask_address, on_status, interrupted))
            for payload in order.payloads
        ]
        try:
            outcomes = await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
    results = tuple(o for o in outcomes if isinstance(o, Result))
    errors = tuple(o for o in outcomes if isinstance(o, RemoteError))
    if not results:
        raise errors[0]
    return Delivery(results, errors)


async def _one(
    client: FalClient,
    payload: Payload,
    pictures: Sequence[str],
    mask: str,
    on_status: Callable[[Status], None],
    interrupted: Callable[[], None],
) -> Result | RemoteError:
    """One request. An error of the service is returned, so that it does not cancel its neighbours."""
    body = payload.arguments_with(pictures, mask)
    try:
        return await run(client, payload.endpoint.id, body, on_status, interrupted)
    except RemoteError as error:
        return error


def _addresses(client: FalClient, attachments: Sequence[Attachment]) -> list[str]:
    if sum(len(a.data) for a in attachments) <= INLINE_BYTES:
        return [_data_uri(a) for a in attachments]
    known: dict[bytes, str] = {}  # the same picture twice is uploaded once
    for attachment in attachments:
        if attachment.data not in known:
            known[attachment.data] = client.upload(attachment.data, attachment.content_type)
    return [known[attachment.data] for attachment in attachments]


def _data_uri(attachment: Attachment) -> str:
    return f"data:{attachment.content_type};base64,{base64.b64encode(attachment.data).decode('ascii')}"
