"""The layer viewer on Save Layers: the layers of the last run together, and what is picked of them goes into the file."""

import json
import re
from itertools import count
from pathlib import Path

import pytest
from switchyard.tests.browser.stage import GRAPH, TO_API, open_workflow, run, shot, vue

COLOURS = {"Sky": 0xFF0000, "Hill": 0x00FF00, "House": 0x0000FF}
NAMES = list(COLOURS)
SAVE = 9
_numbers = count(1)


def graph(prefix: str = "", names=NAMES, opacity: str = "", picks: str = "") -> dict:
    """Three plain pictures as one batch, saved as layers."""
    nodes, links = [], []

    def add(number, kind, inputs, values, kinds):
        sockets = [{"name": name, "type": "IMAGE", "link": link} for name, link in inputs]
        outputs = [
            {"name": kind, "type": kind, "links": [link for link in links_of if link]}
            for kind, links_of in kinds
        ]
        nodes.append({"id": number, "type": kind, "pos": [260 * (number % 4) - 700, 200 * (number // 4) - 200], "size": [220, 150], "flags": {},
                      "order": number, "mode": 0, "inputs": sockets, "outputs": outputs, "properties": {}, "widgets_values": values})  # fmt: skip

    for number, colour in enumerate(COLOURS.values(), 1):
        add(number, "EmptyImage", [], [96, 64, 1, colour], [("IMAGE", [number])])
    add(4, "ImageBatch", [("image1", 1), ("image2", 2)], [], [("IMAGE", [4])])
    add(5, "ImageBatch", [("image1", 4), ("image2", 3)], [], [("IMAGE", [5])])
    links += [
        [1, 1, 0, 4, 0, "IMAGE"],
        [2, 2, 0, 4, 1, "IMAGE"],
        [3, 3, 0, 5, 1, "IMAGE"],
        [4, 4, 0, 5, 0, "IMAGE"],
        [5, 5, 0, SAVE, 0, "IMAGE"],
    ]
    values = [
        prefix or f"layers/{next(_numbers)}",
        "png per layer",
        "\n".join(names),
        opacity,
        "",
        "",
        True,
        picks,
    ]
    add(SAVE, "SwitchyardSaveLayers", [("images", 5)], values, [("STRING", [])])
    nodes[-1].update(pos=[200, -250], size=[420, 720])
    return {
        "nodes": nodes,
        "links": links,
        "last_node_id": 9,
        "last_link_id": 9,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }


def viewer(page):
    found = page.get_by_role("group", name="Layers", exact=True)
    found.wait_for(timeout=30_000)
    return found


def said(page, text: str):
    viewer(page).get_by_role("status").filter(has_text=text).first.wait_for(timeout=30_000)


def colour(page, expected):
    """Until the middle of the composite has about that colour, [r, g, b, a]."""
    page.wait_for_function(
        """expected => {
          const canvas = document.querySelector('.switchyard-composite'), brush = canvas?.getContext('2d');
          const seen = brush && [...brush.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data];
          return seen && expected.every((value, at) => Math.abs(value - seen[at]) < 3);
        }""",
        arg=expected,
        timeout=30_000,
    )


def picks(page) -> list:
    text = page.evaluate(f"{GRAPH}.getNodeById({SAVE}).widgets.find(w => w.name === 'picks').value")
    return json.loads(text) if text else []


def names(page) -> list[str]:
    return [label.removeprefix("Save ") for label in page.locator(".switchyard-layer input[type=checkbox]").evaluate_all(
        "boxes => boxes.map(box => box.ariaLabel)")]  # fmt: skip


# The front end's own widget for pictures, once it has drawn the node, loaded what the run showed, and drawn it again.
DRAWN = """async id => {
  const node = app.canvas.graph.getNodeById(id), draw = () => app.canvas.draw(true, true);
  draw();
  await Promise.all((app.nodeOutputs[id]?.images ?? []).map(async facts => {
    const picture = new Image(); picture.src = window.comfyAPI.api.api.apiURL('/view?' + new URLSearchParams(facts)); await picture.decode(); }));
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  draw();
  return node.widgets.map(widget => widget.name).filter(name => name === '$$canvas-image-preview');
}"""


@pytest.fixture
def ran(page):
    """The graph after a run of it."""
    open_workflow(page, graph())
    said(page, "Run it once")
    result = run(page)
    assert result["kind"] == "execution_success", result["detail"]
    said(page, "3 of 3 layers are saved")
    return page


def written(server, page) -> list[Path]:
    result = run(page)
    assert result["kind"] == "execution_success", result["detail"]
    files = result["outputs"][str(SAVE)]["files"]
    return [server.base / "output" / file["subfolder"] / file["filename"] for file in files]


def middle(path: Path):
    from PIL import Image

    with Image.open(path) as picture:
        return picture.convert("RGBA").getpixel((48, 32))


def test_the_layers_are_shown_together_and_what_is_hidden_is_not_saved(ran, server):
    page = ran
    assert names(page) == NAMES[::-1]
    colour(page, [0, 0, 255, 255])
    shot(page, "layers")
    viewer(page).get_by_role("checkbox", name="Save House").uncheck()
    said(page, "2 of 3 layers are saved")
    colour(page, [0, 255, 0, 255])
    assert picks(page) == [{}, {}, {"show": False}]
    assert [middle(path)[:3] for path in written(server, page)] == [(255, 0, 0), (0, 255, 0)]


def test_solo_shows_one_and_brings_the_others_back(ran):
    page = ran
    viewer(page).get_by_role("checkbox", name="Save House").uncheck()
    solo = viewer(page).get_by_role("button", name="Only Sky")
    solo.click()
    colour(page, [255, 0, 0, 255])
    said(page, "1 of 3 layers are saved")
    assert solo.get_attribute("aria-pressed") == "true"
    solo.click()
    said(page, "2 of 3 layers are saved")
    colour(page, [0, 255, 0, 255])


def test_order_and_opacity_are_those_of_the_file(ran, server):
    page = ran
    viewer(page).get_by_role("button", name="Move Sky up").click()
    viewer(page).get_by_role("button", name="Move Sky up").click()
    assert names(page) == ["Sky", "House", "Hill"]
    colour(page, [255, 0, 0, 255])
    slider = viewer(page).get_by_role("slider", name="Opacity of Sky")
    slider.fill("50")
    colour(page, [128, 0, 127, 255])
    assert picks(page) == [{"opacity": 0.5, "order": 2}, {"order": 0}, {"order": 1}]
    shot(page, "layers_moved")
    files = written(server, page)
    assert [middle(path)[:3] for path in files] == [(0, 255, 0), (0, 0, 255), (255, 0, 0)]
    viewer(page).get_by_role("button", name="Reset").click()
    said(page, "3 of 3 layers are saved")
    assert picks(page) == [] and names(page) == NAMES[::-1]


def test_it_is_worked_with_the_keys_alone(ran):
    page = ran
    viewer(page).get_by_role("checkbox", name="Save House").focus()
    page.keyboard.press("Space")
    said(page, "2 of 3 layers are saved")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Opacity of House"
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")  # it is the highest: nowhere to move up to
    assert page.evaluate("document.activeElement.ariaLabel") == "Move House down"
    page.keyboard.press("Enter")
    assert names(page) == ["Hill", "House", "Sky"]
    assert page.evaluate("document.activeElement.ariaLabel") == "Move House down"
    assert picks(page) == [{"order": 0}, {"order": 2}, {"show": False, "opacity": 0.97, "order": 1}]
    assert page.evaluate(f"{GRAPH}.nodes.length") == 6


def test_a_slider_is_dragged_and_the_node_stays(ran):
    page = ran
    slider = viewer(page).get_by_role("slider", name="Opacity of House")
    before = page.evaluate(f"[...{GRAPH}.getNodeById({SAVE}).pos]")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, y, steps=4)
    page.mouse.up()
    assert 0.3 < picks(page)[2]["opacity"] < 0.7
    assert page.evaluate(f"[...{GRAPH}.getNodeById({SAVE}).pos]") == before


def test_choices_are_in_the_workflow_and_survive_undo_and_another_tab(ran):
    page = ran
    viewer(page).get_by_role("checkbox", name="Save Hill").uncheck()
    said(page, "2 of 3 layers are saved")
    saved = page.evaluate(f"JSON.parse(JSON.stringify({GRAPH}.serialize()))")
    node = next(node for node in saved["nodes"] if node["id"] == SAVE)
    assert json.loads(node["widgets_values"][7]) == [{}, {"show": False}, {}]
    page.evaluate("app.extensionManager.command.execute('Comfy.Undo')")
    said(page, "3 of 3 layers are saved")
    assert names(page) == NAMES[::-1]
    page.evaluate("app.extensionManager.command.execute('Comfy.Redo')")
    said(page, "2 of 3 layers are saved")
    open_workflow(page, {**graph(), "nodes": [], "links": []})
    page.wait_for_function("() => !document.querySelector('.switchyard-layers')")
    page.locator(".workflow-label").nth(-2).click()
    said(page, "2 of 3 layers are saved")
    colour(page, [0, 0, 255, 255])


def test_choices_that_were_made_for_other_layers_can_be_reset(page):
    open_workflow(page, graph(picks='[{}, {"show": false}]'))
    said(page, "chosen in an earlier run")
    assert run(page)["kind"] == "execution_error"
    page.keyboard.press("Escape")  # older front ends tell it in a dialog
    viewer(page).get_by_role("button", name="Reset").click()
    assert run(page)["kind"] == "execution_success"
    said(page, "3 of 3 layers are saved")


def test_hostile_names_are_inert(page):
    evil = ['<img src=x onerror="window.hit=1">', "\u202egpj.exe\u2066", "a" * 3000]
    open_workflow(page, graph(names=evil))
    assert run(page)["kind"] == "execution_success"
    said(page, "3 of 3 layers are saved")
    assert page.evaluate("window.hit") is None
    assert viewer(page).locator("img[onerror], script").count() == 0
    assert viewer(page).locator("bdi").count() == 3
    shot(page, "layers_hostile")


def test_it_can_be_switched_off_and_the_field_is_there_then(ran):
    page = ran
    page.evaluate("app.extensionManager.setting.set('Switchyard.Layers', false)")
    try:
        page.wait_for_function("() => !document.querySelector('.switchyard-layers')")
        assert (
            page.evaluate(f"{GRAPH}.getNodeById({SAVE}).widgets.find(w => w.name === 'picks').hidden")
            is False
        )
    finally:
        page.evaluate("app.extensionManager.setting.set('Switchyard.Layers', true)")
    viewer(page)
    assert "switchyard_layers" not in json.dumps(
        page.evaluate(f"JSON.parse(JSON.stringify({GRAPH}.serialize()))")
    )
    assert vue(page) in (True, False)


def test_the_runs_own_picture_is_not_shown_a_second_time(ran):
    """The canvas renderer draws it below, unless the viewer is switched off."""
    page = ran
    if vue(page):
        assert page.locator(".lg-node .image-preview").filter(visible=True).count() == 0
        return
    assert page.evaluate(DRAWN, SAVE) == []
    page.evaluate("app.extensionManager.setting.set('Switchyard.Layers', false)")
    try:
        page.wait_for_function(f"async () => (await ({DRAWN})({SAVE})).length === 1")
    finally:
        page.evaluate("app.extensionManager.setting.set('Switchyard.Layers', true)")
    viewer(page)
    assert page.evaluate(DRAWN, SAVE) == []


def test_a_file_name_takes_what_save_images_does(page):
    """The front end replaces dates and other nodes' values for core's nodes alone."""
    open_workflow(page, graph(prefix="layers/%date:yyyy-MM-dd%_%EmptyImage.width%_%year%"))
    prefix = page.evaluate(TO_API)[str(SAVE)]["inputs"]["filename_prefix"]
    assert re.fullmatch(r"layers/\d{4}-\d\d-\d\d_96_%year%", prefix)
