"""The local nodes in a real ComfyUI, on tiny models of every family: from the Prompt Router's tracks to saved pictures."""

import shutil

import pytest
from PIL import Image, ImageChops
from switchyard.tests.comfyui.graphs import node, output, router
from switchyard.tests.comfyui.local_graphs import (
    IMAGE,
    MASK,
    OF_A_PICTURE,
    PICTURE,
    SMALL,
    draw,
    load,
    loaded,
    painted,
    pictures,
    save,
)

AUTO = "auto (from route)"
TEXT = 'A poster that says "OPEN"'
LOCAL = ("qwen_local", "flux_local", "layers_local")


# --- through the router


def tracks(prompt: str, **wishes) -> dict:
    """Router, the three local branches with auto loaders, join, save."""
    graph = {**loaded(), "router": router(prompt, **wishes)}
    for track, (loader, kind) in {
        "qwen_local": ("Qwen", "QwenImage"), "flux_local": ("Flux", "Flux"), "layers_local": ("Qwen", "QwenLayered"),
    }.items():  # fmt: skip
        route = {"route": ["router", 0]}
        more = {"steps": 2, "guidance": 1.0}
        more |= {"layers": 2, "resolution": 64} if kind == "QwenLayered" else {"reference_megapixels": 0.1}
        graph[f"{track}_load"] = node(f"SwitchyardLoad{loader}", model=AUTO, **route)
        graph[track] = draw(kind, f"{track}_load", ["router", output(track)], **route, **more)
    graph["join"] = node("SwitchyardRouteJoin", **route, **{track: [track, 0] for track in LOCAL})
    graph["save"] = save("join")
    return graph


