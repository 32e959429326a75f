"""An end to a reply as a whole: httpx's patience is for the gap between two bytes, and a reply may drip for ever.

A connection's reads get no more time than the request has left. The moment is the thread's own: one request at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_here = threading.local()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    _here.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _here.end = None


def guard(transport: Any) -> Any:
    """The same httpx transport, whose connections know the deadline. Without that attribute of httpcore's (1.0 has it) only
    the gaps are watched."""
    pool: Any = getattr(transport, "_pool", None)
    if hasattr(pool, "_network_backend"):
        pool._network_backend = _Backend(pool._network_backend)
    return transport


class _Backend:
    def __init__(self, inner: Any):
        self._inner = inner

    def connect_tcp(self, *args: Any, **named: Any) -> Any:
        return _Stream(self._inner.connect_tcp(*args, **named))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Stream:
    def __init__(self, inner: Any):
        self._inner = inner

    def read(self, most: int, timeout: float | None = None) -> bytes:
        end = getattr(_here, "end", None)
        if end is None:
            return self._inner.read(most, timeout)
        left = end - time.monotonic()
        if left <= 0:
            import httpcore

            raise httpcore.ReadTimeout("the whole reply took too long")
        return self._inner.read(most, left if timeout is None else min(timeout, left))

    def start_tls(self, *args: Any, **named: Any) -> Any:
        return _Stream(self._inner.start_tls(*args, **named))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
