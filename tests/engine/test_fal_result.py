"""Results and their files: what is delivered, what is refused, and what is never raised."""

import base64
import json
import threading
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import Failed, Moderated, RemoteError, Uncollected
from switchyard.engine.fal.address import Addresses, Foreign
from switchyard.engine.fal.client import FalClient, Job, Limits, Status
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.reply import billed_units, read_job, read_result, read_status, refusal, seed
from switchyard.engine.fal.transport import Reply
from switchyard.tests.fal_emulator import Act, FalEmulator, picture

KEY = Key("1a2b3c4d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef")
FLUX = "fal-ai/flux-2/klein/4b"
PROMPT = "a heron named Quillfeather"
TOO_LARGE = {"detail": [{"type": "image_too_large", "loc": ["body", "image_urls", 0]}]}
WITHHELD = {"detail": [{"type": "content_policy_violation", "msg": PROMPT}]}
UNBILLED = {"x-fal-billable-units": "0"}
CUT = {"Content-Length": "500", "Connection": "close"}
JOB = Job(FLUX, "req-7", *["https://queue.fal.run/fal-ai/flux-2/requests/req-7"] * 3)


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


def collect(fal, answer=None, endpoint=FLUX, **limits):
    fal.answer = None if answer is None else lambda job: answer
    with FalClient(KEY, fal.url, limits=Limits(retry=0.01, **limits)) as client:
        job = client.submit(endpoint, {"prompt": PROMPT, "image_size": {"width": 64, "height": 64}})
        client.follow(job, lambda status: None, threading.Event())
        return client.collect(job)


def failure(fal, error, answer=None, **limits):
    with pytest.raises(RemoteError) as caught:
        collect(fal, answer, **limits)
    assert type(caught.value) is error
    assert caught.value.request_id in fal.jobs and caught.value.request_id in str(caught.value)
    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY.reveal() not in said and "Quillfeather" not in said and "base64," not in said
    assert fal.count("POST") == 1
    return str(caught.value)


def test_several_pictures_keep_their_bytes(fal):
    files = [
        (picture(40, 30), "image/png"),
        (picture(64, 64, alpha=True), "image/png"),
        (picture(20, 90, form="JPEG"), "image/jpeg"),
        (picture(16, 16, form="WEBP"), "image/webp"),
    ]
    images = [{"url": fal.host(data, "application/octet-stream")} for data, _ in files]
    inline = picture(8, 8, "inline")
    images.append({"url": "data:image/png;base64," + base64.b64encode(inline).decode()})
    result = collect(fal, {"images": images, "seed": 2**63})
    assert [(p.data, p.content_type) for p in result.pictures] == [*files, (inline, "image/png")]
    assert result.seed == 2**63
    assert all("authorization" not in seen.headers for seen in fal.requests("GET", "/files/"))


def test_layers_and_the_single_picture(fal):
    assert len(collect(fal, endpoint="fal-ai/qwen-image-layered").pictures) == 4
    fal.billable_units = None
    result = collect(fal, {"image": {"url": fal.host(picture(8, 8)), "file_name": "../../x.png"}})
    assert len(result.pictures) == 1 and result.billed_units is None


@pytest.mark.parametrize(
    "act", [Act(status=500), Act(drop=True), Act(status=404), Act(status=200, body=b"<p>")]
)
def test_the_result_is_asked_for_four_times(fal, act):
    path = "/requests/[^/]+$"
    fal.script("GET", path, *[act] * 3)
    assert collect(fal).pictures
    assert fal.count("GET", path) == 4


def test_the_result_that_never_comes(fal):
    fal.script("GET", "/requests/[^/]+$", *[Act(status=502)] * 4)
    assert "paid for" in failure(fal, Uncollected)


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (Act(status=422, body=TOO_LARGE), Failed, "image_too_large at body.image_urls.0"),
        (Act(status=422, body=WITHHELD), Moderated, "withheld"),
        (Act(status=400, body={"detail": PROMPT, "error_type": "bad_request"}), Failed, "bad_request"),
        (Act(status=422, body={"detail": PROMPT}, headers=UNBILLED), Failed, "not billed"),
        (Act(status=400, body={"detail": "Request is still in progress"}), Uncollected, "not ready"),
        (Act(status=401), Uncollected, "key"),
        (Act(status=302, headers={"Location": "https://evil.example/"}), Uncollected, "HTTP 302"),
    ],
)
def test_what_the_model_says_instead_of_a_picture(fal, act, error, words):
    fal.script("GET", "/requests/[^/]+$", act)
    assert words in failure(fal, error)
    assert fal.count("GET", "/requests/[^/]+$") == 1


def test_a_failure_of_the_machine_is_a_failure(fal):
    act = Act(status=503, body={"detail": PROMPT, "error_type": "runner_disconnected"})
    fal.script("GET", "/requests/[^/]+$", *[act] * 4)
    assert "runner_disconnected" in failure(fal, Failed)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x.png",
        "https://fal.media.evil.example/x.png",
        "http://169.254.169.254/latest/meta-data",
        "ftp://fal.media/x",
        "/relative.png",
        "data:image/png;base64,@@@",
        "data:image/png,plain",
        "data:image/png;base64," + base64.b64encode(b"<svg/>").decode(),
        None,
        7,
    ],
)
def test_pictures_from_elsewhere_are_not_fetched(fal, url):
    failure(fal, Uncollected, {"images": [{"url": url}]})
    assert not fal.count("GET", "/files/")


