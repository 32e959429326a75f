"""All that ComfyUI sees. The list below is the table of contents.

A node's file has what the page shows of it; what its `execute` needs is imported there, when it first runs: ComfyUI's
start waits for these files, and everything else would double what they take.
"""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from . import (
    closing,
    flux,
    flux_edit,
    flux_prompt,
    flux_remote,
    layered_remote,
    load_flux,
    load_layers,
    load_qwen,
    lora_stack,
    poster_copy,
    qwen_edit,
    qwen_image,
    qwen_layered,
    qwen_remote,
    recompose,
    route_gate,
    route_join,
    router,
    routes,
    save_layers,
    spend,
    text_check,
    until_it_reads,
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
    save_layers.SaveLayers,
    load_layers.LoadLayers,
    recompose.Recompose,
    poster_copy.PosterCopy,
    flux_prompt.FluxPrompt,
    text_check.TextCheck,
    until_it_reads.UntilItReads,
    until_it_reads.ReadAgain,
]


class Switchyard(ComfyExtension):
    async def on_load(self) -> None:
        routes.register()
        closing.listen()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return ALL


async def comfy_entrypoint() -> Switchyard:
    return Switchyard()
