"""Tensors of diffusers and transformers modules under the names that ComfyUI's single files have for them: written here once
more, the other way round, and not taken from the engine."""

from __future__ import annotations

import re
from collections.abc import Callable

import torch

from . import tokenizers

State = dict[str, torch.Tensor]
_MLP = {"1": ("net.0.proj", "net.2"), "2": ("linear_in", "linear_out")}


def _flux_1(state: State) -> State:
    names = (
        ("x_embedder.", "img_in."), ("context_embedder.", "txt_in."), ("proj_out.", "final_layer.linear."),
        ("time_text_embed.timestep_embedder.linear_1.", "time_in.in_layer."), ("time_text_embed.timestep_embedder.linear_2.", "time_in.out_layer."),
        ("time_text_embed.guidance_embedder.linear_1.", "guidance_in.in_layer."), ("time_text_embed.guidance_embedder.linear_2.", "guidance_in.out_layer."),
        ("time_text_embed.text_embedder.linear_1.", "vector_in.in_layer."), ("time_text_embed.text_embedder.linear_2.", "vector_in.out_layer."),
    )  # fmt: skip
    return _flux(state, names, "1")


def _flux_2(state: State) -> State:
    names = (
        ("x_embedder.", "img_in."), ("context_embedder.", "txt_in."), ("proj_out.", "final_layer.linear."),
        ("time_guidance_embed.timestep_embedder.linear_1.", "time_in.in_layer."), ("time_guidance_embed.timestep_embedder.linear_2.", "time_in.out_layer."),
        ("time_guidance_embed.guidance_embedder.linear_1.", "guidance_in.in_layer."), ("time_guidance_embed.guidance_embedder.linear_2.", "guidance_in.out_layer."),
        ("double_stream_modulation_img.linear.", "double_stream_modulation_img.lin."),
        ("double_stream_modulation_txt.linear.", "double_stream_modulation_txt.lin."),
        ("single_stream_modulation.linear.", "single_stream_modulation.lin."),
    )  # fmt: skip
    return _flux(state, names, "2")


def _flux(state: State, names: tuple[tuple[str, str], ...], kind: str) -> State:
    made: State = {}
    for name, tensor in state.items():
        old = next((new + name[len(start) :] for start, new in names if name.startswith(start)), None)
        if old is not None:
            made[old] = tensor
    for leaf in ("weight", "bias"):
        if (last := state.get(f"norm_out.linear.{leaf}")) is not None:
            scale, shift = last.chunk(2)
            made[f"final_layer.adaLN_modulation.1.{leaf}"] = torch.cat([shift, scale])
    for number in _numbers(state, "transformer_blocks"):
        made |= _flux_double(state, f"transformer_blocks.{number}.", f"double_blocks.{number}.", kind)
    for number in _numbers(state, "single_transformer_blocks"):
        made |= _flux_single(state, f"single_transformer_blocks.{number}.", f"single_blocks.{number}.", kind)
    return made


def _flux_double(state: State, new: str, old: str, kind: str) -> State:
    made: State = {}
    streams = (("img", "to_q to_k to_v", "to_out.0", "norm_q norm_k", "ff", "norm1"),
               ("txt", "add_q_proj add_k_proj add_v_proj", "to_add_out", "norm_added_q norm_added_k", "ff_context", "norm1_context"))  # fmt: skip
    for stream, projections, out, norms, mlp, modulation in streams:
        pairs = [
            (f"attn.{out}", "attn.proj"),
            (f"{mlp}.{_MLP[kind][0]}", "mlp.0"),
            (f"{mlp}.{_MLP[kind][1]}", "mlp.2"),
        ]
        pairs += [(f"{modulation}.linear", "mod.lin")]
        for leaf in ("weight", "bias"):
            parts = [state.get(f"{new}attn.{name}.{leaf}") for name in projections.split()]
            if parts[0] is not None:
                made[f"{old}{stream}_attn.qkv.{leaf}"] = torch.cat(parts)
            for ours, theirs in pairs:
                if f"{new}{ours}.{leaf}" in state:
                    made[f"{old}{stream}_{theirs}.{leaf}"] = state[f"{new}{ours}.{leaf}"]
        for name, which in zip(norms.split(), ("query", "key"), strict=True):
            made[f"{old}{stream}_attn.norm.{which}_norm.scale"] = state[f"{new}attn.{name}.weight"]
    return made


