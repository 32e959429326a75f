"""The loaders' row: which file is missing and where to put it, and the memory, before anything runs."""

import json

import pytest
from switchyard.tests.browser.stage import GRAPH, open_workflow, prompt_field, shot

QWEN, FLUX, ROUTER = 1, 2, 3


def loader(number: int, kind: str, **socket) -> dict:
    values = ["auto (from route)", *["auto"] * (4 if kind == "Flux" else 3), False]
    return {"id": number, "type": f"SwitchyardLoad{kind}", "pos": [60 + 420 * number, 100], "size": [400, 300], "flags": {},
            "order": number, "mode": 0, "inputs": [{"name": "route", "type": "SWITCHYARD_ROUTE", "link": None, **socket}],
            "outputs": [{"name": "model", "type": "SWITCHYARD_MODEL", "links": None}], "properties": {},
            "widgets_values": values}  # fmt: skip


def graph(*nodes, links=()) -> dict:
    return {"nodes": list(nodes), "links": list(links), "last_node_id": 9, "last_link_id": 9, "groups": [],
            "config": {}, "extra": {}, "version": 0.4}  # fmt: skip


def row(page, node: int, text: str, state: str = ""):
    """The row's element once it says `text`."""
    page.wait_for_function(
        f"""([id, text, state]) => {{
          const root = {GRAPH}.getNodeById(id)?.widgets?.find(w => w.name === 'switchyard_local')?.element;
          if (root) root.dataset.test = `needs${{id}}`;
          return root && root.textContent.includes(text) && (!state || root.dataset.state === state);
        }}""",
        arg=[node, text, state],
        timeout=30_000,
    )
    return page.locator(f'[data-test="needs{node}"]')


def set_widget(page, node: int, name: str, value):
    page.evaluate(
        f"""([id, name, value]) => {{
          const widget = {GRAPH}.getNodeById(id).widgets.find(w => w.name === name); widget.value = value; widget.callback?.(value);
        }}""",
        [node, name, value],
    )


@pytest.fixture
def answered(page):
    """Answers the route itself with what is put into it."""
    answer = {}
    page.route("**/switchyard/local", lambda route: route.fulfill(json=answer))
    yield answer
    page.unroute("**/switchyard/local")


def test_a_model_that_is_not_here_is_said_with_its_size_terms_and_place(page):
    open_workflow(page, graph(loader(QWEN, "Qwen"), loader(FLUX, "Flux")))
    said = row(page, QWEN, "not on this machine", "refused").inner_text()
    assert "Not all here:" in said and "Qwen-Image" in said
    assert " GB; Apache-2.0" in said and "into models/diffusers" in said and "Memory: needs " in said
    set_widget(page, FLUX, "model", "flux-1-dev-local")
    said = row(page, FLUX, "is not on this machine", "refused").inner_text()
    assert "terms have to be accepted" in said
    shot(page, "loaders")
    set_widget(page, FLUX, "download", True)
    row(page, FLUX, "Will be downloaded:", "later")


def test_the_router_decides_for_a_loader_on_auto(page):
    router = {"id": ROUTER, "type": "SwitchyardPromptRouter", "pos": [-500, 100], "size": [400, 500], "flags": {}, "order": 0,
              "mode": 0, "inputs": [], "outputs": [{"name": "route", "type": "SWITCHYARD_ROUTE", "links": [1, 2]}], "properties": {},
              "widgets_values": ["a poster that says \"OPEN\"", "auto", "standard", "auto", "local", 0, 0, 1, 0, ""]}  # fmt: skip
    links = [[1, ROUTER, 0, QWEN, 0, "SWITCHYARD_ROUTE"], [2, ROUTER, 0, FLUX, 0, "SWITCHYARD_ROUTE"]]
    loaders = loader(QWEN, "Qwen", link=1), loader(FLUX, "Flux", link=2)
    open_workflow(page, graph(router, *loaders, links=links))
    row(page, QWEN, "not on this machine", "refused")
    row(page, FLUX, "the route goes to qwen_local", "later")
    prompt_field(page, ROUTER).fill("Portrait of an old fisherman at golden hour, cinematic light")
    row(page, QWEN, "the route goes to flux_local", "later")
    row(page, FLUX, "Not all here:", "refused")
    prompt_field(page, ROUTER).fill("")
    row(page, FLUX, "The prompt is empty", "refused")


def test_what_is_ready_and_what_is_too_large(page, answered):
    facts = {"chosen": True, "model": "x", "name": "Qwen-Image", "ready": True, "fits": True, "said": "", "needs": "43 GB",
             "memory": "24 GB of card and 64 GB of computer"}  # fmt: skip
    answered.update(facts)
    open_workflow(page, graph(loader(QWEN, "Qwen")))
    found = row(page, QWEN, "Ready:", "ready")
    assert "Memory: needs 43 GB, 24 GB of card and 64 GB of computer here" in found.inner_text()
    assert not found.get_by_role("button").is_visible()
    answered.update(facts, fits=False, said="Too much: use a smaller file.")
    set_widget(page, QWEN, "model", "qwen-image-local")
    row(page, QWEN, "Too large:", "refused")
    answered.update(facts)
    found.get_by_role("button", name="Look for the files again").click()
    row(page, QWEN, "Ready:", "ready")
    shot(page, "loader_ready")


def test_what_the_server_says_is_inert(page, answered):
    evil = '<img src=x onerror="window.hit=1"><script>window.hit=1</script> \u202e'
    answered.update(chosen=True, name=evil, ready=False, fits=True, said=evil, needs=evil, memory=evil)
    open_workflow(page, graph(loader(QWEN, "Qwen")))
    found = row(page, QWEN, "onerror", "refused")
    assert found.locator("img, script").count() == 0 and page.evaluate("window.hit") is None


def test_it_is_in_no_saved_workflow_and_can_be_switched_off(page):
    open_workflow(page, graph(loader(QWEN, "Qwen")))
    row(page, QWEN, "not on this machine")
    assert "switchyard_local" not in json.dumps(
        page.evaluate(f"JSON.parse(JSON.stringify({GRAPH}.serialize()))")
    )
    asked = []
    listen = lambda request: asked.append(1) if "/switchyard/" in request.url else None  # noqa: E731
    page.evaluate("app.extensionManager.setting.set('Switchyard.Local', false)")
    try:
        page.wait_for_function("() => !document.querySelector('[aria-label=\"Files and memory\"]')")
        page.on("request", listen)
        set_widget(page, QWEN, "model", "qwen-image-local")
        page.evaluate(
            "() => new Promise(done => setTimeout(done, 500))"
        )  # twice the pause after which it would ask
        assert not asked
    finally:
        page.remove_listener("request", listen)
        page.evaluate("app.extensionManager.setting.set('Switchyard.Local', true)")
    row(page, QWEN, "not on this machine")
