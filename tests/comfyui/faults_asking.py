"""Faults while a picture is asked for: at submit, upload, status and cancel, and when the service itself goes away."""

from __future__ import annotations

from typing import Any

from switchyard.tests.comfyui.fault import (
    BOUGHT,
    CUT,
    ENOUGH,
    GARBAGE,
    HELD,
    HTML,
    JOINED,
    NEVER,
    Again,
    Fault,
    Stage,
    Step,
    after,
    always,
    at,
    come_back,
    endless,
    finish,
    gated,
    go_away,
    held,
    lose_jobs,
    open_gate,
    press_cancel,
    redirected,
    steps,
    survived,
    until_cancelled,
    waiting,
)
from switchyard.tests.fal_emulator import Act


def unsure(name: str, act: Act, taken: int, **more: Any) -> Fault:
    """Perhaps it was taken: it is held back until a person releases it."""
    return Fault(
        f"submit: {name}", at("submit", act), "error", "may have been taken", HELD, taken=taken, **more
    )


def refused(name: str, act: Act, says: str) -> Fault:
    """The service said that it took nothing."""
    return Fault(f"submit: {name}", at("submit", act), "error", says, BOUGHT, taken=0, why="refused")


def to_elsewhere(name: str) -> Step:
    """The submit's answer, with one address of the foreign host in it."""

    def begin(s: Stage) -> None:
        at = f"{s.fal.url}/fal-ai/flux-2/requests/req-7"
        urls = {"status_url": at + "/status", "response_url": at, "cancel_url": at + "/cancel"}
        body = {"request_id": "req-7", **urls, name: s.elsewhere + "/a"}
        s.fal.script("POST", "^/fal-ai/", Act(accept=True, status=200, body=body))

    return begin


BAD_VALUE = [{"loc": ["body", "image_size"], "type": "less_than_equal", "msg": "guarded words"}]

SUBMIT = [
    Fault(
        "submit: nobody listens", go_away, "error", "nothing was sent", BOUGHT,
        posts=0, taken=0, between=come_back, why="never sent",
    ),
    unsure("hung up before it was taken", Act(drop=True), 0),
    unsure("hung up after it was taken", Act(accept=True, drop=True), 1),
    unsure("no answer in time, not taken", Act(wait=NEVER, drop=True), 0, patience={"submit": 0.5}),
    unsure("no answer in time, taken", Act(accept=True, wait=NEVER), 1, patience={"submit": 0.5}),
    unsure("the answer trickles", Act(accept=True, trickle=0.02), 1, patience={"submit": 0.5}),
    unsure("the answer is cut", Act(accept=True, status=200, body=b'{"request_id"', headers=CUT), 1),
    unsure("HTML for an answer", Act(accept=True, status=200, body=HTML, content_type="text/html"), 1),
    unsure("garbage for an answer", Act(accept=True, status=200, body=GARBAGE), 1),
    unsure("no addresses in the answer", Act(accept=True, status=200, body={"request_id": "req-7"}), 1),
    *(
        Fault(f"submit: a foreign {name}", to_elsewhere(name), "error", "foreign host", HELD)
        for name in ("status_url", "response_url", "cancel_url")
    ),
    Fault("submit: sent on to a foreign host", redirected("submit", 307), "error", "HTTP 307", HELD, taken=0),
    Fault("submit: moved to a foreign host", redirected("submit", 301), "error", "HTTP 301", HELD, taken=0),
    unsure("HTTP 500 after it was taken", Act(accept=True, status=500, body={"detail": "guarded words"}), 1),
    unsure("a gateway's HTTP 502", Act(status=502, body=HTML, content_type="text/html"), 0),
    unsure("HTTP 503 without a reason", Act(accept=True, status=503, body=HTML), 1),
    Fault(
        "submit: HTTP 504 with a request id", at("submit", Act(status=504, headers={"x-fal-request-id": "req-7"})),
        "error", "request req-7", Again("error", 0, "req-7"), taken=0,
    ),
    refused("HTTP 503, never scheduled", Act(status=503, body={"error_type": "startup_timeout"}), "nothing is paid"),
    refused("HTTP 400", Act(status=400, body={"detail": "guarded words"}), "did not accept these values"),
    refused("HTTP 401", Act(status=401), "did not accept the key"),
    refused("HTTP 402", Act(status=402), "balance is used up"),
    refused("HTTP 403", Act(status=403), "did not accept the key"),
    refused("HTTP 404", Act(status=404), "is gone from fal"),
    refused("HTTP 408", Act(status=408), "nothing is paid"),
    refused("HTTP 409", Act(status=409), "nothing is paid"),
    refused("HTTP 413", Act(status=413), "too big"),
    refused("HTTP 422", Act(status=422, body={"detail": BAD_VALUE}), "less_than_equal at body.image_size"),
    refused("HTTP 429", Act(status=429, headers={"Retry-After": "1"}), "busy"),
    survived("submit: the wrong content type", at("submit", Act(accept=True, content_type="text/html; charset=x-no"))),
]  # fmt: skip

