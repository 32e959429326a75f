"""Alibaba's closed Qwen-Image models, which fal passes on: no steps, no guidance, and at most three references."""

from __future__ import annotations

from ..models import Model, Param
from .dialects import QWEN_HOSTED
from .params import EXPAND_ON, NEGATIVE, PNG_JPEG_WEBP, SEED_31_BIT, pictures
from .terms import UNKNOWN, area_512_to_2048, fal, per_image, per_image_tier, up_to


def _params(most: int) -> tuple[Param, ...]:
    return (NEGATIVE, EXPAND_ON, pictures(most), SEED_31_BIT, PNG_JPEG_WEBP)


_REFERENCES = {
    **up_to(3),
    "reference_side": (384, 5000),
    "reference_bytes": 10_000_000,
    "reference_alpha": False,
}
# The third generation's own limits on what goes in are unread; without alpha is right either way.
_REFERENCES_3 = {**up_to(3), "reference_alpha": False}

_PRICE_3 = per_image_tier("0.04", "0.075", "fal-text", "Where the 1K tier ends is not printed in pixels.")

HOSTED_REMOTE = (
    Model(
        "qwen-image-3",
        "Qwen-Image-3",
        "qwen",
        "remote",
        "final",
        about="Qwen at its best: long copy, small type and every script, from prompts of up to 5000 characters.",
        dialect=QWEN_HOSTED,
        endpoints=(
            fal(
                "alibaba/qwen-image-3/text-to-image",
                "generate",
                _params(6),
                _PRICE_3,
                area_512_to_2048(),
                prompt_chars=5000,
                negative_chars=500,
            ),
            fal(
                "alibaba/qwen-image-3/edit",
                "edit",
                _params(6),
                _PRICE_3,
                area_512_to_2048(None),
                prompt_chars=5000,
                negative_chars=500,
                **_REFERENCES_3,
            ),
        ),
    ),
    Model(
        "qwen-image-max",
        "Qwen-Image-Max",
        "qwen",
        "remote",
        "final",
        about="Alibaba's large Qwen-Image before the third; its price is not published.",
        dialect=QWEN_HOSTED,
        endpoints=(
            fal(
                "fal-ai/qwen-image-max/text-to-image",
                "generate",
                _params(4),
                UNKNOWN,
                area_512_to_2048(),
                prompt_chars=800,
                negative_chars=500,
            ),
            fal(
                "fal-ai/qwen-image-max/edit",
                "edit",
                _params(6),
                UNKNOWN,
                area_512_to_2048(None),
                prompt_chars=800,
                negative_chars=500,
                **_REFERENCES,
            ),
        ),
    ),
)

# Kept so that saved workflows load and are told what to use instead.
RETIRED_REMOTE = (
    Model(
        "qwen-image-2",
        "Qwen-Image-2.0",
        "qwen",
        "remote",
        "standard",
        about="Withdrawn by the service.",
        retired="2026-08-19",
        successor="qwen-image-3",
        endpoints=(
            fal(
                "fal-ai/qwen-image-2/text-to-image",
                "generate",
                _params(4),
                per_image("0.035", "fal-article", "0.02 a megapixel, seen elsewhere, is Qwen-Image's price."),
                area_512_to_2048(),
                negative_chars=500,
                status="retired",
            ),
            fal(
                "fal-ai/qwen-image-2/edit",
                "edit",
                _params(6),
                per_image("0.035", "fal-article"),
                area_512_to_2048(None),
                prompt_chars=800,
                negative_chars=500,
                status="retired",
                **_REFERENCES,
            ),
        ),
    ),
    Model(
        "qwen-image-2-pro",
        "Qwen-Image-2.0 Pro",
        "qwen",
        "remote",
        "standard",
        about="Withdrawn by the service.",
        retired="2026-08-19",
        successor="qwen-image-3",
        endpoints=(
            fal(
                "fal-ai/qwen-image-2/pro/text-to-image",
                "generate",
                _params(4),
                per_image("0.075", "fal-article", "0.02 a megapixel, seen elsewhere, is Qwen-Image's price."),
                area_512_to_2048(),
                negative_chars=500,
                status="retired",
            ),
            fal(
                "fal-ai/qwen-image-2/pro/edit",
                "edit",
                _params(6),
                per_image("0.075", "fal-article"),
                area_512_to_2048(None),
                negative_chars=500,
                status="retired",
                **_REFERENCES,
            ),
        ),
    ),
)
