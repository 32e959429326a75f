"""Qwen-Image-Layered on this machine: one picture in, its layers out."""

from __future__ import annotations

from comfy_api.latest import io

from .local_inputs import layered_inputs, outputs
from .sockets import CATEGORY


class QwenLayered(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardQwenLayered",
            display_name="Qwen-Image-Layered",
            category=CATEGORY,
            description=(
                "Splits a picture into transparent layers with Qwen-Image-Layered on this machine: a batch of pictures and a "
                "batch of masks, bottom layer first."
            ),
            search_aliases=["layers", "rgba", "psd", "qwen layered", "decompose", "local"],
            inputs=layered_inputs(),
            outputs=outputs(layered=True),
        )

    @classmethod
    def execute(cls, **inputs) -> io.NodeOutput:
        from . import local

        return local.run_layered(**inputs)
