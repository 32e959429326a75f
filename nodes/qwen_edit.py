"""Qwen-Image-Edit on this machine: changes a picture."""

from __future__ import annotations

from comfy_api.latest import io

from .local_inputs import generator_inputs, outputs
from .sockets import CATEGORY


class QwenEdit(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardQwenEdit",
            display_name="Qwen-Image-Edit",
            category=CATEGORY,
            description=(
                "Changes pictures with Qwen-Image-Edit or Qwen-Image-2.1 on this machine, the words in them above all. The "
                "result has the size of the first picture."
            ),
            search_aliases=["qwen edit", "edit text", "change words", "local", "inpaint"],
            inputs=generator_inputs(
                prompt="What to change.",
                images="The picture to change, and further references. Empty: the route's.",
            ),
            outputs=outputs(masks=True),
        )

    @classmethod
    def execute(cls, **inputs) -> io.NodeOutput:
        from . import local

        return local.run("qwen", masks=True, edits=True, **inputs)
