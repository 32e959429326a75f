"""Qwen2.5-VL in transformers before 4.52, where only the class with the language head joined its two halves.

What `Qwen2_5_VLModel` is since, with the same names of weights, is put together here from the same halves: no head is made.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from .measure import Config

if TYPE_CHECKING:
    from torch import Tensor, nn


def apart() -> bool:
    """Whether the installed transformers has the two halves apart."""
    import transformers

    return not hasattr(transformers, "Qwen2_5_VLTextModel")


def joined(config: Config) -> nn.Module:
    """A new module, of a config of either shape."""
    import transformers
    from transformers.models.qwen2_5_vl import modeling_qwen2_5_vl as halves

    own: Any = transformers.Qwen2_5_VLConfig.from_dict(flat(config))
    visual = halves.Qwen2_5_VisionTransformerPretrainedModel(own.vision_config)
    return together(own, visual, halves.Qwen2_5_VLModel(own))


def together(config: Any, visual: nn.Module, language_model: nn.Module) -> nn.Module:
    """One module of the two halves. config: transformers' own."""
    made: nn.Module = _class()(config, visual, language_model)
    return made


def flat(config: Config) -> Config:
    """A copy with the numbers of the language half at the top, where they then were; the class changes what it is given."""
    words = {key: value for key, value in (config.get("text_config") or {}).items() if value is not None}
    own: Config = deepcopy({**config, **words, "model_type": "qwen2_5_vl"})
    for key in ("text_config", "torch_dtype", "dtype"):
        own.pop(key, None)
    rope = own.pop("rope_parameters", None)  # as transformers 5 writes it
    if rope:
        own["rope_theta"] = rope.pop("rope_theta", own.get("rope_theta", 1e6))
        own["rope_scaling"] = rope
    if not own.get("use_sliding_window"):
        own["sliding_window"] = None  # those releases mask beyond it all the same
    return own


@cache
def _class() -> Any:
    import transformers

    whole: Any = transformers.Qwen2_5_VLForConditionalGeneration
    base: Any = transformers.Qwen2_5_VLPreTrainedModel

    class Joined(base):
        def __init__(self, config: Any, visual: nn.Module, language_model: nn.Module):
            super().__init__(config)
            self.visual, self.language_model = visual, language_model

        def forward(
            self,
            input_ids: Tensor,
            attention_mask: Tensor | None = None,
            pixel_values: Tensor | None = None,
            image_grid_thw: Tensor | None = None,
            use_cache: bool = False,
        ) -> Any:
            """input_ids, attention_mask [1, L]. The language half's output."""
            embeds = self.language_model.embed_tokens(input_ids)
            if pixel_values is not None:
                seen = self.visual(pixel_values, grid_thw=image_grid_thw).to(embeds)
                embeds = embeds.masked_scatter((input_ids == self.config.image_token_id)[..., None], seen)
            positions, _ = whole.get_rope_index(  # it reads the config alone
                self, input_ids, image_grid_thw, attention_mask=attention_mask
            )
            return self.language_model(
                inputs_embeds=embeds,
                attention_mask=attention_mask,
                position_ids=positions,
                use_cache=use_cache,
            )

    return Joined
