"""FLUX in the layout of Black Forest Labs, which ComfyUI's files have: what each of their tensors is to
diffusers.

They keep queries, keys and values (and, in the single blocks of FLUX.1, the first half of the MLP) in one
tensor, and their last modulation as shift, scale where diffusers has scale, shift. diffusers' own converter
of FLUX.1 knows the published width alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .takes import Arrangement, Shapes, Take

_STREAMS = {"img": ("", "to_q to_k to_v", "to_out.0", "norm_q norm_k", "ff"),
            "txt": ("_context", "add_q_proj add_k_proj add_v_proj", "to_add_out", "norm_added_q norm_added_k", "ff_context")}  # fmt: skip


def _double_block(flux_1: bool) -> dict[str, str]:
    names: dict[str, str] = {}
    for stream, (suffix, projections, out, norms, mlp) in _STREAMS.items():
        old, new = f"double_blocks.#.{stream}", "transformer_blocks.#"
        query, key = norms.split()
        ends = ("net.0.proj", "net.2") if flux_1 else ("linear_in", "linear_out")
        names |= {
            f"{old}_attn.qkv": " ".join(f"{new}.attn.{name}" for name in projections.split()),
            f"{old}_attn.proj": f"{new}.attn.{out}",
            f"{old}_attn.norm.query_norm": f"{new}.attn.{query}",
            f"{old}_attn.norm.key_norm": f"{new}.attn.{key}",
            f"{old}_mlp.0": f"{new}.{mlp}.{ends[0]}",
            f"{old}_mlp.2": f"{new}.{mlp}.{ends[1]}",
        }
        if flux_1:
            names[f"{old}_mod.lin"] = f"{new}.norm1{suffix}.linear"
    return names


def _embedder(old: str, new: str) -> dict[str, str]:
    return {f"{old}.in_layer": f"{new}.linear_1", f"{old}.out_layer": f"{new}.linear_2"}


_SINGLE = "single_transformer_blocks.#"
_BOTH = {
    "img_in": "x_embedder",
    "txt_in": "context_embedder",
    "final_layer.linear": "proj_out",
    "final_layer.adaLN_modulation.1": "norm_out.linear",
    "single_blocks.#.norm.query_norm": f"{_SINGLE}.attn.norm_q",
    "single_blocks.#.norm.key_norm": f"{_SINGLE}.attn.norm_k",
}
_HALVES_SWAPPED = "final_layer.adaLN_modulation.1"

# "#" is the block's number; several names on the right: the rows are cut, first thirds of equal length, then
# what is left.
FLUX_1 = {
    **_BOTH,
    **_double_block(flux_1=True),
    **_embedder("time_in", "time_text_embed.timestep_embedder"),
    **_embedder("guidance_in", "time_text_embed.guidance_embedder"),
    **_embedder("vector_in", "time_text_embed.text_embedder"),
    "single_blocks.#.modulation.lin": f"{_SINGLE}.norm.linear",
    "single_blocks.#.linear1": f"{_SINGLE}.attn.to_q {_SINGLE}.attn.to_k {_SINGLE}.attn.to_v {_SINGLE}.proj_mlp",
    "single_blocks.#.linear2": f"{_SINGLE}.proj_out",
}
FLUX_2 = {
    **_BOTH,
    **_double_block(flux_1=False),
    **_embedder("time_in", "time_guidance_embed.timestep_embedder"),
    **_embedder("guidance_in", "time_guidance_embed.guidance_embedder"),
    "double_stream_modulation_img.lin": "double_stream_modulation_img.linear",
    "double_stream_modulation_txt.lin": "double_stream_modulation_txt.linear",
    "single_stream_modulation.lin": "single_stream_modulation.linear",
    "single_blocks.#.linear1": f"{_SINGLE}.attn.to_qkv_mlp_proj",
    "single_blocks.#.linear2": f"{_SINGLE}.attn.to_out",
}


def flux(table: Mapping[str, str]) -> Callable[[Shapes], Arrangement]:
    def arrange_flux(shapes: Shapes) -> Arrangement:
        width = shapes["img_in.weight"][0]
        made: Arrangement = {}
        for key, shape in shapes.items():
            module, _, leaf = key.rpartition(".")
            number = re.search(r"(?<=\.)\d+(?=\.)", module)
            pattern = module[: number.start()] + "#" + module[number.end() :] if number else module
            names = table.get(pattern, "").replace("#", number.group() if number else "#").split()
            if not names:
                continue  # what is then missing is missed when the module is filled
            leaf = "weight" if leaf == "scale" else leaf
            if module == _HALVES_SWAPPED and len(names) == 1:
                half = shape[0] // 2
                made[f"{names[0]}.{leaf}"] = Take(key, shape, ((half, 2 * half), (0, half)))
            elif len(names) == 1:
                made[f"{names[0]}.{leaf}"] = Take(key, shape)
            else:
                ends = [min(width * i, shape[0]) for i in range(len(names))] + [shape[0]]
                for name, start, stop in zip(names, ends[:-1], ends[1:], strict=True):
                    made[f"{name}.{leaf}"] = Take(key, (stop - start, *shape[1:]), ((start, stop),))
        return made

    return arrange_flux
