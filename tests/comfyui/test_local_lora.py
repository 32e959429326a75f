"""The LoRA Stack on ComfyUI's real patching, on a pretended card that is too small (`local_lora.py`)."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parent / "local_lora.py"
SCENARIOS = re.findall(r"^def (scenario_\w+)", PROGRAM.read_text("utf-8"), re.M)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each scenario met: name -> trouble, "" for none."""
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tools.environment import find_python

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    command = [str(find_python(comfyui, os.environ)), str(PROGRAM), str(comfyui)]
    folder = tmp_path_factory.mktemp("local_lora")
    with (folder / "log.txt").open("w") as log:
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=log, text=True, timeout=900, cwd=folder
        )
    found = {
        line["name"]: line["trouble"] for line in map(json.loads, ended.stdout.splitlines()) if "name" in line
    }
    if ended.returncode:
        found[""] = (folder / "log.txt").read_text("utf-8", "replace")[-4000:]
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(told, name):
    assert name in told, told.get("", "it was not reached")
    assert told[name] == "", told[name]
