"""FLUX.2 klein on fal: two sizes, each distilled (four steps) and as base model, each with LoRAs or without."""

from __future__ import annotations

from typing import Literal

from ..models import Model, Param, Price
from .dialects import FLUX_2
from .params import LORAS, NEGATIVE, PNG_JPEG_WEBP, SEED, acceleration, guidance, pictures, steps
from .terms import NO_PICTURE, ONE, UNKNOWN, any_size, fal, per_megapixel, up_to

_DISTILLED = (steps(4, 4, 8), pictures(), SEED, PNG_JPEG_WEBP)
_BASE = (
    NEGATIVE,
    steps(28, 4, 50),
    guidance(5),
    acceleration("regular"),
    pictures(),
    SEED,
    PNG_JPEG_WEBP,
)


def _klein(
    size: Literal["4b", "9b"],
    *,
    base: bool = False,
    about: str,
    generate: Price,
    edit: Price,
    lora: Price,
    lora_edit: Price,
) -> Model:
    kind, params = ("-base", _BASE) if base else ("", _DISTILLED)
    root = f"fal-ai/flux-2/klein/{size}{'/base' if base else ''}"
    with_loras = (*params, LORAS)
    return Model(
        f"flux-2-klein-{size}{kind}",
        f"FLUX.2 klein {size.upper()}{' base' if base else ''}",
        "flux",
        "remote",
        "standard" if base else "draft",
        about=about,
        dialect=FLUX_2,
        endpoints=(
            fal(root, "generate", params, generate, any_size()),
            fal(f"{root}/edit", "edit", params, edit, any_size(None), **up_to(4)),
            fal(f"{root}/lora", "generate", with_loras, lora, any_size(), lora=True),
            fal(f"{root}/edit/lora", "edit", with_loras, lora_edit, any_size(None), lora=True, **up_to(4)),
        ),
    )


KLEIN_REMOTE = (
    _klein(
        "4b",
        about="The smallest FLUX.2: drafts and small edits in a second.",
        generate=per_megapixel(
            "0.005", "third-party", "A guide of fal's says 0.014, the model maker's price."
        ),
        edit=per_megapixel("0.01", "third-party", input_megapixels=1),
        lora=per_megapixel("0.01", "fal-text"),
        lora_edit=per_megapixel("0.01", "fal-text", input_megapixels=1),
    ),
    _klein(
        "9b",
        about="A draft model with the eye of a larger one; the best quick edits for little money.",
        generate=per_megapixel("0.006", "fal-text", "From the endpoint's own text page."),
        edit=per_megapixel("0.011", "fal-text", input_megapixels=1),
        lora=per_megapixel("0.015", "fal-text"),
        lora_edit=per_megapixel("0.015", "fal-text", input_megapixels=1),
    ),
    _klein(
        "4b",
        base=True,
        about="The small klein before distillation: more variety, a negative prompt, and LoRA training's home.",
        generate=per_megapixel("0.009", "fal-article", "The guide of 2026-01-16 names another id for it."),
        edit=per_megapixel("0.009", "fal-text", input_megapixels=1),
        lora=per_megapixel("0.016", "inferred", "From its edit twin."),
        lora_edit=per_megapixel("0.016", "fal-text", input_megapixels=1),
    ),
    _klein(
        "9b",
        base=True,
        about="The large klein before distillation, with guidance and a negative prompt.",
        generate=per_megapixel("0.011", "inferred", "From its edit twin."),
        edit=per_megapixel("0.011", "fal-text", input_megapixels=1),
        lora=per_megapixel("0.02", "inferred", "From its edit twin."),
        lora_edit=per_megapixel("0.02", "fal-text", input_megapixels=1),
    ),
)

# Spoken over a WebSocket, not the queue, and so not offered; it takes its picture only as a data: URI.
KLEIN_REALTIME = Model(
    "flux-2-klein-realtime",
    "FLUX.2 klein realtime",
    "flux",
    "remote",
    "draft",
    about="Redraws a live picture several times a second.",
    endpoints=(
        fal(
            "fal-ai/flux-2/klein/realtime",
            "realtime",
            (
                Param("image_size", "choice", "square", choices=("square", "square_hd")),  # 768 or 1024 px
                steps(3, 1, 8),
                Param("schedule_mu", "float", 2.3, 0.3, 2.5),
                Param("output_feedback_strength", "float", 1, 0, 1),
                Param("enable_interpolation", "bool", False),
                Param("seed", "int", 35),
            ),
            UNKNOWN,
            NO_PICTURE,
            prompt_required=False,
            **ONE,
        ),
    ),
)
