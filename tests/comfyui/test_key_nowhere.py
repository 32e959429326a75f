"""A planted key after a whole life of a server at --verbose DEBUG: in its private file, and in no other place.

Once the key was saved through our route; once it is in the environment, quoted and with a line end, and another one was
saved, which it hides. The service, a gateway gone mad, says the key back in bodies, headers and pages.
"""

import asyncio
import base64
import io
import json
import os
import sqlite3
import urllib.parse
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from PIL import Image, PngImagePlugin
from switchyard.tests.comfyui.graphs import node, remote, router
from switchyard.tests.fal_emulator import Act, FalEmulator, picture
from switchyard.tools.environment import find_python
from switchyard.tools.server import ComfyServer

ROOT = Path(__file__).resolve().parents[2]
KEY = "c7a1d5e2-90b4-4f3d-8a66-1be0f2a97d34:f3e9a0c47b1d5826e0f49c3ab7d61852"
OTHER = "d8b2e6f3-a1c5-4e4e-9b77-2cf1a3ba8e45:a4fab1d58c2e6937f1a5ad4bc8e72963"
PRIVATE = "user/__switchyard/credentials.json"

HEADERS = {"X-Echo": f"Key {KEY}", "Set-Cookie": f"a={KEY.split(':')[1]}"}
PAGE = f"<html><h1>It works</h1><pre>Authorization: Key {KEY}</pre></html>".encode()
DETAIL = [
    {"loc": ["header", f"Key {KEY}"], "type": "missing", "msg": f"Key {KEY}", "input": KEY, "ctx": {KEY: KEY}}
]
TAKEN = r"^/fal-ai/flux-2/klein/4b$"
RESULT = r"/requests/[0-9a-f]+$"
# What the service does, and the end of the run. Pages and drops come where they are no reason to send twice.
ECHOES = [
    ("POST", TAKEN, Act(accept=True), "success"),
    ("POST", TAKEN, Act(status=401, body={"detail": f"no such key: {KEY}"}, headers=HEADERS), "error"),
    ("POST", TAKEN, Act(status=422, body={"detail": DETAIL}, headers=HEADERS), "error"),
    ("POST", TAKEN, Act(status=403, body=PAGE, content_type="text/html", headers=HEADERS), "error"),
    ("POST", TAKEN, Act(status=502, body=PAGE, content_type=f"text/html; {KEY}"), "error"),
    ("POST", TAKEN, Act(status=302, headers={"Location": f"/login?key={KEY}", **HEADERS}), "error"),
    ("POST", TAKEN, Act(status=200, body={"request_id": KEY, "status_url": KEY}), "error"),
    ("POST", TAKEN, Act(status=200, body=PAGE, headers={f"X {KEY}": "no header"}), "error"),
    ("POST", TAKEN, Act(drop=True), "error"),
    ("GET", "/status", Act(status=500, body=PAGE, headers=HEADERS), "success"),
    ("GET", RESULT, Act(status=422, body={"detail": DETAIL}, headers=HEADERS), "error"),
    ("GET", RESULT, Act(status=200, body={"error": f"Key {KEY}", "detail": DETAIL}), "error"),
    ("GET", "^/files/", Act(status=410, body=PAGE, headers=HEADERS), "error"),
    ("GET", "^/files/", Act(status=200, body=PAGE), "error"),
]  # fmt: skip


class Life:
    """A server, what it sent over its websocket, and what our route and its errors answered."""

    def __init__(self, server: ComfyServer, fal: FalEmulator):
        self.server, self.fal = server, fal
        self.events: list[bytes] = []
        self.ends: list[str] = []
        self.replies: list[bytes] = []

    def tell(self, entries, method: str = "POST") -> dict:
        body = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
        _, answer = self.server.request(method, "/switchyard/key", body)
        self.replies.append(answer)
        return json.loads(answer)

    def run(self, prompt: str) -> None:
        size = {"model.width": 64, "model.height": 64}
        graph = {
            "draw": remote("SwitchyardFluxRemote", prompt, "flux-2-klein-4b", **size),
            "save": node("SaveImage", images=["draw", 0], filename_prefix="nowhere"),
            "route": router(prompt),
            "show": node("PreviewAny", source=["route", 8]),
        }
        events = asyncio.run(_events(self.server.url, graph))
        self.events += events
        kinds = [json.loads(event).get("type") for event in events if event[:1] == b"{"]
        (end,) = {"execution_success", "execution_error"} & set(kinds)
        self.ends.append(end.removeprefix("execution_"))


