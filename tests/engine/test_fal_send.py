"""An order on its way: references first, requests side by side, what is paid for is delivered."""

import asyncio
import threading
import time

import pytest
from switchyard.engine.errors import Failed, RemoteError, Uncollected
from switchyard.engine.fal.buy import Books
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


@pytest.fixture
def books(tmp_path):
    return Books.open(tmp_path)


@pytest.fixture
def sent(fal, books):
    """Sends an order on the emulator, with a journal of the test's own."""

    def send_it(what, references=(), interrupted=lambda: None, client=FalClient):
        made = lambda: client(KEY, fal.url)  # noqa: E731
        return asyncio.run(send(what, references, None, made, books, lambda _: None, interrupted))

    return send_it


def test_several_requests_arrive_in_their_order(fal, sent):
    delivery = sent(order(pictures=3))
    assert [result.seed for result in delivery.results] == [0, 1, 2]
    assert (fal.count("POST"), delivery.errors) == (3, ())


def test_what_is_paid_for_is_delivered_when_a_neighbour_fails(fal, sent):
    fal.answer = lambda job: {"detail": "out of order"} if job.arguments["seed"] == 1 else None
    delivery = sent(order(pictures=3))
    assert [result.seed for result in delivery.results] == [0, 2]
    assert len(delivery.errors) == 1 and isinstance(delivery.errors[0], RemoteError)
    assert fal.cancels == []


def test_when_all_fail_it_is_an_error(fal, sent):
    fal.answer = lambda job: {"detail": "out of order"}
    with pytest.raises(Failed):
        sent(order(pictures=2))


def test_small_references_go_inside_and_large_ones_are_uploaded_once(fal, sent):
    small = Attachment(picture(64, 64), "image/png")
    sent(order(references=2), [small, small])
    assert fal.count("POST", "/files/upload") == 0
    large = Attachment(b"\\x89PNG" + b"0" * INLINE_BYTES, "image/png")
    sent(order(references=2), [large, large])
    assert fal.count("POST", "/files/upload") == 1
    one, two = list(fal.jobs.values())[-1].arguments["image_urls"]
    assert one == two and one.startswith(fal.url)


def test_an_interrupt_during_an_upload_is_seen_within_a_second_and_nothing_is_submitted(fal, sent):
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
        sent(order(references=1), [large], interrupted)
    assert time.monotonic() - pressed[0] < 1.0
    hold.set()
    assert fal.jobs == {}


def test_an_interrupt_cancels_every_job_of_the_order(fal, sent):
    fal.seconds = 60.0

    def interrupted():
        if len(fal.jobs) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        sent(order(pictures=3), interrupted=interrupted)
    fal.wait_for(lambda: len(fal.cancels) == 3)
    assert sorted(fal.cancels) == sorted(fal.jobs)


def test_the_error_of_a_whole_order_says_first_what_may_be_paid(fal, sent):
    fal.script("POST", "fal-ai/flux-2-pro", Act(status=429, body={"detail": "busy"}))
    fal.answer = lambda job: {"images": [{"url": fal.url + "/files/gone"}]}
    with pytest.raises(Uncollected) as error:
        sent(order(pictures=2))
    (job,) = fal.jobs
    assert error.value.request_id == job and job in str(error.value)
    assert "Of the other 1 requests" in str(error.value)


def test_a_picture_that_is_withheld_or_gone_does_not_cost_its_siblings(fal, sent):
    def answer(job):
        urls = [fal.host(picture(64, 64, str(n))) for n in range(3)] + [fal.url + "/files/gone"]
        return {"images": [{"url": url} for url in urls], "has_nsfw_concepts": [False, True, False, False]}

    fal.answer = answer
    (result,) = sent(order()).results
    assert len(result.pictures) == 2
    assert len(result.faults) == 2 and "safety check" in result.faults[0]


def test_an_interrupt_that_comes_with_the_picture_does_not_throw_it_away(fal, sent):
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
    delivery = sent(what, (), interrupted, Late)
    assert len(delivery.results) == 1 and fal.cancels == []
