"""All that ComfyUI sees. The list below is the table of contents."""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from . import flux_remote, layered_remote, qwen_remote, route_gate, route_join, router

ALL: list[type[io.ComfyNode]] = [
    router.PromptRouter,
    route_join.RouteJoin,
    route_gate.RouteGate,
    flux_remote.FluxRemote,
    qwen_remote.QwenRemote,
    layered_remote.QwenLayeredRemote,
]


class Switchyard(ComfyExtension):
    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return ALL


async def comfy_entrypoint() -> Switchyard:
    return Switchyard()
