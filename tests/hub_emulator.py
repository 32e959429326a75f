"""A small hub on loopback: a repository's list, its files, and the store that large ones are redirected to, on a host of its own.

`faults` is asked for every file: path -> the fault to act out, which is used up.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

REVISION = "0123456789abcdef0123456789abcdef01234567"
LARGE = 2000  # bytes; above it a file is kept in the store, as large files are


@dataclass
class Seen:
    host: str  # "hub" or "store"
    path: str
    token: str
    start: int


@dataclass
class Hub:
    """repositories: id -> path -> content. gated: ids; closed: ids that only a token sees. listed: changes to the list."""

    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)  # tokens that have accepted the terms
    faults: dict[str, list[str]] = field(default_factory=dict)
    listed: dict[str, Any] = field(default_factory=dict)
    status: int = 0  # of every answer, if not 0
    seen: list[Seen] = field(default_factory=list)
    address: str = ""
    store: str = ""

    def asked(self, host: str) -> list[str]:
        return [one.path for one in self.seen if one.host == host]

    def siblings(self, repository: str) -> list[dict[str, Any]]:
        made = []
        for path, content in self.repositories[repository].items():
            entry: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": _git(content)}
            if len(content) > LARGE:
                sha = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": sha, "size": len(content), "pointerSize": 134}
            made.append(entry | self.listed.get(path, {}))
        return made


@contextmanager
def running(hub: Hub):
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub, name)) for name in ("hub", "store")]
    hub.address = f"http://127.0.0.1:{servers[0].server_port}"
    hub.store = f"http://localhost:{servers[1].server_port}"
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


def _git(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _handler(hub: Hub, host: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            start = int(re.match(r"bytes=(\d+)", self.headers.get("Range", "bytes=0"))[1])
            hub.seen.append(Seen(host, path, self.headers.get("Authorization", ""), start))
            if hub.status:
                return self.answer(hub.status, b"{}")
            if listed := re.fullmatch(r"/api/models/([^/]+/[^/]+)", path):
                return self.list(listed[1])
            if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([0-9a-f]{40})/(.+)", path):
                return self.file(found[1], found[3], start)
            return self.answer(404, b"{}")

        def list(self, repository: str) -> None:
            if repository not in hub.repositories:
                return self.answer(401, b'{"error": "no"}', {"X-Error-Code": "RepoNotFound"})
            body = {"id": repository, "sha": REVISION, "siblings": hub.siblings(repository), "gated": repository in hub.gated,
                    "private": False, "tags": [], "downloads": 0, "likes": 0}  # fmt: skip
            return self.answer(200, json.dumps(body).encode())

        def file(self, repository: str, path: str, start: int) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if host == "hub" and repository in hub.gated and token not in hub.granted:
                return self.answer(403 if token else 401, b"{}", {"X-Error-Code": "GatedRepo"})
            content = hub.repositories[repository].get(path)
            if content is None:
                return self.answer(404, b"{}", {"X-Error-Code": "EntryNotFound"})
            if host == "hub" and len(content) > LARGE:
                return self.answer(302, b"", {"Location": f"{hub.store}{self.path}"})
            waiting = hub.faults.get(path, [])
            return self.send(content, start, waiting.pop(0) if waiting else "")

        def send(self, content: bytes, start: int, fault: str) -> None:
            if fault == "damaged":
                content = content[:-3] + b"???"
            if fault == "short":  # a whole answer, of too little
                content = content[: len(content) // 2]
            if fault.isdigit():
                return self.answer(int(fault), b"{}")
            ranged = start > 0 and fault != "from the start"
            piece = content[start:] if ranged else content
            headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if ranged else {}
            cut = len(piece) // 2 if fault == "cut" else None
            self.answer(206 if ranged else 200, piece[:cut], headers, length=len(piece))
            if fault == "cut":
                self.close_connection = True
            return None

        def answer(
            self, status: int, body: bytes, headers: Mapping[str, str] = {}, length: int | None = None
        ) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Length": str(len(body) if length is None else length),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler
