"""All that ComfyUI sees. The list below is the table of contents."""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from . import (
    closing,
    flux,
    flux_edit,
    flux_remote,
    layered_remote,
    load_flux,
    load_qwen,
    lora_stack,
    qwen_edit,
    qwen_image,
    qwen_layered,
    qwen_remote,
    route_gate,
    route_join,
    router,
    routes,
    spend,
)

ALL: list[type[io.ComfyNode]] = [
    router.PromptRouter,
    route_join.RouteJoin,
    route_gate.RouteGate,
    flux_remote.FluxRemote,
    qwen_remote.QwenRemote,
    layered_remote.QwenLayeredRemote,
    spend.Spend,
    load_qwen.LoadQwen,
    load_flux.LoadFlux,
    qwen_image.QwenImage,
    flux.Flux,
    qwen_edit.QwenEdit,
    flux_edit.FluxEdit,
    qwen_layered.QwenLayered,
    lora_stack.LoraStack,
]


class Switchyard(ComfyExtension):
    async def on_load(self) -> None:
        routes.register()
        closing.listen()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return ALL


async def comfy_entrypoint() -> Switchyard:
    return Switchyard()
