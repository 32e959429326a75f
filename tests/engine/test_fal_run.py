"""Interrupts: seen within a second wherever the job is, and the job cancelled exactly once."""

import asyncio
import socket
import threading
import time

import pytest
from switchyard.engine.errors import BadInput, Failed, Uncollected, Unsure
from switchyard.engine.fal.client import FalClient, Limits, run
from switchyard.engine.fal.key import Key
from switchyard.tests.fal_emulator import Act, FalEmulator

KEY = Key("1a2b3c4d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef")
FLUX = "fal-ai/flux-2/klein/4b"
ASKED = {"prompt": "a heron", "image_size": "square"}


class Stopped(BaseException):
    """As ComfyUI's own exception for a cancelled prompt: no Exception."""


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


def settle():
    """Until the client's threads are through: what has not been sent by then never will be."""
    for thread in threading.enumerate():
        if thread.name.startswith("switchyard-fal"):
            thread.join(10)
            assert not thread.is_alive()


def perform(fal, interrupted=lambda: None, on_status=lambda status: None, **limits):
    """One prompt as ComfyUI runs it: a loop of its own, and a client that is closed at its end."""

    async def prompt():
        with FalClient(KEY, fal.url, limits=Limits(**limits)) as client:
            return await run(client, FLUX, ASKED, on_status, interrupted)

    return asyncio.run(prompt())


def interrupt_when(fal, method, path, how):
    def interrupted():
        if fal.count(method, path):
            how()

    return interrupted


def stop():
    raise Stopped


def cancel_task():
    asyncio.current_task().cancel()


def place(fal, where):
    """Makes the job hang there; returns the request that shows it, and what lets it go on."""
    release = threading.Event()
    if where == "post":
        fal.script("POST", FLUX, Act(wait=release))
        return "POST", FLUX, release
    if where == "queue":
        fal.queued = 60
        return "GET", "/status", release
    if where == "run":
        fal.seconds = 60
        return "GET", "/status", release
    if where == "hung poll":
        fal.seconds = 60
        fal.script("GET", "/status", Act(wait=release))
        return "GET", "/status", release
    fal.script("GET", "/files/", Act(wait=release))
    return "GET", "/files/", release


@pytest.mark.parametrize(("how", "error"), [(stop, Stopped), (cancel_task, asyncio.CancelledError)])
@pytest.mark.parametrize("where", ["post", "queue", "run", "hung poll", "download"])
def test_an_interrupt_is_seen_at_once_and_cancels_once(fal, where, how, error):
    method, path, release = place(fal, where)
    with pytest.raises(error):
        perform(fal, interrupt_when(fal, method, path, how))
    assert time.monotonic() - fal.requests(method, path)[0].time < 1.0
    release.set()
    settle()
    (job,) = fal.jobs
    assert fal.cancels == [job] and fal.count("POST") == 1


def test_an_interrupt_does_not_wait_for_a_service_that_is_gone(fal):
    fal.seconds = 60
    release = threading.Event()
    fal.script("PUT", "/cancel", Act(wait=release))
    with pytest.raises(Stopped):
        perform(fal, interrupt_when(fal, "GET", "/status", stop))
    assert time.monotonic() - fal.requests("GET", "/status")[0].time < 1.0
    release.set()
    settle()
    assert len(fal.cancels) == 1


def test_an_interrupt_before_the_start_sends_nothing(fal):
    with pytest.raises(Stopped):
        perform(fal, stop)
    settle()
    assert not fal.seen


def test_progress_is_told_in_the_loops_own_thread_and_may_stop_the_run(fal):
    fal.queued = 60
    threads = []

    def draw(status):
        threads.append(threading.current_thread())
        stop()

    with pytest.raises(Stopped):
        perform(fal, on_status=draw)
    settle()
    assert threads == [threading.main_thread()] and len(fal.cancels) == 1


def test_a_job_out_of_sight_is_left_to_be_joined(fal):
    fal.seconds = 60
    fal.script("GET", "/status", *[Act(status=500)] * 6)
    with pytest.raises(Uncollected, match="joined for nothing"):
        perform(fal, pace=0.01)
    settle()
    assert fal.cancels == []


def test_a_job_that_is_over_is_not_cancelled(fal):
    fal.answer = lambda job: {"images": []}
    with pytest.raises(Failed):
        perform(fal)
    fal.script("GET", "/status", Act(status=200, body={"status": "FAILED"}))
    with pytest.raises(Failed):
        perform(fal)
    settle()
    assert not fal.cancels and fal.count("POST") == 2


def test_an_unsure_submission_reaches_the_caller_as_it_is(fal):
    fal.script("POST", FLUX, Act(accept=True, drop=True))
    with pytest.raises(Unsure):
        perform(fal)
    settle()
    assert fal.count("POST") == 1 and not fal.cancels


def test_an_interrupted_post_that_never_answers_ends_by_itself(fal):
    fal.script("POST", FLUX, Act(wait=threading.Event()))
    with pytest.raises(Stopped):
        perform(fal, interrupt_when(fal, "POST", FLUX, stop), submit=0.8)
    settle()
    assert fal.count("POST") == 1 and not fal.cancels


def test_every_prompt_has_a_loop_of_its_own(fal):
    assert [len(perform(fal).pictures) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    "url",
    [
        "http://fal.example",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "127.0.0.1:80",
        "https://",
        "https://u:p@x.example",
        "https://x.example?a=b",
        "http://[::1",
        "https://x.example:port",
    ],
)
def test_a_base_address_that_would_give_the_key_away(url):
    with pytest.raises(BadInput, match="SWITCHYARD_FAL_URL"):
        FalClient(KEY, url)


@pytest.mark.parametrize(
    "url", ["", "https://x.example/fal/", "http://localhost:1", "http://127.8.9.1:2", "http://[::1]:3", " "]
)
def test_a_base_address_that_may_be(url):
    FalClient(KEY, url).close()


def test_the_interrupt_is_quick_while_a_connection_is_being_made():
    """A listener whose queue is full: the connection is neither made nor refused."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.socket() as first:
            first.connect(full.getsockname())
            began, looks = time.monotonic(), []

            def interrupted():
                looks.append(1)
                if len(looks) > 2:
                    stop()

            async def prompt():
                with FalClient(KEY, f"http://127.0.0.1:{full.getsockname()[1]}") as client:
                    await run(client, FLUX, ASKED, lambda status: None, interrupted)

            with pytest.raises(Stopped):
                asyncio.run(prompt())
            assert time.monotonic() - began < 1.5
