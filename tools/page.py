"""ComfyUI's own page in a real Chromium, on a server of its own: for the scripts that save workflows and take pictures."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ToolError
from .server import ComfyServer

if TYPE_CHECKING:
    from PIL.Image import Image

    from .pieces import Workflow

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"]  # fmt: skip
SETTINGS = {
    "Comfy.Locale": "en",
    "Comfy.TutorialCompleted": True,
    "Comfy.Minimap.Visible": False,
    "Comfy.Workflow.Persist": False,
    "Comfy.Graph.CanvasInfo": False,
}
READY = "() => window.app?.vueAppReady && window.app.extensionManager && (window.app.rootGraph ?? window.app.graph)"
EMPTY = {"version": 0.4, "last_node_id": 0, "last_link_id": 0, "nodes": [], "links": [], "groups": []}

# Makes the nodes, sets their widgets by name, connects them by name (growing sockets appear as they are connected).
BUILD = """async ([title, empty, spec, groups, version]) => {
  await app.loadGraphData({...empty, config: {}, extra: {}}, true, true, title);
  const graph = app.rootGraph ?? app.graph, made = {};
  for (const [name, n] of Object.entries(spec)) {
    const node = LiteGraph.createNode(n.kind);
    if (!node) throw new Error('no such node: ' + n.kind);
    graph.add(node);
    node.pos = n.at; made[name] = node;
    if (n.title) node.title = n.title;
    for (const [key, value] of Object.entries(n.values)) {
      const widget = key ? node.widgets.find(w => w.name === key) : node.widgets[0];
      if (!widget) throw new Error(n.kind + ' has no widget ' + key);
      widget.value = value; widget.callback?.(value, app.canvas, node);
    }
    if (n.models.length) node.properties.models = n.models;
    if (n.kind.startsWith('Switchyard')) { node.properties.cnr_id = 'switchyard'; node.properties.ver = version; }
  }
  for (const [name, n] of Object.entries(spec))
    for (const [input, [from, index]] of Object.entries(n.links)) {
      const find = () => made[name].inputs.findIndex(i => i.name === input);
      for (let turn = 0; find() < 0 && turn < 200; turn++) await new Promise(r => setTimeout(r, 20));
      if (find() < 0) throw new Error(n.kind + ' has no input ' + input);
      made[from].connect(index, made[name], find());
      await new Promise(r => setTimeout(r, 30));
    }
  for (const [name, n] of Object.entries(spec)) made[name].setSize([n.size[0], Math.max(n.size[1], made[name].computeSize()[1])]);
  for (const [title, names] of Object.entries(groups)) {
    const group = new LiteGraph.LGraphGroup(title), own = names.map(name => made[name]);
    const left = Math.min(...own.map(n => n.pos[0])), top = Math.min(...own.map(n => n.pos[1] - 90));  // two titles
    group.pos = [left - 20, top];
    group.size = [Math.max(...own.map(n => n.pos[0] + n.size[0])) - left + 40, Math.max(...own.map(n => n.pos[1] + n.size[1])) - top + 20];
    graph.add(group);
  }
  await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
  return Object.fromEntries(Object.entries(made).map(([name, node]) => [name, node.id]));
}"""
SAVED = "async () => JSON.parse(JSON.stringify(await app.graphToPrompt()))"
# Queues the canvas and waits for the end; `quiet` ms more, so that pictures are there and toasts are gone.
RUN = """quiet => new Promise(done => {
  const api = window.comfyAPI.api.api, outputs = {};
  const executed = event => { outputs[event.detail.node] = event.detail.output; };
  const over = (error) => { api.removeEventListener('executed', executed); setTimeout(() => done({error, outputs}), quiet); };
  api.addEventListener('executed', executed);
  for (const kind of ['execution_success', 'execution_error', 'execution_interrupted'])
    api.addEventListener(kind, event => over(kind === 'execution_success' ? '' : event.detail.exception_message ?? kind), {once: true});
  app.queuePrompt(0, 1).then(() => { if (Object.keys(app.lastNodeErrors ?? {}).length) over(JSON.stringify(app.lastNodeErrors)); });
})"""
# Brings these nodes (all, where none is named) into view, beside the menus; returns where they are, in the page's pixels.
FRAME = """async ([ids, most]) => {
  const graph = app.canvas.graph, c = app.canvas, r = c.canvas.getBoundingClientRect();
  const all = ids.length ? ids.map(id => graph.getNodeById(id)) : [...graph.nodes, ...graph.groups];
  const left = 75, top = 105, wide = r.width - left - 20, high = r.height - top - 20;
  const box = () => {
    let [x0, y0, x1, y1] = [1e9, 1e9, -1e9, -1e9];
    for (const n of all) {
      const el = LiteGraph.vueNodesMode ? document.querySelector(`.lg-node[data-node-id="${n.id}"]`) : null, q = el?.getBoundingClientRect();
      const size = q?.width && n.inputs ? [q.width / c.ds.scale, q.height / c.ds.scale - 34] : n.size;
      x0 = Math.min(x0, n.pos[0]); y0 = Math.min(y0, n.pos[1] - 34); x1 = Math.max(x1, n.pos[0] + size[0]); y1 = Math.max(y1, n.pos[1] + size[1]);
    }
    return [x0, y0, x1, y1];
  };
  let x0, y0, x1, y1, s;
  for (let turn = 0; turn < 2; turn++) {  // how high a node is, the page only knows once it has drawn it
    [x0, y0, x1, y1] = box();
    s = Math.min(wide / (x1 - x0), high / (y1 - y0), most);
    c.ds.scale = s; c.ds.offset = [(left + (wide - (x1 - x0) * s) / 2) / s - x0, (top + (high - (y1 - y0) * s) / 2) / s - y0];
    c.deselectAll?.(); c.setDirty(true, true);
    await new Promise(done => setTimeout(done, 500));
  }
  return {x: r.x + (x0 + c.ds.offset[0]) * s, y: r.y + (y0 + c.ds.offset[1]) * s, width: (x1 - x0) * s, height: (y1 - y0) * s};
}"""


@dataclass
class Page:
    """The open page. `tab` is Playwright's page, `server` ComfyUI's."""

    tab: Any
    server: ComfyServer

    def build(self, workflow: Workflow) -> dict[str, int]:
        """Puts the workflow on the canvas; node name -> id."""
        spec = {name: _plain(node) for name, node in workflow.nodes.items()}
        groups = {title: list(names) for title, names in workflow.groups.items()}
        return self.tab.evaluate(BUILD, [workflow.name, EMPTY, spec, groups, version()])

    def open(self, file: Path) -> None:
        graph = json.loads(file.read_text(encoding="utf-8"))
        self.tab.evaluate("([graph, name]) => app.loadGraphData(graph, true, true, name)", [graph, file.stem])

    def saved(self) -> dict[str, Any]:
        """{"workflow": the UI form, "output": the API form} of what is on the canvas."""
        return self.tab.evaluate(SAVED)

    def run(self, quiet: int = 200) -> tuple[dict[str, Any], str]:
        """Queues the canvas; what each node showed, and why it failed ("" when it did not)."""
        ended = self.tab.evaluate(RUN, quiet)
        return ended["outputs"], ended["error"]

    def shot(self, nodes: Iterable[int] = (), scale: float = 1.0, margin: int = 0) -> Image:
        """The whole canvas with its menus, or only these nodes with so many pixels around them."""
        ids = list(nodes)
        box = self.tab.evaluate(FRAME, [ids, scale])
        clip = {"x": box["x"] - margin, "y": box["y"] - margin}
        clip |= {"width": box["width"] + 2 * margin, "height": box["height"] + 2 * margin}
        return self.picture(clip) if ids else self.picture()

    def picture(self, clip: Mapping[str, float] | None = None) -> Image:
        """What the page shows, or a part of it: x, y, width, height in its pixels."""
        from PIL import Image

        taken = self.tab.screenshot(clip=clip) if clip else self.tab.screenshot()
        return Image.open(io.BytesIO(taken)).convert("RGB")

    def rendered(self, html: str, width: int, height: int) -> Image:
        """A page of its own, as a picture."""
        from PIL import Image

        tab = self.tab.context.new_page()
        tab.set_viewport_size({"width": width, "height": height})
        tab.set_content(html, wait_until="load")
        taken = tab.screenshot()
        tab.close()
        return Image.open(io.BytesIO(taken)).convert("RGB")


@contextlib.contextmanager
def opened(workflows: Iterable[Workflow] = (), *, modern: bool = False) -> Iterator[Page]:
    """The page on a server that has example.png and an empty file for each model that these workflows name.

    modern: Nodes 2.0, else the canvas renderer. Raises ToolError without a Chromium. COMFYUI_PATH names the ComfyUI.
    """
    from playwright.sync_api import sync_playwright

    comfyui = Path(os.environ["COMFYUI_PATH"])
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise ToolError("No Chromium was found: install it (Debian: apt install chromium).")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        base = Path(folder)
        (base / "input").mkdir(parents=True)
        shutil.copy(comfyui / "input" / "example.png", base / "input")
        _placeholders(base / "models", workflows)
        quiet: dict[str, str | None] = {"FAL_KEY": None, "SWITCHYARD_DAILY_BUDGET": None}
        extra = ["--cpu", "--disable-api-nodes"]
        with ComfyServer(sys.executable, comfyui, base, ROOT, extra=extra, env=quiet) as server:
            _set(server.url, {**SETTINGS, "Comfy.VueNodes.Enabled": modern})
            browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM)
            yield Page(_tab(browser, server.url), server)
            browser.close()


def version() -> str:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("version"))


def _plain(node: Any) -> dict[str, Any]:
    return {
        "kind": node.kind, "at": node.at, "size": node.size, "title": node.title, "values": dict(node.values),
        "links": dict(node.links), "models": node.model_entries,
    }  # fmt: skip


def _placeholders(models: Path, workflows: Iterable[Workflow]) -> None:
    """Empty files under the names that the loaders have, so that their lists offer them."""
    for workflow in workflows:
        for node in workflow.nodes.values():
            for name, _, directory in node.models:
                (models / directory).mkdir(parents=True, exist_ok=True)
                (models / directory / name).touch()


def _set(url: str, settings: Mapping[str, Any]) -> None:
    body = json.dumps(settings).encode()
    asked = urllib.request.Request(f"{url}/settings", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(asked).read()


def _tab(browser: Any, url: str) -> Any:
    context = browser.new_context(viewport={"width": 1600, "height": 900}, device_scale_factor=1.5)
    context.route(
        lambda address: not address.startswith((url, "data:", "blob:")), lambda route: route.abort()
    )
    tab = context.new_page()
    tab.goto(url, wait_until="domcontentloaded")
    tab.wait_for_function(READY, timeout=90_000)
    tab.keyboard.press("Escape")
    return tab
