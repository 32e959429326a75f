"""The local engine under ComfyUI's real memory management, on a pretended card that is too small (`local_memory.py`)."""

import functools
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCENARIOS = [
    (file.stem, name)
    for file in sorted(HERE.glob("*_scenarios.py"))
    for name in re.findall(r"^def (scenario_\w+)", file.read_text("utf-8"), re.M)
]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each scenario of a file met: name -> trouble, "" for none. A file's scenarios run in one process, when first asked."""
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    return functools.cache(lambda file: _run(file, tmp_path_factory.mktemp(file)))


@pytest.mark.parametrize(("file", "name"), SCENARIOS)
def test_scenario(told, file, name):
    found = told(file)
    assert name in found, found.get("", "it was not reached")
    assert found[name] == "", found[name]


def _run(file: str, folder: Path) -> dict[str, str]:
    from switchyard.tools.environment import find_python

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    command = [str(find_python(comfyui, os.environ)), str(HERE / "local_memory.py"), str(comfyui), file]
    with (folder / "log.txt").open("w") as log:
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=log, text=True, timeout=900, cwd=folder
        )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith('{"name"')]
    found = {line["name"]: line["trouble"] for line in lines}
    if ended.returncode:
        found[""] = (folder / "log.txt").read_text("utf-8", "replace")[-4000:]
    return found
