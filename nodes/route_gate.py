"""Route Gate: a pass-through inside a branch, for a Save or Preview that must not wake a branch that was not chosen."""

from __future__ import annotations

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker

from ..engine.models import TRACKS
from .sockets import CATEGORY, RouteSocket


class RouteGate(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        kind = io.MatchType.Template("switchyard_gate")
        return io.Schema(
            node_id="SwitchyardRouteGate",
            display_name="Route Gate",
            category=CATEGORY,
            description=(
                "Put it before a Save or Preview inside a branch: it passes the value on when its track was chosen, and "
                "keeps everything before it from running when it was not."
            ),
            search_aliases=["gate", "branch preview", "conditional save"],
            inputs=[
                RouteSocket.Input("route", tooltip="The Prompt Router's route."),
                io.Combo.Input(
                    "when", options=list(TRACKS), tooltip="The track on which the value may pass."
                ),
                io.MatchType.Input(
                    "value", template=kind, lazy=True, tooltip="Anything; asked for only on that track."
                ),
            ],
            outputs=[
                io.MatchType.Output(
                    template=kind, id="output", display_name="output", tooltip="The value, or nothing."
                )
            ],
        )

    @classmethod
    def check_lazy_status(cls, route, when, value=None) -> list[str]:
        from ..engine.batch import tracks_of

        return ["value"] if when in tracks_of(route) and value is None else []

    @classmethod
    def execute(cls, route, when, value=None) -> io.NodeOutput:
        from ..engine.batch import tracks_of

        return io.NodeOutput(value if when in tracks_of(route) else ExecutionBlocker(None))
