"""A process with all that it starts, as one: it is ended as a whole, on every system."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import Any

PATIENCE = 5.0  # seconds that a process has to end by itself once it is asked


def alone() -> dict[str, Any]:
    """What Popen is told so that the process leads a group of its own; a terminal's Ctrl+C then passes it by."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def end(process: subprocess.Popen[Any], patience: float = PATIENCE) -> None:
    """Asks a process started `alone` to end, then ends what is left of it and of what it started."""
    if patience:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            _ask(process)
            process.wait(patience)
    with contextlib.suppress(OSError):  # they are gone
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)  # the group has its leader's number
        elif process.poll() is None:
            command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(command, capture_output=True, check=False)
    process.wait()


def _ask(process: subprocess.Popen[Any]) -> None:
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
        return
    deaf = signal.getsignal(signal.SIGINT) == signal.SIG_IGN  # a background job's children ignore Ctrl+C
    os.killpg(process.pid, signal.SIGTERM if deaf else signal.SIGINT)
