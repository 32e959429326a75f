"""Tiny transformers, text encoders and VAEs with random weights: the published classes with the least widths
that work.

Sizes that tell models apart in real life do so here: klein 4B, klein 9B and FLUX.2 dev are 32, 48 and 64
wide. The FLUX.2 encoders have a layer more than the deepest one that is used, because that is what the real
ones are cut down from.
"""

from __future__ import annotations

from typing import Any

from switchyard.engine.local import qwen25_halves

QWEN_WIDTH = 32
CLIP_WIDTH = 32
T5_WIDTH = 40
HEAD = 16


def qwen_transformer(**changes: Any) -> Any:
    from diffusers import QwenImageTransformer2DModel

    return QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=64,
        out_channels=16,
        num_layers=2,
        attention_head_dim=HEAD,
        num_attention_heads=2,
        joint_attention_dim=QWEN_WIDTH,
        axes_dims_rope=(8, 4, 4),
        **changes,
    ).eval()


def qwen21_transformer() -> Any:
    from diffusers import QwenImage21Transformer2DModel

    return QwenImage21Transformer2DModel(
        in_channels=64,
        out_channels=64,
        num_layers=2,
        attention_head_dim=HEAD,
        num_attention_heads=2,
        context_in_dim=QWEN_WIDTH,
        axes_dims_rope=(8, 4, 4),
    ).eval()


def flux_transformer(guidance: bool = True) -> Any:
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(
        in_channels=64,
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=HEAD,
        num_attention_heads=2,
        joint_attention_dim=T5_WIDTH,
        pooled_projection_dim=CLIP_WIDTH,
        guidance_embeds=guidance,
        axes_dims_rope=(4, 4, 8),
    ).eval()


def flux2_transformer(width: int, guidance: bool = False) -> Any:
    """`width`: of the encoder; the transformer is as wide. The embedding is three of the encoder's layers,
    side by side."""
    from diffusers import Flux2Transformer2DModel

    return Flux2Transformer2DModel(
        in_channels=128,
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=HEAD,
        num_attention_heads=width // HEAD,
        joint_attention_dim=3 * width,
        timestep_guidance_channels=256,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=guidance,
    ).eval()


def qwen25_vl(tokenizer: Any) -> Any:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    words = {
        **_text(QWEN_WIDTH, 2, len(tokenizer)),
        "rope_theta": 1e6,
        "rope_scaling": {"type": "mrope", "rope_type": "default", "mrope_section": [2, 3, 3]},
        **_ends(tokenizer),
    }
    if "text_config" in Qwen2_5_VLConfig.sub_configs:
        words = {"text_config": words, **_ends(tokenizer)}  # before transformers 4.52 they stood at the top
    config = Qwen2_5_VLConfig(
        **words,
        vision_config={"depth": 2, "hidden_size": 32, "intermediate_size": 32, "num_heads": 2,
                       "out_hidden_size": QWEN_WIDTH, "fullatt_block_indexes": [1]},
        **_picture_tokens(tokenizer),
    )  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration(config).eval()


def qwen3_vl(tokenizer: Any) -> Any:
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    config = Qwen3VLConfig(
        text_config={
            **_text(QWEN_WIDTH, 2, len(tokenizer)),
            "head_dim": HEAD,
            "rope_theta": 1e6,
            "rope_scaling": {"rope_type": "default", "mrope_section": [2, 3, 3], "mrope_interleaved": True},
        },
        vision_config={"depth": 2, "hidden_size": 32, "intermediate_size": 32, "num_heads": 2,
                       "out_hidden_size": QWEN_WIDTH, "patch_size": 16, "deepstack_visual_indexes": [0],
                       "num_position_embeddings": 64},
        **_picture_tokens(tokenizer),
    )  # fmt: skip
    return Qwen3VLForConditionalGeneration(config).eval()


