"""Makes core's hard-coded model sizes tiny, in the process of the tests' server and nowhere else.

The real weights are 40 GB and want a graphics card; the tests want core's real loaders, samplers and decoders
on a CPU in a second. Only numbers are replaced (see `sizes.py`); the model code that runs is core's own.
"""

import functools
import importlib

from .sizes import SMALLER, TEXT


def shrink_core() -> None:
    """Replace the sizes. Must run before the first model is loaded; a server runs it once, at start."""
    for where, sizes in SMALLER.items():
        module, name = where.split(":")
        _force(getattr(importlib.import_module(module), name), sizes)
    _recognise_tiny_qwen3()


def _force(cls: type, sizes: dict) -> None:
    """Make the constructor take `sizes`, whatever its caller says."""
    original = cls.__init__

    @functools.wraps(original)
    def constructor(self, *args, **kwargs):
        original(self, *args, **{**kwargs, **sizes})

    cls.__init__ = constructor


def _recognise_tiny_qwen3() -> None:
    """Core tells Qwen3-4B from its sisters by a width of 2560; at width TEXT it would take it for a Llama."""
    import comfy.sd

    original = comfy.sd.detect_te_model

    @functools.wraps(original)
    def detect(state_dict):
        norm = state_dict.get("model.layers.0.post_attention_layernorm.weight")
        qwen3 = "model.layers.0.self_attn.q_norm.weight" in state_dict
        if qwen3 and norm is not None and norm.shape[0] == TEXT:
            return comfy.sd.TEModel.QWEN3_4B
        return original(state_dict)

    comfy.sd.detect_te_model = detect
