"""What the service says, read without trusting its shape, and put into our own errors.

No free text of the service gets into a message: it may repeat the prompt. Only its fixed words do (an error's
`type` and the place it names), and only where they look like such words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ..errors import Dropped, Failed, Moderated, Refused, RemoteError, Uncollected, Unsure
from .job import Job, Status
from .transport import Reply

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,60}")
STATES = {"IN_QUEUE": "queued", "IN_PROGRESS": "running", "COMPLETED": "done"}
OVER = {
    "FAILED",
    "ERROR",
    "CANCELLED",
    "CANCELED",
}  # a cancel that was only requested is no end: it may run and be billed
CANCELLED = {"client_cancelled", "client_disconnected"}
# A 5xx in answer to a submission leaves it open whether a job was made, unless the service itself says that
# the job never reached a machine.
NEVER_RAN = {"runner_scheduling_failure", "startup_timeout"}
AGAIN = {404, 408, 409, 425, 429}  # asking for a finished result again may help, beside every 5xx
WITHHELD = ("content_policy", "nsfw", "safety", "moderation")


@dataclass(frozen=True)
class Entry:
    """One picture of a result, still to be fetched."""

    url: object


def read_job(reply: Any, endpoint: str) -> Job | None:
    """The job out of the four strings of a submission's reply, or None where one is missing or odd."""
    if not isinstance(reply, dict):
        return None
    names = ("request_id", "status_url", "response_url", "cancel_url")
    words = [word for name in names if isinstance(word := reply.get(name), str)]
    if len(words) < len(names) or not REQUEST_ID.fullmatch(words[0]):
        return None
    return Job(endpoint, *words)


def read_status(reply: Reply, job: Job) -> Status | None:
    """How far a job is; None where this reply does not say. Raises Failed if it ended without a picture."""
    body = reply.json()
    if not isinstance(body, dict):
        return None
    word = body.get("status")
    over = word.upper() if reply.ok and isinstance(word, str) else ""
    if CANCELLED & set(_types(body)) or over in OVER:
        kind = Failed if over == "FAILED" else Dropped
        raise kind(
            f"fal ended the job without a picture: it was cancelled or failed ({_named(job)}).",
            job.request_id,
        )
    if not reply.ok or not isinstance(word, str):
        return None
    state = STATES.get(word.upper())
    if state is None:  # a word that is newer than this file: the job is under way
        return Status("running", message=word if WORD.fullmatch(word) else "")
    position = body.get("queue_position")
    known = (
        state == "queued" and isinstance(position, int) and not isinstance(position, bool) and position >= 0
    )
    return Status(state, position if known else None)  # type: ignore[arg-type]


def worth_asking_again(reply: Reply) -> bool:
    """Whether a reply to a finished job's address is no answer yet."""
    if reply.ok:
        return not isinstance(reply.json(), dict)
    return reply.status >= 500 or reply.status in AGAIN


def read_result(reply: Reply, job: Job) -> tuple[dict, tuple[Entry, ...], tuple[str, ...]]:
    """A finished job's JSON, the pictures that it names, and a word for each that was withheld.

    Raises Failed, Uncollected, or Moderated where every picture was withheld.
    """
    body = reply.json()
    if not reply.ok:
        raise _result_error(reply, job)
    if not isinstance(body, dict):
        raise uncollected(job, "fal's reply could not be read")
    if body.get("error") or _types(body):
        raise _failure(body, job, reply)
    if "images" not in body and "image" not in body:
        raise (
            _failure(body, job, reply) if _is_own(body) else uncollected(job, "fal's reply names no picture")
        )
    found, units = body.get("images") or body.get("image"), billed_units(reply.headers)
    if not found:
        raise Failed(f"fal ended the job without a picture ({_named(job)}).", job.request_id, units)
    items = found if isinstance(found, list) else [found]
    black = _blackened(body.get("has_nsfw_concepts"), len(items))
    words = (
        f"fal's safety check blackened the picture, so it is not shown ({_named(job)}). It is billed all "
        "the same. Change the prompt or the reference, or the model's safety setting."
    )
    if len(black) == len(items):
        raise Moderated(words, job.request_id, units)
    entries = tuple(_entry(item) for number, item in enumerate(items) if number not in black)
    return body, entries, (words,) * len(black)


def _blackened(flags: object, count: int) -> set[int]:
    """Which of `count` pictures are flagged; all of them where the flags do not belong to single pictures."""
    listed = flags if isinstance(flags, list) else [flags]
    flagged = {number for number, flag in enumerate(listed) if flag is True}
    return flagged if len(listed) == count else set(range(count)) if flagged else set()


def billed_units(headers: Mapping[str, str]) -> Decimal | None:
    try:
        units = Decimal(headers.get("x-fal-billable-units", "").strip())
    except InvalidOperation:
        return None
    return units if units.is_finite() and units >= 0 else None


def seed(body: dict) -> int | None:
    value = body.get("seed")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def refusal(reply: Reply, endpoint: str) -> RemoteError:
    """Why a submission was not answered with 2xx. Unsure where a job may have been made."""
    code, body = reply.status, reply.json()
    types = set(_types(body))
    request_id = reply.headers.get("x-fal-request-id", "")
    request_id = request_id if REQUEST_ID.fullmatch(request_id) else ""
    if code < 400 or code == 499 or (code >= 500 and not types & NEVER_RAN):
        return unsure(endpoint, f"fal answered HTTP {code}", request_id)
    return Refused(f"{_reason(code, body, endpoint)} Nothing was taken, nothing is paid.", request_id)


