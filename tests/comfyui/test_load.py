"""What the pack costs before anybody uses it: import time, modules, weight in /object_info; and that it explains itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("diffusers", "transformers.models", "fal_client", "httpx", "onnxruntime", "typst")
WORK = tuple(
    f".engine.{name}"
    for name in ("request", "route", "prompt", "batch", "fal.order", "fal.key", "local.model")
)

# Loads the pack in a fresh process as ComfyUI does: its own loader, after everything that it loads itself. pydantic's
# settings are parsed for the first pack that has a pyproject.toml, whoever it is, so another pack goes first.
LOAD = """
import asyncio, json, os, sys, time
sys.argv = ["main.py", "--cpu", "--disable-api-nodes"]
import comfy.options
comfy.options.enable_args_parsing()
import utils.extra_config  # before the server, as main.py does: 0.16 finds another module of that name otherwise
import server, nodes, execution
async def load():
    nodes_server = server.PromptServer(asyncio.get_running_loop())
    await nodes.init_builtin_extra_nodes()
    await nodes.load_custom_node(sys.path.pop())
    before = set(sys.modules)
    began = time.perf_counter()
    loaded = await nodes.load_custom_node(PACK)
    seconds = time.perf_counter() - began
    print("RESULT " + json.dumps({"loaded": loaded, "seconds": seconds, "new": sorted(set(sys.modules) - before)}))
asyncio.run(load())
"""


@pytest.fixture(scope="module")
def loads(tmp_path_factory):
    comfyui = os.environ.get("COMFYUI_PATH")
    if not comfyui:
        pytest.skip("needs a ComfyUI: run `python3 dev.py test`, or set COMFYUI_PATH")
    first = tmp_path_factory.mktemp("first") / "first_pack"
    first.mkdir()
    (first / "__init__.py").write_text("NODE_CLASS_MAPPINGS = {}\n")
    (first / "pyproject.toml").write_text('[project]\nname = "first"\nversion = "1.0.0"\n')
    code = f"import sys; sys.path.insert(0, {comfyui!r}); sys.path.append({str(first)!r})\nPACK = {str(ROOT)!r}\n{LOAD}"
    python = os.environ.get("COMFYUI_PYTHON", sys.executable)
    results = []
    for _ in range(3):
        done = subprocess.run([python, "-c", code], cwd=comfyui, capture_output=True, text=True, timeout=120)
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        assert lines, done.stderr[-2000:]
        results.append(json.loads(lines[-1][7:]))
    return results


def test_the_pack_loads_in_under_50_ms(loads):
    assert all(result["loaded"] for result in loads)
    assert sorted(result["seconds"] for result in loads)[1] < 0.05


def test_loading_pulls_in_nothing_heavy(loads):
    for result in loads:
        assert not [m for m in result["new"] if m.startswith(HEAVY)]
        assert not [
            m for m in result["new"] if m.endswith(WORK)
        ]  # our own: half of the time, where they come along


def test_object_info_stays_small_and_every_part_explains_itself(comfy):
    info = {
        name: node
        for name, node in comfy.server.get("/object_info").items()
        if node["python_module"].endswith("ComfyUI-Switchyard")
    }
    assert len(info) >= 6
    assert len(json.dumps(info)) < 100_000
    for name, node in info.items():
        assert name.startswith("Switchyard") and node["description"] and node["category"] == "Switchyard"
        assert all(node["output_tooltips"])
        for kind in ("required", "optional"):
            for key, spec in node["input"].get(kind, {}).items():
                _explained(f"{name}.{key}", spec)


def _explained(path: str, spec: list) -> None:
    options = spec[1] if len(spec) > 1 else {}
    assert options.get("tooltip"), f"{path} has no tooltip"
    for option in options.get("options", []):
        if isinstance(option, dict):
            for group in option["inputs"].values():
                for key, inner in group.items():
                    _explained(f"{path}.{option['key']}.{key}", inner)
