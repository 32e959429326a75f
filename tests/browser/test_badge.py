"""The Prompt Router's row: what it says while a person types, after a run, and where only a run can tell."""

import json
from uuid import uuid4

import pytest
from switchyard.tests.browser.stage import (
    GRAPH,
    LOAD,
    TO_API,
    badge,
    open_workflow,
    prompt_field,
    router_in,
    run,
    shot,
    vue,
    workflow,
)

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script> \u202e\u2066drow\u0000 "OPEN"'


def test_it_follows_the_typing(page):
    router = router_in(open_workflow(page, "Poster"))
    badge(page, "→ qwen_remote", "preview")
    shot(page, "preview")
    prompt_field(page, router["id"]).fill("Portrait of an old fisherman at golden hour, 85mm")
    said = badge(page, "→ flux_remote", "preview").inner_text()
    assert "$0." in said and "FLUX" in said and "light" in said
    prompt_field(page, router["id"]).fill("")
    badge(page, "The prompt is empty", "refused")


def test_what_ran_and_what_is_previewed_are_told_apart(page):
    prompt = f'A poster with the headline "RUN {uuid4().hex[:8]}"'
    router = router_in(open_workflow(page, "Poster", prompt))
    badge(page, "Preview", "preview")
    assert run(page)["kind"] == "execution_success"
    badge(page, "Ran: ", "ran")
    shot(page, "ran")
    prompt_field(page, router["id"]).fill("A misty harbour at dawn, cinematic light")
    badge(page, "→ flux_remote", "preview")
    prompt_field(page, router["id"]).fill(prompt)
    badge(page, "→ qwen_remote", "ran")


def test_after_a_reload_a_run_from_the_cache_shows_as_run(page):
    prompt = f'A poster with the headline "CACHE {uuid4().hex[:8]}"'
    graph = open_workflow(page, "Poster", prompt)
    assert run(page)["kind"] == "execution_success"
    open_workflow(page, "Portrait")
    badge(page, "→ flux_remote", "preview")
    open_workflow(page, graph)
    badge(page, "→ qwen_remote", "preview")
    again = run(page)
    assert again["kind"] == "execution_success" and again["cached"]
    badge(page, "→ qwen_remote", "ran")


def test_a_computed_prompt_is_decided_at_run_time(page):
    graph = workflow("Poster")
    router = router_in(graph)
    graph["nodes"].append(
        {"id": 90, "type": "StringConcatenate", "pos": [-500, 0], "size": [300, 200], "flags": {}, "order": 0, "mode": 0,
         "inputs": [], "outputs": [{"name": "STRING", "type": "STRING", "links": [90]}], "properties": {},
         "widgets_values": [f"a cat {uuid4().hex}", " at night", ""]}
    )  # fmt: skip
    router["inputs"].append({"name": "prompt", "type": "STRING", "widget": {"name": "prompt"}, "link": 90})
    graph["links"].append([90, 90, 0, router["id"], len(router["inputs"]) - 1, "STRING"])
    graph["last_node_id"], graph["last_link_id"] = 90, 90
    open_workflow(page, graph)
    said = badge(page, "Decided at run time", "later").inner_text()
    assert "its prompt comes from another node" in said and "$" not in said
    wait_dimmed(page)
    assert run(page)["kind"] == "execution_success"
    badge(page, "decided anew at run time", "earlier")


def test_a_loaded_picture_makes_it_an_edit(page):
    open_workflow(page, "Edit words in a picture")
    assert "an edit of words" in badge(page, "→ qwen_remote", "preview").inner_text()
    open_workflow(page, "Edit a photo")
    assert "a photographic edit" in badge(page, "→ flux_remote", "preview").inner_text()
    assert run(page)["kind"] == "execution_success"
    badge(page, "→ flux_remote", "ran")  # the preview had the picture's own size, or the keys would differ


def test_what_was_passed_over_is_told_on_demand_and_by_keyboard(page):
    open_workflow(page, "Poster")
    row = badge(page, "→ qwen_remote", "preview")
    button, panel = row.get_by_role("button"), page.get_by_role("dialog", name="Why this route")
    assert not panel.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    panel.wait_for()
    lines = panel.get_by_role("listitem").all_inner_texts()
    assert lines and all(": " in line for line in lines)
    shot(page, "why")
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert button.evaluate("element => element === document.activeElement")


