"""The README's and the help pages' pictures, taken of the real page after a rehearsal. Run by `dev.py pictures`.

docs/pictures/ has one of each renderer and the two menus, web/docs/pictures/ one of each node that a picture helps with. It
needs Chromium; the picture of Until It Reads needs rapidocr as well and is left as it is where that is missing.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.page import Page

ROOT = Path(__file__).resolve().parent.parent
README, HELP = ROOT / "docs" / "pictures", ROOT / "web" / "docs" / "pictures"
MOST = 200_000  # bytes of a picture
QUIET = 4000  # ms until ComfyUI's "Job completed" is gone
OURS = re.compile(
    "^(ComfyUI-)?Switchyard$"
)  # in the template browser: the folder's name, or what the locale calls it

IDS = """kinds => { const graph = app.rootGraph ?? app.graph;
  return kinds.flatMap(kind => graph.nodes.filter(node => node.type === kind).map(node => node.id)); }"""


def main() -> int:
    sys.path.insert(0, str(ROOT))  # a script of its own: nothing of ComfyUI is imported here
    from tools.page import opened

    with opened() as page:
        _canvas(page)
        _templates(page)
    with opened(modern=True) as page:
        _modern(page)
        _help(page)
        _blueprint(page)
    return 0


def _canvas(page: Page) -> None:
    _ran(page, "Poster")
    _keep(page.shot(), README / "poster.jpg", 1400)


def _modern(page: Page) -> None:
    _ran(page, "Edit a photo")
    _keep(page.shot(), README / "edit-nodes2.jpg", 1400)


def _templates(page: Page) -> None:
    page.tab.evaluate("app.extensionManager.command.execute('Comfy.BrowseTemplates')")
    page.tab.get_by_role("dialog").get_by_text(OURS).first.click()
    page.tab.get_by_test_id("template-workflow-Poster").wait_for()
    page.tab.wait_for_function("() => [...document.images].every(image => image.complete)")
    _keep(page.picture(), README / "templates.jpg", 1200)
    page.tab.keyboard.press("Escape")


def _help(page: Page) -> None:
    _ran(page, "Poster")
    _node(page, "SwitchyardPromptRouter")
    if _ran(page, "A poster that is checked"):
        _node(page, "SwitchyardUntilItReads", "PreviewImage")
    layered(page)
    _node(page, "SwitchyardSaveLayers")


def _blueprint(page: Page) -> None:
    import json

    graph = json.loads((ROOT / "subgraphs" / "Auto image.json").read_text(encoding="utf-8"))
    page.tab.evaluate("graph => app.loadGraphData(graph, true, true, 'Auto image')", graph)
    page.tab.evaluate("""() => { const node = app.rootGraph.nodes[0];
      node.widgets.find(w => w.name === 'prompt').value = 'A menu on slate: "SOUP OF THE DAY"'; }""")
    page.tab.wait_for_timeout(300)
    _keep(page.shot([graph["nodes"][0]["id"]], margin=24), README / "auto-image.jpg", 700)


def layered(page: Page) -> None:
    """A canvas with Load Layers and Save Layers, on a file of four layers that is drawn here, run once."""
    from tools.pieces import Node, Workflow
    from tools.sample_layers import write

    write(page.server.base / "input" / "harbour.psd")
    nodes = {
        "load": Node("SwitchyardLoadLayers", (0, 0), (340, 200), {"file": "harbour.psd"}),
        "save": Node(
            "SwitchyardSaveLayers", (420, 0), (460, 1000), {"format": "psd + ora"},
            {"images": ("load", 0), "masks": ("load", 1), "names": ("load", 2)},
        ),
    }  # fmt: skip
    page.build(Workflow("Layers", nodes))
    _, error = page.run(QUIET)
    if error:
        raise RuntimeError(error)


def _ran(page: Page, name: str) -> bool:
    """Opens a bundled workflow and runs it in rehearsal; False, and why on the terminal, where it cannot."""
    page.open(ROOT / "workflows" / f"{name}.json")
    _, error = page.run(QUIET)
    if error:
        print(f"{name} did not run, so its picture is the old one: {' '.join(error.split())}", flush=True)
    return not error


def _node(page: Page, *kinds: str) -> None:
    """The nodes of these kinds, for the help page of the first."""
    ids = page.tab.evaluate(IDS, list(kinds))
    _keep(page.shot(ids, margin=16), HELP / f"{kinds[0]}.jpg", 760)


def _keep(picture: Image, file: Path, wide: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.thumbnail((wide, 2 * wide))
    for quality in (88, 80, 70, 60):
        picture.save(file, quality=quality, optimize=True)
        if file.stat().st_size < MOST:
            break
    print(
        f"{file.relative_to(ROOT)}: {picture.width}x{picture.height}, {file.stat().st_size:,} bytes",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
