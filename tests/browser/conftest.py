"""A real Chromium on a real ComfyUI: one server for the session, one page per renderer and file."""

import contextlib
import json
import os
import shutil
import urllib.request
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Without the background flags Chromium looks up addresses of its maker's, which a closed network refuses.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
SETTINGS = {
    "Comfy.Locale": "en",
    "Comfy.TutorialCompleted": True,
    "Comfy.Minimap.Visible": False,
    "Comfy.Workflow.Persist": False,
}
# What the front end itself says: it keeps the command of a sidebar tab that is gone, asks for a help page in the person's
# language first, looks nodes up at its maker's, and (1.39 and older) loses the way to nodes that were just folded.
FRONT_ENDS = (
    "Workspace.ToggleSidebarTab.switchyard-spend already registered",
    "/en.md",
    "api.comfy.org",
    "Subgraph not found",
)
READY = "() => window.app?.vueAppReady && window.app.extensionManager && (window.app.rootGraph ?? window.app.graph)"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(
    scope="module"
)  # not longer: Playwright keeps an event loop running, in which no other can start
def chromium():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: run `python3 dev.py test`"
    )
    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A ComfyServer with the pack and the tiny core models, so that every template's files are there; `fal` is its emulator."""
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tests.comfyui.tiny_core import write_tiny_core
    from switchyard.tests.fal_emulator import FalEmulator
    from switchyard.tools.environment import find_python
    from switchyard.tools.server import ComfyServer

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    base = tmp_path_factory.mktemp("browser")
    write_tiny_core(base / "models")
    (base / "input").mkdir(exist_ok=True)
    shutil.copy(comfyui / "input" / "example.png", base / "input")
    python = find_python(comfyui, os.environ)
    with FalEmulator() as fal:
        environment = {
            "FAL_KEY": None,
            "SWITCHYARD_DAILY_BUDGET": None,
            "SWITCHYARD_FAL_URL": fal.url,
            "HF_HUB_CACHE": str(base / "hub"),
        }
        extra = ["--cpu", "--disable-api-nodes", *_front_end()]
        with ComfyServer(python, comfyui, base, HERE.parents[1], extra=extra, env=environment) as running:
            running.fal = fal
            yield running


def _front_end() -> list[str]:
    """Another front end than ComfyUI's own: SWITCHYARD_FRONT_END names its package's `static` folder."""
    folder = os.environ.get("SWITCHYARD_FRONT_END")
    return ["--front-end-root", folder] if folder else []


@pytest.fixture(scope="module", params=["canvas", "nodes2"])
def loaded(request, server, chromium):
    """The page in one renderer, with what it complained about in `page.complaints`."""
    settings = {**SETTINGS, "Comfy.VueNodes.Enabled": request.param == "nodes2"}
    body = json.dumps(settings).encode()
    ask = urllib.request.Request(f"{server.url}/settings", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(ask).read()
    context = chromium.new_context(viewport={"width": 1500, "height": 950})
    context.route(lambda url: not url.startswith((server.url, "data:", "blob:")), lambda route: route.abort())
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: _error(page, str(error)))
    page.on("console", lambda message: _complaint(page, message))
    page.opened = lambda: _open(page, server.url)
    page.opened()
    yield page
    context.close()


def _open(page, url):
    """Loads the page, or loads it again."""
    page.goto("about:blank")
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_function(READY, timeout=90_000)
    from playwright.sync_api import TimeoutError as Late

    # Its own first workflow comes after that, and would take the place of one that a test has opened meanwhile.
    with contextlib.suppress(Late):
        page.wait_for_function("() => (app.rootGraph ?? app.graph).nodes.length", timeout=5_000)


def _error(page, said):
    """Nothing on the page may throw, whoever wrote it."""
    if not any(word in said for word in FRONT_ENDS):
        page.complaints.append(said)


def _complaint(page, message):
    """Whatever has to do with us, of any kind; the page itself complains of the addresses that it may not reach."""
    ours = "witchyard" in message.text or "witchyard" in str(message.location)
    if ours and not any(word in f"{message.text} {message.location}" for word in FRONT_ENDS):
        page.complaints.append(message.text)


@pytest.fixture
def page(loaded):
    loaded.complaints.clear()
    loaded.keyboard.press("Escape")
    yield loaded
    assert loaded.complaints == []