def test_a_download_is_tried_four_times(fal):
    fal.script("GET", "/files/", Act(drop=True), Act(status=503), Act(status=200, body=b"\x89", headers=CUT))
    assert collect(fal).pictures
    fal.script("GET", "/files/", *[Act(status=503)] * 4)
    fal.seen.clear()
    assert "/files/" in failure(fal, Uncollected)


def test_redirects_stay_with_the_service(fal):
    def hop(to):
        return Act(status=302, headers={"Location": to})

    fal.script(
        "GET", "/files/", hop("/files/b"), hop(fal.url + "/files/c"), hop("https://v3.fal.media/files/d")
    )
    fal.files["/files/d"] = (picture(8, 8), "image/png")
    assert collect(fal).pictures[0].data == picture(8, 8)
    fal.seen.clear()
    fal.script("GET", "/files/", hop("https://evil.example/x?token=1"))
    assert "evil.example" in failure(fal, Uncollected)
    fal.seen.clear()
    fal.script("GET", "/files/", *[hop("/files/b")] * 9)
    assert "more than 3 times" in failure(fal, Uncollected)
    assert fal.count("GET", "/files/") == 4


def test_a_picture_has_a_size_limit_whatever_its_header_says(fal):
    big = picture(8, 8) + b"\0" * 2_000_000
    url = fal.host(big)
    assert "larger than 1 MB" in failure(fal, Uncollected, {"images": [{"url": url}]}, picture=2**20)
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(big), big)
    act = Act(status=200, body=chunks, headers={"Transfer-Encoding": "chunked", "Connection": "close"})
    fal.seen.clear()
    fal.script("GET", "/files/", act)
    assert "larger than 1 MB" in failure(fal, Uncollected, picture=2**20)
    inline = "data:image/png;base64," + base64.b64encode(big).decode()
    fal.seen.clear()
    assert "larger than 1 MB" in failure(fal, Uncollected, {"images": [{"url": inline}]}, picture=2**20)


def test_what_is_no_picture_is_not_delivered(fal):
    url = fal.host(b"<html>sign in</html>", "image/png")
    assert "no PNG" in failure(fal, Uncollected, {"images": [{"url": url}]})


def test_a_stored_job_on_a_foreign_host_is_not_asked(fal):
    with FalClient(KEY, fal.url) as client:
        job = Job(FLUX, "req-7", *["https://evil.example/x"] * 3)
        with pytest.raises(Uncollected, match=r"evil\.example"):
            client.follow(job, lambda status: None, threading.Event())
        with pytest.raises(Uncollected, match=r"evil\.example"):
            client.collect(job)
        assert client.cancel(job) == ""
    assert not fal.seen


def test_addresses_without_a_base_are_https_and_fals_own():
    addresses = Addresses("")
    assert addresses.queue(FLUX) == f"https://queue.fal.run/{FLUX}"
    assert addresses.service("https://queue.fal.run:443/a?b=c#d") == "https://queue.fal.run/a?b=c"
    assert addresses.result("https://v3b.fal.media/files/x.png") == "https://v3b.fal.media/files/x.png"
    for url in (
        "http://queue.fal.run/a",
        "https://queue.fal.run:8443/a",
        "https://fal.media/a",
        "https://queue.fal.ai",
    ):
        with pytest.raises(Foreign):
            addresses.service(url)


def test_with_a_base_its_port_and_scheme_are_not_the_replys_to_choose():
    addresses = Addresses("https://gate.example:99/fal")
    assert addresses.service("http://gate.example/fal/a/b") == "https://gate.example:99/fal/a/b"
    assert addresses.service("https://queue.fal.run/a/b?c") == "https://gate.example:99/fal/a/b?c"
    assert addresses.result("https://v3.fal.media/files/x") == "https://gate.example:99/fal/files/x"


WORDS = (
    "status queue_position logs detail type loc error error_type images image url has_nsfw_concepts seed "
    "request_id status_url response_url cancel_url IN_QUEUE COMPLETED CANCELLED"
)
TEXTS = st.sampled_from(WORDS.split()) | st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=12,
)
BODIES = st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode())


@settings(max_examples=400, deadline=None)
@given(
    BODIES,
    st.sampled_from([200, 202, 204, 302, 400, 401, 403, 404, 422, 429, 499, 500, 503]),
    st.text(max_size=9),
)
def test_no_reply_whatsoever_breaks_the_reader(body, code, units):
    reply = Reply(code, {"x-fal-billable-units": units}, body)
    units_read = billed_units(reply.headers)
    assert units_read is None or units_read >= 0
    assert isinstance(refusal(reply, FLUX), RemoteError)
    assert read_job(reply.json(), FLUX) is None
    try:
        status = read_status(reply, JOB)
        assert status is None or isinstance(status, Status)
        answer, entries, faults = read_result(reply, JOB)
        assert all(isinstance(fault, str) for fault in faults)
        assert entries and (seed(answer) is None or isinstance(seed(answer), int))
    except RemoteError as error:
        assert error.request_id == "req-7"
