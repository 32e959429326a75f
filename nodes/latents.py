"""The latent that leaves the Prompt Router."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import comfy.model_management
import torch
from comfy_execution.graph_utils import ExecutionBlocker

from ..engine.batch import Routes
from ..engine.request import Route

Latent = Mapping[str, Any]


def for_routes(routes: Routes, connected: Sequence[Latent | None]) -> list[Latent | ExecutionBlocker]:
    """What leaves: one latent where all prompts on this machine want the same, else one for each prompt of their track, in
    its order; a blocker where all are remote, and one with a sentence where two tracks want different ones.

    connected: the latent that came in, prompt by prompt.
    """
    kinds, made = {}, {}
    for position, (route, given) in enumerate(zip(routes.routes, connected, strict=True)):
        if route.place == "remote" or route.row.latent is None:
            continue
        kinds[position] = kind = _kind(route, given)
        made[kind] = made.get(kind) or _latent(route, given)
    tracks = {routes.routes[position].track for position in kinds}
    if len(made) == 1:
        return list(made.values())
    if len(tracks) == 1:
        return [made[kinds[position]] for position in routes.positions(*tracks)]
    return [ExecutionBlocker(_no_one_latent([routes.routes[position] for position in kinds]))]


def _kind(route: Route, given: Latent | None) -> Hashable:
    """The same for those that can have the same latent."""
    shape = route.row.latent
    return (shape, route.size, route.batch) if given is None else id(given)


def _latent(route: Route, given: Latent | None) -> Latent:
    """The connected latent as it is, else an empty one of the chosen local model.

    Empty: zeros [batch, channels, height / scale, width / scale], 16 channels at 1/8 for FLUX.1 and Qwen-Image, 128 at
    1/16 for FLUX.2. `downscale_ratio_spacial` lets core samplers rescale it, as core's own empty latents do.
    """
    shape = route.row.latent
    if given is not None or shape is None:
        return given or {}
    samples = torch.zeros(
        [route.batch, shape.channels, route.size.height // shape.scale, route.size.width // shape.scale],
        device=comfy.model_management.intermediate_device(),
    )
    return {"samples": samples, "downscale_ratio_spacial": shape.scale}


def _no_one_latent(routes: Sequence[Route]) -> str | None:
    if not routes:
        return None
    names = ", ".join(dict.fromkeys(route.row.name for route in routes))
    return (
        f"The prompts of this list go to {names}, whose latents differ in shape or size, so that there is no one latent for "
        "all of them: leave the generators' latent unconnected, or set the router's family."
    )
