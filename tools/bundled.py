"""The bundled workflows as data: what is on each canvas, where, and how it is connected.

`tools/save_workflows.py` builds them in ComfyUI's own frontend and saves what that makes of them, so that the files in
`workflows/` are what a person would have saved. Edit here, then run `python3 dev.py workflows`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

Link = tuple[str, int]  # (node name, output index)

ROUTE, LATENT = 0, 7
OUTPUT = {
    "qwen_local": 1, "flux_local": 2, "qwen_remote": 3, "flux_remote": 4, "layers_local": 5, "layers_remote": 6,
}  # fmt: skip
HUB = "https://huggingface.co/Comfy-Org/{}/resolve/main/split_files/{}/{}"


@dataclass(frozen=True)
class Node:
    """`values` are widgets by name, `links` inputs by name; `models` the files that a loader needs (file, repo, folder)."""

    kind: str
    at: tuple[int, int]
    size: tuple[int, int]
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
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


# Columns and rows of the canvas, in its own pixels.
LOADERS, FIRST, SECOND, THIRD = 560, 940, 1380, 1840
TOP, BELOW = -350, 150


def _note(text: str) -> Node:
    return Node("MarkdownNote", (40, -250), (420, 220), {"": text}, title="Read me first")


def _router(prompt: str, **values: Any) -> Node:
    return Node("SwitchyardPromptRouter", (40, 20), (420, 760), {"prompt": prompt, **values})


def _remote(kind: str, track: str, x: int, title: str) -> Node:
    links: dict[str, Link] = {"prompt": ("router", OUTPUT[track]), "route": ("router", ROUTE)}
    return Node(kind, (x, TOP), (380, 380), {"rehearse": True}, links, title)


def _local(kind: str, track: str, x: int, title: str) -> Node:
    links: dict[str, Link] = {
        "model": (f"{track}_load", 0),
        "prompt": ("router", OUTPUT[track]),
        "route": ("router", ROUTE),
    }
    return Node(kind, (x, BELOW), (380, 640), {}, links, title)


def _loader(kind: str, y: int) -> Node:
    return Node(kind, (LOADERS, y), (320, 230), {}, {"route": ("router", ROUTE)})


def _families(qwen: str, flux: str, words: str, light: str) -> dict[str, Node]:
    """Both families, on fal above and here below. qwen, flux: the nodes that draw; words, light: titles."""
    return {
        "qwen_remote": _remote("SwitchyardQwenRemote", "qwen_remote", FIRST, f"{words} on fal"),
        "flux_remote": _remote("SwitchyardFluxRemote", "flux_remote", SECOND, f"{light} on fal"),
        "qwen_local_load": _loader("SwitchyardLoadQwen", BELOW),
        "flux_local_load": _loader("SwitchyardLoadFlux", BELOW + 300),
        "qwen_local": _local(qwen, "qwen_local", FIRST, words),
        "flux_local": _local(flux, "flux_local", SECOND, light),
    }


def _frames(nodes: dict[str, Node]) -> dict[str, tuple[str, ...]]:
    return {
        "On fal, with your own key": tuple(name for name in nodes if name.endswith("_remote")),
        "On this machine": tuple(name for name in nodes if "_local" in name),
    }


def _joined(
    name: str, note: str, router: Node, branches: dict[str, Node], extra: dict[str, Node]
) -> Workflow:
    """Router → the branches → Join → Save."""
    nodes = {"note": _note(note), **extra, "router": router, **branches}
    tracks: dict[str, Link] = {track: (track, 0) for track in branches if track in OUTPUT}
    nodes["join"] = Node(
        "SwitchyardRouteJoin", (THIRD, TOP), (280, 190), {}, {"route": ("router", ROUTE), **tracks}
    )
    nodes["save"] = _save(name, "join", THIRD + 340)
    return Workflow(name, nodes, _frames(branches))


def _save(name: str, source: str, x: int) -> Node:
    prefix = f"switchyard/{name.lower().replace(' ', '-')}"
    return Node("SaveImage", (x, TOP), (460, 620), {"filename_prefix": prefix}, {"images": (source, 0)})


_GENERATE = _families("SwitchyardQwenImage", "SwitchyardFlux", "Words: Qwen-Image", "Light: FLUX")
_EDIT = _families("SwitchyardQwenEdit", "SwitchyardFluxEdit", "Words: Qwen-Edit", "Photo: Kontext or FLUX.2")
_REHEARSAL = (
    "**Rehearsal is on**: queue this, and you get a slate that shows the model, the exact request and its price; "
    "nothing is sent.\n\n"
    "**On fal**: set `FAL_KEY` in the environment that starts ComfyUI and turn **rehearse** off.\n\n"
    "**On this machine**: free. With **place** on *auto* a model of your own is taken where it is as good, with *local* "
    "always; **download** on a loader fetches what is missing."
)
_OWN_PICTURE = "**Your picture**: load it on the left.\n\n"


def _layers() -> Workflow:
    """Pictures and masks come together in a join each, and become one file with transparency for every layer."""
    name = "Split into layers"
    branches = {
        "layers_remote": _remote("SwitchyardQwenLayeredRemote", "layers_remote", FIRST, "Layers on fal"),
        "layers_local_load": _loader("SwitchyardLoadQwen", BELOW),
        "layers_local": _local("SwitchyardQwenLayered", "layers_local", FIRST, "Layers: Qwen-Image-Layered"),
    }
    router = _edit_router("Split this picture into layers", task="layers")
    nodes = {"note": _note(_OWN_PICTURE + _REHEARSAL), **_PICTURE, "router": router, **branches}
    for index, (kind, y) in enumerate((("pictures", TOP), ("masks", BELOW))):
        tracks: dict[str, Link] = {track: (track, index) for track in branches if track in OUTPUT}
        links = {"route": ("router", ROUTE), **tracks}
        nodes[kind] = Node(
            "SwitchyardRouteJoin", (SECOND + 20, y), (280, 190), {}, links, f"Route Join: {kind}"
        )
    alpha: dict[str, Link] = {"image": ("pictures", 0), "alpha": ("masks", 0)}
    nodes["layers"] = Node(
        "JoinImageWithAlpha", (SECOND + 360, TOP), (280, 60), {}, alpha, "Layers with transparency"
    )
    nodes["save"] = _save(name, "layers", SECOND + 700)
    return Workflow(name, nodes, _frames(branches))


def _core() -> Workflow:
    """Branches of core nodes: the router's latent goes to the chosen sampler only."""
    unet, clip, vae = "diffusion_models", "text_encoders", "vae"
    files = {
        "qwen_unet": ("qwen_image_2512_fp8_e4m3fn.safetensors", "Qwen-Image_ComfyUI", unet),
        "qwen_clip": ("qwen_2.5_vl_7b_fp8_scaled.safetensors", "Qwen-Image_ComfyUI", clip),
        "qwen_vae": ("qwen_image_vae.safetensors", "Qwen-Image_ComfyUI", vae),
        "flux_unet": ("flux-2-klein-4b.safetensors", "flux2-klein", unet),
        "flux_clip": ("qwen_3_4b.safetensors", "flux2-klein", clip),
        "flux_vae": ("flux2-vae.safetensors", "flux2-dev", vae),
    }
    nodes = {
        "note": _note(
            "**Your own nodes as branches.** The router sends prompt *and* latent to the branch that it chose; the loaders "
            "of the other branch do not even run. The files named in the loaders are needed; any other Qwen-Image and "
            "FLUX.2 files will do."
        ),
        "router": _router(
            "Portrait of an old fisherman at golden hour, 85mm, shallow depth of field", place="local"
        ),
    }
    for family, y, clip_type, steps, cfg in (
        ("qwen", -40, "qwen_image", 50, 4.0),
        ("flux", 660, "flux2", 4, 1.0),
    ):
        track = f"{family}_local"
        prompt: Link = ("router", OUTPUT[track])

        def loader(part: str, kind: str, dy: int, family: str = family, y: int = y, **values: Any) -> Node:
            name = f"{family}_{part}"
            widget = {"unet": "unet_name", "clip": "clip_name", "vae": "vae_name"}[part]
            return Node(
                kind, (560, y + dy), (360, 110), {widget: files[name][0], **values}, models=(files[name],)
            )

        nodes[f"{family}_unet"] = loader("unet", "UNETLoader", 0)
        nodes[f"{family}_clip"] = loader("clip", "CLIPLoader", 150, type=clip_type)
        nodes[f"{family}_vae"] = loader("vae", "VAELoader", 330)
        model: Link = (f"{family}_unet", 0)
        if family == "qwen":
            nodes["qwen_shift"] = Node(
                "ModelSamplingAuraFlow", (980, y - 110), (320, 70), {"shift": 3.1}, {"model": model}
            )
            model = ("qwen_shift", 0)
        text = {"clip": (f"{family}_clip", 0)}
        nodes[f"{family}_positive"] = Node(
            "CLIPTextEncode", (980, y), (320, 100), {}, {**text, "text": prompt}
        )
        negative = (
            Node("CLIPTextEncode", (980, y + 150), (320, 120), {"text": ""}, text)
            if family == "qwen"
            else Node(
                "ConditioningZeroOut", (980, y + 150), (320, 60), {}, {"conditioning": ("flux_positive", 0)}
            )
        )
        nodes[f"{family}_negative"] = negative
        nodes[f"{family}_sample"] = Node(
            "KSampler",
            (1360, y),
            (320, 280),
            {
                "steps": steps,
                "cfg": cfg,
                "sampler_name": "euler",
                "scheduler": "simple",
                "denoise": 1.0,
                "seed": 0,
                "control_after_generate": "fixed",
            },
            {
                "model": model,
                "positive": (f"{family}_positive", 0),
                "negative": (f"{family}_negative", 0),
                "latent_image": ("router", LATENT),
            },
        )
        nodes[f"{family}_decode"] = Node(
            "VAEDecode",
            (1740, y),
            (240, 60),
            {},
            {"samples": (f"{family}_sample", 0), "vae": (f"{family}_vae", 0)},
        )
    tracks: dict[str, Link] = {f"{family}_local": (f"{family}_decode", 0) for family in ("qwen", "flux")}
    nodes["join"] = Node(
        "SwitchyardRouteJoin", (1740, 300), (260, 190), {}, {"route": ("router", ROUTE), **tracks}
    )
    nodes["save"] = Node(
        "SaveImage", (2060, 300), (420, 460), {"filename_prefix": "switchyard/core"}, {"images": ("join", 0)}
    )
    return Workflow("Core nodes as branches", nodes)


