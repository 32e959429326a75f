"""What else a prompt could be drawn with, and how to have it; and what stood before the choice, and why it was passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any

from .candidates import Candidate, Obstacle, Step, over_limit
from .case import Case, choose
from .models import all_models
from .price import dollars
from .request import Alternative, PassedOver

_OTHER_TIER = {"draft": "final", "standard": "draft", "final": "draft"}


def alternatives(case: Case, chosen: Candidate) -> tuple[Alternative, ...]:
    """The best of the other family, of the other place and of another tier; where none of them can do it, what two
    settings or a higher max_price would give; else the next best model. Empty where there is none at all."""
    family = "flux" if chosen.model.family == "qwen" else "qwen"
    place = "local" if chosen.model.place == "remote" else "remote"
    singles: list[dict[str, Any]] = [{"family": family}, {"place": place}, {"tier": _OTHER_TIER[case.tier]}]
    if found := _found(case, chosen, singles):
        return found
    several = product((chosen.model.family, family), (chosen.model.place, place))
    doubles: list[dict[str, Any]] = [{"family": f, "place": p} for f, p in several]
    if found := _found(case, chosen, doubles):
        return found
    dearer = [{**wishes, "max_price": Decimal(0)} for wishes in ({}, *singles, *doubles)]
    return (_found(case, chosen, dearer) if case.request.max_price else ()) or _next_best(case, chosen)


def obstacles(case: Case, out: Mapping[str, Obstacle]) -> dict[str, Obstacle]:
    """Why each model is not allowed, those of the rule first: the person's wishes before what it can do, and max_price
    last."""
    found: dict[str, Obstacle] = {}
    for model_id in dict.fromkeys((*case.order, *out, *case.able)):
        row, candidate = all_models().get(model_id), case.able.get(model_id)
        if row and (why := case.unwished(row)):
            found[model_id] = Obstacle(Step.WISH, why)
        elif obstacle := over_limit(case.request, candidate) if candidate else out.get(model_id):
            found[model_id] = obstacle
    return found


def passed_over(
    case: Case, chosen: Candidate, out: Mapping[str, Obstacle], others: tuple[Alternative, ...]
) -> Iterator[PassedOver]:
    """The models that the rule names before the chosen one, then the alternatives."""
    order = (*case.pinned, *case.order)
    ahead = dict.fromkeys(order[: order.index(chosen.model.id)] if chosen.model.id in order else order)
    for model_id in ahead:
        if why := _why_not(case, chosen, model_id, out):
            yield PassedOver(model_id, why)
    for other in others:
        if other.model not in ahead:
            needs = f"; {other.needs}" if other.needs else ""
            yield PassedOver(
                other.model,
                f"possible too ({other.price.text}), not the first choice here: {other.how}{needs}",
            )


def _why_not(case: Case, chosen: Candidate, model_id: str, out: Mapping[str, Obstacle]) -> str:
    row, candidate = all_models().get(model_id), case.able.get(model_id)
    if row and (why := case.unwished(row)):
        return why
    if candidate is None:
        return out[model_id].why if model_id in out else ""
    if obstacle := over_limit(case.request, candidate):
        return obstacle.why
    if why := case.overlong(candidate) or case.lacks(candidate):
        return why
    if case.opaque(candidate.model) and not case.opaque(chosen.model):
        return "it draws no transparent background"
    return f"it costs {candidate.price.text}" if case.by_price else "your rules prefer another of its family"


def _found(case: Case, chosen: Candidate, tries: list[dict[str, Any]]) -> tuple[Alternative, ...]:
    found: dict[str, Alternative] = {}
    for wishes in tries:
        other, changed = choose(case.with_wishes(wishes))
        if other and other.model.id != chosen.model.id and other.model.id not in found:
            found[other.model.id] = _alternative(changed, other, wishes)
    return tuple(found.values())


def _alternative(case: Case, other: Candidate, wishes: Mapping[str, Any]) -> Alternative:
    settings = {name: str(value) for name, value in wishes.items()}
    if "max_price" in settings:
        settings["max_price"] = dollars(other.price.usd or Decimal(0)).removeprefix("$")
    needs = case.lacks(other)
    return Alternative(other.model.id, other.price, tuple(settings.items()), needs)


def _next_best(case: Case, chosen: Candidate) -> tuple[Alternative, ...]:
    """Where no setting of the router leads to another model: the next one that its own node draws with."""
    rest = (candidate for candidate in case.allowed() if candidate is not chosen)
    other = min(rest, key=case.hindered, default=None)
    return (Alternative(other.model.id, other.price, (), case.lacks(other)),) if other else ()
