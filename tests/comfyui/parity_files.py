"""The single files of `core_parity.py`: small, random, in the layouts that ComfyUI's users have, a head as wide as core's."""

import json

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    Flux2Transformer2DModel,
    FluxTransformer2DModel,
    QwenImageTransformer2DModel,
)
from switchyard.engine.local import measure
from switchyard.tests.tiny import files

CHANNELS = 32  # of FLUX's VAEs at full resolution; GroupNorm splits them in 32


def write(both) -> None:
    """A models folder: our transformer and VAE, the rest from the tiny pipelines, and configs that go with all of them."""
    files.models(both.root, both.family.model)
    files.configs(both.configs)
    for role in ("diffusion_models", "vae"):
        for file in (both.root / role).iterdir():
            file.unlink()
    for role, path in (("transformer", both.transformer), ("vae", both.vae)):
        weights = both.family.part(role)
        module = _lively(_MAKERS[weights.class_name](both.family))
        published = measure.bundled(weights.config)
        changes = {
            name: module.config[name] for name in measure.IDENTITY[weights.class_name] if name in published
        }
        (both.configs / f"{weights.config}.json").write_text(json.dumps({**published, **changes}), "utf-8")
        state = files.in_comfy_layout(module)
        if both.family.model == "qwen-image-edit-2511-local" and role == "transformer":
            state["__index_timestep_zero__"] = torch.tensor([])
        files.write(path, state, "f32")


def _qwen(family):
    return QwenImageTransformer2DModel(
        num_layers=2, num_attention_heads=2, joint_attention_dim=64, out_channels=16
    )


def _flux_1(family):
    return FluxTransformer2DModel(
        in_channels=64, num_layers=2, num_single_layers=2, num_attention_heads=2, joint_attention_dim=64,
        guidance_embeds=family.guidance_kind == "embedded",
    )  # fmt: skip


def _flux_2(family):
    return Flux2Transformer2DModel(
        in_channels=128, num_layers=2, num_single_layers=2, num_attention_heads=2, joint_attention_dim=96,
        timestep_guidance_channels=256, axes_dims_rope=(32,) * 4, guidance_embeds=family.guidance_kind == "embedded",
    )  # fmt: skip


def _kl(family):
    return AutoencoderKL(latent_channels=16, use_quant_conv=False, use_post_quant_conv=False, **_kl_levels())


def _kl_2(family):
    made = AutoencoderKLFlux2(
        **{name: value for name, value in _kl_levels().items() if "block_types" not in name}
    )
    made.bn.running_mean.copy_(torch.randn(128) / 10)
    made.bn.running_var.copy_(torch.rand(128) + 0.5)
    return made


def _kl_levels():
    widths = tuple(CHANNELS * times for times in (1, 2, 4, 4))
    return {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
            "block_out_channels": widths, "layers_per_block": 2}  # fmt: skip


def _wan(family):
    return AutoencoderKLQwenImage(base_dim=16)


_MAKERS = {
    "QwenImageTransformer2DModel": _qwen,
    "FluxTransformer2DModel": _flux_1,
    "Flux2Transformer2DModel": _flux_2,
    "AutoencoderKL": _kl,
    "AutoencoderKLFlux2": _kl_2,
    "AutoencoderKLQwenImage": _wan,
}


def _lively(module):
    """Weights of which every one makes a difference, biases and norms included."""
    for name, tensor in module.named_parameters():
        inner = tensor[0].numel() if tensor.dim() > 1 else 0
        if inner > 1:
            tensor.data = torch.randn_like(tensor) / inner**0.5
        else:
            tensor.data = torch.randn_like(tensor) / 9 + (0 if name.endswith("bias") else 1)
    return module.eval()
