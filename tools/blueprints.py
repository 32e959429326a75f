"""The subgraph blueprints as data: a router with its branches as one node.

`tools/save_workflows.py` builds them in ComfyUI's own frontend and saves them to `subgraphs/`, from where ComfyUI offers
them in its node library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .pieces import (
    BELOW,
    EDIT,
    GENERATE,
    LOADERS,
    REASON,
    ROUTE,
    THIRD,
    TOP,
    Link,
    Node,
    Workflow,
    frames,
    join,
    note,
    router,
)

Targets = tuple[tuple[str, str], ...]  # (node name, input name)


@dataclass(frozen=True)
class Blueprint:
    """inputs: the name on the outside -> the inputs that it sets. Where those have a widget, it stands on the node."""

    inside: Workflow
    inputs: Mapping[str, Targets]
    outputs: Mapping[str, Link]
    about: str
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.inside.name


_INSIDE = (
    "**The branches of one node.** The Prompt Router sends the prompt to one of them; the others do not run. Put in models, "
    "LoRAs or nodes of your own: what is connected to Route Join counts."
)
_SEEDED = ("qwen_remote", "flux_remote", "qwen_local", "flux_local")
_WISHES = ("tier", "family", "place")
_LIMITS: dict[str, Targets] = {
    "max_price": (("router", "max_price"),),
    "seed": (("seed", "value"),),
    "rehearse": (("qwen_remote", "rehearse"), ("flux_remote", "rehearse")),
}


def _of_router(*names: str) -> dict[str, Targets]:
    return {name: (("router", name),) for name in names}


def _inside(branches: Mapping[str, Node], task: str) -> dict[str, Node]:
    return {
        "note": note(_INSIDE, size=(420, 200)),
        "router": router("", task=task),
        "seed": Node("PrimitiveInt", (LOADERS, TOP), (320, 90), {"value": 0}, title="Seed"),
        **{name: _seeded(node) if name in _SEEDED else node for name, node in branches.items()},
        "join": join(branches),
    }


def _seeded(node: Node) -> Node:
    """With the one seed of all: the nodes for fal take smaller numbers than the others, so that no widget stands for both."""
    return replace(node, links={**node.links, "seed": ("seed", 0)})


def _image() -> Blueprint:
    name = "Auto image"
    nodes = _inside(GENERATE, "generate")
    return Blueprint(
        Workflow(name, nodes, frames(GENERATE)),
        {**_of_router("prompt", *_WISHES, "width", "height", "batch"), **_LIMITS},
        {"images": ("join", 0), "reason": ("router", REASON)},
        "A picture from a prompt, by the model that does it best: Qwen-Image for words, FLUX for light; on this machine or on "
        "fal. With rehearse on, nothing is paid.",
        ("text to image", "generate", "router"),
    )


def _edit() -> Blueprint:
    name = "Auto edit"
    nodes = _inside(EDIT, "edit")
    pictures: dict[str, Targets] = {
        "image": (("router", "images.image0"),),
        "image_2": (("router", "images.image1"),),
        "mask": (("router", "mask"),),
    }
    return Blueprint(
        Workflow(name, nodes, frames(EDIT)),
        {**pictures, **_of_router("prompt", *_WISHES), **_LIMITS},
        {"images": ("join", 0), "reason": ("router", REASON)},
        "Changes a picture as the prompt says, by the model that does it best: Qwen-Image-Edit for words, FLUX for everything "
        "else; on this machine or on fal. With rehearse on, nothing is paid.",
        ("image edit", "inpaint", "router"),
    )


def _until() -> Blueprint:
    name = "Auto image until it reads"
    nodes = _inside(GENERATE, "generate")
    nodes["read"] = Node(
        "SwitchyardUntilItReads",
        (THIRD, BELOW - 240),
        (340, 420),
        {},
        {"images": ("join", 0), "route": ("router", ROUTE)},
    )
    inputs = {
        **_of_router("prompt", *_WISHES, "width", "height"),
        **_LIMITS,
        "tries": (("read", "tries"),),
        "words": (("read", "text"),),
    }
    return Blueprint(
        Workflow(name, nodes, frames(GENERATE)),
        inputs,
        {
            "images": ("read", 0),
            "passed": ("read", 1),
            "report": ("read", 3),
            "marked": ("read", 4),
        },
        "A picture with words, drawn again until they are spelled right: another seed, then a better model, never over "
        "max_price. Empty words: those found in the prompt. The check needs the packages rapidocr and onnxruntime.",
        ("poster", "ocr", "retry", "spell check"),
    )


BLUEPRINTS = (_image(), _edit(), _until())
