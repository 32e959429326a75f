"""The contract: node ids, inputs and outputs in their order, model options. Saved workflows hang on every one.

`SWITCHYARD_SNAPSHOT=write` writes the snapshot anew; appending at the end is the only change a user does not notice.
"""

import json
import os
from pathlib import Path

FILES = (".safetensors", ".gguf")  # what lies on a disk is no contract
SNAPSHOT = Path(__file__).parent / "contract.json"


def contract(info: dict) -> dict:
    """What must not move, of every node of ours in /object_info."""
    return {
        name: {
            "display_name": node["display_name"],
            "inputs": {kind: _inputs(node["input"].get(kind, {})) for kind in ("required", "optional")},
            "outputs": list(zip(node["output"], node["output_name"], strict=True)),
        }
        for name, node in sorted(info.items())
        if node["python_module"].endswith("ComfyUI-Switchyard")
    }


def _inputs(inputs: dict) -> list:
    listed = []
    for name, spec in inputs.items():
        options = spec[1] if len(spec) > 1 else {}
        kind = spec[0] if isinstance(spec[0], str) else "COMBO"
        entry = [name, kind]
        if kind == "COMFY_DYNAMICCOMBO_V3":
            entry.append({o["key"]: _option(o) for o in options["options"]})
        elif kind == "COMBO":
            entry.append([o for o in options.get("options", spec[0]) if not str(o).endswith(FILES)])
        listed.append(entry)
    return listed


def _option(option: dict) -> list:
    return [entry for group in option["inputs"].values() for entry in _inputs(group)]


def test_the_contract_holds(comfy):
    now = json.loads(json.dumps(contract(comfy.server.get("/object_info"))))
    if os.environ.get("SWITCHYARD_SNAPSHOT") == "write":
        SNAPSHOT.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    held = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert moved(held, now) == []


def moved(held: object, now: object, path: str = "") -> list[str]:
    """Everything in `held` that is not in the same place in `now`. Lists may only have grown at their end."""
    if isinstance(held, dict) and isinstance(now, dict):
        lost = [f"{path}/{key} is gone" for key in held if key not in now]
        return lost + [m for key in held if key in now for m in moved(held[key], now[key], f"{path}/{key}")]
    if isinstance(held, list) and isinstance(now, list):
        lost = [f"{path}/{held[i]} is gone" for i in range(len(now), len(held))]
        pairs = zip(held, now, strict=False)
        return lost + [m for i, (a, b) in enumerate(pairs) for m in moved(a, b, f"{path}/{i}")]
    return [] if held == now else [f"{path}: {held!r} became {now!r}"]


def test_the_snapshot_names_what_moves():
    held = {"Node": {"inputs": [["prompt", "STRING"], ["seed", "INT"]], "outputs": [["IMAGE", "images"]]}}
    appended = {
        "Node": {
            "inputs": [["prompt", "STRING"], ["seed", "INT"], ["new", "INT"]],
            "outputs": held["Node"]["outputs"],
        }
    }
    assert moved(held, appended) == []
    swapped = {"Node": {**held["Node"], "inputs": [["seed", "INT"], ["prompt", "STRING"]]}}
    assert any("became" in m for m in moved(held, swapped))
    assert moved(held, {}) == ["/Node is gone"]
    renamed = {"Node": {**held["Node"], "outputs": [["IMAGE", "pictures"]]}}
    assert moved(held, renamed) == ["/Node/outputs/0/1: 'images' became 'pictures'"]


def test_the_tracks_and_outputs_are_those_of_the_design(comfy):
    router = contract(comfy.server.get("/object_info"))["SwitchyardPromptRouter"]
    tracks = ["qwen_local", "flux_local", "qwen_remote", "flux_remote", "layers_local", "layers_remote"]
    assert [name for _, name in router["outputs"]] == ["route", *tracks, "latent", "reason"]
    names = [entry[0] for entry in router["inputs"]["required"]]
    assert names == ["prompt", "task", "tier", "family", "place", "width", "height", "batch", "max_price"]
    assert [entry[0] for entry in router["inputs"]["optional"]] == ["images", "mask", "latent", "negative"]
