"""One text encoder at work: what it is given, which of its hidden states are taken, and what is refused.

The language head is never run: at 1000 tokens its logits alone take 300 MB, and nobody reads them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..models import find
from .conditioning import Conditioning
from .family import Family
from .machine import Machine, Part

if TYPE_CHECKING:
    from torch import Tensor

    from .model import LocalModel

ACTIVATION_FACTOR = 64  # numbers that a layer holds at once for each one of its hidden state, and to spare
WORKSPACE = 2**26  # bytes


@dataclass(frozen=True)
class Asked:
    """A prompt as its encoders are given it: whatever gives the same tokens, pixels and recipe is the same
    embedding.

    roles: the encoders that `run` uses. recipe: which of the hidden states are kept. run: asks the model for
    its parts and encodes; nothing is loaded before.
    """

    roles: tuple[str, ...]
    recipe: str
    tensors: Mapping[str, Tensor]
    run: Callable[[LocalModel, Machine], Conditioning]


class _Enough(Exception):
    """Leaves a forward pass after the last layer that is read."""


def states(part: Part, machine: Machine, inputs: Mapping[str, Any], layers: Sequence[int]) -> list[Tensor]:
    """The hidden states `layers` of a decoder: number k is what layer k is given, the last one is before the
    final norm.

    The layers above the deepest of them are not run, so that a whole encoder and one that was cut down after
    that layer give the same numbers at the same cost. Tensors [1, L, D] on the machine's device.
    """
    import torch

    inner = _inner(part.module)
    decoder = _decoder(part.module)
    found: dict[int, Tensor] = {}

    def keep(layer: int) -> Callable[..., None]:
        def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            found[layer] = args[0] if args else kwargs["hidden_states"]
            if layer == max(layers):
                raise _Enough

        return hook

    if max(layers) > len(decoder.layers):
        raise BadInput(
            f"The text encoder has {len(decoder.layers)} layers and the model reads number {max(layers)}: it "
            "belongs to another model, or was cut too short."
        )
    where = [*decoder.layers, decoder.norm]
    hooks = [where[k].register_forward_pre_hook(keep(k), with_kwargs=True) for k in layers]
    try:
        _ready(part, machine, inputs)
        with torch.no_grad():
            inner(**_placed(inputs, inner, part, machine), use_cache=False)
    except _Enough:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    return [found[k] for k in layers]


def depth(module: Any) -> int:
    """How many layers the decoder has: the number of its last hidden state."""
    return len(_decoder(module).layers)


def last_state(part: Part, machine: Machine, inputs: Mapping[str, Any]) -> Tensor:
    """The decoder's result after its final norm, [1, L, D] on the machine's device."""
    import torch

    inner = _inner(part.module)
    _ready(part, machine, inputs)
    with torch.no_grad():
        return inner(**_placed(inputs, inner, part, machine), use_cache=False).last_hidden_state


def whole(part: Part, machine: Machine, input_ids: Tensor) -> Any:
    """The output of an encoder that has no language head (CLIP, T5)."""
    import torch

    _ready(part, machine, {"input_ids": input_ids})
    with torch.no_grad():
        return part.module(input_ids.to(machine.device))


def kept(tensor: Tensor, part: Part) -> Tensor:
    """A result to keep: on the CPU, in what the encoder computes in, with no larger tensor behind it."""
    return tensor.detach().to("cpu", part.dtype).contiguous().clone()


def refuse_long(family: Family, tokens: int, limit: int, negative: bool) -> None:
    """Raises BadInput if a prompt's own tokens are more than the model reads: nothing is cut off unsaid."""
    if tokens > limit:
        which = "negative prompt" if negative else "prompt"
        model = find(family.model)
        raise BadInput(
            f"The {which} has {tokens} tokens and {model.name if model else family.model} reads {limit} at "
            f"most: shorten it by about {max(1, round(100 * (tokens - limit) / tokens))} %."
        )


def room(numbers: int, itemsize: int) -> int:
    """Bytes beside the weights. numbers: of one hidden state, of all tokens together."""
    return WORKSPACE + numbers * ACTIVATION_FACTOR * itemsize


def _inner(module: Any) -> Any:
    inner = getattr(module, "model", module)
    if getattr(inner, "rope_deltas", None) is not None:
        inner.rope_deltas = None  # of the picture before; some versions would use it again
    return inner


def _decoder(module: Any) -> Any:
    inner = getattr(module, "model", module)
    return getattr(inner, "language_model", inner)


def _ready(part: Part, machine: Machine, inputs: Mapping[str, Any]) -> None:
    config = part.module.config.get_text_config()
    numbers = inputs["input_ids"].numel() * config.hidden_size
    if "pixel_values" in inputs:
        numbers += inputs["pixel_values"].shape[0] * part.module.config.vision_config.hidden_size
    machine.check()
    machine.ready([part], room(numbers, part.dtype.itemsize))


def _placed(inputs: Mapping[str, Any], inner: Any, part: Part, machine: Machine) -> dict[str, Any]:
    """On the device; pixels in what the encoder computes in, for its weights may be stored in less.

    transformers 4 finds the tokens of pictures by itself and does not take their kinds.
    """
    taken = inspect.signature(inner.forward).parameters
    return {
        name: tensor.to(machine.device, part.dtype)
        if tensor.is_floating_point()
        else tensor.to(machine.device)
        for name, tensor in inputs.items()
        if name != "mm_token_type_ids" or name in taken
    }
