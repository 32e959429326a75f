"""Branches of core ComfyUI nodes, in API format, as ComfyUI's own templates build them, file names included.

A branch takes a prompt and a latent (text and nothing, or links `[node id, output]`) and ends in a VAEDecode:
`qwen_decode` or `flux_decode`, an IMAGE. Node ids begin with the family, so branches merge into one graph.
"""

from dataclasses import dataclass

Link = list  # [node id, output index]


@dataclass(frozen=True)
class CoreFile:
    """A model file as ComfyUI's templates name it; a loader in a workflow lists it in `properties.models`."""

    name: str
    directory: str  # under models/
    url: str


def _on_hub(repo: str, directory: str, name: str) -> CoreFile:
    files = f"https://huggingface.co/Comfy-Org/{repo}/resolve/main/split_files"
    return CoreFile(name, directory, f"{files}/{directory}/{name}")


QWEN_UNET = _on_hub("Qwen-Image_ComfyUI", "diffusion_models", "qwen_image_2512_fp8_e4m3fn.safetensors")
QWEN_CLIP = _on_hub("Qwen-Image_ComfyUI", "text_encoders", "qwen_2.5_vl_7b_fp8_scaled.safetensors")
QWEN_VAE = _on_hub("Qwen-Image_ComfyUI", "vae", "qwen_image_vae.safetensors")
FLUX_UNET = _on_hub("flux2-klein", "diffusion_models", "flux-2-klein-4b.safetensors")
FLUX_CLIP = _on_hub("flux2-klein", "text_encoders", "qwen_3_4b.safetensors")
FLUX_VAE = _on_hub("flux2-dev", "vae", "flux2-vae.safetensors")


def qwen_branch(
    prompt: str | Link,
    *,
    latent: Link | None = None,
    negative: str | Link = "",
    width: int = 1328,
    height: int = 1328,
    steps: int = 50,
    cfg: float = 4.0,
    seed: int = 0,
) -> dict:
    """Qwen-Image 2512, true guidance, timestep shift 3.1 (ComfyUI's template image_qwen_Image_2512)."""
    return {
        "qwen_unet": _node("UNETLoader", unet_name=QWEN_UNET.name, weight_dtype="default"),
        "qwen_clip": _node("CLIPLoader", clip_name=QWEN_CLIP.name, type="qwen_image", device="default"),
        "qwen_vae": _node("VAELoader", vae_name=QWEN_VAE.name),
        "qwen_shift": _node("ModelSamplingAuraFlow", model=["qwen_unet", 0], shift=3.1),
        "qwen_positive": _node("CLIPTextEncode", clip=["qwen_clip", 0], text=prompt),
        "qwen_negative": _node("CLIPTextEncode", clip=["qwen_clip", 0], text=negative),
        **_empty("qwen_latent", "EmptySD3LatentImage", latent, width, height),
        "qwen_sample": _sampler("qwen", "qwen_shift", latent, steps, cfg, seed),
        "qwen_decode": _node("VAEDecode", samples=["qwen_sample", 0], vae=["qwen_vae", 0]),
    }


def flux_branch(
    prompt: str | Link,
    *,
    latent: Link | None = None,
    width: int = 1024,
    height: int = 1024,
    steps: int = 4,
    seed: int = 0,
) -> dict:
    """FLUX.2 klein 4B, distilled: 4 steps, no guidance (ComfyUI's template image_flux2_klein_text_to_image).

    The template's Flux2Scheduler wants the size as two numbers, which a routed latent cannot give. KSampler's
    `simple` schedule has core's fixed shift in its place: 2.02, where the template takes 2.29 at 1024x1024.
    """
    return {
        "flux_unet": _node("UNETLoader", unet_name=FLUX_UNET.name, weight_dtype="default"),
        "flux_clip": _node("CLIPLoader", clip_name=FLUX_CLIP.name, type="flux2", device="default"),
        "flux_vae": _node("VAELoader", vae_name=FLUX_VAE.name),
        "flux_positive": _node("CLIPTextEncode", clip=["flux_clip", 0], text=prompt),
        "flux_negative": _node("ConditioningZeroOut", conditioning=["flux_positive", 0]),
        **_empty("flux_latent", "EmptyFlux2LatentImage", latent, width, height),
        "flux_sample": _sampler("flux", "flux_unet", latent, steps, 1.0, seed),
        "flux_decode": _node("VAEDecode", samples=["flux_sample", 0], vae=["flux_vae", 0]),
    }


def save(images: Link, prefix: str = "switchyard") -> dict:
    """A SaveImage node."""
    return _node("SaveImage", images=images, filename_prefix=prefix)


def _sampler(family: str, model: str, latent: Link | None, steps: int, cfg: float, seed: int) -> dict:
    return _node(
        "KSampler",
        model=[model, 0],
        positive=[f"{family}_positive", 0],
        negative=[f"{family}_negative", 0],
        latent_image=latent or [f"{family}_latent", 0],
        seed=seed,
        steps=steps,
        cfg=cfg,
        sampler_name="euler",
        scheduler="simple",
        denoise=1.0,
    )


def _empty(name: str, kind: str, latent: Link | None, width: int, height: int) -> dict:
    return {} if latent else {name: _node(kind, width=width, height=height, batch_size=1)}


def _node(kind: str, **inputs: object) -> dict:
    return {"class_type": kind, "inputs": inputs}
