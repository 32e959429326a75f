"""What we add leaves the page as it was: switched off it is gone, it says nothing in the console, and it takes no keys."""

import pytest
from switchyard.tests.browser.stage import (
    GRAPH,
    badge,
    choose,
    open_workflow,
    prompt_field,
    router_in,
    shot,
    vue,
)

EXTRAS = ("Badge", "Price", "Local", "Layers", "Dim", "Preview", "Spend")
OURS = "document.querySelectorAll('[class*=switchyard-row]').length"
EMPTY = {"nodes": [], "links": [], "groups": [], "config": {}, "extra": {}, "version": 0.4}
LOADER = """() => { const node = LiteGraph.createNode('SwitchyardLoadFlux'); node.pos = [-600, 700]; (app.canvas.graph ?? app.rootGraph).add(node);
  if (LiteGraph.registered_node_types.SwitchyardSaveLayers) {
    const save = LiteGraph.createNode('SwitchyardSaveLayers'); save.pos = [-100, 700]; (app.canvas.graph ?? app.rootGraph).add(save); } }"""

# Whether Nodes 2.0 draws a row of anybody's that is added after a value has changed: that of 1.33 forgets to.
LATE = """() => new Promise(done => {
  const node = LiteGraph.createNode('PrimitiveStringMultiline'), row = document.createElement('div');
  app.canvas.graph.add(node);
  const over = drawn => { clearInterval(look); clearTimeout(end); app.canvas.graph.remove(node); done(drawn); };
  let look, end = setTimeout(() => over(false), 5000);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const [field] = node.widgets; field.value = 'changed'; field.callback?.('changed');
    requestAnimationFrame(() => requestAnimationFrame(() => {
      node.addDOMWidget('late', 'late', row, {serialize: false});
      look = setInterval(() => row.isConnected && over(true), 50);
    }));
  }));
})"""


def put(page, name: str, value):
    page.evaluate(
        "([name, value]) => app.extensionManager.setting.set(`Switchyard.${name}`, value)", [name, value]
    )


def test_every_extra_can_be_switched_off_and_then_nothing_is_asked(page):
    graph = open_workflow(page, "Poster")
    page.evaluate(LOADER)
    badge(page, "→ qwen_remote", "preview")
    page.wait_for_function(f"() => {OURS} >= 4")
    asked = []

    def listen(request):
        if "/switchyard/" in request.url:
            asked.append(request.url)

    try:
        for name in EXTRAS:
            put(page, name, False)
        page.wait_for_function(f"() => {OURS} === 0")
        page.on("request", listen)
        prompt_field(page, router_in(graph)["id"]).fill("Portrait of an old fisherman at golden hour")
        # Whoever asks, asks after 250 ms: another field's answer that comes later shows that nobody does.
        page.evaluate("() => new Promise(done => setTimeout(done, 600))")
        assert asked == []
        shot(page, "all_off")
    finally:
        page.remove_listener("request", listen)
        for name in EXTRAS:
            put(page, name, True)
    if vue(page) and not page.evaluate(LATE):
        pytest.skip(
            "this front end's Nodes 2.0 never draws a row that comes after a value of its node has changed"
        )
    badge(page, "→ flux_remote", "preview")
    page.wait_for_function(f"() => {OURS} >= 4")


def test_keys_are_left_alone(page):
    """Those that the page listens to reach it from our buttons, and none of ours is bound to anything."""
    open_workflow(page, "Poster")
    badge(page, "→ qwen_remote", "preview").get_by_role("button", name="Why").focus()
    heard = page.evaluate_handle(
        "() => { const heard = []; window.addEventListener('keydown', event => heard.push([event.key, event.defaultPrevented])); return heard; }"
    )
    for key in ("a", "F9", "Escape"):
        page.keyboard.press(key)
    seen = heard.json_value()
    assert {key for key, _ in seen} >= {"a", "F9", "Escape"}
    ours = page.evaluate(
        "() => (app.extensions ?? []).filter(extension => /witchyard/.test(extension.name)).flatMap(extension => [...(extension.keybindings ?? []), ...(extension.commands ?? [])])"
    )
    assert ours == []


@pytest.mark.parametrize("kind", ["SwitchyardPromptRouter", "SwitchyardFluxRemote", "SwitchyardLoadQwen"])
def test_the_help_page_of_a_node_opens(page, kind):
    open_workflow(page, EMPTY)
    choose(page, kind)
    page.get_by_test_id("info-button").first.click()
    title = (
        page.request.get(f"{page.url.split('#')[0].rstrip('/')}/extensions/ComfyUI-Switchyard/docs/{kind}.md")
        .text()
        .splitlines()[0]
    )
    page.get_by_role("heading", name=title.removeprefix("# ")).first.wait_for(timeout=30_000)
    shot(page, f"help_{kind}")
    page.keyboard.press("Escape")


def test_nothing_of_ours_is_left_when_the_nodes_are_gone(page):
    open_workflow(page, "Poster")
    badge(page, "→ qwen_remote", "preview")
    page.evaluate(
        f"() => {{ const graph = {GRAPH}; for (const node of [...graph.nodes]) graph.remove(node); }}"
    )
    page.wait_for_function(f"() => {OURS} === 0")
    own = page.evaluate(
        "() => Object.hasOwn(app.canvas, 'drawNode') && String(app.canvas.drawNode).includes('isDimmed')"
    )
    assert own is False
