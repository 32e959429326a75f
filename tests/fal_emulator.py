"""A fal of our own on the loopback: queue, storage and result files over plain http, with faults on demand.

In a test:   with FalEmulator() as fal: FalClient(key, fal.url) ...
By hand:     python tests/fal_emulator.py --port 8189 --seconds 2, which prints the SWITCHYARD_FAL_URL to set
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PRESETS = {"square_hd": (1024, 1024), "square": (512, 512), "portrait_4_3": (768, 1024)}
PRESETS |= {"portrait_16_9": (576, 1024), "landscape_4_3": (1024, 768), "landscape_16_9": (1024, 576)}
JOB_PATH = re.compile(r"^/[^/]+/[^/]+/requests/([^/]+?)(/status|/cancel)?$")


@dataclass(frozen=True)
class Act:
    """What happens to one request instead of the usual, or before it.

    wait: first this (seconds, or an event to be set). accept: then the usual effect (a job is made). drop:
    then hang up without a word. status: then this reply. With none of these the usual reply follows,
    `trickle` seconds between the bytes of its body, `drip` between those of its head.
    """

    wait: float | threading.Event | None = None
    accept: bool = False
    drop: bool = False
    status: int = 0
    body: Any = None  # bytes go out as they are, everything else as JSON
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    trickle: float = 0.0
    drip: float = 0.0


@dataclass(frozen=True)
class Seen:
    """One request as it came, at `time` (monotonic seconds)."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    time: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class EmulatedJob:
    request_id: str
    endpoint: str
    arguments: dict
    began: float
    queued: float  # seconds
    seconds: float
    cancelled: bool = False

    @property
    def ends(self) -> float:
        return self.began + self.queued + self.seconds

    @property
    def state(self) -> str:
        now = time.monotonic()
        if now < self.began + self.queued:
            return "IN_QUEUE"
        return "IN_PROGRESS" if now < self.ends else "COMPLETED"


