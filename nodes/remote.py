"""What the remote nodes share: from their inputs to an order, then the rehearsal's slate or the paid call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker
from torch import Tensor

from ..engine import VERSION
from ..engine import images as conversion
from ..engine.batch import mark, route_for
from ..engine.errors import Failed, SwitchyardError, Uncollected
from ..engine.fal.aside import aside
from ..engine.fal.order import Order, Wish, check_price_is_known, is_chosen, place_order, unknown_model
from ..engine.fal.receipt import cost, receipt
from ..engine.models import Endpoint, Price
from ..engine.request import Route
from . import host
from .wishes import pictures, sizes_of

# The client and the slate are imported where they are used: here they would be a third of the pack's load time.
if TYPE_CHECKING:
    from ..engine.fal.books import Books
    from ..engine.fal.client import FalClient
    from ..engine.fal.job import Status
    from ..engine.fal.key import Key
    from ..engine.fal.send import Attachment, Delivery
    from ..engine.fal.settings import Settings

Picture = tuple[Tensor, Tensor | None]  # image [1, H, W, 3] and mask [1, H, W]

LARGEST_REFERENCE = 10_000_000  # bytes, where an endpoint states no limit of its own


async def run(hidden: Any, family: str, layered: bool = False, **inputs: Any) -> io.NodeOutput:
    """The `execute` of a remote node. An error makes ComfyUI cancel the other nodes of the workflow, and with them what they
    have under way with the service: it waits until their pictures are here."""
    try:
        track = f"{'layers' if layered else family}_remote"
        own = route_for(inputs.get("route"), inputs["prompt"], track)
        return await _run(hidden, family, layered, **{**inputs, "route": own})
    except SwitchyardError:
        from ..engine.fal.buy import neighbours

        await neighbours(host.workflow_id(), host.raise_if_interrupted)
        raise


async def _run(
    hidden: Any,
    family: str,
    layered: bool,
    *,
    prompt: str,
    seed: int,
    rehearse: bool,
    model: Mapping[str, Any] | None = None,
    images: Mapping[str, Tensor] | None = None,
    route: Route | None = None,
    allow_unknown_price: bool = False,
) -> io.NodeOutput:
    """`model` is None when a saved workflow names one that is not offered."""
    if model is None:
        raise unknown_model(_saved_option(hidden))
    own = pictures(images)
    # ComfyUI hands over None for what an API client left out.
    settings = {name: value for name, value in model.items() if name != "model" and value is not None}
    wish = Wish(prompt, str(model["model"]), family, layered, seed, settings, sizes_of(own), route)
    if not is_chosen(wish):
        return _not_chosen(route)
    order = place_order(wish, host.available(local=False))
    if rehearse:
        from ..engine.fal.rehearse import rehearsal

        host.say(f"rehearsal: {order.model.name}, {order.price.text}; nothing was sent")
        slate = await aside(lambda: rehearsal(order, route), host.raise_if_interrupted)
        return _output(prompt, order, [slate])
    if not host.settings().live_prices:
        check_price_is_known(order, allow_unknown_price)
    account = await aside(_Account.open, host.raise_if_interrupted)
    if account.settings.live_prices:
        price_of = await aside(lambda: account.todays_prices(order), host.raise_if_interrupted)
        order = place_order(wish, host.available(local=False), price_of)
        check_price_is_known(order, allow_unknown_price)
    given = route.images if order.from_route and route else own
    mask = route.mask if order.payloads[0].mask and route else None
    delivery = await _bought(order, account, given, mask)
    # Paid for: no interrupt throws it away.
    drawn, spoilt = await aside(lambda: _decoded(delivery), lambda: None)
    groups = [conversion.layers(drawn)] if layered else conversion.group_by_size(drawn)
    return _output(prompt, order, groups, spoilt, delivery)


@dataclass(frozen=True)
class _Account:
    """What is paid with, and where it is written down."""

    key: Key
    settings: Settings
    books: Books

    @classmethod
    def open(cls) -> _Account:
        """Raises NoKey or BadInput for what is missing or cannot be read: nothing is sent then."""
        key, settings = host.required_key(), host.settings()
        return cls(key, settings, host.books(settings))

    def client(self) -> FalClient:
        from ..engine.fal.client import FalClient

        return FalClient(self.key, host.service_address(), version=VERSION, limits=self.settings.limits)

    def todays_prices(self, order: Order) -> Callable[[Endpoint], Price]:
        with self.client() as client:
            self.books.tariff.refresh(client, [order.payloads[0].endpoint.id])
            return self.books.tariff.price_of(client.service)


async def _bought(order: Order, account: _Account, given: Sequence[Tensor], mask: Tensor | None) -> Delivery:
    from ..engine.fal.send import send

    endpoint = order.payloads[0].endpoint
    references = await aside(
        lambda: [_attachment(picture, endpoint) for picture in given], host.raise_if_interrupted
    )
    return await send(
        order,
        references,
        _mask_attachment(mask),
        account.client,
        account.books,
        _Progress(order).show,
        host.raise_if_interrupted,
        host.workflow_id(),
    )


class _Progress:
    """Queue position and state of the last request that moved, on the node."""

    def __init__(self, order: Order):
        self._order = order
        self._bar = host.progress(2)

    def show(self, status: Status) -> None:
        waiting = f"in the queue, {status.position} ahead" if status.position else "in the queue"
        running = status.message or "drawing"
        text = {"queued": waiting, "running": running, "done": "fetching the picture"}[status.state]
        host.say(f"{self._order.model.name}: {text}")
        self._bar.update_absolute({"queued": 0, "running": 1, "done": 2}[status.state], 2)


def _not_chosen(route: Route | None) -> io.NodeOutput:
    """Nothing, quietly: an error here would stop the branch that was chosen, perhaps after it was paid for."""
    host.say(
        f"not chosen: the route goes to {route.track if route else 'another node'}. Set a model here to draw anyway."
    )
    return io.NodeOutput(*[ExecutionBlocker(None)] * 3)


def _saved_option(hidden: Any) -> object:
    """The option that the workflow holds and the schema does not know (ComfyUI then drops the input)."""
    node = (hidden.prompt or {}).get(host.node_id(), {})
    return node.get("inputs", {}).get("model", "")


def _attachment(picture: Tensor, endpoint: Endpoint) -> Attachment:
    from ..engine.fal.send import Attachment

    data, kind = conversion.encode_reference(
        picture,
        alpha_allowed=endpoint.reference_alpha,
        largest_bytes=endpoint.reference_bytes or LARGEST_REFERENCE,
    )
    return Attachment(data, kind)


def _mask_attachment(mask: Tensor | None) -> Attachment | None:
    """White where the picture is to change, as the service wants it and as ComfyUI's masks have it."""
    if mask is None:
        return None
    from ..engine.fal.send import Attachment

    plane = mask[0] if mask.dim() == 3 else mask
    return Attachment(conversion.to_png(plane.unsqueeze(-1).expand(-1, -1, 3)), "image/png")


