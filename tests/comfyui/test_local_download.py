"""`download` on a loader, in a real ComfyUI whose model hub is on loopback: only when it is on, seen, stopped, gone on with."""

import os
import shutil
import threading
from pathlib import Path

import pytest
from switchyard.tests import hub_emulator
from switchyard.tests.comfyui.graphs import node, router
from switchyard.tests.comfyui.local_graphs import SMALL, draw, load, painted, pictures, refused, save

ROOT = Path(__file__).resolve().parents[2]
KLEIN, REPOSITORY = "flux-2-klein-4b-local", "black-forest-labs/FLUX.2-klein-4B"
HELD = "transformer/diffusion_pytorch_model.safetensors"
PAUSE = 20  # seconds; nothing waits that long unless it hangs


class Held(dict):
    """Files of a repository. The hub says nothing to a question for HELD while `free` is not set."""

    def __init__(self, files: dict[str, bytes]):
        super().__init__(files)
        self.free, self.asked = threading.Event(), threading.Event()
        self.free.set()

    def get(self, path, default=None):
        if path == HELD:
            self.asked.set()
            self.free.wait(PAUSE)
        return super().get(path, default)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    if not os.environ.get("COMFYUI_PATH"):
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    from switchyard.tests.tiny import pipelines

    folder = pipelines.folder(tmp_path_factory.mktemp("hub") / "klein", KLEIN)
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with hub_emulator.running(hub_emulator.Hub({REPOSITORY: Held(files)})) as made:
        yield made


@pytest.fixture(scope="module")
def server(hub, tmp_path_factory):
    """Without a single model. Nothing that it asks may leave this computer."""
    from switchyard.tests.comfyui.client import Comfy
    from switchyard.tests.tiny import files
    from switchyard.tools.environment import find_python
    from switchyard.tools.server import ComfyServer, link

    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    base = tmp_path_factory.mktemp("download")
    files.configs(base / "tiny" / "configs")
    files.tokenizer_folders(base / "tiny" / "comfy")
    link(ROOT / "tests" / "testing_pack", base / "custom_nodes" / "switchyard_testing")
    environment = {"FAL_KEY": None, "SWITCHYARD_TEST_TINY": str(base / "tiny"), "OMP_NUM_THREADS": "1", "HF_ENDPOINT": hub.address,
                   "HF_HOME": str(base / "hub"), "HF_HUB_CACHE": None, "HF_HUB_OFFLINE": None, "HF_TOKEN": None,
                   "HF_HUB_DISABLE_TELEMETRY": "1"}  # fmt: skip
    arguments = ["--cpu", "--disable-api-nodes"]
    with ComfyServer(
        find_python(comfyui, os.environ), comfyui, base, ROOT, extra=arguments, env=environment
    ) as running:
        yield Comfy(running, None)


@pytest.fixture
def comfy(server, hub):
    """Nothing is there, and the hub gives what it has."""
    files = hub.repositories[REPOSITORY]
    shutil.rmtree(server.base / "models" / "diffusers", ignore_errors=True)
    hub.seen.clear()
    yield server
    hub.gated.clear()
    hub.listed.clear()
    hub.status = 0
    hub.repositories[REPOSITORY] = files
    files.free.set()


def graph(seed: int, **inputs) -> dict:
    """seed: of its own for each run, in the loader (which has no such input) too, or ComfyUI answers from its cache."""
    return {
        "load": load(KLEIN, seed=seed, **inputs),
        "draw": draw("Flux", "load", seed=seed, **SMALL),
        "save": save("draw"),
    }


def folder(comfy) -> Path:
    return comfy.base / "models" / "diffusers" / "FLUX.2-klein-4B"


def test_nothing_is_asked_of_the_hub_unless_it_is_on(comfy, hub):
    said = refused(comfy, graph(1))
    assert REPOSITORY in said and "models/diffusers" in said
    assert "not on this machine" in refused(comfy, graph(2, download=False))
    assert hub.seen == [] and not folder(comfy).exists()


def test_nothing_is_fetched_in_a_branch_that_is_not_chosen(comfy, hub):
    route = {"route": ["router", 0]}
    lake = {
        "router": router("a quiet lake", place="remote"),
        "load": node("SwitchyardLoadFlux", model="auto (from route)", download=True, **route),
        "draw": draw("Flux", "load", **SMALL),
        "save": save("draw"),
    }
    run = comfy.run(lake)
    assert run.status == "success", run.error
    assert "not chosen" in run.texts["load"] and hub.seen == []


