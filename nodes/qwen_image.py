"""Qwen-Image on this machine: new pictures, and edits with a model that can."""

from __future__ import annotations

from comfy_api.latest import io

from .local_inputs import generator_inputs, outputs
from .sockets import CATEGORY


class QwenImage(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardQwenImage",
            display_name="Qwen-Image",
            category=CATEGORY,
            description=(
                "Draws with Qwen-Image on this machine, readable words above all. With pictures connected and an edit model "
                "loaded it edits; with Qwen-Image itself it paints over them (denoise below 1), or inside a mask."
            ),
            search_aliases=["qwen", "qwen image", "text rendering", "local", "inpaint"],
            inputs=generator_inputs(
                prompt="What to draw, or what to change in the pictures.",
                images="Pictures to edit. Empty: the route's.",
            ),
            outputs=outputs(masks=True),
        )

    @classmethod
    def execute(cls, **inputs) -> io.NodeOutput:
        from . import local

        return local.run("qwen", masks=True, **inputs)
