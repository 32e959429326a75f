"""Blocking work beside an event loop that stays free: encoding, uploading, typesetting.

A daemon thread and not the loop's executor, for the reason that `run.py` gives: an interrupt must not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

BEAT = 0.2  # seconds between two looks at the interrupt


async def aside(work: Callable[[], T], interrupted: Callable[[], None]) -> T:
    """What `work()` returns or raises. `interrupted` is called in the loop's thread and may raise; the work, which must
    cost nothing, then ends by itself and its result is dropped."""
    interrupted()
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    results: list[T] = []
    errors: list[BaseException] = []

    def done() -> None:
        if not over.done():
            over.set_result(None)

    def labour() -> None:
        try:
            results.append(work())
        except BaseException as error:  # it is raised again where the result is awaited
            errors.append(error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(done)

    threading.Thread(target=labour, name="switchyard-aside", daemon=True).start()
    while not over.done():
        await asyncio.wait([over], timeout=BEAT)
        interrupted()
    if errors:
        raise errors[0]
    return results[0]
