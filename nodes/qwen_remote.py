"""Qwen-Image on fal: Qwen-Image, 2512, Qwen-Image-3 and Max, and the Qwen-Image-Edit line."""

from __future__ import annotations

from comfy_api.latest import io

from .model_inputs import model_input
from .remote_inputs import remote_inputs, remote_outputs
from .sockets import CATEGORY


class QwenRemote(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardQwenRemote",
            display_name="Qwen-Image (fal)",
            category=CATEGORY,
            description=(
                "Draws readable words with Qwen-Image on fal, with your own key (FAL_KEY); edits when reference pictures "
                "are connected. Price and size are checked before anything is sent."
            ),
            search_aliases=["qwen", "qwen image", "qwen edit", "fal", "text rendering"],
            inputs=remote_inputs(
                model_input("qwen"),
                images_tooltip="Reference pictures: they make it an edit. Empty: the route's.",
                prompt_tooltip="What to draw, or what to change in the reference pictures.",
            ),
            outputs=remote_outputs(),
            hidden=[io.Hidden.prompt],
        )

    @classmethod
    async def execute(cls, **inputs) -> io.NodeOutput:
        from . import remote

        return await remote.run(cls.hidden, "qwen", **inputs)
