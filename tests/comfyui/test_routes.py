"""Our HTTP routes: whom they answer, what they refuse, and the key that one of them saves and removes."""

import gzip
import http.client
import json
import os
import re
import socket
import stat
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import pytest
from switchyard.tests.comfyui.graphs import node, remote
from switchyard.tools.environment import find_python

ROOT = Path(__file__).resolve().parents[2]
PATH = "/switchyard/key"
KEY = "33333333-2222-4333-8444-666666666666:9876543210abcdef9876543210abcdef"
JSON = {"Content-Type": "application/json"}
NOBODY = {"present": False, "source": "", "shadowed": False}
LIMIT = 16 * 1024


@pytest.fixture
def file(comfy):
    """Where the key is saved; there is none before and after."""
    path = comfy.base / "user" / "__switchyard" / "credentials.json"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def ask(comfy, body=b"{}", headers=JSON, method="POST", path=PATH):
    """The status, the headers (names in lower case) and the body of one request, sent as it is."""
    with closing(http.client.HTTPConnection("127.0.0.1", comfy.server.port, timeout=20)) as connection:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        if "Transfer-Encoding" not in headers and "Content-Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        with suppress(OSError):  # it has answered, and listens no longer
            connection.send(body)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def tell(comfy, entries) -> tuple[int, dict]:
    status, headers, answer = ask(comfy, json.dumps(entries).encode())
    assert headers["content-type"].startswith("application/json") and headers["cache-control"] == "no-store"
    return status, json.loads(answer)


def assert_refused(answer, status: int, word: str):
    got, headers, body = answer
    assert (got, headers["cache-control"]) == (status, "no-store")
    said = json.loads(body)
    assert list(said) == ["error"] and word in said["error"] and said["error"].count(". ") == 0


def test_a_saved_key_buys_and_a_removed_one_does_not(comfy, file):
    assert tell(comfy, {}) == (200, NOBODY)
    assert tell(comfy, {"key": f" {KEY}\n"}) == (
        200,
        {"present": True, "source": "credentials.json", "shadowed": False},
    )
    assert json.loads(file.read_text()) == {"fal": KEY}
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [other.name for other in file.parent.glob("*credentials*")] == [file.name]
    comfy.fal.seen.clear()
    run = comfy.run(drawn("a wren with a key"))
    assert (run.status, run.error) == ("success", None)
    logins = {seen.headers.get("authorization") for seen in comfy.fal.seen if seen.method == "POST"}
    assert logins == {f"Key {KEY}"}
    assert tell(comfy, {"key": ""}) == tell(comfy, {"key": ""}) == tell(comfy, {}) == (200, NOBODY)
    assert not file.exists()
    run = comfy.run(drawn("a wren without a key"))
    assert run.status == "error" and run.error.kind.endswith("NoKey")
    assert comfy.fal.count("POST") == 1


def drawn(prompt: str) -> dict:
    size = {"model.width": 64, "model.height": 64}
    return {
        "draw": remote("SwitchyardFluxRemote", prompt, "flux-2-klein-4b", **size),
        "save": node("SaveImage", images=["draw", 0], filename_prefix="route"),
    }


@pytest.mark.parametrize(
    "entries",
    [{"key": f"{KEY}:more"}, {"key": "tellNobody"}, {"key": "tellNobody:with space"}, {"key": "tellNobody:\ud800"},
     {"key": "tellNobody:" + "x" * 5000}, {"key": ["tellNobody"]}, {"key": {"tellNobody": 1}}, {"key": None},
     {"key": 5}, {"tellNobody": KEY}, {"key": KEY, "tellNobody": 1}],
)  # fmt: skip
def test_what_is_no_key_is_refused_and_not_said_again(comfy, file, entries):
    status, answer = tell(comfy, entries)
    assert status == 400 and list(answer) == ["error"]
    assert "tellNobody" not in answer["error"] and KEY[:36] not in answer["error"]
    assert not file.exists()


