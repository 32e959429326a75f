"""Every bundled workflow opens in the real page, is the twin of its API form, and runs to the end."""

import base64
import json
from pathlib import Path
from uuid import uuid4

import pytest
from switchyard.engine.proof.reader import available
from switchyard.tests.browser.stage import choose

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
NAMES = sorted(path.stem for path in (WORKFLOWS / "api").glob("*.json"))
CORE, CHECKED = "Core nodes as branches", "A poster that is checked"

EMPTY = {"version": 0.4, "nodes": [], "links": [], "groups": [], "last_node_id": 0, "last_link_id": 0}
LOAD = "([workflow, name]) => app.loadGraphData(workflow, true, true, name)"
UNKNOWN = """() => (app.rootGraph ?? app.graph).nodes
  .filter(node => !LiteGraph.registered_node_types[node.type]).map(node => node.type)"""
TO_API = "async () => JSON.parse(JSON.stringify((await app.graphToPrompt()).output))"
RUN = """() => new Promise((done, failed) => {
  const api = window.comfyAPI.api.api, outputs = {};
  const executed = event => { outputs[event.detail.node] = event.detail.output; };
  api.addEventListener('executed', executed);
  for (const kind of ['execution_success', 'execution_error', 'execution_interrupted'])
    api.addEventListener(kind, event => { api.removeEventListener('executed', executed); done({kind, outputs, detail: event.detail}); }, {once: true});
  app.queuePrompt(0, 1).then(() => { if (Object.keys(app.lastNodeErrors ?? {}).length) done({kind: 'rejected', detail: app.lastNodeErrors}); });
})"""
DROP = """async ([name, mime, data]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0)), transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type: mime}));
  const canvas = document.querySelector('#graph-canvas'), at = canvas.getBoundingClientRect();
  const options = {bubbles: true, cancelable: true, dataTransfer: transfer, clientX: at.x + 300, clientY: at.y + 700};
  for (const type of ['dragenter', 'dragover', 'drop']) canvas.dispatchEvent(new DragEvent(type, options));
}"""


def workflow(name: str) -> dict:
    return json.loads((WORKFLOWS / f"{name}.json").read_text(encoding="utf-8"))


def twin(name: str) -> dict:
    return json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8"))


def bare(graph: dict) -> dict:
    """What decides a run: front ends differ in what else they write down of a node, as its title or its pack's version;
    and those of 1.39 and before queue what Preview as Text shows, which its node does not take."""
    return {
        key: (node["class_type"], {"source": node["inputs"]["source"]} if node["class_type"] == "PreviewAny" else node["inputs"])
        for key, node in graph.items()
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_and_is_the_twin_of_its_api_form(page, name):
    page.evaluate(LOAD, [workflow(name), name])
    assert page.evaluate(UNKNOWN) == []
    assert bare(page.evaluate(TO_API)) == bare(twin(name))


@pytest.mark.parametrize("name", [name for name in NAMES if name != CORE])
def test_it_runs_in_rehearsal_to_the_end(page, name):
    page.evaluate(LOAD, [workflow(name), name])
    # ComfyUI answers an unchanged prompt from its cache: words of its own make every run a real one.
    page.evaluate(
        """words => { for (const node of (app.rootGraph ?? app.graph).nodes) for (const widget of node.widgets ?? [])
          if (['prompt', 'scene', 'value'].includes(widget.name) && widget.value) widget.value += words; }""",
        f" {uuid4().hex[:6]}",
    )
    result = page.evaluate(RUN)
    if name == CHECKED and available():  # the optional packages are not installed: all but the check has run
        assert "must be installed" in result["detail"]["exception_message"]
        page.keyboard.press("Escape")
    else:
        assert result["kind"] == "execution_success", result["detail"]
        assert any("images" in output for output in result["outputs"].values() if output)
    routes = [
        output["switchyard_route"][0]
        for output in result["outputs"].values()
        if output and "switchyard_route" in output
    ]
    assert routes and all("$" in route["price"] for route in routes)


def test_it_can_be_dropped_as_a_file_and_as_a_saved_picture(page, server):
    page.evaluate(LOAD, [workflow("Portrait"), "Portrait"])
    result = page.evaluate(RUN)
    assert result["kind"] == "execution_success"
    page.evaluate(DROP, ["Poster.json", "application/json", _base64(WORKFLOWS / "Poster.json")])
    page.wait_for_function(
        "() => (app.rootGraph ?? app.graph).nodes.some(n => n.widgets?.some(w => String(w.value).includes('SUMMER JAZZ')))"
    )
    saved = sorted((server.base / "output" / "switchyard").glob("portrait_*.png"))[-1]
    page.evaluate(DROP, ["picture.png", "image/png", _base64(saved)])
    page.wait_for_function(
        "() => (app.rootGraph ?? app.graph).nodes.some(n => n.widgets?.some(w => String(w.value).includes('fisherman')))"
    )
    assert page.evaluate(UNKNOWN) == []


def test_the_templates_are_listed_with_their_pictures(page, server):
    listed = server.get("/workflow_templates")
    assert sorted(listed["ComfyUI-Switchyard"]) == NAMES
    for name in NAMES:
        status, body = server.request(
            "GET", f"/api/workflow_templates/ComfyUI-Switchyard/{name.replace(' ', '%20')}.jpg"
        )
        assert status == 200 and body[:2] == b"\xff\xd8" and len(body) < 200_000


def test_an_unknown_model_of_an_old_workflow_still_opens(page):
    old = json.loads(json.dumps(workflow("Poster")).replace('"auto (from route)"', '"qwen-image-2"'))
    page.evaluate(LOAD, [old, "old"])
    assert page.evaluate(UNKNOWN) == []


def test_every_node_has_a_help_page(server):
    info = server.get("/object_info")
    for name, node in info.items():
        if node["python_module"].endswith("ComfyUI-Switchyard") and not node["dev_only"]:
            status, body = server.request("GET", f"/extensions/ComfyUI-Switchyard/docs/{name}.md")
            assert status == 200 and body.startswith(b"# ")


@pytest.mark.parametrize("name", ["PromptRouter", "UntilItReads", "SaveLayers"])
def test_a_help_page_shows_its_picture(page, name):
    page.opened()  # the page's own veil, up while it works, may have stayed after another test
    page.evaluate(LOAD, [EMPTY, "help"])
    choose(page, f"Switchyard{name}")
    page.get_by_test_id("info-button").first.click()
    page.wait_for_function(
        "name => [...document.images].some(i => i.src.includes(`/docs/pictures/Switchyard${name}.jpg`) && i.naturalWidth > 300)",
        arg=name,
    )


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
