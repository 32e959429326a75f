"""The fal nodes' row: what a call would cost, and after a run what it was."""

import json
from uuid import uuid4

import pytest
from switchyard.tests.browser.stage import GRAPH, badge, open_workflow, router_in, run, shot, workflow


def price(page, node_id: int, text: str, state: str = ""):
    """What the node's row says once it says `text`."""
    page.wait_for_function(
        f"""([id, text, state]) => {{
          const root = {GRAPH}.getNodeById(id)?.widgets?.find(w => w.name === 'switchyard_price')?.element;
          return root && root.textContent.includes(text) && (!state || root.dataset.state === state);
        }}""",
        arg=[node_id, text, state],
        timeout=30_000,
    )


def set_widget(page, node_id: int, name: str, value):
    page.evaluate(
        f"""([id, name, value]) => {{
          const widget = {GRAPH}.getNodeById(id).widgets.find(w => w.name === name); widget.value = value; widget.callback?.(value);
        }}""",
        [node_id, name, value],
    )


def ids(graph: dict) -> dict[str, int]:
    return {node["type"]: node["id"] for node in graph["nodes"]}


def alone() -> dict:
    """A FLUX node with its own prompt and nothing connected."""
    graph = workflow("Poster")
    node = next(node for node in graph["nodes"] if node["type"] == "SwitchyardFluxRemote")
    for socket in [*node["inputs"], *node["outputs"]]:
        socket["link"] = socket["links"] = None
    node["inputs"] = [socket for socket in node["inputs"] if socket["name"] != "prompt"]
    return {**graph, "nodes": [node], "links": []}


def test_the_chosen_branch_shows_its_price_and_the_other_that_it_is_not_chosen(page):
    graph = open_workflow(page, "Poster")
    node = ids(graph)
    price(page, node["SwitchyardQwenRemote"], "Rehearsal, $0; bought: $0.02", "preview")
    price(page, node["SwitchyardFluxRemote"], "Not chosen: $0", "later")
    set_widget(page, node["SwitchyardQwenRemote"], "rehearse", False)
    price(page, node["SwitchyardQwenRemote"], "Would cost: $0.02", "preview")
    set_widget(page, node["SwitchyardPromptRouter"], "batch", 3)
    price(page, node["SwitchyardQwenRemote"], "Would cost: $0.06", "preview")
    shot(page, "prices")


def test_its_own_model_and_settings_decide_where_no_route_is_connected(page):
    graph = alone()
    (node,) = graph["nodes"]
    node["widgets_values"][0] = "a lighthouse"
    open_workflow(page, graph)
    price(page, node["id"], "bought: $", "preview")
    set_widget(page, node["id"], "model", "flux-2-pro")
    price(page, node["id"], "bought: $0.03", "preview")
    if not page.evaluate(f"{GRAPH}.getNodeById({node['id']}).widgets.some(w => w.name.startsWith('model.'))"):
        pytest.skip(
            "this front end queues a model's settings under names that ComfyUI does not know (dynamic combos)"
        )
    set_widget(page, node["id"], "model.width", 2048)
    set_widget(page, node["id"], "model.height", 2048)
    price(page, node["id"], "bought: $0.075", "preview")
    set_widget(page, node["id"], "prompt", "")
    price(page, node["id"], "The prompt is empty", "refused")


def test_after_a_run_it_says_what_it_was_and_what_comfyui_still_had(page):
    graph = open_workflow(page, "Poster", f'A poster that says "PAID {uuid4().hex[:8]}"')
    node = ids(graph)["SwitchyardQwenRemote"]
    badge(page, "→ qwen_remote", "preview")
    assert run(page)["kind"] == "execution_success"
    price(page, node, "Ran: rehearsal, $0", "ran")
    open_workflow(page, graph)
    price(page, node, "Rehearsal, $0; bought: $0.02", "preview")
    assert run(page)["cached"]
    price(page, node, "Ran: cached, $0", "ran")


def test_a_picture_or_route_that_only_a_run_knows_is_said_so(page):
    graph = json.loads(json.dumps(workflow("Edit a photo")))
    router_in(graph)["inputs"][0]["link"] = None
    loader = next(node for node in graph["nodes"] if node["type"] == "LoadImage")
    flux = next(node for node in graph["nodes"] if node["type"] == "SwitchyardFluxRemote")
    inverted = {"id": 91, "type": "ImageInvert", "pos": [0, 900], "size": [200, 60], "flags": {}, "order": 0, "mode": 0,
                "inputs": [{"name": "image", "type": "IMAGE", "link": 91}], "properties": {}, "widgets_values": [],
                "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [92]}]}  # fmt: skip
    graph["nodes"].append(inverted)
    socket = next(i for i, made in enumerate(flux["inputs"]) if made["name"].startswith("images."))
    flux["inputs"][socket]["link"] = 92
    graph["links"] += [[91, loader["id"], 0, 91, 0, "IMAGE"], [92, 91, 0, flux["id"], socket, "IMAGE"]]
    graph["last_node_id"] = graph["last_link_id"] = 92
    graph["links"] = [link for link in graph["links"] if link[3] != router_in(graph)["id"]]
    open_workflow(page, graph)
    price(page, flux["id"], "a picture comes from another node", "later")


def test_a_run_above_the_limit_is_asked_about_first(page):
    graph = open_workflow(page, "Poster", f'A poster that says "ASK {uuid4().hex[:8]}"')
    node = ids(graph)["SwitchyardQwenRemote"]
    price(page, node, "bought: $0.02", "preview")
    page.evaluate("app.extensionManager.setting.set('Switchyard.AskAbove', 0.01)")
    try:
        assert run(page)["kind"] == "execution_success"  # a rehearsal costs nothing
        set_widget(page, node, "rehearse", False)
        queued = page.evaluate_handle("() => { window.asked = app.queuePrompt(0, 1); return true; }")
        question = page.get_by_role("dialog", name="Spend this?")
        question.get_by_text("about $0.02").wait_for()
        shot(page, "ask_first")
        page.keyboard.press("Escape")
        assert queued and page.evaluate("window.asked") is False
        page.evaluate("app.extensionManager.setting.set('Switchyard.AskAbove', 0.5)")
        assert run(page)["kind"] == "execution_error"  # it went out: there is no key here
    finally:
        page.evaluate("app.extensionManager.setting.set('Switchyard.AskAbove', 0)")
