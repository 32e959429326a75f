"""Decides which model a prompt goes to. It reads from top to bottom like the rules: what the prompt asks for, what a
model must be able to do, what the person wishes, what is here, what it costs; every step says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from .errors import BadInput, NoRoute
from .models import MAX_REFERENCES, Endpoint, Model, all_models, find
from .price import Estimate, dollars, estimate, pictures_per_request, total
from .prompt import Signals, read, visible_text
from .request import Available, Job, PassedOver, Request, Route
from .rules import RULES, Rule
from .sizes import Size, bad_references, drawn

TASK_WORDS = {"generate": "this prompt", "edit": "this edit", "layers": "this split into layers"}
LAYERS_DEFAULT = 4  # layers of a split; the service's own default


@dataclass(frozen=True)
class Candidate:
    """A model that can do the job, with the size it would draw and what that costs."""

    model: Model
    endpoint: Endpoint
    size: Size
    size_note: str
    price: Estimate


@dataclass(frozen=True)
class Obstacle:
    """Why a model cannot take a request. The later the step, the nearer it came: the farthest makes the error.

    reach: among models that fail at the same step, how much each could take (references, pixels).
    """

    step: int
    why: str
    reach: int = 0


def decide(request: Request, available: Available, signals: Signals | None = None) -> Route:
    """The route for `request`. Raises NoRoute with one sentence when no model can do what was asked."""
    signals = signals or read(request.prompt)
    check_request(request)
    task = _task(request, signals)
    tier, tier_note = _tier(request, signals)
    job, found = _job(request, signals, task)
    rule = RULES[job]
    order = rule.order(tier)
    candidates, out = _sift(request, signals, task, order)
    if not candidates:
        raise NoRoute(_no_route(request, signals, task, out))
    ranked = sorted(candidates, key=lambda c: _rank(c, rule, order, available))
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
        reason="; ".join([f"{found} → {_because(rule, order, chosen)}", *filter(None, notes)]),
        passed_over=tuple(_passed_over(order, chosen, ranked, out, available)),
    )


def require_prompt(request: Request) -> None:
    """Raise BadInput where there is nothing to draw. A split into layers needs no words."""
    if not visible_text(request.prompt).strip() and request.task != "layers":
        raise BadInput("The prompt is empty: type what the picture should show.")


def check_request(request: Request) -> None:
    """Raise BadInput for a request that no model could ever take."""
    if not 1 <= request.batch <= 64:
        raise BadInput(f"A batch of {request.batch} was asked for: 1 to 64 pictures are possible.")
    if request.width < 0 or request.height < 0:
        raise BadInput("Width and height must be 0 (automatic) or a number of pixels.")
    if not request.max_price.is_finite() or request.max_price < 0:
        raise BadInput("max_price must be 0 (no limit) or an amount in US dollars.")
    if len(request.references) > MAX_REFERENCES:
        raise BadInput(
            f"{len(request.references)} reference pictures are connected: no model takes more than {MAX_REFERENCES}."
        )
    if request.task in ("edit", "layers") and not request.references:
        verb = "An edit" if request.task == "edit" else "A split into layers"
        raise BadInput(f"{verb} needs a picture: connect one to `images`, or set `task` to generate.")


def candidates_for(request: Request, model: Model, signals: Signals | None = None) -> Candidate:
    """What `model` would do with `request`, whatever the rules say; raises NoRoute when it cannot."""
    signals = signals or read(request.prompt)
    check_request(request)
    task = _task(request, signals)
    result = _try(request, signals, task, model)
    if isinstance(result, Obstacle):
        raise NoRoute(f"{model.name}: {result.why}.")
    return result


def _task(request: Request, signals: Signals) -> Literal["generate", "edit", "layers"]:
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
    if task == "edit" and (signals.at_references or len(request.references) > 1):
        return (
            "structured",
            f"an edit with {max(signals.at_references, len(request.references))} reference pictures",
        )
    if task == "edit":
        return "edit photo", "a photographic edit"
    if signals.asks_for_text:
        return "text", _text_found(signals)
    if signals.is_json or signals.hex_colours or signals.at_references:
        asked = (
            "a JSON prompt"
            if signals.is_json
            else "HEX colours"
            if signals.hex_colours
            else "@image references"
        )
        return "structured", asked
    if signals.light:
        return "light", "cinematic or photographic light" + (" on people" if signals.people else "")
    if signals.relations >= 2:
        return "light", "several subjects with spatial relations"
    if signals.empty:
        return "plain", "an empty prompt: nothing to go by"
    return "plain", "no words to render, no special light"


def _text_found(signals: Signals) -> str:
    if not signals.copy:
        return "lettering is asked for"
    count = len(signals.copy)
    return f"{count} phrase{'s' if count > 1 else ''} to render"


def _sift(
    request: Request, signals: Signals, task: str, order: Iterable[str]
) -> tuple[list[Candidate], dict[str, Obstacle]]:
    """Every model that can take the request, those of the rule first, and why the others cannot."""
    candidates, out = [], {}
    for model in _in_order(order):
        result = _wish(request, model) or _try(request, signals, task, model)
        if isinstance(result, Candidate):
            candidates.append(result)
        else:
            out[model.id] = result
    return candidates, out


def _in_order(order: Iterable[str]) -> Iterator[Model]:
    table = all_models()
    ids = dict.fromkeys((*order, *table))  # each once, those of the rule first
    return (model for model_id in ids if (model := table.get(model_id)) and model.offered)


def _wish(request: Request, model: Model) -> Obstacle | None:
    """Whether the person's own choice of family or place leaves this model out."""
    if request.family not in ("auto", model.family):
        return Obstacle(0, f"`family` is set to {request.family}")
    if request.place not in ("auto", model.place):
        return Obstacle(0, f"`place` is set to {request.place}")
    return None


