"""A batch of pictures into image to image, in a real ComfyUI: one result for each, as its seed makes it alone."""

from switchyard.tests.comfyui.graphs import node
from switchyard.tests.comfyui.local_graphs import (
    MASK,
    OF_A_PICTURE,
    PICTURE,
    close,
    draw,
    load,
    loaded,
    painted,
    pictures,
    refused,
    save,
)

ROWS = {"qwen-image-local": "QwenImage", "flux-1-dev-local": "Flux"}


def two() -> dict:
    return {
        **loaded(),
        "other": node("ImageInvert", image=["picture", 0]),
        "both": node("ImageBatch", image1=["picture", 0], image2=["other", 0]),
    }


def test_each_picture_of_a_batch_is_changed_by_itself(local_comfy):
    graph, ways = two(), {"over": {"denoise": 0.6}, "into": MASK}
    for row, kind in ROWS.items():
        graph[row] = load(row)
        for way, more in ways.items():
            for name, given, seed in (("both", "both", 5), ("first", "picture", 5), ("second", "other", 6)):
                images, place = {"images.image0": [given, 0]}, f"{row} {way} {name}"
                graph[f"{place} draw"] = draw(kind, row, seed=seed, **images, **OF_A_PICTURE, **more)
                graph[place] = save(f"{place} draw")
    run = local_comfy.run(graph, timeout=240)
    for row in ROWS:
        for way in ways:
            found = pictures(local_comfy, run, f"{row} {way} both")
            (first,), (second,) = (
                pictures(local_comfy, run, f"{row} {way} {name}") for name in ("first", "second")
            )
            assert len(found) == 2 and all(one.size == PICTURE and painted(one) for one in found)
            assert close(found[0], first) and close(found[1], second) and not close(first, second)


def test_a_batch_that_does_not_go_with_the_pictures_is_refused(local_comfy):
    graph = two() | {
        "load": load("qwen-image-local"),
        "draw": draw(
            "QwenImage", "load", batch=3, denoise=0.6, **{"images.image0": ["both", 0]}, **OF_A_PICTURE
        ),
        "save": save("draw"),
    }
    assert "leave it at 0" in refused(local_comfy, graph)
