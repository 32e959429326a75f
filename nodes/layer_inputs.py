"""The inputs that say what each layer is called and how it looks: for saving, and for putting together."""

from __future__ import annotations

from comfy_api.latest import io

from ..engine.errors import BadInput


def layer_inputs() -> list[io.Input]:
    return [
        io.Image.Input(
            "images", tooltip="The layers as a batch of pictures of one size, the bottom one first."
        )
    ]


def mask_input() -> io.Input:
    return io.Mask.Input(
        "masks",
        optional=True,
        tooltip="One mask per layer, or one for all; 1 is transparent. Without: a fourth channel, or opaque.",
    )


def looks_inputs() -> list[io.Input]:
    return [
        io.String.Input(
            "opacity",
            default="",
            optional=True,
            tooltip="0 to 1, or 80%. One value for all layers, or one per layer, bottom first, with commas. Empty: 1.",
        ),
        io.String.Input(
            "blend_modes",
            default="",
            optional=True,
            tooltip="normal, multiply, screen, overlay … One for all layers, or one per layer, bottom first, with commas.",
        ),
        io.String.Input(
            "visible",
            default="",
            optional=True,
            tooltip="yes or no. One for all layers, or one per layer, bottom first, with commas. Empty: yes.",
        ),
    ]


def one_picture(source) -> None:
    """Raises BadInput for a batch."""
    if len(source) != 1:
        raise BadInput(f"`source` is the one picture that was split; {len(source)} are connected.")