def _try(request: Request, signals: Signals, task: str, model: Model) -> Candidate | Obstacle:
    """Capability first, step by step, then the price."""
    if not any(e.task == task and not e.lora for e in model.endpoints):
        return Obstacle(1, f"it does not do this task ({task})")
    if request.mask is not None and task == "edit" and model.endpoint("edit", mask=True) is None:
        return Obstacle(2, "it takes no mask")
    references = request.references if task != "generate" else ()
    endpoint = model.endpoint(task, len(references), mask=request.mask is not None)
    if endpoint is None:
        most = model.most_references(task)
        return Obstacle(3, f"{len(references)} reference pictures, and it takes at most {most}", most)
    if why := bad_references(references, endpoint):
        return Obstacle(3, why)
    if request.latent is not None and not request.latent.fits(model):
        return Obstacle(4, f"the connected latent ({request.latent}) is not one of its own")
    if endpoint.prompt_chars is not None and len(request.prompt) > endpoint.prompt_chars:
        return Obstacle(
            5, f"the prompt has {len(request.prompt)} characters, and it reads {endpoint.prompt_chars}"
        )
    if endpoint.negative_chars is not None and len(request.negative) > endpoint.negative_chars:
        return Obstacle(
            5,
            f"the negative prompt has {len(request.negative)} characters, and it reads {endpoint.negative_chars}",
        )
    if model.prompt_scripts == "latin" and signals.mostly_not_latin:
        return Obstacle(6, "its text encoder reads Latin letters only")
    try:
        fitted = drawn(request.asked_size, references, endpoint.size, model.name)
    except BadInput as error:
        return Obstacle(7, str(error).rstrip("."), endpoint.size.max_side)
    price = price_of(request, endpoint, fitted.size)
    if request.max_price and price.usd is None:
        return Obstacle(8, "its price is not known, and max_price is set")
    if request.max_price and price.usd is not None and price.usd > request.max_price:
        return Obstacle(9, f"it costs {price.text}, more than the max_price of {dollars(request.max_price)}")
    return Candidate(model, endpoint, fitted.size, fitted.note, price)


def price_of(request: Request, endpoint: Endpoint, size: Size, lora: bool = False) -> Estimate:
    """The price of the whole batch, in the requests that it will be cut into."""
    inputs = request.references if endpoint.reference_field else ()
    layers = LAYERS_DEFAULT if endpoint.task == "layers" else 0
    requests = pictures_per_request(endpoint, request.batch)
    return total(estimate(endpoint, size, inputs, layers or pictures, lora) for pictures in requests)


