"""The names that the same weights go by: from any published layout to what diffusers and transformers build.

`arrange` works on names and shapes alone, so that what a file is can be told from its header.
"""

from __future__ import annotations

from collections.abc import Callable

from .flux_layout import FLUX_1, FLUX_2, flux
from .takes import Arrangement, Shapes, Take
from .vae_layout import ldm_vae, wan22_vae, wan_vae

# Folders of names that a component stands under in a file that was saved as part of something larger.
PREFIXES = ("", "model.diffusion_model.", "diffusion_model.", "transformer.", "first_stage_model.", "vae.")


def _renamed(name: Callable[[str], str | None]) -> Callable[[Shapes], Arrangement]:
    """Tensors as they are, under other names; None leaves one out."""

    def arrange_names(shapes: Shapes) -> Arrangement:
        named = ((name(key), Take(key, shape)) for key, shape in shapes.items())
        return {target: take for target, take in named if target is not None}

    return arrange_names


def _gates_apart(shapes: Shapes) -> Arrangement:
    """Qwen-Image-2.1 as ComfyUI has it: the gate and the projection beside it are one matrix."""
    made: Arrangement = {}
    for key, shape in shapes.items():
        stem, fused, leaf = key.rpartition(".gate_up.")
        if not fused:
            made[key] = Take(key, shape)
            continue
        half = shape[0] // 2
        for number, name in enumerate(("gate_layer", "proj")):
            rows = ((number * half, (number + 1) * half),)
            made[f"{stem}.{name}.{leaf}"] = Take(key, (half, *shape[1:]), rows)
    return made


def _vision_language(key: str) -> str | None:
    """Qwen2.5-VL and Qwen3-VL: older files have the words at the top and the pictures beside them."""
    key = key.removeprefix("model.")
    if key.startswith("lm_head."):
        return None
    return key if key.startswith(("visual.", "language_model.")) else f"language_model.{key}"


def _language(key: str) -> str | None:
    """Qwen3 and the language half of Mistral 3 (FLUX.2 never shows it a picture)."""
    for prefix in ("language_model.model.", "model.language_model.", "language_model.", "model."):
        key = key.removeprefix(prefix)
    unread = ("lm_head.", "vision_tower.", "multi_modal_projector.", "visual.")
    return None if key.startswith(unread) or key == "tekken_model" else key


def _clip(key: str) -> str | None:
    key = key.removeprefix("text_model.")
    return (
        key
        if key.startswith(
            ("embeddings.token", "embeddings.position_embedding", "encoder.", "final_layer_norm.")
        )
        else None
    )


def _t5(key: str) -> str | None:
    return key if key.startswith(("encoder.", "shared.")) else None


_same = _renamed(lambda key: key)
_QWEN_IMAGE = "transformer_blocks.0.attn.add_q_proj.weight txt_norm.weight"

