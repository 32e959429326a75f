"""Our prompts are core's: the same embedding from the same weights, so that the nodes of both mix in one
graph.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("core_text.py")
CLOSE = 1e-5


@pytest.fixture(scope="module")
def compared():
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tools.environment import find_python

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    done = subprocess.run(
        [find_python(comfyui, os.environ), str(CHILD), str(comfyui)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"},
        cwd=comfyui,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", ["qwen", "edit", "klein", "flux1"])
def test_an_embedding_is_cores(compared, kind):
    cases = {name: case for name, case in compared.items() if name.startswith(kind)}
    assert len(cases) == 3
    for name, case in cases.items():
        assert case["largest"] > 0.1, name
        assert max(case["differences"]) <= CLOSE, name


def test_a_conditioning_says_what_cores_says(compared):
    for name, case in compared.items():
        assert case["ours"] == case["core"] and case["mask"], name
