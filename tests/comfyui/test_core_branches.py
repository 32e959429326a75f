"""The branches of core nodes that our workflows route to run in a real ComfyUI, down to a saved picture."""

import pytest
from PIL import Image
from switchyard.tests.comfyui import core_graphs

SMALL = {"width": 64, "height": 64, "steps": 2}
BRANCHES = {
    "qwen": (core_graphs.qwen_branch, "1x16x8x8"),
    "flux": (core_graphs.flux_branch, "1x128x4x4"),
}
# Core only warns when a file is not quite the model that it took it for.
COMPLAINTS = ("unet missing", "unet unexpected", "clip missing", "Missing VAE keys")


@pytest.mark.parametrize("family", BRANCHES)
def test_a_core_branch_paints(comfy, family):
    branch, _ = BRANCHES[family]
    graph = branch("a red door", **SMALL) | {"save": core_graphs.save([f"{family}_decode", 0])}
    before = len(comfy.server.log_text())
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert run.executed[-1] == "save"
    log = comfy.server.log_text()[before:]
    assert [complaint for complaint in COMPLAINTS if complaint in log] == []
    (path,) = comfy.saved(run, "save")
    with Image.open(path) as picture:
        assert picture.size == (64, 64)
        assert len(picture.getcolors(64 * 64)) > 100  # neither grey nor NaN


@pytest.mark.parametrize("family", BRANCHES)
def test_prompt_and_seed_reach_the_picture(comfy, family):
    branch, _ = BRANCHES[family]
    pictures = set()
    for prompt, seed in (("a red door", 1), ("a green door", 1), ("a red door", 2)):
        graph = branch(prompt, seed=seed, **SMALL) | {"save": core_graphs.save([f"{family}_decode", 0])}
        (path,) = comfy.saved(comfy.run(graph), "save")
        with Image.open(path) as picture:
            pictures.add(picture.tobytes())
    assert len(pictures) == 3


@pytest.mark.parametrize("family", BRANCHES)
def test_the_empty_latent_of_a_branch_has_the_models_shape(comfy, family):
    branch, shape = BRANCHES[family]
    latents = {
        "before": _shape_of([f"{family}_latent", 0]),
        "after": _shape_of([f"{family}_sample", 0]),
    }
    run = comfy.run(branch("a red door", **SMALL) | latents)
    assert run.outputs["before"]["text"] == [shape]
    # The Qwen model adds the axis of time that its VAE has.
    assert run.outputs["after"]["text"] == [shape.replace("1x16x", "1x16x1x")]


@pytest.mark.parametrize("family", BRANCHES)
def test_a_routed_latent_sets_size_and_batch(comfy, family):
    branch, _ = BRANCHES[family]
    kind = {"qwen": "EmptySD3LatentImage", "flux": "EmptyFlux2LatentImage"}[family]
    graph = {
        "routed": {"class_type": kind, "inputs": {"width": 96, "height": 64, "batch_size": 2}},
        **branch("a red door", latent=["routed", 0], steps=2),
        "save": core_graphs.save([f"{family}_decode", 0]),
    }
    sizes = []
    for path in comfy.saved(comfy.run(graph), "save"):
        with Image.open(path) as picture:
            sizes.append(picture.size)
    assert sizes == [(96, 64)] * 2


def test_an_empty_latent_of_another_scale_keeps_its_size(comfy):
    """Core fits an empty latent to the model if it says its scale: FLUX.1's, routed to a FLUX.2 branch."""
    size = {"width": 96, "height": 64, "batch_size": 1}
    graph = {
        "routed": {"class_type": "EmptySD3LatentImage", "inputs": size},
        **core_graphs.flux_branch("a red door", latent=["routed", 0], steps=2),
        "save": core_graphs.save(["flux_decode", 0]),
    }
    (path,) = comfy.saved(comfy.run(graph), "save")
    with Image.open(path) as picture:
        assert picture.size == (96, 64)


def _shape_of(latent):
    return {"class_type": "SwitchyardTestLatentShape", "inputs": {"latent": latent}}
