"""Route Join: brings the tracks together again, and lets only the chosen one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from ..engine.errors import BadInput
from ..engine.models import TRACKS
from .sockets import CATEGORY, TRACK_TITLES, RouteSocket

if TYPE_CHECKING:
    from ..engine.batch import Routes
    from ..engine.request import Route


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
                "The branches may hold any nodes, and carry pictures, latents or anything else, all of one type. What came of a "
                "list of prompts comes out in the order of the list."
            ),
            search_aliases=["join", "merge branches", "switch", "any switch"],
            is_input_list=True,
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
                    template=kind,
                    id="output",
                    display_name="output",
                    is_output_list=True,
                    tooltip="What the chosen branch made.",
                )
            ],
        )

    @classmethod
    def check_lazy_status(cls, route, **branches) -> list[str]:
        wanted = _wanted(route)
        if any(track not in branches for track in wanted):
            return []  # nothing runs, and nothing is paid for: `execute` says what is missing
        return [track for track in wanted if all(value is None for value in branches[track])]

    @classmethod
    def execute(cls, route, **branches) -> io.NodeOutput:
        from ..engine.batch import Routes

        _check(route, branches)
        if isinstance(route[0], Routes):
            return io.NodeOutput(route[0].restored(branches))
        return io.NodeOutput(_one_by_one(route, branches))


def _wanted(routes: Sequence[Route | Routes]) -> tuple[str, ...]:
    from ..engine.batch import tracks_of

    return tuple(dict.fromkeys(track for route in routes for track in tracks_of(route)))


def _check(routes: Sequence[Route | Routes], branches: Mapping[str, Sequence[Any]]) -> None:
    """BadInput for a branch that is not there, or made nothing."""
    from ..engine.batch import every

    chosen = {each.track: each for route in routes for each in every(route)}
    lost = [track for track in chosen if track not in branches]
    # Nothing was asked of the others then. A node of another pack may have answered with nothing, too.
    lost = lost or [track for track in chosen if all(value is None for value in branches[track] or [0])]
    if lost:
        raise BadInput(
            f"The Prompt Router chose {lost[0]} ({chosen[lost[0]].row.name}), and nothing is connected to that input of "
            "Route Join: connect a branch to it, or set the router's family or place to one that is connected."
        )
    empty = next((track for track in chosen if not branches[track]), "")
    if empty:
        raise BadInput(f"The branch on {empty} made an empty list: there is nothing to pass on.")


def _one_by_one(routes: Sequence[Route], branches: Mapping[str, Sequence[Any]]) -> list[Any]:
    """A prompt by itself: what its branch made, which another pack's node may have made several of."""
    count = max(len(routes), *(len(branches[track]) for track in _wanted(routes)))
    chosen = (routes[min(index, len(routes) - 1)].track for index in range(count))
    return [branches[track][min(index, len(branches[track]) - 1)] for index, track in enumerate(chosen)]
