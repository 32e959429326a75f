"""The local engine under ComfyUI's real memory management, on a pretended card that is too small (`local_memory.py`)."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCENARIOS = [
    name
    for file in sorted(HERE.glob("*_scenarios.py"))
    for name in re.findall(r"^def (scenario_\w+)", file.read_text("utf-8"), re.M)
]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each scenario met: name -> trouble, "" for none."""
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tools.environment import find_python

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    command = [str(find_python(comfyui, os.environ)), str(HERE / "local_memory.py"), str(comfyui)]
    folder = tmp_path_factory.mktemp("local_memory")
    with (folder / "log.txt").open("w") as log:
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=log, text=True, timeout=900, cwd=folder
        )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith('{"name"')]
    found = {line["name"]: line["trouble"] for line in lines}
    if ended.returncode:
        found[""] = (folder / "log.txt").read_text("utf-8", "replace")[-4000:]
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(told, name):
    assert name in told, told.get("", "it was not reached")
    assert told[name] == "", told[name]