def qwen3(tokenizer: Any, width: int, layers: int = 29) -> Any:
    """klein reads the hidden states 9, 18 and 27."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return Qwen3ForCausalLM(Qwen3Config(**_text(width, layers, len(tokenizer)), head_dim=HEAD)).eval()


def mistral3(processor: Any, width: int = 64, layers: int = 32) -> Any:
    """FLUX.2 dev reads the hidden states 10, 20 and 30."""
    from transformers import Mistral3Config, Mistral3ForConditionalGeneration

    config = Mistral3Config(
        text_config={**_text(width, layers, len(processor.tokenizer)), "model_type": "mistral", "head_dim": HEAD,
                     "sliding_window": None},
        vision_config={"model_type": "pixtral", "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
                       "num_attention_heads": 2, "head_dim": HEAD, "patch_size": 14, "image_size": 56},
        image_token_index=processor.tokenizer.convert_tokens_to_ids(processor.image_token),
        spatial_merge_size=2,
    )  # fmt: skip
    return Mistral3ForConditionalGeneration(config).eval()


def language_half(encoder: Any) -> Any:
    """The decoder within a text encoder, its language head apart. Before transformers 4.52 Qwen2.5-VL's was the `model` beside
    the pictures' half, and Mistral's had its head on."""
    inner = getattr(encoder, "model", encoder)
    inner = getattr(inner, "language_model", inner)
    return getattr(inner, "model", inner)


def headless(encoder: Any) -> Any:
    """`encoder` as the engine is given it: where transformers has no part of it that reads pictures and words and makes no
    guess at the next word, the engine's own around the same halves."""
    name = type(encoder).__name__
    if name == "Qwen2_5_VLForConditionalGeneration" and hasattr(encoder, "visual") and not hasattr(
        encoder.model, "language_model"
    ):  # fmt: skip
        return qwen25_halves.together(encoder.config, encoder.visual, encoder.model)
    if name == "Mistral3ForConditionalGeneration" and not hasattr(encoder, "model"):
        return language_half(encoder)
    return encoder


def clip_l(tokenizer: Any) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        hidden_size=CLIP_WIDTH,
        projection_dim=CLIP_WIDTH,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=len(tokenizer),
        max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config).eval()


def t5(tokenizer: Any) -> Any:
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=T5_WIDTH,
        d_kv=8,
        d_ff=37,
        num_layers=2,
        num_heads=5,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
    )
    return T5EncoderModel(config).eval()


def qwen_vae(channels: int = 3) -> Any:
    """channels: 4 for the layered model, whose pictures are transparent."""
    from diffusers import AutoencoderKLQwenImage

    return AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=16,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        input_channels=channels,
    ).eval()


def qwen21_vae() -> Any:
    from diffusers import AutoencoderKLQwenImage21

    return AutoencoderKLQwenImage21(
        base_dim=8,
        decoder_base_dim=8,
        z_dim=64,
        dim_mult=[1, 1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True, True],
    ).eval()


def flux_vae() -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        sample_size=32,
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 16, 16),
        layers_per_block=1,
        latent_channels=16,
        norm_num_groups=4,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.1159,
        scaling_factor=0.3611,
    ).eval()


def flux2_vae() -> Any:
    from diffusers import AutoencoderKLFlux2

    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 8, 16, 16),
        layers_per_block=1,
        latent_channels=32,
        norm_num_groups=4,
        sample_size=32,
    ).eval()
    vae.bn.running_mean.normal_(0, 0.1)
    vae.bn.running_var.uniform_(0.5, 1.5)
    return vae


def _text(width: int, layers: int, vocabulary: int) -> dict[str, Any]:
    return {
        "hidden_size": width,
        "intermediate_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": width // HEAD,
        "num_key_value_heads": width // HEAD,
        "vocab_size": vocabulary,
        "max_position_embeddings": 8192,
    }


def _ends(tokenizer: Any) -> dict[str, int]:
    end = tokenizer.convert_tokens_to_ids("<|endoftext|>")
    return {
        "bos_token_id": end,
        "eos_token_id": tokenizer.convert_tokens_to_ids("<|im_end|>"),
        "pad_token_id": end,
    }


def _picture_tokens(tokenizer: Any) -> dict[str, int]:
    names = {"vision_start_token_id": "<|vision_start|>", "vision_end_token_id": "<|vision_end|>",
             "image_token_id": "<|image_pad|>", "video_token_id": "<|video_pad|>"}  # fmt: skip
    return {name: tokenizer.convert_tokens_to_ids(word) for name, word in names.items()}
