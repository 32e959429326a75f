"""Decides which model a prompt goes to. It reads from top to bottom like the rules: what the prompt asks for, what a
model must be able to do, what the person wishes, what is here, what it costs; every step says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from .candidates import Candidate, Obstacle, refusal, sift
from .errors import NoRoute
from .models import find
from .prompt import Signals, read
from .request import Available, Job, PassedOver, Request, Route, check_request
from .rules import RULES, Rule


def decide(request: Request, available: Available, signals: Signals | None = None) -> Route:
    """The route for `request`. Raises NoRoute with one sentence when no model can do what was asked."""
    signals = signals or read(request.prompt)
    check_request(request)
    task = task_of(request, signals)
    tier, tier_note = _tier(request, signals)
    job, found = _job(request, signals, task)
    rule = RULES[job]
    order = rule.order(tier)
    candidates, out = sift(request, signals, task, order)
    if not candidates:
        raise NoRoute(refusal(request, signals, task, out))
    by_price = rule.cheapest and tier != "final"
    ranked = sorted(candidates, key=lambda c: _rank(c, request, order, by_price, available))
    chosen = ranked[0]
    notes = [
        _unused_note(request, task),
        _negative_note(request, chosen),
        tier_note,
        _pin_note(request),
        _missing_note(chosen, available),
        chosen.size_note,
    ]
    return Route(
        request=request,
        signals=signals,
        job=job,
        task=task,
        family=chosen.model.family,  # type: ignore[arg-type]  # rows of another family are never candidates
        place=chosen.model.place,
        tier=tier,
        model=chosen.model.id,
        prompt=request.prompt,
        negative=request.negative,
        size=chosen.size,
        batch=request.batch,
        price=chosen.price,
        reason="; ".join([f"{found} → {_because(rule, order, by_price, chosen)}", *filter(None, notes)]),
        passed_over=tuple(_passed_over(order, chosen, ranked, out, available)),
    )


def task_of(request: Request, signals: Signals) -> Literal["generate", "edit", "layers"]:
    """What is to be done: as set, else an edit (or a split) where there is a picture."""
    if request.task != "auto":
        return request.task
    if not request.references:
        return "generate"
    return "layers" if signals.layers else "edit"


def _tier(request: Request, signals: Signals) -> tuple[Literal["draft", "standard", "final"], str]:
    if request.tier == "standard" and signals.draft:
        return "draft", "the prompt asks for drafts, so the fast tier"
    return request.tier, ""


def _job(request: Request, signals: Signals, task: str) -> tuple[Job, str]:
    """The row of the rules, and what in the prompt led there (never its words)."""
    if task == "layers":
        return "layers", "a picture to split into layers"
    if task == "edit" and signals.edits_text:
        return "edit text", "an edit of words in the picture"
    if task == "edit" and len(request.references) > 1:
        return "edit references", f"an edit with {len(request.references)} reference pictures"
    if task == "edit":
        return "edit photo", "a photographic edit"
    if signals.asks_for_text:
        return "text", _text_found(signals)
    if signals.is_json or signals.hex_colours or signals.at_references:
        return "structured", _structure_found(signals)
    if signals.light:
        return "light", "cinematic or photographic light" + (" on people" if signals.people else "")
    if signals.relations >= 2:
        return "light", "several subjects with spatial relations"
    if signals.empty:
        return "plain", "an empty prompt: nothing to go by"
    return "plain", "no words to render, no special light"


def _structure_found(signals: Signals) -> str:
    if signals.is_json:
        return "a JSON prompt"
    return "HEX colours" if signals.hex_colours else "@image references"


def _text_found(signals: Signals) -> str:
    if not signals.copy:
        return "lettering is asked for"
    count = len(signals.copy)
    return f"{count} phrase{'s' if count > 1 else ''} to render"


def _rank(
    candidate: Candidate, request: Request, order: tuple[str, ...], by_price: bool, available: Available
) -> tuple[bool, bool, bool, bool, Decimal]:
    """Sort key; the sort is stable, so that within it the order of the rule holds.

    Where nothing is here, a remote model comes before a local one: it lacks only a key. Where the price decides, a
    model that would throw the negative prompt away is no equal.
    """
    model = candidate.model
    absent = not available.has(model)
    price = candidate.price.usd if candidate.price.usd is not None else Decimal("Infinity")
    return (
        absent,
        absent and model.place == "local",
        model.id not in order,
        by_price and _ignores_negative(request, candidate),
        price if by_price else Decimal(0),
    )


def _because(rule: Rule, order: tuple[str, ...], by_price: bool, chosen: Candidate) -> str:
    """The rule's own words, or the same turned round where the choice goes against it."""
    first = find(order[0])
    agrees = rule.cheapest or first is None or first.family == chosen.model.family
    where = "local" if chosen.model.place == "local" else "on fal"
    name = f"{chosen.model.name} ({where}, {chosen.price.text})"
    why = f"{rule.why}, so the least price wins" if by_price else rule.why
    return f"{name}: {why}" if agrees else f"{name}, although {why}"


def _unused_note(request: Request, task: str) -> str:
    if task != "generate" or (not request.references and request.mask is None):
        return ""
    return f"the connected {'pictures are' if request.references else 'mask is'} not used"


def _negative_note(request: Request, chosen: Candidate) -> str:
    return f"{chosen.model.name} takes no negative prompt" if _ignores_negative(request, chosen) else ""


def _ignores_negative(request: Request, candidate: Candidate) -> bool:
    return bool(request.negative.strip()) and candidate.endpoint.param("negative_prompt") is None


def _pin_note(request: Request) -> str:
    pins = [f"{name} {value}" for name in ("family", "place") if (value := getattr(request, name)) != "auto"]
    return f"as set: {', '.join(pins)}" if pins else ""


def _missing_note(chosen: Candidate, available: Available) -> str:
    if available.has(chosen.model):
        return ""
    if chosen.model.place == "remote":
        nothing = ", or a local model, and none is on this machine" if available.local == frozenset() else ""
        return f"still needed to run it: a fal key{nothing}"
    if available.local is None:
        return ""
    why = available.lacking.get(chosen.model.id, "").rstrip(".")
    return f"still needed to run it: its model files{f' ({why})' if why else ''}"


def _passed_over(
    order: tuple[str, ...],
    chosen: Candidate,
    ranked: list[Candidate],
    out: dict[str, Obstacle],
    available: Available,
) -> Iterator[PassedOver]:
    """The models that the rule names before the chosen one, then the best alternative of the other family."""
    possible = {c.model.id: c for c in ranked}
    ahead = order[: order.index(chosen.model.id)] if chosen.model.id in order else order
    for model_id in ahead:
        if model_id in out:
            yield PassedOver(model_id, out[model_id].why)
        elif model_id in possible and available.has(possible[model_id].model):
            yield PassedOver(model_id, f"it costs {possible[model_id].price.text}")
        elif model_id in possible:
            yield PassedOver(model_id, available.missing(possible[model_id].model))
    others = (c for c in ranked if c.model.id not in ahead and c.model.family != chosen.model.family)
    if alternative := next(others, None):
        yield PassedOver(
            alternative.model.id, f"possible too ({alternative.price.text}), not the first choice here"
        )
