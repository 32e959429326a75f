"""A bundled workflow in API format, read as data: what it asks, what it needs, what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Graph = dict[str, dict[str, Any]]

ROUTER = "SwitchyardPromptRouter"
REMOTE = ("SwitchyardFluxRemote", "SwitchyardQwenRemote", "SwitchyardQwenLayeredRemote")
MODEL_FILES = (".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin")
READERS = ("SwitchyardTextCheck", "SwitchyardUntilItReads", "SwitchyardReadAgain")
NOT_INSTALLED = "must be installed"  # what our sentences for an optional package say
WORDS = 9  # of a prompt, on a line that has more to say


def rehearsed(graph: Graph, rehearse: bool) -> Graph:
    """The graph with `rehearse` set so on every node that could pay."""
    changed = {key: node for key, node in graph.items() if node["class_type"] in REMOTE}
    for key, node in changed.items():
        changed[key] = {**node, "inputs": {**node["inputs"], "rehearse": rehearse}}
    return {**graph, **changed}


def prompt_of(graph: Graph) -> str:
    """The words of the router, else of the first node that has a prompt; "" for none."""
    routers = [node for node in graph.values() if node["class_type"] == ROUTER]
    for node in [*routers, *graph.values()]:
        text = _typed(graph, node["inputs"].get("prompt"))
        if text.strip():
            return text
    return ""


def shortened(prompt: str, words: int = WORDS) -> str:
    split = prompt.split()
    return " ".join(split[:words]) + ("…" if len(split) > words else "")


def pictures(graph: Graph) -> Iterator[str]:
    """The files that its image loaders name, relative to the input folder."""
    for node in graph.values():
        name = node["inputs"].get("image")
        if node["class_type"].startswith("LoadImage") and isinstance(name, str):
            yield name.removesuffix(" [input]")


def bring(name: str, to: Path, places: list[Path]) -> bool:
    """Copies a picture into the input folder `to` from the first place that has it; False when none has."""
    target = to / name
    if to.resolve() not in target.resolve().parents:
        return False
    for place in places:
        if (place / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place / name, target)
            return True
    return target.is_file()


def missing_files(refusal: Any) -> list[str]:
    """The model files that ComfyUI's answer 400 complains about; [] when it complains about anything else too."""
    files: list[str] = []
    nodes = refusal.get("node_errors") if isinstance(refusal, Mapping) else None
    for node in (nodes or {}).values():
        for error in node.get("errors", []):
            value = str(error.get("extra_info", {}).get("received_value", ""))
            loads = value.lower().endswith(MODEL_FILES) or "load" in str(node.get("class_type", "")).lower()
            if error.get("type") != "value_not_in_list" or not loads:
                return []
            files.append(value)
    return sorted(set(files))


def missing_package(entry: Mapping[str, Any]) -> str:
    """What a workflow in the history asks to have installed, as its node said it; "" where nothing optional was missing."""
    for kind, facts in (entry.get("status") or {}).get("messages") or []:
        said = " ".join(str(facts.get("exception_message", "")).split()) if kind == "execution_error" else ""
        if facts.get("node_type") in READERS and NOT_INSTALLED in said:
            return said
    return ""


def refused_because(refusal: Any) -> str:
    """ComfyUI's answer to a prompt that it did not take, in one line."""
    if not isinstance(refusal, Mapping):
        return str(refusal)[:300]
    said = [
        f"{node.get('class_type', key)}: {error.get('message', '')} {error.get('details', '')}".strip()
        for key, node in (refusal.get("node_errors") or {}).items()
        for error in node.get("errors", [])
    ]
    whole = refusal.get("error")
    return "; ".join(said) or str(whole.get("message") if isinstance(whole, Mapping) else whole)


def failure(entry: Mapping[str, Any]) -> str:
    """Why a prompt in the history ended badly, in one line; "" when it ended well."""
    status = entry.get("status") or {}
    for kind, facts in status.get("messages") or []:
        if kind == "execution_error":
            said = " ".join(str(facts.get("exception_message", "")).split())
            return f"{facts.get('node_type', 'a node')}: {said or facts.get('exception_type', 'an error')}"
        if kind == "execution_interrupted":
            return "it was interrupted"
    return "" if status.get("status_str") == "success" else "ComfyUI does not say why"


def routes_of(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the router said it decided, for each prompt; [] where it said nothing."""
    for shown in entry.get("outputs", {}).values():
        if routes := [route for route in shown.get("switchyard_route") or [] if isinstance(route, dict)]:
            return routes
    return []


def saved(entry: Mapping[str, Any], output: Path) -> list[Path]:
    """The files that a prompt left in the output folder, in the order of the nodes."""
    found = [
        output / str(item.get("subfolder", "")) / str(item["filename"])
        for shown in entry.get("outputs", {}).values()
        for items in shown.values()
        if isinstance(items, list)
        for item in items
        if isinstance(item, dict) and item.get("type") == "output" and item.get("filename")
    ]
    return list(dict.fromkeys(found))


def _typed(graph: Graph, value: Any) -> str:
    """The value, where it is text; else the first text that is typed into the nodes that it comes from."""
    for _ in graph:  # never further than the graph is long
        if isinstance(value, str):
            return value
        if not (isinstance(value, list) and value and value[0] in graph):
            return ""
        inputs = list(graph[value[0]]["inputs"].values())
        value = next((one for one in inputs if isinstance(one, str)), inputs[0] if inputs else "")
    return ""