@pytest.fixture(scope="module", params=["saved", "environment"])
def life(request, tmp_path_factory):
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    saved = request.param == "saved"
    with FalEmulator() as fal:
        environment = {"FAL_KEY": None if saved else f' "{KEY}"\n', "SWITCHYARD_FAL_URL": fal.url}
        environment["SWITCHYARD_DAILY_BUDGET"] = None
        options = ["--cpu", "--disable-api-nodes", "--verbose", "DEBUG"]
        base = tmp_path_factory.mktemp("life")
        python = find_python(comfyui, os.environ)
        with ComfyServer(python, comfyui, base, ROOT, extra=options, env=environment) as server:
            lived = Life(server, fal)
            _live(lived, KEY if saved else OTHER)
            yield lived


def _live(life: Life, saved: str) -> None:
    for wrong in ({"key": f"{KEY}:more"}, {"key": [KEY]}, {KEY: KEY}, {"key": {KEY: 1}}, [KEY]):
        assert "error" in life.tell(wrong)
    assert "error" in life.tell(f'{{"key": "{KEY}'.encode())
    assert "error" in life.tell({"key": KEY}, "PUT")
    life.tell({"key": saved})
    for number, (method, path, act, end) in enumerate(ECHOES):
        life.fal.script(method, path, act)
        life.run(f"heron {number}")
        assert life.ends[-1] == end, f"{act}: {life.server.last_words()}"
    life.fal.answer = lambda job: {
        "images": [{"url": life.fal.host(picture(64, 64)), "file_name": "a.png"}],
        "prompt": KEY,
        "logs": [f"Authorization: Key {KEY}"],
        "timings": {KEY: 1},
    }
    life.run("a heron that says it back")
    seen = [request for request in life.fal.seen if "authorization" in request.headers]
    assert {request.headers["authorization"] for request in seen} == {f"Key {KEY}"} and len(seen) > len(
        ECHOES
    )
    life.fal.__exit__()
    life.run("a heron without a network")
    assert life.ends[-2:] == ["success", "error"]


async def _events(url: str, graph: dict) -> list[bytes]:
    """Every message of one run, as it came."""
    events = []
    async with (
        aiohttp.ClientSession(url) as session,
        session.ws_connect("/ws?clientId=me", max_msg_size=0) as socket,
    ):
        async with session.post("/prompt", json={"prompt": graph, "client_id": "me"}) as answer:
            assert answer.status == 200, await answer.text()
        while True:
            message = await asyncio.wait_for(socket.receive(), 60)
            events.append(message.data if isinstance(message.data, bytes) else str(message.data).encode())
            if message.type == aiohttp.WSMsgType.TEXT:
                event = message.json()
                if event["type"] == "executing" and event["data"]["node"] is None:
                    return events


def holds(data: bytes) -> set[str]:
    """Which of the keys' forms are in it."""
    return {name for key in (KEY, OTHER) for name, form in _forms(key) if form in data}


