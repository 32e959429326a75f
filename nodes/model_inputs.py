"""The `model` combo of a remote node, made from the model table: each option shows only what that model takes."""

from __future__ import annotations

from functools import cache

from comfy_api.latest import io

from ..engine.fal.node_values import AUTO, AUTO_ASPECT, NODE_NAMES, OWN_DEFAULTS
from ..engine.models import Model, Param, SizeRule, all_models

# Params that are no input of their own: the node has them elsewhere, or they have no use here.
_ELSEWHERE = ("seed", "strength", "image_prompt_strength")

REACHED = ("generate", "edit", "inpaint", "layers")  # tasks that a remote node can ask for

_TOOLTIPS = {
    "width": "Pixels. 0: from the route, else the reference's size, else 1024.",
    "height": "Pixels. 0: from the route, else the reference's size, else 1024.",
    "aspect_ratio": "auto: from the route, else the reference's shape, else square.",
    "steps": "Sampling steps: more take longer.",
    "guidance": "How closely the picture follows the prompt.",
    "negative": "What to keep out of the picture. Empty: the route's.",
    "loras": "One a line: URL or hub repository, then a weight if not 1. At most three.",
    "num_images": "How many pictures. 0: the route's batch, else one.",
    "num_layers": "Layers to split into.",
    "acceleration": "Faster at some cost in quality.",
    "output_format": "png keeps every pixel.",
    "safety_tolerance": "1 is strict.",
    "prompt_expansion": "Lets the service rewrite the prompt. Off: your words exactly.",
    "use_turbo": "Ten steps instead of thirty.",
    "raw": "Less processed, more natural pictures.",
}
_ADVANCED = (
    "output_format",
    "safety_tolerance",
    "prompt_expansion",
    "acceleration",
    "raw",
)


def model_input(family: str, layered: bool = False) -> io.DynamicCombo.Input:
    """`auto (from route)` first, then every offered model of the family on fal."""
    return io.DynamicCombo.Input(
        "model",
        options=[io.DynamicCombo.Option(AUTO, []), *(_option(model) for model in offered(family, layered))],
        tooltip="auto: the route's model, or the best of this family when no route is connected.",
    )


@cache
def offered(family: str, layered: bool = False) -> tuple[Model, ...]:
    models = (m for m in all_models().values() if m.offered and m.place == "remote" and m.family == family)
    return tuple(m for m in models if m.layered == layered)


def _option(model: Model) -> io.DynamicCombo.Option:
    inputs: dict[str, io.Input] = {}
    for endpoint in model.endpoints:
        if endpoint.task not in REACHED:
            continue
        for made in (*_size_inputs(endpoint.size), *(_param_input(p) for p in endpoint.params)):
            if made is not None:
                inputs.setdefault(made.id, made)
    return io.DynamicCombo.Option(model.id, list(inputs.values()))


def _size_inputs(rule: SizeRule) -> list[io.Input]:
    if rule.kind == "pixels":
        return [
            io.Int.Input(
                side,
                default=0,
                min=0,
                max=rule.max_side,
                step=rule.multiple,
                optional=True,
                tooltip=_TOOLTIPS[side],
            )
            for side in ("width", "height")
        ]
    if rule.kind == "aspect":
        shapes = [AUTO_ASPECT, *(shape for shape in rule.aspects if ":" in shape)]
        return [
            io.Combo.Input(
                "aspect_ratio",
                options=shapes,
                default=AUTO_ASPECT,
                optional=True,
                tooltip=_TOOLTIPS["aspect_ratio"],
            )
        ]
    return []


def _param_input(param: Param) -> io.Input | None:
    if param.name in _ELSEWHERE:
        return None
    name = NODE_NAMES.get(param.name, param.name)
    # Optional: who queues through the API may leave a setting out, and the service's own default holds.
    about = {"tooltip": _TOOLTIPS.get(name), "advanced": name in _ADVANCED or None, "optional": True}
    default = OWN_DEFAULTS.get(param.name, param.default)
    if name == "num_images":
        return io.Int.Input(name, default=0, min=0, max=_whole(param.high), **about)
    if param.kind == "int":
        return io.Int.Input(
            name, default=int(default or 0), min=_whole(param.low), max=_whole(param.high), **about
        )
    if param.kind == "float":
        return io.Float.Input(
            name, default=float(default or 0), min=param.low, max=param.high, step=0.05, **about
        )
    if param.kind == "bool":
        return io.Boolean.Input(name, default=bool(default), **about)
    if param.kind == "choice":
        return io.Combo.Input(name, options=list(param.choices), default=str(default), **about)
    return io.String.Input(name, default="", multiline=True, **about)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
