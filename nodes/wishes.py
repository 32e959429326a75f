"""Between ComfyUI's values and the engine's: what a node was given as a Request, a Route as facts for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

from torch import Tensor

from ..engine.errors import BadInput
from ..engine.request import LatentShape, Request, Route
from ..engine.sizes import Size


def pictures(images: Mapping[str, Tensor | None] | None) -> tuple[Tensor, ...]:
    """The pictures of a growing list, one [H, W, C] tensor each; a batch counts as many."""
    batches = [batch for batch in (images or {}).values() if batch is not None]
    return tuple(picture for batch in batches for picture in batch)


def sizes_of(pictures: tuple[Tensor, ...]) -> tuple[Size, ...]:
    return tuple(Size(picture.shape[1], picture.shape[0]) for picture in pictures)


def one_by_one(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The inputs of a node that takes lists, cut as ComfyUI cuts them: a list that is too short repeats its last. A growing
    list of sockets is a mapping of lists. BadInput for a list with nothing in it."""
    lists = [
        values
        for given in inputs.values()
        for values in (given.values() if isinstance(given, Mapping) else [given])
    ]
    if not all(lists):
        raise BadInput("An empty list is connected: there is nothing to draw.")
    return [
        {name: _at(values, index) for name, values in inputs.items()} for index in range(max(map(len, lists)))
    ]


def requests_from(rows: Sequence[Mapping[str, Any]]) -> list[Request]:
    """A Request for each of `rows`; the same connected pictures are the same tensors in all of them."""
    shared: dict[tuple[int, ...], tuple[Tensor, ...]] = {}
    requests = []
    for row in rows:
        request = request_from(**row)
        sockets = tuple(id(batch) for batch in (row.get("images") or {}).values())
        requests.append(replace(request, pictures=shared.setdefault(sockets, request.pictures)))
    return requests


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


def _at(values: Any, index: int) -> Any:
    if isinstance(values, Mapping):
        return {name: _at(inner, index) for name, inner in values.items()}
    return values[min(index, len(values) - 1)]


def facts(route: Route) -> dict[str, Any]:
    """What the page may know of a route: JSON, without the prompt.

    key: the same for the same request, so that the page knows whether what it previews is what ran. confidence: a share of
    1, as a text.
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
        "confidence": str(route.confidence),
        "size": str(route.size),
        "passed_over": [str(passed) for passed in route.passed_over],
        "alternatives": [str(other) for other in route.alternatives],
    }
