"""Builds the bundled workflows in ComfyUI's own frontend and saves what it makes of them. Run by `dev.py workflows`.

For every workflow: `workflows/<name>.json` (the UI form, locale en), `workflows/api/<name>.json` (the same as the
frontend would queue it) and `workflows/<name>.jpg` (its canvas, for the template browser). It needs Chromium.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"]  # fmt: skip
SETTINGS = {
    "Comfy.Locale": "en",
    "Comfy.TutorialCompleted": True,
    "Comfy.Minimap.Visible": False,
    "Comfy.Workflow.Persist": False,
    "Comfy.VueNodes.Enabled": False,
    "Comfy.Graph.CanvasInfo": False,
}
READY = "() => window.app?.vueAppReady && window.app.extensionManager && (window.app.rootGraph ?? window.app.graph)"

# Makes the nodes, sets their widgets by name, connects them by name (growing sockets appear as they are connected).
BUILD = """async ([title, spec, groups]) => {
  await app.loadGraphData({version: 0.4, last_node_id: 0, last_link_id: 0, nodes: [], links: [], groups: [], config: {}, extra: {}}, true, true, title);
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
    if (n.kind.startsWith('Switchyard')) { node.properties.cnr_id = 'switchyard'; node.properties.ver = VERSION; }
  }
  for (const [name, n] of Object.entries(spec))
    for (const [input, [from, index]] of Object.entries(n.links)) {
      const slot = made[name].inputs.findIndex(i => i.name === input);
      if (slot < 0) throw new Error(n.kind + ' has no input ' + input);
      made[from].connect(index, made[name], slot);
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
  return JSON.parse(JSON.stringify(await app.graphToPrompt()));
}"""
# Queues the canvas and waits for the end, so that the picture of it shows what comes out.
RUN = """() => new Promise((done, failed) => {
  const api = window.comfyAPI.api.api;
  for (const kind of ['execution_success', 'execution_error', 'execution_interrupted'])
    api.addEventListener(kind, event => kind === 'execution_success' ? setTimeout(done, 4000)  /* picture there, toast gone */ : failed(new Error(kind + ' ' + JSON.stringify(event.detail))), {once: true});
  app.queuePrompt(0, 1);
})"""
FRAME = """async () => {
  const graph = app.rootGraph ?? app.graph, c = app.canvas, el = c.canvas;
  let [x0, y0, x1, y1] = [1e9, 1e9, -1e9, -1e9];
  for (const n of [...graph.nodes, ...graph.groups]) { x0 = Math.min(x0, n.pos[0]); y0 = Math.min(y0, n.pos[1] - 34); x1 = Math.max(x1, n.pos[0] + n.size[0]); y1 = Math.max(y1, n.pos[1] + n.size[1]); }
  const r = el.getBoundingClientRect(), left = 75, top = 95, wide = r.width - left - 20, high = r.height - top - 20;  // beside the menus
  const s = Math.min(wide / (x1 - x0), high / (y1 - y0), 1);
  c.ds.scale = s; c.ds.offset = [(left + (wide - (x1 - x0) * s) / 2) / s - x0, (top + (high - (y1 - y0) * s) / 2) / s - y0];
  c.deselectAll?.(); c.setDirty(true, true);
  await new Promise(r => setTimeout(r, 400));
}"""


def main() -> int:
    sys.path.insert(0, str(ROOT))  # a script of its own: nothing of ComfyUI is imported here
    from playwright.sync_api import sync_playwright

    from tools.bundled import WORKFLOWS
    from tools.server import ComfyServer

    comfyui = Path(os.environ["COMFYUI_PATH"])
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium was found: install it (Debian: apt install chromium).", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        base = Path(folder)
        (base / "input").mkdir(parents=True)
        shutil.copy(comfyui / "input" / "example.png", base / "input")
        _placeholders(base / "models", WORKFLOWS)
        with ComfyServer(
            sys.executable, comfyui, base, ROOT, extra=["--cpu", "--disable-api-nodes"]
        ) as server:
            page = _page(playwright, chromium, server.url)
            for workflow in WORKFLOWS:
                _save(page, workflow)
                print(f"saved {workflow.name}")
    return 0


def _placeholders(models: Path, workflows: Any) -> None:
    """Empty files under the names that the loaders have, so that their lists offer them."""
    for workflow in workflows:
        for node in workflow.nodes.values():
            for name, _, directory in node.models:
                (models / directory).mkdir(parents=True, exist_ok=True)
                (models / directory / name).touch()


def _page(playwright: Any, chromium: str, url: str) -> Any:
    body = json.dumps(SETTINGS).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{url}/settings", body, {"Content-Type": "application/json"})
    ).read()
    browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM)
    context = browser.new_context(viewport={"width": 1600, "height": 900}, device_scale_factor=1.5)
    context.route(
        lambda address: not address.startswith((url, "data:", "blob:")), lambda route: route.abort()
    )
    page = context.new_page()
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_function(READY, timeout=60_000)
    page.keyboard.press("Escape")
    return page


def _save(page: Any, workflow: Any) -> None:
    from PIL import Image

    spec = {
        name: {
            "kind": n.kind, "at": n.at, "size": n.size, "title": n.title, "values": n.values, "links": n.links,
            "models": n.model_entries,
        }
        for name, n in workflow.nodes.items()
    }  # fmt: skip
    version = json.dumps(_version())
    built = page.evaluate(BUILD.replace("VERSION", version), [workflow.name, spec, workflow.groups])
    _write(ROOT / "workflows" / f"{workflow.name}.json", built["workflow"])
    _write(ROOT / "workflows" / "api" / f"{workflow.name}.json", built["output"])
    if not any(node.models for node in workflow.nodes.values()):
        page.evaluate(RUN)
    page.evaluate(FRAME)
    shot = Image.open(io.BytesIO(page.locator("#graph-canvas").screenshot())).convert("RGB")
    shot.thumbnail((1280, 720))
    shot.save(ROOT / "workflows" / f"{workflow.name}.jpg", quality=85, optimize=True)


def _version() -> str:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("version"))


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
