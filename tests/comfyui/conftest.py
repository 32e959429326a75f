"""One real ComfyUI for the session: `comfy`, with Switchyard, the testing pack and the tiny core models.

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
def comfyui_path():
    """ComfyUI's own folder."""
    return Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()


@pytest.fixture(scope="session")
def comfy(tmp_path_factory):
    """A `client.Comfy` on a server of its own: CPU, own port and folders, no key, an emulator for fal."""
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tests.comfyui.client import Comfy
    from switchyard.tests.comfyui.tiny_core import write_tiny_core
    from switchyard.tests.fal_emulator import FalEmulator
    from switchyard.tools.environment import find_python
    from switchyard.tools.server import ComfyServer, link

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    python = find_python(comfyui, os.environ)
    base = tmp_path_factory.mktemp("comfyui")
    write_tiny_core(base / "models")
    link(HERE.parent / "testing_pack", base / "custom_nodes" / "switchyard_testing")
    with FalEmulator() as fal:
        environment = {"FAL_KEY": None, "SWITCHYARD_DAILY_BUDGET": None, "SWITCHYARD_FAL_URL": fal.url,
                       "HF_HUB_CACHE": str(base / "hub")}  # fmt: skip
        arguments = ["--cpu", "--disable-api-nodes"]
        with ComfyServer(python, comfyui, base, HERE.parents[1], extra=arguments, env=environment) as server:
            yield Comfy(server, fal)


@pytest.fixture(scope="session")
def local_comfy(tmp_path_factory):
    """A second one, with tiny local models of every family: `comfy` has none, so that its routes stay remote."""
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tests.comfyui.client import Comfy
    from switchyard.tests.comfyui.local_server import local_server
    from switchyard.tests.fal_emulator import FalEmulator

    with FalEmulator() as fal, local_server(tmp_path_factory.mktemp("local"), fal.url) as server:
        yield Comfy(server, fal)
