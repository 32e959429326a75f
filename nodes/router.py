"""Prompt Router: reads the prompt, decides, and sends it down one of six tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker

from ..engine.models import TRACKS
from . import host
from .sockets import CATEGORY, TRACK_TITLES, RouteSocket, reference_images

if TYPE_CHECKING:
    from ..engine.batch import Routes


class PromptRouter(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardPromptRouter",
            display_name="Prompt Router",
            category=CATEGORY,
            description=(
                "Reads the prompt and sends it to the model that does it best: Qwen-Image for readable words, FLUX for "
                "light. The prompt leaves on one track only; nothing on the other tracks runs. Join them with Route Join. A list "
                "of prompts is routed as a whole and grouped by model."
            ),
            search_aliases=["router", "route", "switch", "auto model", "prompt router"],
            is_input_list=True,
            inputs=[
                io.String.Input(
                    "prompt",
                    multiline=True,
                    default="",
                    tooltip="What the picture should show, or what should change in the connected pictures.",
                ),
                io.Combo.Input(
                    "task",
                    options=["auto", "generate", "edit", "layers"],
                    default="auto",
                    tooltip="auto: an edit when a picture is connected, else a new picture.",
                ),
                io.Combo.Input(
                    "tier",
                    options=["draft", "standard", "final"],
                    default="standard",
                    tooltip="draft: fast and cheap. final: the best there is for this kind of prompt.",
                ),
                io.Combo.Input(
                    "family",
                    options=["auto", "qwen", "flux"],
                    default="auto",
                    tooltip="auto: decided from the prompt. Anything else is obeyed.",
                ),
                io.Combo.Input(
                    "place",
                    options=["auto", "local", "remote"],
                    default="auto",
                    tooltip="local: this machine. remote: fal, with your own key. auto: by rule, price and what is there.",
                ),
                io.Int.Input(
                    "width",
                    default=0,
                    min=0,
                    max=16384,
                    step=8,
                    tooltip="Pixels. 0: automatic, an edit keeps its picture's size, a new picture is 1024 wide.",
                ),
                io.Int.Input(
                    "height",
                    default=0,
                    min=0,
                    max=16384,
                    step=8,
                    tooltip="Pixels. 0: automatic, an edit keeps its picture's size, a new picture is 1024 high.",
                ),
                io.Int.Input("batch", default=1, min=1, max=64, tooltip="How many pictures."),
                io.Float.Input(
                    "max_price",
                    default=0.0,
                    min=0.0,
                    max=1000.0,
                    step=0.001,
                    round=0.0001,
                    tooltip="US dollars for the whole run, batch included. 0: no limit.",
                ),
                reference_images("Pictures to edit, split or use as references, up to nine."),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip="Where to edit. Only models that take a mask are considered.",
                ),
                io.Latent.Input(
                    "latent",
                    optional=True,
                    tooltip="A latent to go on from. Only local models whose latents have its shape are considered.",
                ),
                io.String.Input(
                    "negative",
                    multiline=True,
                    default="",
                    optional=True,
                    tooltip="What to keep out of the picture, for the models that take a negative prompt.",
                ),
            ],
            outputs=[
                RouteSocket.Output(
                    "route", display_name="route", tooltip="The decision: for Route Join and our nodes."
                ),
                *(
                    io.String.Output(
                        track,
                        display_name=track,
                        is_output_list=True,
                        tooltip=f"The prompt, when it goes to {TRACK_TITLES[track]}.",
                    )
                    for track in TRACKS
                ),
                io.Latent.Output(
                    "latent",
                    display_name="latent",
                    is_output_list=True,
                    tooltip="An empty latent for the chosen local model, or the connected one; blocked for remote models.",
                ),
                io.String.Output(
                    "reason",
                    display_name="reason",
                    is_output_list=True,
                    tooltip="Why this model, in a sentence.",
                ),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, **inputs) -> str:
        return host.fingerprint(remote_only=set(inputs.get("place") or ()) == {"remote"})

    @classmethod
    def execute(cls, **inputs) -> io.NodeOutput:
        from ..engine import batch
        from . import latents, wishes

        rows = wishes.one_by_one(inputs)
        routes = batch.route_all(wishes.requests_from(rows), host.available())
        _say(routes)
        return io.NodeOutput(
            routes if len(rows) > 1 else routes.routes[0],
            *([*routes.prompts(track)] or [ExecutionBlocker(None)] for track in TRACKS),
            latents.for_routes(routes, [row.get("latent") for row in rows]),
            [route.reason for route in routes.routes],
            ui={"switchyard_route": [wishes.facts(route) for route in routes.routes]},
        )


def _say(routes: Routes) -> None:
    from ..engine.price import total

    if len(routes.routes) == 1:
        host.say(f"→ {routes.routes[0].track}: {routes.routes[0].reason}")
        return
    price = total(route.price for route in routes.routes)
    shares = ", ".join(f"{len(routes.on(track))} to {track}" for track in routes.tracks)
    host.say(f"{len(routes.routes)} prompts, {price.text}: {shares}")
