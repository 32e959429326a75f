"""A list of prompts, routed together: decided as a whole, grouped by model, and brought back into its order at the end.

Every track gets its own prompts alone, those of one model side by side, so that no model is loaded twice. A prompt knows
its route (`RoutedPrompt`), because ComfyUI hands a node the prompts of its track one by one, and `route` whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

from .errors import BadInput, NoRoute
from .models import TRACKS
from .price import dollars
from .request import Available, PassedOver, Request, Route, require_prompt

T = TypeVar("T")

LEAST = Decimal("0.000000001")  # US dollars: the ledger's unit
_MARK = "switchyard_position"


class RoutedPrompt(str):
    """A prompt on its track. route: its own. position: its place in the list."""

    route: Route
    position: int

    def __new__(cls, route: Route, position: int) -> RoutedPrompt:
        made = super().__new__(cls, route.prompt)
        made.route, made.position = route, position
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """A copy is a text: ComfyUI copies a failed node's inputs into its history."""
        return str, (str(self),)


@dataclass(frozen=True)
class Routes:
    """The decisions for a list of prompts, in its order."""

    routes: tuple[Route, ...] = field(repr=False)  # ComfyUI writes a node's inputs into its errors

    @property
    def tracks(self) -> tuple[str, ...]:
        """Those that are used, in the order of the sockets."""
        used = {route.track for route in self.routes}
        return tuple(track for track in TRACKS if track in used)

    def positions(self, track: str) -> tuple[int, ...]:
        """The places in the list of the prompts on `track`, as they leave on it: those of one model side by side."""
        own = [position for position, route in enumerate(self.routes) if route.track == track]
        models = list(dict.fromkeys(self.routes[position].model for position in own))
        return tuple(sorted(own, key=lambda position: models.index(self.routes[position].model)))

    def on(self, track: str) -> tuple[Route, ...]:
        """Its routes, in the same order."""
        return tuple(self.routes[position] for position in self.positions(track))

    def prompts(self, track: str) -> Sequence[str]:
        """What leaves on it. A prompt by itself is a text and no more."""
        if len(self.routes) == 1:
            return [route.prompt for route in self.on(track)]
        return [RoutedPrompt(self.routes[position], position) for position in self.positions(track)]

    def restored(self, branches: Mapping[str, Sequence[T]]) -> list[T]:
        """What came of the prompts, in the order of the list. branches: track -> what its branch made, for every track in use.

        BadInput where a branch made more or less than it had prompts, and it cannot be told what belongs to which.
        """
        found: dict[int, list[T]] = {}
        for track in self.tracks:
            found |= _shared_out(track, self.positions(track), branches[track])
        return [item for position in range(len(self.routes)) for item in found[position]]

    def of(self, prompt: str, track: str) -> Route:
        """The route of a prompt that reached a node of `track`; any other track's where no prompt comes this way.

        A node between may have made another text of it: then its route is told from the text, or from those of the track
        where all of them want the same. BadInput where neither tells.
        """
        if isinstance(prompt, RoutedPrompt) and self._is_here(prompt):
            return prompt.route
        own = self.on(track)
        if alike := self._with_text(prompt, own):
            return alike[0]
        elsewhere = self._with_text(prompt, self.routes)
        if not own:
            return (elsewhere or self.routes)[0]
        if elsewhere:
            raise BadInput(
                f"This node was given a prompt of the list that goes to {elsewhere[0].track}: connect the Prompt Router's "
                f"{track} to its prompt, which has those alone that come this way."
            )
        if len(own) > 1 and not prompt.strip():
            raise BadInput(
                f"{len(own)} prompts of the list go to {track}, and this node was given none of them: connect the Prompt "
                f"Router's {track} to its prompt."
            )
        if not _agree(own):
            raise BadInput(
                f"The prompts on {track} want different models, sizes or pictures, and a node between the Prompt Router and "
                f"this one changed their text, so that it cannot be told which is which: connect {track} directly, or change "
                "the prompts before the router."
            )
        return own[0]

    def _with_text(self, prompt: str, routes: Sequence[Route]) -> list[Route]:
        """Those of that very text, as it was typed or as it left, where all of them want the same."""
        texts = ((route, (route.prompt, route.request.prompt)) for route in routes)
        known = [route for route, known in texts if prompt.strip() and prompt in known]
        return known if known and _agree(known) else []

    def _is_here(self, prompt: RoutedPrompt) -> bool:
        """By identity: a prompt of another router's list is not."""
        return prompt.position < len(self.routes) and self.routes[prompt.position] is prompt.route


def route_all(requests: Sequence[Request], available: Available) -> Routes:
    """Every request decided, and max_price held by all of them together.

    Raises BadInput or NoRoute, one sentence, which names the prompt that is at fault. Nothing was sent then.
    """
    decided = [_decided(request, available, n, len(requests)) for n, request in enumerate(requests, 1)]
    limits = [request.max_price for request in requests if request.max_price]
    if limits and len(requests) > 1:
        decided = _within(min(limits), decided, available)
    return Routes(tuple(decided))


