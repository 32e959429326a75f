"""fal's storage, for reference pictures that are too large to travel inside the request."""

from __future__ import annotations

import json

from ..errors import Refused
from .address import Addresses, Foreign
from .transport import Wire, WireError

UPLOAD_TRIES = 3
UPLOAD_LIFE = 3600  # seconds that a reference picture stays with the service: a queue may be long


def upload(wire: Wire, addresses: Addresses, authorization: str, data: bytes, content_type: str) -> str:
    """Puts a reference picture into fal's storage for `UPLOAD_LIFE` seconds. Returns its address, for a request.

    Raises Refused: nothing was paid. Whoever knows the address can read the file while it lives; fal makes
    the address up, at random. A file with a closed access list (initial_acl "forbid") is not used: a model
    fetches its inputs without any credential (fal.ai/docs/documentation/model-apis/fal-cdn, "must be
    accessible without additional authentication headers"), so it could fail there, at the person's cost.
    A signed address (/v1/storage/files/sign) is open to everyone who has it just the same, and asks for a
    right (assets:read) that a key need not have. An account's own default access list is left in force.
    """
    token = _post_free(
        wire,
        addresses.rest("/storage/auth/token?storage_type=fal-cdn-v3"),
        {"Authorization": authorization, "Content-Type": "application/json"},
        b"{}",
    )
    try:
        place = addresses.storage(f"{token['base_url'].rstrip('/')}/files/upload")
        scheme, secret = token.get("token_type", "Bearer"), token["token"]
        if not all(isinstance(x, str) and x.isascii() and x.isprintable() for x in (scheme, secret)):
            raise ValueError
    except (Foreign, KeyError, AttributeError, ValueError):
        raise _not_uploaded("fal's reply could not be used") from None
    life = json.dumps({"expiration_duration_seconds": UPLOAD_LIFE})
    headers = {
        "Authorization": f"{scheme} {secret}",  # the storage's own token: the key does not go there
        "Content-Type": content_type,
        "X-Fal-Object-Lifecycle": life,  # the storage reads the first, the REST hosts the second:
        "X-Fal-Object-Lifecycle-Preference": life,  # fal-client 1.0.3 sends both as well
    }
    url = _post_free(wire, place, headers, data).get("access_url")
    try:
        addresses.result(url)
    except Foreign as foreign:
        raise _not_uploaded(f"it was put on a foreign host ({foreign.host})") from None
    assert isinstance(url, str)
    return url


def _post_free(wire: Wire, url: str, headers: dict[str, str], content: bytes) -> dict:
    """A POST that costs nothing and may be repeated. Returns the JSON object, or raises Refused."""
    for tried in range(UPLOAD_TRIES):
        try:
            reply = wire.send("POST", url, headers=headers, content=content)
            fault = f"fal answered HTTP {reply.status}"
        except WireError as error:
            reply, fault = None, f"the connection failed ({error})"
        if reply is not None and reply.status < 500 and reply.status not in (408, 429):
            break
        if tried + 1 < UPLOAD_TRIES:
            wire.closing.wait(wire.limits.retry * 2**tried)
    if reply is not None and reply.status in (401, 403):
        fault = f"fal did not accept the key (HTTP {reply.status})"
    body = reply.json() if reply is not None and reply.ok else None
    if not isinstance(body, dict):
        raise _not_uploaded("fal's reply could not be used" if reply is not None and reply.ok else fault)
    return body


def _not_uploaded(fault: str) -> Refused:
    return Refused(f"The reference picture could not be uploaded; nothing was sent or paid: {fault}.")
