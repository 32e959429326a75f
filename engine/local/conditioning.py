"""What an encoder makes of a prompt, and its way to and from ComfyUI's CONDITIONING."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..models import find
from .family import Family, families

if TYPE_CHECKING:
    from torch import Tensor

CONFIGS = Path(__file__).with_name("configs")

# What core nodes hang on a conditioning and this engine's samplers understand; the rest of their words is
# ComfyUI's own.
KEPT = ("reference_latents", "guidance", "image_pad_mask")
# These say where, when or how strongly a prompt acts: to drop them silently would give another picture than
# the graph says.
NOT_FOLLOWED = ("area", "mask", "control", "hooks", "gligen", "concat_latent_image")


@dataclass(frozen=True, eq=False)
class Conditioning:
    """embeds: [1, L, D]. pooled: [1, P] (FLUX.1). mask: [1, L], 1 = a token, 0 = padding; None where nothing
    is padded.

    extra: what one family alone needs, under ComfyUI's names where it has one. Tensors lie on the CPU, and
    are shared: nobody writes into them.
    """

    embeds: Tensor
    pooled: Tensor | None = None
    mask: Tensor | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_comfy(self) -> list[list[Any]]:
        """A CONDITIONING as core's CLIPTextEncode gives it."""
        words: dict[str, Any] = {"pooled_output": self.pooled, **self.extra}
        if self.mask is not None:
            words["attention_mask"] = self.mask
        return [[self.embeds, words]]

    @classmethod
    def from_comfy(
        cls, conditioning: Sequence[Any], family: Family, config: Mapping[str, Any] | None = None
    ) -> Conditioning:
        """A conditioning of another node (CLIPTextEncode, TextEncodeQwenImageEdit, FluxGuidance …), checked.

        config: of the transformer that is to read it; without one, the family's published one. Raises
        BadInput for one that another family's encoder made, for several prompts at once, and for areas, masks
        and the like.
        """
        if len(conditioning) != 1 or conditioning[0][0].shape[0] != 1:
            raise BadInput(
                f"{_name(family)} reads one prompt at a time, and this conditioning holds none or several: "
                "connect a single text encoder."
            )
        embeds, words = conditioning[0]
        _check(words, family)
        width, pooled_width = _widths(family, config)
        pooled = words.get("pooled_output")
        if width and embeds.shape[-1] != width:
            raise BadInput(_foreign(embeds.shape[-1], width, family, pooled is not None))
        if not pooled_width:
            pooled = None
        elif pooled is None:
            pooled = embeds.new_zeros(1, pooled_width)  # as core's FLUX does without one
        elif pooled.shape[-1] != pooled_width:
            raise BadInput(_foreign(pooled.shape[-1], pooled_width, family, False))
        extra = {word: words[word] for word in KEPT if words.get(word) is not None}
        embeds, mask = _padded(embeds, family), _mask(words.get("attention_mask"))
        return cls(
            embeds, pooled, mask if mask is not None and mask.shape[-1] == embeds.shape[1] else None, extra
        )


def _check(words: Mapping[str, Any], family: Family) -> None:
    found = [word for word in NOT_FOLLOWED if words.get(word) is not None]
    if words.get("start_percent", 0.0) > 0.0 or words.get("end_percent", 1.0) < 1.0:
        found.append("a range of steps")
    if found:
        raise BadInput(
            f"This conditioning is tied to {' and '.join(found)}, which {_name(family)} here does not follow: "
            "connect the text encoder without it, or sample with ComfyUI's KSampler."
        )


def _padded(embeds: Tensor, family: Family) -> Tensor:
    """FLUX.2 reads a text of fixed length; core leaves the zeros on the left to the model, and so they are
    put there here.
    """
    import torch

    missing = family.tokens - embeds.shape[1] if family.kind == "flux2" else 0
    return torch.nn.functional.pad(embeds, (0, 0, missing, 0)) if missing > 0 else embeds


def _mask(mask: Tensor | None) -> Tensor | None:
    return None if mask is None or bool(mask.bool().all()) else mask


def _foreign(got: int, want: int, family: Family, pooled: bool) -> str:
    """pooled: only FLUX.1's have one, and its width is Qwen-Image-2.1's as well."""
    rows = [row for row in families().values() if _widths(row, None)[0] == got]
    other = next((row for row in rows if (row.kind == "flux1") == pooled), None)
    made = f"{_name(other)}'s text encoder" if other else "another model's text encoder"
    return (
        f"{_name(family)} reads text embeddings that are {want} wide, and this conditioning is {got} wide, "
        f"as {made} makes it: connect the CLIP that belongs to the model."
    )


def _widths(family: Family, config: Mapping[str, Any] | None) -> tuple[int, int]:
    """(of the embedding, of the pooled one), 0 where there is none or it is not known."""
    if config is None:
        weights = family.part("transformer")
        config = _published(weights.config) if weights else {}
    width = config.get("joint_attention_dim") or config.get("context_in_dim") or 0
    return width, (config.get("pooled_projection_dim") or 0) if family.kind == "flux1" else 0


@cache
def _published(name: str) -> Mapping[str, Any]:
    path = CONFIGS / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _name(family: Family) -> str:
    model = find(family.model)
    return model.name if model else family.model
