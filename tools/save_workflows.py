"""Builds the bundled workflows in ComfyUI's own frontend and saves what it makes of them. Run by `dev.py workflows`.

For every workflow: `workflows/<name>.json` (the UI form, locale en), `workflows/api/<name>.json` (the same as the
frontend would queue it) and `workflows/<name>.jpg` (what it does, for the template browser). For every blueprint:
`subgraphs/<name>.json`. It needs Chromium. Arguments: only the workflows and blueprints of these names.
"""

from __future__ import annotations

import json
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.blueprints import Blueprint
    from tools.page import Page
    from tools.pieces import Workflow
    from tools.thumbnails import Card

ROOT = Path(__file__).resolve().parent.parent
NAMED = uuid.UUID("6f6b7c1e-5d0b-4b0c-9b4e-6a2f1d7e9c55")  # what our subgraphs' ids are derived from
ADDRESS = "https://github.com/switchyard-nodes/ComfyUI-Switchyard"

# Makes one node of all that is on the canvas, with inputs and outputs as wished.
FOLD = """async ([name, ids, inputs, outputs]) => {
  const graph = app.rootGraph ?? app.graph;
  const {subgraph, node} = graph.convertToSubgraph(new Set([...graph.nodes, ...graph.groups]));
  subgraph.name = node.title = name;
  await new Promise(r => setTimeout(r, 100));
  for (const input of [...subgraph.inputs]) subgraph.removeInput(input);  // the seeds, which the page offers by itself
  const inner = key => subgraph.getNodeById(ids[key]);
  for (const [title, targets] of Object.entries(inputs)) {
    let made;
    for (const [key, input] of targets) {
      const slot = inner(key).inputs.find(i => i.name === input);
      if (!slot) throw new Error(key + ' has no input ' + input);
      made ??= subgraph.addInput(title, slot.type);
      made.connect(slot, inner(key));
      await new Promise(r => setTimeout(r, 30));
    }
  }
  for (const [title, [key, index]] of Object.entries(outputs)) {
    const slot = inner(key).outputs[index];
    subgraph.addOutput(title, slot.type).connect(slot, inner(key));
  }
  await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
  node.pos = [0, 0];
  node.setSize([420, node.computeSize()[1] + 120]);  // room for the prompt
}"""


def main(names: list[str]) -> int:
    sys.path.insert(0, str(ROOT))  # a script of its own: nothing of ComfyUI is imported here
    from tools.blueprints import BLUEPRINTS
    from tools.bundled import WORKFLOWS
    from tools.page import opened

    with opened(WORKFLOWS) as page:
        for workflow in WORKFLOWS:
            if not names or workflow.name in names:
                print(f"saved {workflow.name}{_save(page, workflow)}", flush=True)
        for blueprint in BLUEPRINTS:
            if not names or blueprint.name in names:
                _save_blueprint(page, blueprint)
                print(f"saved {blueprint.name}", flush=True)
    return 0


def _save(page: Page, workflow: Workflow) -> str:
    """Saves the three files; what is to be said about it."""
    ids = page.build(workflow)
    built = page.saved()
    _write(ROOT / "workflows" / f"{workflow.name}.json", built["workflow"])
    _write(ROOT / "workflows" / "api" / f"{workflow.name}.json", built["output"])
    from tools.thumbnails import SIDE

    with tempfile.TemporaryDirectory() as folder:
        card, why = _card(page, workflow, ids, Path(folder))
        if card is None:
            return f", its picture is the old one: {why}"
        drawn = page.rendered(card.page, SIDE, SIDE).resize((SIDE, SIDE))
    drawn.save(ROOT / "workflows" / f"{workflow.name}.jpg", quality=85, optimize=True)
    return ""


def _card(page: Page, workflow: Workflow, ids: dict[str, int], folder: Path) -> tuple[Card | None, str]:
    """What the workflow does, as it was seen to do it; None and why where it could not run."""
    from tools import sample_layers
    from tools.thumbnails import Card

    asked = _asked(workflow)
    if any(node.models for node in workflow.nodes.values()):  # its files are empty here: it cannot run
        nodes = folder / "nodes.png"
        page.shot([ids[n] for n in ids if n not in ("note", "save")], margin=8).save(nodes)
        return Card(asked, [("Qwen-Image", False), ("FLUX, your nodes", True)], [nodes], "whole"), ""
    outputs, error = page.run()
    if error:
        return None, error
    shown = {name: outputs.get(str(number), {}) for name, number in ids.items()}
    ways = _ways(shown["router"]["switchyard_route"])
    if (
        workflow.nodes["save"].kind == "SwitchyardSaveLayers"
    ):  # a rehearsal has no layers: a picture of our own
        return Card(asked, ways, sample_layers.pictures(folder), "grid"), ""
    files = (shown.get("marked") or shown["save"])["images"]
    pictures = [page.server.base / one["type"] / one["subfolder"] / one["filename"] for one in files]
    if "picture" in workflow.nodes:
        return Card(asked, ways, [page.server.base / "input" / "example.png", *pictures], "two"), ""
    return Card(asked, ways, pictures, "stack" if len(pictures) > 1 else ""), ""


def _asked(workflow: Workflow) -> list[str]:
    """The prompts of a workflow, or the words of its poster."""
    if "copy" in workflow.nodes:
        words = workflow.nodes["copy"].values
        return [str(words[key]) for key in ("headline", "deck", "date", "price")]
    widgets = (pair for node in workflow.nodes.values() for pair in node.values.items())
    return [str(value) for name, value in widgets if name in ("prompt", "value") and value]


def _ways(routes: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """The families, and the models that were chosen."""
    chosen = {route["track"].split("_")[0]: route for route in routes}
    titles = {"qwen": "Qwen-Image", "flux": "FLUX", "layers": "Layers"}
    families = ["layers"] if "layers" in chosen else ["qwen", "flux"]
    return [
        (
            f"{chosen[name]['name']} {chosen[name]['price']}" if name in chosen else titles[name],
            name in chosen,
        )
        for name in families
    ]


def _save_blueprint(page: Page, blueprint: Blueprint) -> None:
    ids = page.build(blueprint.inside)
    inputs = {name: list(targets) for name, targets in blueprint.inputs.items()}
    page.tab.evaluate(FOLD, [blueprint.name, ids, inputs, dict(blueprint.outputs)])
    # As the page publishes a blueprint: with every input in its place. What it queues and saves leaves the unconnected
    # widgets' inputs out, and older pages take the next one for them when a blueprint is dragged in.
    graph = page.tab.evaluate("() => JSON.parse(JSON.stringify(app.rootGraph.serialize()))")
    (made,) = graph["definitions"]["subgraphs"]
    text = json.dumps(graph, ensure_ascii=False)
    old = [made["id"], *(slot["id"] for slot in [*made["inputs"], *made["outputs"]])]
    for n, one in enumerate(
        old
    ):  # the frontend draws them by lot: a file that is made again is the same file
        text = text.replace(one, str(uuid.uuid5(NAMED, f"{ADDRESS} {blueprint.name} {n}")))
    graph = json.loads(text)
    (made,) = graph["definitions"]["subgraphs"]
    made |= {"category": "Switchyard", "description": blueprint.about}
    graph["extra"] = {
        "BlueprintDescription": blueprint.about,
        "BlueprintSearchAliases": list(blueprint.aliases),
    }
    graph.pop("id", None)
    _write(ROOT / "subgraphs" / f"{blueprint.name}.json", graph)


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
