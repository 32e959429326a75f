"""One real ComfyUI for the whole session: `comfy`, with Switchyard, the testing pack and the tiny core models.

What only these tests need is imported in the fixture: where no ComfyUI is named they are skipped, not broken.
"""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.comfyui)


@pytest.fixture(scope="session")
def comfy(tmp_path_factory):
    """A `client.Comfy` on a server of its own: CPU, own port, own folders, no key, remote calls to an emulator."""
    comfyui, python = (os.environ.get(name) for name in ("COMFYUI_PATH", "COMFYUI_PYTHON"))
    if not comfyui or not python:
        pytest.skip("needs a ComfyUI: `python3 dev.py test`, or COMFYUI_PATH and COMFYUI_PYTHON in the environment")
    from switchyard.tests.comfyui.client import Comfy
    from switchyard.tests.comfyui.tiny_core import write_tiny_core
    from switchyard.tests.fal_emulator import FalEmulator
    from switchyard.tools.server import ComfyServer, link

    base = tmp_path_factory.mktemp("comfyui")
    write_tiny_core(base / "models")
    link(HERE.parent / "testing_pack", base / "custom_nodes" / "switchyard_testing")
    with FalEmulator() as fal:
        environment = {"FAL_KEY": None, "SWITCHYARD_DAILY_BUDGET": None, "SWITCHYARD_FAL_URL": fal.url}
        arguments = ["--cpu", "--disable-api-nodes"]
        with ComfyServer(python, comfyui, base, HERE.parents[1], extra=arguments, env=environment) as server:
            yield Comfy(server, fal)
