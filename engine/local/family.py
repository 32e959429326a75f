"""The local families: one row a set of weights, with all that loading, encoding, sampling and decoding differ in.

Class names are those of diffusers (0.42.1) and transformers; they are looked up when they are first used, so that the table
costs nothing to read. Figures are from the pipelines' own code and the model cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

Kind = Literal["qwen", "qwen21", "flux1", "flux2"]  # which code encodes, samples and adapts the latents
Mode = Literal["generate", "image", "inpaint", "edit", "edit inpaint", "layers"]
Role = Literal["transformer", "text_encoder", "text_encoder_2", "vae"]  # the folder names of the hub


@dataclass(frozen=True)
class Weights:
    """One component: its role, class, bundled config (`configs/NAME.json`) and size.

    share: components with the same word are interchangeable between families: one copy in memory serves them all.
    gigabytes: of the published bf16 file, for "what fits" and for the word on what is missing.
    """

    role: Role
    class_name: str
    config: str
    share: str
    gigabytes: float


LEAST: Mapping[str, str] = {"diffusers": "0.38", "transformers": "4.50"}  # ComfyUI asks for 4.50.3 itself
LEAST_QWEN_3 = {**LEAST, "transformers": "4.51"}
# diffusers from 0.40 on is installed with a huggingface_hub that transformers 4 refuses.
LEAST_QWEN_21 = {"diffusers": "0.41", "transformers": "5.0"}


@dataclass(frozen=True)
class Family:
    """`model` is the row id in the model table (its repository, licence and limits stand there).

    pipelines: the diffusers class for each mode. tokenizers: folder name of the hub -> what it holds ("qwen", "clip", "t5",
    "mistral"); processor: the encoder sees reference pictures. steps, guidance: the defaults; `guidance_kind`
    "true_cfg" runs a second, negative pass, "embedded" is a number the model was distilled to read, "none" has neither.
    multiple: pixels, the grid of sizes. references: the most pictures that an edit takes. out_layers: the encoder's hidden
    states that make the embedding (FLUX.2). tokens: the longest prompt. least: the oldest releases that have its classes.
    """

    model: str
    kind: Kind
    weights: tuple[Weights, ...]
    pipelines: Mapping[Mode, str]
    tokenizers: Mapping[str, str]
    steps: int
    guidance: float
    guidance_kind: Literal["true_cfg", "embedded", "none"]
    processor: bool = False
    multiple: int = 16
    references: int = 0
    tokens: int = 512
    out_layers: tuple[int, ...] = ()
    distilled: bool = False
    gated: bool = False
    scheduler: Mapping[str, object] = field(default_factory=dict)  # of FlowMatchEulerDiscreteScheduler
    least: Mapping[str, str] = field(default_factory=lambda: LEAST)

    def part(self, role: str) -> Weights | None:
        return next((part for part in self.weights if part.role == role), None)

    @property
    def negative_acts(self) -> bool:
        return self.guidance_kind == "true_cfg"


QWEN_SCHEDULE: Mapping[str, object] = {
    "base_image_seq_len": 256,
    "base_shift": 0.5,
    "max_image_seq_len": 8192,
    "max_shift": 0.9,
    "shift": 1.0,
    "shift_terminal": 0.02,
    "time_shift_type": "exponential",
    "use_dynamic_shifting": True,
}
# Its pipeline reckons the shift itself, as a factor (the root of tokens / 256, 2.5 at 640x640), and not as an exponent.
LAYERED_SCHEDULE: Mapping[str, object] = {
    **QWEN_SCHEDULE,
    "shift_terminal": None,
    "time_shift_type": "linear",
}
FLUX_SCHEDULE: Mapping[str, object] = {
    "base_image_seq_len": 256,
    "base_shift": 0.5,
    "max_image_seq_len": 4096,
    "max_shift": 1.15,
    "shift": 3.0,
    "use_dynamic_shifting": True,
}
SCHNELL_SCHEDULE: Mapping[str, object] = {"shift": 1.0, "use_dynamic_shifting": False}

QWEN_VL = Weights("text_encoder", "Qwen2_5_VLForConditionalGeneration", "qwen2.5-vl-7b", "qwen2.5-vl", 16.6)
QWEN_VAE = Weights("vae", "AutoencoderKLQwenImage", "vae-qwen", "vae-qwen", 0.25)
QWEN_TEXT_MODES: Mapping[Mode, str] = {
    "generate": "QwenImagePipeline",
    "image": "QwenImageImg2ImgPipeline",
    "inpaint": "QwenImageInpaintPipeline",
}


def _qwen_transformer(config: str) -> Weights:
    return Weights("transformer", "QwenImageTransformer2DModel", config, config, 40.9)


def _qwen(
    model: str,
    config: str,
    pipelines: Mapping[Mode, str],
    *,
    vae: Weights = QWEN_VAE,
    references: int = 0,
    scheduler: Mapping[str, object] = QWEN_SCHEDULE,
) -> Family:
    return Family(
        model,
        "qwen",
        (_qwen_transformer(config), QWEN_VL, vae),
        pipelines,
        {"tokenizer": "qwen"},
        steps=50,
        guidance=4.0,
        guidance_kind="true_cfg",
        processor=bool(references),
        multiple=32 if references else 16,
        references=references,
        tokens=1024,
        scheduler=scheduler,
    )


def _qwen_edit(model: str, config: str, pipeline: str, references: int) -> Family:
    modes: dict[Mode, str] = {"edit": pipeline, "edit inpaint": "QwenImageEditInpaintPipeline"}
    return _qwen(model, config, modes, references=references)


QWEN_21 = Family(
    "qwen-image-2.1-local",
    "qwen21",
    (
        Weights("transformer", "QwenImage21Transformer2DModel", "qwen-image-2.1", "qwen-image-2.1", 14.2),
        Weights("text_encoder", "Qwen3VLForConditionalGeneration", "qwen3-vl-8b", "qwen3-vl-8b", 17.5),
        Weights("vae", "AutoencoderKLQwenImage21", "vae-qwen-2.1", "vae-qwen-2.1", 0.7),
    ),
    {"generate": "QwenImage21Pipeline", "edit": "QwenImage21Pipeline"},
    {"processor": "qwen"},
    steps=40,
    guidance=1.0,
    guidance_kind="true_cfg",
    processor=True,
    multiple=32,
    references=4,
    scheduler=QWEN_SCHEDULE,
    least=LEAST_QWEN_21,
)

FLUX_1_ENCODERS = (
    Weights("text_encoder", "CLIPTextModel", "clip-l", "clip-l", 0.25),
    Weights("text_encoder_2", "T5EncoderModel", "t5-xxl", "t5-xxl", 9.5),
)
FLUX_1_VAE = Weights("vae", "AutoencoderKL", "vae-flux-1", "vae-flux-1", 0.17)


def _flux_1(
    model: str,
    config: str,
    pipelines: Mapping[Mode, str],
    *,
    steps: int = 28,
    guidance: float = 3.5,
    tokens: int = 512,
    references: int = 0,
    gated: bool = True,
    scheduler: Mapping[str, object] = FLUX_SCHEDULE,
) -> Family:
    return Family(
        model,
        "flux1",
        (
            Weights("transformer", "FluxTransformer2DModel", config, config, 23.8),
            *FLUX_1_ENCODERS,
            FLUX_1_VAE,
        ),
        pipelines,
        {"tokenizer": "clip", "tokenizer_2": "t5"},
        steps=steps,
        guidance=guidance,
        guidance_kind="embedded" if guidance else "none",
        references=references,
        tokens=tokens,
        gated=gated,
        scheduler=scheduler,
    )


FLUX_1_MODES: Mapping[Mode, str] = {
    "generate": "FluxPipeline",
    "image": "FluxImg2ImgPipeline",
    "inpaint": "FluxInpaintPipeline",
}
KONTEXT_MODES: Mapping[Mode, str] = {
    "edit": "FluxKontextPipeline",
    "edit inpaint": "FluxKontextInpaintPipeline",
}

FLUX_2_VAE = Weights("vae", "AutoencoderKLFlux2", "vae-flux-2", "vae-flux-2", 0.17)
FLUX_2_DEV = Family(
    "flux-2-dev-local",
    "flux2",
    (
        Weights("transformer", "Flux2Transformer2DModel", "flux-2-dev", "flux-2-dev", 64.5),
        Weights("text_encoder", "Mistral3ForConditionalGeneration", "mistral-3-24b", "mistral-3-24b", 47.1),
        FLUX_2_VAE,
    ),
    {"generate": "Flux2Pipeline", "edit": "Flux2Pipeline"},
    {"tokenizer": "mistral"},
    steps=50,
    guidance=4.0,
    guidance_kind="embedded",
    references=6,
    out_layers=(10, 20, 30),
    gated=True,
    scheduler=FLUX_SCHEDULE,
)


def _klein(model: str, size: Literal["4b", "9b"], *, distilled: bool = True, cached: bool = False) -> Family:
    pipeline = "Flux2KleinKVPipeline" if cached else "Flux2KleinPipeline"
    config = f"flux-2-klein-{size}"
    modes: dict[Mode, str] = {"generate": pipeline, "edit": pipeline}
    if not cached:
        modes |= {"inpaint": "Flux2KleinInpaintPipeline", "edit inpaint": "Flux2KleinInpaintPipeline"}
    encoder = ("qwen3-4b", 8.0) if size == "4b" else ("qwen3-8b", 16.4)
    return Family(
        model,
        "flux2",
        (
            Weights("transformer", "Flux2Transformer2DModel", config, model, 7.8 if size == "4b" else 18.2),
            Weights("text_encoder", "Qwen3ForCausalLM", encoder[0], encoder[0], encoder[1]),
            FLUX_2_VAE,
        ),
        modes,
        {"tokenizer": "qwen"},
        steps=4 if distilled else 50,
        guidance=1.0 if distilled else 4.0,
        guidance_kind="none" if distilled else "true_cfg",
        references=4,
        out_layers=(9, 18, 27),
        distilled=distilled,
        gated=size == "9b",
        scheduler=FLUX_SCHEDULE,
        least=LEAST_QWEN_3,
    )


QWEN_LAYERED_VAE = Weights("vae", "AutoencoderKLQwenImage", "vae-qwen-layered", "vae-qwen-layered", 0.25)

_ROWS = (
    _qwen("qwen-image-local", "qwen-image", QWEN_TEXT_MODES),
    _qwen("qwen-image-2512-local", "qwen-image", QWEN_TEXT_MODES),
    _qwen_edit("qwen-image-edit-local", "qwen-image", "QwenImageEditPipeline", 1),
    _qwen_edit("qwen-image-edit-2509-local", "qwen-image", "QwenImageEditPlusPipeline", 3),
    _qwen_edit("qwen-image-edit-2511-local", "qwen-image-edit-2511", "QwenImageEditPlusPipeline", 3),
    _qwen(
        "qwen-image-layered-local",
        "qwen-image-layered",
        {"layers": "QwenImageLayeredPipeline"},
        vae=QWEN_LAYERED_VAE,
        references=1,
        scheduler=LAYERED_SCHEDULE,
    ),
    QWEN_21,
    _flux_1("flux-1-dev-local", "flux-1-dev", FLUX_1_MODES),
    _flux_1(
        "flux-1-schnell-local",
        "flux-1-schnell",
        FLUX_1_MODES,
        steps=4,
        guidance=0.0,
        tokens=256,
        gated=False,
        scheduler=SCHNELL_SCHEDULE,
    ),
    _flux_1("flux-1-kontext-dev-local", "flux-1-dev", KONTEXT_MODES, guidance=2.5, references=1),
    FLUX_2_DEV,
    _klein("flux-2-klein-4b-local", "4b"),
    _klein("flux-2-klein-9b-local", "9b"),
    _klein("flux-2-klein-4b-base-local", "4b", distilled=False),
    _klein("flux-2-klein-9b-base-local", "9b", distilled=False),
    _klein("flux-2-klein-9b-kv-local", "9b", cached=True),
)


@cache
def families() -> dict[str, Family]:
    """Every family by its row id in the model table."""
    return {family.model: family for family in _ROWS}
