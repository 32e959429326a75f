"""What is sent to fal: the exact request, built and checked against the model's row before anything leaves.

Pure functions, one per shape of endpoint. The order of work: `plan` cuts a call into requests, each a `Payload`
with its price; references are named by position until they have been uploaded, `Payload.arguments_with` fills them in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadInput
from ..models import MAX_REFERENCES, Endpoint, Model, Param, find
from ..price import Estimate, estimate, pictures_per_request
from ..sizes import FOLLOWS, Size, bad_references, drawn
from .node_values import OWN_DEFAULTS

BATCH_MOST = 64  # pictures of one call, as in the router
SEED_MOST = 2**31 - 1  # the narrowest seed that any endpoint states
LORAS_MOST = 3

SET_BY_CALL = ("seed", "num_images", "negative_prompt", "loras")  # `Call` has fields for these


@dataclass(frozen=True)
class Lora:
    """An adapter by URL or hub repository id, with its weight."""

    path: str
    scale: float = 1.0


@dataclass(frozen=True)
class Call:
    """What a remote node wants. `size` None means automatic; `values` are the endpoint's own parameters as set on
    the node, under the service's names; `references` are the sizes of the reference pictures in order."""

    prompt: str
    task: str = "generate"
    size: Size | None = None
    pictures: int = 1
    seed: int = 0
    negative: str = ""
    references: tuple[Size, ...] = ()
    mask: bool = False
    loras: tuple[Lora, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Payload:
    """One request. `arguments` is the JSON body without the reference pictures; `size` is what is expected back."""

    model: Model
    endpoint: Endpoint
    arguments: Mapping[str, Any]
    size: Size
    pictures: int
    references: int
    mask: bool
    price: Estimate
    note: str = ""

    def arguments_with(self, references: Sequence[str], mask: str = "") -> dict[str, Any]:
        """The whole body, with the addresses (or data URIs) of the references and the mask in place."""
        body = dict(self.arguments)
        if self.endpoint.reference_field == "image_urls":
            body["image_urls"] = list(references)
        elif self.endpoint.reference_field == "image_url" and references:
            body["image_url"] = references[0]
        if self.mask:
            body["mask_url"] = mask
        return body


def plan(model: Model, call: Call) -> tuple[Payload, ...]:
    """The requests that make up `call`, ready to be sent but for the pictures.

    A batch goes into as few requests as the endpoint's `num_images` allows, one per picture where it has none;
    every request has a seed of its own. Raises BadInput in one sentence.
    """
    check_model(model)
    endpoint = pick_endpoint(model, call)
    _check_call(model, endpoint, call)
    size, note, size_arguments = _size(model, endpoint, call)
    shared = {
        **({"prompt": call.prompt} if call.prompt.strip() else {}),
        **size_arguments,
        **_own_defaults(endpoint),
        **{name: _checked(model, endpoint, name, value) for name, value in call.values.items()},
        **_negative(model, endpoint, call),
        **_loras(model, endpoint, call),
    }
    payloads, first = [], 0
    for count in pictures_per_request(endpoint, call.pictures):
        arguments = {**shared, **_counted(endpoint, call, first, count)}
        drawn_by_it = int(arguments.get("num_layers", count))
        price = estimate(endpoint, size, call.references, drawn_by_it, lora=bool(call.loras))
        mask = call.mask and endpoint.task == "inpaint"  # no other endpoint has a place for one
        payloads.append(
            Payload(model, endpoint, arguments, size, drawn_by_it, len(call.references), mask, price, note)
        )
        first += count
    return tuple(payloads)


def check_model(model: Model) -> None:
    """Raise BadInput for a model that can no longer be had, naming the one to use instead."""
    if model.retired:
        heir = find(model.successor)
        instead = f": choose {heir.name} ({heir.id})" if heir else ""
        raise BadInput(f"{model.name} was retired by fal on {model.retired}{instead}.")
    if model.place != "remote" or not model.offered:
        raise BadInput(f"{model.name} cannot be called through this node.")


def pick_endpoint(model: Model, call: Call) -> Endpoint:
    """The endpoint of `model` for this call: references make it an edit, adapters their own endpoint."""
    endpoint = model.endpoint(call.task, len(call.references), bool(call.loras), call.mask)
    if endpoint is not None:
        return endpoint
    if not any(e.task == call.task for e in model.endpoints):
        wanted = {
            "generate": "make a picture from words alone: connect a reference picture",
            "edit": "edit pictures",
        }
        raise BadInput(f"{model.name} does not {wanted.get(call.task, 'split pictures into layers')}.")
    if call.mask and model.endpoint("edit", mask=True) is None:
        raise BadInput(f"{model.name} takes no mask: disconnect it, or choose a model that does.")
    if call.mask and call.loras:
        raise BadInput(
            f"{model.name} takes a mask or LoRAs, not both: disconnect the mask, or leave `loras` empty."
        )
    if call.loras and model.endpoint(call.task, lora=True) is None:
        raise BadInput(f"{model.name} takes no LoRA here: leave `loras` empty, or choose a model that does.")
    most = model.most_references(call.task)
    raise BadInput(
        f"{len(call.references)} reference pictures are connected, and {model.name} takes at most {most}."
    )


def parse_loras(text: str) -> tuple[Lora, ...]:
    """One adapter a line: `path-or-url` or `path-or-url scale`. Empty lines are skipped."""
    loras = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        try:
            scale = float(parts[1]) if len(parts) > 1 else 1.0
        except ValueError:
            scale = float("nan")
        if len(parts) > 2 or not 0 <= scale <= 4:
            raise BadInput(f"Line {number} of `loras` must be a path and, if wanted, a weight from 0 to 4.")
        loras.append(Lora(parts[0], scale))
    if len(loras) > LORAS_MOST:
        raise BadInput(f"{len(loras)} LoRAs are listed: fal takes at most {LORAS_MOST}.")
    return tuple(loras)


def _check_call(model: Model, endpoint: Endpoint, call: Call) -> None:
    """Raise BadInput for what the endpoint could not take; the parameters' own values are `_checked` one by one."""
    if not 1 <= call.pictures <= BATCH_MOST:
        raise BadInput(f"{call.pictures} pictures were asked for: 1 to {BATCH_MOST} are possible.")
    if endpoint.prompt_required and not call.prompt.strip():
        raise BadInput("The prompt is empty: type what the picture should show.")
    for text, most, name in (
        (call.prompt, endpoint.prompt_chars, "prompt"),
        (call.negative, endpoint.negative_chars, "negative prompt"),
    ):
        if most is not None and len(text) > most:
            raise BadInput(
                f"The {name} has {len(text)} characters, and {model.name} reads at most {most}: shorten it."
            )
    if len(call.loras) > LORAS_MOST:
        raise BadInput(f"{len(call.loras)} LoRAs are listed: fal takes at most {LORAS_MOST}.")
    if endpoint.reference_field and not call.references and endpoint.task != "generate":
        raise BadInput(f"{model.name} edits pictures: connect one to `images`.")
    if len(call.references) > MAX_REFERENCES:
        raise BadInput(
            f"{len(call.references)} reference pictures are connected: no model takes more than {MAX_REFERENCES}."
        )
    if why := bad_references(call.references, endpoint):
        raise BadInput(f"{model.name} cannot use these pictures: {why}.")


def _size(model: Model, endpoint: Endpoint, call: Call) -> tuple[Size, str, dict[str, Any]]:
    """The size expected back, a word where it is not the one asked for, and the arguments that ask for it."""
    rule = endpoint.size
    fitted = drawn(call.size, call.references, rule, model.name)
    follows = call.size is None and call.references and rule.default in FOLLOWS
    if follows and rule.kind == "pixels" and fitted.size != call.references[-1]:
        follows = False  # left to itself the service might draw, and bill, more than was computed here
    if follows or rule.kind in ("input", "none"):
        return fitted.size, fitted.note, {}  # left out, the service follows the picture
    pixels = {"width": fitted.size.width, "height": fitted.size.height}
    return fitted.size, fitted.note, {rule.field: fitted.aspect if rule.kind == "aspect" else pixels}


def _own_defaults(endpoint: Endpoint) -> dict[str, Any]:
    return {
        name: value
        for name, value in OWN_DEFAULTS.items()
        if (param := endpoint.param(name)) and (param.kind != "choice" or value in param.choices)
    }


def _negative(model: Model, endpoint: Endpoint, call: Call) -> dict[str, Any]:
    return (
        {"negative_prompt": call.negative}
        if call.negative.strip() and endpoint.param("negative_prompt")
        else {}
    )


def _loras(model: Model, endpoint: Endpoint, call: Call) -> dict[str, Any]:
    return {"loras": [{"path": lora.path, "scale": lora.scale} for lora in call.loras]} if call.loras else {}


def _counted(endpoint: Endpoint, call: Call, first: int, count: int) -> dict[str, Any]:
    """What differs between the requests of one batch: the seed, and how many pictures."""
    arguments: dict[str, Any] = {}
    if endpoint.param("seed"):
        arguments["seed"] = (call.seed + first) % (SEED_MOST + 1)
    if layers := endpoint.param("num_layers"):
        arguments["num_layers"] = call.values.get("num_layers", layers.default)
    if endpoint.param("num_images") and count > 1:
        arguments["num_images"] = count
    return arguments


def _checked(model: Model, endpoint: Endpoint, name: str, value: Any) -> Any:
    """`value` when the endpoint's row allows it; else BadInput with what is possible."""
    if name in SET_BY_CALL:
        raise BadInput(f"{name} is not one of a model's own values: it is set beside them.")
    param = endpoint.param(name)
    if param is None:
        raise BadInput(f"{model.name} has no {name} here: reset the node's values and try again.")
    if not _kind_fits(param, value):
        raise BadInput(f"{name} is {value!r}: {model.name} takes {_possible(param)}.")
    return value


def _kind_fits(param: Param, value: Any) -> bool:
    if param.kind == "choice":
        return value in param.choices
    if param.kind == "bool":
        return isinstance(value, bool)
    if param.kind in ("int", "float"):
        number = (int,) if param.kind == "int" else (int, float)
        return (
            isinstance(value, number)
            and not isinstance(value, bool)
            and value == value
            and (param.low is None or value >= param.low)
            and (param.high is None or value <= param.high)
        )
    return param.kind == "text" and isinstance(value, str)


def _possible(param: Param) -> str:
    if param.kind == "choice":
        return "one of " + ", ".join(param.choices)
    if param.kind == "bool":
        return "yes or no"
    if param.kind in ("int", "float"):
        return (
            f"a number from {param.low:g} to {param.high:g}"
            if param.low is not None and param.high is not None
            else "a number"
        )
    return "text"