def test_what_is_missing_is_fetched_and_drawn_with(comfy, hub):
    run = comfy.run(graph(3, download=True), timeout=120)
    (picture,) = pictures(comfy, run)
    assert picture.size == (64, 64) and painted(picture)
    said = [text for where, text in run.said if where == "load"]
    assert said[0] == f"asking the hub for {REPOSITORY}" and said[-1] == "FLUX.2 klein 4B"
    assert (folder(comfy) / "model_index.json").is_file()
    hub.seen.clear()
    again = comfy.run(graph(4, download=True), timeout=60)
    assert again.status == "success" and hub.seen == []  # it is there: nobody is asked


def test_parts_that_are_here_are_not_fetched_again(comfy, hub):
    assert comfy.run(graph(5, download=True), timeout=120).status == "success"
    beside = comfy.base / "models" / "text_encoders" / "own.safetensors"
    beside.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder(comfy) / "text_encoder" / "model.safetensors", beside)
    shutil.rmtree(folder(comfy))
    hub.seen.clear()
    try:
        run = comfy.run(graph(6, download=True), timeout=120)
        assert run.status == "success", run.error
    finally:
        beside.unlink()
    asked = " ".join(hub.asked("hub"))
    assert HELD in asked and "/text_encoder/" not in asked and "/tokenizer/" in asked


def test_it_is_seen_it_is_cancelled_and_it_goes_on(comfy, hub):
    """The hub stands still in the middle: Cancel is heard all the same, and what has arrived is not fetched twice."""
    files = hub.repositories[REPOSITORY]
    files.free.clear()
    files.asked.clear()

    def cancel(where: str, text: str) -> None:
        if where == "load" and text.startswith("downloading") and files.asked.wait(PAUSE):
            comfy.interrupt()

    run = comfy.run(graph(7, download=True), timeout=PAUSE, on_text=cancel)
    assert run.status == "interrupted" and not files.free.is_set()
    said = run.texts["load"]
    assert said.startswith("downloading ") and said.endswith(" MB") and " of " in said
    assert not (folder(comfy) / "model_index.json").exists()
    there = {path.relative_to(folder(comfy)).as_posix() for path in folder(comfy).rglob("*.safetensors")}
    assert "text_encoder/model.safetensors" in there and HELD not in there
    files.free.set()
    hub.seen.clear()
    again = comfy.run(graph(8, download=True), timeout=120)
    assert again.status == "success", again.error
    assert not [path for path in hub.asked("hub") if "text_encoder/model.safetensors" in path]


def test_another_node_runs_on_beside_it(comfy, hub):
    files = hub.repositories[REPOSITORY]
    files.free.clear()
    beside = threading.Event()
    lake = router("a quiet lake", place="remote")
    both = {
        **graph(9, download=True),
        "router": lake,
        "fal": node(
            "SwitchyardFluxRemote",
            prompt="a lake",
            model="flux-2-pro",
            seed=9,
            rehearse=True,
            route=["router", 0],
        ),
        "slate": save("fal"),
    }

    def release(where: str, text: str) -> None:
        if where == "fal" and "rehearsal" in text:
            beside.set()
        if beside.is_set() and files.asked.is_set():
            files.free.set()

    run = comfy.run(both, timeout=120, on_text=release)
    assert run.status == "success" and beside.is_set()


def test_what_goes_wrong_is_one_sentence(comfy, hub):
    def said(seed: int) -> str:
        words = refused(comfy, graph(seed, download=True)).strip()
        assert words.endswith(".") and "\n" not in words
        assert not (folder(comfy) / "model_index.json").exists()
        return words

    hub.gated.add(REPOSITORY)
    assert "accepted its terms" in said(10)
    hub.gated.clear()
    hub.status = 503
    assert "error 503" in said(11)
    hub.status = 0
    free = shutil.disk_usage(comfy.base).free
    files = hub.repositories[REPOSITORY]
    shards = 2 + free // 40_000_000_000
    names = [f"transformer/model-{i:05}-of-{shards:05}.safetensors" for i in range(1, shards + 1)]
    hub.repositories[REPOSITORY] = {**files, **dict.fromkeys(names, b"x")}
    hub.listed = {name: {"size": 40_000_000_000} for name in names}
    assert "make room" in said(12)
    hub.repositories.pop(REPOSITORY)
    assert f"no {REPOSITORY} on the hub" in said(13)
