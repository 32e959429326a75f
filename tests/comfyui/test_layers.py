"""Layers through a real server: out of a batch into a file, back again, and put together."""

import io
import json
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from switchyard.engine.layerfile.compose import merged
from switchyard.engine.layerfile.layer import Document, Layer
from switchyard.engine.layerfile.open_file import open_file
from switchyard.tests.comfyui.client import Comfy
from switchyard.tests.comfyui.graphs import node
from switchyard.tests.engine.layer_documents import as_ora, as_psd, everything, noise
from switchyard.tools.environment import find_python
from switchyard.tools.server import ComfyServer

_numbers = count(1)
BOTTOM, TOP = noise(48, 64, 1), noise(48, 64, 2)


def put(comfy, pixels: np.ndarray) -> str:
    """A PNG in the input folder, by a name of its own."""
    name = f"layers-{next(_numbers)}.png"
    Image.fromarray(pixels).save(comfy.base / "input" / name)
    return name


def put_file(comfy, data: bytes, extension: str) -> str:
    name = f"layers-{next(_numbers)}.{extension}"
    (comfy.base / "input" / name).write_bytes(data)
    return name


def two_layers(comfy) -> dict:
    """Two pictures with transparency as one batch with its masks."""
    return {
        "one": node("LoadImage", image=put(comfy, BOTTOM)),
        "two": node("LoadImage", image=put(comfy, TOP)),
        "images": node("ImageBatch", image1=["one", 0], image2=["two", 0]),
        "mask one": node("MaskToImage", mask=["one", 1]),
        "mask two": node("MaskToImage", mask=["two", 1]),
        "both masks": node("ImageBatch", image1=["mask one", 0], image2=["mask two", 0]),
        "masks": node("ImageToMask", image=["both masks", 0], channel="red"),
    }


def saved(**inputs) -> dict:
    defaults = {"images": ["images", 0], "filename_prefix": f"layers/{next(_numbers)}", "format": "psd"}
    return node("SwitchyardSaveLayers", **defaults | inputs)


def files_of(comfy, run, name: str = "save") -> list[Path]:
    files = run.outputs[name]["files"]
    return [comfy.base / file["type"] / file["subfolder"] / file["filename"] for file in files]


def done(comfy, graph: dict, **options):
    run = comfy.run(graph, **options)
    assert (run.status, run.error) == ("success", None)
    return run


def loaded(file: str, **inputs) -> dict:
    """The graph that loads a file and saves it again, as it was."""
    outputs = {
        name: ["load", index]
        for index, name in enumerate(("images", "masks", "names", "opacity", "blend_modes", "visible"))
    }
    return {"load": node("SwitchyardLoadLayers", file=file, **inputs), "save": saved(**outputs)}


def test_a_batch_becomes_files_and_a_picture_to_look_at(comfy):
    graph = two_layers(comfy)
    graph["save"] = saved(
        masks=["masks", 0],
        format="psd + ora",
        names="背景\nhero/пёс",
        opacity="1, 50%",
        blend_modes="normal, multiply",
    )
    run = done(comfy, graph, extra={"extra_pnginfo": {"workflow": {"nodes": ["漢字"]}}})
    psd, ora = files_of(comfy, run)
    assert psd.name.endswith("_00001_.psd") and ora.name.endswith("_00001_.ora")
    for path in (psd, ora):
        document = open_file(path)
        assert [layer.path for layer in document.layers] == [("背景",), ("hero", "пёс")]
        assert [round(layer.opacity, 2) for layer in document.layers] == [1, 0.5]
        assert document.layers[1].blend == "multiply"
        for layer, wanted in zip(document.layers, (BOTTOM, TOP), strict=True):
            inside = wanted[layer.y : layer.y + layer.height, layer.x : layer.x + layer.width]
            assert np.array_equal(layer.pixels[..., 3], inside[..., 3])
            assert np.array_equal(
                layer.pixels[..., :3][inside[..., 3] > 0], inside[..., :3][inside[..., 3] > 0]
            )
        assert json.loads(document.metadata["workflow"]) == {"nodes": ["漢字"]}
        assert json.loads(document.metadata["prompt"])["save"]["class_type"] == "SwitchyardSaveLayers"
    (preview,) = comfy.saved(run, "save")
    assert np.array_equal(np.array(Image.open(preview)), merged(64, 48, open_file(ora).layers))
    with ZipFile(ora) as archive:
        assert np.array_equal(
            np.array(Image.open(archive.open("mergedimage.png"))), np.array(Image.open(preview))
        )


