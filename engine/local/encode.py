"""From a prompt to what the transformer reads, each prompt once: what is in the cache loads no encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from . import encode_flux, encode_qwen, encode_qwen21
from .conditioning import Conditioning
from .embeddings import EmbeddingCache
from .machine import Machine
from .text_encoder import Asked

if TYPE_CHECKING:
    from torch import Tensor

    from .model import LocalModel

__all__ = ["Conditioning", "EmbeddingCache", "encode"]

_READERS: dict[str, Callable[..., Asked]] = {
    "qwen": encode_qwen.read,
    "qwen21": encode_qwen21.read,
    "flux1": encode_flux.read_flux1,
    "flux2": encode_flux.read_flux2,
}


def encode(
    model: LocalModel,
    machine: Machine,
    prompt: str,
    references: Sequence[Tensor] = (),
    *,
    negative: bool = False,
    cache: EmbeddingCache,
    area: int | None = None,
) -> Conditioning:
    """The embedding of `prompt`, on the CPU in the encoder's compute dtype.

    references: [H,W,C] or [B,H,W,C] in 0..1; encoders that see pictures (Qwen-Image-Edit and its successors,
    2.1) read the prompt with them, the others pass them over. negative: only what an error calls the prompt.
    area: px at which each reference is seen; None is the pipeline's own. Raises BadInput for a prompt or for
    references that do not fit.
    """
    asked = _READERS[model.family.kind](model, _whole_letters(prompt), references, negative, area)
    key = cache.key([model.identity(role) for role in asked.roles], asked.recipe, asked.tensors)
    found = cache.get(key)
    if found is None:
        found = asked.run(model, machine)
        cache.put(key, found)
    return found


def _whole_letters(prompt: str) -> str:
    """Half of an emoji, as a cut-off JSON string can hold it, is no text to any tokenizer."""
    return prompt.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