def unsure(endpoint: str, fault: str, request_id: str = "") -> Unsure:
    when = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    named = f", request {request_id}" if request_id else ""
    return Unsure(
        f"The request to {endpoint} at {when} may have been taken and billed: {fault}{named}. It is not sent "
        "again by itself. Look at the requests on fal's dashboard.",
        request_id,
    )


def uncollected(job: Job, fault: str, where: str = "") -> Uncollected:
    at = f", at {where}" if where else ""
    return Uncollected(
        f"The picture is paid for and still with fal{at}: {fault}. Queue it again: it is collected for nothing. Its request "
        f"id is {job.request_id} ({job.endpoint}); with it the picture can be found on fal's dashboard while fal keeps it.",
        job.request_id,
    )


def out_of_sight(job: Job, fault: str, gone: bool = False) -> Uncollected:
    """`gone`: the service says that it does not know the job."""
    return Uncollected(
        f"fal took the job and may bill it, but {fault} ({_named(job)}). It was left running: queue it again, and it is "
        "joined for nothing.",
        job.request_id,
        gone,
    )


def _reason(code: int, body: Any, endpoint: str) -> str:
    said = str(body.get("detail", "")).lower() if isinstance(body, dict) else ""
    if code == 402 or (
        code == 403 and any(word in said for word in ("balance", "locked", "exhausted", "credit"))
    ):
        return f"The fal account is locked because its balance is used up (HTTP {code}): top it up at fal."
    if code in (401, 403):
        account = " or its account is locked (an empty balance does that)" if code == 403 else ""
        return f"fal did not accept the key{account} (HTTP {code}): check FAL_KEY, or save the key again."
    if code in (404, 410):
        return f"The endpoint {endpoint} is gone from fal (HTTP {code}): choose another model."
    if code == 413:
        return "The request is too big for fal (HTTP 413): use fewer or smaller reference pictures."
    if code == 429:
        return "fal is busy (HTTP 429): wait a moment and queue it again."
    if code in (400, 422):
        return f"fal did not accept these values for {endpoint} (HTTP {code}){_list(_problems(body))}."
    return f"fal refused the request to {endpoint} (HTTP {code}){_list(_problems(body))}."


def _result_error(reply: Reply, job: Job) -> RemoteError:
    code, body = reply.status, reply.json()
    said = str(body.get("detail", "")).lower() if isinstance(body, dict) else ""
    if code in (401, 402, 403):
        return uncollected(job, f"fal no longer accepts the key (HTTP {code})")
    waiting = code == 400 and ("in progress" in said or "in queue" in said)
    # Only the service's own word ends a job: a gateway, a hotel's portal or a firewall answers 4xx too.
    if (
        code < 400
        or code in AGAIN
        or code == 410
        or waiting
        or not _is_own(body)
        or (code >= 500 and not _types(body))
    ):
        return uncollected(job, "it is not ready yet" if waiting else f"fal answered HTTP {code}")
    if CANCELLED & set(_types(body)):
        return Dropped(
            f"fal ended the job without a picture: it was cancelled ({_named(job)}).", job.request_id
        )
    return _failure(body, job, reply)


def _failure(body: Any, job: Job, reply: Reply) -> Failed:
    units = billed_units(reply.headers)
    if units is None and reply.status >= 500:
        units = Decimal(0)  # fal never charges for an error of its own
    billed = " It was not billed." if units == 0 else f" It was billed with {units} units." if units else ""
    if any(mark in word for word in _types(body) for mark in WITHHELD):
        return Moderated(
            f"fal's content check withheld the picture ({_named(job)}).{billed} Change the prompt or the "
            "reference.",
            job.request_id,
            units,
        )
    code = "" if reply.ok else f" with HTTP {reply.status}"
    return Failed(
        f"{job.endpoint} failed{code}{_list(_problems(body))} (request {job.request_id}).{billed}",
        job.request_id,
        units,
    )


def _is_own(body: Any) -> bool:
    """Whether it is the service that speaks of an error, and not somebody on the way to it."""
    return isinstance(body, dict) and any(word in body for word in ("detail", "error", "error_type"))


def _types(body: Any) -> list[str]:
    """The service's own names of what went wrong, in lower case."""
    if not isinstance(body, dict):
        return []
    detail = body.get("detail")
    parts = [body.get("error_type"), *(part.get("type") for part in _parts(detail))]
    error = body.get("error")
    parts += [error.get("type")] if isinstance(error, dict) else []
    return [part.lower() for part in parts if isinstance(part, str) and WORD.fullmatch(part)]


def _problems(body: Any) -> list[str]:
    """What was wrong and where, such as "missing at body.prompt"; never the value itself."""
    if not isinstance(body, dict):
        return []
    found = []
    for part in _parts(body.get("detail")):
        kind, loc = part.get("type"), part.get("loc")
        place = ".".join(str(step) for step in loc if _is_step(step)) if isinstance(loc, list) else ""
        if isinstance(kind, str) and WORD.fullmatch(kind):
            found.append(f"{kind} at {place}" if place else kind)
    return found or _types(body)


def _parts(detail: Any) -> list[dict]:
    return [part for part in detail if isinstance(part, dict)][:8] if isinstance(detail, list) else []


def _is_step(step: Any) -> bool:
    return (isinstance(step, int) and abs(step) < 1000) or (
        isinstance(step, str) and bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,40}", step))
    )


def _entry(item: Any) -> Entry:
    """Its file name is left alone: a service may make it of the prompt."""
    return Entry(item.get("url") if isinstance(item, dict) else item)


def _list(problems: list[str]) -> str:
    return f": {'; '.join(problems[:8])}" if problems else ""


def _named(job: Job) -> str:
    return f"{job.endpoint}, request {job.request_id}"
