"""Modules as the local families have them, random and small, each with an input and the device that it goes to.

The transformers are widened to some tens of megabytes: memory is counted on them, and the rest is noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

Run = Callable[[Any, Any], torch.Tensor]  # (module, device) -> what comes out


def qwen(layers: int = 2, heads: int = 5) -> tuple[Any, Run]:
    from diffusers import QwenImageTransformer2DModel

    module = QwenImageTransformer2DModel(
        patch_size=2, in_channels=64, out_channels=16, num_layers=layers, attention_head_dim=64,
        num_attention_heads=heads, joint_attention_dim=64, axes_dims_rope=(16, 24, 24),
    )  # fmt: skip

    def run(module, device):
        given = dict(hidden_states=(1, 16, 64), encoder_hidden_states=(1, 5, 64))
        return module(**_noise(given, device), timestep=torch.tensor([0.5]).to(device), img_shapes=[[(1, 4, 4)]],
                      encoder_hidden_states_mask=None, return_dict=False)[0]  # fmt: skip

    return module, run


def flux1(layers: int = 2, heads: int = 5) -> tuple[Any, Run]:
    from diffusers import FluxTransformer2DModel

    module = FluxTransformer2DModel(
        patch_size=1, in_channels=64, num_layers=layers, num_single_layers=layers, attention_head_dim=64,
        num_attention_heads=heads, joint_attention_dim=64, pooled_projection_dim=32, axes_dims_rope=[16, 24, 24],
        guidance_embeds=True,
    )  # fmt: skip

    def run(module, device):
        given = dict(hidden_states=(1, 16, 64), encoder_hidden_states=(1, 5, 64), pooled_projections=(1, 32))
        places = dict(txt_ids=torch.zeros(5, 3).to(device), img_ids=torch.ones(16, 3).to(device))
        numbers = dict(timestep=torch.tensor([0.5]).to(device), guidance=torch.tensor([3.5]).to(device))
        return module(**_noise(given, device), **places, **numbers, return_dict=False)[0]

    return module, run


def flux2() -> tuple[Any, Run]:
    from diffusers import Flux2Transformer2DModel

    module = Flux2Transformer2DModel(
        patch_size=1, in_channels=128, num_layers=1, num_single_layers=1, attention_head_dim=64,
        num_attention_heads=4, joint_attention_dim=64, axes_dims_rope=(16, 16, 16, 16),
    )  # fmt: skip

    def run(module, device):
        given = dict(hidden_states=(1, 16, 128), encoder_hidden_states=(1, 5, 64))
        places = dict(txt_ids=torch.zeros(1, 5, 4).to(device), img_ids=torch.ones(1, 16, 4).to(device))
        numbers = dict(timestep=torch.tensor([0.5]).to(device), guidance=torch.tensor([3.5]).to(device))
        return module(**_noise(given, device), **places, **numbers, return_dict=False)[0]

    return module, run


def vae_qwen() -> tuple[Any, Run]:
    from diffusers import AutoencoderKLQwenImage

    module = AutoencoderKLQwenImage(base_dim=16, z_dim=16, dim_mult=[1, 2, 2, 2], num_res_blocks=1)
    return module, lambda module, device: module.decode(
        **_noise(dict(z=(1, 16, 1, 4, 4)), device), return_dict=False
    )[0]


def vae_flux() -> tuple[Any, Run]:
    from diffusers import AutoencoderKLFlux2

    module = AutoencoderKLFlux2(block_out_channels=(16, 16, 16, 16), norm_num_groups=4, layers_per_block=1)
    return module, lambda module, device: module.decode(
        **_noise(dict(z=(1, 32, 4, 4)), device), return_dict=False
    )[0]


def t5() -> tuple[Any, Run]:
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        d_model=128,
        d_kv=32,
        d_ff=256,
        num_layers=2,
        num_heads=4,
        vocab_size=500,
        feed_forward_proj="gated-gelu",
    )
    return T5EncoderModel(config), lambda module, device: module(_words(device)).last_hidden_state


def clip() -> tuple[Any, Run]:
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        vocab_size=500, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4
    )
    return CLIPTextModel(config), lambda module, device: module(_words(device)).last_hidden_state


def qwen3() -> tuple[Any, Run]:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(
        vocab_size=500, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, tie_word_embeddings=True,
    )  # fmt: skip
    return Qwen3ForCausalLM(config), lambda module, device: module.model(_words(device)).last_hidden_state


def qwen_vl() -> tuple[Any, Run]:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    text = dict(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
                num_key_value_heads=2, vocab_size=500, rope_scaling={"type": "mrope", "mrope_section": [2, 3, 3]})  # fmt: skip
    vision = dict(depth=2, hidden_size=32, intermediate_size=64, num_heads=2, out_hidden_size=64,
                  fullatt_block_indexes=[1], window_size=56, patch_size=14, spatial_patch_size=14)  # fmt: skip
    special = dict(image_token_id=490, video_token_id=491, vision_start_token_id=492, vision_end_token_id=493)
    module = Qwen2_5_VLForConditionalGeneration(
        Qwen2_5_VLConfig(text_config=text, vision_config=vision, **special)
    )

    def run(module, device):
        ids = torch.tensor([[1, 2, 492, *[490] * 16, 493, 3]])
        pixels = _noise(dict(pixel_values=(64, 1176)), device)
        grid = torch.tensor([[1, 8, 8]]).to(device)
        kinds = (ids == 490).int().to(device)
        told = dict(mm_token_type_ids=kinds) if _takes(module.model.forward, "mm_token_type_ids") else {}
        found = module.model(input_ids=ids.to(device), image_grid_thw=grid, use_cache=False, **pixels, **told)
        return found.last_hidden_state

    return module, run


ALL = {"qwen": qwen, "flux1": flux1, "flux2": flux2, "vae_qwen": vae_qwen, "vae_flux": vae_flux, "t5": t5, "clip": clip,
       "qwen3": qwen3, "qwen_vl": qwen_vl}  # fmt: skip


def build(name: str, seed: int = 0, **sizes: int) -> tuple[Any, Run]:
    torch.manual_seed(seed)
    module, run = ALL[name](**sizes)
    return module.eval().requires_grad_(False), run


def role(name: str) -> str:
    if name.startswith("vae"):
        return "vae"
    return "transformer" if name in ("qwen", "flux1", "flux2") else "text_encoder"


def _noise(shapes: dict[str, tuple[int, ...]], device: Any) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {name: torch.randn(shape, generator=generator).to(device) for name, shape in shapes.items()}


def _words(device: Any) -> torch.Tensor:
    return torch.tensor([[5, 17, 3, 250, 499]]).to(device)


def _takes(function: Callable, name: str) -> bool:
    import inspect

    return name in inspect.signature(function).parameters
