"""Load Qwen: opens a local Qwen-Image model; its weights are read when they are first needed."""

from __future__ import annotations

from comfy_api.latest import io

from .local_inputs import loader_inputs
from .sockets import CATEGORY, ModelSocket


class LoadQwen(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardLoadQwen",
            display_name="Load Qwen",
            category=CATEGORY,
            description=(
                "Opens Qwen-Image, an edit model of it, 2.1 or Layered on this machine: from folders in models/diffusers or "
                "from single files, as bf16, fp8 or GGUF. Nothing is read until a picture is drawn, and parts that several "
                "models have in common are in memory once."
            ),
            search_aliases=["qwen loader", "load qwen image", "diffusers loader", "gguf"],
            inputs=loader_inputs("qwen", ("transformer", "text_encoder", "vae")),
            outputs=[
                ModelSocket.Output(
                    "model", display_name="model", tooltip="For the Qwen nodes on this machine."
                )
            ],
        )

    @classmethod
    def validate_inputs(cls, model=None, transformer=None, text_encoder=None, vae=None) -> bool:
        # A file that is missing in a branch that is not chosen must not refuse the whole workflow.
        return True

    @classmethod
    async def execute(cls, **inputs) -> io.NodeOutput:
        from . import local

        return await local.load("qwen", **inputs)
