"""Load FLUX: opens a local FLUX model; its weights are read when they are first needed."""

from __future__ import annotations

from comfy_api.latest import io

from .local_inputs import loader_inputs
from .sockets import CATEGORY, ModelSocket


class LoadFlux(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardLoadFlux",
            display_name="Load FLUX",
            category=CATEGORY,
            description=(
                "Opens FLUX.1 dev, schnell or Kontext, FLUX.2 dev or klein on this machine: from folders in models/diffusers "
                "or from single files, as bf16, fp8 or GGUF. Nothing is read until a picture is drawn, and parts that "
                "several models have in common are in memory once."
            ),
            search_aliases=["flux loader", "load flux", "klein", "kontext", "diffusers loader", "gguf"],
            inputs=loader_inputs("flux", ("transformer", "text_encoder", "text_encoder_2", "vae")),
            outputs=[
                ModelSocket.Output(
                    "model", display_name="model", tooltip="For the FLUX nodes on this machine."
                )
            ],
        )

    @classmethod
    def validate_inputs(
        cls, model=None, transformer=None, text_encoder=None, text_encoder_2=None, vae=None
    ) -> bool:
        # A file that is missing in a branch that is not chosen must not refuse the whole workflow.
        return True

    @classmethod
    async def execute(cls, **inputs) -> io.NodeOutput:
        from . import local

        return await local.load("flux", **inputs)
