"""Fetching the pictures of a finished job: they are paid for, so every fault says where they lie."""

from __future__ import annotations

import base64
import binascii
import io
from urllib.parse import urljoin, urlsplit

from .address import Addresses, Foreign
from .job import Job, Picture
from .key import redact
from .reply import Entry, uncollected
from .transport import Reply, TooBig, Wire, WireError

TRIES = 4  # the first, and three more after 0.2, 0.4 and 0.8 s (Limits.retry)
REDIRECTS = 3
NOT_YET = (404, 408, 429)  # a fresh file may not be everywhere at once
CUT = "the file is not whole and could not be read"
LARGEST = 64_000_000  # pixels


def fetch(entry: Entry, job: Job, wire: Wire, addresses: Addresses) -> Picture:
    """One picture's own bytes, unchanged. Raises Uncollected for every reason not to have them."""
    url = entry.url
    if not isinstance(url, str):
        raise uncollected(job, "fal's reply names no address for it")
    if url[:5].lower() == "data:":
        data = _decode(url, job, wire.limits.picture)
    else:
        data = _download(url, job, wire, addresses)
    kind = picture_type(data)
    if not kind:
        raise uncollected(job, "what came is no PNG, JPEG or WebP picture", _where(url))
    if url[:5].lower() == "data:" and not is_whole(data, kind):
        raise uncollected(job, CUT, _where(url))
    return Picture(data, kind)


def picture_type(data: bytes) -> str:
    """The content type by a picture's first bytes; "" for anything but PNG, JPEG and WebP."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def is_whole(data: bytes, kind: str) -> bool:
    """Whether the picture can be read to its end. A connection that was cut may look like one that was not, and half a
    picture that was kept would be served again and again in place of the one that is still with the service."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=[kind.removeprefix("image/").upper()]) as picture:
            if picture.width * picture.height <= LARGEST:  # what is larger is left to whoever opens it
                picture.load()
        return True
    except Image.DecompressionBombError:
        return True
    except Exception:  # Pillow's readers raise nearly everything on broken files
        return False


def pause(wire: Wire, tried: int) -> bool:
    """Waits before the next try of a GET; False where there is none, or the wire has closed."""
    return tried + 1 < TRIES and not wire.closing.wait(wire.limits.retry * 2**tried)


def _download(url: str, job: Job, wire: Wire, addresses: Addresses) -> bytes:
    tried = 0
    while True:
        try:
            reply = _follow(url, job, wire, addresses)
            if reply.ok and not _is_cut(reply.body):
                return reply.body
            fault = CUT if reply.ok else f"fal answered HTTP {reply.status}"
            again = reply.ok or reply.status >= 500 or reply.status in NOT_YET
        except TooBig:
            most = wire.limits.picture // 2**20
            raise uncollected(job, f"it is larger than {most} MB", _where(url)) from None
        except WireError as error:
            fault, again = f"the connection failed ({error})", True
        if not again or not pause(wire, tried):
            raise uncollected(job, fault, _where(url))
        tried += 1


def _is_cut(data: bytes) -> bool:
    kind = picture_type(data)
    return bool(kind) and not is_whole(data, kind)


def _follow(url: str, job: Job, wire: Wire, addresses: Addresses) -> Reply:
    """GET without any credential, along at most three redirects, each to an allowed host."""
    limits = wire.limits
    for _ in range(REDIRECTS + 1):
        try:
            target = addresses.result(url)
        except Foreign as foreign:
            raise uncollected(job, f"its address is not one of fal's hosts ({foreign.host})") from None
        reply = wire.send("GET", target, whole=limits.download, most=limits.picture, droppable=True)
        location = reply.headers.get("location")
        if not 300 <= reply.status < 400 or not location:
            return reply
        try:
            url = urljoin(target, location)
        except ValueError:
            raise uncollected(job, "it is redirected to no address", _where(target)) from None
    raise uncollected(job, f"it is redirected more than {REDIRECTS} times", _where(target))


def _decode(url: str, job: Job, most: int) -> bytes:
    head, _, text = url.partition(",")
    if len(text) > most * 4 // 3 + 4:
        raise uncollected(job, f"it is larger than {most // 2**20} MB")
    try:
        if not head.lower().endswith(";base64"):
            raise ValueError
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise uncollected(job, "the picture inside fal's reply cannot be decoded") from None


def _where(url: str) -> str:
    """The address without its query, which may be a signature; nothing for a data: URI."""
    if url[:5].lower() == "data:":
        return ""
    try:
        parts = urlsplit(url)
        return redact(f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:300])
    except ValueError:
        return ""
