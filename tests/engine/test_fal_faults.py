"""A submission that goes wrong: one POST in every case, the right error, and nothing private in its text."""

import math
import socket
import sys
import threading
import traceback

import pytest
from switchyard.engine.errors import BadInput, Refused, Unsure
from switchyard.engine.fal.client import FalClient, Limits
from switchyard.engine.fal.key import Key
from switchyard.tests.fal_emulator import Act, FalEmulator

KEY = Key("1a2b3c4d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef")
FLUX = "fal-ai/flux-2/klein/4b"
PROMPT = "a heron named Quillfeather"
DATA_URI = "data:image/png;base64,iVBORw0KGgo="
ASKED = {"prompt": PROMPT, "image_urls": [DATA_URI]}
ECHO = [{"loc": ["body", "prompt"], "type": "missing", "msg": PROMPT, "input": DATA_URI, "ctx": KEY.reveal()}]
NGINX = b"<html><center>nginx</center></html>"
URLS = {name: "https://queue.fal.run/a/b" for name in ("status_url", "response_url", "cancel_url")}
CUT = {"Content-Length": "500", "Connection": "close"}


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


def failure(url, error, asked=ASKED, endpoint=FLUX, **limits):
    """The error of one submission, after a look for what must not be in it."""
    with FalClient(KEY, url, limits=Limits(**limits)) as client, pytest.raises(error) as caught:
        client.submit(endpoint, asked)
    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    for private in (KEY.reveal(), KEY.reveal()[-20:], "Quillfeather", "iVBOR"):
        assert private not in said
    assert type(caught.value) is error
    return caught.value


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (Act(drop=True), Unsure, "may have been taken and billed"),
        (Act(accept=True, drop=True), Unsure, FLUX),
        (Act(accept=True, status=200, body=b'{"request_id"', headers=CUT), Unsure, "connection broke"),
        (Act(accept=True, wait=threading.Event()), Unsure, "ReadTimeout"),
        (Act(accept=True, trickle=0.05), Unsure, "connection broke"),
        (Act(status=200, body=b"<html>hello</html>"), Unsure, "could not be read"),
        (Act(status=200, body=b"\xff\xfe\x00"), Unsure, "could not be read"),
        (Act(status=200, body=[1, 2]), Unsure, "could not be read"),
        (Act(status=200, body={"request_id": "abc", "status": "IN_QUEUE"}), Unsure, "could not be read"),
        (Act(status=200, body={"request_id": "a b", **URLS}), Unsure, "could not be read"),
        (Act(status=200, body={"request_id": 5, **URLS}), Unsure, "could not be read"),
        (Act(status=204, body=b""), Unsure, "could not be read"),
        (Act(status=302, headers={"Location": "/elsewhere/x"}), Unsure, "HTTP 302"),
        (Act(status=307, headers={"Location": "/elsewhere/x"}), Unsure, "HTTP 307"),
        (Act(status=308, headers={"Location": "https://evil.example/x"}), Unsure, "HTTP 308"),
        (Act(status=500, body={"detail": PROMPT}), Unsure, "HTTP 500"),
        (Act(status=502, body=NGINX, content_type="text/html"), Unsure, "HTTP 502"),
        (Act(status=503, body=NGINX), Unsure, "HTTP 503"),
        (Act(status=504, headers={"x-fal-request-id": "req-7"}), Unsure, "request req-7"),
        (Act(status=503, body={"error_type": "runner_scheduling_failure"}), Refused, "nothing is paid"),
        (Act(status=400, body={"detail": PROMPT}), Refused, "nothing is paid"),
        (Act(status=401, body={"detail": KEY.reveal()}), Refused, "did not accept the key"),
        (Act(status=402), Refused, "balance is used up"),
        (Act(status=403), Refused, "did not accept the key"),
        (
            Act(status=403, body={"detail": "User is locked. Exhausted balance."}),
            Refused,
            "balance is used up",
        ),
        (Act(status=404), Refused, "is gone from fal"),
        (Act(status=408), Refused, "HTTP 408"),
        (Act(status=409), Refused, "HTTP 409"),
        (Act(status=413), Refused, "too big"),
        (Act(status=422, body={"detail": ECHO}), Refused, "missing at body.prompt"),
        (Act(status=422, body={"detail": PROMPT}), Refused, "did not accept these values"),
        (Act(status=429, headers={"Retry-After": "1"}), Refused, "busy"),
    ],
    ids=lambda value: f"{value.status}{'-drop' * value.drop}" if isinstance(value, Act) else None,
)
def test_every_fault_of_a_submission_is_one_post(fal, act, error, words):
    fal.script("POST", FLUX, act)
    assert words in str(failure(fal.url, error, submit=0.5))
    assert len(fal.seen) == 1


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert "nothing was sent" in str(failure(url, Refused))


def test_unsure_says_when_and_keeps_the_request_id(fal):
    fal.script("POST", FLUX, Act(status=504, headers={"x-fal-request-id": "req-7"}))
    error = failure(fal.url, Unsure)
    assert error.request_id == "req-7" and " at 20" in str(error)


@pytest.mark.parametrize("name", ["status_url", "response_url", "cancel_url"])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a",
        "https://queue.fal.run.evil.example/a",
        "https://evilfal.run/a",
        "https://queue.fal.run@evil.example/a",
        "https://u:p@queue.fal.run/a",
        "https://queue.fal.run\\@evil.example/a",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://[::1/a",
        "",
    ],
)
def test_an_answer_that_points_elsewhere(fal, name, url):
    fal.script("POST", FLUX, Act(status=200, body={"request_id": "req-7", **URLS, name: url}))
    error = failure(fal.url, Unsure)
    assert error.request_id == "req-7" and "foreign host" in str(error)
    assert len(fal.seen) == 1


def test_an_answer_may_point_to_fal_itself(fal):
    fal.script("POST", FLUX, Act(status=200, body={"request_id": "req-7", **URLS}))
    fal.script("GET", "^/a/b[?]logs=false$", Act(status=200, body={"status": "COMPLETED"}))
    with FalClient(KEY, fal.url) as client:
        client.follow(client.submit(FLUX, ASKED), lambda status: None, threading.Event())


@pytest.mark.parametrize(
    "asked", [{"cfg": math.nan}, {"prompt": b"bytes"}, {"prompt": "Quillfeather\ud800"}, {"x": KEY}]
)
def test_what_cannot_be_said_in_json_is_not_sent(fal, asked):
    assert "nothing was sent" in str(failure(fal.url, BadInput, asked))
    assert not fal.seen


@pytest.mark.parametrize(
    "endpoint", ["", "nope", "/a/b", "a/../b", "a//b", "a/b?x=1", "a/b ", "https://x/y", "ä/b"]
)
def test_what_is_no_endpoint_is_not_sent(fal, endpoint):
    failure(fal.url, BadInput, endpoint=endpoint)
    assert not fal.seen


def test_a_missing_fal_client_is_named(fal, monkeypatch):
    monkeypatch.setitem(sys.modules, "fal_client", None)
    assert "requirements.txt" in str(failure(fal.url, BadInput))
    assert not fal.seen