def _flux_single(state: State, new: str, old: str, kind: str) -> State:
    made: State = {}
    for name, which in (("norm_q", "query"), ("norm_k", "key")):
        made[f"{old}norm.{which}_norm.scale"] = state[f"{new}attn.{name}.weight"]
    if kind == "2":
        made[f"{old}linear1.weight"] = state[f"{new}attn.to_qkv_mlp_proj.weight"]
        made[f"{old}linear2.weight"] = state[f"{new}attn.to_out.weight"]
        return made
    for leaf in ("weight", "bias"):
        parts = [state[f"{new}{name}.{leaf}"] for name in ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")]
        made[f"{old}linear1.{leaf}"] = torch.cat(parts)
        made[f"{old}linear2.{leaf}"] = state[f"{new}proj_out.{leaf}"]
        made[f"{old}modulation.lin.{leaf}"] = state[f"{new}norm.linear.{leaf}"]
    return made


def _numbers(state: State, stem: str) -> list[int]:
    return sorted({int(name.split(".")[1]) for name in state if name.startswith(f"{stem}.")})


def _vision_language(state: State) -> State:
    """The older layout, which ComfyUI's files of Qwen2.5-VL have."""
    made = {
        name.replace("model.visual.", "visual.").replace("model.language_model.", "model."): t
        for name, t in state.items()
    }
    return {name: tensor for name, tensor in made.items() if not name.startswith("lm_head.")}


def _mistral(state: State) -> State:
    """ComfyUI's file for FLUX.2 dev: words only, with the tokenizer as a tensor."""
    stems = ("model.language_model.", "language_model.model.")  # the second before transformers 4.52
    words = {
        f"model.{name.removeprefix(stem)}": tensor
        for name, tensor in state.items()
        for stem in stems
        if name.startswith(stem)
    }
    return words | {"tekken_model": torch.frombuffer(bytearray(tokenizers.tekken()), dtype=torch.uint8)}


def _clip(state: State) -> State:
    return {f"text_model.{name.removeprefix('text_model.')}": tensor for name, tensor in state.items()}


def _t5(state: State) -> State:
    return {name: tensor for name, tensor in state.items() if name != "encoder.embed_tokens.weight"}


def _ldm_vae(state: State) -> State:
    levels = 1 + max(_number(r"decoder\.up_blocks\.(\d+)", name) for name in state)
    rules = (
        (r"\.down_blocks\.(\d+)\.resnets\.", r".down.\1.block."),
        (r"\.down_blocks\.(\d+)\.downsamplers\.0\.", r".down.\1.downsample."),
        (r"\.up\.(\d+)\.resnets\.", r".up.\1.block."),
        (r"\.up\.(\d+)\.upsamplers\.0\.", r".up.\1.upsample."),
        (r"\.mid_block\.resnets\.0\.", ".mid.block_1."),
        (r"\.mid_block\.resnets\.1\.", ".mid.block_2."),
        (r"\.mid_block\.attentions\.0\.group_norm\.", ".mid.attn_1.norm."),
        (r"\.mid_block\.attentions\.0\.to_([qkv])\.", r".mid.attn_1.\1."),
        (r"\.mid_block\.attentions\.0\.to_out\.0\.", ".mid.attn_1.proj_out."),
        (r"\.conv_shortcut\.", ".nin_shortcut."),
        (r"\.conv_norm_out\.", ".norm_out."),
    )
    made: State = {}
    for name, tensor in state.items():
        new = re.sub(
            r"decoder\.up_blocks\.(\d+)", lambda found: f"decoder.up.{levels - 1 - int(found[1])}", name
        )
        for pattern, replacement in rules:
            new = re.sub(pattern, replacement, new)
        made[new] = tensor[:, :, None, None] if ".attentions.0.to_" in name and tensor.ndim == 2 else tensor
    return made


def _wan_vae(state: State) -> State:
    rules = (
        (r"^quant_conv\.", "conv1."), (r"^post_quant_conv\.", "conv2."), (r"\.conv_in\.", ".conv1."), (r"\.norm_out\.", ".head.0."),
        (r"\.conv_out\.", ".head.2."), (r"\.mid_block\.resnets\.0\.", ".middle.0."), (r"\.mid_block\.attentions\.0\.", ".middle.1."),
        (r"\.mid_block\.resnets\.1\.", ".middle.2."), (r"encoder\.down_blocks\.", "encoder.downsamples."),
    )  # fmt: skip
    block = ((".norm1.", ".residual.0."), (".conv1.", ".residual.2."), (".norm2.", ".residual.3."), (".conv2.", ".residual.6."),
             (".conv_shortcut.", ".shortcut."))  # fmt: skip
    resnets = 1 + max(_number(r"decoder\.up_blocks\.0\.resnets\.(\d+)", name) for name in state)
    made: State = {}
    for name, tensor in state.items():
        new = name
        if re.search(r"\.(down_blocks|resnets)\.", name):
            for ours, theirs in block:
                new = new.replace(ours, theirs)
        for pattern, replacement in rules:
            new = re.sub(pattern, replacement, new)
        level = re.match(r"decoder\.up_blocks\.(\d+)\.(resnets\.(\d+)|upsamplers\.0)\.", new)
        if level:
            row = int(level[1]) * (resnets + 1) + (int(level[3]) if level[3] else resnets)
            new = f"decoder.upsamples.{row}.{new[level.end() :]}"
        made[new] = tensor
    return made


def _wan22_vae(state: State) -> State:
    rules = (
        (r"^quant_conv\.", "conv1."), (r"^post_quant_conv\.", "conv2."), (r"\.conv_in\.", ".conv1."), (r"\.norm_out\.", ".head.0."),
        (r"\.conv_out\.", ".head.2."), (r"\.mid_block\.resnets\.0\.", ".middle.0."), (r"\.mid_block\.attentions\.0\.", ".middle.1."),
        (r"\.mid_block\.resnets\.1\.", ".middle.2."),
        (r"\.down_blocks\.(\d+)\.resnets\.(\d+)\.", r".downsamples.\1.downsamples.\2."),
        (r"\.up_blocks\.(\d+)\.resnets\.(\d+)\.", r".upsamples.\1.upsamples.\2."),
    )  # fmt: skip
    block = {"norm1": "residual.0", "conv1": "residual.2", "norm2": "residual.3", "conv2": "residual.6",
             "conv_shortcut": "shortcut"}  # fmt: skip
    down, up = (
        1 + max(_number(rf"{half}_blocks\.0\.resnets\.(\d+)", name.partition(".")[2]) for name in state)
        for half in ("down", "up")
    )
    made: State = {}
    for name, tensor in state.items():
        new = re.sub(
            r"(?<=resnets\.)(\d+)\.(\w+)\.",
            lambda found: f"{found[1]}.{block.get(found[2], found[2])}.",
            name,
        )
        for pattern, replacement in rules:
            new = re.sub(pattern, replacement, new)
        new = re.sub(r"\.down_blocks\.(\d+)\.downsampler\.", rf".downsamples.\1.downsamples.{down}.", new)
        new = re.sub(r"\.up_blocks\.(\d+)\.upsampler\.", rf".upsamples.\1.upsamples.{up}.", new)
        made[new] = tensor
    return made


def _gates_together(state: State) -> State:
    made: State = {}
    for name, tensor in state.items():
        if name.endswith(".img_mlp.gate_layer.weight"):
            stem = name.removesuffix("gate_layer.weight")
            made[f"{stem}gate_up.weight"] = torch.cat((tensor, state[f"{stem}proj.weight"]))
        elif not name.endswith(".img_mlp.proj.weight"):
            made[name] = tensor
    return made


def _number(pattern: str, name: str) -> int:
    found = re.match(pattern, name)
    return int(found[1]) if found else 0


def _same(state: State) -> State:
    return state


LAYOUTS: dict[str, Callable[[State], State]] = {
    "QwenImageTransformer2DModel": _same,
    "QwenImage21Transformer2DModel": _gates_together,
    "FluxTransformer2DModel": _flux_1,
    "Flux2Transformer2DModel": _flux_2,
    "Qwen2_5_VLForConditionalGeneration": _vision_language,
    "Qwen3VLForConditionalGeneration": _vision_language,
    "Qwen3ForCausalLM": _same,
    "Mistral3ForConditionalGeneration": _mistral,
    "CLIPTextModel": _clip,
    "T5EncoderModel": _t5,
    "AutoencoderKL": _ldm_vae,
    "AutoencoderKLFlux2": _ldm_vae,
    "AutoencoderKLQwenImage": _wan_vae,
    "AutoencoderKLQwenImage21": _wan22_vae,
}