def test_a_broken_file_is_said_then_saved_over_or_removed(comfy, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    for way, after in ((KEY, True), ("", False)):
        file.write_text('{"fal": ')
        status, answer = tell(comfy, {})
        assert status == 400 and "Save the key again" in answer["error"]
        assert tell(comfy, {"key": way})[1]["present"] is after


@pytest.mark.skipif(os.name != "posix", reason="a folder in its place is another error there")
def test_a_place_that_cannot_be_written_is_said(comfy, file):
    file.mkdir(parents=True)
    try:
        status, answer = tell(comfy, {"key": KEY})
        assert (
            status == 400
            and "private user folder" in answer["error"]
            and str(comfy.base) not in answer["error"]
        )
        assert not list(file.parent.glob(".credentials*"))
    finally:
        file.rmdir()


@pytest.mark.parametrize("path", [PATH, "/api" + PATH])
def test_comfyuis_own_page_is_answered(comfy, file, path):
    port = comfy.server.port
    for place in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}", "192.0.2.7", "192.0.2.7:80"):
        own = {
            "Host": place,
            "Origin": f"http://{place.lower().removesuffix(':80')}",
            "Sec-Fetch-Site": "same-origin",
        }
        assert ask(comfy, headers={**JSON, **own}, path=path)[0] == 200, place
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        assert ask(comfy, headers={"Content-Type": kind, "Sec-Fetch-Site": "none"}, path=path)[0] == 200


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "http://evil.example:{port}"},
    {"Origin": "https://192.0.2.8"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://{host}@evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "file://"},
    {"Origin": "chrome-extension://{host}"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://{host}", "Sec-Fetch-Site": "same-site"},
]
# ComfyUI itself stumbles over these (500), unless it is told to let other pages in.
MALFORMED = ["http://127.0.0.1:8188.evil.example", "http://127.0.0.1:99999999", "http://[::1"]


# ComfyUI refuses some of these itself, but only when it is asked for as localhost: so as something else, too.
@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "192.0.2.7:{port}"])
@pytest.mark.parametrize("told", FOREIGN, ids=str)
def test_a_foreign_page_is_refused(comfy, file, told, host):
    host = host.format(port=comfy.server.port)
    told = {name: value.format(port=comfy.server.port, host=host) for name, value in told.items()}
    answer = ask(comfy, json.dumps({"key": KEY}).encode(), {**JSON, "Host": host, **told})
    assert answer[0] == 403 and not file.exists()
    if host.startswith("192") and "cross-site" not in told.values():
        assert_refused(answer, 403, "own page")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
@pytest.mark.parametrize("path", [PATH, "/api" + PATH, f"{PATH}?key={KEY}"])
def test_only_post_is_answered(comfy, file, method, path):
    status, headers, answer = ask(comfy, json.dumps({"key": KEY}).encode(), method=method, path=path)
    assert (status, headers["allow"], headers["cache-control"]) == (405, "POST", "no-store")
    assert not answer or list(json.loads(answer)) == ["error"]
    assert not file.exists()


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
     "text/plain; application/json", "text/json", "*/*", "", None],
)  # fmt: skip
def test_only_json_is_taken(comfy, file, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    assert_refused(ask(comfy, json.dumps({"key": KEY}).encode(), headers), 415, "application/json")
    assert not file.exists()


def padded(size: int) -> bytes:
    body = json.dumps({"key": KEY}).encode()
    return body + b" " * (size - len(body))


def chunked(body: bytes, size: int = 1000) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def test_a_body_may_be_16_kib_and_no_more(comfy, file):
    split = {**JSON, "Transfer-Encoding": "chunked"}
    packed = {**JSON, "Content-Encoding": "gzip"}
    assert ask(comfy, padded(LIMIT))[0] == ask(comfy, chunked(padded(LIMIT)), split)[0] == 200
    file.unlink()
    for size in (LIMIT + 1, 50 * LIMIT):
        assert_refused(ask(comfy, padded(size)), 413, "16 KiB")
        assert_refused(ask(comfy, chunked(padded(size)), split), 413, "16 KiB")
        assert_refused(ask(comfy, gzip.compress(padded(size)), packed), 413, "16 KiB")
    assert_refused(ask(comfy, b"", {**JSON, "Content-Length": str(2**40)}), 413, "16 KiB")
    assert not file.exists()


@pytest.mark.parametrize("length", [LIMIT, 3, 0])
def test_a_length_that_lies_changes_nothing(comfy, file, length):
    """Longer than what comes before the client goes; shorter; none at all."""
    body = b'{"key": "a:b"}'
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", comfy.server.port), timeout=20) as line:
        line.sendall(head.encode() + body)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert set(re.findall(rb"HTTP/1.[01] (\d+)", answer)) <= {b"400"}  # none where aiohttp just hangs up
    assert not file.exists() and comfy.server.alive()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"key": "a:b"', b"{'key': 'a:b'}", b'{"key": NaN}', b'{"key": Infinity}', b"\xff\xfe\x00",
     '{"key": "a:b"}'.encode("utf-16"), b'\xef\xbb\xbf{"key": "a:b"}', b"[" * LIMIT, b'{"a":' * (LIMIT // 5),
     b"9" * LIMIT, b"null", b"[]", b'["key"]', b'"key"', b"5", b"true"],
    ids=lambda body: repr(body[:16]),
)  # fmt: skip
def test_garbage_is_refused(comfy, file, body):
    assert_refused(ask(comfy, body), 400, "JSON")
    assert not file.exists()