def _rank(
    candidate: Candidate, rule: Rule, order: tuple[str, ...], available: Available
) -> tuple[bool, bool, bool, Decimal]:
    """Sort key; the sort is stable, so that within it the order of the rule holds.

    Where nothing is here, a remote model comes before a local one: it lacks only a key.
    """
    model = candidate.model
    absent = not available.has(model)
    price = candidate.price.usd if candidate.price.usd is not None else Decimal("Infinity")
    return (
        absent,
        absent and model.place == "local",
        model.id not in order,
        price if rule.cheapest else Decimal(0),
    )


def _because(rule: Rule, order: tuple[str, ...], chosen: Candidate) -> str:
    """The rule's own words, or the same turned round where the choice goes against it."""
    first = find(order[0])
    agrees = rule.cheapest or first is None or first.family == chosen.model.family
    where = "local" if chosen.model.place == "local" else "on fal"
    name = f"{chosen.model.name} ({where}, {chosen.price.text})"
    return f"{name}: {rule.why}" if agrees else f"{name}, although {rule.why}"


def _unused_note(request: Request, task: str) -> str:
    if task != "generate" or (not request.references and request.mask is None):
        return ""
    return f"the connected {'pictures are' if request.references else 'mask is'} not used"


def _negative_note(request: Request, chosen: Candidate) -> str:
    ignored = request.negative.strip() and not chosen.endpoint.param("negative_prompt")
    return f"{chosen.model.name} takes no negative prompt" if ignored else ""


def _pin_note(request: Request) -> str:
    pins = [f"{name} {value}" for name in ("family", "place") if (value := getattr(request, name)) != "auto"]
    return f"as set: {', '.join(pins)}" if pins else ""


def _missing_note(chosen: Candidate, available: Available) -> str:
    if available.has(chosen.model):
        return ""
    return f"still needed to run it: {'its model files' if chosen.model.place == 'local' else 'a fal key'}"


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


def _no_route(request: Request, signals: Signals, task: str, out: dict[str, Obstacle]) -> str:
    """One sentence from the obstacle of the model that came nearest, and what to do about it."""
    model_id, nearest = max(out.items(), key=lambda item: (item[1].step, item[1].reach))
    wished = " ".join(
        f"{name} {value}" for name in ("family", "place") if (value := getattr(request, name)) != "auto"
    )
    among = f" among the models you allow ({wished})" if wished else ""
    if nearest.step == 9:
        return _too_dear(request, signals, task, among)
    advice = {
        1: "Choose another task, family or place.",
        2: "Disconnect the mask, or choose another family or place.",
        3: "Connect fewer pictures, or smaller ones.",
        4: "Connect a latent of the model's own, or none.",
        5: "Shorten it.",
        6: "Write the prompt in Latin letters, or let another family take it.",
        8: "Set max_price to 0 to allow it.",
    }
    refused = f"Nothing{among} can take {TASK_WORDS[task]}: "
    if nearest.step == 7:
        return f"{refused}{nearest.why}."  # the size's own sentence names the model and says what is possible
    name = all_models()[model_id].name
    return f"{refused}{name}: {nearest.why}. {advice.get(nearest.step, 'Set family and place to auto.')}"


def _too_dear(request: Request, signals: Signals, task: str, among: str) -> str:
    unlimited = replace(request, max_price=Decimal(0))
    allowed = (m for m in all_models().values() if m.offered and not _wish(request, m))
    tried = (_try(unlimited, signals, task, model) for model in allowed)
    usd, name = min(
        (c.price.usd, c.model.name) for c in tried if isinstance(c, Candidate) and c.price.usd is not None
    )
    return (
        f"max_price is {dollars(request.max_price)}, and the cheapest{among} that can take {TASK_WORDS[task]} is {name} "
        f"at {dollars(usd)} for the whole run: raise max_price, or ask for fewer or smaller pictures."
    )
