"""The inputs of the local nodes, in their order, which saved workflows hang on: only append."""

from __future__ import annotations

from comfy_api.latest import io

from . import local_models
from .sockets import ModelSocket, reference_images, route_input

AUTO = "auto (from route)"
FILES = {
    "transformer": "The transformer's file, from models/diffusion_models. auto: the likeliest.",
    "text_encoder": "The text encoder's file, from models/text_encoders. auto: the likeliest.",
    "text_encoder_2": "FLUX.1's second text encoder, T5. auto: the likeliest.",
    "vae": "The VAE's file, from models/vae. auto: the likeliest.",
}
# `engine.local.presets.names()`, which is not imported for it: that would double the time the pack takes to load.
PRESETS = (
    "auto",
    "none",
    "draft",
    "standard",
    "final",
    "lightning-4",
    "lightning-8",
    "qwen-2.1-lightning",
    "flux-2-turbo",
)
STEP_CACHES = {"off": "", "taylor": "taylor", "first block": "first block", "mag": "mag"}


def loader_inputs(family: str, roles: tuple[str, ...]) -> list[io.Input]:
    return [
        io.Combo.Input(
            "model",
            options=[AUTO, *(row.id for row in local_models.rows(family))],
            default=AUTO,
            tooltip="auto: the route's model, or the best of this family that is on this machine.",
        ),
        *(
            io.Combo.Input(
                role,
                options=[local_models.AUTO_FILE, *local_models.file_names(role)],
                default=local_models.AUTO_FILE,
                optional=True,
                advanced=True,
                tooltip=FILES[role],
            )
            for role in roles
        ),
        route_input(
            "The Prompt Router's route: its model is loaded, if it is of this family and on this machine."
        ),
        io.Boolean.Input(
            "download",
            default=False,
            optional=True,
            advanced=True,
            tooltip="On: files that are missing are fetched from the model hub into models/diffusers, tens of gigabytes. Goes "
            "on where it stopped; needs a login for models whose terms have to be accepted.",
        ),
    ]


def generator_inputs(prompt: str, images: str) -> list[io.Input]:
    """prompt, images: tooltips."""
    return [
        *_first(prompt),
        _side("width"),
        _side("height"),
        io.Int.Input("batch", default=0, min=0, max=64, optional=True, tooltip="How many pictures, each with a seed of its "
                     "own: seed, seed + 1 … 0: the route's, else the latent's, else one."),
        _negative(),
        reference_images(images),
        route_input("The Prompt Router's route: size, batch, negative prompt, pictures and mask come from it."),
        io.Mask.Input("mask", optional=True, tooltip="White is painted anew, black stays as it is."),
        io.Latent.Input("latent", optional=True, tooltip="An empty one sets size and batch. Any other is drawn over, as far "
                        "as denoise goes."),
        io.Float.Input("denoise", default=1.0, min=0.0, max=1.0, step=0.01, optional=True, advanced=True,
                       tooltip="Below 1 the picture or latent is kept in part: image to image."),
        io.Float.Input("reference_megapixels", default=0.0, min=0.0, max=4.0, step=0.05, optional=True, advanced=True,
                       tooltip="The size at which pictures are shown to the model: smaller is faster. 0: the picture's own, "
                       "further references at 1 at most."),
        *_schedule(),
        io.Boolean.Input("composite", default=True, optional=True, advanced=True,
                         tooltip="With a mask: outside it, the picture stays what it was, to the last bit."),
        *_foreign(),
        _preset(PRESETS),
    ]  # fmt: skip


def layered_inputs() -> list[io.Input]:
    return [
        *_first("A caption of the picture; may stay empty."),
        io.Int.Input("layers", default=4, min=1, max=10, optional=True, tooltip="Layers to split into."),
        io.Int.Input("resolution", default=640, min=64, max=1536, step=32, optional=True, tooltip="The picture is brought to "
                     "about this many pixels squared, in its own shape. The model was trained at 640 and 1024."),
        _negative(),
        reference_images("The picture to split, or several of one size, each with a seed of its own. Empty: the route's."),
        route_input("The Prompt Router's route: the picture and the negative prompt come from it."),
        *_schedule(),
        *_foreign(),
        _preset(PRESETS[:5]),
    ]  # fmt: skip