OTHERS = ("route", "price", "local", "spend", "jobs", "jobs/forget", "jobs/collect", "jobs/cancel")
REFUSED = [
    ({"method": "GET"}, 405), ({"method": "PUT"}, 405), ({"headers": {"Content-Type": "text/plain"}}, 415), ({"headers": {}}, 415),
    ({"headers": {**JSON, "Origin": "http://evil.example"}}, 403), ({"headers": {**JSON, "Origin": "null"}}, 403),
    ({"headers": {**JSON, "Sec-Fetch-Site": "cross-site"}}, 403), ({"body": b"["}, 400), ({"body": b"[1]"}, 400),
    ({"body": b'{"key": NaN}'}, 400), ({"body": b'{"unheardOf": 1}'}, 400), ({"body": b'{"key": ["tellNobody"]}'}, 400),
    ({"body": b'"' + b"x" * (200 * 1024) + b'"'}, 413), ({"headers": {**JSON, "Content-Length": str(2**40)}}, 413),
]  # fmt: skip


@pytest.mark.parametrize("path", OTHERS)
def test_every_route_is_as_careful(comfy, path):
    for prefix in ("", "/api"):
        for given, status in REFUSED:
            got, headers, body = ask(comfy, **{"body": b"{}", **given}, path=f"{prefix}/switchyard/{path}")
            assert got == status, (path, given, got, body[:200])
            if status != 403:  # ComfyUI itself refuses some of those
                assert headers["cache-control"] == "no-store" and list(json.loads(body)) == ["error"]
            assert b"tellNobody" not in body and b"unheardOf" not in body


def test_there_is_no_route_that_is_not_tested(comfy):
    table = (ROOT / "nodes" / "routes.py").read_text(encoding="utf-8")
    assert set(re.findall(r'"/switchyard/([a-z/]+)"', table)) == {"key", *OTHERS}


def test_broken_encodings_are_refused(comfy, file):
    assert ask(comfy, b"Quillfeather", {**JSON, "Content-Encoding": "gzip"})[0] == 400
    assert not file.exists() and "Quillfeather" not in comfy.server.log_text()


# Two copies of the pack, as from a registry and from a clone; a route of ours that breaks; and a ComfyUI that was told
# to let every page in.
TWICE = """
import asyncio, json, logging, sys
sys.argv = ["main.py", "--cpu", "--disable-api-nodes", "--enable-cors-header", "*"]
import comfy.options
comfy.options.enable_args_parsing()
import utils.extra_config, server, nodes, execution, aiohttp
async def main():
    prompt_server = server.PromptServer(asyncio.get_running_loop())
    for pack in PACKS:
        assert await nodes.load_custom_node(pack)
    (routes, again) = [m for name, m in sys.modules.items() if name.endswith(".nodes.routes")]
    @again.post("/switchyard/breaks")
    async def breaks(entries):
        raise RuntimeError(entries["words"])
    again.register()
    prompt_server.add_routes()
    runner = aiohttp.web.AppRunner(prompt_server.app)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    (host, port) = runner.addresses[0]
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        for path in ("/switchyard/breaks", "/api/switchyard/key"):
            async with session.post(path, json={"words": "Quillfeather"}) as answer:
                print("RESULT " + json.dumps([answer.status, answer.headers["Cache-Control"], await answer.json()]))
        for told in FOREIGN:
            async with session.post("/switchyard/key", json={}, headers=told) as answer:
                print("FOREIGN " + json.dumps([answer.status, await answer.json(), told]))
    await runner.cleanup()
asyncio.run(main())
"""


def test_two_copies_start_a_break_tells_nothing_and_the_origin_is_our_own_matter(comfyui_path, tmp_path):
    packs = [tmp_path / name / "ComfyUI-Switchyard" for name in ("one", "two")]
    for pack in packs:
        pack.parent.mkdir()
        pack.symlink_to(ROOT, target_is_directory=True)
    foreign = [*FOREIGN, *({"Origin": origin} for origin in MALFORMED)]
    given = f"PACKS = {[str(pack) for pack in packs]!r}\nFOREIGN = {foreign!r}"
    code = f"import sys; sys.path.insert(0, {str(comfyui_path)!r})\n{given}\n{TWICE}"
    done = subprocess.run(
        [find_python(comfyui_path, os.environ), "-c", code],
        cwd=comfyui_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = [json.loads(line[7:]) for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert len(lines) == 2, done.stderr[-2000:]
    (broken, cache, said), (status, _, answer) = lines
    assert (broken, cache) == (500, "no-store") and "Quillfeather" not in json.dumps(said)
    assert "/switchyard/breaks failed with RuntimeError" in done.stderr
    assert "Quillfeather" not in done.stderr and "Traceback" not in done.stderr
    assert status == 400 and "Only one entry" in answer["error"]
    refused = [json.loads(line[8:]) for line in done.stdout.splitlines() if line.startswith("FOREIGN ")]
    assert len(refused) == len(foreign)
    for status, answer, told in refused:
        assert (status, list(answer)) == (403, ["error"]), told
