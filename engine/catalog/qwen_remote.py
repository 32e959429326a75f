"""Qwen-Image on fal: the open models. Alibaba's own newer ones, which fal passes on, have a file of their own."""

from __future__ import annotations

from ..models import Model, Param
from .dialects import QWEN_EDIT, QWEN_EDIT_ONE, QWEN_IMAGE
from .params import (
    LORAS,
    NEGATIVE,
    NEGATIVE_SPACE,
    PNG_JPEG_WEBP,
    PNG_OR_JPEG,
    PNG_OR_WEBP,
    SEED,
    acceleration,
    guidance,
    pictures,
    steps,
    strength,
)
from .qwen_hosted_remote import HOSTED_REMOTE, RETIRED_REMOTE
from .terms import AS_INPUT, ONE, UNKNOWN, any_size, fal, per_image, per_megapixel, up_to

_IMAGE = (
    NEGATIVE_SPACE,
    steps(30, 2, 250),
    guidance(2.5),
    Param("use_turbo", "bool", False),  # 10 steps at guidance 1.2
    acceleration("none"),  # "high" is recommended only for pictures without text
    LORAS,
    pictures(),
    SEED,
    PNG_OR_JPEG,
)
_IMAGE_2512 = (
    NEGATIVE,
    steps(28, 1, 50),
    guidance(4),
    acceleration("regular"),
    pictures(),
    SEED,
    PNG_JPEG_WEBP,
)
_EDIT_PLAIN = (NEGATIVE_SPACE, steps(30, 2, 50), guidance(4), pictures(), SEED, PNG_OR_JPEG)
_EDIT = (*_EDIT_PLAIN, acceleration("regular"))
_EDIT_2509_PLAIN = (
    NEGATIVE_SPACE,
    guidance(4),
    acceleration("regular", "none", "regular"),
    pictures(),
    SEED,
    PNG_OR_JPEG,
)
_EDIT_2509 = (steps(50, 2, 100), *_EDIT_2509_PLAIN)
_EDIT_2509_LORA = (steps(28, 2, 50), *_EDIT_2509_PLAIN, LORAS)
_EDIT_2511 = (
    NEGATIVE,
    steps(28, 1, 50),
    guidance(4.5, 1),
    acceleration("regular"),
    pictures(),
    SEED,
    PNG_JPEG_WEBP,
)
_LAYERED = (
    NEGATIVE,
    steps(28, 1, 50),
    guidance(5, 1),
    Param("num_layers", "int", 4, 1, 10),
    acceleration("regular"),
    SEED,
    PNG_OR_WEBP,
)

_EDIT_2509_PRICE = per_megapixel("0.03", "third-party", "One price list has it.")