UPLOAD = [
    Fault(f"upload: {name}", begin, "error", says, BOUGHT, posts=0, taken=0, why="never sent", reference=True)
    for name, begin, says in [
        ("HTTP 401 for the token", at("token", Act(status=401)), "did not accept the key"),
        ("HTML for the token", at("token", Act(status=200, body=HTML)), "could not be uploaded"),
        ("hung up three times", at("upload", *[Act(drop=True)] * 3), "could not be uploaded"),
        ("HTTP 500 three times", at("upload", *[Act(status=500)] * 3), "could not be uploaded"),
        ("sent on to a foreign host", redirected("upload", 307), "could not be uploaded"),
        (
            "a foreign host for storage",
            lambda s: at("token", Act(status=200, body={"token": "t", "base_url": s.elsewhere}))(s),
            "could not be uploaded",
        ),
        (
            "put on a foreign host",
            lambda s: at("upload", Act(status=200, body={"access_url": s.elsewhere + "/x"}))(s),
            "foreign host",
        ),
    ]
]

STATUS = [
    survived("status: HTTP 500 three times", at("status", *[Act(status=500)] * 3)),
    survived("status: HTML twice", at("status", *[Act(status=200, body=HTML)] * 2)),
    survived("status: garbage", at("status", Act(status=200, body=GARBAGE), Act(status=200, body=b"[" * 100_000))),
    survived("status: cut", at("status", Act(status=200, body=b'{"status": "COMPL', headers=CUT))),
    survived("status: hung up three times", at("status", *[Act(drop=True)] * 3)),
    survived("status: no answer in time", at("status", Act(wait=NEVER)), patience=ENOUGH),
    survived("status: trickles", at("status", Act(trickle=0.05)), patience=ENOUGH),
    survived(
        "status: the head trickles", at("status", Act(drip=0.03)), patience=ENOUGH, within=3.0,
    ),
    survived(
        "status: done, with an error of old",
        at("status", Act(status=200, body={"status": "COMPLETED", "error_type": "runner_disconnected"})),
    ),
    survived("status: an unheard-of word", at("status", Act(status=200, body={"status": "WARMING_UP"}))),
    survived("status: HTTP 429 twice", at("status", *[Act(status=429)] * 2)),
    survived("status: always HTTP 500, the job is done", always("status", Act(status=500))),
    survived("status: always sent on to a foreign host", redirected("status", 302)),
    waiting(
        "status: the key is no longer valid",
        steps(always("status", Act(status=401)), always("result", Act(status=401)), always("cancel", Act(status=401))),
        "does not answer",
    ),
    waiting(
        "status: always HTTP 503, the job runs", steps(endless, always("status", Act(status=503))), "does not answer",
        between=finish,
    ),
    waiting(
        "status: longer than the patience", endless, "was not ready after", between=finish, patience={"follow": 0.3},
    ),
    Fault(
        "status: the job failed", at("status", Act(status=200, body={"status": "FAILED"})), "error",
        "without a picture", BOUGHT, why="failed",
    ),
    Fault(
        "status: the job is unknown", steps(always("status", Act(status=404)), always("result", Act(status=404))),
        "error", "may bill it", HELD, lasting=True,
    ),
]  # fmt: skip

