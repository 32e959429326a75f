"""The single files that ComfyUI's users have give in our engine what they give in core: transformers, VAEs, whole runs."""

import json
import os
import subprocess
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("core_parity.py")
CLOSE, CLOSE_AFTER_STEPS = 1e-5, 1e-4


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tools.environment import find_python

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    folder = tmp_path_factory.mktemp("parity")
    command = [find_python(comfyui, os.environ), str(CHILD), str(comfyui), str(folder)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=300, env=environment, cwd=folder
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", ["qwen", "flux-1", "flux-2"])
def test_a_transformer_answers_as_in_core(compared, kind):
    cases = {name: case for name, case in compared.items() if name.startswith(kind)}
    assert len(cases) >= 3
    for name, case in cases.items():
        assert case["difference"] <= CLOSE, name
        assert case["acts"] > 1000 * CLOSE, name


@pytest.mark.parametrize("row", ["qwen-image-edit-local", "qwen-image-edit-2511-local"])
def test_beside_a_larger_reference_only_the_place_of_the_text_is_another(compared, row):
    """Ours is that of the pipelines of the makers, after the largest picture; core looks at the result alone."""
    ours, theirs = (compared[f"larger {row} {place}"] for place in ("as it was made", "where core has it"))
    assert theirs["difference"] <= CLOSE < 100 * CLOSE < ours["difference"]
    assert theirs["acts"] > 1000 * CLOSE


@pytest.mark.parametrize("kind", ["qwen", "flux-1", "flux-2"])
def test_a_vae_encodes_and_decodes_as_in_core(compared, kind):
    cases = {name: case for name, case in compared.items() if name.startswith(f"vae {kind}")}
    assert len(cases) == 2
    for name, case in cases.items():
        assert case["difference"] <= CLOSE < case["largest"], name


@pytest.mark.parametrize("kind", ["qwen", "flux-1"])
def test_core_s_ksampler_and_ours_draw_one_picture_from_one_noise(compared, kind):
    (case,) = (case for name, case in compared.items() if name.startswith(f"euler {kind}"))
    assert case["difference"] <= CLOSE_AFTER_STEPS < case["largest"]
