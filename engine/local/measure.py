"""A component's config, as far as the shapes of its tensors tell it.

A single file has no config of its own: the bundled one of its architecture (`configs/NAME.json`) gives what
shapes do not tell (axes of the rotary embedding, epsilons, scaling factors), the shapes give depths and
widths, so that a model with layers taken out still loads. `IDENTITY` are the numbers that make two models of
one class different models.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .takes import Shapes

CONFIGS = Path(__file__).parent / "configs"

Config = dict[str, Any]

# Dotted names in the config.
IDENTITY: dict[str, tuple[str, ...]] = {
    "QwenImageTransformer2DModel": ("in_channels", "joint_attention_dim", "use_additional_t_cond"),
    "QwenImage21Transformer2DModel": ("in_channels", "context_in_dim"),
    "FluxTransformer2DModel": (
        "in_channels",
        "joint_attention_dim",
        "pooled_projection_dim",
        "guidance_embeds",
    ),
    "Flux2Transformer2DModel": (
        "in_channels",
        "joint_attention_dim",
        "num_attention_heads",
        "guidance_embeds",
    ),
    "Qwen2_5_VLForConditionalGeneration": ("text_config.hidden_size",),
    "Qwen3VLForConditionalGeneration": ("text_config.hidden_size",),
    "Qwen3ForCausalLM": ("hidden_size",),
    "Mistral3ForConditionalGeneration": ("text_config.hidden_size",),
    "T5EncoderModel": ("d_model", "vocab_size"),
    "CLIPTextModel": ("hidden_size",),
    "AutoencoderKL": ("latent_channels", "in_channels", "use_quant_conv"),
    "AutoencoderKLFlux2": ("latent_channels", "in_channels"),
    "AutoencoderKLQwenImage": ("z_dim", "input_channels", "base_dim"),
    "AutoencoderKLQwenImage21": ("z_dim", "base_dim"),
}


@cache
def bundled(name: str, folder: Path = CONFIGS) -> Config:
    """`configs/NAME.json`; not to be changed by who asks."""
    config: Config = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return config


def measured(class_name: str, shapes: Shapes, known: Config) -> Config:
    """What the parameters' shapes say, as a config of its own. `known` gives the width of a head where no
    norm tells it.

    KeyError or ValueError where parameters are missing that every model of the class has.
    """
    return _MEASURES[class_name](shapes, known)


def merged(config: Mapping[str, Any], changes: Mapping[str, Any]) -> Config:
    """`config` with `changes`, key by key, also within a config's own configs."""
    both = dict(config)
    for key, value in changes.items():
        inner = both.get(key)
        both[key] = (
            merged(inner, value) if isinstance(value, Mapping) and isinstance(inner, Mapping) else value
        )
    return both


def differs(class_name: str, config: Config, other: Config) -> tuple[str, Any, Any] | None:
    """The first of `IDENTITY` in which two configs do not agree: its name and both values."""
    for name in IDENTITY[class_name]:
        ours, theirs = _dotted(config, name), _dotted(other, name)
        if isinstance(ours, bool) and theirs is None:
            theirs = False  # what a config does not mention is off
        if ours is not None and theirs is not None and ours != theirs:
            return name, ours, theirs
    return None


def text(config: Config) -> Config:
    """The language half of a config: itself where there is no other half."""
    inner: Config = config.get("text_config") or config
    return inner


def hidden_size(config: Mapping[str, Any]) -> int:
    """The width of an encoder."""
    inner = config.get("text_config") or config
    return int(inner.get("hidden_size") or inner.get("d_model") or config["hidden_size"])


def _dotted(config: Config, name: str) -> Any:
    for word in name.split("."):
        if word == "text_config":
            config = text(config)  # older configs have its numbers at the top
        else:
            value = config.get(word)
    return value


def _count(shapes: Shapes, stem: str) -> int:
    """How many blocks there are under `stem.0`, `stem.1`, …; ValueError if one between them is missing."""
    numbers = {int(key[len(stem) + 1 :].split(".")[0]) for key in shapes if key.startswith(f"{stem}.")}
    if numbers != set(range(len(numbers))):
        raise ValueError(stem)
    return len(numbers)


def _qwen_transformer(shapes: Shapes, known: Config) -> Config:
    head = shapes["transformer_blocks.0.attn.norm_q.weight"][0]
    patch = known["patch_size"] ** 2
    return {
        "num_layers": _count(shapes, "transformer_blocks"),
        "attention_head_dim": head,
        "num_attention_heads": shapes["img_in.weight"][0] // head,
        "in_channels": shapes["img_in.weight"][1],
        "out_channels": shapes["proj_out.weight"][0] // patch,
        "joint_attention_dim": shapes["txt_in.weight"][1],
        "use_additional_t_cond": "time_text_embed.addition_t_embedding.weight" in shapes,
    }


def _qwen21_transformer(shapes: Shapes, known: Config) -> Config:
    head = shapes["transformer_blocks.0.attn.norm_q.weight"][0]
    return {
        "num_layers": _count(shapes, "transformer_blocks"),
        "attention_head_dim": head,
        "num_attention_heads": shapes["img_in.weight"][0] // head,
        "in_channels": shapes["img_in.weight"][1],
        "context_in_dim": shapes["txt_in.in_layer.weight"][1],
    }


