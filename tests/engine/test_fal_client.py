"""The fal client against the emulator, with the real fal-client in between: jobs that go well."""

import asyncio
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import pytest
from switchyard.engine.errors import Failed, Moderated, Refused, Uncollected
from switchyard.engine.fal.client import FalClient, Job, Limits, Status, run
from switchyard.engine.fal.key import Key
from switchyard.tests.fal_emulator import Act, FalEmulator, picture

KEY = Key("1a2b3c4d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef")
FLUX = "fal-ai/flux-2/klein/4b"
PROMPT = "a heron named Quillfeather"
ASKED = {"prompt": PROMPT, "seed": 3, "image_size": {"width": 256, "height": 128}}


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


def finished(client, endpoint=FLUX, asked=ASKED):
    job = client.submit(endpoint, asked)
    client.follow(job, lambda status: None, threading.Event())
    return job


def test_a_job_from_request_to_bytes(fal, caplog):
    caplog.set_level("DEBUG")
    with FalClient(KEY, fal.url, version="1.2.3") as client:
        job = client.submit(FLUX, ASKED)
        heard = []
        client.follow(job, heard.append, threading.Event())
        result = client.collect(job)
    assert [p.data for p in result.pictures] == [picture(256, 128, f"3 {PROMPT} 0")]
    assert result.pictures[0].content_type == "image/png"
    assert (result.request_id, result.billed_units, result.seed) == (job.request_id, Decimal("1.0"), 3)
    assert result.reply["has_nsfw_concepts"] == [False]
    assert heard == [Status("done")]
    (post,) = fal.requests("POST")
    assert post.path == f"/{FLUX}" and post.json == ASKED
    assert post.headers["authorization"] == f"Key {KEY.reveal()}"
    assert post.headers["user-agent"] == "switchyard/1.2.3"
    assert "authorization" not in fal.requests("GET", "/files/")[0].headers
    assert KEY.reveal() not in caplog.text and "Quillfeather" not in caplog.text
    assert KEY.reveal() not in repr(client) + repr(job) + repr(result) and PROMPT not in repr(result)


def test_the_base_address_may_have_a_path(tmp_path):
    with FalEmulator(prefix="/gate/fal") as fal, FalClient(KEY, fal.url + "/") as client:
        client.upload(b"bytes", "image/png")
        assert client.collect(finished(client)).pictures
        assert all(seen.path.startswith("/gate/fal/") for seen in fal.seen)


def test_only_our_key_is_used(fal, monkeypatch, tmp_path):
    monkeypatch.setenv("FAL_KEY", "someone-else:aaaaaaaaaaaaaaaaaaaaaaaa")
    monkeypatch.setenv("FAL_FORCE_AUTH_BY_USER", "1")
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with FalClient(KEY, fal.url) as client:
        finished(client)
    assert {seen.headers["authorization"] for seen in fal.seen} == {f"Key {KEY.reveal()}"}


def test_status_is_told_on_change_only(fal):
    states = ["IN_QUEUE", "IN_QUEUE", "IN_QUEUE", "IN_PROGRESS", "WARMING_UP", "COMPLETED"]
    places = [4, 4, 2, None, None, None]
    acts = [
        Act(status=202, body={"status": s, **({} if p is None else {"queue_position": p})})
        for s, p in zip(states, places, strict=True)
    ]
    fal.script("GET", "/status", *acts)
    with FalClient(KEY, fal.url) as client:
        heard = []
        job = client.submit(FLUX, ASKED)
        client.follow(job, heard.append, threading.Event())
    assert heard == [
        Status("queued", 4),
        Status("queued", 2),
        Status("running"),
        Status("running", message="WARMING_UP"),
        Status("done"),
    ]


class Pace:
    """A stop that is never set, a clock that only its waits move, and a note of every wait."""

    def __init__(self, most):
        self.now, self.waits, self.most = 0.0, [], most

    def is_set(self):
        return len(self.waits) >= self.most

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


def test_polls_are_quick_at_first_and_then_slower(fal):
    fal.seconds = 3600
    pace = Pace(90)
    with FalClient(KEY, fal.url, clock=lambda: pace.now) as client:
        client.follow(client.submit(FLUX, ASKED), lambda status: None, pace)
    assert pace.waits[:60] == [0.25] * 60  # 15 s
    assert pace.waits[60:63] == pytest.approx([0.325, 0.4225, 0.54925])
    assert pace.waits[-1] == 2.0 and sorted(pace.waits) == pace.waits


def test_following_ends_at_its_limit(fal):
    fal.seconds = 3600
    pace = Pace(10**6)
    limits = Limits(follow=900)
    with FalClient(KEY, fal.url, clock=lambda: pace.now, limits=limits) as client:
        job = client.submit(FLUX, ASKED)
        with pytest.raises(Uncollected, match="15 minutes") as caught:
            client.follow(job, lambda status: None, pace)
    assert caught.value.request_id == job.request_id


