"""What the rows say about sizes, prices and references, in a word each; and `fal`, which makes one endpoint of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..models import MEGAPIXEL, Confidence, Endpoint, Param, Price, SizeRule, Task

READ_ON = "2026-08-26"  # the day on which schemas and prices were read, unless an endpoint says otherwise

_RATIOS = ("21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21")
_PRICE_SOURCES = {
    "fal-text": "fal price page",
    "fal-article": "fal article",
    "third-party": "third-party price list",
    "inferred": "price of a sister endpoint",
}


def fal(
    name: str, task: Task, params: tuple[Param, ...], price: Price, size: SizeRule, **more: Any
) -> Endpoint:
    """One endpoint of fal under its full name. `more` are further columns of `Endpoint`."""
    source = f"fal model registry, read {READ_ON}"
    if price.confidence in _PRICE_SOURCES:
        source = f"{source}; {_PRICE_SOURCES[price.confidence]}"
    return Endpoint(name, task, size, params, price, source=source, as_of=READ_ON, **more)


# References: how many pictures go in, and under which name.

ONE = {"references": 1, "reference_field": "image_url"}


def up_to(most: int | None) -> dict[str, Any]:
    """A list of at most `most` pictures; None where the service states no limit."""
    return {"references": most, "reference_field": "image_urls"}


# Sizes. `default` is the service's own word for "you choose"; None means the size of the picture that comes in.


def any_size(default: str | None = "landscape_4_3") -> SizeRule:
    return SizeRule(default=default, note="The schema states only 1 to 14142 px a side; the ceiling is ours.")


def up_to_4_megapixels(default: str) -> SizeRule:
    return SizeRule(max_pixels=4 * MEGAPIXEL, default=default, note="Black Forest Labs' figures: x16, 4 MP.")


def sides_512_to_2048(default: str | None = "landscape_4_3") -> SizeRule:
    return SizeRule(min_side=512, max_side=2048, default=default)


def area_512_to_2048(default: str | None = "square_hd") -> SizeRule:
    """Any shape whose area lies between those two squares."""
    return SizeRule(min_pixels=512 * 512, max_pixels=2048 * 2048, default=default)


def aspect_ratio(default: str | None, note: str = "") -> SizeRule:
    return SizeRule("aspect", aspects=_RATIOS, field="aspect_ratio", default=default, note=note)


AS_INPUT = SizeRule("input")
NO_PICTURE = SizeRule("none")


# Prices, in US dollars, written as strings because they are Decimal.


def per_megapixel(
    usd: str,
    confidence: Confidence,
    note: str = "",
    *,
    counts_inputs: bool = False,
    input_megapixels: int | None = None,
    lora_surcharge: bool = False,
) -> Price:
    """`input_megapixels` (what each reference is resized to, and billed as) implies `counts_inputs`."""
    return Price(
        "per_megapixel",
        Decimal(usd),
        counts_inputs=counts_inputs or input_megapixels is not None,
        input_megapixels=input_megapixels,
        lora_surcharge=lora_surcharge,
        confidence=confidence,
        note=note,
    )


def first_megapixel(usd: str, extra: str, confidence: Confidence, note: str = "") -> Price:
    return Price(
        "first_megapixel",
        Decimal(usd),
        Decimal(extra),
        counts_inputs=True,
        confidence=confidence,
        note=note,
    )


def per_image(usd: str, confidence: Confidence, note: str = "") -> Price:
    return Price("per_image", Decimal(usd), confidence=confidence, note=note)


def per_image_tier(usd: str, above: str, confidence: Confidence, note: str = "") -> Price:
    return Price("per_image_tier", Decimal(usd), Decimal(above), confidence=confidence, note=note)


UNKNOWN = Price(note="No price is published for this endpoint.")
FREE = Price("free", confidence="free")
