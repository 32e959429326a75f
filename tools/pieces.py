"""What the bundled workflows are made of: a node as data, and the parts that most of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Link = tuple[str, int]  # (node name, output index)

ROUTE, LATENT, REASON = 0, 7, 8
OUTPUT = {
    "qwen_local": 1, "flux_local": 2, "qwen_remote": 3, "flux_remote": 4, "layers_local": 5, "layers_remote": 6,
}  # fmt: skip
HUB = "https://huggingface.co/Comfy-Org/{}/resolve/main/split_files/{}/{}"

# Columns and rows of the canvas, in its own pixels.
LEFT, LOADERS, FIRST, SECOND, THIRD = 40, 560, 940, 1380, 1840
TOP, BELOW = -350, 150


@dataclass(frozen=True)
class Node:
    """`values` are widgets by name, `links` inputs by name; `models` the files that a loader needs (file, repo, folder)."""

    kind: str
    at: tuple[int, int]
    size: tuple[int, int]
    values: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    title: str = ""
    models: tuple[tuple[str, str, str], ...] = ()

    @property
    def model_entries(self) -> list[dict[str, str]]:
        return [{"name": f, "url": HUB.format(r, d, f), "directory": d} for f, r, d in self.models]


@dataclass(frozen=True)
class Workflow:
    """`name` is the file's name and the title in the template browser. groups: a frame's title -> the nodes in it."""

    name: str
    nodes: dict[str, Node]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)


def note(text: str, at: tuple[int, int] = (LEFT, -290), size: tuple[int, int] = (420, 260)) -> Node:
    return Node("MarkdownNote", at, size, {"": text}, title="Read me first")


def router(prompt: str, links: Mapping[str, Link] | None = None, **values: Any) -> Node:
    return Node("SwitchyardPromptRouter", (LEFT, 20), (420, 760), {"prompt": prompt, **values}, links or {})


def remote(kind: str, track: str, x: int, title: str) -> Node:
    links: dict[str, Link] = {"prompt": ("router", OUTPUT[track]), "route": ("router", ROUTE)}
    return Node(kind, (x, TOP), (380, 380), {"rehearse": True}, links, title)


def local(kind: str, track: str, x: int, title: str) -> Node:
    links: dict[str, Link] = {
        "model": (f"{track}_load", 0),
        "prompt": ("router", OUTPUT[track]),
        "route": ("router", ROUTE),
    }
    return Node(kind, (x, BELOW), (380, 640), {}, links, title)


def loader(kind: str, y: int) -> Node:
    return Node(kind, (LOADERS, y), (320, 230), {}, {"route": ("router", ROUTE)})


def families(qwen: str, flux: str, words: str, light: str) -> dict[str, Node]:
    """Both families, on fal above and here below. qwen, flux: the nodes that draw; words, light: titles."""
    return {
        "qwen_remote": remote("SwitchyardQwenRemote", "qwen_remote", FIRST, f"{words} on fal"),
        "flux_remote": remote("SwitchyardFluxRemote", "flux_remote", SECOND, f"{light} on fal"),
        "qwen_local_load": loader("SwitchyardLoadQwen", BELOW),
        "flux_local_load": loader("SwitchyardLoadFlux", BELOW + 300),
        "qwen_local": local(qwen, "qwen_local", FIRST, words),
        "flux_local": local(flux, "flux_local", SECOND, light),
    }


def frames(nodes: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    return {
        "On fal, with your own key": tuple(name for name in nodes if name.endswith("_remote")),
        "On this machine": tuple(name for name in nodes if "_local" in name),
    }


def join(
    branches: Mapping[str, Node], at: tuple[int, int] = (THIRD, TOP), output: int = 0, title: str = ""
) -> Node:
    """A Route Join of what every branch gives at that output."""
    tracks: dict[str, Link] = {track: (track, output) for track in branches if track in OUTPUT}
    return Node("SwitchyardRouteJoin", at, (280, 190), {}, {"route": ("router", ROUTE), **tracks}, title)


def save(workflow: str, source: Link, x: int, y: int = TOP) -> Node:
    return Node("SaveImage", (x, y), (460, 620), {"filename_prefix": prefix(workflow)}, {"images": source})


def prefix(workflow: str) -> str:
    return f"switchyard/{workflow.lower().replace(' ', '-')}"


GENERATE = families("SwitchyardQwenImage", "SwitchyardFlux", "Words: Qwen-Image", "Light: FLUX")
EDIT = families("SwitchyardQwenEdit", "SwitchyardFluxEdit", "Words: Qwen-Edit", "Photo: Kontext or FLUX.2")
PICTURE = {"picture": Node("LoadImage", (-340, 20), (320, 340), {"image": "example.png"})}
WITH_PICTURE: dict[str, Link] = {"images.image0": ("picture", 0)}
