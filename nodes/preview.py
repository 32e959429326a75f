"""What a run would do and cost, told before it: for the page, while a person types. Nothing is sent, kept or logged."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from ..engine.errors import BadInput, SwitchyardError
from ..engine.fal.order import Wish, is_chosen, place_order
from ..engine.models import MAX_REFERENCES
from ..engine.request import Request, Route, require_prompt
from ..engine.route import decide
from ..engine.sizes import Size
from . import host, wishes
from .routes import post

MOST_BYTES = 128 * 1024  # the page asks about prompts of up to 20,000 characters
LARGEST = 65_536  # pixels of a side; ComfyUI's own widgets end at 16,384

_CHOICES = {name: get_args(get_type_hints(Request)[name]) for name in ("task", "tier", "family", "place")}
_ROUTER = {"prompt", *_CHOICES, "width", "height", "batch", "max_price", "negative", "references"}
_CALL = {"prompt", "family", "layered", "model", "settings", "references", "route", "track"}


@post("/switchyard/route", MOST_BYTES)
async def route(entries: dict[str, Any]) -> dict[str, Any]:
    """The Prompt Router's widgets, and `references`: [width, height] in pixels of each connected picture.

    Answers what the node shows after a run, or `{"refused": sentence}` where the node would raise: that is an answer, too,
    and no error for a browser's console.
    """
    request = _request(entries)
    try:
        return wishes.facts(await asyncio.to_thread(_decided, request))
    except SwitchyardError as error:
        return {"refused": str(error)}


@post("/switchyard/price", MOST_BYTES)
async def price(entries: dict[str, Any]) -> dict[str, Any]:
    """A remote node's widgets; `route` is the connected router's own entries, `track` the router's track that its prompt
    comes from ("" for neither).

    Answers `{"chosen": false, "track": …}` where the route goes elsewhere, `{"refused": sentence}` where the node would
    raise, else the model, the price as text and as US dollars (null: unknown), and what could move it.
    """
    _check_entries(entries, _CALL)
    asked = None if entries.get("route") is None else _request(_object(entries, "route"))
    wish = _wish(entries)
    try:
        return await asyncio.to_thread(_priced, wish, asked, _text(entries, "track"))
    except SwitchyardError as error:
        return {"refused": str(error)}


def _decided(request: Request) -> Route:
    require_prompt(request)
    return decide(request, host.available())


def _priced(wish: Wish, asked: Request | None, track: str) -> dict[str, Any]:
    route = _decided(asked) if asked else None
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


def _request(entries: dict[str, Any]) -> Request:
    """Raises BadInput for what the page would never send."""
    _check_entries(entries, _ROUTER)
    request = wishes.request_from(
        _text(entries, "prompt"),
        task=_choice(entries, "task"),
        tier=_choice(entries, "tier"),
        family=_choice(entries, "family"),
        place=_choice(entries, "place"),
        width=_whole(entries, "width", LARGEST),
        height=_whole(entries, "height", LARGEST),
        batch=_whole(entries, "batch", 64, 1),
        max_price=_amount(entries, "max_price"),
        negative=_text(entries, "negative"),
    )
    return replace(request, references=_sizes(entries))


def _wish(entries: dict[str, Any]) -> Wish:
    settings = _object(entries, "settings")
    if not all(isinstance(value, (str, int, float, bool)) for value in settings.values()):
        raise _unfit("settings")
    return Wish(
        prompt=_text(entries, "prompt"),
        option=_text(entries, "model"),
        family=_choice(entries, "family"),
        layered=entries.get("layered") is True,
        settings=settings,
        references=_sizes(entries),
    )


def _check_entries(entries: dict[str, Any], known: set[str]) -> None:
    if not entries.keys() <= known:
        raise BadInput(f"Only these entries are taken here: {', '.join(sorted(known))}.")


def _text(entries: dict[str, Any], name: str) -> str:
    value = entries.get(name, "")
    if not isinstance(value, str):
        raise _unfit(name)
    return value


def _choice(entries: dict[str, Any], name: str) -> str:
    value = entries.get(name, "standard" if name == "tier" else "auto")
    if value not in _CHOICES[name]:
        raise _unfit(name)
    return value


def _whole(entries: dict[str, Any], name: str, most: int, least: int = 0) -> int:
    value = entries.get(name, least)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _unfit(name)
    return value


def _amount(entries: dict[str, Any], name: str) -> float:
    """US dollars."""
    value = entries.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1_000_000:
        raise _unfit(name)
    return float(Decimal(str(value)))


def _object(entries: dict[str, Any], name: str) -> dict[str, Any]:
    value = entries.get(name, {})
    if not isinstance(value, dict):
        raise _unfit(name)
    return value


def _sizes(entries: dict[str, Any]) -> tuple[Size, ...]:
    found = entries.get("references", [])
    if not isinstance(found, list) or len(found) > 8 * MAX_REFERENCES:
        raise _unfit("references")
    for sides in found:
        whole = isinstance(sides, list) and len(sides) == 2 and all(type(side) is int for side in sides)
        if not whole or not all(1 <= side <= LARGEST for side in sides):
            raise _unfit("references")
    return tuple(Size(width, height) for width, height in found)


def _unfit(name: str) -> BadInput:
    return BadInput(f'The entry "{name}" is not what the node itself would take.')