def every(route: Route | Routes) -> tuple[Route, ...]:
    return route.routes if isinstance(route, Routes) else (route,)


def tracks_of(route: Route | Routes) -> tuple[str, ...]:
    return route.tracks if isinstance(route, Routes) else (route.track,)


def route_for(route: Route | Routes | None, prompt: str, track: str) -> Route | None:
    """The route that goes with `prompt`, for a node that stands on `track`. BadInput as `Routes.of`."""
    return route.of(prompt, track) if isinstance(route, Routes) else route


def mark(items: Sequence[Any], prompt: str) -> None:
    """Says of `items` (tensors) which prompt they all came of, where that is one of a list: a picture that was paid for may be
    of another size than its neighbours, and then one prompt has made two items."""
    if isinstance(prompt, RoutedPrompt):
        for number, item in enumerate(items):
            setattr(item, _MARK, (prompt.position, number, len(items)))


def _decided(request: Request, available: Available, number: int, count: int) -> Route:
    from .route import decide  # reads prompts; see engine/request.py

    try:
        require_prompt(request)
        return decide(request, available)
    except (BadInput, NoRoute) as error:
        if count == 1:
            raise
        raise type(error)(f"Prompt {number} of {count}: {error}") from None


def _within(limit: Decimal, routes: Sequence[Route], available: Available) -> list[Route]:
    """`routes`, with cheaper models for the dearest, the last first, until all together cost no more than `limit`."""
    chosen = list(routes)
    asked = whole = sum((_usd(route) for route in chosen), Decimal(0))
    open_ = {n for n, route in enumerate(chosen) if _usd(route)}
    while whole > limit and open_:
        dearest = max(open_, key=lambda n: (_usd(chosen[n]), n))
        cheaper = _cheaper(chosen[dearest], available, limit)
        if cheaper is None or not _usd(cheaper):
            open_.discard(dearest)
        if cheaper is not None:
            whole += _usd(cheaper) - _usd(chosen[dearest])
            chosen[dearest] = cheaper
    if whole > limit:
        least = f", and {dollars(whole)} with the cheapest models that they allow" if whole < asked else ""
        raise NoRoute(
            f"The {len(chosen)} prompts together would cost {dollars(asked)}{least}, and max_price is {dollars(limit)} for the "
            "whole list: nothing was sent. Raise max_price, or route fewer prompts or smaller pictures."
        )
    return chosen


def _cheaper(route: Route, available: Available, limit: Decimal) -> Route | None:
    """The next best model that costs less than `route`'s; None where there is none that can run."""
    from .route import decide

    below = _usd(route) - LEAST
    if below <= 0:
        return None
    try:
        found = decide(replace(route.request, max_price=below), available, route.signals)
    except NoRoute:
        return None
    if found.place == "local" and not available.has(found.row):
        return None
    why = f"with it ({route.price.text}) the list would pass its max_price of {dollars(limit)}"
    return replace(
        found,
        request=route.request,
        reason=f"{found.reason}; instead of {route.row.name}: {why}",
        passed_over=(
            *(passed for passed in route.passed_over if passed.model != found.model),
            PassedOver(route.model, why),
        ),
    )


def _usd(route: Route) -> Decimal:
    return route.price.usd or Decimal(0)  # where a limit is set, only models of a known price are candidates


def _agree(routes: Sequence[Route]) -> bool:
    """Whether they want the same of a generator, but for the words."""
    return len({_wants(route) for route in routes}) == 1


def _wants(route: Route) -> tuple[object, ...]:
    request = route.request
    pictures = tuple(id(picture) for picture in (*request.pictures, request.mask))
    size = request.asked_size, route.size, route.batch, request.latent
    return (route.model, route.task, route.tier, route.negative, request.max_price, *size, *pictures)


def _shared_out(track: str, positions: Sequence[int], items: Sequence[T]) -> dict[int, list[T]]:
    """position -> what came of that prompt."""
    marks = _marks(positions, items)
    counts = {position: count for position, _, count in marks}
    # Each of them once: a list of seeds inside the branch, say, would have drawn a prompt several times.
    whole = [(position, n, counts[position]) for position in sorted(counts) for n in range(counts[position])]
    if not marks or sorted(marks) != whole:
        raise BadInput(
            f"{len(positions)} prompts of the list went to {track}, and its branch made {len(items)}, so that it cannot be "
            "told what belongs to which: give the branch one item for each prompt, and put nodes that split or join lists "
            "after Route Join."
        )
    shares: dict[int, list[T]] = {position: [] for position in counts}
    for (position, _, _), item in sorted(zip(marks, items, strict=True), key=lambda one: one[0]):
        shares[position].append(item)
    return shares


def _marks(positions: Sequence[int], items: Sequence[Any]) -> list[tuple[int, int, int]]:
    """As `mark` left them, else one item for each prompt; none where neither is so."""
    marks = [mark for item in items if (mark := getattr(item, _MARK, None)) is not None]
    if len(marks) == len(items) and {position for position, _, _ in marks} == set(positions):
        return marks
    return [(position, 0, 1) for position in positions] if len(items) == len(positions) else []
