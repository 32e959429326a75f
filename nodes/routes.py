"""Our HTTP routes on ComfyUI's own server: JSON in, JSON out, for the page that this very server gave, and free.

ComfyUI has no login: whoever reaches its port may call them. So no route spends money, and none gives the key away. Web
pages of others are kept out by what a browser tells truly: the content type (a foreign page may not send JSON unasked),
the origin, and the kind of site. A route is a function with `@post(path)`, from one JSON object to another; a
SwitchyardError that it raises is answered with its message, everything else with one fixed sentence. They are in the
modules that LATER names.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from server import PromptServer

from ..engine.errors import SwitchyardError

MOST_BYTES = 16 * 1024  # of a body, as they come and after any decompression
PORTS = {"http": 80, "https": 443}

Route = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Service:
    """What answers a path, and the most bytes that are read of a body for it."""

    route: Route
    most_bytes: int


ROUTES: dict[
    str, Service
] = {}  # by path, once their modules are imported; ComfyUI serves each under /api, too
# Where each path is answered, to be imported when somebody asks: they would be more than a third of the
# pack's load time.
LATER = {
    "/switchyard/key": "key_route",
    "/switchyard/route": "preview",
    "/switchyard/price": "preview",
    "/switchyard/local": "local_needs",
    "/switchyard/spend": "jobs",
    "/switchyard/jobs": "jobs",
    "/switchyard/jobs/forget": "jobs",
    "/switchyard/jobs/collect": "jobs",
    "/switchyard/jobs/cancel": "jobs",
}


def post(path: str, most_bytes: int = MOST_BYTES) -> Callable[[Route], Route]:
    """Makes the function the answer to `path`; what it is given and what it returns are JSON objects."""

    def keep(route: Route) -> Route:
        ROUTES[path] = Service(route, most_bytes)
        return route

    return keep


def register() -> None:
    """Hands the routes to ComfyUI's server, which collects them once all packs are loaded."""
    server = getattr(PromptServer, "instance", None)
    if server is None:  # a tool that only reads the nodes
        return
    taken = {getattr(route, "path", "") for route in server.routes}
    for path in (*ROUTES, *LATER):
        if path not in taken:  # by a second copy of this pack: ComfyUI would not start with both
            server.routes.route("*", path)(_guarded(path))


def _service(path: str) -> Service:
    if path in LATER:
        import_module(f".{LATER[path]}", __package__)
    return ROUTES[path]


class _Unfit(Exception):
    """A request that no route gets to see. Its text holds nothing of the request."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


def _guarded(path: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            service = _service(path)
            return _reply(200, await service.route(await _entries(request, service.most_bytes)))
        except _Unfit as refusal:
            return _reply(refusal.status, {"error": str(refusal)})
        except SwitchyardError as error:
            return _reply(400, {"error": str(error)})
        except Exception as error:  # its text, and a traceback's lines, may hold what was sent
            logging.error("Switchyard: %s failed with %s", path, type(error).__name__)
            return _reply(
                500, {"error": "Something went wrong in Switchyard; ComfyUI's log names the kind of error."}
            )

    return answer


def _reply(status: int, body: dict[str, Any]) -> web.Response:
    allow = {"Allow": "POST"} if status == 405 else {}
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store", **allow})


async def _entries(request: web.Request, most_bytes: int) -> dict[str, Any]:
    if request.method != "POST":
        raise _Unfit(405, "Only POST is answered here.")
    _refuse_foreign_pages(request)
    if request.content_type != "application/json":
        raise _Unfit(415, "The content type has to be application/json.")
    try:
        entries = json.loads((await _body(request, most_bytes)).decode("utf-8"), parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise _Unfit(400, "The body is not JSON.") from None
    if not isinstance(entries, dict):
        raise _Unfit(400, "The body has to be a JSON object.")
    return entries


def _refuse_foreign_pages(request: web.Request) -> None:
    """ComfyUI looks as well, but lets "null" pass, and everything where it is not asked for as localhost."""
    headers = request.headers
    sites = set(headers.getall("Sec-Fetch-Site", []))
    hosts = headers.getall("Host", [])
    own = len(hosts) == 1 and all(_same_place(origin, hosts[0]) for origin in headers.getall("Origin", []))
    if not own or not sites <= {"same-origin", "none"}:
        raise _Unfit(403, "Only ComfyUI's own page may ask this.")


def _same_place(origin: str, host: str) -> bool:
    """Whether a page from `origin` was asked for under `host`, both as a browser writes them."""
    try:
        page, asked = urlsplit(origin), urlsplit(f"//{host}")
        usual = PORTS[page.scheme]
        same = (page.hostname, page.port or usual) == (asked.hostname, asked.port or usual)
        return bool(page.hostname) and same
    except (ValueError, KeyError):  # "null", "", file:, a browser's extension
        return False


async def _body(request: web.Request, most_bytes: int) -> bytes:
    """At most `most_bytes`, whatever Content-Length says."""
    body = bytearray()
    too_big = _Unfit(413, f"The body is larger than {most_bytes // 1024} KiB.")
    if (request.content_length or 0) > most_bytes:
        raise too_big
    try:
        async for chunk in request.content.iter_chunked(most_bytes):
            body += chunk
            if len(body) > most_bytes:
                raise too_big
    except _Unfit:
        raise
    except Exception:  # a broken encoding, or the client hung up
        raise _Unfit(400, "The body could not be read.") from None
    return bytes(body)


def _no_json(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")
