"""Which models can take a request, and why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from .errors import BadInput
from .models import Endpoint, Model, all_models
from .price import Estimate, dollars, estimate, pictures_per_request, total
from .prompt import Signals
from .request import Request
from .sizes import Size, bad_references, drawn

if TYPE_CHECKING:
    from .case import Case

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


def survey(request: Request, signals: Signals, task: str) -> tuple[dict[str, Candidate], dict[str, Obstacle]]:
    """Every model that can take the request, and why the others cannot; wishes and max_price apart."""
    shaped = _shaped(request, task)
    able, out = shaped.able.copy(), shaped.out.copy()
    for model, endpoint in shaped.choosy:
        if obstacle := _unread(request, signals, model, endpoint):
            able.pop(model.id, None)
            out[model.id] = obstacle
    return able, out


def consider(request: Request, signals: Signals, task: str, model: Model) -> Candidate | Obstacle:
    """What `model` would do with the request, or the first obstacle: capability step by step, then the price."""
    found, endpoint = _drawn(request, task, model)
    if endpoint and (obstacle := _unread(request, signals, model, endpoint)):
        return obstacle
    return (over_limit(request, found) or found) if isinstance(found, Candidate) else found


def over_limit(request: Request, candidate: Candidate) -> Obstacle | None:
    """Of max_price, which no rule goes over."""
    if not request.max_price:
        return None
    price = candidate.price
    if price.usd is None:
        return Obstacle(Step.UNKNOWN_PRICE, "its price is not known, and max_price is set")
    if price.usd > request.max_price:
        return Obstacle(
            Step.PRICE, f"it costs {price.text}, more than the max_price of {dollars(request.max_price)}"
        )
    return None


def price_of(request: Request, endpoint: Endpoint, size: Size, lora: bool = False) -> Estimate:
    """The price of the whole batch, in the requests that it will be cut into."""
    inputs = request.references if endpoint.reference_field else ()
    layers = LAYERS_DEFAULT if endpoint.task == "layers" else 0
    requests = pictures_per_request(endpoint, request.batch)
    return total(estimate(endpoint, size, inputs, layers or pictures, lora) for pictures in requests)


def refusal(case: Case, out: Mapping[str, Obstacle]) -> str:
    """One sentence from the obstacle of the model that came nearest, and what to do about it."""
    model_id, nearest = max(out.items(), key=lambda item: (item[1].step, item[1].reach))
    allowed = [
        f"{name} {value}" for name in ("family", "place") if (value := getattr(case.request, name)) != "auto"
    ]
    allowed += [f"by {case.match.said}: {case.match.rule.asks_for}"] if case.match else []
    among = f" among the models you allow ({', '.join(allowed)})" if allowed else ""
    if nearest.step is Step.PRICE:
        return _too_dear(case, among)
    refused = f"Nothing{among} can take {TASK_WORDS[case.task]}"
    if nearest.step is Step.SIZE:
        return (
            f"{refused}: {nearest.why}."  # the size's own sentence names the model and says what is possible
        )
    if nearest.step is Step.LATENT:
        return _misfit(case.request, among)
    advice = {
        Step.TASK: "choose another task, family or place",
        Step.MASK: "disconnect the mask, or choose another family or place",
        Step.REFERENCES: "connect fewer pictures, or smaller ones",
        Step.LENGTH: "shorten it",
        Step.SCRIPT: "write the prompt in Latin letters, or let another family take it",
        Step.UNKNOWN_PRICE: "set max_price to 0 to allow it",
    }
    do = advice.get(nearest.step, "set family and place to auto, or change your rules")
    return f"{refused}; for {all_models()[model_id].name}, {nearest.why}: {do}."


@dataclass
class _Shaped:
    """What is known of requests of one shape, whatever their words: most prompts of a list, and all that somebody types
    into one node, ask for pictures of the same size.

    table: the rows that this was found out of. choosy: those that do not read everything, with the endpoint in question.
    """

    table: Mapping[str, Model] | None = None
    able: dict[str, Candidate] = field(default_factory=dict)
    out: dict[str, Obstacle] = field(default_factory=dict)
    choosy: list[tuple[Model, Endpoint]] = field(default_factory=list)


def _shaped(request: Request, task: str) -> _Shaped:
    key = (
        task,
        request.references,
        request.mask is not None,
        request.latent,
        request.asked_size,
        request.batch,
    )
    table = all_models()
    known = _shapes.get(key)
    if known is not None and known.table is table:
        return known
    made = _Shaped(table)
    for model in table.values():
        if not model.offered:
            continue
        found, endpoint = _drawn(request, task, model)
        if isinstance(found, Candidate):
            made.able[model.id] = found
        else:
            made.out[model.id] = found
        if endpoint and (
            endpoint.prompt_chars is not None
            or endpoint.negative_chars is not None
            or model.prompt_scripts == "latin"
        ):
            made.choosy.append((model, endpoint))
    if len(_shapes) >= _MOST_SHAPES:
        _shapes.clear()
    _shapes[key] = made
    return made


_MOST_SHAPES = 64
_shapes: dict[tuple[object, ...], _Shaped] = {}


def _drawn(request: Request, task: str, model: Model) -> tuple[Candidate | Obstacle, Endpoint | None]:
    """All that does not hang on the words: references, mask, latent, size, and the price of the batch; and the endpoint,
    where it comes to one."""
    if not any(e.task == task and not e.lora for e in model.endpoints):
        return Obstacle(Step.TASK, f"it does not do this task ({task})"), None
    if request.mask is not None and task == "edit" and model.endpoint("edit", mask=True) is None:
        return Obstacle(Step.MASK, "it takes no mask"), None
    references = request.references if task != "generate" else ()
    endpoint = model.endpoint(task, len(references), mask=request.mask is not None)
    if endpoint is None:
        most = model.most_references(task)
        why = f"{len(references)} reference pictures, and it takes at most {most}"
        return Obstacle(Step.REFERENCES, why, most), None
    if why := bad_references(references, endpoint):
        return Obstacle(Step.REFERENCES, why), None
    if request.latent is not None and not request.latent.fits(model):
        return Obstacle(Step.LATENT, f"the connected latent ({request.latent}) is not one of its own"), None
    asked = request.latent.size(model) if request.latent else request.asked_size
    # The local engine changes the first picture, to which a mask belongs as well, and takes from the others.
    shapes = references[:1] if model.place == "local" else references
    try:
        fitted = drawn(asked, shapes, endpoint.size, model.name)
    except BadInput as error:
        return Obstacle(Step.SIZE, str(error).rstrip("."), endpoint.size.max_side), endpoint
    price = price_of(request, endpoint, fitted.size)
    return Candidate(model, endpoint, fitted.size, fitted.note, price), endpoint


def _unread(request: Request, signals: Signals, model: Model, endpoint: Endpoint) -> Obstacle | None:
    """The words as an obstacle; it comes before the size of the picture."""
    for name, words, most in (
        ("prompt", request.prompt, endpoint.prompt_chars),
        ("negative prompt", request.negative, endpoint.negative_chars),
    ):
        if most is not None and len(words) > most:
            return Obstacle(Step.LENGTH, f"the {name} has {len(words)} characters, and it reads {most}")
    if model.prompt_scripts == "latin" and signals.mostly_not_latin:
        return Obstacle(Step.SCRIPT, "its text encoder reads Latin letters only")
    return None


def _misfit(request: Request, among: str) -> str:
    if request.place == "remote":
        return "Models on fal take no latent: disconnect it, or set place to auto or local."
    return (
        f"The connected latent ({request.latent}) fits no model{among}: FLUX.1 and Qwen-Image take 16 channels, FLUX.2 "
        "takes 128. Connect one of those, or none."
    )


def _too_dear(case: Case, among: str) -> str:
    wanted = (c for c in case.able.values() if not case.unwished(c.model))
    usd, name = min((c.price.usd, c.model.name) for c in wanted if c.price.usd is not None)
    return (
        f"max_price is {dollars(case.request.max_price)}, and the cheapest{among} that can take {TASK_WORDS[case.task]} is "
        f"{name} at {dollars(usd)} for the whole run: raise max_price, or ask for fewer or smaller pictures."
    )