def _flux_transformer(shapes: Shapes, known: Config) -> Config:
    head = shapes["transformer_blocks.0.attn.norm_q.weight"][0]
    embedding = (
        "time_text_embed"
        if "time_text_embed.timestep_embedder.linear_1.weight" in shapes
        else "time_guidance_embed"
    )
    found = {
        "num_layers": _count(shapes, "transformer_blocks"),
        "num_single_layers": _count(shapes, "single_transformer_blocks"),
        "attention_head_dim": head,
        "num_attention_heads": shapes["x_embedder.weight"][0] // head,
        "in_channels": shapes["x_embedder.weight"][1],
        "joint_attention_dim": shapes["context_embedder.weight"][1],
        "guidance_embeds": f"{embedding}.guidance_embedder.linear_1.weight" in shapes,
    }
    pooled = shapes.get("time_text_embed.text_embedder.linear_1.weight")
    return found if pooled is None else {**found, "pooled_projection_dim": pooled[1]}


def _decoder(stem: str) -> Callable[[Shapes, Config], Config]:
    """A language model of the Llama kind, whose parameters stand under `stem`."""

    def measure(shapes: Shapes, known: Config) -> Config:
        first, own = f"{stem}layers.0", text(known)
        norm = shapes.get(f"{first}.self_attn.q_norm.weight")
        head = norm[0] if norm else own.get("head_dim") or own["hidden_size"] // own["num_attention_heads"]
        vocabulary, width = shapes[f"{stem}embed_tokens.weight"]
        return {
            "hidden_size": width,
            "vocab_size": vocabulary,
            "intermediate_size": shapes[f"{first}.mlp.gate_proj.weight"][0],
            "num_hidden_layers": _count(shapes, f"{stem}layers"),
            "num_attention_heads": shapes[f"{first}.self_attn.q_proj.weight"][0] // head,
            "num_key_value_heads": shapes[f"{first}.self_attn.k_proj.weight"][0] // head,
        }

    return measure


def _inner(measure: Callable[[Shapes, Config], Config]) -> Callable[[Shapes, Config], Config]:
    return lambda shapes, known: {"text_config": measure(shapes, known)}


def _vision_language(shapes: Shapes, known: Config) -> Config:
    vision = known["vision_config"]
    head = vision["hidden_size"] // vision["num_heads"]
    width = shapes["visual.patch_embed.proj.weight"][0]
    words = _decoder("language_model.")(shapes, known)
    gate = (
        shapes.get("visual.blocks.0.mlp.gate_proj.weight") or shapes["visual.blocks.0.mlp.linear_fc1.weight"]
    )
    pictures = {
        "depth": _count(shapes, "visual.blocks"),
        "hidden_size": width,
        "num_heads": width // head,
        "intermediate_size": gate[0],
        "out_hidden_size": words["hidden_size"],
    }
    return {"text_config": words, "vision_config": pictures}


def _t5(shapes: Shapes, known: Config) -> Config:
    block = "encoder.block.0.layer"
    gated = f"{block}.1.DenseReluDense.wi_0.weight" in shapes
    vocabulary, width = shapes["shared.weight"]
    return {
        "d_model": width,
        "vocab_size": vocabulary,
        "num_layers": _count(shapes, "encoder.block"),
        "num_heads": shapes[f"{block}.0.SelfAttention.q.weight"][0] // known["d_kv"],
        "d_ff": shapes[f"{block}.1.DenseReluDense.{'wi_0' if gated else 'wi'}.weight"][0],
    }


def _clip(shapes: Shapes, known: Config) -> Config:
    vocabulary, width = shapes["embeddings.token_embedding.weight"]
    return {
        "hidden_size": width,
        "vocab_size": vocabulary,
        "max_position_embeddings": shapes["embeddings.position_embedding.weight"][0],
        "num_hidden_layers": _count(shapes, "encoder.layers"),
        "num_attention_heads": width // (known["hidden_size"] // known["num_attention_heads"]),
        "intermediate_size": shapes["encoder.layers.0.mlp.fc1.weight"][0],
        "projection_dim": width,
    }


def _kl_vae(shapes: Shapes, known: Config) -> Config:
    levels = _count(shapes, "encoder.down_blocks")
    widths = [shapes[f"encoder.down_blocks.{level}.resnets.0.conv1.weight"][0] for level in range(levels)]
    return {
        "in_channels": shapes["encoder.conv_in.weight"][1],
        "latent_channels": shapes["decoder.conv_in.weight"][1],
        "block_out_channels": widths,
        "layers_per_block": _count(shapes, "encoder.down_blocks.0.resnets"),
        "use_quant_conv": "quant_conv.weight" in shapes,
        "use_post_quant_conv": "post_quant_conv.weight" in shapes,
    }


def _qwen_vae(shapes: Shapes, known: Config) -> Config:
    return {
        "base_dim": shapes["encoder.conv_in.weight"][0],
        "z_dim": shapes["decoder.conv_in.weight"][1],
        "input_channels": shapes["encoder.conv_in.weight"][1],
    }


def _qwen21_vae(shapes: Shapes, known: Config) -> Config:
    return {"base_dim": shapes["encoder.conv_in.weight"][0], "z_dim": shapes["decoder.conv_in.weight"][1]}


_MEASURES: dict[str, Callable[[Shapes, Config], Config]] = {
    "QwenImageTransformer2DModel": _qwen_transformer,
    "QwenImage21Transformer2DModel": _qwen21_transformer,
    "FluxTransformer2DModel": _flux_transformer,
    "Flux2Transformer2DModel": _flux_transformer,
    "Qwen2_5_VLForConditionalGeneration": _vision_language,
    "Qwen3VLForConditionalGeneration": _vision_language,
    "Qwen3ForCausalLM": _decoder(""),
    "Mistral3ForConditionalGeneration": _inner(_decoder("")),
    "T5EncoderModel": _t5,
    "CLIPTextModel": _clip,
    "AutoencoderKL": _kl_vae,
    "AutoencoderKLFlux2": _kl_vae,
    "AutoencoderKLQwenImage": _qwen_vae,
    "AutoencoderKLQwenImage21": _qwen21_vae,
}
