"""Which models can take a request, and why the others cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum

from .errors import BadInput
from .models import Endpoint, Model, all_models
from .price import Estimate, dollars, estimate, pictures_per_request, total
from .prompt import Signals
from .request import Request
from .sizes import Size, bad_references, drawn

TASK_WORDS = {"generate": "this prompt", "edit": "this edit", "layers": "this split into layers"}
LAYERS_DEFAULT = 4  # layers of a split; the service's own default


class Step(IntEnum):
    """What is looked at, in this order: the person's wishes, what the model can do, what it costs."""

    WISH = 0
    TASK = 1
    MASK = 2
    REFERENCES = 3
    LATENT = 4
    LENGTH = 5
    SCRIPT = 6
    SIZE = 7
    UNKNOWN_PRICE = 8
    PRICE = 9


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

    step: Step
    why: str
    reach: int = 0


def sift(
    request: Request, signals: Signals, task: str, order: Iterable[str]
) -> tuple[list[Candidate], dict[str, Obstacle]]:
    """Every model that can take the request, those of the rule first, and why the others cannot."""
    candidates, out = [], {}
    for model in _in_order(order):
        result = _wish(request, model) or consider(request, signals, task, model)
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
        return Obstacle(Step.WISH, f"`family` is set to {request.family}")
    if request.place not in ("auto", model.place):
        return Obstacle(Step.WISH, f"`place` is set to {request.place}")
    return None


def consider(request: Request, signals: Signals, task: str, model: Model) -> Candidate | Obstacle:
    """What `model` would do with the request, or the first obstacle: capability step by step, then the price."""
    if not any(e.task == task and not e.lora for e in model.endpoints):
        return Obstacle(Step.TASK, f"it does not do this task ({task})")
    if request.mask is not None and task == "edit" and model.endpoint("edit", mask=True) is None:
        return Obstacle(Step.MASK, "it takes no mask")
    references = request.references if task != "generate" else ()
    endpoint = model.endpoint(task, len(references), mask=request.mask is not None)
    if endpoint is None:
        most = model.most_references(task)
        return Obstacle(
            Step.REFERENCES, f"{len(references)} reference pictures, and it takes at most {most}", most
        )
    if why := bad_references(references, endpoint):
        return Obstacle(Step.REFERENCES, why)
    if request.latent is not None and not request.latent.fits(model):
        return Obstacle(Step.LATENT, f"the connected latent ({request.latent}) is not one of its own")
    if endpoint.prompt_chars is not None and len(request.prompt) > endpoint.prompt_chars:
        return Obstacle(
            Step.LENGTH,
            f"the prompt has {len(request.prompt)} characters, and it reads {endpoint.prompt_chars}",
        )
    if endpoint.negative_chars is not None and len(request.negative) > endpoint.negative_chars:
        return Obstacle(
            Step.LENGTH,
            f"the negative prompt has {len(request.negative)} characters, and it reads {endpoint.negative_chars}",
        )
    if model.prompt_scripts == "latin" and signals.mostly_not_latin:
        return Obstacle(Step.SCRIPT, "its text encoder reads Latin letters only")
    asked = request.latent.size(model) if request.latent else request.asked_size
    # The local engine changes the first picture, to which a mask belongs as well, and takes from the others.
    shapes = references[:1] if model.place == "local" else references
    try:
        fitted = drawn(asked, shapes, endpoint.size, model.name)
    except BadInput as error:
        return Obstacle(Step.SIZE, str(error).rstrip("."), endpoint.size.max_side)
    price = price_of(request, endpoint, fitted.size)
    if request.max_price and price.usd is None:
        return Obstacle(Step.UNKNOWN_PRICE, "its price is not known, and max_price is set")
    if request.max_price and price.usd is not None and price.usd > request.max_price:
        return Obstacle(
            Step.PRICE, f"it costs {price.text}, more than the max_price of {dollars(request.max_price)}"
        )
    return Candidate(model, endpoint, fitted.size, fitted.note, price)


def price_of(request: Request, endpoint: Endpoint, size: Size, lora: bool = False) -> Estimate:
    """The price of the whole batch, in the requests that it will be cut into."""
    inputs = request.references if endpoint.reference_field else ()
    layers = LAYERS_DEFAULT if endpoint.task == "layers" else 0
    requests = pictures_per_request(endpoint, request.batch)
    return total(estimate(endpoint, size, inputs, layers or pictures, lora) for pictures in requests)


def refusal(request: Request, signals: Signals, task: str, out: dict[str, Obstacle]) -> str:
    """One sentence from the obstacle of the model that came nearest, and what to do about it."""
    model_id, nearest = max(out.items(), key=lambda item: (item[1].step, item[1].reach))
    wished = ", ".join(
        f"{name} {value}" for name in ("family", "place") if (value := getattr(request, name)) != "auto"
    )
    among = f" among the models you allow ({wished})" if wished else ""
    if nearest.step is Step.PRICE:
        return _too_dear(request, signals, task, among)
    refused = f"Nothing{among} can take {TASK_WORDS[task]}"
    if nearest.step is Step.SIZE:
        return (
            f"{refused}: {nearest.why}."  # the size's own sentence names the model and says what is possible
        )
    if nearest.step is Step.LATENT:
        return _misfit(request, among)
    advice = {
        Step.TASK: "choose another task, family or place",
        Step.MASK: "disconnect the mask, or choose another family or place",
        Step.REFERENCES: "connect fewer pictures, or smaller ones",
        Step.LENGTH: "shorten it",
        Step.SCRIPT: "write the prompt in Latin letters, or let another family take it",
        Step.UNKNOWN_PRICE: "set max_price to 0 to allow it",
    }
    do = advice.get(nearest.step, "set family and place to auto")
    return f"{refused}; for {all_models()[model_id].name}, {nearest.why}: {do}."


def _misfit(request: Request, among: str) -> str:
    if request.place == "remote":
        return "Models on fal take no latent: disconnect it, or set place to auto or local."
    return (
        f"The connected latent ({request.latent}) fits no model{among}: FLUX.1 and Qwen-Image take 16 channels, FLUX.2 "
        "takes 128. Connect one of those, or none."
    )


def _too_dear(request: Request, signals: Signals, task: str, among: str) -> str:
    unlimited = replace(request, max_price=Decimal(0))
    allowed = (m for m in all_models().values() if m.offered and not _wish(request, m))
    tried = (consider(unlimited, signals, task, model) for model in allowed)
    usd, name = min(
        (c.price.usd, c.model.name) for c in tried if isinstance(c, Candidate) and c.price.usd is not None
    )
    return (
        f"max_price is {dollars(request.max_price)}, and the cheapest{among} that can take {TASK_WORDS[task]} is {name} "
        f"at {dollars(usd)} for the whole run: raise max_price, or ask for fewer or smaller pictures."
    )
