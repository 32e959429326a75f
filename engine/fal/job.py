"""What passes between the service and the nodes: a job, how far it is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True)
class Job:
    """A request that the service has taken. With these five strings it can be followed from another process.

    The addresses are the service's own words: its path is not the endpoint's, so they are never built here.
    """

    endpoint: str
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str


@dataclass(frozen=True)
class Status:
    """`position` is how many stand in front, if the service says; `message` a state unknown to us."""

    state: Literal["queued", "running", "done"]
    position: int | None = None
    message: str = ""


@dataclass(frozen=True)
class Picture:
    """An encoded picture, byte for byte as delivered, alpha and all. Its bytes decide `content_type`."""

    data: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class Result:
    """`billed_units` times the unit price is what was really paid. `reply` is the service's JSON.

    faults: a sentence for each picture of the job that was withheld or cannot be had; `missing` of them are still to be had.
    """

    pictures: tuple[Picture, ...]
    request_id: str
    billed_units: Decimal | None
    seed: int | None
    reply: dict = field(repr=False)  # holds the prompt
    faults: tuple[str, ...] = ()
    missing: int = 0
    origin: Literal["bought", "resumed", "kept"] = (
        "bought"  # this time, by an earlier run, from our own store
    )


@dataclass(frozen=True)
class Limits:
    """Patience in seconds and sizes in bytes."""

    connect: float = 5.0
    read: float = 10.0  # between two bytes
    whole: float = 30.0  # one small reply from first to last byte
    submit: float = (
        120.0  # the service may take this long to take a job; giving up early would leave it unsure
    )
    cancel: float = 5.0
    retry: float = 0.2  # before the first repetition of what may be repeated; then twice as long, and so on
    pace: float = 0.25  # between the first polls of a job; then longer
    follow: float = 3600.0  # one job, queue included; cold starts and queues of 15 minutes happen
    download: float = 300.0
    picture: int = 64 * 2**20
    reply: int = 100 * 2**20  # a result may hold its pictures as data: URIs
