"""Faults when the picture is fetched, and after it is kept."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

from switchyard.tests.comfyui.fault import (
    BOUGHT,
    CACHED,
    CUT,
    GARBAGE,
    HELD,
    HTML,
    JOINED,
    NEVER,
    SHORT,
    Again,
    Fault,
    Stage,
    after,
    always,
    answer,
    at,
    bomb,
    gated,
    images,
    nothing,
    open_gate,
    redirected,
    steps,
    survived,
    waiting,
)
from switchyard.tests.fal_emulator import Act

POLICY = [{"loc": ["body", "prompt"], "type": "content_policy_violation", "msg": "guarded words"}]
BAD_VALUE = [{"loc": ["body", "image_size"], "type": "less_than_equal", "msg": "guarded words"}]
WITHHELD = Again("error", 0, "kept this very picture back")  # it would be billed for the same again
HUGE = 65 * 2**20  # bytes: one megabyte more than is taken

RESULT = [
    survived("result: HTTP 500 twice", at("result", *[Act(status=500)] * 2)),
    survived("result: HTTP 404 once", at("result", Act(status=404))),
    survived("result: the wrong content type", at("result", Act(accept=True, content_type="text/plain"))),
    survived("result: garbage once", at("result", Act(status=200, body=b"[" * 100_000))),
    waiting("result: HTTP 500", always("result", Act(status=500)), "HTTP 500"),
    waiting("result: HTTP 401", always("result", Act(status=401)), "no longer accepts the key"),
    waiting("result: HTTP 429", always("result", Act(status=429)), "HTTP 429"),
    waiting("result: HTML", always("result", Act(status=200, body=HTML, content_type="text/html"))),
    waiting("result: garbage", always("result", Act(status=200, body=GARBAGE))),
    waiting("result: cut", always("result", Act(status=200, body=b'{"images": [', headers=CUT))),
    waiting("result: hung up", always("result", Act(drop=True))),
    waiting("result: no answer in time", always("result", Act(wait=NEVER)), patience=SHORT),
    waiting("result: trickles", always("result", Act(trickle=0.05)), patience=SHORT),
    waiting("result: sent on to a foreign host", redirected("result", 302), "HTTP 302"),
    waiting(
        "result: HTTP 400 from a gateway", always("result", Act(status=400, body=HTML)), "HTTP 400",
    ),
    waiting(
        "result: an object without pictures", always("result", Act(status=200, body={})), "",
    ),
    waiting("result: no address for the picture", images(lambda s: [{"url": None}]), "names no address"),
    waiting(
        "result: a broken data: picture", images(lambda s: [{"url": "data:image/png;base64,%%%"}]), "cannot be decoded"
    ),
    waiting(
        "result: not finished after all",
        always("result", Act(status=400, body={"detail": "Request is still in progress"})), "not ready yet",
    ),
    Fault(
        "result: HTTP 410", always("result", Act(status=410, body={"detail": "expired"})), "error", "HTTP 410", HELD, lasting=True,
    ),
    Fault("result: gone", always("result", Act(status=404)), "error", "HTTP 404", HELD, lasting=True),
    Fault(
        "result: withheld by the content check", at("result", Act(status=422, body={"detail": POLICY})), "error",
        "content check withheld", WITHHELD,
    ),
    Fault(
        "result: the values were wrong after all",
        at("result", Act(status=422, body={"detail": BAD_VALUE}, headers={"x-fal-billable-units": "0"})),
        "error", "was not billed", BOUGHT, why="failed",
    ),
    Fault(
        "result: the model crashed", always("result", Act(status=500, body={"error_type": "runner_server_error"})),
        "error", "runner_server_error", BOUGHT, why="failed",
    ),
    Fault(
        "result: blackened", answer(lambda s: {"images": [s.hosted()], "has_nsfw_concepts": [True]}), "error",
        "safety check", WITHHELD, lasting=True,
    ),
    Fault(
        "result: one of two blackened",
        answer(lambda s: {"images": [s.hosted(), s.hosted()], "has_nsfw_concepts": [False, True]}), "success",
        "blackened", CACHED, lasting=True,
    ),
]  # fmt: skip

DOWNLOAD = [
    survived("download: HTTP 503 twice", at("download", *[Act(status=503)] * 2)),
    survived("download: hung up twice", at("download", *[Act(drop=True)] * 2)),
    survived("download: the wrong content type", at("download", Act(content_type="text/html"))),
    survived("download: a data: picture", images(lambda s: [{"url": _data(s.picture())}])),
    survived("download: another port of the same host", images(lambda s: [{"url": _other_port(s)}])),
    survived(
        "download: moved within the service",
        lambda s: at("download", Act(status=302, headers={"Location": s.hosted()["url"]}))(s),
    ),
    *(
        survived(f"download: a {form} picture", images(lambda s, form=form: [s.hosted(form=form)]))
        for form in ("JPEG", "WEBP")
    ),
    waiting("download: HTTP 500", always("download", Act(status=500)), "HTTP 500"),
    waiting("download: an expired link", always("download", Act(status=403)), "HTTP 403"),
    waiting("download: HTML", always("download", Act(status=200, body=HTML, content_type="image/png")), "no PNG"),
    waiting("download: garbage", always("download", Act(status=200, body=GARBAGE)), "no PNG"),
    waiting("download: nothing", always("download", Act(status=200, body=b"")), "no PNG"),
    waiting("download: cut", lambda s: always("download", Act(status=200, body=s.picture()[:60], headers=CUT))(s)),
    waiting(
        "download: cut, and nobody says so",
        lambda s: always("download", Act(status=200, body=s.picture()[:60]))(s), "could not be read",
    ),
    waiting("download: hung up", always("download", Act(drop=True))),
    waiting("download: no answer in time", always("download", Act(wait=NEVER)), patience=SHORT),
    waiting("download: trickles", always("download", Act(trickle=0.02)), "the connection failed", patience={"download": 0.3}),
    waiting("download: sent on to a foreign host", redirected("download", 302), "not one of fal's hosts"),
    waiting("download: sent on to a file", redirected("download", 302, lambda s: "file:///etc/passwd"), "fal's hosts"),
    waiting(
        "download: not packed as it says",
        lambda s: always("download", Act(status=200, body=s.picture(), headers={"Content-Encoding": "gzip"}))(s),
    ),
    waiting(
        "download: sent round in a circle",
        redirected("download", 302, lambda s: s.fal.url + "/files/x"), "redirected more than",
    ),
    waiting(
        "download: a foreign address", images(lambda s: [{"url": s.elsewhere + "/files/x"}]), "not one of fal's hosts"
    ),
    waiting(
        "download: huge", lambda s: always("download", Act(status=200, body=s.picture() + bytes(HUGE)))(s), "64 MB"
    ),
    waiting(
        "download: says that it is huge",
        lambda s: always("download", Act(status=200, body=s.picture(), headers={**CUT, "Content-Length": "9" * 12}))(s),
    ),
    waiting(
        "download: huge once unpacked",
        lambda s: always(
            "download", Act(status=200, body=gzip.compress(bytes(HUGE), 1), headers={"Content-Encoding": "gzip"})
        )(s),
        "64 MB",
    ),
    Fault(
        "download: the link is gone for good", always("download", Act(status=404)), "error", "HTTP 404", HELD,
        lasting=True,
    ),
    Fault(
        "download: a picture of 3.6 gigapixels", images(lambda s: [{"url": s.fal.host(bomb())}]), "error",
        "could not be read", Again("error", 0, "could not be read"), lasting=True,
    ),
    Fault(
        "download: another size than asked for", images(lambda s: [s.hosted(128, 32)]), "success", "was asked for",
        CACHED, sizes=((128, 32),),
    ),
    Fault(
        "download: several sizes", images(lambda s: [s.hosted(), s.hosted(32, 96)]), "success", "64×64", CACHED,
        sizes=((64, 64), (32, 96)),
    ),
    survived("download: with alpha", images(lambda s: [s.hosted(alpha=True)]), alpha=True),
    Fault(
        "download: one of three", steps(images(lambda s: [s.hosted()] * 3), at("download", Act(status=403))), "success",
        "HTTP 403", JOINED, lasting=True, sizes=((64, 64),) * 3,
    ),
]  # fmt: skip

KEPT = [
    Fault("kept: the file is gone", nothing, "success", "request ", JOINED, between=lambda s: _each_kept(s, None)),
    Fault("kept: the file is spoilt", nothing, "success", "request ", JOINED, between=lambda s: _each_kept(s, GARBAGE)),
    Fault(
        "kept: the file is gone, here and there", nothing, "success", "request ", HELD, lasting=True,
        between=steps(lambda s: _each_kept(s, None), always("result", Act(status=404))),
    ),
    Fault(
        "kept: the disk takes no picture", gated("download"), "success", "request ", JOINED,
        during=after("download", lambda s: _block(s.private / "pictures"), open_gate),
        between=lambda s: _unblock(s.private / "pictures"),
    ),
    Fault(
        "kept: the disk takes nothing at all", lambda s: _block(s.private / "pictures"), "error", "nothing was sent",
        BOUGHT, posts=0, taken=0, why="never sent", between=lambda s: _unblock(s.private / "pictures"),
    ),
]  # fmt: skip

DELIVERING = [*RESULT, *DOWNLOAD, *KEPT]


def _data(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def _other_port(s: Stage) -> str:
    """The file's address with the other listener's port: the pack says which port, not the reply."""
    return s.hosted()["url"].replace(s.fal.url, s.foreign.url)


def _each_kept(s: Stage, data: bytes | None) -> None:
    """Every kept picture gets other bytes, or is taken away."""
    for file in (s.private / "pictures").iterdir():
        file.write_bytes(data) if data is not None else file.unlink()


def _block(folder: Path) -> None:
    """Nothing can be written into it: in its place there is a file."""
    folder.rename(folder.with_suffix(".aside"))
    folder.touch()


def _unblock(folder: Path) -> None:
    folder.unlink()
    folder.with_suffix(".aside").rename(folder)
