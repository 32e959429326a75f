"""The bundled workflow whose branches are ComfyUI's own nodes."""

from __future__ import annotations

from typing import Any

from .pieces import LATENT, OUTPUT, Link, Node, Workflow, note, router

# The loader's part -> (class, widget, height above the row below it).
_LOADERS = {
    "unet": ("UNETLoader", "unet_name", 0),
    "clip": ("CLIPLoader", "clip_name", 150),
    "vae": ("VAELoader", "vae_name", 330),
}
_UNET, _CLIP, _VAE = "diffusion_models", "text_encoders", "vae"
_FILES = {
    "qwen_unet": ("qwen_image_2512_fp8_e4m3fn.safetensors", "Qwen-Image_ComfyUI", _UNET),
    "qwen_clip": ("qwen_2.5_vl_7b_fp8_scaled.safetensors", "Qwen-Image_ComfyUI", _CLIP),
    "qwen_vae": ("qwen_image_vae.safetensors", "Qwen-Image_ComfyUI", _VAE),
    "flux_unet": ("flux-2-klein-4b.safetensors", "flux2-klein", _UNET),
    "flux_clip": ("qwen_3_4b.safetensors", "flux2-klein", _CLIP),
    "flux_vae": ("flux2-vae.safetensors", "flux2-dev", _VAE),
}
_NOTE = (
    "**Your own nodes as branches.** The router sends prompt *and* latent to the branch that it chose; the loaders "
    "of the other branch do not even run. The files named in the loaders are needed; any other Qwen-Image and "
    "FLUX.2 files will do."
)
_SAMPLING = {
    "sampler_name": "euler", "scheduler": "simple", "denoise": 1.0, "seed": 0, "control_after_generate": "fixed",
}  # fmt: skip


def core() -> Workflow:
    """The router's latent goes to the chosen sampler only."""
    qwen = _branch("qwen", -40, "qwen_image", steps=50, cfg=4.0)
    flux = _branch("flux", 660, "flux2", steps=4, cfg=1.0)
    ends: dict[str, Link] = {f"{family}_local": (f"{family}_decode", 0) for family in ("qwen", "flux")}
    nodes = {
        "note": note(_NOTE),
        "router": router(
            "Portrait of an old fisherman at golden hour, 85mm, shallow depth of field", place="local"
        ),
        **qwen,
        **flux,
        "join": Node("SwitchyardRouteJoin", (1740, 300), (260, 190), {}, {"route": ("router", 0), **ends}),
        "save": Node(
            "SaveImage", (2060, 300), (420, 460), {"filename_prefix": "switchyard/core"}, {"images": ("join", 0)}
        ),
    }  # fmt: skip
    return Workflow("Core nodes as branches", nodes)


def _branch(family: str, y: int, clip_type: str, *, steps: int, cfg: float) -> dict[str, Node]:
    def of(part: str) -> Link:
        return f"{family}_{part}", 0

    nodes = {f"{family}_{part}": _loader(family, part, y, clip_type) for part in _LOADERS}
    model = of("unet")
    if family == "qwen":
        nodes["qwen_shift"] = Node(
            "ModelSamplingAuraFlow", (980, y - 110), (320, 70), {"shift": 3.1}, {"model": model}
        )
        model = of("shift")
    prompt: Link = ("router", OUTPUT[f"{family}_local"])
    nodes[f"{family}_positive"] = Node(
        "CLIPTextEncode", (980, y), (320, 100), {}, {"clip": of("clip"), "text": prompt}
    )
    nodes[f"{family}_negative"] = (
        Node("CLIPTextEncode", (980, y + 150), (320, 120), {"text": ""}, {"clip": of("clip")})
        if family == "qwen"
        else Node("ConditioningZeroOut", (980, y + 150), (320, 60), {}, {"conditioning": of("positive")})
    )
    nodes[f"{family}_sample"] = Node(
        "KSampler",
        (1360, y),
        (320, 280),
        {"steps": steps, "cfg": cfg, **_SAMPLING},
        {
            "model": model,
            "positive": of("positive"),
            "negative": of("negative"),
            "latent_image": ("router", LATENT),
        },
    )
    nodes[f"{family}_decode"] = Node(
        "VAEDecode", (1740, y), (240, 60), {}, {"samples": of("sample"), "vae": of("vae")}
    )
    return nodes


def _loader(family: str, part: str, y: int, clip_type: str) -> Node:
    kind, widget, below = _LOADERS[part]
    file = _FILES[f"{family}_{part}"]
    values: dict[str, Any] = {widget: file[0]} | ({"type": clip_type} if part == "clip" else {})
    return Node(kind, (560, y + below), (360, 110), values, models=(file,))
