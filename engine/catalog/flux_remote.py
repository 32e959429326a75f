"""FLUX.2 on fal: pro, max, flex, dev, turbo and flash. Klein and FLUX.1 have files of their own."""

from __future__ import annotations

from ..models import Model, Param
from .dialects import FLUX_2
from .flux_1_remote import FLUX_1_REMOTE
from .flux_klein_remote import KLEIN_REALTIME, KLEIN_REMOTE
from .params import (
    EXPAND_OFF,
    JPEG_OR_PNG,
    LORAS,
    PNG_JPEG_WEBP,
    SEED,
    acceleration,
    guidance,
    pictures,
    safety,
    steps,
)
from .terms import (
    AS_INPUT,
    ONE,
    fal,
    first_megapixel,
    per_megapixel,
    sides_512_to_2048,
    up_to,
    up_to_4_megapixels,
)

# No steps, no guidance and no num_images: a batch of n is n requests.
_PRO = (SEED, safety(5), JPEG_OR_PNG)
_FLEX = (steps(28, 2, 50), guidance(3.5, 1.5, 10), *_PRO)
_TURBO = (guidance(2.5), EXPAND_OFF, pictures(), SEED, PNG_JPEG_WEBP)
_DEV = (steps(28, 4, 50), acceleration("regular"), *_TURBO)

_OUTPAINT = (
    Param("expand_top", "int", 0, 0, 2048),
    Param("expand_bottom", "int", 0, 0, 2048),
    Param("expand_left", "int", 0, 0, 2048),
    Param("expand_right", "int", 0, 0, 2048),
    Param("auto_crop", "bool", False),
    Param("mode", "choice", "high", choices=("high", "fast")),
    JPEG_OR_PNG,
)

_PRO_PRICE = first_megapixel(
    "0.03",
    "0.015",
    "fal-text",
    "Whether references are rounded up one by one or as a sum is not printed; taken one by one.",
)
_MAX_PRICE = first_megapixel("0.07", "0.03", "fal-text", "One megapixel in and one out is 0.10.")
_FLEX_PRICE = per_megapixel(
    "0.05", "fal-text", "The same page still carries an older figure of 0.06.", counts_inputs=True
)
_LORA_PRICE = per_megapixel("0.021", "fal-text", lora_surcharge=True)
_LORA_EDIT_PRICE = per_megapixel("0.021", "fal-text", input_megapixels=1, lora_surcharge=True)

_FLUX_2_REMOTE = (
    Model(
        "flux-2-pro",
        "FLUX.2 pro",
        "flux",
        "remote",
        "final",
        about="The studio workhorse: light, skin and materials at their best, with up to nine references.",
        dialect=FLUX_2,
        endpoints=(
            fal("fal-ai/flux-2-pro", "generate", _PRO, _PRO_PRICE, up_to_4_megapixels("landscape_4_3")),
            fal(
                "fal-ai/flux-2-pro/edit",
                "edit",
                _PRO,
                _PRO_PRICE,
                up_to_4_megapixels("auto"),
                references_megapixels=9,
                **up_to(9),
            ),
            # It takes no prompt at all, only how far to grow each edge.
            fal(
                "fal-ai/flux-2-pro/outpaint",
                "outpaint",
                _OUTPAINT,
                _PRO_PRICE,
                AS_INPUT,
                prompt_required=False,
                prompt_chars=0,
                **ONE,
            ),
        ),
    ),
    Model(
        "flux-2-max",
        "FLUX.2 max",
        "flux",
        "remote",
        "final",
        about="The dearest FLUX.2, for the one picture that has to be right.",
        dialect=FLUX_2,
        endpoints=(
            fal("fal-ai/flux-2-max", "generate", _PRO, _MAX_PRICE, up_to_4_megapixels("landscape_4_3")),
            fal(
                "fal-ai/flux-2-max/edit", "edit", _PRO, _MAX_PRICE, up_to_4_megapixels("auto"), **up_to(None)
            ),
        ),
    ),
    Model(
        "flux-2-flex",
        "FLUX.2 flex",
        "flux",
        "remote",
        "standard",
        about="FLUX.2 with its steps and guidance in your hands; the best of the family at lettering.",
        dialect=FLUX_2,
        endpoints=(
            fal("fal-ai/flux-2-flex", "generate", _FLEX, _FLEX_PRICE, up_to_4_megapixels("landscape_4_3")),
            fal(
                "fal-ai/flux-2-flex/edit",
                "edit",
                _FLEX,
                _FLEX_PRICE,
                up_to_4_megapixels("auto"),
                **up_to(None),
            ),
        ),
    ),
    Model(
        "flux-2-dev",
        "FLUX.2 dev",
        "flux",
        "remote",
        "standard",
        about="The open FLUX.2 at a low price; takes LoRAs and up to four references.",
        dialect=FLUX_2,
        endpoints=(
            fal(
                "fal-ai/flux-2", "generate", _DEV, per_megapixel("0.012", "fal-article"), sides_512_to_2048()
            ),
            fal(
                "fal-ai/flux-2/edit",
                "edit",
                _DEV,
                per_megapixel("0.012", "fal-text", input_megapixels=1),
                sides_512_to_2048(None),
                **up_to(4),  # fal drops further ones without a word
            ),
            fal(
                "fal-ai/flux-2/lora", "generate", (*_DEV, LORAS), _LORA_PRICE, sides_512_to_2048(), lora=True
            ),
            fal(
                "fal-ai/flux-2/lora/edit",
                "edit",
                (*_DEV, LORAS),
                _LORA_EDIT_PRICE,
                sides_512_to_2048(None),
                lora=True,
                **up_to(4),
            ),
        ),
    ),
    Model(
        "flux-2-turbo",
        "FLUX.2 turbo",
        "flux",
        "remote",
        "draft",
        about="FLUX.2 dev in a few steps: close to its quality, for quick rounds.",
        dialect=FLUX_2,
        endpoints=(
            fal(
                "fal-ai/flux-2/turbo",
                "generate",
                _TURBO,
                per_megapixel("0.008", "fal-article"),
                sides_512_to_2048(),
            ),
            fal(
                "fal-ai/flux-2/turbo/edit",
                "edit",
                _TURBO,
                per_megapixel("0.008", "fal-text", input_megapixels=1),
                sides_512_to_2048("square_hd"),  # not the size of the picture that comes in
                **up_to(4),
            ),
        ),
    ),
    Model(
        "flux-2-flash",
        "FLUX.2 flash",
        "flux",
        "remote",
        "draft",
        about="The cheapest look at a FLUX.2 picture.",
        dialect=FLUX_2,
        endpoints=(
            fal(
                "fal-ai/flux-2/flash",
                "generate",
                _TURBO,
                per_megapixel("0.005", "fal-article"),
                sides_512_to_2048(),
            ),
            fal(
                "fal-ai/flux-2/flash/edit",
                "edit",
                _TURBO,
                per_megapixel("0.005", "fal-text", input_megapixels=1),
                sides_512_to_2048("square_hd"),  # not the size of the picture that comes in
                **up_to(4),
            ),
        ),
    ),
)

FLUX_REMOTE = (*_FLUX_2_REMOTE, *KLEIN_REMOTE, *FLUX_1_REMOTE, KLEIN_REALTIME)