def test_files_are_counted_like_pictures(comfy):
    graph = two_layers(comfy)
    graph["save"] = saved(masks=["masks", 0], filename_prefix="layers/counted", format="png per layer")
    first = files_of(comfy, done(comfy, graph))
    assert [path.name for path in first] == ["counted_00001_01.png", "counted_00001_02.png"]
    assert np.array_equal(np.array(Image.open(first[1]))[..., 3], TOP[..., 3])
    graph["save"]["inputs"]["format"] = "psd"
    assert files_of(comfy, done(comfy, graph))[0].name == "counted_00002_.psd"
    assert not list(first[0].parent.glob(".*.part"))


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("layers/again/", "again_0000{}_.psd"),
        ("layers/%batch_num%", "0_0000{}_.psd"),
        ("layers/a\nb", "a b_0000{}_.psd"),
    ],
)
def test_no_prefix_writes_over_the_file_of_an_earlier_run(comfy, prefix, name):
    graph = two_layers(comfy)
    for number in (1, 2):
        graph["save"] = saved(filename_prefix=prefix, names=f"run {number}")
        (made,) = files_of(comfy, done(comfy, graph))
        assert made.name == name.format(number)
        assert made.parent == comfy.base / "output" / "layers"


def test_what_is_picked_is_what_is_saved(comfy):
    graph = two_layers(comfy)
    graph["save"] = saved(masks=["masks", 0], names="a\nb", picks='[{"order": 5, "opacity": 0.2}, {}]')
    document = open_file(files_of(comfy, done(comfy, graph))[0])
    assert [(layer.name, round(layer.opacity, 2)) for layer in document.layers] == [("b", 1), ("a", 0.2)]
    graph["save"]["inputs"]["picks"] = '[{"show": false}, {}]'
    document = open_file(files_of(comfy, done(comfy, graph))[0])
    assert [layer.name for layer in document.layers] == ["b"]


def test_a_batch_from_anywhere_is_saved_opaque(comfy):
    graph = {"images": node("EmptyImage", width=40, height=30, batch_size=3, color=255), "save": saved()}
    document = open_file(files_of(comfy, done(comfy, graph))[0])
    assert [layer.name for layer in document.layers] == ["Layer 1", "Layer 2", "Layer 3"]
    assert all((layer.pixels == (0, 0, 255, 255)).all() for layer in document.layers)


def test_one_mask_is_for_all_layers_and_an_empty_one_for_none(comfy):
    graph = two_layers(comfy)
    graph["save"] = saved(masks=["one", 1], trim=False)
    document = open_file(files_of(comfy, done(comfy, graph))[0])
    assert all(np.array_equal(layer.pixels[..., 3], BOTTOM[..., 3]) for layer in document.layers)
    graph["plain"] = node("LoadImage", image=put(comfy, BOTTOM[..., :3]))  # its mask is 64 x 64 zeros
    graph["save"]["inputs"]["masks"] = ["plain", 1]
    document = open_file(files_of(comfy, done(comfy, graph))[0])
    assert all((layer.pixels[..., 3] == 255).all() for layer in document.layers)


