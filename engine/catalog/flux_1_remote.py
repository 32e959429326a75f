"""FLUX.1 on fal, Kontext included. Its text encoders (CLIP and T5) read Latin letters only."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ..models import Model, Param, SizeRule
from .dialects import FLUX_1, KONTEXT, KONTEXT_MULTI
from .params import (
    ENHANCE,
    JPEG_OR_PNG,
    LORAS,
    PNG_OR_JPEG,
    SEED,
    acceleration,
    guidance,
    pictures,
    safety,
    steps,
    strength,
)
from .terms import AS_INPUT, ONE, UNKNOWN, any_size, aspect_ratio, fal, per_image, per_megapixel, up_to

_DEV = (guidance(3.5, 1), acceleration("none"), pictures(), SEED, JPEG_OR_PNG)
_PRO = (safety(6), ENHANCE, pictures(), SEED, JPEG_OR_PNG)
_KONTEXT = (guidance(3.5, 1), *_PRO)

_ULTRA = (
    Param("raw", "bool", False),
    Param("image_prompt_strength", "float", 0.1, 0, 1),
    *_PRO,
)

_MODES = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
_RESOLUTION_MODE = SizeRule(
    "aspect",
    aspects=("auto", "match_input", *_MODES),
    field="resolution_mode",
    default="match_input",
)
_KONTEXT_DEV = (guidance(2.5, 1), acceleration("none"), pictures(), SEED)

_LITELLM = "A second price list agrees."


def _kontext(
    tier: Literal["pro", "max"], quality: Literal["standard", "final"], usd: str, about: str
) -> Model:
    root = f"fal-ai/flux-pro/kontext{'/max' if tier == 'max' else ''}"
    price = per_image(usd, "fal-article", "Black Forest Labs ask the same.")
    same = replace(price, confidence="inferred", note="Taken from the single-picture endpoint.")
    return Model(
        f"flux-kontext-{tier}",
        f"FLUX.1 Kontext {tier}",
        "flux",
        "remote",
        quality,
        about=about,
        prompt_scripts="latin",
        dialect=KONTEXT_MULTI,
        endpoints=(
            fal(root, "edit", _KONTEXT, price, aspect_ratio(None), **ONE),
            fal(f"{root}/multi", "edit", _KONTEXT, same, aspect_ratio(None), **up_to(None)),  # experimental
            fal(f"{root}/text-to-image", "generate", _KONTEXT, same, aspect_ratio("1:1")),
        ),
    )


FLUX_1_REMOTE = (
    Model(
        "flux-1-schnell",
        "FLUX.1 schnell",
        "flux",
        "remote",
        "draft",
        about="Four steps and next to no money: the quickest sketch there is.",
        prompt_scripts="latin",
        dialect=FLUX_1,
        endpoints=(
            fal(
                "fal-ai/flux/schnell",
                "generate",
                (steps(4, 1, 12), *_DEV),
                per_megapixel("0.003", "fal-article", _LITELLM),
                any_size(),
            ),
        ),
    ),
    Model(
        "flux-1-dev",
        "FLUX.1 dev",
        "flux",
        "remote",
        "standard",
        about="The open classic, with the widest choice of styles made for it.",
        prompt_scripts="latin",
        dialect=FLUX_1,
        endpoints=(
            fal(
                "fal-ai/flux/dev",
                "generate",
                (steps(28, 1, 50), *_DEV),
                per_megapixel("0.025", "fal-article", _LITELLM),
                any_size(),
            ),
            fal(
                "fal-ai/flux/dev/image-to-image",
                "variation",
                (strength(0.95), steps(40, 10, 50), *_DEV),
                UNKNOWN,
                AS_INPUT,
                **ONE,
            ),
        ),
    ),
    Model(
        "flux-1.1-pro",
        "FLUX1.1 pro",
        "flux",
        "remote",
        "standard",
        about="The earlier professional FLUX, steady and quick.",
        prompt_scripts="latin",
        dialect=FLUX_1,
        endpoints=(
            fal(
                "fal-ai/flux-pro/v1.1",
                "generate",
                _PRO,
                per_megapixel("0.04", "fal-article", "A second list agrees, a third says 0.055."),
                any_size(),
            ),
        ),
    ),
    Model(
        "flux-1.1-pro-ultra",
        "FLUX1.1 pro ultra",
        "flux",
        "remote",
        "final",
        about="Large pictures at one price, with a raw look for photographs and one picture as a hint.",
        prompt_scripts="latin",
        dialect=FLUX_1,
        endpoints=(
            fal(
                "fal-ai/flux-pro/v1.1-ultra",
                "generate",
                _ULTRA,
                per_image("0.06", "fal-article", "A second list has it too; it used to say 0.0398."),
                aspect_ratio("16:9", "Drawn at up to 2K, whatever size is asked for."),
                **ONE,  # optional here
            ),
        ),
    ),
    _kontext("pro", "standard", "0.04", "Changes what you name in a photograph and leaves the rest alone."),
    _kontext("max", "final", "0.08", "Kontext at its most careful: better lettering, closer to the prompt."),
    Model(
        "flux-kontext-dev",
        "FLUX.1 Kontext dev",
        "flux",
        "remote",
        "standard",
        about="The open Kontext, with LoRAs for edits that you repeat.",
        prompt_scripts="latin",
        dialect=KONTEXT,
        endpoints=(
            fal(
                "fal-ai/flux-kontext/dev",
                "edit",
                (steps(28, 10, 50), *_KONTEXT_DEV, JPEG_OR_PNG),
                UNKNOWN,
                _RESOLUTION_MODE,
                reference_side=(1, 14142),
                **ONE,
            ),
            fal(
                "fal-ai/flux-kontext-lora",
                "edit",
                (steps(30, 10, 50), guidance(2.5), *_KONTEXT_DEV[1:], PNG_OR_JPEG, LORAS),
                per_megapixel("0.035", "third-party"),
                _RESOLUTION_MODE,
                lora=True,
                **ONE,
            ),
        ),
    ),
)
