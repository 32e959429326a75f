"""What a scripted fault is, and the words that a table of them is written in."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from switchyard.tests.comfyui.client import Comfy
from switchyard.tests.fal_emulator import Act, FalEmulator
from switchyard.tests.fal_emulator import picture as encoded

ENDPOINT = "/fal-ai/flux-2/klein/4b"
PATHS = {"submit": ("POST", ENDPOINT), "status": ("GET", "/status"), "result": ("GET", r"/requests/[^/]+$")}
PATHS |= {"download": ("GET", "/files/"), "cancel": ("PUT", "/cancel")}
PATHS |= {"token": ("POST", "/storage/auth/token"), "upload": ("POST", "/files/upload")}
ALWAYS = 40  # times: more than anybody asks in one run
SHORT = {"read": 0.3, "whole": 0.4}  # seconds: patience
ENOUGH = {"read": 0.6, "whole": 0.8}  # the same where the run still has to succeed, on a slow machine too
HTML = b"<html><body><center>nginx</center> please log in to the hotel's network</body></html>"
GARBAGE = b"\xff\xfe\x00\x9c\x81 what is this"
NEVER = threading.Event()  # an answer that waits for it never comes
CUT = {"Content-Length": "5000", "Connection": "close"}  # promises more than comes


@dataclass
class Stage:
    """One fault's surroundings. `foreign` listens at another host, where nobody has any business; `private` is the pack's
    own folder; an answer that waits for `gate` comes when somebody opens it."""

    comfy: Comfy
    fal: FalEmulator
    foreign: FalEmulator
    private: Path
    prompt: str
    gate: threading.Event = field(default_factory=threading.Event)

    @property
    def elsewhere(self) -> str:
        """The address of the foreign host: for this pack another name is another host."""
        return self.foreign.url.replace("127.0.0.1", "localhost")

    @property
    def words(self) -> str:
        """What the emulator colours this fault's own picture after."""
        return f"0 {self.prompt} 0"

    def picture(self, width: int = 64, height: int = 64, **how: Any) -> bytes:
        return encoded(width, height, self.words, **how)

    def hosted(self, *args: Any, **how: Any) -> dict:
        return {"url": self.fal.host(self.picture(*args, **how))}

    def finish_jobs(self) -> None:
        self.fal.seconds = 0.0
        for job in self.fal.jobs.values():
            job.seconds = 0.0


Step = Callable[[Stage], Any]


@dataclass(frozen=True)
class Again:
    """The same graph once more: how it ends, how many more submits that is, and a part of what is said."""

    status: str
    posts: int
    says: str


CACHED = Again("success", 0, "cached: $0")
JOINED = Again("success", 0, "joined under way: $0 more")
BOUGHT = Again("success", 1, "request ")
HELD = Again("error", 0, "forget")  # and how it is released


@dataclass(frozen=True)
class Fault:
    """name: "stage: what happens". `begin` scripts it; `during` has a thread of its own while the first run lasts;
    `between` stands between the runs, where the fault is over unless it is `lasting`.

    status, says, posts, taken: how the first run ends, a part of the sentence that the person reads, submits sent, and
    jobs that the service made of them. why: what makes a second submit right, where there is one. sizes: of the pictures
    that the last successful run saves. patience: seconds, where a fault is about running out of them. bug: what is known
    to be wrong here.
    """

    name: str
    begin: Step
    status: str
    says: str
    again: Again
    posts: int = 1
    taken: int = 1
    during: Step | None = None
    between: Step | None = None
    why: str = ""
    lasting: bool = False
    patience: Mapping[str, float] = field(default_factory=dict)
    sizes: tuple[tuple[int, int], ...] = ((64, 64),)
    alpha: bool = False
    within: float = 30.0  # seconds that the first run may take
    reference: bool = False  # with a picture to edit that is too big to travel in the request
    bug: str = ""


def at(stage: str, *acts: Act) -> Step:
    """The next requests of that kind get these acts."""
    return lambda s: s.fal.script(*PATHS[stage], *acts)


def always(stage: str, act: Act) -> Step:
    return at(stage, *[act] * ALWAYS)


def redirected(stage: str, code: int, to: Callable[[Stage], str] | None = None) -> Step:
    """Every request of that kind is sent on, to the foreign host if not said otherwise."""

    def begin(s: Stage) -> None:
        always(stage, Act(status=code, headers={"Location": to(s) if to else s.elsewhere + "/x"}))(s)

    return begin


def answer(make: Callable[[Stage], Any]) -> Step:
    """The result of every job is this; None is the usual one."""

    def begin(s: Stage) -> None:
        s.fal.answer = lambda job: make(s)

    return begin


def images(make: Callable[[Stage], list]) -> Step:
    return answer(lambda s: {"images": make(s), "seed": 0})


def nothing(s: Stage) -> None:
    """No fault so far."""


def endless(s: Stage) -> None:
    """Jobs that only end when somebody says so."""
    s.fal.seconds = 3600.0


def held(stage: str) -> Step:
    """A job that does not end, and a first request of that kind that hangs."""
    return steps(endless, at(stage, Act(wait=NEVER)))


def after(stage: str, *steps: Step) -> Step:
    """The steps, as soon as the first request of that kind has come."""

    def during(s: Stage) -> None:
        s.fal.wait_for(lambda: s.fal.count(*PATHS[stage]))
        for step in steps:
            step(s)

    return during


def steps(*each: Step) -> Step:
    def begin(s: Stage) -> None:
        for step in each:
            step(s)

    return begin


def go_away(s: Stage) -> None:
    s.fal.go_away()


def come_back(s: Stage) -> None:
    s.fal.come_back()


def finish(s: Stage) -> None:
    s.finish_jobs()


def lose_jobs(s: Stage) -> None:
    s.fal.jobs.clear()


def open_gate(s: Stage) -> None:
    s.gate.set()


def gated(stage: str, accept: bool = False) -> Step:
    """The answer of the next request of that kind waits for the gate."""
    return lambda s: at(stage, Act(accept=accept, wait=s.gate))(s)


def press_cancel(s: Stage) -> None:
    s.comfy.interrupt()


def until_cancelled(s: Stage) -> None:
    s.fal.wait_for(lambda: s.fal.cancels)


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that declares 3.6 gigapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def survived(name: str, begin: Step, **more: Any) -> Fault:
    """A fault that the person does not even see."""
    return Fault(name, begin, "success", "request ", CACHED, **more)


def waiting(name: str, begin: Step, says: str = "paid for and still with fal", **more: Any) -> Fault:
    """The picture is paid for and was not to be had; when the fault is over it comes for nothing."""
    return Fault(name, begin, "error", says, JOINED, **more)
