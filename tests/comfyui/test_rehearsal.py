"""A rehearsal does everything but the call: the slate has the size, the price and the request of the paid one."""

import pytest
from PIL import Image
from switchyard.tests.comfyui.graphs import node, picture, remote, router


def rehearsed(prompt: str, **wishes) -> dict:
    graph = {
        "picture": picture(640, 480),
        "router": router(prompt, **wishes),
        "qwen": remote("SwitchyardQwenRemote", ["router", 3], rehearse=True, route=["router", 0]),
        "flux": remote("SwitchyardFluxRemote", ["router", 4], rehearse=True, route=["router", 0]),
        "layers": remote("SwitchyardQwenLayeredRemote", ["router", 6], rehearse=True, route=["router", 0]),
    }
    tracks = {"qwen_remote": ["qwen", 0], "flux_remote": ["flux", 0], "layers_remote": ["layers", 0]}
    graph["join"] = node("SwitchyardRouteJoin", route=["router", 0], **tracks)
    graph["save"] = node("SaveImage", images=["join", 0], filename_prefix="rehearsal")
    return graph


CASES = [
    ("a poster that says “OPEN AIR”", {}, "fal-ai/qwen-image-2512", "$0.02", (1024, 1024), 1),
    (
        "portrait at dusk, rim light",
        {"width": 832, "height": 1216},
        "fal-ai/flux-2-pro",
        "$0.03",
        (832, 1216),
        1,
    ),
    ("portrait at dusk, rim light", {"batch": 3}, "fal-ai/flux-2-pro", "$0.09", (1024, 1024), 3),
    ("make it night", {"images.image0": ["picture", 0]}, "fal-ai/flux-pro/kontext", "$0.04", (1184, 880), 1),
    (
        "change the title to 'ECHO'",
        {"images.image0": ["picture", 0]},
        "fal-ai/qwen-image-edit-2511",
        "$0.03",
        (640, 480),
        1,
    ),
    (
        "anything",
        {"task": "layers", "images.image0": ["picture", 0]},
        "fal-ai/qwen-image-layered",
        "at most $0.20",
        (640, 480),
        4,
    ),
    ("a quick draft of a fox, cinematic", {}, "fal-ai/flux/schnell", "$0.003", (1024, 1024), 1),
]


@pytest.mark.parametrize(("prompt", "wishes", "endpoint", "price", "size", "count"), CASES)
def test_a_rehearsal_shows_the_call_and_sends_nothing(comfy, prompt, wishes, endpoint, price, size, count):
    before = len(comfy.fal.seen)
    run = comfy.run(rehearsed(prompt, **wishes))
    assert (run.status, run.error) == ("success", None)
    assert len(comfy.fal.seen) == before
    route = run.outputs["router"]["switchyard_route"][0]
    call = next(run.outputs[n]["switchyard_call"][0] for n in ("qwen", "flux", "layers") if n in run.outputs)
    assert (call["endpoint"], call["price"], call["rehearsal"]) == (endpoint, price, True)
    assert (route["model"], route["price"]) == (call["model"], price)
    saved = comfy.saved(run, "save")
    assert len(saved) == count
    with Image.open(saved[0]) as slate:
        assert slate.size == size
        assert len(slate.getcolors(slate.width * slate.height)) > 20  # type is on it


def test_a_setting_on_the_node_wins_over_the_route(comfy):
    graph = rehearsed("portrait, golden hour")
    graph["flux"] = remote(
        "SwitchyardFluxRemote",
        ["router", 4],
        "flux-2-flex",
        rehearse=True,
        route=["router", 0],
        **{
            "model.width": 1920, "model.height": 1088, "model.guidance": 5.0, "model.steps": 20,
            "model.safety_tolerance": "1", "model.output_format": "png",
        },
    )  # fmt: skip
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    call = run.outputs["flux"]["switchyard_call"][0]
    assert (call["model"], call["price"]) == ("flux-2-flex", "$0.10")
    with Image.open(comfy.saved(run, "save")[0]) as slate:
        assert slate.size == (1920, 1088)


def test_without_a_route_a_node_decides_within_its_family(comfy):
    graph = {
        "qwen": remote("SwitchyardQwenRemote", "portrait at golden hour", rehearse=True),
        "save": node("PreviewImage", images=["qwen", 0]),
    }
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert run.outputs["qwen"]["switchyard_call"][0]["model"].startswith("qwen-image")
