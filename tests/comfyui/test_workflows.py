"""The bundled workflows, as the API would queue them, go through a real server to a saved picture."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from switchyard.engine.layerfile.open_file import open_file
from switchyard.engine.proof.reader import available
from switchyard.tests.comfyui.local_graphs import PICTURE, painted

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
CORE, LAYERED = "Core nodes as branches", "Split into layers and save"
CHECKED, MANY = "A poster that is checked", "Many prompts at once"
NAMES = sorted(path.stem for path in (WORKFLOWS / "api").glob("*.json"))
EXPECTED = {
    "Poster": ("qwen_remote", "qwen-image-2512", (832, 1216)),
    "Portrait": ("flux_remote", "flux-2-pro", (896, 1152)),
    "Edit a photo": ("flux_remote", "flux-kontext-pro", (1024, 1024)),
    "Edit words in a picture": ("qwen_remote", "qwen-image-edit-2511", (768, 768)),
    LAYERED: ("layers_remote", "qwen-image-layered", (768, 768)),
}
HERE = {
    "Poster": ("qwen_local", "qwen-image-2512-local"),
    "Portrait": ("flux_local", "flux-2-dev-local"),
    "Edit a photo": ("flux_local", "flux-1-kontext-dev-local"),
    "Edit words in a picture": ("qwen_local", "qwen-image-edit-2511-local"),
    LAYERED: ("layers_local", "qwen-image-layered-local"),
}
BLUEPRINTS = ("Auto edit", "Auto image", "Auto image until it reads")
LAYERS = 4
LOCAL = ("LoadQwen", "LoadFlux", "QwenImage", "QwenEdit", "QwenLayered", "Flux", "FluxEdit")


def api(name: str) -> dict:
    return json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8"))


def one(graph: dict, kind: str) -> str:
    return next(key for key, node in graph.items() if node["class_type"] == kind)


def kinds(graph: dict, run) -> set[str]:
    """Of our nodes that ran, without the name that they have in common."""
    return {graph[key]["class_type"].removeprefix("Switchyard") for key in run.executed}


def test_every_workflow_has_its_twin_its_picture_and_an_expectation():
    assert sorted(path.stem for path in WORKFLOWS.glob("*.json")) == NAMES
    assert sorted(path.stem for path in WORKFLOWS.glob("*.jpg")) == NAMES
    assert set(NAMES) == {*EXPECTED, CORE, CHECKED, MANY} and set(HERE) == set(EXPECTED)


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
    assert not kinds(graph, run) & set(LOCAL)  # nothing of this machine ran, looked for files or complained
    if name == LAYERED:
        psd, ora = layer_files(comfy, run, graph)
        assert (psd.suffix, ora.suffix) == (".psd", ".ora")
        for path in (psd, ora):
            document = open_file(path)
            assert (document.width, document.height, len(document.layers)) == (*size, LAYERS)
            assert document.layers[0].name == "background"
        return
    (saved,) = comfy.saved(run, one(graph, "SaveImage"))
    with Image.open(saved) as picture:
        assert picture.size == size
        stored = json.loads(picture.info["prompt"])
        assert {key: n["inputs"] for key, n in stored.items()} == {
            key: n["inputs"] for key, n in graph.items()
        }


def test_many_prompts_come_back_in_their_order(comfy):
    graph = api(MANY)
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    routes = run.outputs[one(graph, "SwitchyardPromptRouter")]["switchyard_route"]
    assert [route["family"] for route in routes] == ["qwen", "flux", "qwen", "flux"]
    assert len(comfy.saved(run, one(graph, "SaveImage"))) == len(routes)
    assert not kinds(graph, run) & set(LOCAL)


def test_the_checked_poster_is_read_or_says_what_to_install(comfy):
    """Where the packages for reading are not installed, all but the check has run."""
    graph = api(CHECKED)
    run = comfy.run(graph, timeout=120)
    facts = run.outputs[one(graph, "SwitchyardPromptRouter")]["switchyard_route"][0]
    assert (facts["track"], facts["model"]) == ("qwen_remote", "qwen-image-2512")
    if available():
        assert "must be installed" in run.error.message
        assert {"PosterCopy", "QwenRemote", "RouteJoin"} <= kinds(graph, run)
        return
    assert (run.status, run.error) == ("success", None)
    report = run.outputs[one(graph, "PreviewAny")]["text"][0]
    assert "SUMMER JAZZ NIGHTS" in report and "€12" in report
    (saved,) = comfy.saved(run, one(graph, "SaveImage"))
    with Image.open(saved) as picture:
        assert picture.size == (832, 1216)


@pytest.mark.parametrize("place", ["local", "auto"])
@pytest.mark.parametrize("name", HERE)
def test_a_workflow_runs_on_this_machine(local_comfy, name, place):
    """As bundled but for the place, the size and the steps. auto: there is no key, so what is here is used."""
    track, model = HERE[name]
    graph = small(api(name), place)
    run = local_comfy.run(graph, timeout=120)
    assert (run.status, run.error) == ("success", None)
    facts = run.outputs[one(graph, "SwitchyardPromptRouter")]["switchyard_route"][0]
    assert (facts["track"], facts["model"], facts["price"]) == (track, model, "free")
    ran = kinds(graph, run)
    assert not [kind for kind in ran if kind.endswith("Remote")]
    assert len(ran & set(LOCAL)) == 2  # one loader and one that draws
    if name == LAYERED:
        for path in layer_files(local_comfy, run, graph):
            layers = open_file(path).layers
            assert len(layers) == LAYERS and any(painted(Image.fromarray(layer.pixels)) for layer in layers)
        return
    (saved,) = local_comfy.saved(run, one(graph, "SaveImage"))
    with Image.open(saved) as picture:
        assert picture.mode == "RGB" and painted(picture)
        edits = "images.image0" in graph[one(graph, "SwitchyardPromptRouter")]["inputs"]
        assert picture.size == (PICTURE if edits else (64, 96))


def layer_files(comfy, run, graph: dict) -> list[Path]:
    """What Save Layers wrote."""
    shown = run.outputs[one(graph, "SwitchyardSaveLayers")]["files"]
    return [comfy.base / "output" / file["subfolder"] / file["filename"] for file in shown]


def small(graph: dict, place: str) -> dict:
    for node in graph.values():
        inputs = node["inputs"]
        if node["class_type"] == "SwitchyardPromptRouter":
            inputs["place"] = place
            if "images.image0" not in inputs:
                inputs |= {"width": 64, "height": 96}
        elif "steps" in inputs:
            inputs |= {"steps": 2, "guidance": 1.0}
            inputs |= {"resolution": 64} if "resolution" in inputs else {"reference_megapixels": 0.1}
        elif node["class_type"] == "LoadImage":
            inputs["image"] = "noise.png"
    return graph


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
    files = [*WORKFLOWS.glob("*.json"), *(WORKFLOWS.parent / "subgraphs").glob("*.json")]
    assert len(files) == len(NAMES) + len(BLUEPRINTS)
    for file in files:
        saved = json.loads(file.read_text(encoding="utf-8"))
        inside = saved.get("definitions", {}).get("subgraphs", [])
        for node in [*saved["nodes"], *(node for graph in inside for node in graph["nodes"])]:
            if node["type"].startswith("Switchyard"):
                assert node["properties"]["cnr_id"] == "switchyard"
            if node["type"] in ("UNETLoader", "CLIPLoader", "VAELoader"):
                (entry,) = node["properties"]["models"]
                assert {"name", "url", "directory"} <= entry.keys() and entry["name"] in node[
                    "widgets_values"
                ]


def test_comfyui_lists_the_blueprints(comfy):
    listed = comfy.server.get("/global_subgraphs")
    ours = {key: e["name"] for key, e in listed.items() if "Switchyard" in e["info"]["node_pack"]}
    assert sorted(ours.values()) == sorted(BLUEPRINTS)
    for key in ours:
        saved = json.loads(comfy.server.get(f"/global_subgraphs/{key}")["data"])
        (node,), (inside,) = saved["nodes"], saved["definitions"]["subgraphs"]
        assert node["type"] == inside["id"] and inside["category"] == "Switchyard" and inside["description"]
