"""The end of ComfyUI: jobs that are under way with the paid service are cancelled, or brought home where they have just ended.

What a few seconds are not enough for stays in the journal, and the same workflow collects it after the next start.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from types import FrameType

PATIENCE = 5.0  # seconds; those who stop a container usually wait ten before they kill it


def listen() -> None:
    """Ends by Ctrl+C come through atexit. SIGTERM, with which services and containers are stopped, would end Python
    without a word: it is caught where nobody else wants it, and passed on."""
    atexit.register(_stop)
    if threading.current_thread() is not threading.main_thread() or os.name != "posix":
        return
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_term)


def _stop() -> None:
    run = sys.modules.get(f"{__package__.rpartition('.')[0]}.engine.fal.run")
    if run is not None:  # otherwise nothing was ever bought
        run.stop_all(PATIENCE)


def _on_term(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    _stop()
    os.kill(os.getpid(), number)
