"""Load Layers' button: a file of the person's own is put into the input folder, chosen, and loaded."""

from itertools import count

from switchyard.tests.browser.stage import GRAPH, open_workflow, run, shot
from switchyard.tests.engine.layer_documents import as_ora, everything

LOAD = 3
_widths = count(96)  # the same file again would be nothing new to load
CHOSEN = f"{GRAPH}.getNodeById({LOAD}).widgets.find(w => w.name === 'file').value"


def graph() -> dict:
    load = {"id": LOAD, "type": "SwitchyardLoadLayers", "pos": [0, 0], "size": [320, 360], "flags": {}, "order": 0, "mode": 0,
            "inputs": [], "outputs": [{"name": "names", "type": "STRING", "links": [1]}],
            "properties": {}, "widgets_values": ["none", True, True]}  # fmt: skip
    load["outputs"] = [
        {"name": name, "type": kind, "links": [1] if name == "names" else None}
        for name, kind in [("images", "IMAGE"), ("masks", "MASK"), ("names", "STRING")]
    ]
    show = {"id": 4, "type": "PreviewAny", "pos": [400, 0], "size": [220, 120], "flags": {}, "order": 1, "mode": 0,
            "inputs": [{"name": "source", "type": "*", "link": 1}], "outputs": [], "properties": {}, "widgets_values": []}  # fmt: skip
    return {"nodes": [load, show], "links": [[1, LOAD, 2, 4, 0, "STRING"]], "last_node_id": 4, "last_link_id": 1,
            "groups": [], "config": {}, "extra": {}, "version": 0.4}  # fmt: skip


def test_a_file_is_uploaded_chosen_and_loaded(page, tmp_path):
    path = tmp_path / "Plakat 題.ora"
    width = next(_widths)
    path.write_bytes(as_ora(everything(width)))
    open_workflow(page, graph())
    with page.expect_file_chooser() as chooser:
        page.evaluate(f"{GRAPH}.getNodeById({LOAD}).widgets.find(w => w.name === 'upload').callback()")
    chooser.value.set_files(str(path))
    page.wait_for_function(f"() => {CHOSEN}.startsWith('Plakat 題')", timeout=30_000)
    ended = run(page)
    assert ended["kind"] == "execution_success", ended
    assert "群 outer/inner/مرحبا بالعالم" in ended["outputs"]["4"]["text"][0]
    assert ended["outputs"][str(LOAD)]["text"][0].startswith(f"8 of 8 layers, {width}×64")
    shot(page, "load_layers")
    kept = page.evaluate(f"JSON.parse(JSON.stringify({GRAPH}.serialize()))")
    values = next(node for node in kept["nodes"] if node["id"] == LOAD)["widgets_values"]
    assert values[:3] == [page.evaluate(CHOSEN), True, True]  # older front ends keep what a run said as well
