"""What a model is loaded from, and the word on what is missing: which file, how large, from where and under
what terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..models import find as find_row
from .family import Family, Weights
from .measure import CONFIGS
from .tokenizers import embedded, tokenizer_folder

# config -> the single file that ComfyUI's users have, the hub repository that it is in, and its weights' own licence; for
# none of them terms have to be accepted
USUAL: Mapping[str, tuple[str, str, str]] = {
    "qwen2.5-vl-7b": ("qwen_2.5_vl_7b.safetensors", "Comfy-Org/Qwen-Image_ComfyUI", "Apache-2.0"),
    "vae-qwen": ("qwen_image_vae.safetensors", "Comfy-Org/Qwen-Image_ComfyUI", "Apache-2.0"),
    "clip-l": ("clip_l.safetensors", "comfyanonymous/flux_text_encoders", "MIT"),
    "t5-xxl": ("t5xxl_fp16.safetensors", "comfyanonymous/flux_text_encoders", "Apache-2.0"),
    "vae-flux-1": ("ae.safetensors", "black-forest-labs/FLUX.1-schnell", "Apache-2.0"),
    "qwen3-4b": ("qwen_3_4b.safetensors", "Comfy-Org/flux2-klein", "Apache-2.0"),
    "qwen3-vl-8b": ("qwen3vl_8b_bf16.safetensors", "Comfy-Org/Qwen-Image-2.1", "Apache-2.0"),
    "vae-qwen-2.1": (
        "qwen_image_2.1_vae_bf16.safetensors",
        "Comfy-Org/Qwen-Image-2.1",
        "Qwen Research License (non-commercial)",
    ),
    "mistral-3-24b": ("mistral_3_small_flux2_bf16.safetensors", "Comfy-Org/flux2-dev", "Apache-2.0"),
    "vae-flux-2": ("flux2-vae.safetensors", "Comfy-Org/flux2-dev", "Apache-2.0"),
}


@dataclass(frozen=True)
class Folders:
    """Where to look, as lists of folders. tokenizers: ComfyUI's own (`comfy/text_encoders` and `comfy`)."""

    diffusers: tuple[Path, ...] = ()
    diffusion_models: tuple[Path, ...] = ()
    text_encoders: tuple[Path, ...] = ()
    vae: tuple[Path, ...] = ()
    loras: tuple[Path, ...] = ()
    tokenizers: tuple[Path, ...] = ()
    configs: Path = CONFIGS

    def of(self, role: str) -> tuple[Path, ...]:
        return {"transformer": self.diffusion_models, "vae": self.vae}.get(role, self.text_encoders)


@dataclass(frozen=True)
class Sources:
    """parts: role -> a file, or a component's folder. hub: the folder with tokenizers; tokenizers: ComfyUI's
    own."""

    parts: Mapping[str, Path]
    hub: Path | None = None
    tokenizers: tuple[Path, ...] = ()
    configs: Path = CONFIGS


@dataclass(frozen=True)
class Missing:
    """What has to be downloaded for one role, or one tokenizer (0 gigabytes).

    file: "" where it is had with the model's whole folder only, which is then `repository` itself.
    """

    role: str
    file: str
    folder: str
    repository: str
    gigabytes: float
    licence: str
    gated: bool


def missing(family: Family, sources: Sources) -> tuple[Missing, ...]:
    """What `sources` lacks of all that the family needs."""
    row = find_row(family.model)
    repository = row.endpoints[0].id if row else family.model
    licence = row.licence if row else ""
    lacking = [
        _part(family, part, repository, licence) for part in family.weights if part.role not in sources.parts
    ]
    for name, kind in family.tokenizers.items():
        if tokenizer_folder(kind, name, sources.hub, sources.tokenizers) is None and not embedded(
            kind, sources.parts.get("text_encoder")
        ):
            lacking.append(Missing(name, "", "models/diffusers", repository, 0, licence, family.gated))
    return tuple(lacking)


def sentence(family: Family, lacking: Iterable[Missing]) -> str:
    """One sentence: what is missing, and what to put where."""
    wanted = list(lacking)
    row = find_row(family.model)
    name = row.name if row else family.model
    weights = {part.role for part in family.weights}
    if weights <= {one.role for one in wanted}:  # nothing is there: the folder has it all
        one = next(one for one in wanted if one.role == "transformer")
        total = sum(part.gigabytes for part in family.weights)
        return f"{name} is not on this machine yet: put {_folder(one, total)}."
    whole = [one for one in wanted if not one.file]
    inside = _list(["model_index.json", *(one.role for one in whole)])
    words = [f"{inside} of {_folder(whole[0], sum(one.gigabytes for one in whole))}"] if whole else []
    words += [
        f"{one.file} ({_size(one.gigabytes)}; {one.licence}) from {one.repository} into {one.folder}"
        for one in wanted
        if one.file
    ]
    return (
        f"{name} still lacks its {_list([one.role.replace('_', ' ') for one in wanted])}: put {_list(words)}."
    )


def _part(family: Family, part: Weights, repository: str, licence: str) -> Missing:
    file, place, own = USUAL.get(part.config, ("", repository, ""))
    folder = {"transformer": "models/diffusion_models", "vae": "models/vae"}.get(
        part.role, "models/text_encoders"
    )
    gated = family.gated if not file else False
    return Missing(
        part.role,
        file,
        folder if file else "models/diffusers",
        place,
        part.gigabytes,
        own or licence,
        gated,
    )


def _folder(one: Missing, gigabytes: float) -> str:
    terms = [_size(gigabytes)] if gigabytes else []
    terms += [one.licence] if one.licence else []
    terms += ["its terms have to be accepted on the hub first"] if one.gated else []
    note = f" ({'; '.join(terms)})" if terms else ""
    return f"the hub's folder {one.repository}{note} into {one.folder}"


def _size(gigabytes: float) -> str:
    return f"{gigabytes:.1f} GB" if gigabytes < 10 else f"{gigabytes:.0f} GB"


def _list(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
