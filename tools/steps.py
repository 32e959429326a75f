"""A long command, watched: one line that says how far it is, the whole output in a log, one sentence if it fails.

All of it goes to stderr, so that what a command prints on stdout stays usable by a program.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .errors import ToolError
from .process import alone, end

NO_NETWORK = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "getaddrinfo failed",
    "Failed to establish a new connection",
    "Network is unreachable",
    "No route to host",
    "ConnectTimeoutError",
    "Read timed out",
    "ProxyError",
    "SSLError",
)
PLAIN_EVERY = 3.0  # seconds between two lines where nobody can overwrite one (a pipe, a CI log)
PLAIN_ALIVE = 20.0  # seconds of silence after which such a log gets a sign of life


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(command: Sequence[str], what: str, log: Path, env: Mapping[str, str] | None = None) -> None:
    """Runs the command to its end. Raises ToolError with one sentence and the log's path when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    line = _Line(what)
    with open(log, "w", encoding="utf-8", errors="replace") as file:
        try:
            process = subprocess.Popen(
                list(command), env=None if env is None else dict(env), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **alone(), encoding="utf-8", errors="replace",
            )  # fmt: skip
        except OSError as problem:
            raise ToolError(f"{what}: {command[0]} cannot be started ({problem.strerror}).") from problem
        try:
            for text in _lines(process):
                file.write(text)
                line.show(condensed(text))
            status = process.wait()
        except BaseException:
            end(process, patience=0)  # pip works in a process of its own
            raise
    line.close("done" if status == 0 else "failed")
    if status:
        raise ToolError(f"{what}: {reason(log.read_text(encoding='utf-8', errors='replace'))} The log: {log}")


def condensed(text: str) -> str:
    """What a line of pip's output says to a person who waits; "" for nothing."""
    text = text.strip()
    if found := re.match(r"Collecting ([\w.\-\[\]]+)", text):
        return f"collecting {found[1]}"
    if found := re.match(r"(Downloading|Using cached) (?:\S*/)?([\w.]+-[^-\s]+)\S* (\(.+?\))", text):
        return f"{found[1].lower()} {found[2].removesuffix('.tar.gz')} {found[3]}"
    if found := re.match(r"Building wheel for (\S+)", text):
        return f"building {found[1]}"
    if text.startswith("Installing collected packages:"):
        count = text.count(",") + 1
        return f"installing {count} package{'s' * (count != 1)}"
    return ""


def reason(output: str) -> str:
    """Why pip failed, in one sentence."""
    if "No space left on device" in output:
        return "the disk is full."
    if any(sign in output for sign in NO_NETWORK):
        return "the package index cannot be reached; check the network, the proxy and the certificates."
    if found := re.search(r"No matching distribution found for (\S+)", output):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        doubt = ", or cannot be reached" if "(from versions: none)" in output else ""
        return f"the package index has no {found[1]} for Python {version} on this platform{doubt}."
    errors = [line for line in output.splitlines() if re.match(r"\s*(ERROR|error)", line)]
    last = (errors or output.strip().splitlines() or ["it said nothing"])[-1]
    return last.strip().removeprefix("ERROR:").strip().rstrip(".") + "."


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """Each line as it comes, and "" about once a second while none does."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for text in process.stdout:
            lines.put(text)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            text = lines.get(timeout=1.0)
        except queue.Empty:
            text = ""
        if text is None:
            return
        yield text


class _Line:
    """One step's line: overwritten in a terminal, now and then a new one elsewhere."""

    def __init__(self, what: str):
        self.what, self.detail, self.printed = what, "", ""
        self.began = self.spoke = time.monotonic()
        self.terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._write()

    def show(self, detail: str) -> None:
        quiet = time.monotonic() - self.spoke
        self.detail = detail or self.detail
        news = self.detail != self.printed and (quiet > PLAIN_EVERY or self.detail.startswith("installing"))
        if self.terminal or news or quiet > PLAIN_ALIVE:
            self._write()

    def close(self, end: str) -> None:
        self.detail = end
        self._write()
        if self.terminal:
            say("")

    def _write(self) -> None:
        self.spoke, self.printed = time.monotonic(), self.detail
        text = f"[{self.spoke - self.began:4.0f} s] {self.what}" + (f": {self.detail}" if self.detail else "")
        if not self.terminal:
            say(text)
            return
        width = shutil.get_terminal_size().columns - 1
        print("\r" + text[:width].ljust(width), end="", file=sys.stderr, flush=True)
