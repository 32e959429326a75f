"""Text Check in the real server: with the optional packages it reads, without them it says what to install."""

import pytest
from PIL import Image, ImageDraw, ImageFont
from switchyard.engine.proof.reader import available
from switchyard.tests.comfyui.graphs import node, picture, router

TROUBLE = available()
reads = pytest.mark.skipif(
    bool(TROUBLE), reason="the optional packages are not installed: rapidocr, onnxruntime"
)


def drawn(comfy, name: str, *lines: str) -> dict:
    """A LoadImage of a picture with these lines."""
    sheet = Image.new("RGB", (512, 384), "#f4e9d0")
    canvas = ImageDraw.Draw(sheet)
    for n, line in enumerate(lines):
        canvas.text((30, 30 + 80 * n), line, fill="#222244", font=ImageFont.load_default(44))
    sheet.save(comfy.base / "input" / name)
    return node("LoadImage", image=name)


def checked(load: dict, **inputs) -> dict:
    graph = {"load": load, "check": node("SwitchyardTextCheck", images=["load", 0], **{"text": "", **inputs})}
    for n, name in enumerate(("images", "marked")):
        graph[name] = node("SaveImage", images=["check", (0, 4)[n]], filename_prefix=name)
    for n, name in enumerate(("passed", "score")):
        graph[name] = node("PreviewAny", source=["check", 1 + n])
    return graph


def shown(run, name: str) -> str:
    return run.outputs[name]["text"][0]


@reads
def test_right_words_pass(comfy):
    graph = checked(drawn(comfy, "right.png", "SUMMER JAZZ", "NIGHTS"), text="Summer Jazz Nights\n")
    run = comfy.run(graph, timeout=120)
    assert (run.status, run.error) == ("success", None)
    assert (shown(run, "passed"), shown(run, "score")) == ("True", "1.0")
    assert shown(run, "check").startswith("PASS: 1 of 1")
    with (
        Image.open(comfy.saved(run, "images")[0]) as same,
        Image.open(comfy.saved(run, "marked")[0]) as marked,
    ):
        assert same.size == (512, 384)
        assert marked.width == 512 and marked.height > 384
    assert run.outputs["check"]["images"]


@reads
def test_a_wrong_letter_fails_and_the_report_says_which(comfy):
    run = comfy.run(
        checked(drawn(comfy, "wrong.png", "SUMNER JAZZ", "EXIT"), text="Summer Jazz"), timeout=120
    )
    assert (run.status, shown(run, "passed")) == ("success", "False")
    assert "“N” instead of “m” after “Sum”" in shown(run, "check") and "Not asked for: “EXIT”" in shown(
        run, "check"
    )
    assert 0.8 < float(shown(run, "score")) < 1


@reads
def test_the_words_come_from_the_prompt_or_the_route(comfy):
    load = drawn(comfy, "prompt.png", "OPEN AIR")
    run = comfy.run(checked(load, prompt="a poster that says “OPEN AIR”"), timeout=120)
    assert shown(run, "passed") == "True"
    assert shown(run, "check").startswith("Words found in the prompt: “OPEN AIR”.")
    graph = checked(load, route=["router", 0])
    graph["router"] = router("a poster that says “CLOSED”")
    run = comfy.run(graph, timeout=120)
    assert shown(run, "passed") == "False" and "“CLOSED”: not found" in shown(run, "check")


@reads
def test_a_prompt_without_words_fails_nothing(comfy):
    run = comfy.run(checked(picture(64, 48, 2), prompt="a quiet lake at dawn"), timeout=120)
    assert (run.status, shown(run, "passed"), shown(run, "score")) == ("success", "True", "1.0")
    assert "Picture 2 of 2" in shown(run, "check")
    assert len(comfy.saved(run, "marked")) == 2


def test_nothing_to_look_for_is_said(comfy):
    run = comfy.run(checked(picture(64, 64)))
    assert run.error is not None and "type them into `text`" in run.error.message


@pytest.mark.skipif(not TROUBLE, reason="the optional packages are installed")
def test_without_the_packages_the_node_says_what_to_install(comfy):
    run = comfy.run(checked(picture(64, 64), text="Summer"))
    assert run.error is not None and run.error.kind == "switchyard.BadInput"
    assert "rapidocr and onnxruntime must be installed" in run.error.message
    assert "-m pip install rapidocr onnxruntime" in run.error.message
