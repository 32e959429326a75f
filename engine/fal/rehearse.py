"""The pictures of a rehearsal: a slate in place of every picture that the paid call would have brought."""

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


def rehearsal(order: Order, route: Route | None) -> tuple[Tensor, Tensor]:
    """Images [n, H, W, 3] in 0..1 and empty masks [n, H, W]: as many, and of the size, as the paid call would bring.

    It is one slate n times over, and takes the memory of one.
    """
    picture = draw(slate_of(order, route))
    slate = torch.from_numpy(np.asarray(picture, dtype=np.float32) / 255.0)[None]
    count = sum(payload.pictures for payload in order.payloads)
    return slate.expand(count, -1, -1, -1), torch.zeros(slate.shape[:3]).expand(count, -1, -1)


def slate_of(order: Order, route: Route | None) -> Slate:
    """What the slate says: the first request, and how many there are."""
    payload, count = order.payloads[0], len(order.payloads)
    copy = read(str(payload.arguments.get("prompt", ""))).copy
    rows = [
        ("Route", f"{route.track} · {route.reason}" if route else "none connected"),
        ("Model", order.model.name),
        ("Endpoint", payload.endpoint.id),
        ("Size", f"{payload.size}{f' · {payload.note}' if payload.note else ''}"),
        ("Price", f"{order.price.text}{f' · {order.price.note}' if order.price.note else ''}"),
    ]
    if order.notes:
        rows.append(("Prompt", "; ".join(order.notes)))
    if "seed" in payload.arguments:
        last = order.payloads[-1].arguments["seed"]
        rows.append(
            (
                "Seed",
                str(payload.arguments["seed"]) if count == 1 else f"{payload.arguments['seed']} to {last}",
            )
        )
    if count > 1:
        rows.append(("Requests", f"{count}, alike but for the seed"))
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
