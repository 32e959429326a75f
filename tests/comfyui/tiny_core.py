"""Tiny models with random weights that core ComfyUI's own loaders take, under the real files' names.

The layouts (which keys, which shapes) are those of the published files; widths and depths are the least that
works. Where core does not read a size off the file, `testing_pack/shrink.py` sets it to the same number.
"""

from collections.abc import Callable
from math import prod
from pathlib import Path

import torch
from safetensors.torch import save_file

from ..testing_pack.sizes import HEAD, PICTURE, QWEN_PICTURE, TAPS, TEXT, TEXT_MLP, VISION
from . import core_graphs as names

Shapes = dict[str, tuple[int, ...]]
VOCABULARY = {"qwen2.5": 152064, "qwen3": 151936}  # at full length: the tokenizer is the real one
LEVELS = (1, 2, 4, 4)  # channel multipliers of both VAEs, from the picture down


def write_tiny_core(models_dir: Path) -> dict[str, Path]:
    """Write all six files below `models_dir` (21 MB, bfloat16, the same bytes every time): name -> path."""
    written = {}
    for seed, (file, layout) in enumerate(_files().items()):
        path = models_dir / file.directory / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(_random(layout(), seed), path)
        written[file.name] = path
    return written


def _files() -> dict[names.CoreFile, Callable[[], Shapes]]:
    return {
        names.QWEN_UNET: _qwen_transformer,
        names.QWEN_CLIP: _qwen25_vl,
        names.QWEN_VAE: _qwen_vae,
        names.FLUX_UNET: _flux2_transformer,
        names.FLUX_CLIP: _qwen3,
        names.FLUX_VAE: _flux2_vae,
    }


def _random(shapes: Shapes, seed: int) -> dict[str, torch.Tensor]:
    """Weights that keep the scale of what passes through them: the picture is neither grey nor NaN."""
    generator = torch.Generator().manual_seed(seed)
    return {name: _tensor(name, shape, generator) for name, shape in shapes.items()}


def _tensor(name: str, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    if name.endswith((".bias", ".running_mean")):
        return torch.zeros(shape, dtype=torch.bfloat16)
    if len(shape) == 1 or name.endswith(".gamma"):  # the gain of a normalisation
        return torch.ones(shape, dtype=torch.bfloat16)
    spread = 1.0 if "embed_tokens" in name else prod(shape[1:]) ** -0.5
    return (torch.randn(shape, generator=generator) * spread).to(torch.bfloat16)


# --- transformers


def _qwen_transformer() -> Shapes:
    block = "transformer_blocks.0"
    shapes = {
        **_layer("time_text_embed.timestep_embedder.linear_1", HEAD, 256),
        **_layer("time_text_embed.timestep_embedder.linear_2", HEAD, HEAD),
        "txt_norm.weight": (TEXT,),
        **_layer("img_in", HEAD, 64),  # 16 latent channels x a patch of 2x2
        **_layer("txt_in", HEAD, TEXT),
        **_layer("norm_out.linear", 2 * HEAD, HEAD),
        **_layer("proj_out", 64, HEAD),
    }
    for stream in ("img", "txt"):
        shapes |= _layer(f"{block}.{stream}_mod.1", 6 * HEAD, HEAD)
        shapes |= _layer(f"{block}.{stream}_mlp.net.0.proj", 4 * HEAD, HEAD)
        shapes |= _layer(f"{block}.{stream}_mlp.net.2", HEAD, 4 * HEAD)
    for layer in ("to_q", "to_k", "to_v", "add_q_proj", "add_k_proj", "add_v_proj", "to_out.0", "to_add_out"):
        shapes |= _layer(f"{block}.attn.{layer}", HEAD, HEAD)
    for norm in ("norm_q", "norm_k", "norm_added_q", "norm_added_k"):
        shapes[f"{block}.attn.{norm}.weight"] = (HEAD,)
    return shapes


def _flux2_transformer() -> Shapes:
    mlp = 3 * HEAD  # twice on the way in: the other half is the gate
    weights = {
        "img_in": (HEAD, 128),  # FLUX.2's latent channels
        "txt_in": (HEAD, TEXT * len(TAPS)),
        "time_in.in_layer": (HEAD, 256),
        "time_in.out_layer": (HEAD, HEAD),
        "double_stream_modulation_img.lin": (6 * HEAD, HEAD),
        "double_stream_modulation_txt.lin": (6 * HEAD, HEAD),
        "single_stream_modulation.lin": (3 * HEAD, HEAD),
        "single_blocks.0.linear1": (3 * HEAD + 2 * mlp, HEAD),
        "single_blocks.0.linear2": (HEAD, HEAD + mlp),
        "final_layer.adaLN_modulation.1": (2 * HEAD, HEAD),
        "final_layer.linear": (128, HEAD),
    }
    norms = ["single_blocks.0.norm"]
    for stream in ("double_blocks.0.img", "double_blocks.0.txt"):
        weights[f"{stream}_attn.qkv"] = (3 * HEAD, HEAD)
        weights[f"{stream}_attn.proj"] = (HEAD, HEAD)
        weights[f"{stream}_mlp.0"] = (2 * mlp, HEAD)
        weights[f"{stream}_mlp.2"] = (HEAD, mlp)
        norms.append(f"{stream}_attn.norm")
    shapes: Shapes = {f"{name}.weight": shape for name, shape in weights.items()}
    return shapes | {f"{norm}.{which}_norm.scale": (HEAD,) for norm in norms for which in ("query", "key")}


# --- text encoders


def _qwen25_vl() -> Shapes:
    # 4 heads for keys and values of HEAD each: core knows the 7B by the 512 of k_proj.bias.
    return _language_model(VOCABULARY["qwen2.5"], layers=1, heads=4, bias=True) | _vision()


def _qwen3() -> Shapes:
    shapes = _language_model(VOCABULARY["qwen3"], layers=len(TAPS), heads=1, bias=False)
    for i in range(len(TAPS)):
        for norm in ("q_norm", "k_norm"):
            shapes[f"model.layers.{i}.self_attn.{norm}.weight"] = (HEAD,)
    return shapes


def _language_model(vocabulary: int, layers: int, heads: int, bias: bool) -> Shapes:
    shapes: Shapes = {"model.embed_tokens.weight": (vocabulary, TEXT), "model.norm.weight": (TEXT,)}
    for i in range(layers):
        layer = f"model.layers.{i}"
        for projection in ("q_proj", "k_proj", "v_proj"):
            shapes |= _layer(f"{layer}.self_attn.{projection}", heads * HEAD, TEXT, bias=bias)
        shapes |= _layer(f"{layer}.self_attn.o_proj", TEXT, heads * HEAD, bias=False)
        shapes |= _layer(f"{layer}.mlp.gate_proj", TEXT_MLP, TEXT, bias=False)
        shapes |= _layer(f"{layer}.mlp.up_proj", TEXT_MLP, TEXT, bias=False)
        shapes |= _layer(f"{layer}.mlp.down_proj", TEXT, TEXT_MLP, bias=False)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"{layer}.{norm}.weight"] = (TEXT,)
    return shapes