def _forms(key: str) -> Iterator[tuple[str, bytes]]:
    whole = key.encode()
    yield "whole", whole
    yield from zip(("id", "secret"), whole.split(b":"), strict=True)
    for shift in range(3):  # base64 of a longer text that has it somewhere inside
        text = base64.b64encode(bytes(shift) + whole)
        yield f"base64 at {shift}", text[-(-8 * shift // 6) : -4]


def texts(file: Path) -> bytes:
    """A file's bytes, and what is packed in them: a picture's metadata, a database's rows."""
    data = file.read_bytes()
    packed = []
    if data.startswith(b"SQLite format 3\0"):
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as rows:
            packed = list(rows.iterdump())
    elif data.startswith(b"\x89PNG"):
        with Image.open(io.BytesIO(data)) as image:
            packed = [repr(image.info)]
    return b"\n".join([data, *(text.encode() for text in packed)])


@pytest.mark.parametrize("form", ["whole", "id", "secret", "Basic", "x: Basic"])
def test_the_search_finds_every_form_wherever_it_lies(tmp_path, form):
    name, secret = KEY.split(":")
    basic = [base64.b64encode(f"{'u:'[:n]}{KEY}:".encode()).decode() for n in range(3)]
    planted = {"whole": [KEY], "id": [name], "secret": [secret], "Basic": basic[:1], "x: Basic": basic[1:]}[
        form
    ]
    for text in planted:
        (tmp_path / "plain").write_bytes(b"\xff" + text.encode())
        metadata = PngImagePlugin.PngInfo()
        metadata.add_text("prompt", text * 50, zip=True)
        Image.new("RGB", (1, 1)).save(tmp_path / "png", "PNG", pnginfo=metadata)
        with closing(sqlite3.connect(tmp_path / "rows")) as rows:
            rows.execute("CREATE TABLE t (x)")
            rows.execute("INSERT INTO t VALUES (?)", ("-" * 4000 + text,))  # over the edge of its page
            rows.commit()
        assert all(holds(texts(tmp_path / file)) for file in ("plain", "png", "rows"))
        assert not holds(
            zlib.compress(text.encode() * 50)
        )  # the packed ones were found because they were unpacked
        (tmp_path / "rows").unlink()


def test_of_all_files_only_the_private_one_holds_it(life):
    base, found = life.server.base, {}
    files = [file for file in base.rglob("*") if file.is_file() and not file.is_symlink()]
    for file in files:
        if forms := holds(texts(file)):
            found[file.relative_to(base).as_posix()] = forms
    assert found == {PRIVATE: {"whole", "id", "secret"}}
    kinds = {file.suffix for file in files}
    assert {".png", ".json", ".log", ".db"} <= kinds and any("sqlite" in kind for kind in kinds)


def test_no_event_holds_it(life):
    assert life.ends.count("success") == 3 and life.ends.count("error") == len(ECHOES) - 1
    told = b"\n".join(life.events)
    assert b'"traceback"' in told and b'"current_inputs"' in told and b"did not accept the key" in told
    assert not holds(told)


def test_no_answer_of_ours_holds_it(life):
    assert not holds(b"\n".join(life.replies))
    standing = life.tell({})
    if life.server.env["FAL_KEY"]:
        assert standing == {"present": True, "source": "environment variable FAL_KEY", "shadowed": True}
    else:
        assert standing == {"present": True, "source": "credentials.json", "shadowed": False}


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_no_answer_of_comfyui_holds_it(life, prefix):
    always = (
        "/history",
        "/object_info",
        "/settings",
        "/system_stats",
        "/queue",
        "/userdata?dir=.&recurse=true",
    )
    more = ("/prompt", "/users", "/features", "/extensions", "/i18n", "/workflow_templates", "/v2/userdata?path=",
            "/userdata?dir=..&recurse=true", "/global_subgraphs", "/models", "/embeddings", "/switchyard/key")  # fmt: skip
    for path in always:
        status, answer = life.server.request("GET", prefix + path)
        assert status == 200 and not holds(answer), path
    for path in (*more, "/jobs", "/internal/logs", "/internal/logs/raw", "/internal/folder_paths"):
        assert not holds(life.server.request("GET", prefix + path)[1]), path
    history = life.server.get(prefix + "/history")
    assert len(history) == len(life.ends)


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_nobody_reads_the_private_folder_over_http(life, prefix):
    held = (life.server.base / PRIVATE).read_bytes()
    assert holds(held)
    for method, path in _burglaries(life.server.base):
        for headers in ({}, {"comfy-user": "__switchyard"}):
            _, answer = life.server.request(method, prefix + path, headers=headers)
            assert not holds(answer) and b"credentials.json" not in answer, path
    assert (life.server.base / PRIVATE).read_bytes() == held


def _burglaries(base: Path) -> Iterator[tuple[str, str]]:
    name = "credentials.json"
    for way in (
        f"../__switchyard/{name}",
        f"__switchyard/{name}",
        name,
        f"../../{PRIVATE}",
        str(base / PRIVATE),
    ):
        once = urllib.parse.quote(way, safe="")
        for written in (way, once, urllib.parse.quote(once), once.replace("%2F", "%5C")):
            yield "GET", f"/userdata/{written}"
            yield "POST", f"/userdata/{written}/move/stolen.txt"
            yield "GET", f"/extensions/ComfyUI-Switchyard/{written}"
            yield "GET", f"/workflow_templates/ComfyUI-Switchyard/{written}"
            yield "GET", f"/{written.lstrip('/')}"
        for kind in ("output", "input", "temp", "user"):
            yield "GET", f"/view?filename={once}&type={kind}"
            yield (
                "GET",
                f"/view?filename={name}&subfolder={urllib.parse.quote(os.path.dirname(way))}&type={kind}",
            )
        yield "GET", f"/view_metadata/loras?filename={once}"
        yield "GET", f"/experiment/models/preview/loras/0/{once}"
    for folder in ("__switchyard", "../__switchyard", "../../user/__switchyard"):
        yield "GET", f"/userdata?dir={folder}&recurse=true&full_info=true"
        yield "GET", f"/v2/userdata?path={folder}"
    yield "GET", f"/user/__switchyard/{name}"
    yield "GET", f"/switchyard/{name}"


def test_the_log_is_a_whole_one_and_clean(life):
    """That the file is clean is in the search above; here, that there was something to clean."""
    log = life.server.log_text()
    assert "receive_response_headers.complete" in log and "Traceback" in log
    assert log.count("[hidden]") >= 2 * len([act for _, _, act, _ in ECHOES if act.headers])
    assert not holds(log.encode())
