"""`dev.py test`: pytest on the environment, with nothing of this shell's that could pay or mislead."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence

from . import cache, comfyui
from .environment import Environment, child, environment
from .steps import say

COMFYUI_TESTS = "tests/comfyui"
SAMPLE = (
    "tests/comfyui/test_routing.py",
    "tests/comfyui/test_workflows.py",
)  # on the oldest ComfyUI, every time
NO_TESTS = 5  # pytest's exit status when it found none
# `-m pytest` would put the checkout on sys.path, where our `nodes/` stands in front of ComfyUI's `nodes`.
PYTEST = "import sys; sys.path[:] = [p for p in sys.path if p]; import pytest; sys.exit(pytest.main())"
UNSET = ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET", "SWITCHYARD_FAL_URL", "SWITCHYARD_DAILY_BUDGET")


def run(version: str | None, *, full: bool, expression: str | None, paths: Sequence[str]) -> int:
    """pytest's exit status, of the last run that failed. Its closing line is the last thing printed."""
    chosen = ["-k", expression] if expression else []
    older = 0
    if full and version is None:
        say(f"First the {COMFYUI_TESTS} on ComfyUI {comfyui.OLDEST}, then everything on the usual one.")
        older = pytest(environment(comfyui.OLDEST), [*chosen, COMFYUI_TESTS], full=full)
        if older == NO_TESTS and expression:  # that name is not among these tests: no failure
            older = 0
    elif version is None and not expression and not paths and not os.environ.get("COMFYUI_PATH"):
        say(
            f"First a sample of the {COMFYUI_TESTS} on ComfyUI {comfyui.OLDEST}, then everything on the usual one."
        )
        older = pytest(environment(comfyui.OLDEST), SAMPLE, full=False)
    found = environment(version)
    asked = list(paths)
    if version is not None and not any(not path.startswith("-") for path in asked):
        asked = [COMFYUI_TESTS, *asked]
    return pytest(found, [*chosen, *asked], full=full) or older


def pytest(found: Environment, arguments: Sequence[str], *, full: bool = False) -> int:
    """One run in the checkout; pytest's exit status."""
    variables = {**found.variables(), **dict.fromkeys(UNSET), "SWITCHYARD_FULL": "1" if full else None}
    command = [str(found.python), "-c", PYTEST, *arguments]
    with subprocess.Popen(command, cwd=cache.CHECKOUT, env=child(variables)) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # pytest got it too: it stops its servers and ends by itself
            except SystemExit:  # dev.py was told to end
                process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
                raise
