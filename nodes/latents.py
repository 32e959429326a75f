"""The latent that leaves the Prompt Router."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import comfy.model_management
import torch

from ..engine.request import Route


def for_route(route: Route, connected: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The connected latent as it is, else an empty one of the chosen local model; None for a remote model.

    Empty: zeros [batch, channels, height / scale, width / scale], 16 channels at 1/8 for FLUX.1 and Qwen-Image, 128 at
    1/16 for FLUX.2. `downscale_ratio_spacial` lets core samplers rescale it, as core's own empty latents do.
    """
    shape = route.row.latent
    if route.place == "remote" or shape is None:
        return None
    if connected is not None:
        return connected
    samples = torch.zeros(
        [route.batch, shape.channels, route.size.height // shape.scale, route.size.width // shape.scale],
        device=comfy.model_management.intermediate_device(),
    )
    return {"samples": samples, "downscale_ratio_spacial": shape.scale}
