"""Route Join: brings the tracks together again, and lets only the chosen one run."""

from __future__ import annotations

from comfy_api.latest import io

from ..engine.errors import BadInput
from ..engine.models import TRACKS
from .sockets import CATEGORY, TRACK_TITLES, RouteSocket


class RouteJoin(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        # Static inputs: ComfyUI runs every lazy input of a growing list, chosen or not.
        kind = io.MatchType.Template("switchyard_join")
        return io.Schema(
            node_id="SwitchyardRouteJoin",
            display_name="Route Join",
            category=CATEGORY,
            description=(
                "Takes the end of every branch and passes on the one that the Prompt Router chose. Only that branch runs. "
                "The branches may hold any nodes, and carry pictures, latents or anything else, all of one type."
            ),
            search_aliases=["join", "merge branches", "switch", "any switch"],
            inputs=[
                RouteSocket.Input("route", tooltip="The Prompt Router's route."),
                *(
                    io.MatchType.Input(
                        track,
                        template=kind,
                        optional=True,
                        lazy=True,
                        tooltip=f"The end of the branch for {TRACK_TITLES[track]}.",
                    )
                    for track in TRACKS
                ),
            ],
            outputs=[
                io.MatchType.Output(
                    template=kind, id="output", display_name="output", tooltip="What the chosen branch made."
                )
            ],
        )

    @classmethod
    def check_lazy_status(cls, route, **branches) -> list[str]:
        return [route.track] if route.track in branches and branches[route.track] is None else []

    @classmethod
    def execute(cls, route, **branches) -> io.NodeOutput:
        if branches.get(route.track) is None:
            raise BadInput(
                f"The Prompt Router chose {route.track} ({route.row.name}), and nothing is connected to that input of "
                "Route Join: connect a branch to it, or set the router's family or place to one that is connected."
            )
        return io.NodeOutput(branches[route.track])
