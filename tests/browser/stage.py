"""What the browser tests do at the page: open a workflow, type, queue, and read what our nodes show."""

import json
import os
import time
from itertools import count
from pathlib import Path

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
SHOTS = os.environ.get("SWITCHYARD_SHOTS")  # a folder: every `shot` is kept there

LOAD = "([workflow, name]) => app.loadGraphData(workflow, true, true, name)"
TO_API = "async () => JSON.parse(JSON.stringify((await app.graphToPrompt()).output))"
RUN = """() => new Promise(done => {
  const api = window.comfyAPI.api.api, outputs = {}, cached = [];
  const executed = event => { outputs[event.detail.node] = event.detail.output; };
  const kept = event => cached.push(...event.detail.nodes);
  api.addEventListener('executed', executed); api.addEventListener('execution_cached', kept);
  const over = (kind, detail) => {
    api.removeEventListener('executed', executed); api.removeEventListener('execution_cached', kept);
    done({kind, outputs, cached, detail});
  };
  for (const kind of ['execution_success', 'execution_error', 'execution_interrupted'])
    api.addEventListener(kind, event => over(kind, event.detail), {once: true});
  app.queuePrompt(0, 1).then(() => { if (Object.keys(app.lastNodeErrors ?? {}).length) over('rejected', app.lastNodeErrors); });
})"""
GRAPH = "(app.canvas.graph ?? app.rootGraph ?? app.graph)"

_numbers = count(1)


def workflow(name: str) -> dict:
    return json.loads((WORKFLOWS / f"{name}.json").read_text(encoding="utf-8"))


def open_workflow(page, graph: dict | str, prompt: str | None = None) -> dict:
    """Loads it, with the Prompt Router's prompt replaced where one is given; returns what was loaded."""
    graph = workflow(graph) if isinstance(graph, str) else json.loads(json.dumps(graph))
    if prompt is not None:
        router_in(graph)["widgets_values"][0] = prompt
    page.evaluate(LOAD, [graph, f"test {next(_numbers)}"])
    return graph


def router_in(graph: dict) -> dict:
    return next(node for node in graph["nodes"] if node["type"] == "SwitchyardPromptRouter")


def vue(page) -> bool:
    """Whether the page draws the nodes (Nodes 2.0), and not the canvas."""
    return page.evaluate("Boolean(LiteGraph.vueNodesMode)")


def prompt_field(page, node_id: int):
    """The text field of a node's prompt."""
    if vue(page):
        return page.locator(f'.lg-node[data-node-id="{node_id}"] textarea').first
    page.evaluate(
        f"""() => {GRAPH}.getNodeById({node_id}).widgets.find(w => w.name === 'prompt').element.dataset.test = 'prompt{node_id}'"""
    )
    return page.locator(f'[data-test="prompt{node_id}"]')


def badge(page, text: str = "", state: str = ""):
    """The router's row once it says `text` in that state."""
    wanted = f'[data-state="{state}"]' if state else ""
    found = page.locator(f'.switchyard-row[aria-label="Route"]{wanted}', has_text=text).first
    found.wait_for(timeout=30_000)
    return found


def run(page) -> dict:
    return page.evaluate(RUN)


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{'nodes2' if vue(page) else 'canvas'}_{name}.png"))


def until(page, condition, seconds: float = 30.0) -> None:
    """Waits for something outside of the page. The page's requests come through this process: it must not just block."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        page.wait_for_timeout(20)


def choose(page, kind: str) -> None:
    """Adds one node of that kind to the open graph and selects it as a person does, until the page's toolbox is there."""
    number = page.evaluate(
        """kind => { const graph = app.canvas.graph, node = LiteGraph.createNode(kind); graph.add(node); node.pos = [0, 40];
          return node.id; }""",
        kind,
    )
    insist(
        page,
        lambda: _click_title(page, number),
        page.get_by_test_id("info-button"),
        f"{kind} was not selected",
    )


def insist(page, act, shown, otherwise: str) -> None:
    """Does it as often as it takes until that is seen. Right after a graph was loaded the page may still move its view, or
    draw too late: what a pointer did then met something else."""
    from playwright.sync_api import TimeoutError as Late

    for patience in (1000, 2000, 4000, 8000, 16000):  # ms
        act()
        try:
            return shown.first.wait_for(state="visible", timeout=patience)
        except Late:
            continue
    raise AssertionError(otherwise)


def _click_title(page, number: int) -> None:
    page.evaluate(
        "() => { app.canvas.ds.scale = 1; app.canvas.ds.offset = [400, 200]; app.canvas.setDirty(true, true); }"
    )
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if vue(page):
        node = f'.lg-node[data-node-id="{number}"]'
        page.locator(f'{node} .lg-node-header, {node} [data-testid^="node-header"]').first.click()
        return
    spot = page.evaluate(
        """number => { const node = app.canvas.graph.getNodeById(number), {offset, scale} = app.canvas.ds;
          const edge = app.canvas.canvas.getBoundingClientRect();
          return [edge.x + (node.pos[0] + offset[0] + 90) * scale, edge.y + (node.pos[1] + offset[1] - 14) * scale]; }""",
        number,
    )
    page.mouse.click(*spot)
