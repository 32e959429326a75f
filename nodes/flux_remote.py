"""FLUX on fal: FLUX.2 pro, max, flex, dev, turbo, flash, klein; FLUX.1; Kontext."""

from __future__ import annotations

from comfy_api.latest import io

from .model_inputs import model_input
from .remote_inputs import remote_inputs, remote_outputs
from .sockets import CATEGORY


class FluxRemote(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardFluxRemote",
            display_name="FLUX (fal)",
            category=CATEGORY,
            description=(
                "Draws with FLUX on fal, with your own key (FAL_KEY); edits when reference pictures are connected. "
                "Price and size are checked before anything is sent."
            ),
            search_aliases=["flux", "flux pro", "flux 2", "kontext", "fal", "klein", "schnell"],
            inputs=remote_inputs(
                model_input("flux"),
                images_tooltip="Reference pictures: they make it an edit. Empty: the route's.",
                prompt_tooltip="What to draw, or what to change in the reference pictures.",
            ),
            outputs=remote_outputs(),
            hidden=[io.Hidden.prompt],
        )

    @classmethod
    async def execute(cls, **inputs) -> io.NodeOutput:
        from . import remote

        return await remote.run(cls.hidden, "flux", **inputs)
