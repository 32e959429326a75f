"""How bytes get to the service: one request at a time over httpx's transports, nothing done behind our back.

No redirect is followed here, no request is repeated, no credential is added that the caller did not hand in,
and nothing is logged. Proxies from the environment are honoured, except towards this machine itself.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from .deadline import deadline, guard
from .job import Limits


class WireError(Exception):
    """A request got no whole reply. Its text is the name of a fault, never anything that was sent."""


class NotSent(WireError):
    """No byte of the request left: no connection was made."""


class TooBig(WireError):
    pass


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, or None where it is none (or says null)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Wire:
    """Connections that are kept open between requests, for any number of threads.

    A closed wire still carries what is under way, and even a late cancel: the last one out closes it behind
    itself.
    """

    def __init__(
        self, version: str, local: bool, limits: Limits, clock: Callable[[], float] = time.monotonic
    ):
        self.limits = limits
        self.closing = threading.Event()
        self._agent = f"switchyard/{version}"
        self._local = local
        self._clock = clock
        self._lock = threading.Lock()
        self._users = 0
        self._kept: dict[str | None, Any] = {}  # by proxy

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        read: float | None = None,
        whole: float | None = None,
        most: int | None = None,
        alone: bool = False,
        droppable: bool = False,
    ) -> Reply:
        """One request, one whole reply, whatever its status.

        read, whole: seconds between two bytes, and for the connection and all of the reply.
        most: bytes of the reply, counted as they come.
        alone: over a connection of its own, so that none which the service has just closed makes it unsure.
        droppable: give up when the wire closes.
        Raises NotSent, TooBig, or WireError for every other fault.
        """
        import httpx

        limits = self.limits
        read = limits.read if read is None else read
        timeout = {"connect": limits.connect, "read": read, "write": read, "pool": limits.connect}
        with self._lock:
            self._users += 1
        transport = None
        try:
            transport = self._open(_proxy(url, self._local), alone)
            request = httpx.Request(
                method,
                url,
                headers={"User-Agent": self._agent, "Accept-Encoding": "identity", **(headers or {})},
                content=content,
                extensions={"timeout": timeout},
            )
            patience = limits.whole if whole is None else whole
            end = self._clock() + patience
            with deadline(patience):
                response = transport.handle_request(request)
                try:
                    body = self._read(response, end, limits.reply if most is None else most, droppable)
                finally:
                    response.close()
            return Reply(
                response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(body)
            )
        except WireError:
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise NotSent(type(error).__name__) from None
        except Exception as error:  # whatever it was, a paid request must not be repeated because of it
            fault = NotSent if transport is None else WireError
            raise fault(type(error).__name__) from None
        finally:
            if alone and transport is not None:
                transport.close()
            self._leave()

    def close(self) -> None:
        with self._lock:
            self.closing.set()
            self._users += 1
        self._leave()

    def _read(self, response: Any, end: float, most: int, droppable: bool) -> bytearray:
        body = bytearray()
        for chunk in response.iter_bytes():  # as they come, so that a trickle cannot hold us
            body += chunk
            if len(body) > most:
                raise TooBig("too big")
            if self._clock() > end:
                raise WireError("too slow")
            if droppable and self.closing.is_set():
                raise WireError("closed")
        return body

    def _open(self, proxy: str | None, alone: bool) -> Any:
        import httpx

        with self._lock:
            if alone:
                return guard(httpx.HTTPTransport(verify=_certificates(), proxy=proxy))
            if proxy not in self._kept:
                self._kept[proxy] = guard(httpx.HTTPTransport(verify=_certificates(), proxy=proxy))
            return self._kept[proxy]

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            ended = list(self._kept.values()) if self.closing.is_set() and not self._users else []
            if ended:
                self._kept.clear()
        for transport in ended:
            transport.close()


class Unaccepted(Exception):
    """The service answered a submission with something other than 2xx."""

    def __init__(self, reply: Reply):
        super().__init__(str(reply.status))
        self.reply = reply


class OnePost:
    """The transport that fal-client's own httpx client is given: it lets one single POST out, to one address.

    fal-client repeats a POST on most faults (up to ten times, each a paid job). It only knows httpx's
    exceptions and the status of a reply, so every fault and every refusal leaves here as an exception that is
    none of httpx's. The reply is read to its end here for the same reason: a connection that breaks within it
    would be repeated too.
    """

    def __init__(self, wire: Wire, url: str, authorization: str):
        self.sent = False  # something may have left
        self._begun = False
        self._wire = wire
        self._url = url
        self._authorization = authorization

    def handle_request(self, request: Any) -> Any:
        import httpx

        if self._begun or request.method != "POST":
            raise WireError("a second request")
        self._begun = True
        content = request.read()
        wanted = ("content-type", "x-fal-")
        headers = {k: v for k, v in request.headers.items() if k.lower().startswith(wanted)}
        headers["Authorization"] = self._authorization
        wait = self._wire.limits.submit
        self.sent = True
        try:
            reply = self._wire.send(
                "POST", self._url, headers=headers, content=content, read=wait, whole=wait, alone=True
            )
        except NotSent:
            self.sent = False
            raise
        if not reply.ok:
            raise Unaccepted(reply)
        kind = reply.headers.get("content-type", "application/json")
        return httpx.Response(
            reply.status, headers={"content-type": kind}, content=reply.body, request=request
        )

    def close(self) -> None:
        pass

    def __enter__(self) -> OnePost:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@cache
def _certificates() -> Any:
    """Once for the process: to read them takes 20 ms."""
    import httpx

    return httpx.create_ssl_context()


def _proxy(url: str, local: bool) -> str | None:
    parts = urlsplit(url)
    if local or proxy_bypass(parts.hostname or ""):
        return None
    known = getproxies()
    proxy = known.get(parts.scheme) or known.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"
