"""The bundled workflows, as the API would queue them, go through a real server to a saved picture."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
CORE = "Core nodes as branches"
NAMES = sorted(path.stem for path in (WORKFLOWS / "api").glob("*.json"))
EXPECTED = {
    "Poster": ("qwen_remote", "qwen-image-2512", (832, 1216)),
    "Portrait": ("flux_remote", "flux-2-pro", (896, 1152)),
    "Edit a photo": ("flux_remote", "flux-kontext-pro", (1024, 1024)),
    "Edit words in a picture": ("qwen_remote", "qwen-image-edit-2511", (768, 768)),
}


def api(name: str) -> dict:
    return json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8"))


def one(graph: dict, kind: str) -> str:
    return next(key for key, node in graph.items() if node["class_type"] == kind)


def test_every_workflow_has_its_twin_its_picture_and_an_expectation():
    assert sorted(path.stem for path in WORKFLOWS.glob("*.json")) == NAMES
    assert sorted(path.stem for path in WORKFLOWS.glob("*.jpg")) == NAMES
    assert set(NAMES) == {*EXPECTED, CORE}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_workflow_runs_in_rehearsal(comfy, comfyui_path, name):
    shutil.copy(comfyui_path / "input" / "example.png", comfy.base / "input" / "example.png")
    graph = api(name)
    track, model, size = EXPECTED[name]
    assert all(n["inputs"]["rehearse"] for n in graph.values() if n["class_type"].endswith("Remote"))
    before = comfy.fal.count("POST")
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert comfy.fal.count("POST") == before
    facts = run.outputs[one(graph, "SwitchyardPromptRouter")]["switchyard_route"][0]
    assert (facts["track"], facts["model"]) == (track, model)
    (saved,) = comfy.saved(run, one(graph, "SaveImage"))
    with Image.open(saved) as picture:
        assert picture.size == size
        stored = json.loads(picture.info["prompt"])
        assert {key: n["inputs"] for key, n in stored.items()} == {
            key: n["inputs"] for key, n in graph.items()
        }


@pytest.mark.parametrize(
    ("family", "prompt", "ran"),
    [("qwen", 'a sign that says "OPEN"', "UNETLoader"), ("flux", "portrait at golden hour", "UNETLoader")],
)
def test_the_core_workflow_routes_the_latent_to_the_chosen_sampler(comfy, family, prompt, ran):
    graph = api(CORE)
    router = one(graph, "SwitchyardPromptRouter")
    graph[router]["inputs"] |= {"prompt": prompt, "width": 64, "height": 64}
    for node in graph.values():
        if node["class_type"] == "KSampler":
            node["inputs"]["steps"] = 2
    run = comfy.run(graph, timeout=120)
    assert (run.status, run.error) == ("success", None)
    assert run.outputs[router]["switchyard_route"][0]["track"] == f"{family}_local"
    other = {"qwen": "flux", "flux": "qwen"}[family]
    loaders = [graph[key]["inputs"]["unet_name"] for key in run.executed if graph[key]["class_type"] == ran]
    assert not [name for name in loaders if name.startswith(other)]
    samplers = [key for key in run.executed if graph[key]["class_type"] == "KSampler"]
    assert len(samplers) == 1
    (saved,) = comfy.saved(run, one(graph, "SaveImage"))
    with Image.open(saved) as picture:
        assert picture.size == (64, 64)


def test_workflows_carry_what_the_manager_needs():
    for name in NAMES:
        saved = json.loads((WORKFLOWS / f"{name}.json").read_text(encoding="utf-8"))
        for node in saved["nodes"]:
            if node["type"].startswith("Switchyard"):
                assert node["properties"]["cnr_id"] == "switchyard"
            if node["type"] in ("UNETLoader", "CLIPLoader", "VAELoader"):
                (entry,) = node["properties"]["models"]
                assert {"name", "url", "directory"} <= entry.keys() and entry["name"] in node[
                    "widgets_values"
                ]