def outputs(layered: bool = False, masks: bool = False) -> list[io.Output]:
    """masks: one more at the end, for models that draw with alpha."""
    images = "The layers, bottom first, without the whole." if layered else "The pictures, as one batch."
    latent = "As drawn, for VAE Decode, another pass or a preview."
    return [
        io.Image.Output("images", display_name="images", tooltip=images),
        *([_masks("Of each layer, 1 where it is transparent.")] if layered else []),
        io.Latent.Output("latent", display_name="latent", tooltip=latent),
        *(
            [_masks("Of each picture, 1 where it is transparent; only Qwen-Image-2.1 draws so.")]
            if masks
            else []
        ),
    ]


def _masks(tooltip: str) -> io.Output:
    return io.Mask.Output("masks", display_name="masks", tooltip=tooltip)


def _first(prompt: str) -> list[io.Input]:
    return [
        ModelSocket.Input("model", tooltip="From a loader of the same family."),
        io.String.Input("prompt", multiline=True, default="", tooltip=prompt),
        io.Int.Input("seed", default=0, min=0, max=2**64 - 1, control_after_generate=io.ControlAfterGenerate.fixed,
                     tooltip="Same seed, same inputs: the same picture."),
        io.Int.Input("steps", default=0, min=0, max=200, optional=True, tooltip="Sampling steps. 0: the model's own."),
        io.Float.Input("guidance", default=0.0, min=0.0, max=30.0, step=0.1, optional=True, tooltip="How closely the "
                       "picture follows the prompt. 0: the model's own; 1: off, which takes half the time."),
    ]  # fmt: skip


def _side(name: str) -> io.Input:
    return io.Int.Input(name, default=0, min=0, max=4096, step=8, optional=True,
                        tooltip="Pixels. 0: from the route or latent, else the picture's, else 1024.")  # fmt: skip


def _negative() -> io.Input:
    return io.String.Input("negative", multiline=True, default="", optional=True, tooltip="What to keep out of the picture, "
                           "for models that take it. Empty: the route's.")  # fmt: skip


def _schedule() -> list[io.Input]:
    return [
        io.Float.Input("shift", default=0.0, min=0.0, max=100.0, step=0.01, optional=True, advanced=True,
                       tooltip="A constant shift of the schedule. 0: the model's own, which goes by the size."),
        io.Combo.Input("step_cache", options=list(STEP_CACHES), default="off", optional=True, advanced=True,
                       tooltip="Skips passes that would change little: faster, not quite the same picture. From 10 steps on."),
    ]  # fmt: skip


def _preset(options: tuple[str, ...]) -> io.Input:
    return io.Combo.Input("preset", options=list(options), default="auto", optional=True, advanced=True, tooltip="Steps, "
                          "guidance and schedule that belong together. auto: a fast LoRA's own, else the route's tier. What "
                          "is set beside it wins.")  # fmt: skip


def _foreign() -> list[io.Input]:
    return [
        io.Conditioning.Input("positive", optional=True, advanced=True, tooltip="Of another text encoder (CLIP Text Encode), "
                              "in place of the prompt."),
        io.Conditioning.Input("negative_conditioning", optional=True, advanced=True,
                              tooltip="The same in place of the negative prompt."),
        io.Vae.Input("vae", optional=True, advanced=True, tooltip="ComfyUI's own VAE, in place of the model's."),
        io.Int.Input("tiling", default=0, min=0, max=2048, step=64, optional=True, advanced=True, tooltip="Pixels of a tile's "
                     "side when encoding and decoding. 0: whole pictures, and tiles where the memory does not do."),
    ]  # fmt: skip
