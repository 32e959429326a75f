"""A test's hold on a running ComfyUI: it queues a prompt, listens until the end and tells what happened."""

import asyncio
import struct
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

_TEXT, _PREVIEWS = 3, (1, 4)  # ComfyUI's BinaryEventTypes: progress text, preview pictures


@dataclass(frozen=True)
class Failure:
    """What ComfyUI shows in its error dialog."""

    node: str
    message: str
    kind: str


@dataclass
class Run:
    """One queued prompt, from the answer to the last event."""

    status: str = ""  # "success", "error", "interrupted"; "rejected": validation failed and nothing ran
    outputs: dict[str, dict] = field(default_factory=dict)  # node id -> what its output node showed
    executed: list[str] = field(default_factory=list)  # in order; a lazy node is in it once for each attempt
    cached: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)  # what the testing pack's nodes told: "loader flux"
    error: Failure | None = None
    rejected: dict | None = None  # the body of the HTTP 400
    texts: dict[str, str] = field(default_factory=dict)  # node id -> the last progress text under the node
    said: list[tuple[str, str]] = field(default_factory=list)  # every progress text: (node id, text)
    previews: int = 0
    seconds: float = 0.0  # wall time


class Comfy:
    """The session's `server` (a ComfyServer: get, post, request, log_text), the `fal` emulator, and `run`."""

    def __init__(self, server, fal):
        self.server, self.fal = server, fal
        self.url: str = server.url
        self.base: Path = server.base  # models, input, output, temp, user

    def run(
        self,
        graph: dict,
        timeout: float = 60,
        *,
        extra: dict | None = None,
        on_node: Callable[[str], None] | None = None,
        on_text: Callable[[str, str], None] | None = None,
    ) -> Run:
        """Queue `graph` (API format) and wait for its end.

        `extra` joins the prompt's `extra_data`. `on_node` is called, off the event loop, with each node id
        that starts, `on_text` with node id and text of each progress text; there a test presses Cancel
        (`interrupt`). Raises TimeoutError after `timeout` seconds, having cancelled the prompt.
        """
        return asyncio.run(self._run(graph, timeout, extra or {}, on_node, on_text))

    def interrupt(self) -> None:
        """Press Cancel."""
        self.server.post("/interrupt", {})

    def saved(self, run: Run, node: str) -> list[Path]:
        """The files that a SaveImage or PreviewImage node wrote."""
        images = run.outputs[node]["images"]
        return [self.base / image["type"] / image["subfolder"] / image["filename"] for image in images]

    async def _run(self, graph, timeout, extra, on_node, on_text) -> Run:
        run, client = Run(), uuid.uuid4().hex
        body = {"prompt": graph, "client_id": client, "extra_data": extra}
        started = time.monotonic()
        async with (
            aiohttp.ClientSession(self.url) as session,
            session.ws_connect(f"/ws?clientId={client}", max_msg_size=0) as socket,
        ):
            async with session.post("/prompt", json=body) as answer:
                queued = await answer.json()
                if answer.status != 200:
                    run.status, run.rejected = "rejected", queued
                    return run
            prompt = queued["prompt_id"]
            try:
                await asyncio.wait_for(_listen(socket, prompt, run, on_node, on_text), timeout)
            except asyncio.TimeoutError:  # the builtin one only from Python 3.11
                await session.post("/interrupt", json={"prompt_id": prompt})
                raise TimeoutError(f"no end after {timeout} s; ran {run.executed}") from None
            run.seconds = time.monotonic() - started
            async with session.get(f"/history/{prompt}") as answer:
                history = (await answer.json())[prompt]
        run.outputs = history["outputs"]
        run.status = run.status or history["status"]["status_str"]
        return run


async def _listen(socket, prompt: str, run: Run, on_node, on_text) -> None:
    async for message in socket:
        if message.type == aiohttp.WSMsgType.BINARY:
            before = len(run.said)
            _binary(message.data, run)
            if on_text is not None and len(run.said) > before:
                await asyncio.to_thread(on_text, *run.said[-1])
        elif message.type == aiohttp.WSMsgType.TEXT:
            event = message.json()
            data = event["data"]
            if data.get("prompt_id", prompt) != prompt:
                continue
            if event["type"] == "executing" and data["node"] is None:  # sent once the history has the outputs
                return
            _event(event["type"], data, run)
            if event["type"] == "executing" and on_node is not None:
                await asyncio.to_thread(on_node, data["node"])
    raise ConnectionError("ComfyUI closed the connection: its log says why")


def _event(kind: str, data: dict, run: Run) -> None:
    if kind == "executing":
        run.executed.append(data["node"])
    elif kind == "execution_cached":
        run.cached.extend(data["nodes"])
    elif kind == "switchyard_test_ran":
        run.ran.append(data["ran"])
    elif kind == "execution_interrupted":
        run.status = "interrupted"
    elif kind == "execution_error":
        run.error = Failure(data["node_id"], data["exception_message"], data["exception_type"])


def _binary(data: bytes, run: Run) -> None:
    (kind,) = struct.unpack_from(">I", data)
    if kind in _PREVIEWS:
        run.previews += 1
    elif kind == _TEXT:
        (length,) = struct.unpack_from(">I", data, 4)
        node, text = data[8 : 8 + length].decode(), data[8 + length :].decode()
        run.texts[node] = text
        run.said.append((node, text))
