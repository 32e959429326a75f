"""Tiny models as the single files that ComfyUI's users have, in their layouts and ways of storing.

`store`: "f32", "f16", "bf16", "fp8" (every number cast), "scaled" (fp8 with `scaled_fp8` and `.scale_weight`),
"scaled2" (fp8 with `.weight_scale` and `.comfy_quant`), "Q8_0" or "BF16" (GGUF; the path should end so).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import torch
from safetensors.torch import save_file
from switchyard.engine.local.family import families
from switchyard.engine.local.sources import Folders

from . import pipelines, tokenizers
from .layouts import LAYOUTS, State

FP8 = torch.float8_e4m3fn


def single(
    path: Path, row_id: str, role: str, store: str = "bf16", *, prefix: str = "", seed: int = 0
) -> Path:
    """The component `role` of `pipelines.build(row_id, seed)` as one file in ComfyUI's layout."""
    return write(path, comfy_state(row_id, role, seed), store, prefix)


def comfy_state(row_id: str, role: str, seed: int = 0) -> State:
    """The tensors of that component under the names of ComfyUI's files, float32."""
    return in_comfy_layout(getattr(_built(row_id, seed), role))


def in_comfy_layout(module: torch.nn.Module) -> State:
    """The tensors of a diffusers or transformers module under the names of ComfyUI's files."""
    return LAYOUTS[type(module).__name__](
        {name: tensor.clone() for name, tensor in module.state_dict().items()}
    )


def write(path: Path, state: State, store: str = "bf16", prefix: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if store in ("Q8_0", "BF16"):
        return _write_gguf(path, state, store)
    stored = _STORES[store](state)
    save_file({f"{prefix}{name}": tensor.contiguous() for name, tensor in stored.items()}, path)
    return path


def models(root: Path, row_id: str, store: str = "bf16", seed: int = 0) -> Folders:
    """`root` as a ComfyUI's models folder with single files for all of the family, its tokenizers and tiny
    configs."""
    names = {"transformer": "diffusion_models", "vae": "vae"}
    for part in families()[row_id].weights:
        stem = row_id.removesuffix("-local") if part.role == "transformer" else part.config
        kind = store if part.role == "transformer" else "bf16"
        suffix = "gguf" if kind in ("Q8_0", "BF16") else "safetensors"
        single(
            root / names.get(part.role, "text_encoders") / f"{stem}.{suffix}",
            row_id,
            part.role,
            kind,
            seed=seed,
        )
    return folders(root)


USUAL = (
    "qwen-image-local",
    "flux-2-klein-4b-base-local",
    "qwen-image-2.1-local",
    "qwen-image-layered-local",
)


def usual_folders(root: Path) -> Folders:
    """Folders with those of `USUAL` that the installed libraries can make, as the hub has them."""
    for row in filter(pipelines.ROWS.__contains__, USUAL):
        pipelines.folder(root / "diffusers" / row.removesuffix("-local"), row)
    return folders(root)


def folders(root: Path) -> Folders:
    """`root` as `look` is given it, with the tokenizers that every ComfyUI has and the configs of the tiny
    models."""
    places = {
        name: (root / name,) for name in ("diffusers", "diffusion_models", "text_encoders", "vae", "loras")
    }
    return Folders(
        **places, tokenizers=(tokenizer_folders(root / "comfy"),), configs=configs(root / "configs")
    )


def tokenizer_folders(folder: Path) -> Path:
    for name, make in (
        ("qwen25_tokenizer", tokenizers.write_qwen),
        ("sd1_tokenizer", tokenizers.write_clip),
        ("t5_tokenizer", tokenizers.write_t5),
    ):
        make(folder / name)
    return folder


def configs(folder: Path) -> Path:
    """`folder` with NAME.json for every component, as `engine/local/configs` has them for the real sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _configs().items():
        (folder / f"{name}.json").write_text(text, "utf-8")
    return folder


@cache
def _configs() -> dict[str, str]:
    found: dict[str, str] = {}
    for row_id in pipelines.ROWS:
        family = families()[row_id]
        lacking = [part for part in family.weights if part.config not in found]
        pipeline = _built(row_id, 0) if lacking else None
        for part in lacking:
            config = getattr(pipeline, part.role).config
            plain = config.to_dict() if hasattr(config, "to_dict") else dict(config)
            found[part.config] = json.dumps(
                {k: v for k, v in plain.items() if not k.startswith("_")}, default=str
            )
    return found


_built = lru_cache(maxsize=len(families()))(pipelines.build)  # nobody changes these: they are only saved


# --- ways of storing


def _as(dtype: torch.dtype) -> Callable[[State], State]:
    return lambda state: {
        name: tensor.to(dtype) if tensor.is_floating_point() else tensor for name, tensor in state.items()
    }


def _scaled(state: State, new: bool = False) -> State:
    stored: State = {} if new else {"scaled_fp8": torch.empty(2, dtype=FP8)}
    for name, tensor in state.items():
        kept = ("embed_tokens", "embedding", "shared", "relative_attention_bias")
        if tensor.ndim != 2 or not name.endswith(".weight") or any(word in name for word in kept):
            stored |= _as(torch.bfloat16)({name: tensor})
            continue
        layer = name.removesuffix(".weight")
        scale = tensor.abs().max().float().clamp(min=1e-12) / torch.finfo(FP8).max
        stored[name] = (tensor / scale).to(FP8)
        if new:
            stored[f"{layer}.weight_scale"] = scale
            stored[f"{layer}.comfy_quant"] = torch.tensor(
                list(b'{"format": "float8_e4m3fn"}'), dtype=torch.uint8
            )
        else:
            stored[f"{layer}.scale_weight"] = scale
            stored[f"{layer}.scale_input"] = torch.ones(())
    return stored


_STORES: dict[str, Callable[[State], State]] = {
    "f32": lambda state: state,
    "f16": _as(torch.float16),
    "bf16": _as(torch.bfloat16),
    "fp8": _as(FP8),
    "scaled": _scaled,
    "scaled2": lambda state: _scaled(state, new=True),
}


def _write_gguf(path: Path, state: State, store: str) -> Path:
    import gguf

    writer = gguf.GGUFWriter(path, "tiny")
    for name, tensor in state.items():
        kind = gguf.GGMLQuantizationType[store]
        if tensor.ndim != 2 or tensor.shape[1] % 32:  # blocks of Q8_0 are 32 numbers
            kind = gguf.GGMLQuantizationType.F32
        numbers = tensor.float().numpy()
        writer.add_tensor(name, gguf.quants.quantize(numbers, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
