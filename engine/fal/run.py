"""One job from request to pictures in an event loop that stays free to draw progress and to hear "cancel".

The HTTP calls block, so they have a thread of their own. It is a daemon and not one of the loop's executor:
ComfyUI runs every prompt in a loop of its own and closes it with `asyncio.run`, which waits for the
executor's threads; an interrupt would hang there for as long as the service does.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..errors import Dropped, Failed, Refused, RemoteError, Uncollected
from .job import Job, Result, Status

if TYPE_CHECKING:
    from .client import FalClient

BEAT = 0.2  # seconds between two looks at the interrupt
PATIENCE = (
    0.6  # seconds that an interrupt waits for the cancel's answer; the cancel itself goes on without it
)

_under_way: set[_Errand] = set()


class Watcher:
    """Hears what becomes of a job, in the thread that does the work, also after an interrupt. This one writes nothing."""

    def taken(self, job: Job) -> None:
        pass

    def delivered(self, result: Result) -> None:
        pass

    def cancelled(self, word: str, queued: bool) -> None:
        """`word`: what the service said to the cancel, "" where it said nothing. queued: it had not begun when last heard of."""

    def failed(self, error: BaseException, known: bool) -> None:
        pass

    def not_begun(self) -> None:
        """Cancelled before anything was sent; nothing more will be heard."""

    def over(self) -> None:
        """Nothing more will be heard."""


async def run(
    client: FalClient,
    endpoint: str,
    arguments: Mapping[str, object],
    on_status: Callable[[Status], None],
    interrupted: Callable[[], None],
    watch: Watcher | None = None,
    job: Job | None = None,
) -> Result:
    """Submits, follows and collects. `on_status` and `interrupted` are called in the loop's own thread.

    `interrupted` raises whatever a cancelled prompt raises in ComfyUI. On that, and on the task's own cancellation, the job
    is cancelled with the service, once, also where its reply is still outstanding. `job` is one that is under way
    already: it is followed, and nothing is submitted. Raises what FalClient's submit, follow and collect raise.
    """
    watch = watch or Watcher()
    try:
        interrupted()
    except BaseException:
        watch.not_begun()
        raise
    errand = _Errand(client, endpoint, arguments, asyncio.get_running_loop(), watch, job)
    errand.start()
    try:
        while not errand.over.done():
            await asyncio.wait([errand.over], timeout=BEAT)
            for status in errand.news():
                on_status(status)
            if not errand.over.done():  # what is here is paid for: it is handed over, interrupt or not
                interrupted()
        return errand.outcome()
    except BaseException:
        await errand.abandon()
        raise


def stop_all(patience: float) -> None:
    """This process is about to end: every job is cancelled with the service, or, where it has just ended, brought home.

    Waits `patience` seconds at most; what is still under way then is in the journal. The threads that are there do it: at
    the end of a process no new ones can be started.
    """
    until = time.monotonic() + patience
    for errand in list(_under_way):
        errand.stop()
    for errand in list(_under_way):
        errand.ended.wait(max(0.0, until - time.monotonic()))


class _Errand:
    """The thread that does the work, and the agreement on who cancels the job: whoever claims it first."""

    def __init__(
        self,
        client: FalClient,
        endpoint: str,
        arguments: Mapping[str, object],
        loop: asyncio.AbstractEventLoop,
        watch: Watcher,
        job: Job | None,
    ):
        self.over: asyncio.Future[None] = loop.create_future()
        self.ended = threading.Event()
        self._client = client
        self._endpoint = endpoint
        self._arguments = arguments
        self._loop = loop
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._news: queue.SimpleQueue[Status] = queue.SimpleQueue()
        self._job = job
        self._state = "" if job else "queued"  # as far as the service has said
        self._watch = watch
        self._at_it = 1  # threads; the last one says that it is over
        self._settled = (
            False  # nothing is left to cancel: the job has ended, or somebody has claimed the cancel
        )
        self._result: Result | None = None
        self._error: BaseException | None = None

    def start(self) -> None:
        _under_way.add(self)
        try:
            threading.Thread(target=self._work, name="switchyard-fal", daemon=True).start()
        except RuntimeError:
            _under_way.discard(self)
            self._watch.not_begun()
            raise Refused(
                "This computer has no thread left for the job, so nothing was sent: close what you do not need."
            ) from None

    def stop(self) -> None:
        """The thread cancels the job and ends."""
        with self._lock:
            self._stop.set()

    def news(self) -> list[Status]:
        fresh = []
        with contextlib.suppress(queue.Empty):
            while True:
                fresh.append(self._news.get_nowait())
        return fresh

    def outcome(self) -> Result:
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise Dropped(
                "ComfyUI is being shut down: the job was cancelled.",
                self._job.request_id if self._job else "",
            )
        return self._result

    async def abandon(self) -> None:
        """Stops the thread; the job is cancelled by us, or by the thread as soon as it knows the job."""
        with self._lock:
            self._stop.set()
            job = self._job
        if job is None or not self._claim():
            return
        answered: asyncio.Future[None] = self._loop.create_future()
        with self._lock:
            self._at_it += 1

        def cancel() -> None:
            self._watch.cancelled(self._client.cancel(job), self._state == "queued")
            self._leave()
            self._tell(answered)

        try:
            threading.Thread(target=cancel, name="switchyard-fal-cancel", daemon=True).start()
        except RuntimeError:
            cancel()  # no thread left: the loop waits for the service instead
        await asyncio.wait([answered], timeout=PATIENCE)

    def _work(self) -> None:
        job, ended = self._job, False  # ended: with the service, so that there is nothing to cancel
        try:
            if job is None:
                job = self._client.submit(self._endpoint, self._arguments)
                self._watch.taken(job)
            with self._lock:
                self._job = job
            self._follow(job)
            if not self._stop.is_set():
                ended = True
                self._result = self._result or self._client.collect(job)
                self._watch.delivered(self._result)
        except BaseException as error:
            self._error = error
            # What is out of sight is left to end: the next run joins it. A cancel could cost a picture that is being paid for.
            ended = ended or isinstance(error, (Failed, Uncollected))
            self._watch.failed(error, job is not None)
        finally:
            if job is not None and not ended and self._claim():
                self._watch.cancelled(self._client.cancel(job), self._state == "queued")
            self._leave()
            self._settle()
            _under_way.discard(self)
            self.ended.set()
            self._tell(self.over)

    def _follow(self, job: Job) -> None:
        try:
            self._client.follow(job, self._heard, self._stop)
        except Uncollected:
            with contextlib.suppress(RemoteError):  # out of sight is not undone: perhaps the picture is there
                self._result = self._client.collect(job)
            if self._result is None:
                raise

    def _heard(self, status: Status) -> None:
        self._state = status.state
        self._news.put(status)

    def _leave(self) -> None:
        """While a cancel is out, whoever asks for the same must still wait: its answer decides what becomes of the request."""
        with self._lock:
            self._at_it -= 1
            last = not self._at_it
        if last:
            self._watch.over()

    def _settle(self) -> None:
        with self._lock:
            self._settled = True

    def _claim(self) -> bool:
        with self._lock:
            mine, self._settled = not self._settled, True
            return mine

    def _tell(self, future: asyncio.Future[None]) -> None:
        def mark() -> None:
            if not future.done():
                future.set_result(None)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(mark)
