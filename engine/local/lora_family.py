"""Which model a LoRA was made for, as far as its names, sizes and its own notes tell.

Needed because layers of different models share names and sizes: the attention of a Qwen-Image LoRA fits the first blocks of
FLUX.1, and would be added there without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .files import Shape

KINDS = {"qwen": "Qwen-Image", "qwen21": "Qwen-Image-2.1", "flux1": "FLUX.1", "flux2": "FLUX.2"}
FLUX_1_BLOCKS = 19  # double blocks; Qwen-Image has 60, FLUX.2 has 8 at most
FLUX_1_WIDTH = 3072

# Words in a layer's name, dots as underscores, that no other model has. The first that is found decides.
_OTHERS = (
    (
        r"(?:^|_)(?:down_blocks|up_blocks|mid_block|input_blocks|output_blocks|middle_block)_",
        "Stable Diffusion 1.5 or XL",
    ),
    (r"^joint_blocks_", "Stable Diffusion 3"),
    (r"^blocks_\d+_(?:self_attn|cross_attn|ffn)", "Wan"),
    (r"^(?:layers|context_refiner|noise_refiner)_\d+_(?:attention|feed_forward|adaLN)", "Z-Image or Lumina"),
    (r"^transformer_blocks_\d+_attn[12]_", "LTX-Video or PixArt"),
    (r"^(?:caption_projection|double_stream_blocks)_", "HiDream"),
)
_OURS = (
    (r"img_mlp_(?:proj|out|gate_layer)$|^txt_in_(?:in_layer|out_layer)$", "qwen21"),
    (r"^transformer_blocks_\d+_(?:(?:img|txt)_mlp_net|(?:img|txt)_mod_1)", "qwen"),
    (r"to_qkv_mlp_proj$|_linear_(?:in|out)$|^(?:double|single)_stream_modulation", "flux2"),
    (
        r"_norm1(?:_context)?_linear$|_ff(?:_context)?_net_|_proj_mlp$|_(?:img|txt)_mod_lin$|_modulation_lin$",
        "flux1",
    ),
    (r"^single_transformer_blocks_\d+_proj_out$|_processor_(?:qkv|proj)_lora", "flux1"),
)


def seems(layers: Mapping[str, Shape | None], notes: Mapping[str, str]) -> tuple[str, str]:
    """(kind of a family, its name). The kind is "" for a model that is not ours or cannot be told, the name then too
    where nothing tells. layers: name -> [out, in], None where its parts do not tell."""
    names = {name.replace(".", "_"): shape for name, shape in layers.items()}
    for pattern, label in _OTHERS:
        if any(re.search(pattern, name) for name in names):
            return "", label
    for pattern, kind in _OURS:
        if any(re.search(pattern, name) for name in names):
            return kind, KINDS[kind]
    kind = _by_size(names)
    return (kind, KINDS[kind]) if kind else ("", _noted(notes))


def _by_size(names: Mapping[str, Shape | None]) -> str:
    """From fused projections, from widths, and from the number of blocks."""
    for name, shape in names.items():
        if shape and len(shape) == 2 and shape[1] and re.search(r"^single_blocks_\d+_linear1$", name):
            return {7: "flux1", 9: "flux2"}.get(shape[0] // shape[1], "")  # attention and MLP, in widths
    double = _last_block(names, r"^(?:double_blocks|transformer_blocks)_(\d+)_")
    single = _last_block(names, r"^single_(?:transformer_)?blocks_(\d+)_")
    if double >= FLUX_1_BLOCKS:
        if single >= 0:
            return ""
        return (
            "qwen"
            if FLUX_1_WIDTH in _widths(names) or any("add_q_proj" in name for name in names)
            else "qwen21"
        )
    if single < 0 and not any(name.startswith("double_blocks_") for name in names):
        return ""
    widths = _widths(names)
    if widths and FLUX_1_WIDTH not in widths and min(widths) > 1024:
        return "flux2"
    return "flux1" if double >= 8 else ""


def _widths(names: Mapping[str, Shape | None]) -> set[int]:
    return {
        shape[1]
        for name, shape in names.items()
        if shape and len(shape) == 2 and re.search(r"(?:qkv|to_[qkv])$", name)
    }


def _last_block(names: Iterable[str], pattern: str) -> int:
    return max((int(found[1]) for name in names if (found := re.search(pattern, name))), default=-1)


def _noted(notes: Mapping[str, str]) -> str:
    """What the trainer wrote into the file, if it is a plain word."""
    for note in ("modelspec.architecture", "ss_base_model_version"):
        word = notes.get(note, "").removesuffix("/lora")
        if re.fullmatch(r"[\w .+/-]{2,40}", word):
            return word
    return ""
