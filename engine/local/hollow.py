"""A module without memory for its weights.

Only what is made by `torch.empty` is left empty, which is what layers make their weights with: whatever a
constructor computes, such as Qwen's rotary tables, which are neither parameters nor buffers, is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from . import measure, qwen25_halves
from .measure import Config

if TYPE_CHECKING:
    from torch import nn

# Class in the table -> what is built of it (without its language head) and its config's class. Others are
# diffusers'.
ENCODERS = {
    "Qwen2_5_VLForConditionalGeneration": ("Qwen2_5_VLModel", "Qwen2_5_VLConfig"),
    "Qwen3VLForConditionalGeneration": ("Qwen3VLModel", "Qwen3VLConfig"),
    "Qwen3ForCausalLM": ("Qwen3Model", "Qwen3Config"),
    "Mistral3ForConditionalGeneration": ("MistralModel", "MistralConfig"),
    "T5EncoderModel": ("T5EncoderModel", "T5Config"),
    "CLIPTextModel": ("CLIPTextModel", "CLIPTextConfig"),
}


@contextmanager
def emptiness() -> Iterator[None]:
    """Within it, and in this thread alone, `torch.empty` takes no memory."""
    with _mode()():
        yield


@cache
def _mode() -> Any:
    import torch
    from torch.overrides import TorchFunctionMode

    class Empty(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            return func(*args, **({**kwargs, "device": "meta"} if func is torch.empty else kwargs))

    return Empty


def hollow(name: str, config: Config, file: str) -> nn.Module:
    """A module of the class `name` with its weights on torch's meta device. `file`: for the message."""
    import diffusers
    import transformers

    built, config_name = ENCODERS.get(name, (name, ""))
    library: Any = transformers if config_name else diffusers
    if not hasattr(library, built):
        raise BadInput(
            f"{file} needs {built}, which the installed {library.__name__} {library.__version__} does not have: update "
            f"{library.__name__}."
        )
    try:
        with emptiness():
            if not config_name:
                module: nn.Module = getattr(diffusers, name).from_config(config)
            elif built == "Qwen2_5_VLModel" and qwen25_halves.apart():
                module = qwen25_halves.joined(config)
            else:
                own = measure.text(config) if built == "MistralModel" else config
                own = {key: value for key, value in own.items() if key not in ("torch_dtype", "dtype")}
                module = getattr(transformers, built)(getattr(transformers, config_name).from_dict(own))
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, ZeroDivisionError) as error:
        raise BadInput(f"The config of {file} does not describe a {name} ({type(error).__name__}).") from None
    return module