@pytest.mark.parametrize("bad", [Act(status=500), Act(drop=True), Act(status=200, body=b"<html>")])
def test_five_bad_polls_are_survived_six_are_not(fal, bad):
    fal.script("GET", "/status", *[bad] * 5)
    pace = Pace(100)
    with FalClient(KEY, fal.url) as client:
        client.follow(client.submit(FLUX, ASKED), lambda status: None, pace)
        assert pace.waits == [0.5, 1, 2, 4, 4]
        fal.script("GET", "/status", *[bad] * 6)
        with pytest.raises(Uncollected) as caught:
            client.follow(client.submit(FLUX, ASKED), lambda status: None, Pace(100))
    assert caught.value.request_id in str(caught.value)


def test_a_hung_poll_is_given_up(fal):
    fal.script("GET", "/status", Act(wait=threading.Event()))
    with FalClient(KEY, fal.url, limits=Limits(read=0.2)) as client:
        assert client.collect(finished(client)).pictures


def test_a_job_that_the_service_dropped(fal):
    fal.seconds = 60
    with FalClient(KEY, fal.url) as client:
        job = client.submit(FLUX, ASKED)
        assert client.cancel(job) == "CANCELLATION_REQUESTED"
        with pytest.raises(Failed, match=job.request_id):
            client.follow(job, lambda status: None, threading.Event())
        assert client.cancel(Job(FLUX, "r", "x", "y", "https://evil.example/cancel")) == ""
        assert client.cancel(Job(FLUX, "r", "x", "y", fal.url + "/a/b/requests/r/cancel")) == "HTTP 404"


def test_two_seconds_of_work_are_delivered_within_half_a_second(fal):
    fal.seconds = 2.0
    with FalClient(KEY, fal.url) as client:
        result = asyncio.run(run(client, FLUX, ASKED, lambda status: None, lambda: None))
        late = time.monotonic() - fal.jobs[result.request_id].ends
    assert 0 <= late < 0.5


def test_three_jobs_side_by_side_take_as_long_as_the_slowest(fal):
    async def all_three():
        with FalClient(KEY, fal.url) as client:
            heard = []
            runs = [run(client, FLUX, {**ASKED, "seed": n}, heard.append, lambda: None) for n in range(3)]
            return await asyncio.gather(*runs), heard

    fal.seconds = 1.0
    began = time.monotonic()
    results, heard = asyncio.run(all_three())
    assert time.monotonic() - began < 2.0
    assert sorted(r.seed for r in results) == [0, 1, 2] and fal.count("POST") == 3
    assert heard.count(Status("done")) == 3 and not fal.cancels


def test_a_picture_is_uploaded_without_the_key(fal):
    data = picture(8, 8)
    fal.script("POST", "/files/upload", Act(drop=True), Act(status=503))
    with FalClient(KEY, fal.url) as client:
        url = client.upload(data, "image/png")
    assert fal.files[url.removeprefix(fal.url)] == (data, "image/png")
    put = fal.requests("POST", "/files/upload")[-1]
    assert put.headers["authorization"] == "Bearer cdn-token" and put.body == data
    assert put.headers["x-fal-object-lifecycle"] == '{"expiration_duration_seconds": 3600}'
    assert fal.requests("POST", "/storage/")[0].path == "/storage/auth/token?storage_type=fal-cdn-v3"


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("/storage/", Act(status=401)),
        ("/storage/", Act(status=200, body=b"nonsense")),
        ("/storage/", Act(status=200, body={"token": "t", "base_url": "https://evil.example"})),
        ("/storage/", Act(status=200, body={"token": 5, "base_url": "https://v3.fal.media"})),
        ("/files/upload", Act(status=413)),
        ("/files/upload", Act(status=200, body={"access_url": "https://evil.example/x.png"})),
        ("/files/upload", Act(status=307, headers={"Location": "https://evil.example/"})),
    ],
)
def test_a_failed_upload_costs_nothing(fal, path, act):
    fal.script("POST", path, act)
    with FalClient(KEY, fal.url) as client, pytest.raises(Refused, match="could not be uploaded") as caught:
        client.upload(b"x", "image/png")
    assert KEY.reveal() not in str(caught.value)


def test_moderated_and_failed_results(fal):
    cases = [
        (lambda job: {"images": [], "seed": 1}, Failed),
        (lambda job: {"error": PROMPT}, Failed),
        (lambda job: {"images": [{"url": "x"}], "has_nsfw_concepts": [False, True]}, Moderated),
    ]
    with FalClient(KEY, fal.url) as client:
        for fal.answer, error in cases:
            with pytest.raises(Failed) as caught:
                client.collect(finished(client))
            assert type(caught.value) is error and PROMPT not in str(caught.value)


def test_importing_the_client_loads_nothing_heavy():
    code = (
        "import sys, types\n"
        "package = sys.modules['switchyard'] = types.ModuleType('switchyard')\n"
        "package.__path__ = ['.']\n"
        "import switchyard.engine.fal.client, switchyard.engine.fal.key\n"
        "print({'httpx', 'fal_client', 'torch', 'PIL'} & set(sys.modules))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
