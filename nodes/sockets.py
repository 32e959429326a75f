"""Socket types of our own, and the inputs that several nodes share."""

from __future__ import annotations

from comfy_api.latest import io

from ..engine.models import MAX_REFERENCES, TRACKS

CATEGORY = "Switchyard"

RouteSocket = io.Custom("SWITCHYARD_ROUTE")
ModelSocket = io.Custom("SWITCHYARD_MODEL")  # engine.local.model.LocalModel

TRACK_TITLES = {
    "qwen_local": "Qwen-Image on this machine",
    "flux_local": "FLUX on this machine",
    "qwen_remote": "Qwen-Image on fal",
    "flux_remote": "FLUX on fal",
    "layers_local": "Qwen-Image-Layered on this machine",
    "layers_remote": "Qwen-Image-Layered on fal",
}
assert tuple(TRACK_TITLES) == TRACKS


def reference_images(tooltip: str) -> io.Autogrow.Input:
    """A list of IMAGE sockets that grows as they are connected: images.image0, images.image1 …

    Every picture of a connected batch counts as one reference.
    """
    picture = io.Image.Input("image", optional=True, tooltip="A reference picture, or a batch of them.")
    template = io.Autogrow.TemplatePrefix(picture, prefix="image", min=0, max=MAX_REFERENCES)
    return io.Autogrow.Input("images", template=template, optional=True, tooltip=tooltip)


def route_input(tooltip: str) -> io.Input:
    return RouteSocket.Input("route", optional=True, tooltip=tooltip)


def seed_input() -> io.Int.Input:
    return io.Int.Input(
        "seed",
        default=0,
        min=0,
        max=2**31 - 1,
        control_after_generate=io.ControlAfterGenerate.fixed,
        tooltip="Same seed, same inputs: the same picture. Fixed by default, because every new seed is bought anew.",
    )


def words_asked_for() -> io.String.Input:
    return io.String.Input(
        "text",
        multiline=True,
        default="",
        tooltip="The words asked for, one phrase on each line. Empty: those found in the prompt.",
    )


def prompt_with_words() -> io.String.Input:
    return io.String.Input(
        "prompt",
        multiline=True,
        default="",
        optional=True,
        tooltip="A prompt to find the words in, as the Prompt Router does. `text` wins.",
    )