def _decoded(delivery: Delivery) -> tuple[list[Picture], list[str]]:
    """What can be read, and a word for each file that cannot: the others are paid for and delivered all the same."""
    drawn, spoilt = [], []
    for result in delivery.results:
        for number, picture in enumerate(result.pictures, 1):
            try:
                drawn.append(conversion.decode(picture.data))
            except Failed as error:
                spoilt.append(f"picture {number} of request {result.request_id} could not be read: {error}")
    if not drawn:
        raise Uncollected(spoilt[0], delivery.results[0].request_id)
    return drawn, spoilt


def _output(
    prompt: str,
    order: Order,
    groups: Sequence[tuple[Tensor, Tensor]],
    spoilt: Sequence[str] = (),
    delivery: Delivery | None = None,
) -> io.NodeOutput:
    """`groups` are (images [n, H, W, 3], masks [n, H, W]), one for each size; no delivery is a rehearsal."""
    for tensors in zip(*groups, strict=True):  # the pictures, then the masks
        mark(tensors, prompt)
    text = " · ".join(
        [*receipt(order, [(i.shape[2], i.shape[1], len(i)) for i, _ in groups], delivery), *spoilt]
    )
    if delivery is not None:
        host.say(text)
    facts = {
        "model": order.model.id,
        "endpoint": order.payloads[0].endpoint.id,
        "price": order.price.text,
        "cost": cost(order, delivery),
        "rehearsal": delivery is None,
        "requests": [result.request_id for result in delivery.results] if delivery else [],
    }
    return io.NodeOutput(
        [images for images, _ in groups],
        [masks for _, masks in groups],
        text,
        ui={"switchyard_call": [facts]},
    )