# class -> its layouts: the names that only they have, and how to bring them into order. diffusers' own stands
# first.
LAYOUTS: dict[str, tuple[tuple[str, Callable[[Shapes], Arrangement]], ...]] = {
    "QwenImageTransformer2DModel": (
        (_QWEN_IMAGE, _renamed(lambda key: None if key == "__index_timestep_zero__" else key)),
    ),
    "QwenImage21Transformer2DModel": (
        (
            "txt_in.text_norm.weight modulation.1.weight transformer_blocks.0.img_mlp.gate_up.weight",
            _gates_apart,
        ),
        ("txt_in.text_norm.weight modulation.1.weight", _same),
    ),
    "FluxTransformer2DModel": (
        ("time_text_embed.text_embedder.linear_1.weight single_transformer_blocks.0.proj_mlp.weight", _same),
        ("vector_in.in_layer.weight single_blocks.0.linear1.weight img_in.weight", flux(FLUX_1)),
    ),
    "Flux2Transformer2DModel": (
        ("single_stream_modulation.linear.weight x_embedder.weight", _same),
        ("single_stream_modulation.lin.weight img_in.weight", flux(FLUX_2)),
    ),
    "Qwen2_5_VLForConditionalGeneration": (
        ("model.layers.0.self_attn.q_proj.bias visual.patch_embed.proj.weight", _renamed(_vision_language)),
        (
            "model.language_model.layers.0.self_attn.q_proj.bias model.visual.merger.ln_q.weight",
            _renamed(_vision_language),
        ),
    ),
    "Qwen3VLForConditionalGeneration": (
        (
            "model.language_model.layers.0.self_attn.q_norm.weight model.visual.pos_embed.weight",
            _renamed(_vision_language),
        ),
        ("model.layers.0.self_attn.q_norm.weight visual.pos_embed.weight", _renamed(_vision_language)),
        ("model.layers.0.self_attn.q_norm.weight model.visual.pos_embed.weight", _renamed(_vision_language)),
    ),
    "Qwen3ForCausalLM": (
        ("model.layers.0.self_attn.q_norm.weight model.embed_tokens.weight", _renamed(_language)),
    ),
    "Mistral3ForConditionalGeneration": (
        (
            "model.language_model.layers.0.self_attn.q_proj.weight model.multi_modal_projector.norm.weight",
            _renamed(_language),
        ),
        ("language_model.model.layers.0.self_attn.q_proj.weight", _renamed(_language)),
        ("model.layers.0.self_attn.q_proj.weight model.embed_tokens.weight", _renamed(_language)),
    ),
    "T5EncoderModel": (("encoder.block.0.layer.0.SelfAttention.q.weight shared.weight", _renamed(_t5)),),
    "CLIPTextModel": (
        ("text_model.embeddings.position_embedding.weight", _renamed(_clip)),
        ("embeddings.position_embedding.weight encoder.layers.0.mlp.fc1.weight", _renamed(_clip)),
    ),
    "AutoencoderKL": (
        ("encoder.mid_block.attentions.0.group_norm.weight", _same),
        ("encoder.mid.attn_1.q.weight", ldm_vae),
    ),
    "AutoencoderKLFlux2": (
        ("encoder.mid_block.attentions.0.group_norm.weight bn.running_mean", _same),
        ("encoder.mid.attn_1.q.weight bn.running_mean", ldm_vae),
    ),
    "AutoencoderKLQwenImage": (
        ("encoder.mid_block.attentions.0.to_qkv.weight encoder.down_blocks.0.norm1.gamma", _same),
        ("encoder.middle.0.residual.0.gamma decoder.upsamples.0.residual.0.gamma", wan_vae),
    ),
    "AutoencoderKLQwenImage21": (
        ("encoder.mid_block.attentions.0.to_qkv.weight encoder.down_blocks.0.resnets.0.norm1.gamma", _same),
        ("encoder.middle.0.residual.0.gamma decoder.upsamples.0.upsamples.0.residual.0.gamma", wan22_vae),
    ),
}
# Names that another class has as well, and that rule this one out.
_NOT = {
    "AutoencoderKL": ("bn.running_mean",),
    "Mistral3ForConditionalGeneration": (
        "model.layers.0.self_attn.q_norm.weight",
        "model.layers.0.self_attn.q_proj.bias",
    ),
    "Qwen3ForCausalLM": ("visual.pos_embed.weight", "model.visual.pos_embed.weight"),
}


def arrange(class_name: str, shapes: Shapes) -> Arrangement | None:
    """Parameter name -> what to take for it, or None where the tensors are not those of `class_name`."""
    for prefix in PREFIXES:
        for marks, order in LAYOUTS[class_name]:
            if not all(f"{prefix}{mark}" in shapes for mark in marks.split()):
                continue
            if any(f"{prefix}{name}" in shapes for name in _NOT.get(class_name, ())):
                continue
            own = {key[len(prefix) :]: shape for key, shape in shapes.items() if key.startswith(prefix)}
            made = order(own)
            return {name: Take(prefix + take.key, take.shape, take.rows) for name, take in made.items()}
    return None


def recognise(shapes: Shapes) -> str | None:
    """The class whose tensors these are."""
    return next((name for name in LAYOUTS if arrange(name, shapes) is not None), None)
