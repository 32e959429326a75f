"""Between ComfyUI's values and the engine's: what a node was given as a Request, a Route as facts for the page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from torch import Tensor

from ..engine.request import LatentShape, Request, Route
from ..engine.sizes import Size


def pictures(images: Mapping[str, Tensor | None] | None) -> tuple[Tensor, ...]:
    """The pictures of a growing list, one [H, W, C] tensor each; a batch counts as many."""
    batches = [batch for batch in (images or {}).values() if batch is not None]
    return tuple(picture for batch in batches for picture in batch)


def sizes_of(pictures: tuple[Tensor, ...]) -> tuple[Size, ...]:
    return tuple(Size(picture.shape[1], picture.shape[0]) for picture in pictures)


def request_from(
    prompt: str,
    task: str,
    tier: str,
    family: str,
    place: str,
    width: int,
    height: int,
    batch: int,
    max_price: float,
    images: Mapping[str, Tensor] | None = None,
    mask: Tensor | None = None,
    latent: Mapping[str, Any] | None = None,
    negative: str | None = None,
) -> Request:
    """The Prompt Router's inputs as a Request."""
    references = pictures(images)
    return Request(
        prompt=prompt,
        task=task,
        tier=tier,
        family=family,
        place=place,
        width=width,
        height=height,
        batch=batch,
        max_price=Decimal(str(max_price)),
        references=sizes_of(references),
        latent=LatentShape(tuple(latent["samples"].shape)) if latent else None,
        negative=negative or "",
        mask_size=None if mask is None else Size(mask.shape[-1], mask.shape[-2]),
        pictures=references,
        mask=mask,
    )


def facts(route: Route) -> dict[str, Any]:
    """What the page may know of a route: JSON, without the prompt.

    key: the same for the same request, so that the page knows whether what it previews is what ran. confidence: a word for
    a person, "" where the prompt's reader gives none.
    """
    return {
        "key": sha256(repr(route.request).encode("utf-8", "backslashreplace")).hexdigest()[:12],
        "track": route.track,
        "task": route.task,
        "family": route.family,
        "place": route.place,
        "tier": route.tier,
        "model": route.model,
        "name": route.row.name,
        "price": route.price.text,
        "reason": route.reason,
        "confidence": str(getattr(route.signals, "confidence", "")),
        "size": str(route.size),
        "passed_over": [str(passed) for passed in route.passed_over],
    }
