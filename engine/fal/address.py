"""Which addresses are spoken to, and which of them may see the key.

`SWITCHYARD_FAL_URL` puts one address in place of all of fal's hosts; the paths stay. Every address that the
service names in a reply is checked here, and put together again from the checked parts, before anything is
sent to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from ..errors import BadInput

QUEUE = "queue.fal.run"
REST, API = "rest.fal.ai", "api.fal.ai"  # these get the key too, on paths that are written here only
SERVICE_HOSTS = ("fal.run",)  # and all below it: these get the key, on paths out of a reply too
STORAGE_HOSTS = ("fal.media", "fal.ai")  # and all below them: these get an upload and its own token
RESULT_HOSTS = ("fal.media", "fal.ai", "storage.googleapis.com")  # these get no credential at all
ENDPOINT = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)+", re.ASCII)


class Foreign(Exception):
    """An address that is not the service's. `host` may be shown to a person."""

    def __init__(self, host: str):
        super().__init__(host)
        self.host = host


class Addresses:
    """Raises BadInput for a `base_url` that is neither https nor http on this machine itself."""

    def __init__(self, base_url: str = ""):
        self._base = _base(base_url.strip()) if base_url.strip() else None

    def queue(self, endpoint: str) -> str:
        """Where a job for `endpoint` is posted. Raises BadInput for what cannot be an endpoint."""
        if not ENDPOINT.fullmatch(endpoint):
            raise BadInput("This is no endpoint of fal: it looks like owner/name or owner/name/variant.")
        return self._place(f"https://{QUEUE}/{endpoint}", (QUEUE,))

    def rest(self, path: str) -> str:
        return self._place(f"https://{REST}{path}", (REST,))

    def prices(self, endpoints: Sequence[str]) -> str:
        """Where the live prices of 1 to 50 endpoints are asked. Raises Foreign for what cannot be an endpoint."""
        if not all(ENDPOINT.fullmatch(endpoint) for endpoint in endpoints):
            raise Foreign("(no endpoint)")
        return self._place(f"https://{API}/v1/models/pricing?endpoint_id={','.join(endpoints)}", (API,))

    def service(self, url: object) -> str:
        """An address out of a reply that will see the key. Raises Foreign."""
        return self._place(url, SERVICE_HOSTS)

    def storage(self, url: object) -> str:
        return self._place(url, STORAGE_HOSTS)

    def result(self, url: object) -> str:
        return self._place(url, RESULT_HOSTS)

    @property
    def local(self) -> bool:
        """Whether everything goes to this machine itself: then past every proxy."""
        return self._base is not None and _is_loopback(self._base.hostname or "")

    def _place(self, url: object, hosts: tuple[str, ...]) -> str:
        parts = _split(url)
        host = parts.hostname or ""
        path = parts.path or "/"
        query = f"?{parts.query}" if parts.query else ""
        if self._base is not None and host == self._base.hostname:
            # Its port and scheme are ours to say, not the reply's: the key stays with what was set.
            prefixed = path == self._base.path or path.startswith(self._base.path + "/")
            return self._based(path if prefixed else self._base.path + path) + query
        if not any(host == name or host.endswith("." + name) for name in hosts):
            raise Foreign(host)
        if self._base is not None:
            return self._based(self._base.path + path) + query
        if parts.scheme != "https" or parts.port not in (None, 443):
            raise Foreign(host)
        return f"https://{host}{path}{query}"

    def _based(self, path: str) -> str:
        assert self._base is not None
        return f"{self._base.scheme}://{self._base.netloc}{path}"


def _base(text: str) -> SplitResult:
    try:
        parts = _split(text)
    except Foreign:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise BadInput("SWITCHYARD_FAL_URL has to look like https://host or https://host/path.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise BadInput(
            "SWITCHYARD_FAL_URL has to begin with https://: over plain http the key could be read on the "
            "way. Plain http is only for this machine itself (127.0.0.1, localhost, ::1)."
        )
    return parts._replace(path=parts.path.rstrip("/"))


def _split(url: object) -> SplitResult:
    """The parts of an absolute address without user name or oddities. Raises Foreign."""
    if not isinstance(url, str) or len(url) > 8192:
        raise Foreign("(no address)")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Foreign("(no address)") from None
    plain = re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:]+", host) and re.fullmatch(
        r"[!-~]*", parts.path + parts.query
    )
    if not plain or len(host) > 253 or "@" in parts.netloc or "\\" in url:
        raise Foreign("(no address)")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