RESTART = [
    survived(
        "restart: while it is asked how far the job is",
        held("status"), during=after("status", go_away, finish, come_back),
    ),
    waiting(
        "restart: it stays away", held("status"), "does not answer",
        during=after("status", go_away), between=steps(finish, come_back),
    ),
    waiting("restart: away when the job is done", at("result", Act(wait=NEVER)), during=after("result", go_away),
            between=come_back),
    waiting("restart: away during the download", at("download", Act(wait=NEVER)), during=after("download", go_away),
            between=come_back),
    Fault(
        "restart: the jobs are lost", held("status"), "error", "may bill it", HELD,
        during=after("status", go_away, lose_jobs, come_back),
    ),
]  # fmt: skip

CANCEL = [
    Fault(
        "cancel: in time", held("status"), "interrupted", "", BOUGHT,
        during=after("status", press_cancel), between=steps(until_cancelled, finish), why="cancelled",
    ),
    Fault(
        "cancel: too late", held("status"), "interrupted", "", JOINED,
        during=after("status", finish, press_cancel), between=until_cancelled,
    ),
    Fault(
        "cancel: while the submit's answer is out", steps(endless, gated("submit", accept=True)), "interrupted", "",
        BOUGHT, during=lambda s: (s.fal.wait_for(lambda: s.fal.taken), press_cancel(s)),
        between=steps(open_gate, until_cancelled, finish), why="cancelled",
    ),
    Fault(
        "cancel: the submit is never answered", at("submit", Act(accept=True, wait=NEVER)), "interrupted", "", HELD,
        during=lambda s: (s.fal.wait_for(lambda: s.fal.taken), press_cancel(s)), patience={"submit": 0.5},
    ),
    Fault(
        "cancel: accepted, and the job ends all the same",
        steps(held("status"), at("cancel", Act(status=202, body={"status": "CANCELLATION_REQUESTED"}))),
        "interrupted", "", JOINED, during=after("status", press_cancel), between=steps(after("cancel"), finish),
    ),
    Fault(
        "cancel: accepted, and the job is never heard of again", held("status"), "interrupted", "", BOUGHT,
        during=after("status", press_cancel), between=steps(until_cancelled, lose_jobs, finish), why="cancelled",
    ),
    Fault(
        "cancel: accepted, and the job counts as done", held("status"), "interrupted", "", BOUGHT,
        during=after("status", press_cancel), why="cancelled", lasting=True,
        between=steps(
            until_cancelled, finish, at("status", Act(status=200, body={"status": "COMPLETED"})),
            at("result", Act(status=499, body={"detail": "cancelled", "error_type": "client_cancelled"})),
        ),
    ),
    Fault(
        "cancel: no answer", steps(held("status"), at("cancel", Act(drop=True))), "interrupted", "", JOINED,
        during=after("status", press_cancel), between=steps(after("cancel"), finish),
    ),
    Fault(
        "cancel: HTTP 500", steps(held("status"), at("cancel", Act(status=500))), "interrupted", "", JOINED,
        during=after("status", press_cancel), between=steps(after("cancel"), finish),
    ),
    Fault(
        "cancel: sent on to a foreign host", steps(held("status"), redirected("cancel", 307)), "interrupted", "",
        JOINED, during=after("status", press_cancel), between=steps(after("cancel"), finish),
    ),
]  # fmt: skip

ASKING = [*SUBMIT, *UPLOAD, *STATUS, *RESTART, *CANCEL]
