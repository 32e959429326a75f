"""The inputs and outputs of the remote nodes, in their order, which saved workflows hang on: only append."""

from __future__ import annotations

from comfy_api.latest import io

from .sockets import reference_images, route_input, seed_input


def remote_inputs(model: io.Input, images_tooltip: str, prompt_tooltip: str) -> list[io.Input]:
    """The inputs of every remote node, in their order, which saved workflows hang on: only append."""
    return [
        io.String.Input("prompt", multiline=True, default="", tooltip=prompt_tooltip),
        model,
        seed_input(),
        io.Boolean.Input(
            "rehearse",
            default=False,
            tooltip="On: everything but the paid call. The picture is a slate that shows the exact request and its price.",
        ),
        reference_images(images_tooltip),
        route_input(
            "The Prompt Router's route: model, size, batch, references and price limit come from it."
        ),
        io.Boolean.Input(
            "allow_unknown_price",
            default=False,
            optional=True,
            advanced=True,
            tooltip="Send even where nobody knows what the request costs.",
        ),
    ]


def remote_outputs() -> list[io.Output]:
    return [
        io.Image.Output(
            "images",
            display_name="images",
            is_output_list=True,
            tooltip="The pictures; those of one size as one batch.",
        ),
        io.Mask.Output(
            "masks",
            display_name="masks",
            is_output_list=True,
            tooltip="Their transparency, 1 where transparent; all 0 for pictures without alpha.",
        ),
        io.String.Output("report", display_name="report", tooltip="Endpoint, size, price and request ids."),
    ]