# The ids of the nodes that step back, by what the renderer really draws.
DIMMED = {
    True: """() => [...document.querySelectorAll('.lg-node')].filter(node => Number(getComputedStyle(node).opacity) < 0.9)
      .map(node => Number(node.dataset.nodeId)).sort((a, b) => a - b)""",
    False: """() => {
      const canvas = app.canvas, found = new Set(), draw = canvas.drawNodeShape, {scale, offset: [x, y]} = canvas.ds;
      canvas.drawNodeShape = function (node, ctx, ...more) {
        if (ctx.globalAlpha < 0.9) found.add(Number(node.id));
        return draw.call(this, node, ctx, ...more);
      };
      canvas.ds.scale = 0.3; canvas.ds.offset = [900, 900];
      canvas.setDirty(true, true); canvas.draw(true, true);
      canvas.drawNodeShape = draw; canvas.ds.scale = scale; canvas.ds.offset = [x, y]; canvas.setDirty(true, true);
      return [...found].sort((a, b) => a - b);
    }""",
}

# How strong the canvas renderer draws our own rows on these nodes; out of view it has not put them into the page.
ROWS = """ids => ids.map(id => {
  const {element} = app.canvas.graph.getNodeById(id).widgets.find(widget => widget.name === 'switchyard_price');
  const seen = element.isConnected ? element : document.body.appendChild(element.cloneNode()), {opacity} = getComputedStyle(seen);
  if (seen !== element) seen.remove();
  return Number(opacity);
})"""


def wait_dimmed(page, back=(), front=()):
    """Until those nodes step back and these do not; without either, until none does."""
    page.wait_for_function(
        f"""([back, front]) => {{
          const dimmed = ({DIMMED[vue(page)]})();
          return back.length || front.length
            ? back.every(id => dimmed.includes(id)) && !front.some(id => dimmed.includes(id)) : !dimmed.length;
        }}""",
        arg=[list(back), list(front)],
        timeout=30_000,
    )


def saved(page) -> tuple:
    """The workflow as it would be saved, without where one looks at it and what the page measures; and as it would be queued."""
    graph = page.evaluate(f"JSON.parse(JSON.stringify({GRAPH}.serialize()))")
    nodes = [{name: value for name, value in node.items() if name != "size"} for node in graph["nodes"]]
    return nodes, graph["links"], page.evaluate(TO_API)


def test_branches_that_will_not_run_step_back_and_nothing_is_saved_of_it(page):
    graph = open_workflow(page, "Poster")
    by_type = {node["type"]: node["id"] for node in graph["nodes"]}
    flux, qwen = by_type["SwitchyardFluxRemote"], by_type["SwitchyardQwenRemote"]
    always = [by_type[name] for name in ("SwitchyardPromptRouter", "SwitchyardRouteJoin", "SaveImage")]
    page.evaluate("app.extensionManager.setting.set('Switchyard.Dim', false)")
    badge(page, "→ qwen_remote", "preview")
    wait_dimmed(page)
    before = saved(page)
    page.evaluate("app.extensionManager.setting.set('Switchyard.Dim', true)")
    wait_dimmed(page, [flux], [qwen, *always])
    assert vue(page) or page.evaluate(ROWS, [flux, qwen]) == [0.35, 1]
    shot(page, "dimmed")
    assert saved(page) == before
    prompt_field(page, by_type["SwitchyardPromptRouter"]).fill("A misty harbour at dawn, cinematic light")
    badge(page, "→ flux_remote", "preview")
    wait_dimmed(page, [qwen], [flux, *always])
    page.evaluate("app.extensionManager.setting.set('Switchyard.Dim', false)")
    try:
        wait_dimmed(page)
    finally:
        page.evaluate("app.extensionManager.setting.set('Switchyard.Dim', true)")
    wait_dimmed(page, [qwen], [flux, *always])


def test_loaders_that_only_feed_an_idle_branch_step_back_with_it(page):
    graph = open_workflow(page, "Core nodes as branches")
    badge(page, "→ flux_local", "preview")
    qwen = [node["id"] for node in graph["nodes"] if 3 <= node["id"] <= 10]
    flux = [node["id"] for node in graph["nodes"] if node["id"] > 10]
    wait_dimmed(page, qwen, flux)
    shot(page, "core")


