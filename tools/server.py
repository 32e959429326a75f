"""A real ComfyUI in a process of its own: started, waited for, asked, stopped.

The tests use it too.
"""

from __future__ import annotations

import atexit
import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from .errors import ToolError
from .process import alone, end

PACK_FOLDER = "ComfyUI-Switchyard"
BOOT_SECONDS = 240.0  # 7 s on a warm laptop; minutes on a cold disk with a virus scanner
TAIL_LINES = 25
WINDOWS = sys.platform == "win32"


class ComfyServer:
    """`with ComfyServer(python, comfyui, base, pack) as server: server.get("/system_stats")`.

    `base` becomes ComfyUI's base directory (models, input, output, user, custom_nodes; made if missing); `pack` is
    linked into it. `port` None takes a free one. `extra` are more arguments of main.py, `env` overrides environment
    variables (None takes one away). The log is `base/server.log`, of the last start only.
    """

    def __init__(
        self,
        python: Path | str,
        comfyui: Path | str,
        base: Path | str,
        pack: Path | str | None,
        *,
        port: int | None = None,
        extra: Sequence[str] = (),
        env: Mapping[str, str | None] | None = None,
    ):
        self.python, self.comfyui, self.base = Path(python), Path(comfyui), Path(base).absolute()
        self.pack = None if pack is None else Path(pack).resolve()
        self.port, self.extra, self.env = port, tuple(extra), dict(env or {})
        self.log = self.base / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._wanted = port

    def __enter__(self) -> ComfyServer:
        try:
            self.start()
        except BaseException:  # Ctrl+C while it boots, too
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, seconds: float = BOOT_SECONDS) -> None:
        """Returns when ComfyUI answers. Raises ToolError with the log's last lines when it dies or takes too long."""
        for folder in ("custom_nodes", "input", "output", "user", "models"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        if self.pack is not None:
            link(self.pack, self.base / "custom_nodes" / PACK_FOLDER)
        for attempt in range(3):
            self.port = self._wanted or free_port()
            self._spawn()
            if self._answers(seconds):
                return
            taken = "already in use" in self.log_text()
            self.stop()
            if not taken or self._wanted or attempt == 2:  # somebody was faster at a free port: try another
                raise ToolError(f"ComfyUI did not start. {self.last_words()}")

    def stop(self) -> None:
        """Ends ComfyUI and whatever it started; does nothing when it is not running."""
        process, self.process = self.process, None
        atexit.unregister(self.stop)
        if process is not None:
            end(process)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def get(self, path: str, timeout: float = 30.0) -> Any:
        """The JSON behind the path. Raises ToolError for any status but 200, OSError when nobody answers."""
        status, body = self.request("GET", path, timeout=timeout)
        if status != 200:
            raise ToolError(f"GET {path} answered {status}: {body[:300].decode(errors='replace')}")
        return json.loads(body or b"null")

    def post(self, path: str, body: Any, timeout: float = 30.0) -> tuple[int, Any]:
        """Sends JSON; the status and the answer, parsed where it is JSON, else as text."""
        status, answer = self.request("POST", path, body, timeout=timeout)
        try:
            return status, json.loads(answer or b"null")
        except ValueError:
            return status, answer.decode(errors="replace")

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> tuple[int, bytes]:
        """Any request: bytes go as they are, anything else as JSON; the status and the bytes that came back."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        asked = urllib.request.Request(self.url + path, data, {**kind, **(headers or {})}, method=method)
        try:
            with _DIRECT.open(asked, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def finished(self, prompt_id: str, seconds: float | None = None) -> dict[str, Any]:
        """A queued prompt's entry in the history, once it has ended. Raises ToolError when it does not end."""
        limit = None if seconds is None else time.monotonic() + seconds
        while True:
            if entry := self.get(f"/history/{prompt_id}").get(prompt_id):
                return entry
            if not self.alive():
                raise ToolError(f"ComfyUI died while it worked. {self.last_words()}")
            if limit is not None and time.monotonic() > limit:
                raise ToolError(f"The prompt did not end within {seconds:.0f} s. {self.last_words()}")
            time.sleep(0.1)

    def log_text(self) -> str:
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def import_failure(self) -> str:
        """Why ComfyUI could not import the pack, as its log says it; "" when it could."""
        pattern = rf"{PACK_FOLDER}(?: module for custom nodes)?: (.+)"
        lines = [
            text
            for text in self.log_text().splitlines()
            if "Cannot import" in text or "comfy_entrypoint" in text
        ]
        found = [match[1] for text in lines if (match := re.search(pattern, text))]
        return found[0].strip() if found else ""

    def last_words(self) -> str:
        tail = "\n".join(self.log_text().splitlines()[-TAIL_LINES:]) or "(nothing)"
        return f"The last lines of {self.log}:\n{tail}"

    def _spawn(self) -> None:
        # Without it the database lies in ComfyUI's own folder, whatever the base directory.
        database = f"sqlite:///{(self.base / 'user' / 'comfyui.db').as_posix()}"
        command = [str(self.python), "main.py", "--listen", "127.0.0.1", "--port", str(self.port)]
        command += ["--base-directory", str(self.base), "--database-url", database, "--disable-auto-launch"]
        merged: dict[str, str | None] = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **self.env}
        with open(self.log, "wb") as log:
            self.process = _popen([*command, *self.extra], self.comfyui, log, merged)
        atexit.register(self.stop)

    def _answers(self, seconds: float) -> bool:
        limit = time.monotonic() + seconds
        while self.alive() and time.monotonic() < limit:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.request("GET", "/system_stats", timeout=5)[0] == 200:
                    return self.alive()  # it could be somebody else who answers on that port
            time.sleep(0.1)
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def link(folder: Path, at: Path) -> None:
    """Makes `at` the same folder: a link, on Windows without the right to it a junction, at worst a copy."""
    if at.is_symlink() and at.resolve() == folder:
        return
    _unlink(at)
    at.parent.mkdir(parents=True, exist_ok=True)
    try:
        at.symlink_to(folder, target_is_directory=True)
        return
    except OSError:
        if not WINDOWS:
            raise
    made = subprocess.run(
        ["cmd", "/c", "mklink", "/J", str(at), str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        shutil.copytree(folder, at, ignore=shutil.ignore_patterns(".git", "__pycache__", ".venv", "venv"))


def _unlink(at: Path) -> None:
    if at.is_symlink():
        at.unlink()
    elif at.exists():
        try:
            at.rmdir()  # a junction goes, what it points at stays
        except OSError:
            shutil.rmtree(at)  # an earlier copy


def _popen(
    command: list[str], folder: Path, log: IO[bytes], env: Mapping[str, str | None]
) -> subprocess.Popen[bytes]:
    present = {name: value for name, value in env.items() if value is not None}
    quiet, out = subprocess.DEVNULL, subprocess.STDOUT
    try:
        return subprocess.Popen(
            command, cwd=folder, env=present, stdin=quiet, stdout=log, stderr=out, **alone()
        )
    except OSError as problem:
        raise ToolError(f"ComfyUI cannot be started with {command[0]}: {problem.strerror}.") from problem


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy has no business on loopback
