"""From what a remote node was given to the requests it would send: which model, which size, at what price.

What a person set on the node wins over what the route says; where the node says nothing, the route decides; with no
route, the node decides for itself within its own family.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from ..errors import BadInput
from ..models import Endpoint, Model, Price, find
from ..price import Estimate, dollars, total
from ..request import Available, Request, Route, require_prompt
from ..sizes import Size
from .node_values import AUTO, AUTO_ASPECT, NODE_NAMES
from .payloads import Call, Payload, check_model, parse_loras, pick_endpoint, plan

_HANDLED = ("width", "height", "aspect_ratio", "num_images", "negative", "loras")  # not passed on as they are
_DRAFT_VALUES = {"use_turbo": True}  # ten steps instead of thirty, where an endpoint has the switch


@dataclass(frozen=True)
class Wish:
    """What a remote node was given.

    option: the chosen row id, or AUTO. settings: the values beside it, under the node's own names.
    references: sizes of the pictures connected to the node itself (they win over the route's).
    """

    prompt: str
    option: str
    family: str
    layered: bool = False
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    references: tuple[Size, ...] = ()
    route: Route | None = None


@dataclass(frozen=True)
class Order:
    """The requests, and where the reference pictures come from. notes: what a person should know of the prompt."""

    model: Model
    payloads: tuple[Payload, ...]
    from_route: bool  # the references (and the mask) are the route's
    max_price: Decimal = Decimal(0)
    notes: tuple[str, ...] = ()

    @property
    def price(self) -> Estimate:
        """For all requests together."""
        return total(payload.price for payload in self.payloads)


def place_order(
    wish: Wish, available: Available, price_of: Callable[[Endpoint], Price] | None = None
) -> Order:
    """The order for `wish`. Raises BadInput or NoRoute in one sentence; nothing is sent here.

    price_of: today's price of an endpoint, where somebody has asked; else its row's.
    """
    from_route = not wish.references and wish.route is not None and _uses_pictures(wish.route)
    route = wish.route
    references = route.request.references if from_route and route else wish.references
    model, tier = _choose(wish, references, available)
    if price_of is not None:
        model = replace(model, endpoints=tuple(replace(e, price=price_of(e)) for e in model.endpoints))
    call, notes = _call(
        wish, model, tier, references, from_route and route is not None and route.mask is not None, available
    )
    limit = route.request.max_price if route else Decimal(0)
    order = Order(model, plan(model, call), from_route, limit, notes)
    _check_max_price(order)
    return order


def is_chosen(wish: Wish) -> bool:
    """Whether the route comes this way. A model that is set on the node is drawn with, whatever the route says."""
    if wish.option != AUTO or wish.route is None:
        return True
    return wish.route.family == wish.family and wish.route.row.layered == wish.layered


def check_price_is_known(order: Order, allowed: bool) -> None:
    """Raise BadInput before a request whose price nobody knows, unless the person allowed it."""
    if order.price.usd is None and not allowed:
        raise BadInput(
            f"The price of {order.model.name} on this endpoint is not known, so nothing was sent: "
            "turn on allow_unknown_price to send it anyway, or choose another model."
        )


def unknown_model(option: object) -> BadInput:
    """The error for a saved workflow whose model is not (or no longer) offered."""
    model = find(str(option))
    if model is not None:
        try:
            check_model(model)
        except BadInput as error:
            return error
        return BadInput(f"{model.name} is not a model of this node: use the node of its family.")
    return BadInput(
        "This workflow asks for a model that this version of Switchyard does not know: choose one from the list."
    )


def _uses_pictures(route: Route) -> bool:
    return route.task != "generate" and bool(route.request.references)


def _choose(wish: Wish, references: Sequence[Size], available: Available) -> tuple[Model, str]:
    route = wish.route
    if wish.option != AUTO:
        model = find(wish.option)
        if model is None or model.family != wish.family or model.layered != wish.layered:
            raise unknown_model(wish.option)
        return model, route.tier if route else "standard"
    task = _task(wish, references)
    if route is not None and route.place == "local":
        raise BadInput(
            f"The route stays on this machine ({route.track}), and this node draws on fal: connect a local branch to that "
            "track, or choose a model on this node to draw on fal all the same."
        )
    if route is not None and _is_own(route.row, wish) and route.row.endpoint(task, len(references)):
        return route.row, route.tier
    base = route.request if route else Request(wish.prompt)
    request = replace(
        base,
        prompt=wish.prompt or base.prompt,
        task=task,
        family=wish.family,  # type: ignore[arg-type]  # a node's family is one of the two
        place="remote",
        references=tuple(references),
        latent=None,
        mask=None if wish.references else base.mask,
        mask_size=None if wish.references else base.mask_size,
    )
    from ..route import decide  # reads the prompt; see engine/request.py

    own = decide(request, available)
    return own.row, own.tier


def _task(wish: Wish, references: Sequence[Size]) -> Literal["generate", "edit", "layers"]:
    """References make it an edit."""
    if wish.layered:
        return "layers"
    return "edit" if references else "generate"


def _is_own(model: Model, wish: Wish) -> bool:
    return model.place == "remote" and model.family == wish.family and model.layered == wish.layered


def _call(
    wish: Wish, model: Model, tier: str, references: Sequence[Size], mask: bool, available: Available
) -> tuple[Call, tuple[str, ...]]:
    """The call, and a word on what became of the prompt."""
    route, settings = wish.route, wish.settings
    task = _task(wish, references)
    automatic = wish.option == AUTO
    call = Call(
        prompt=wish.prompt if wish.prompt.strip() or route is None else route.prompt,
        task=task,
        size=_typed_size(settings) or (route.request.asked_size if route else None),
        pictures=int(settings.get("num_images") or (route.batch if route else 1)),
        seed=wish.seed,
        negative=str(settings.get("negative") or (route.request.negative if route else "")),
        references=tuple(references),
        mask=mask,
        loras=parse_loras(str(settings.get("loras") or "")),
    )
    require_prompt(Request(call.prompt, task=task))
    call = replace(call, values=_values(model, call, settings, draft=automatic and tier == "draft"))
    return _spoken(wish, model, call, available)


def _spoken(wish: Wish, model: Model, call: Call, available: Available) -> tuple[Call, tuple[str, ...]]:
    """The call in the model's dialect. What a person typed for a model that they chose goes out as it is."""
    from ..dialect import heeded, speak
    from ..prompt import read

    notes: tuple[str, ...]
    route, endpoint = wish.route, pick_endpoint(model, call)
    typed = bool(wish.prompt.strip()) or route is None
    if typed and wish.option != AUTO:
        negative, word = heeded(call.negative, model, endpoint)
        call, notes = replace(call, negative=negative), (word,) if word else ()
    else:
        # the route's own prompt is in the dialect of the route's model
        text = call.prompt if typed or route is None or route.model == model.id else route.request.prompt
        if available.rules:  # tags for the router are no words of the prompt
            text = available.rules.untagged(text, read(text))
        said = speak(text, call.negative, model, endpoint, read(text))
        call, notes = replace(call, prompt=said.prompt, negative=said.negative), said.notes
    if endpoint.rewriter and call.values.get(endpoint.rewriter.name) is True and read(call.prompt).copy:
        notes = (*notes, "prompt expansion is on, as set: it may change the words to be rendered")
    return call, notes


def _typed_size(settings: Mapping[str, Any]) -> Size | None:
    width, height = int(settings.get("width") or 0), int(settings.get("height") or 0)
    if width or height:
        return Size(width or height, height or width)
    shape = str(settings.get("aspect_ratio") or AUTO_ASPECT)
    if ":" not in shape:
        return None
    across, down = (int(part) for part in shape.split(":"))
    side = (1024 * 1024 / (across * down)) ** 0.5  # any size of that shape: the service draws its own
    return Size(round(across * side), round(down * side))


def _values(model: Model, call: Call, settings: Mapping[str, Any], draft: bool) -> dict[str, Any]:
    """The node's settings under the service's names, for the one endpoint that will be called."""
    check_model(model)
    endpoint = pick_endpoint(model, call)
    wanted = {**(_DRAFT_VALUES if draft else {}), **settings}
    own_names = {param.name: NODE_NAMES.get(param.name, param.name) for param in endpoint.params}
    return {
        service: wanted[own] for service, own in own_names.items() if own in wanted and own not in _HANDLED
    }


def _check_max_price(order: Order) -> None:
    if not order.max_price or (order.price.usd is not None and order.price.usd <= order.max_price):
        return
    limit = f"max_price is {dollars(order.max_price)}"
    if order.price.usd is None:
        raise BadInput(
            f"Nobody knows what {order.model.name} costs here, and {limit}: nothing was sent. Set max_price to 0, or "
            "choose a model whose price is known."
        )
    raise BadInput(
        f"{order.model.name} would cost {order.price.text}, and {limit}: nothing was sent. Raise max_price, or choose "
        "a cheaper model or a smaller picture."
    )