@pytest.mark.parametrize(("write", "extension"), [(as_psd, "psd"), (as_ora, "ora")])
def test_a_file_is_loaded_and_saved_as_it_was(comfy, write, extension):
    document = everything()
    file = put_file(comfy, write(document), extension)
    run = done(comfy, loaded(file, hidden_layers=True, opacity_in_mask=False))
    again = open_file(files_of(comfy, run)[0])
    assert [layer.path for layer in again.layers] == [layer.path for layer in document.layers]
    for layer, wanted in zip(again.layers, document.layers, strict=True):
        assert (layer.visible, layer.blend) == (wanted.visible, wanted.blend)
        assert abs(layer.opacity - wanted.strength) < 1 / 255
    text = run.outputs["load"]["text"][0]
    assert "8 of 8 layers, 96×64" in text and "multiply" in text
    shown = np.array(Image.open(comfy.saved(run, "load")[0]))
    assert np.array_equal(shown, merged(96, 64, document.layers))


def test_hidden_layers_stay_out_and_opacity_goes_into_the_masks(comfy):
    file = put_file(comfy, as_psd(everything()), "psd")
    again = open_file(files_of(comfy, done(comfy, loaded(file)))[0])
    assert len(again.layers) == 7
    assert {layer.opacity for layer in again.layers} == {1.0}


def test_a_file_of_the_output_folder_can_be_loaded(comfy):
    graph = two_layers(comfy)
    graph["save"] = saved(masks=["masks", 0])
    made = files_of(comfy, done(comfy, graph))[0]
    path = f"{made.relative_to(comfy.base / 'output').as_posix()} [output]"
    assert len(open_file(files_of(comfy, done(comfy, loaded(path)))[0]).layers) == 2


def test_a_file_that_changed_is_read_again(comfy):
    file = put_file(comfy, as_psd(everything()), "psd")
    graph = {"load": node("SwitchyardLoadLayers", file=file), "show": node("PreviewAny", source=["load", 2])}
    before = done(comfy, graph).outputs["show"]["text"][0]
    one = Document(8, 8, everything().layers[7:])
    (comfy.base / "input" / file).write_bytes(as_psd(one))
    after = done(comfy, graph).outputs["show"]["text"][0]
    assert before != after == "plain"


def test_layers_put_together_are_compared_with_the_source(comfy):
    graph = two_layers(comfy)
    graph["together"] = node("SwitchyardRecompose", images=["images", 0], masks=["masks", 0])
    graph["picture"] = node("SaveImage", images=["together", 0], filename_prefix="layers/together")
    run = done(comfy, graph)
    assert run.outputs["together"]["text"] == ["2 layers together"]
    whole = Image.open(comfy.saved(run, "together")[0])
    assert np.array_equal(np.array(whole), merged(64, 48, [Layer("", BOTTOM), Layer("", TOP)]))
    source = np.array(Image.alpha_composite(Image.new("RGBA", (64, 48), "white"), whole))[..., :3]
    graph["source"] = node("LoadImage", image=put(comfy, source))
    graph["together"]["inputs"]["source"] = ["source", 0]
    graph["difference"] = node("SaveImage", images=["together", 2], filename_prefix="layers/difference")
    graph["mean"] = node("PreviewAny", source=["together", 3])
    run = done(comfy, graph)
    assert float(run.outputs["mean"]["text"][0]) < 0.6
    assert "100.0% of the pixels are within 2" in run.outputs["together"]["text"][0]
    assert np.array(Image.open(comfy.saved(run, "difference")[0])).max() <= 2


def test_without_a_source_the_difference_says_what_it_wants(comfy):
    graph = two_layers(comfy)
    graph["together"] = node("SwitchyardRecompose", images=["images", 0])
    graph["difference"] = node("PreviewImage", images=["together", 2])
    run = comfy.run(graph)
    assert run.error is not None and "nothing to compare with" in run.error.message


def _bad_files() -> dict[str, tuple[bytes, str]]:
    psd = as_psd(everything())
    cmyk = psd[:24] + b"\0\4" + psd[26:]
    picture = io.BytesIO()
    Image.new("RGB", (9, 9)).save(picture, "PNG")
    return {
        "cut": (psd[:3000], "damaged or cut off"),
        "cmyk": (cmyk, "CMYK with 8 bits"),
        "a picture": (picture.getvalue(), "no layers that can be read"),
        "a cut ora": (as_ora(everything())[:-200], "damaged"),
    }