_OPEN_REMOTE = (
    Model(
        "qwen-image",
        "Qwen-Image",
        "qwen",
        "remote",
        "standard",
        about="Words in pictures, in any script, with LoRAs built in.",
        dialect=QWEN_IMAGE,
        endpoints=(
            fal("fal-ai/qwen-image", "generate", _IMAGE, per_megapixel("0.02", "fal-article"), any_size()),
            fal(
                "fal-ai/qwen-image/image-to-image",
                "variation",
                (strength(0.6, 0), *_IMAGE),
                per_megapixel("0.02", "fal-text"),
                any_size(None),
                **ONE,
            ),
        ),
    ),
    Model(
        "qwen-image-2512",
        "Qwen-Image-2512",
        "qwen",
        "remote",
        "standard",
        about="The newest open Qwen-Image: posters, menus and signs that read, and more natural people.",
        dialect=QWEN_IMAGE,
        endpoints=(
            fal(
                "fal-ai/qwen-image-2512",
                "generate",
                _IMAGE_2512,
                per_megapixel("0.02", "fal-text"),
                any_size(),
            ),
            fal(
                "fal-ai/qwen-image-2512/lora",
                "generate",
                (*_IMAGE_2512, LORAS),
                UNKNOWN,
                any_size(),
                lora=True,
            ),
        ),
    ),
    *HOSTED_REMOTE,
    Model(
        "qwen-image-edit",
        "Qwen-Image-Edit",
        "qwen",
        "remote",
        "standard",
        about="Changes one picture: a price, a date, a sign; with a mask, only there.",
        dialect=QWEN_EDIT_ONE,
        endpoints=(
            fal(
                "fal-ai/qwen-image-edit",
                "edit",
                _EDIT,
                per_megapixel("0.03", "fal-text", "From the endpoint's own text page."),
                any_size(None),
                **ONE,
            ),
            fal(
                "fal-ai/qwen-image-edit/image-to-image",
                "variation",
                (strength(0.94), *_EDIT),
                UNKNOWN,
                any_size(None),
                **ONE,
            ),
            fal(
                "fal-ai/qwen-image-edit/inpaint",
                "inpaint",
                (strength(0.93), *_EDIT),
                UNKNOWN,
                any_size(None),
                **ONE,
            ),
            fal(
                "fal-ai/qwen-image-edit-lora",
                "edit",
                (*_EDIT_PLAIN, acceleration("none"), LORAS),
                UNKNOWN,
                any_size(None),
                lora=True,
                **ONE,
            ),
        ),
    ),
    # The same model answers under two ids. It draws a square unless told a size, its LoRA twin follows the input.
    Model(
        "qwen-image-edit-2509",
        "Qwen-Image-Edit-2509",
        "qwen",
        "remote",
        "standard",
        about="Edits that draw on several pictures at once.",
        dialect=QWEN_EDIT,
        endpoints=(
            *(
                fal(name, "edit", _EDIT_2509, _EDIT_2509_PRICE, any_size("square_hd"), **up_to(None))
                for name in ("fal-ai/qwen-image-edit-2509", "fal-ai/qwen-image-edit-plus")
            ),
            *(
                fal(name, "edit", _EDIT_2509_LORA, UNKNOWN, any_size(None), lora=True, **up_to(None))
                for name in ("fal-ai/qwen-image-edit-2509-lora", "fal-ai/qwen-image-edit-plus-lora")
            ),
        ),
    ),
    Model(
        "qwen-image-edit-2511",
        "Qwen-Image-Edit-2511",
        "qwen",
        "remote",
        "standard",
        about="The newest open Qwen edit: faces and fonts stay what they were.",
        dialect=QWEN_EDIT,
        endpoints=(
            fal(
                "fal-ai/qwen-image-edit-2511",
                "edit",
                _EDIT_2511,
                per_megapixel("0.03", "fal-article", "A second price list agrees."),
                any_size(None),
                **up_to(None),
            ),
            fal(
                "fal-ai/qwen-image-edit-2511/lora",
                "edit",
                (*_EDIT_2511, LORAS),
                per_megapixel("0.035", "fal-article"),
                any_size(None),
                lora=True,
                **up_to(None),
            ),
        ),
    ),
    # The prompt is a caption of the whole picture and may be left empty.
    Model(
        "qwen-image-layered",
        "Qwen-Image-Layered",
        "qwen",
        "remote",
        "standard",
        about="Takes a flat picture apart into layers with transparency.",
        layered=True,
        endpoints=(
            fal(
                "fal-ai/qwen-image-layered",
                "layers",
                _LAYERED,
                per_image(
                    "0.05",
                    "fal-text",
                    "An image may mean the request or each layer: at most 0.05 for every layer.",
                ),
                AS_INPUT,
                prompt_required=False,
                **ONE,
            ),
            fal(
                "fal-ai/qwen-image-layered/lora",
                "layers",
                (*_LAYERED, LORAS),
                UNKNOWN,
                AS_INPUT,
                lora=True,
                prompt_required=False,
                **ONE,
            ),
        ),
    ),
)

QWEN_REMOTE = (*_OPEN_REMOTE, *RETIRED_REMOTE)
