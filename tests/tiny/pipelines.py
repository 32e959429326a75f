"""Every local family as a tiny random diffusers pipeline, and as a folder of the hub's kind.

`build(row_id, seed)` makes one in memory, `folder(path, row_id, seed)` saves it; the row ids are those of
`engine/local/family.py`. The same seed gives the same weights.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import SkipTest

from switchyard.engine.local.family import Family, families

from . import modules, tokenizers

# Model files of a library, for the families that not every release of it has.
_CAME_LATER = {
    "Qwen3ForCausalLM": (("transformers", "models/qwen3/modeling_qwen3.py"),),
    "Qwen3VLForConditionalGeneration": (
        ("transformers", "models/qwen3_vl/modeling_qwen3_vl.py"),
        ("diffusers", "models/transformers/transformer_qwenimage21.py"),
    ),
}


def _known(family: Family) -> bool:
    """Whether the installed libraries have the family's classes; asked of their files, since importing them takes seconds."""
    return all(_has(*place) for part in family.weights for place in _CAME_LATER.get(part.class_name, ()))


def _has(library: str, file: str) -> bool:
    spec = find_spec(library)
    folders = spec.submodule_search_locations if spec else None
    return any((Path(folder) / file).exists() for folder in folders or ())


ROWS = tuple(row for row, family in families().items() if _known(family))
WIDTH = {"4b": 32, "9b": 48}  # of klein's encoder and transformer


def build(row_id: str, seed: int = 0) -> Any:
    """The diffusers pipeline of the family's first mode, in float32 on the CPU. It takes about 0.1 s."""
    import diffusers
    import torch
    import transformers

    family = families()[row_id]
    if row_id not in ROWS:
        have = f"diffusers {diffusers.__version__} with transformers {transformers.__version__}"
        raise SkipTest(f"{have} does not know {row_id}")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        parts = _BUILDERS[family.kind](family)
    pipeline = getattr(diffusers, next(iter(family.pipelines.values())))
    return pipeline(scheduler=diffusers.FlowMatchEulerDiscreteScheduler(**family.scheduler), **parts)


def folder(path: Path, row_id: str, seed: int = 0) -> Path:
    """`path` as a folder under models/diffusers: model_index.json and a folder for each component (float32
    safetensors)."""
    build(row_id, seed).save_pretrained(path, safe_serialization=True)
    return path


def _qwen(family: Family) -> dict[str, Any]:
    tokenizer = tokenizers.qwen()
    layered = "layers" in family.pipelines
    changes: dict[str, Any] = {}
    if layered:
        changes = {"use_additional_t_cond": True, "use_layer3d_rope": True}
    elif family.model == "qwen-image-edit-2511-local":
        changes = {"zero_cond_t": True}
    return {
        "vae": modules.qwen_vae(4 if layered else 3),
        "text_encoder": modules.qwen25_vl(tokenizer),
        "tokenizer": tokenizer,
        "transformer": modules.qwen_transformer(**changes),
        **({"processor": tokenizers.qwen_processor(tokenizer)} if family.processor else {}),
    }


def _qwen21(family: Family) -> dict[str, Any]:
    tokenizer = tokenizers.qwen()
    return {
        "vae": modules.qwen21_vae(),
        "text_encoder": modules.qwen3_vl(tokenizer),
        "processor": tokenizers.qwen_processor(tokenizer, "Qwen3VLProcessor", 16),
        "transformer": modules.qwen21_transformer(),
    }


def _flux1(family: Family) -> dict[str, Any]:
    clip, t5 = tokenizers.clip(), tokenizers.t5()
    clip.model_max_length = 77
    return {
        "vae": modules.flux_vae(),
        "text_encoder": modules.clip_l(clip),
        "tokenizer": clip,
        "text_encoder_2": modules.t5(t5),
        "tokenizer_2": t5,
        "transformer": modules.flux_transformer(family.guidance_kind == "embedded"),
    }


def _flux2(family: Family) -> dict[str, Any]:
    if family.model == "flux-2-dev-local":
        processor = tokenizers.mistral()
        return {
            "vae": modules.flux2_vae(),
            "text_encoder": modules.mistral3(processor),
            "tokenizer": processor,
            "transformer": modules.flux2_transformer(64, guidance=True),
        }
    tokenizer = tokenizers.qwen()
    width = WIDTH["4b" if "-4b" in family.model else "9b"]
    return {
        "vae": modules.flux2_vae(),
        "text_encoder": modules.qwen3(tokenizer, width),
        "tokenizer": tokenizer,
        "transformer": modules.flux2_transformer(width),
        "is_distilled": family.distilled,
    }


_BUILDERS: dict[str, Callable[[Family], dict[str, Any]]] = {
    "qwen": _qwen,
    "qwen21": _qwen21,
    "flux1": _flux1,
    "flux2": _flux2,
}