@pytest.mark.parametrize("prompt", [HOSTILE, HOSTILE * 12_000], ids=["markup", "1 MB"])
def test_hostile_prompts_are_inert(page, prompt):
    asked = []
    page.on("request", lambda request: asked.append(request) if "switchyard/route" in request.url else None)
    open_workflow(page, "Poster", prompt)
    if len(prompt) > 20_000:
        badge(page, "longer than the 20,000 characters", "later")
        assert not asked
    else:
        badge(page, "→ ", "preview")
        assert asked and all(prompt.encode() not in request.url.encode() for request in asked)
    assert page.evaluate("window.hit") is None
    assert page.locator(".switchyard-row img, .switchyard-row script").count() == 0


def test_it_survives_copying_and_is_in_no_saved_workflow(page):
    graph = open_workflow(page, "Poster", 'A sign that says "UNDO"')
    badge(page, "→ qwen_remote", "preview")
    page.evaluate(
        f"""() => {{ const node = {GRAPH}.getNodeById({router_in(graph)["id"]});
          app.canvas.selectItems?.([node]); app.canvas.copyToClipboard([node]); app.canvas.pasteFromClipboard(); }}"""
    )
    page.wait_for_function(
        "() => document.querySelectorAll('[aria-label=Route][data-state=preview]').length === 2"
    )
    twice = page.evaluate(f"JSON.stringify({GRAPH}.serialize())")
    assert "switchyard_" not in twice
    open_workflow(page, json.loads(twice))
    page.wait_for_function(
        "() => document.querySelectorAll('[aria-label=Route][data-state=preview]').length === 2"
    )


def test_it_can_be_switched_off(page):
    open_workflow(page, "Poster")
    badge(page, "→ qwen_remote", "preview")
    page.evaluate("app.extensionManager.setting.set('Switchyard.Badge', false)")
    try:
        page.wait_for_function("() => !document.querySelector('[aria-label=Route]')")
    finally:
        page.evaluate("app.extensionManager.setting.set('Switchyard.Badge', true)")
    badge(page, "→ qwen_remote", "preview")


def test_it_works_inside_a_subgraph(page):
    open_workflow(page, "Poster", f'A poster that says "INSIDE {uuid4().hex[:8]}"')
    badge(page, "→ qwen_remote", "preview")
    page.evaluate(
        """() => { const graph = app.rootGraph, ours = graph.nodes.filter(node => node.type.startsWith('Switchyard'));
          app.canvas.selectItems(ours);
          const {subgraph, node} = graph.convertToSubgraph(new Set(ours));
          app.canvas.openSubgraph(subgraph, node); }"""
    )
    badge(page, "→ qwen_remote", "preview")
    assert run(page)["kind"] == "execution_success"
    badge(page, "→ qwen_remote", "ran")
    shot(page, "subgraph")


def test_after_a_real_reload_a_run_from_the_cache_shows_as_run(page):
    prompt = f'A poster with the headline "RELOAD {uuid4().hex[:8]}"'
    graph = open_workflow(page, "Poster", prompt)
    assert run(page)["kind"] == "execution_success"
    page.opened()
    open_workflow(page, graph)
    badge(page, "→ qwen_remote", "preview")
    assert run(page)["cached"]
    badge(page, "→ qwen_remote", "ran")


def test_inside_a_subgraph_a_run_from_the_cache_shows_as_run(page):
    open_workflow(page, "Poster", f'A poster that says "BELOW {uuid4().hex[:8]}"')
    badge(page, "→ qwen_remote", "preview")
    page.evaluate(
        """() => { const graph = app.rootGraph, ours = graph.nodes.filter(node => node.type.startsWith('Switchyard'));
          app.canvas.selectItems(ours); graph.convertToSubgraph(new Set(ours)); }"""
    )
    graph = page.evaluate("JSON.parse(JSON.stringify(app.rootGraph.serialize()))")
    assert run(page)["kind"] == "execution_success"
    page.evaluate(LOAD, [graph, "below"])
    page.evaluate(
        "() => { const node = app.rootGraph.nodes.find(node => node.subgraph); app.canvas.openSubgraph(node.subgraph, node); }"
    )
    badge(page, "→ qwen_remote", "preview")
    assert run(page)["cached"]
    badge(page, "→ qwen_remote", "ran")


