"""The pictures of a rehearsal: a slate for every picture that the paid call would have brought."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..prompt import read
from ..request import Route
from ..slate import Slate, draw
from .order import Order
from .payloads import Payload

if TYPE_CHECKING:
    from torch import Tensor

TITLE = "REHEARSAL · nothing was sent, nothing was paid"
NOTE = "Not a picture of the result."
COPY_NOTE = "Words set in type to check wording and line lengths before paying. Not a picture of the result."


def slates(order: Order, route: Route | None) -> list[tuple[Tensor, Tensor | None]]:
    """([1, H, W, 3] in 0..1, None) for every picture of the order, each of the size that is expected back."""
    drawn = []
    for number, payload in enumerate(order.payloads, 1):
        picture = draw(slate_of(order, payload, number, route))
        tensor = torch.from_numpy(np.asarray(picture, dtype=np.float32) / 255.0)[None]
        drawn += [(tensor, None)] * payload.pictures
    return drawn


def slate_of(order: Order, payload: Payload, number: int, route: Route | None) -> Slate:
    """What the slate of request `number` (from 1) says."""
    several = len(order.payloads) > 1
    copy = read(str(payload.arguments.get("prompt", ""))).copy
    rows = [
        ("Route", f"{route.track} · {route.reason}" if route else "none connected"),
        ("Model", order.model.name),
        ("Endpoint", payload.endpoint.id),
        ("Size", f"{payload.size}{f' · {payload.note}' if payload.note else ''}"),
        ("Price", f"{order.price.text}{f' for {len(order.payloads)} requests' if several else ''}"),
    ]
    if "seed" in payload.arguments:
        rows.append(("Seed", str(payload.arguments["seed"])))
    if several:
        rows.append(("Request", f"{number} of {len(order.payloads)}"))
    return Slate(
        width=payload.size.width,
        height=payload.size.height,
        title=TITLE,
        rows=tuple(rows),
        request=json.dumps(_shown(payload), ensure_ascii=False, indent=2),
        copy=copy,
        note=COPY_NOTE if copy else NOTE,
    )


def _shown(payload: Payload) -> dict:
    """The exact body, with a word in place of the pictures' bytes."""
    named = [f"<reference picture {n + 1}>" for n in range(payload.references)]
    return payload.arguments_with(named, "<mask>")