class FalEmulator:
    """`seconds` and `queued` are what each new job takes; `answer` may replace a job's own result."""

    def __init__(self, port: int = 0, prefix: str = ""):
        self.prefix = prefix
        self._changed = threading.Condition()
        self.reset()
        self._server = _Server(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{prefix}"
        self._server.begin()

    def reset(self) -> None:
        """As if it had just been started: no history, no faults, and jobs that are done at once."""
        with self._changed:
            self.seconds = 0.0
            self.queued = 0.0
            self.billable_units: str | None = "1.0"
            self.answer: Callable[[EmulatedJob], Any] | None = None
            self.jobs: dict[str, EmulatedJob] = {}
            self.taken: list[str] = []  # request ids of all jobs that were ever made: what would be billed
            self.cancels: list[str] = []  # request ids, one for every cancel that came
            self.files: dict[str, tuple[bytes, str]] = {}
            self.seen: list[Seen] = []
            self._script: list[tuple[str, re.Pattern, list[Act]]] = []

    def __enter__(self) -> FalEmulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.go_away()

    @property
    def closing(self) -> threading.Event:
        """Set while nobody listens."""
        return self._server.closing

    def go_away(self) -> None:
        """As a service that crashes: every connection breaks, and no new one can be made."""
        if not self.closing.is_set():
            self._server.end()

    def come_back(self) -> None:
        """Listens again at the same address, with the jobs and files that are in it."""
        if self.closing.is_set():
            self._server = _Server(self, self._server.server_address[1])
            self._server.begin()

    def script(self, method: str, path: str, *acts: Act) -> None:
        """The next requests of `method` whose path contains the regex get these acts, one each, in order."""
        with self._changed:
            self._script.append((method, re.compile(path), list(acts)))

    def calm(self) -> None:
        """The faults that are scripted and did not happen yet will not."""
        with self._changed:
            self._script.clear()

    def requests(self, method: str, path: str = "") -> list[Seen]:
        with self._changed:
            return [r for r in self.seen if r.method == method and re.search(path, r.path)]

    def count(self, method: str, path: str = "") -> int:
        return len(self.requests(method, path))

    def wait_for(self, condition: Callable[[], Any], timeout: float = 10.0) -> Any:
        """Until the condition holds, looked at after every request. Fails a test that waits in vain."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout), "the emulator waited in vain"
            return condition()

    def host(self, data: bytes, content_type: str = "image/png") -> str:
        """Puts a file under an address of its own and returns that."""
        path = f"/files/{uuid.uuid4().hex}"
        self.files[path] = (data, content_type)
        return self.url + path

    def note(self, seen: Seen) -> Act | None:
        with self._changed:
            self.seen.append(seen)
            self._changed.notify_all()
            for method, path, acts in self._script:
                if acts and method == seen.method and path.search(seen.path):
                    return acts.pop(0)
        return None

    def reply(self, seen: Seen) -> tuple[int, Any, dict[str, str], str]:
        """The usual status, body, headers and content type."""
        path = urlsplit(seen.path).path
        if not path.startswith(self.prefix + "/"):
            return _json(404, {"detail": "Not Found"})
        path = path[len(self.prefix) :]
        login = seen.headers.get("authorization", "")
        if seen.method == "GET" and path in self.files:
            return 200, self.files[path][0], {}, self.files[path][1]
        if seen.method == "POST" and path == "/files/upload" and login == "Bearer cdn-token":
            return _json(200, {"access_url": self.host(seen.body, seen.headers.get("content-type", ""))})
        if not login.startswith("Key "):
            return _json(401, {"detail": "Cannot access application"})
        if seen.method == "POST" and path == "/storage/auth/token":
            return _json(200, {"token": "cdn-token", "token_type": "Bearer", "base_url": self.url})
        if job_path := JOB_PATH.match(path):
            return self._ask(seen.method, job_path[1], job_path[2] or "")
        if seen.method == "POST" and path.count("/") > 1:
            return _json(200, self._take(path.strip("/"), seen.body))
        return _json(404, {"detail": "Not Found"})

    def _take(self, endpoint: str, body: bytes) -> dict:
        began, asked = time.monotonic(), json.loads(body)
        job = EmulatedJob(uuid.uuid4().hex, endpoint, asked, began, self.queued, self.seconds)
        with self._changed:
            self.jobs[job.request_id] = job
            self.taken.append(job.request_id)
            self._changed.notify_all()
        return {"status": "IN_QUEUE", "queue_position": 0, **self._addresses(job)}

    def _addresses(self, job: EmulatedJob) -> dict[str, str]:
        at = f"{self.url}/{'/'.join(job.endpoint.split('/')[:2])}/requests/{job.request_id}"
        urls = {"response_url": at, "status_url": at + "/status", "cancel_url": at + "/cancel"}
        return {"request_id": job.request_id, **urls}

    def _ask(self, method: str, request_id: str, about: str) -> tuple[int, Any, dict[str, str], str]:
        job = self.jobs.get(request_id)
        if job is None:
            return _json(404, {"detail": "Request not found"})
        if method == "PUT" and about == "/cancel":
            late = job.state == "COMPLETED"
            job.cancelled = job.cancelled or not late
            with self._changed:
                self.cancels.append(request_id)
                self._changed.notify_all()
            word = "ALREADY_COMPLETED" if late else "CANCELLATION_REQUESTED"
            return _json(400 if late else 202, {"status": word})
        if job.cancelled:
            return _json(499, {"detail": "Request was cancelled", "error_type": "client_cancelled"})
        if about == "/status":
            body: dict[str, Any] = {"status": job.state, **self._addresses(job), "logs": None}
            if job.state == "IN_QUEUE":
                others = [other for other in list(self.jobs.values()) if other.state == "IN_QUEUE"]
                body["queue_position"] = sum(other.began < job.began for other in others)
            return _json(200 if job.state == "COMPLETED" else 202, body)
        if job.state != "COMPLETED":
            return _json(400, {"detail": "Request is still in progress"})
        answer = self.answer(job) if self.answer else None
        units = {} if self.billable_units is None else {"x-fal-billable-units": self.billable_units}
        headers = {"x-fal-request-id": request_id, **units}
        return 200, self._draw(job) if answer is None else answer, headers, "application/json"

    def _draw(self, job: EmulatedJob) -> dict:
        asked = job.arguments
        size, seed, layers = asked.get("image_size"), asked.get("seed", 7), "layered" in job.endpoint
        box = (size["width"], size["height"]) if isinstance(size, dict) else PRESETS.get(size, (1024, 1024))
        number = asked.get("num_layers", 4) if layers else asked.get("num_images", 1)
        images = []
        for i in range(number):
            url = self.host(picture(*box, f"{seed} {asked.get('prompt', '')} {i}", alpha=layers))
            about = {"content_type": "image/png", "file_name": f"{i}.png", "width": box[0], "height": box[1]}
            images.append({"url": url, **about})
        calm = {"has_nsfw_concepts": [False] * number}
        return {"images": images, "seed": seed, "prompt": asked.get("prompt"), **calm}


def picture(width: int, height: int, words: str = "", alpha: bool = False, form: str = "PNG") -> bytes:
    """An encoded picture, coloured after the words; with alpha, its left half is see-through."""
    from PIL import Image

    colour = tuple(hashlib.sha256(words.encode()).digest()[:3])
    image = Image.new("RGBA" if alpha else "RGB", (width, height), (*colour, 255) if alpha else colour)
    if alpha:
        image.paste((*colour, 0), (0, 0, max(1, width // 2), height))
    data = io.BytesIO()
    image.save(data, form)
    return data.getvalue()


def _json(status: int, body: Any) -> tuple[int, Any, dict[str, str], str]:
    return status, body, {}, "application/json"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, fal: FalEmulator, port: int):
        super().__init__(("127.0.0.1", port), _Talk)
        self.fal = fal
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()

    def begin(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        pass  # clients hang up in the middle: that is what the tests are about


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: object) -> None:
        pass

    def _talk(self) -> None:
        fal = self.server.fal
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        closing = self.server.closing
        if closing.is_set():
            self.close_connection = True
            return
        seen = Seen(self.command, self.path, headers, body, time.monotonic())
        act = fal.note(seen) or Act()
        usual = fal.reply(seen) if act.accept else None
        if isinstance(act.wait, threading.Event):
            while not act.wait.wait(0.02) and not closing.is_set():
                pass
        elif act.wait:
            closing.wait(act.wait)
        if act.drop or closing.is_set():
            self.close_connection = True
        elif act.status:
            self._write(act, act.status, act.body, act.headers, act.content_type)
        else:
            self._write(act, *(usual or fal.reply(seen)))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _talk

    def _write(self, act: Act, status: int, body: Any, headers: dict[str, str], kind: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        head, self._headers_buffer = b"".join(self._headers_buffer) + b"\r\n", []
        with contextlib.suppress(OSError):
            self._pour(head, act.drip)
            self._pour(data, act.trickle)

    def _pour(self, data: bytes, pause: float) -> None:
        """All at once, or byte by byte with so many seconds between them."""
        step = 1 if pause else len(data) or 1
        for start in range(0, len(data), step):
            self.wfile.write(data[start : start + step])
            if pause and self.server.closing.wait(pause):
                return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8189)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a job takes")
    chosen = parser.parse_args()
    with FalEmulator(chosen.port) as emulator, contextlib.suppress(KeyboardInterrupt):
        emulator.seconds = chosen.seconds
        print(f"SWITCHYARD_FAL_URL={emulator.url}", flush=True)
        threading.Event().wait()