def test_it_follows_an_undo(page):
    graph = open_workflow(page, "Poster")
    badge(page, "→ qwen_remote", "preview")
    field = prompt_field(page, router_in(graph)["id"])
    field.fill("")
    badge(page, "The prompt is empty", "refused")
    field.press_sequentially("Portrait of an old fisherman, golden hour")
    badge(page, "→ flux_remote", "preview")
    page.evaluate("document.activeElement.blur()")
    page.evaluate(CAPTURE)
    for _ in range(50):
        page.evaluate("app.extensionManager.command.execute('Comfy.Undo')")
        if "SUMMER" in page.evaluate(f"{GRAPH}.getNodeById({router_in(graph)['id']}).widgets[0].value"):
            break
    badge(page, "→ qwen_remote", "preview")
    assert page.locator("[aria-label=Route]").count() == 1
    prompt_field(page, router_in(graph)["id"]).fill("A misty harbour at dawn, cinematic light")
    badge(page, "→ flux_remote", "preview")


# Front ends before 1.47 lose what a run puts out before they know to which tab it belongs: of the router, now and then.
KEPT = "id => id in (app.extensionManager.workflow.activeWorkflow.changeTracker.nodeOutputs ?? {})"


def test_it_is_there_again_after_another_tab(page):
    for _ in range(4):
        graph = open_workflow(page, "Poster", f'A poster that says "TAB {uuid4().hex[:8]}"')
        assert run(page)["kind"] == "execution_success"
        badge(page, "→ qwen_remote", "ran")
        if page.evaluate(KEPT, str(router_in(graph)["id"])):
            break
    open_workflow(page, "Portrait")
    badge(page, "→ flux_remote", "preview")
    page.locator(".workflow-label").nth(-2).click()
    badge(page, "→ qwen_remote", "ran")
    page.locator(".workflow-label").last.click()
    badge(page, "→ flux_remote", "preview")


def test_a_list_of_prompts_is_counted_by_model(page):
    router = router_in(open_workflow(page, "Poster"))
    badge(page, "→ qwen_remote", "preview")
    first = {
        "key": "k",
        "track": "flux_remote",
        "model": "flux-2-pro",
        "name": "FLUX.2 pro",
        "price": "$0.03",
        "reason": "light",
        "passed_over": [],
    }
    other = {**first, "name": "<b>Qwen</b>", "track": "qwen_remote"}
    page.evaluate(
        f"routes => {GRAPH}.getNodeById({router['id']}).onExecuted({{switchyard_route: routes}})",
        [first, other, first, other, other],
    )
    set_setting(page, "Preview", False)
    try:
        said = badge(page, "and 4 more (3 × <b>Qwen</b>, 1 × FLUX.2 pro)", "earlier").inner_text()
        assert "→ flux_remote" in said and "FLUX.2 pro" in said
        assert page.locator("[aria-label=Route] b").count() == 0
        wait_dimmed(page)  # several branches ran
    finally:
        set_setting(page, "Preview", True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_has_the_themes_colours(page, theme):
    page.evaluate("theme => app.extensionManager.setting.set('Comfy.ColorPalette', theme)", theme)
    try:
        open_workflow(page, "Poster")
        badge(page, "→ qwen_remote", "preview")
        page.wait_for_function(CONTRAST, arg=theme, timeout=30_000)
        shot(page, f"theme_{theme}")
    finally:
        page.evaluate("app.extensionManager.setting.set('Comfy.ColorPalette', 'dark')")


def set_setting(page, name: str, value):
    page.evaluate(
        "([name, value]) => app.extensionManager.setting.set(`Switchyard.${name}`, value)", [name, value]
    )


CAPTURE = """() => { const tracker = app.extensionManager.workflow.activeWorkflow.changeTracker;
  (tracker.captureCanvasState ?? tracker.checkState).call(tracker); }"""
# WCAG's contrast of the row's own words with its ground, which is a light one in the light theme.
CONTRAST = """theme => {
  const box = document.querySelector('[aria-label=Route] .switchyard-box'), seen = getComputedStyle(box);
  const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const [words, ground] = [light(seen.color), light(seen.backgroundColor)];
  const contrast = (Math.max(words, ground) + .05) / (Math.min(words, ground) + .05);
  return contrast >= 4.5 && (ground > words) === (theme === 'light');
}"""
