"""FLUX on this machine: new pictures, and edits with a model that can."""

from __future__ import annotations

from comfy_api.latest import io

from .local_inputs import generator_inputs, outputs
from .sockets import CATEGORY


class Flux(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardFlux",
            display_name="FLUX",
            category=CATEGORY,
            description=(
                "Draws with FLUX on this machine, light and photographs above all. With pictures connected and FLUX.2 or "
                "Kontext loaded it edits; with FLUX.1 dev it paints over them (denoise below 1), or inside a mask."
            ),
            search_aliases=["flux", "klein", "schnell", "local", "inpaint"],
            inputs=generator_inputs(
                prompt="What to draw, or what to change in the pictures.",
                images="Pictures to edit or to take from. Empty: the route's.",
            ),
            outputs=outputs(),
        )

    @classmethod
    def execute(cls, **inputs) -> io.NodeOutput:
        from . import local

        return local.run("flux", **inputs)