def _vision() -> Shapes:
    block, merged = "visual.blocks.0", 4 * VISION  # four patches become one token
    shapes = {
        **_layer("visual.patch_embed.proj", VISION, 3, (2, 14, 14), bias=False),
        **_layer(f"{block}.attn.qkv", 3 * VISION, VISION),
        **_layer(f"{block}.attn.proj", VISION, VISION),
        **_layer("visual.merger.mlp.0", merged, merged),
        **_layer("visual.merger.mlp.2", TEXT, merged),
    }
    for projection in ("gate_proj", "up_proj", "down_proj"):
        shapes |= _layer(f"{block}.mlp.{projection}", VISION, VISION)
    norms = (f"{block}.norm1", f"{block}.norm2", "visual.merger.ln_q")
    return shapes | {f"{norm}.weight": (VISION,) for norm in norms}


# --- VAEs


def _flux2_vae() -> Shapes:
    """FLUX.2's: 32 channels at 1/8, as 128 at 1/16 after the 2x2 shuffle that its `bn` statistics are for."""
    top, latent = PICTURE * LEVELS[-1], 32
    down, up = _flux2_levels("encoder.down", rising=True), _flux2_levels("decoder.up", rising=False)
    return {
        **_layer("encoder.conv_in", PICTURE, 3, (3, 3)),
        **down,
        **_flux2_middle("encoder.mid", top),
        **_group_norm("encoder.norm_out", top),
        **_layer("encoder.conv_out", 2 * latent, top, (3, 3)),
        **_layer("quant_conv", 2 * latent, 2 * latent, (1, 1)),
        **_layer("post_quant_conv", latent, latent, (1, 1)),
        **_layer("decoder.conv_in", top, latent, (3, 3)),
        **_flux2_middle("decoder.mid", top),
        **up,
        **_group_norm("decoder.norm_out", PICTURE),
        **_layer("decoder.conv_out", 3, PICTURE, (3, 3)),
        "bn.running_mean": (4 * latent,),
        "bn.running_var": (4 * latent,),
        "bn.num_batches_tracked": (),
    }


