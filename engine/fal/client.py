"""The fal client: one job from its request to its pictures, and never a second request for the same job.

fal-client (1.0.3 or newer) does the submitting, over a transport of ours that lets exactly one POST out.
Following, collecting and cancelling are plain GETs and one PUT on the addresses that the service named. All
exceptions of fal-client, httpx and json end here, as the tree in `engine/errors.py`.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import BadInput, Refused, RemoteError
from .address import ENDPOINT, Addresses, Foreign
from .download import fetch, pause
from .job import Job, Limits, Picture, Result, Status
from .key import Key
from .reply import (
    WORD,
    billed_units,
    out_of_sight,
    read_job,
    read_result,
    read_status,
    refusal,
    seed,
    uncollected,
    unsure,
    worth_asking_again,
)
from .run import run
from .storage import upload
from .tariff import LivePrice, read_prices
from .transport import NotSent, OnePost, Reply, Unaccepted, Wire, WireError

__all__ = ["FalClient", "Job", "Limits", "Picture", "Result", "Status", "run"]

QUICK = 15.0  # seconds of following in which the pace stays at its first step
SLOWEST, GROWTH = 2.0, 1.3  # seconds between polls: most drafts are done within 15 s
BAD_POLLS = 5  # in a row; they wait 0.5, 1, 2, 4 and 4 s, so that a short outage costs no paid picture
PRICES_AT_ONCE = 50  # endpoints in one question, the service's own limit
PRICES_PATIENCE = 5.0  # seconds: a live price is a refinement, and somebody waits for a picture


class FalClient:
    """One person's key towards one service. Any thread may use it; every prompt makes its own.

    base_url: SWITCHYARD_FAL_URL, in place of all of fal's hosts (BadInput unless https, or http on loopback).
    clock: seconds that never go back. version: of the pack, for the User-Agent.
    """

    def __init__(
        self,
        key: Key,
        base_url: str = "",
        *,
        clock: Callable[[], float] = time.monotonic,
        version: str = "0",
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ):
        self._key = key
        self._clock = clock
        self._limits = limits
        self._base_url = base_url
        self._addresses = Addresses(base_url)
        self._wire = Wire(version, self._addresses.local, limits, clock)

    @property
    def service(self) -> str:
        """The address of another service that stands in for fal; "" for fal itself."""
        return self._base_url

    def __enter__(self) -> FalClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """What is under way in another thread still ends by itself, and so does a cancel still to come."""
        self._wire.close()

    def account(self, salt: bytes) -> str:
        """A name for this key at this service, for our own files: 16 hex digits that differ on every machine.

        It cannot be turned back into the key: the secret half never enters. The key's id does, which opens
        nothing by itself; it is hashed with `salt` and cut to 64 bits.
        """
        key_id = self._key.reveal().partition(":")[0]
        return hmac.new(salt, f"{self._base_url}\0{key_id}".encode(), "sha256").hexdigest()[:16]

    def upload(self, data: bytes, content_type: str) -> str:
        """Puts a reference picture into fal's storage for an hour; see `storage.upload`. Raises Refused: nothing was paid."""
        return upload(self._wire, self._addresses, self._authorization, data, content_type)

    def prices(self, endpoint_ids: Iterable[str]) -> dict[str, LivePrice]:
        """What the service charges this account today, by endpoint; those that it says nothing usable about are left out.

        One short try. Raises Refused, and nothing else.
        """
        asked = [e for e in dict.fromkeys(endpoint_ids) if len(e) <= 120 and ENDPOINT.fullmatch(e)]
        found: dict[str, LivePrice] = {}
        for start in range(0, len(asked), PRICES_AT_ONCE):
            some = asked[start : start + PRICES_AT_ONCE]
            try:
                reply = self._wire.send(
                    "GET",
                    self._addresses.prices(some),
                    headers={"Authorization": self._authorization},
                    read=PRICES_PATIENCE,
                    whole=PRICES_PATIENCE,
                    most=2**20,
                    droppable=True,
                )
            except (WireError, ImportError) as error:  # ImportError: requirements.txt is not installed
                raise Refused(f"fal's live prices could not be asked ({type(error).__name__}).") from None
            if not reply.ok:
                raise Refused(f"fal's live prices could not be had (HTTP {reply.status}).")
            found |= read_prices(reply.body, some)
        return found

    def submit(self, endpoint: str, arguments: Mapping[str, object]) -> Job:
        """Sends one job, once. From here on it may cost money.

        Raises BadInput for values that cannot be sent, Refused where the service took nothing, Unsure where
        it may have: such a request is never sent again by itself.
        """
        post = OnePost(self._wire, self._addresses.queue(endpoint), self._authorization)
        service, http = self._service(post)
        try:
            handle = service.submit(endpoint, dict(arguments))
        except NotSent as error:
            raise Refused(
                f"No connection to fal could be made ({error}): nothing was sent, nothing is paid. Check the "
                "network (a firewall has to let queue.fal.run through), then queue it again."
            ) from None
        except WireError as error:
            raise unsure(endpoint, f"the connection broke before fal's answer came ({error})") from None
        except Unaccepted as answer:
            raise refusal(answer.reply, endpoint) from None
        except Exception:
            if post.sent:
                raise unsure(endpoint, "fal's answer could not be read") from None
            raise BadInput(f"A value for {endpoint} cannot be sent as JSON; nothing was sent.") from None
        finally:
            http.close()
        names = ("request_id", "status_url", "response_url", "cancel_url")
        job = read_job({name: getattr(handle, name, None) for name in names}, endpoint)
        if job is None:
            raise unsure(endpoint, "fal's answer could not be read")
        try:
            for url in (job.status_url, job.response_url, job.cancel_url):
                self._addresses.service(url)
        except Foreign as foreign:
            fault = f"its answer points to a foreign host ({foreign.host})"
            raise unsure(endpoint, fault, job.request_id) from None
        return job

    def follow(self, job: Job, on_status: Callable[[Status], None], stop: threading.Event) -> None:
        """Polls until the job is done, or `stop` is set: then it returns at once. Blocks its thread.

        on_status hears every change. Raises Failed for a job that ended without a picture; Uncollected where
        the service cannot be reached (six polls in a row) or is not done within `limits.follow` seconds.
        """
        url = self._reply_url(job, job.status_url)
        url += "&logs=false" if "?" in url else "?logs=false"
        step = self._limits.pace
        began, pace, bad, last = self._clock(), step, 0, None
        while not stop.is_set():
            status, unknown = self._poll(url, job)
            if stop.is_set():
                return
            bad = 0 if status else bad + 1
            if bad > BAD_POLLS:
                fault = (
                    "does not know it (HTTP 404)" if unknown else "does not answer the question how far it is"
                )
                raise out_of_sight(job, f"fal {fault}", gone=unknown)
            if status and status != last:
                last = status
                on_status(status)
            if status and status.state == "done":
                return
            gone = self._clock() - began
            if gone > self._limits.follow:
                raise out_of_sight(job, f"it was not ready after {_duration(gone)}")
            pace = step if gone < QUICK else min(SLOWEST, pace * GROWTH)
            stop.wait(min(16 * step, step * 2**bad) if bad else pace)

    def collect(self, job: Job) -> Result:
        """The pictures of a job that is done. May be called again for the same job: it costs nothing.

        Raises Failed or Moderated for a job without a picture, Uncollected where the paid picture cannot be
        had.
        """
        url = self._reply_url(job, job.response_url)
        tried = 0
        while True:
            try:
                reply, fault = self._get(url), ""
            except WireError as error:
                reply, fault = None, f"the connection failed ({error})"
            if reply is not None and not worth_asking_again(reply):
                break
            if not pause(self._wire, tried):
                break
            tried += 1
        if reply is None:
            raise uncollected(job, fault)
        body, entries, faults = read_result(reply, job)
        pictures, errors = [], []
        for entry in entries:  # one that cannot be had does not cost the others
            try:
                pictures.append(fetch(entry, job, self._wire, self._addresses))
            except RemoteError as error:
                errors.append(error)
        if not pictures:
            raise errors[0]
        faults, missing = (*faults, *map(str, errors)), len(errors)
        units = billed_units(reply.headers)
        return Result(tuple(pictures), job.request_id, units, seed(body), body, faults, missing)

    def cancel(self, job: Job) -> str:
        """Asks once to drop the job. Returns the service's word for what it did, or "" where none came.

        A running job may end and be billed all the same. Never raises: it is called where another error is on
        its way.
        """
        patience = self._limits.cancel
        try:
            url = self._addresses.service(job.cancel_url)
            headers = {"Authorization": self._authorization}
            reply = self._wire.send("PUT", url, headers=headers, read=patience, whole=patience, most=2**20)
        except (Foreign, WireError):
            return ""
        body = reply.json()
        word = body.get("status") if isinstance(body, dict) else body
        return word if isinstance(word, str) and WORD.fullmatch(word) else f"HTTP {reply.status}"

    @property
    def _authorization(self) -> str:
        return f"Key {self._key.reveal()}"

    def _service(self, post: OnePost) -> tuple[Any, Any]:
        """fal-client with our key and our transport in it, and the httpx client between the two."""
        try:
            import fal_client
            import httpx
        except ImportError:
            raise BadInput(
                "The package fal-client is missing: install this pack's requirements.txt. Nothing was sent."
            ) from None
        service = fal_client.SyncClient(key=self._key.reveal())
        http = httpx.Client(transport=post, timeout=None, follow_redirects=False)  # type: ignore[arg-type]
        service.__dict__["_client"] = http  # where fal-client caches its own: the whole of its network
        return service, http

    def _reply_url(self, job: Job, url: str) -> str:
        try:
            return self._addresses.service(url)
        except Foreign as foreign:
            raise uncollected(job, f"its address is not one of fal's hosts ({foreign.host})") from None

    def _get(self, url: str) -> Reply:
        return self._wire.send("GET", url, headers={"Authorization": self._authorization}, droppable=True)

    def _poll(self, url: str, job: Job) -> tuple[Status | None, bool]:
        """How far the job is, as far as this reply says, and whether the service does not know the job."""
        try:
            reply = self._get(url)
        except WireError:
            return None, False
        return read_status(reply, job), reply.status == 404


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
