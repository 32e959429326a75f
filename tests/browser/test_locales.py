"""The page in other languages: nodes, inputs, settings and our own words, and the same workflow underneath."""

import json
import re
import urllib.request
from uuid import uuid4

import pytest
from switchyard.tests.browser import stage, test_layers, test_local
from switchyard.tools import locales

NAMES = """() => app.rootGraph.nodes.filter(node => node.type.startsWith('Switchyard')).map(node => ({
  type: node.type, title: node.title, id: node.id,
  inputs: node.inputs.map(({name, localized_name}) => [name, localized_name]),
  widgets: (node.widgets ?? []).map(({name, label}) => [name, label]),
  outputs: node.outputs.map(({name, localized_name}) => [name, localized_name]),
}))"""
VIEW = (
    "() => { app.canvas.ds.scale = 1; app.canvas.ds.offset = [400, 100]; app.canvas.setDirty(true, true); }"
)
ADD = "kind => { const node = LiteGraph.createNode(kind); app.rootGraph.add(node); return node.title; }"
ALONE = """kind => {
  app.rootGraph.clear();
  const node = LiteGraph.createNode(kind); node.pos = [0, 0]; app.rootGraph.add(node);
}"""
# Where on the page a widget of the only node is, once the canvas has drawn it.
PLACE = """name => {
  const [node] = app.rootGraph.nodes, widget = node.widgets.find(widget => widget.name === name);
  if (!widget.last_y) return undefined;
  const {left, top} = app.canvas.canvas.getBoundingClientRect(), {offset: [x, y]} = app.canvas.ds;
  return [left + x + node.pos[0] + 60, top + y + node.pos[1] + widget.last_y + 10];
}"""
SAY = """async text => {
  const {loadWords, say} = await import('/extensions/ComfyUI-Switchyard/words.js');
  await loadWords();
  return say(text, {name: '<b>{price}</b>', price: 'no'});
}"""
KINDS = ("SwitchyardPromptRouter", "SwitchyardFluxRemote", "SwitchyardLoadFlux", "SwitchyardSaveLayers")


@pytest.fixture(scope="module", params=["zh", "ar"])
def abroad(request, server, loaded):
    """The page in a language, which is in `page.language`; opened once for all tests, then English again."""
    speak(server, request.param)
    loaded.language = request.param
    loaded.opened()
    yield loaded
    speak(server, "en")
    loaded.opened()


@pytest.fixture
def spoken(abroad, page):
    yield page


