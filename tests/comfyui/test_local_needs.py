"""What a loader's row tells before a run: the very sentence of the run, the memory, and nothing of where things lie."""

import json

import pytest
from switchyard.tests.comfyui.graphs import node

AUTO = "auto (from route)"


def ask(comfy, **entries) -> dict:
    status, answer = comfy.server.post("/switchyard/local", entries)
    assert status == 200, answer
    assert str(comfy.base) not in json.dumps(answer)
    return answer


def loads(kind: str, model: str, **files) -> dict:
    return {
        "load": node(f"SwitchyardLoad{kind}", model=model, **files),
        "show": node("PreviewAny", source=["load", 0]),
    }


def test_what_is_missing_is_told_as_the_run_tells_it(comfy):
    told = ask(
        comfy, family="qwen", model="qwen-image-2512-local", files={"transformer": "auto", "vae": "auto"}
    )
    run = comfy.run(loads("Qwen", "qwen-image-2512-local"))
    assert (told["chosen"], told["ready"]) == (True, False)
    assert told["said"] in run.error.message
    assert "Apache" in told["said"] and " GB" in told["said"] and "models/diffusers" in told["said"]
    assert "GB" in told["needs"] and told["memory"].endswith(" GB")


def test_a_file_that_is_gone_is_told(comfy):
    told = ask(comfy, family="flux", model="flux-1-dev-local", files={"vae": "gone.safetensors"})
    assert not told["ready"] and "gone.safetensors is not in models/vae" in told["said"]


def test_the_route_decides_where_the_model_is_automatic(comfy):
    poster = {"prompt": 'a poster that says "BLUE HERON"', "place": "local"}
    assert ask(comfy, family="flux", model=AUTO, route=poster) == {"chosen": False, "track": "qwen_local"}
    assert ask(comfy, family="qwen", model=AUTO, route=poster)["model"].startswith("qwen-")
    assert ask(comfy, family="flux", model="flux-1-dev-local", route=poster)["model"] == "flux-1-dev-local"
    assert "prompt is empty" in ask(comfy, family="qwen", model=AUTO, route={"prompt": ""})["refused"]
    assert "other loader" in ask(comfy, family="qwen", model="flux-1-dev-local")["refused"]
    assert "does not know" in ask(comfy, family="qwen", model="gone")["refused"]


@pytest.mark.parametrize(
    "entries",
    [{}, {"family": "other"}, {"family": "qwen", "files": {"lora": "x"}}, {"family": "qwen", "files": {"vae": 5}},
     {"family": "qwen", "files": []}, {"family": "qwen", "model": 5}, {"family": "qwen", "route": {"batch": 0}},
     {"family": "qwen", "path": "/etc"}, {"family": ["qwen"]}, {"family": "qwen", "files": {"vae": "x" * 2000}}],
)  # fmt: skip
def test_entries_that_no_loader_would_take_are_refused(comfy, entries):
    status, answer = comfy.server.post("/switchyard/local", entries)
    assert status == 400 and list(answer) == ["error"]


def test_names_lead_nowhere(comfy):
    told = ask(
        comfy,
        family="qwen",
        model="qwen-image-local",
        files={"vae": "../../user/__switchyard/credentials.json"},
    )
    assert not told["ready"] and "is not in models/vae" in told["said"]


def test_what_is_here_is_ready(local_comfy):
    """With weights this small the VAE needs most: a tile of 512 x 512 pixels in float32."""
    for family, kind, tile in (("qwen", "Qwen", "0.7 GB"), ("flux", "Flux", "1.1 GB")):
        told = ask(local_comfy, family=family, model=AUTO)
        assert (told["chosen"], told["ready"], told["fits"], told["said"]) == (True, True, True, "")
        assert told["needs"] == tile and told["memory"].endswith(" GB")
        assert local_comfy.run(loads(kind, AUTO)).texts["load"] == told["name"]
