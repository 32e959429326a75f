"""What a run would do and cost, told before it: for the page, while a person types. Nothing is sent, kept or logged."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, get_args, get_type_hints

from ..engine.errors import SwitchyardError
from ..engine.fal.order import Wish, is_chosen, place_order
from ..engine.request import Request, Route, require_prompt
from ..engine.route import decide
from . import host, wishes
from .entries import LARGEST, amount, check_entries, choice, object_of, sizes, text, unfit, whole
from .routes import post

MOST_BYTES = 128 * 1024  # the page asks about prompts of up to 20,000 characters

_CHOICES = {name: get_args(get_type_hints(Request)[name]) for name in ("task", "tier", "family", "place")}
_ROUTER = {"prompt", *_CHOICES, "width", "height", "batch", "max_price", "negative", "references"}
_CALL = {"prompt", "family", "layered", "model", "settings", "references", "route", "track"}


@post("/switchyard/route", MOST_BYTES)
async def route(entries: dict[str, Any]) -> dict[str, Any]:
    """The Prompt Router's widgets, and `references`: [width, height] in pixels of each connected picture.

    Answers what the node shows after a run, or `{"refused": sentence}` where the node would raise: that is an answer, too,
    and no error for a browser's console.
    """
    request = request_of(entries)
    try:
        return wishes.facts(await asyncio.to_thread(decided, request))
    except SwitchyardError as error:
        return {"refused": str(error)}


@post("/switchyard/price", MOST_BYTES)
async def price(entries: dict[str, Any]) -> dict[str, Any]:
    """A remote node's widgets; `route` is the connected router's own entries, `track` the router's track that its prompt
    comes from ("" for neither).

    Answers `{"chosen": false, "track": …}` where the route goes elsewhere, `{"refused": sentence}` where the node would
    raise, else the model, the price as text and as US dollars (null: unknown), and what could move it.
    """
    check_entries(entries, _CALL)
    asked = None if entries.get("route") is None else request_of(object_of(entries, "route"))
    wish = _wish(entries)
    try:
        return await asyncio.to_thread(_priced, wish, asked, text(entries, "track"))
    except SwitchyardError as error:
        return {"refused": str(error)}


def decided(request: Request) -> Route:
    require_prompt(request)
    return decide(request, host.available())


def _priced(wish: Wish, asked: Request | None, track: str) -> dict[str, Any]:
    route = decided(asked) if asked else None
    wish = replace(wish, route=route)
    if route and (not is_chosen(wish) or track not in ("", route.track)):
        return {"chosen": False, "track": route.track}
    order = place_order(wish, host.available(local=False))
    usd = order.price.usd
    notes = dict.fromkeys([order.price.note, *(payload.note for payload in order.payloads)])
    return {
        "chosen": True,
        "model": order.model.id,
        "name": order.model.name,
        "endpoint": order.payloads[0].endpoint.id,
        "size": str(order.payloads[0].size),
        "requests": len(order.payloads),
        "price": order.price.text,
        "usd": None if usd is None else float(usd),
        "notes": [note for note in notes if note],
    }


def request_of(entries: dict[str, Any]) -> Request:
    """Raises BadInput for what the page would never send."""
    check_entries(entries, _ROUTER)
    request = wishes.request_from(
        text(entries, "prompt"),
        task=_choice(entries, "task"),
        tier=_choice(entries, "tier"),
        family=_choice(entries, "family"),
        place=_choice(entries, "place"),
        width=whole(entries, "width", LARGEST),
        height=whole(entries, "height", LARGEST),
        batch=whole(entries, "batch", 64, 1),
        max_price=amount(entries, "max_price"),
        negative=text(entries, "negative"),
    )
    return replace(request, references=sizes(entries))


def _wish(entries: dict[str, Any]) -> Wish:
    settings = object_of(entries, "settings")
    if not all(isinstance(value, (str, int, float, bool)) for value in settings.values()):
        raise unfit("settings")
    return Wish(
        prompt=text(entries, "prompt"),
        option=text(entries, "model"),
        family=_choice(entries, "family"),
        layered=entries.get("layered") is True,
        settings=settings,
        references=sizes(entries),
    )


def _choice(entries: dict[str, Any], name: str) -> str:
    return choice(entries, name, _CHOICES[name], "standard" if name == "tier" else "auto")