def speak(server, language):
    body = json.dumps({"Comfy.Locale": language}).encode()
    ask = urllib.request.Request(f"{server.url}/settings", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(ask).read()


def test_nodes_speak_the_language(spoken):
    nodes = locales.read(locales.LOCALES / spoken.language / "nodeDefs.json")
    spoken.evaluate("() => app.rootGraph.clear()")
    for kind in KINDS:
        assert spoken.evaluate(ADD, kind) == nodes[kind]["display_name"]
    for node in spoken.evaluate(NAMES):
        words = nodes[node["type"]]
        for name, shown in node["inputs"]:
            if not name.startswith("images."):  # the page numbers these itself
                assert shown == words["inputs"][name.replace(".", "_")]["name"], (node["type"], name)
        for name, shown in node["widgets"]:
            if entry := words["inputs"].get(name.replace(".", "_")):
                assert shown == entry["name"], (node["type"], name)
        assert [shown for _, shown in node["outputs"]] == [
            words["outputs"][str(at)]["name"] for at in range(len(node["outputs"]))
        ]


def test_tooltips_speak_the_language(spoken):
    stage.open_workflow(spoken, test_local.graph())
    spoken.evaluate(ALONE, "SwitchyardPromptRouter")
    nodes = locales.read(locales.LOCALES / spoken.language / "nodeDefs.json")
    entry = nodes["SwitchyardPromptRouter"]["inputs"]["max_price"]
    places = ".node-tooltip, .p-tooltip, [data-testid=tooltip-content]"
    shown = spoken.locator(places).filter(has_text=entry["tooltip"])
    stage.insist(spoken, lambda: _point_at(spoken, entry["name"]), shown, "the tooltip did not come")
    spoken.mouse.move(5, 5)


def _point_at(page, label):
    """The pointer to the row of `max_price`, from elsewhere: the tooltip comes after a rest there."""
    page.mouse.move(5, 5)
    page.evaluate(VIEW)
    if stage.vue(page):
        page.locator(".lg-node").get_by_text(label, exact=True).hover()
        return
    x, y = page.wait_for_function(PLACE, arg="max_price").json_value()
    page.mouse.move(x, y)
    page.mouse.move(x + 2, y)  # the first only makes it the node under the pointer


def test_the_workflow_underneath_is_the_same(spoken):
    stage.open_workflow(spoken, "Poster")
    twin = json.loads((stage.WORKFLOWS / "api" / "Poster.json").read_text(encoding="utf-8"))
    sent = spoken.evaluate(stage.TO_API)
    assert {k: (node["class_type"], node["inputs"]) for k, node in sent.items()} == {
        k: (node["class_type"], node["inputs"]) for k, node in twin.items()
    }


def test_settings_speak_the_language(spoken):
    rows = locales.read(locales.LOCALES / spoken.language / "settings.json")
    spoken.evaluate("() => app.extensionManager.command.execute('Comfy.ShowSettingsDialog')")
    dialog = spoken.get_by_role("dialog").first
    dialog.get_by_text("Switchyard", exact=True).first.click()
    for row in rows.values():
        dialog.get_by_text(row["name"], exact=True).first.wait_for(timeout=15_000)
    spoken.keyboard.press("Escape")


def test_our_scripts_speak_the_language(spoken):
    table = words(spoken.language)
    assert spoken.evaluate(SAY, "Passed over") == table["Passed over"]
    assert spoken.evaluate(SAY, "constructor") == "constructor"
    held = "\u2068<b>{price}</b>\u2069" if spoken.language == "ar" else "<b>{price}</b>"
    assert spoken.evaluate(SAY, "Save {name}") == table["Save {name}"].replace("{name}", held)


def test_badge_and_prices_speak_the_language(spoken):
    table = words(spoken.language)
    stage.open_workflow(spoken, "Poster", f'A poster that says "WORDS {uuid4().hex[:8]}"')
    route = row(spoken, "switchyard_route", table["Preview"], "preview")
    row(spoken, "switchyard_price", table["Not chosen: $0"])
    row(spoken, "switchyard_price", table["Rehearsal, $0; bought: {price}"].partition("{")[0])
    route.get_by_role("button", name=table["Why this route, and what was passed over"]).click()
    reasons = spoken.get_by_role("dialog", name=table["Why this route"])
    reasons.get_by_role("heading", name=table["Passed over"]).wait_for()
    stage.shot(spoken, f"words_{spoken.language}")
    spoken.keyboard.press("Escape")
    assert stage.run(spoken)["kind"] == "execution_success"
    row(spoken, "switchyard_route", table["Ran"], "ran")
    row(spoken, "switchyard_price", table["Ran: rehearsal, $0"], "ran")
    assert foreign(spoken) == []


def test_what_only_a_run_knows_is_said_in_the_language(spoken):
    table, name = (
        words(spoken.language),
        locales.read(locales.LOCALES / f"{spoken.language}.json")["names"]["prompt"],
    )
    graph = stage.workflow("Poster")
    router = stage.router_in(graph)
    router["inputs"].append({"name": "prompt", "type": "STRING", "widget": {"name": "prompt"}, "link": 90})
    graph["nodes"].append(
        {"id": 90, "type": "StringConcatenate", "pos": [-500, 0], "size": [300, 200], "flags": {}, "order": 0, "mode": 0,
         "inputs": [], "outputs": [{"name": "STRING", "type": "STRING", "links": [90]}], "properties": {},
         "widgets_values": ["a cat", " at night", ""]}
    )  # fmt: skip
    graph["links"].append([90, 90, 0, router["id"], len(router["inputs"]) - 1, "STRING"])
    stage.open_workflow(spoken, graph)
    later = row(spoken, "switchyard_route", table["Decided at run time"], "later")
    why = table["its {name} comes from another node"].replace("{name}", name)
    assert why in plain(later.inner_text())


def test_the_layer_viewer_speaks_the_language(spoken):
    table = words(spoken.language)
    stage.open_workflow(spoken, test_layers.graph())
    row(spoken, "switchyard_layers", table["Run it once to see its layers here."], "waiting")
    assert stage.run(spoken)["kind"] == "execution_success"
    count = table["{saved} of {total} layers are saved"]
    viewer = row(spoken, "switchyard_layers", count.replace("{saved}", "3").replace("{total}", "3"), "ran")
    viewer.get_by_role("checkbox", name=held(spoken, "Save {name}", "House")).uncheck()
    row(spoken, "switchyard_layers", count.replace("{saved}", "2").replace("{total}", "3"))
    stage.shot(spoken, f"layers_{spoken.language}")
    viewer.get_by_role("button", name=table["Reset"]).click()
    assert foreign(spoken) == []


def test_the_loaders_speak_the_language(spoken):
    table = words(spoken.language)
    stage.open_workflow(spoken, test_local.graph(test_local.loader(test_local.QWEN, "Qwen")))
    row(spoken, "switchyard_local", table["Not all here:"], "refused")
    assert foreign(spoken) == []
    spoken.evaluate("() => app.rootGraph.clear()")
    button = "kind => { const node = LiteGraph.createNode(kind); return node.widgets.find(w => w.name === 'upload').label; }"
    assert spoken.evaluate(button, "SwitchyardLoadLayers") == table["Upload a layer file"]


def test_the_spend_panel_speaks_the_language(spoken):
    table = words(spoken.language)
    toggle = "app.extensionManager.command.execute('Workspace.ToggleSidebarTab.switchyard-spend')"
    title = spoken.evaluate(
        "app.extensionManager.getSidebarTabs().find(tab => tab.id === 'switchyard-spend').title"
    )
    assert title == table["Spend"]
    spoken.evaluate(toggle)
    panel = spoken.get_by_role("region", name=table["Switchyard spend"])
    panel.get_by_role("row", name=table["This month"]).wait_for()
    panel.get_by_text(table["No key yet: rehearsals work, paid pictures do not."]).wait_for()
    panel.get_by_text(table["None."]).wait_for()
    side = "rtl" if spoken.language == "ar" else "ltr"
    assert panel.evaluate("element => getComputedStyle(element).direction") == side
    assert foreign(spoken) == []
    stage.shot(spoken, f"spend_{spoken.language}")
    spoken.evaluate(toggle)
    panel.wait_for(state="detached")


def test_a_change_of_the_language_is_heard(spoken):
    stage.open_workflow(spoken, "Poster")
    row(spoken, "switchyard_route", words(spoken.language)["Preview"], "preview")
    for language in ("fr", spoken.language):
        spoken.evaluate("language => app.extensionManager.setting.set('Comfy.Locale', language)", language)
        found = row(spoken, "switchyard_route", words(language)["Preview"], "preview")
        assert found.get_attribute("aria-label") == words(language)["Route"]
        tab = "app.extensionManager.getSidebarTabs().find(tab => tab.id === 'switchyard-spend').title"
        assert spoken.evaluate(tab) == words(language)["Spend"]


# Every label in our rows and panels that is ours alone, and no person's or server's.
LABELS = """() => [...document.querySelectorAll('.switchyard-row, .switchyard-side')].flatMap(root => [
  root.ariaLabel, ...[...root.querySelectorAll('[aria-label]')].map(part => part.ariaLabel),
  ...[...root.querySelectorAll('button, h2, h3, thead th, .switchyard-hint')].map(part => part.textContent),
]).filter(text => /\\p{L}/u.test(text ?? ''))"""


def words(language) -> dict:
    return locales.read(locales.LOCALES / f"{language}.json")["canvas"]


def plain(text: str) -> str:
    """Without the marks that keep directions apart."""
    return re.sub("[\u2068\u2069]", "", text)


def held(page, text: str, name: str) -> str:
    return words(page.language)[text].replace(
        "{name}", f"\u2068{name}\u2069" if page.language == "ar" else name
    )


def row(page, name: str, text: str, state: str = ""):
    """The row of that name once it says `text` in that state, marks of direction aside; in view or not."""
    page.wait_for_function(
        """([name, text, state]) => app.canvas.graph.nodes.flatMap(node => node.widgets ?? []).filter(widget => widget.name === name)
          .some(({element: row}) => row.textContent.replace(/[\u2068\u2069]/g, '').includes(text) && (!state || row.dataset.state === state))""",
        arg=[name, text, state],
        timeout=30_000,
    )
    return page.locator(f'[data-row="{name}"]' + (f'[data-state="{state}"]' if state else "")).first


def foreign(page) -> list[str]:
    """The labels of ours that are none of the language's phrases."""
    holes = [re.sub(r"\\{\w+\\}", ".*", re.escape(text)) for text in words(page.language).values()]
    phrase = re.compile("|".join(holes), re.DOTALL)
    labels = page.evaluate(LABELS)
    assert labels
    return [text for text in labels if not phrase.fullmatch(plain(text))]
