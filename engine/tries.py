"""Trying again until the words are right: what is tried next, what it may cost, and what came of every try."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product

from .errors import NoRoute
from .price import dollars
from .request import Available, Route


@dataclass(frozen=True)
class Try:
    """One picture, or one batch, that was checked. how: what was different from the one before. paid: US dollars."""

    how: str
    score: float
    passed: bool
    paid: Decimal = Decimal(0)


@dataclass(frozen=True)
class Next:
    """What to draw next. widgets: the router's, where another model is to do it. route: where it will go, None without a
    router."""

    how: str
    route: Route | None = None
    widgets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Purse:
    """What another try may cost in US dollars, and which limit says so; left None: no limit."""

    left: Decimal | None = None
    limit: str = ""

    @classmethod
    def smallest(cls, limits: Mapping[str, Decimal | None]) -> Purse:
        """limits: what is left of each, by name; None for one that is not set."""
        known = [(max(left, Decimal(0)), name) for name, left in limits.items() if left is not None]
        return cls(*min(known)) if known else cls()

    def refuses(self, route: Route | None, paid: Decimal = Decimal(0)) -> str:
        """Why the route's price is too much, or ""; a price that nobody knows is too much for any limit.

        paid: what such a try has come to before. It counts where there is no route to tell the price, and where it was more:
        on the generator's node more pictures may be set, or a dearer model.
        """
        if self.left is None or (route is not None and route.place == "local"):
            return ""
        if paid > self.left:
            return (
                f"a try like that has cost {dollars(paid)}, and {dollars(self.left)} of {self.limit} is left"
            )
        if route is None:
            return ""
        if route.price.usd is None:
            return f"nobody knows what {route.row.name} costs, and {self.limit} is set"
        if route.price.usd <= self.left:
            return ""
        return f"{route.row.name} costs {route.price.text}, and {dollars(self.left)} of {self.limit} is left"


def next_try(
    route: Route | None,
    tried: Sequence[str],
    purse: Purse,
    available: Available,
    can_reach: Callable[[str], bool],
    other_models: bool = True,
    paid: Decimal = Decimal(0),
) -> Next | str:
    """What to try after `tried` (the models so far, the last one last), or a sentence that says why nothing.

    A new seed first, then the next better model of the route. can_reach: whether a track has a branch. paid: what a try with
    `route`, or without one, has come to before (see `usual`).
    """
    if route is None:
        why = purse.refuses(None, paid)
        return f"{why}: nothing more was sent" if why else Next("a new seed")
    refused = []
    if other_models and len(tried) > 1:
        for better in _others(route, tried, available, can_reach):
            if not (why := purse.refuses(better.route)):
                return better
            refused.append(why)
    if not (why := purse.refuses(route, paid)):
        return Next(f"a new seed for {route.row.name}", route)
    return f"{(refused or [why])[0]}: nothing more was sent"


def usual(tries: Sequence[Try], tried: Sequence[str], route: Route | None) -> Decimal:
    """What one more try costs, in US dollars, going by those before; 0 where none was paid for.

    The least of them: other nodes of the workflow pay at the same time. With a route, whose price is known, the first try
    does not count at all, for all that was paid before it is in its sum. tried: the model of each.
    """
    alike = (
        tries
        if route is None
        else [t for t, model in zip(tries[1:], tried[1:], strict=True) if model == route.model]
    )
    return min((one.paid for one in alike if one.paid), default=Decimal(0))


def bill(tries: Sequence[Try], kept: Collection[int]) -> str:
    """A line for each try. kept: the numbers of those that a picture is kept of, from 1."""
    lines = [
        f"{'→' if n + 1 in kept else ' '} try {n + 1}: {one.how}: {'passed' if one.passed else f'{one.score:.0%} right'}, "
        f"{dollars(one.paid) if one.paid else '$0'}"
        for n, one in enumerate(tries)
    ]
    paid = sum((one.paid for one in tries), Decimal(0))
    return "\n".join([*lines, f"  paid for all tries: {dollars(paid) if paid else '$0'}"])


def _others(
    route: Route, tried: Sequence[str], available: Available, can_reach: Callable[[str], bool]
) -> Iterator[Next]:
    """The other models that the router itself would choose with other settings, in the order of its rule for finals."""
    from .rules import RULES

    found: dict[str, Next] = {}
    for widgets in _settings(route):
        other = _decided(route, widgets, available)
        if other is None or other.model in tried or not can_reach(other.track):
            continue
        if available.has(other.row):
            where = "" if other.place == route.place else f" ({other.place})"
            found.setdefault(other.model, Next(f"{other.row.name}{where}", other, widgets))
    order = RULES[route.job].order("final")
    ranks = {model: rank for rank, model in enumerate(order)}
    yield from sorted(found.values(), key=lambda one: ranks.get(one.route.model, len(order)))  # type: ignore[union-attr]


def _settings(route: Route) -> Iterator[dict[str, str]]:
    """Other values for the router's widgets; a family or a place that the person has set stays."""
    request = route.request
    families = (request.family,) if request.family != "auto" else ("auto", "qwen", "flux")
    places = (request.place,) if request.place != "auto" else ("auto", "local", "remote")
    tiers = dict.fromkeys((request.tier, "final"))
    for tier, family, place in product(tiers, families, places):
        yield {"tier": tier, "family": family, "place": place}


def _decided(route: Route, widgets: Mapping[str, str], available: Available) -> Route | None:
    from .route import decide  # reads prompts; see engine/request.py

    try:
        return decide(replace(route.request, **widgets), available, route.signals)  # type: ignore[arg-type]
    except NoRoute:
        return None
