"""FLUX Kontext and FLUX.2 on this machine: change a picture."""

from __future__ import annotations

from comfy_api.latest import io

from .local_inputs import generator_inputs, outputs
from .sockets import CATEGORY


class FluxEdit(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardFluxEdit",
            display_name="FLUX Edit",
            category=CATEGORY,
            description=(
                "Changes pictures with FLUX.1 Kontext or FLUX.2 on this machine, and keeps light and colour. The result has "
                "the size of the first picture."
            ),
            search_aliases=["kontext", "flux edit", "klein edit", "local", "inpaint"],
            inputs=generator_inputs(
                prompt="What to change.",
                images="The picture to change, and further references. Empty: the route's.",
            ),
            outputs=outputs(),
        )

    @classmethod
    def execute(cls, **inputs) -> io.NodeOutput:
        from . import local

        return local.run("flux", edits=True, **inputs)
