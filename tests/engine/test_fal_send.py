"""An order on its way: references first, requests side by side, what is paid for is delivered."""

import asyncio
import threading
import time

import pytest
from switchyard.engine.errors import Failed, RemoteError, Uncollected
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.order import Wish, place_order
from switchyard.engine.fal.send import INLINE_BYTES, Attachment, send
from switchyard.engine.request import Available
from switchyard.engine.sizes import Size
from switchyard.tests.fal_emulator import Act, FalEmulator, picture

KEY = Key("11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef")
HERE = Available(frozenset(), True)


class Cancelled(BaseException):
    pass


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


def order(pictures: int = 1, references: int = 0):
    settings = {"width": 64, "height": 64} if not references else {}
    wish = Wish(
        "a heron",
        "flux-2-pro",
        "flux",
        settings={**settings, "num_images": pictures},
        references=(Size(64, 64),) * references,
    )
    return place_order(wish, HERE)


def sent(fal, what, references=(), interrupted=lambda: None):
    return asyncio.run(
        send(what, references, None, lambda: FalClient(KEY, fal.url), lambda _: None, interrupted)
    )


def test_several_requests_arrive_in_their_order(fal):
    delivery = sent(fal, order(pictures=3))
    assert [result.seed for result in delivery.results] == [0, 1, 2]
    assert (fal.count("POST"), delivery.errors) == (3, ())


def test_what_is_paid_for_is_delivered_when_a_neighbour_fails(fal):
    fal.answer = lambda job: {"detail": "out of order"} if job.arguments["seed"] == 1 else None
    delivery = sent(fal, order(pictures=3))
    assert [result.seed for result in delivery.results] == [0, 2]
    assert len(delivery.errors) == 1 and isinstance(delivery.errors[0], RemoteError)
    assert fal.cancels == []


def test_when_all_fail_it_is_an_error(fal):
    fal.answer = lambda job: {"detail": "out of order"}
    with pytest.raises(Failed):
        sent(fal, order(pictures=2))


def test_small_references_go_inside_and_large_ones_are_uploaded_once(fal):
    small = Attachment(picture(64, 64), "image/png")
    sent(fal, order(references=2), [small, small])
    assert fal.count("POST", "/files/upload") == 0
    large = Attachment(b"\\x89PNG" + b"0" * INLINE_BYTES, "image/png")
    sent(fal, order(references=2), [large, large])
    assert fal.count("POST", "/files/upload") == 1
    one, two = list(fal.jobs.values())[-1].arguments["image_urls"]
    assert one == two and one.startswith(fal.url)


def test_an_interrupt_during_an_upload_is_seen_within_a_second_and_nothing_is_submitted(fal):
    hold = threading.Event()
    fal.script("POST", "/storage/auth/token", Act(wait=hold))
    asked = threading.Event()
    threading.Thread(
        target=lambda: fal.wait_for(lambda: fal.count("POST", "/storage")) and asked.set(), daemon=True
    ).start()
    pressed = []

    def interrupted():
        if asked.is_set():
            pressed.append(time.monotonic())
            raise Cancelled

    large = Attachment(b"0" * (INLINE_BYTES + 1), "image/png")
    with pytest.raises(Cancelled):
        sent(fal, order(references=1), [large], interrupted)
    assert time.monotonic() - pressed[0] < 1.0
    hold.set()
    assert fal.jobs == {}


def test_an_interrupt_cancels_every_job_of_the_order(fal):
    fal.seconds = 60.0

    def interrupted():
        if len(fal.jobs) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        sent(fal, order(pictures=3), interrupted=interrupted)
    fal.wait_for(lambda: len(fal.cancels) == 3)
    assert sorted(fal.cancels) == sorted(fal.jobs)


def test_the_error_of_a_whole_order_says_first_what_may_be_paid(fal):
    fal.script("POST", "fal-ai/flux-2-pro", Act(status=429, body={"detail": "busy"}))
    fal.answer = lambda job: {"images": [{"url": fal.url + "/files/gone"}]}
    with pytest.raises(Uncollected) as error:
        sent(fal, order(pictures=2))
    (job,) = fal.jobs
    assert error.value.request_id == job and job in str(error.value)
    assert "Of the other 1 requests" in str(error.value)


def test_a_picture_that_is_withheld_or_gone_does_not_cost_its_siblings(fal):
    def answer(job):
        urls = [fal.host(picture(64, 64, str(n))) for n in range(3)] + [fal.url + "/files/gone"]
        return {"images": [{"url": url} for url in urls], "has_nsfw_concepts": [False, True, False, False]}

    fal.answer = answer
    (result,) = sent(fal, order()).results
    assert len(result.pictures) == 2
    assert len(result.faults) == 2 and "safety check" in result.faults[0]


def test_an_interrupt_that_comes_with_the_picture_does_not_throw_it_away(fal):
    """The button is pressed while the last bytes are on their way: the loop hears of both at the same moment."""
    pressed = threading.Event()

    def interrupted():
        if pressed.is_set():
            raise Cancelled

    class Late(FalClient):
        def collect(self, job):
            result = super().collect(job)
            pressed.set()
            return result

    what = order()
    delivery = asyncio.run(send(what, (), None, lambda: Late(KEY, fal.url), lambda _: None, interrupted))
    assert len(delivery.results) == 1 and fal.cancels == []
