"""A ComfyUI that one test file has to itself: to kill it, to count what it holds, to start it with settings of its own."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from switchyard.tests.fal_emulator import FalEmulator
from switchyard.tools.environment import find_python
from switchyard.tools.server import ComfyServer, link

ROOT = Path(__file__).resolve().parents[2]
KEY = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"


def own_server(base: Path, fal: FalEmulator, **env: str) -> ComfyServer:
    """Not started yet. In `base` are a key and the testing pack; `env` joins its environment."""
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    link(ROOT / "tests" / "testing_pack", base / "custom_nodes" / "switchyard_testing")
    (private(base) / "credentials.json").write_text(json.dumps({"fal": KEY}))
    (private(base) / "credentials.json").chmod(0o600)
    environment = {"FAL_KEY": None, "SWITCHYARD_DAILY_BUDGET": None, "SWITCHYARD_FAL_URL": fal.url, **env}
    arguments = ["--cpu", "--disable-api-nodes"]
    return ComfyServer(
        find_python(comfyui, os.environ), comfyui, base, ROOT, extra=arguments, env=environment
    )


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """For what nobody tells: a file, a row, a process's own figures."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def private(base: Path) -> Path:
    """The pack's private folder, made if missing."""
    folder = base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