@pytest.mark.parametrize("kind", _bad_files())
def test_a_bad_file_is_one_sentence(comfy, kind):
    data, sentence = _bad_files()[kind]
    run = comfy.run(loaded(put_file(comfy, data, "psd")))
    assert run.error is not None and run.error.kind == "switchyard.BadInput"
    assert sentence in run.error.message and run.error.message.count("\n") <= 1


SAVES: dict[str, tuple[Callable[[dict], dict], str]] = {
    "masks that do not fit": (
        lambda g: g | {"small": node("SolidMask", value=0.5, width=9, height=9), "save": saved(masks=["small", 0])},
        "The masks are 9×9 pixels, the pictures 64×48",
    ),
    "too few masks": (
        lambda g: g | {"more": node("ImageBatch", image1=["images", 0], image2=["one", 0]),
                       "save": saved(images=["more", 0], masks=["masks", 0])},
        "3 pictures but 2 masks",
    ),
    "groups without end": (lambda g: g | {"save": saved(names="a/" * 2000)}, "2,000 groups inside each other"),
    "a folder outside": (lambda g: g | {"save": saved(filename_prefix="../outside")}, "leads out of"),
    "a mode that is none": (lambda g: g | {"save": saved(blend_modes="sparkle")}, "`blend_modes` of layer 1"),
    "picks for another picture": (lambda g: g | {"save": saved(picks="[{}]")}, "chosen for 1 layers"),
    "two sources": (
        lambda g: g | {"save": node("SwitchyardRecompose", images=["images", 0], source=["images", 0])}, "2 are connected"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAVES)
def test_what_cannot_be_saved_is_one_sentence(comfy, case):
    change, sentence = SAVES[case]
    run = comfy.run(change(two_layers(comfy)))
    assert run.error is not None and run.error.kind == "switchyard.BadInput"
    assert sentence in run.error.message


@pytest.mark.parametrize("where", ["nothing.psd", "../../etc/passwd", "../outside.psd", "{base}/outside.psd"])
def test_a_file_that_is_not_there_is_refused_before_anything_runs(comfy, where):
    """Nor is one outside ComfyUI's folders told apart from none."""
    (comfy.base / "outside.psd").write_bytes(as_psd(everything()))
    run = comfy.run(loaded(where.format(base=comfy.base)))
    assert run.status == "rejected" and "is not in ComfyUI's input folder" in json.dumps(
        run.rejected, ensure_ascii=False
    )


def test_the_formats_are_those_of_the_engine(comfy):
    from switchyard.engine.layerfile.save import FORMATS

    inputs = comfy.server.get("/object_info/SwitchyardSaveLayers")["SwitchyardSaveLayers"]["input"]
    kind, *rest = inputs["required"]["format"]
    assert tuple(rest[0]["options"] if kind == "COMBO" else kind) == FORMATS


def test_nothing_is_told_where_metadata_is_off(tmp_path):
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    arguments = ["--cpu", "--disable-api-nodes", "--disable-metadata"]
    python = find_python(comfyui, os.environ)
    graph = {
        "images": node("EmptyImage", width=40, height=30, batch_size=2, color=255),
        "save": saved(format="psd + ora"),
    }
    with ComfyServer(python, comfyui, tmp_path, Path(__file__).parents[2], extra=arguments) as server:
        comfy = Comfy(server, None)
        run = done(comfy, graph, extra={"extra_pnginfo": {"workflow": {"secret": 1}}})
        for path in (*files_of(comfy, run), *comfy.saved(run, "save")):
            assert b"EmptyImage" not in path.read_bytes() and b"secret" not in path.read_bytes()
        assert [open_file(path).metadata for path in files_of(comfy, run)] == [{}, {}]