_PICTURE = {"picture": Node("LoadImage", (-340, 20), (320, 340), {"image": "example.png"})}
_WITH_PICTURE = {"images.image0": ("picture", 0)}


def _edit_router(prompt: str, task: str = "edit") -> Node:
    return replace(_router(prompt, task=task), links=dict(_WITH_PICTURE))


WORKFLOWS = (
    _joined(
        "Poster",
        _REHEARSAL,
        _router(
            'A concert poster in flat ink colours: headline "SUMMER JAZZ NIGHTS", below it "Harbour Park, 14 August", a '
            'small line "夏日爵士音乐节" at the foot, a saxophone made of paper cuts',
            width=832,
            height=1216,
        ),
        _GENERATE,
        {},
    ),
    _joined(
        "Portrait",
        _REHEARSAL,
        _router(
            "Portrait of an old fisherman mending a net, golden hour side light, 85mm, shallow depth of field, sea haze",
            width=896,
            height=1152,
        ),
        _GENERATE,
        {},
    ),
    _joined(
        "Edit a photo",
        _OWN_PICTURE + _REHEARSAL,
        _edit_router(
            "Make it night: moonlight from the left, warm light in the windows, everything else as it is"
        ),
        _EDIT,
        _PICTURE,
    ),
    _joined(
        "Edit words in a picture",
        _OWN_PICTURE + _REHEARSAL,
        _edit_router("Change the text on the sign to 'OPEN LATE' and keep the lettering as it is"),
        _EDIT,
        _PICTURE,
    ),
    _layers(),
    _core(),
)
