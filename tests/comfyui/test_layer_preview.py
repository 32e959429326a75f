"""What Save Layers gives the page's layer viewer: each layer as a small picture, picked or not."""

import io
import json

from PIL import Image
from switchyard.tests.comfyui.graphs import node, picture


def saved(**more) -> dict:
    """Two layers of 1600 x 800."""
    below, above = (
        picture(1600, 800),
        {**picture(1600, 800), "inputs": {**picture(1600, 800)["inputs"], "color": 0xFF0000}},
    )
    batch = node("ImageBatch", image1=["below", 0], image2=["above", 0])
    keep = node("SwitchyardSaveLayers", images=["batch", 0], filename_prefix="viewer/x", format="ora", **more)
    return {"below": below, "above": above, "batch": batch, "keep": keep}


def test_all_layers_are_shown_small_whatever_is_picked(comfy):
    run = comfy.run(
        saved(
            names="Ground\nScene/Red",
            opacity="1, 0.5",
            visible="yes, no",
            picks=json.dumps([{"show": False}, {}]),
        )
    )
    assert run.status == "success", run.error
    below, above = run.outputs["keep"]["switchyard_layers"]
    place = {"canvas": [1600, 800], "x": 0, "y": 0, "w": 1600, "h": 800, "group": 1.0, "blend": "normal"}
    assert {**below, **place, "name": "Ground", "opacity": 1.0, "shown": True} == below
    assert {**above, **place, "name": "Scene/Red", "opacity": 0.5, "shown": False} == above
    for facts, colour in ((below, (128, 128, 128, 255)), (above, (255, 0, 0, 255))):
        status, data = comfy.server.request("GET", f"/view?filename={facts['filename']}&subfolder=&type=temp")
        with Image.open(io.BytesIO(data)) as shown:
            assert (status, shown.mode, shown.size, shown.getpixel((9, 9))) == (
                200,
                "RGBA",
                (768, 384),
                colour,
            )


def test_the_same_layer_is_the_same_file(comfy):
    first = comfy.run(saved(opacity="0.9")).outputs["keep"]["switchyard_layers"]
    again = comfy.run(saved(opacity="0.8")).outputs["keep"]["switchyard_layers"]
    assert [facts["filename"] for facts in first] == [facts["filename"] for facts in again]