@pytest.mark.parametrize(
    ("prompt", "wishes", "track", "model", "size"),
    [
        (TEXT, {"width": 96, "height": 64, "batch": 2}, "qwen_local", "qwen-image-2512-local", (96, 64)),
        ("a cinematic portrait at golden hour, dramatic light", {"width": 64, "height": 80, "place": "local"}, "flux_local", "flux-2-dev-local", (64, 80)),
        ('change the sign to "SHUT"', IMAGE, "qwen_local", "qwen-image-edit-2511-local", PICTURE),
        ("make the sky red", {**IMAGE, **MASK, "place": "local"}, "flux_local", "flux-1-kontext-dev-local", PICTURE),
        ("split this into layers", {**IMAGE, "task": "layers"}, "layers_local", "qwen-image-layered-local", (64, 64)),
    ],
)  # fmt: skip
def test_a_prompt_goes_down_its_local_track(local_comfy, prompt, wishes, track, model, size):
    run = local_comfy.run(tracks(prompt, **wishes))
    saved = pictures(local_comfy, run)
    facts = run.outputs["router"]["switchyard_route"][0]
    assert (facts["track"], facts["model"], facts["price"]) == (track, model, "free")
    assert set(run.executed) & set(LOCAL) == {track}
    expected = {"batch": 1} | wishes
    assert len(saved) == (2 if track == "layers_local" else expected["batch"])
    if track == "layers_local":
        assert all(min(picture.size) >= 32 for picture in saved)
    else:
        assert all(picture.size == size and painted(picture) for picture in saved)
    if "mask" in wishes:
        with Image.open(local_comfy.base / "input" / "noise.png") as source:
            left = (0, 0, PICTURE[0] // 2, PICTURE[1])
            assert ImageChops.difference(saved[0].crop(left), source.crop(left)).getbbox() is None
            right = (PICTURE[0] // 2, 0, *PICTURE)
            assert ImageChops.difference(saved[0].crop(right), source.crop(right)).getbbox() is not None


def test_a_route_that_is_not_ours_blocks_quietly(local_comfy):
    graph = {
        "router": router("a quiet lake", place="remote"),
        "auto": node("SwitchyardLoadQwen", model=AUTO, route=["router", 0]),
        "draw_auto": draw("QwenImage", "auto", **SMALL),
        "save_auto": save("draw_auto"),
        "load": load("qwen-image-local"),
        "draw": draw("QwenImage", "load", route=["router", 0], **SMALL),
        "save": save("draw"),
    }
    run = local_comfy.run(graph)
    assert run.status == "success", run.error
    assert not {"save", "save_auto"} & set(run.outputs)
    assert "not chosen" in run.texts["draw"] and "not chosen" in run.texts["auto"]


def test_the_router_looks_again_when_a_model_comes_or_goes(local_comfy, tmp_path):
    folder = local_comfy.base / "models" / "diffusers" / "qwen-image-layered"
    graph = {
        **loaded(),
        "router": router("split it", task="layers", **IMAGE),
        "say": node("PreviewAny", source=["router", 8]),
    }

    def facts() -> dict:
        return local_comfy.run(graph).outputs["router"]["switchyard_route"][0]

    assert facts()["track"] == "layers_local"
    shutil.move(folder, tmp_path / "away")
    try:
        gone = facts()
        assert gone["track"] == "layers_remote" and "a fal key" in gone["reason"]
        assert any(
            "Qwen/Qwen-Image-Layered" in why and "models/diffusers" in why for why in gone["passed_over"]
        )
    finally:
        shutil.move(tmp_path / "away", folder)
    assert facts()["track"] == "layers_local"


# --- every model, every mode


GENERATE = ["qwen-image-local", "qwen-image-2512-local", "qwen-image-2.1-local", "flux-1-dev-local", "flux-1-schnell-local",
            "flux-2-dev-local", "flux-2-klein-4b-local", "flux-2-klein-4b-base-local", "flux-2-klein-9b-kv-local"]  # fmt: skip
EDIT = ["qwen-image-edit-local", "qwen-image-edit-2509-local", "qwen-image-edit-2511-local", "qwen-image-2.1-local",
        "flux-1-kontext-dev-local", "flux-2-dev-local", "flux-2-klein-4b-local", "flux-2-klein-9b-base-local"]  # fmt: skip
OVER = ["qwen-image-local", "flux-1-dev-local"]


def test_every_model_draws(local_comfy):
    graph = {}
    for row in GENERATE:
        kind = "Flux" if row.startswith("flux") else "QwenImage"
        graph |= {
            f"{row}_load": load(row),
            f"{row}_draw": draw(kind, f"{row}_load", **SMALL),
            row: save(f"{row}_draw"),
        }
    run = local_comfy.run(graph, timeout=180)
    drawn = [pictures(local_comfy, run, row) for row in GENERATE]
    assert all(len(found) == 1 and found[0].size == (64, 64) and painted(found[0]) for found in drawn)
    assert run.previews >= 2 * (len(GENERATE) - 1)  # ComfyUI has no colours for 2.1
    for row in GENERATE:
        said = [text for where, text in run.said if where == f"{row}_draw"]
        assert said[0] == "reading the prompt" and {"drawing 1/2", "drawing 2/2", "decoding"} <= set(said)


def test_every_model_that_edits_keeps_the_pictures_size(local_comfy):
    graph = loaded()
    for row in EDIT:
        kind = "FluxEdit" if row.startswith("flux") else "QwenEdit"
        for name, more in ((row, {}), (f"{row} masked", MASK)):
            graph[f"{name}_draw"] = draw(kind, f"{row}_load", **IMAGE, **OF_A_PICTURE, **more)
            graph[name] = save(f"{name}_draw")
        graph[f"{row}_load"] = load(row)
    run = local_comfy.run(graph, timeout=240)
    left = (0, 0, PICTURE[0] // 2, PICTURE[1])
    with Image.open(local_comfy.base / "input" / "noise.png") as source:
        kept = source.crop(left).tobytes()
    for row in EDIT:
        (whole,), (masked,) = pictures(local_comfy, run, row), pictures(local_comfy, run, f"{row} masked")
        assert whole.size == masked.size == PICTURE and painted(whole) and painted(masked)
        assert masked.crop(left).tobytes() == kept != whole.crop(left).tobytes()


def test_models_that_do_not_edit_paint_over_and_into_a_picture(local_comfy):
    graph = loaded()
    for row in OVER:
        kind = "Flux" if row.startswith("flux") else "QwenImage"
        graph[f"{row}_load"] = load(row)
        for name, more in ((f"{row} over", {"denoise": 0.6}), (f"{row} into", MASK)):
            graph[f"{name}_draw"] = draw(kind, f"{row}_load", **IMAGE, **OF_A_PICTURE, **more)
            graph[name] = save(f"{name}_draw")
    run = local_comfy.run(graph, timeout=120)
    for row in OVER:
        for name in (f"{row} over", f"{row} into"):
            (picture,) = pictures(local_comfy, run, name)
            assert picture.size == PICTURE and painted(picture)


def test_layers_come_with_masks_of_their_own(local_comfy):
    graph = {
        **loaded(),
        "load": load("qwen-image-layered-local"),
        "draw": draw("QwenLayered", "load", "", layers=3, resolution=64, steps=2, guidance=1.0, **IMAGE),
        "save": save("draw"),
        "masks": node("MaskToImage", mask=["draw", 1]),
        "alpha": save("masks"),
        "shape": node("SwitchyardTestLatentShape", latent=["draw", 2]),
    }
    run = local_comfy.run(graph)
    layers, masks = pictures(local_comfy, run, "save"), pictures(local_comfy, run, "alpha")
    assert len(layers) == len(masks) == 3
    assert {picture.size for picture in (*layers, *masks)} == {(64, 64)} or layers[0].size == masks[0].size
    assert run.outputs["shape"]["text"][0].startswith("1x16x3x")


def test_what_2_1_leaves_transparent_comes_with_the_picture(local_comfy):
    graph = loaded()
    for row, kind, more in (("qwen-image-2.1-local", "QwenImage", SMALL), ("qwen-image-local", "QwenImage", SMALL),
                            ("qwen-image-2.1-local", "QwenEdit", {**IMAGE, **OF_A_PICTURE})):  # fmt: skip
        name = f"{row} {kind}"
        graph |= {f"{name} load": load(row), f"{name} draw": draw(kind, f"{name} load", **more)}
        graph |= {f"{name} mask": node("MaskToImage", mask=[f"{name} draw", 2]), name: save(f"{name} mask")}
        graph |= {f"{name} whole": save(f"{name} draw")}
    run = local_comfy.run(graph)
    found = {name: pictures(local_comfy, run, name)[0] for name in graph if name.count(" ") == 1}
    assert all(
        mask.size == pictures(local_comfy, run, f"{name} whole")[0].size for name, mask in found.items()
    )
    assert found["qwen-image-local QwenImage"].getextrema() == ((0, 0),) * 3
    assert painted(found["qwen-image-2.1-local QwenImage"]) and painted(
        found["qwen-image-2.1-local QwenEdit"]
    )
