"""The page in other languages: nodes, inputs, settings and our own words, and the same workflow underneath."""

import json
import urllib.request

import pytest
from switchyard.tests.browser import stage
from switchyard.tools import locales

NAMES = """() => app.rootGraph.nodes.filter(node => node.type.startsWith('Switchyard')).map(node => ({
  type: node.type, title: node.title, id: node.id,
  inputs: node.inputs.map(({name, localized_name}) => [name, localized_name]),
  widgets: (node.widgets ?? []).map(({name, label}) => [name, label]),
  outputs: node.outputs.map(({name, localized_name}) => [name, localized_name]),
}))"""
ADD = "kind => { const node = LiteGraph.createNode(kind); app.rootGraph.add(node); return node.title; }"
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
    table = locales.read(locales.LOCALES / f"{spoken.language}.json")["canvas"]
    assert spoken.evaluate(SAY, "Passed over") == table["Passed over"]
    assert spoken.evaluate(SAY, "constructor") == "constructor"
    said = table["Save {name}"].replace("{name}", "<b>{price}</b>")
    assert spoken.evaluate(SAY, "Save {name}") == said
