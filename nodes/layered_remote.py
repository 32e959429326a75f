"""Qwen-Image-Layered on fal: one picture in, its layers out."""

from __future__ import annotations

from comfy_api.latest import io

from .model_inputs import model_input
from .remote_inputs import remote_inputs, remote_outputs
from .sockets import CATEGORY


class QwenLayeredRemote(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardQwenLayeredRemote",
            display_name="Qwen-Image-Layered (fal)",
            category=CATEGORY,
            description=(
                "Splits a picture into transparent layers with Qwen-Image-Layered on fal, with your own key (FAL_KEY): a "
                "batch of pictures and a batch of masks, bottom layer first."
            ),
            search_aliases=["layers", "rgba", "psd", "qwen layered", "fal", "decompose"],
            inputs=remote_inputs(
                model_input("qwen", layered=True),
                images_tooltip="The picture to split. Empty: the route's.",
                prompt_tooltip="A caption of the picture; may stay empty.",
            ),
            outputs=remote_outputs(),
            hidden=[io.Hidden.prompt],
        )

    @classmethod
    async def execute(cls, **inputs) -> io.NodeOutput:
        from . import remote

        return await remote.run(cls.hidden, "qwen", layered=True, **inputs)