def _flux2_levels(name: str, rising: bool) -> Shapes:
    """Two blocks a level and a halving on the way down, three and a doubling on the way up."""
    shapes: Shapes = {}
    channels = PICTURE if rising else PICTURE * LEVELS[-1]
    for level in range(4) if rising else reversed(range(4)):
        out = PICTURE * LEVELS[level]
        for block in range(2 if rising else 3):
            shapes |= _flux2_block(f"{name}.{level}.block.{block}", out, channels)
            channels = out
        if level != (3 if rising else 0):
            resize = "downsample" if rising else "upsample"
            shapes |= _layer(f"{name}.{level}.{resize}.conv", out, out, (3, 3))
    return shapes


def _flux2_block(name: str, out: int, into: int) -> Shapes:
    return {
        **_group_norm(f"{name}.norm1", into),
        **_layer(f"{name}.conv1", out, into, (3, 3)),
        **_group_norm(f"{name}.norm2", out),
        **_layer(f"{name}.conv2", out, out, (3, 3)),
        **({} if out == into else _layer(f"{name}.nin_shortcut", out, into, (1, 1))),
    }


def _flux2_middle(name: str, width: int) -> Shapes:
    shapes = _group_norm(f"{name}.attn_1.norm", width)
    for block in ("block_1", "block_2"):
        shapes |= _flux2_block(f"{name}.{block}", width, width)
    for layer in ("q", "k", "v", "proj_out"):
        shapes |= _layer(f"{name}.attn_1.{layer}", width, width, (1, 1))
    return shapes


def _qwen_vae() -> Shapes:
    """Qwen's, which is Wan 2.1's video VAE: 16 channels at 1/8, blocks and resizes numbered as one row."""
    dim, top, latent = QWEN_PICTURE, QWEN_PICTURE * LEVELS[-1], 16
    return {
        **_layer("encoder.conv1", dim, 3, (3, 3, 3)),
        **_qwen_levels("encoder.downsamples", rising=True),
        **_qwen_middle("encoder.middle", top),
        "encoder.head.0.gamma": (top, 1, 1, 1),
        **_layer("encoder.head.2", 2 * latent, top, (3, 3, 3)),
        **_layer("conv1", 2 * latent, 2 * latent, (1, 1, 1)),
        **_layer("conv2", latent, latent, (1, 1, 1)),
        **_layer("decoder.conv1", top, latent, (3, 3, 3)),
        **_qwen_middle("decoder.middle", top),
        **_qwen_levels("decoder.upsamples", rising=False),
        "decoder.head.0.gamma": (dim, 1, 1, 1),
        **_layer("decoder.head.2", 3, dim, (3, 3, 3)),
    }


def _qwen_levels(name: str, rising: bool) -> Shapes:
    """As in FLUX.2's, but a doubling also halves the channels, and two of the three resizes know time."""
    shapes: Shapes = {}
    channels, row = (QWEN_PICTURE if rising else QWEN_PICTURE * LEVELS[-1]), 0
    for step, multiplier in enumerate(LEVELS if rising else reversed(LEVELS)):
        out = QWEN_PICTURE * multiplier
        for _ in range(2 if rising else 3):
            shapes |= _qwen_block(f"{name}.{row}", out, channels)
            channels, row = out, row + 1
        if step == 3:
            continue
        channels = out if rising else out // 2
        shapes |= _layer(f"{name}.{row}.resample.1", channels, out, (3, 3))
        if step in ((1, 2) if rising else (0, 1)):
            shapes |= _layer(f"{name}.{row}.time_conv", out if rising else 2 * out, out, (3, 1, 1))
        row += 1
    return shapes


def _qwen_block(name: str, out: int, into: int) -> Shapes:
    return {
        f"{name}.residual.0.gamma": (into, 1, 1, 1),
        **_layer(f"{name}.residual.2", out, into, (3, 3, 3)),
        f"{name}.residual.3.gamma": (out, 1, 1, 1),
        **_layer(f"{name}.residual.6", out, out, (3, 3, 3)),
        **({} if out == into else _layer(f"{name}.shortcut", out, into, (1, 1, 1))),
    }


def _qwen_middle(name: str, width: int) -> Shapes:
    return {
        **_qwen_block(f"{name}.0", width, width),
        f"{name}.1.norm.gamma": (width, 1, 1),
        **_layer(f"{name}.1.to_qkv", 3 * width, width, (1, 1)),
        **_layer(f"{name}.1.proj", width, width, (1, 1)),
        **_qwen_block(f"{name}.2", width, width),
    }


def _layer(name: str, out: int, into: int, kernel: tuple[int, ...] = (), bias: bool = True) -> Shapes:
    return {f"{name}.weight": (out, into, *kernel), **({f"{name}.bias": (out,)} if bias else {})}


def _group_norm(name: str, channels: int) -> Shapes:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}
