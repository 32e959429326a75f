"""Bad input gets one clear sentence, and costs nothing: no request ever leaves."""

import json

import pytest
from switchyard.tests.comfyui.graphs import node, output, picture, remote, router

FREE = {"model.width": 0, "model.height": 0, "model.safety_tolerance": "2", "model.output_format": "png"}
PICTURE = {"images.image0": ["picture", 0]}
QWEN_MAX = {
    "model.negative": "", "model.width": 0, "model.height": 0, "model.prompt_expansion": False,
    "model.num_images": 1, "model.output_format": "png",
}  # fmt: skip


def routed(prompt: str, **wishes) -> dict:
    return {
        "picture": picture(),
        "nine": picture(batch=10),
        "latent": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "asked": router(prompt, **wishes),
        "show": node("PreviewAny", source=["asked", output("reason")]),
    }


def called(kind: str, prompt: str, model: str, **inputs) -> dict:
    return {
        "picture": picture(),
        "nine": picture(batch=10),
        "small": picture(100, 100),
        "asked": remote(kind, prompt, model, **inputs),
        "show": node("PreviewImage", images=["asked", 0]),
    }


FLUX, QWEN = "SwitchyardFluxRemote", "SwitchyardQwenRemote"
CASES = {
    "empty prompt": (routed("  \n"), "The prompt is empty"),
    "zero-width prompt": (routed("\u200b\u200b"), "The prompt is empty"),
    "size too large": (routed("a dog", width=16000, height=16000), "16000×16000 was asked for"),
    "too many references": (routed("join them", **{"images.image0": ["nine", 0]}), "no model takes more than 9"),
    "edit without an image": (routed("make it night", task="edit"), "needs a picture"),
    "layers without an image": (routed("split", task="layers"), "needs a picture"),
    "latent of the wrong family": (routed("a dog", latent=["latent", 0]), "latent (1×4×8×8) fits no model"),
    "max_price below every candidate": (routed("a dog", place="remote", max_price=0.001), "the cheapest"),
    "no key": (called(FLUX, "a dog", "flux-2-pro", **FREE), "No fal key was found"),
    "empty prompt, remote": (called(FLUX, " ", "flux-2-pro", **FREE), "The prompt is empty"),
    "size too large, remote": (
        called(FLUX, "a dog", "flux-2-pro", **FREE | {"model.width": 4096, "model.height": 4096}),
        "FLUX.2 pro draws at most 4 megapixels",
    ),
    "too many references, remote": (
        called(
            FLUX, "join them", "flux-2-dev",
            **{"images.image0": ["nine", 0], "model.width": 0, "model.height": 0, "model.steps": 28,
               "model.guidance": 2.5, "model.num_images": 1, "model.acceleration": "regular",
               "model.prompt_expansion": False, "model.output_format": "png", "model.loras": ""},
        ),
        "FLUX.2 dev takes at most 4",
    ),
    "an editing model without an image": (
        called(QWEN, "a dog", "qwen-image-edit-2511", **{
            "model.width": 0, "model.height": 0, "model.steps": 28, "model.guidance": 4.5, "model.num_images": 1,
            "model.acceleration": "regular", "model.output_format": "png", "model.loras": "", "model.negative": "",
        }),
        "connect a reference picture",
    ),
    "prompt over the model's limit": (
        called(QWEN, "word " * 400, "qwen-image-max", **QWEN_MAX), "reads at most 800"
    ),
    "unknown price": (called(QWEN, "a dog", "qwen-image-max", **QWEN_MAX), "price of Qwen-Image-Max"),
    "unknown model": (called(FLUX, "a dog", "flux-9-ultra"), "does not know"),
    "retired model": (called(QWEN, "a dog", "qwen-image-2"), "choose Qwen-Image-3"),
    "model of the other family": (called(FLUX, "a dog", "qwen-image"), "not a model of this node"),
    "a bad LoRA": (
        called(FLUX, "a dog", "flux-2-klein-4b", **{
            "model.width": 64, "model.height": 64, "model.steps": 4, "model.num_images": 1,
            "model.output_format": "png", "model.loras": "owner/adapter heavy",
        }),
        "Line 1 of `loras`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_one_clear_sentence_and_no_cost(comfy, case):
    graph, expected = CASES[case]
    before = comfy.fal.count("POST")
    run = comfy.run(graph)
    assert comfy.fal.count("POST") == before
    assert run.status == "error", run
    assert run.error.node == "asked"
    assert expected in run.error.message
    assert run.error.kind in ("switchyard.BadInput", "switchyard.NoRoute", "switchyard.NoKey")
    assert len(run.error.message.strip()) < 330 and "\n" not in run.error.message.strip()


@pytest.mark.parametrize("key", ["k9", "has spaces:in it 0123456789", "ключ:0123456789abcdef0123456789"])
def test_a_malformed_key_is_named_and_never_shown(comfy, key):
    folder = comfy.base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "credentials.json").write_text(json.dumps({"fal": key}))
    before = comfy.fal.count("POST")
    try:
        run = comfy.run(called(FLUX, "a dog", "flux-2-pro", **FREE))
    finally:
        (folder / "credentials.json").unlink()
    assert (run.status, comfy.fal.count("POST")) == ("error", before)
    assert "key" in run.error.message and key not in run.error.message
    assert key not in comfy.server.log_text()


def test_a_chosen_branch_with_nothing_connected(comfy):
    graph = {
        "asked_router": router("portrait at dusk, rim light", place="remote"),
        "load": node("SwitchyardTestLoader", name="other"),
        "draw": node(
            "SwitchyardTestGenerate",
            model=["load", 0],
            prompt=["asked_router", output("qwen_remote")],
            seed=0,
        ),
        "join": node("SwitchyardRouteJoin", route=["asked_router", 0], qwen_remote=["draw", 0]),
        "save": node("PreviewImage", images=["join", 0]),
    }
    run = comfy.run(graph)
    assert (run.status, run.ran) == ("error", [])
    assert "chose flux_remote" in run.error.message and "nothing is connected" in run.error.message


def test_max_price_also_holds_for_a_model_set_by_hand(comfy):
    graph = {
        "router": router("portrait at dusk, rim light", place="remote", max_price=0.05),
        "asked": remote(FLUX, ["router", output("flux_remote")], "flux-2-max", route=["router", 0], **FREE),
        "show": node("PreviewImage", images=["asked", 0]),
    }
    run = comfy.run(graph)
    assert run.status == "error"
    assert "FLUX.2 max would cost $0.07, and max_price is $0.05" in run.error.message
