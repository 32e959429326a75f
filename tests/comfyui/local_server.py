"""A ComfyUI with tiny local models: every family as a hub folder, and klein 4B as the single files that users have.

klein 9B reads text as wide as core's tiny encoder of klein makes it (`tiny_core.py`), so that core's CLIP Text Encode goes
with it.
"""

import json
import os
import random
import shutil
from pathlib import Path

from PIL import Image
from switchyard.tools.environment import find_python
from switchyard.tools.server import ComfyServer, link

from ..testing_pack.sizes import TAPS, TEXT
from ..tiny import files, pipelines
from .local_graphs import PICTURE
from .tiny_core import write_tiny_core

ROOT = Path(__file__).resolve().parents[2]
FILES = "flux-2-klein-4b-local"  # as single files
# The text's width is core's.
CORES = ("flux-2-klein-9b-local", "flux-2-klein-9b-base-local", "flux-2-klein-9b-kv-local")


def local_server(base: Path, fal: str, *extra: str, **env: str) -> ComfyServer:
    """Not started yet; `extra` are arguments of main.py."""
    write_models(base)
    write_pictures(base / "input")
    comfyui = Path(os.environ["COMFYUI_PATH"]).expanduser().resolve()
    link(ROOT / "tests" / "testing_pack", base / "custom_nodes" / "switchyard_testing")
    environment = {"FAL_KEY": None, "SWITCHYARD_DAILY_BUDGET": None, "SWITCHYARD_FAL_URL": fal, "HF_HUB_CACHE": str(base / "hub"),
                   "HF_HUB_OFFLINE": "1", "SWITCHYARD_TEST_TINY": str(base / "tiny"), "OMP_NUM_THREADS": "1", **env}  # fmt: skip
    arguments = ["--cpu", "--disable-api-nodes", "--preview-method", "latent2rgb", *extra]
    return ComfyServer(
        find_python(comfyui, os.environ), comfyui, base, ROOT, extra=arguments, env=environment
    )


def write_pictures(folder: Path) -> None:
    """noise.png, and half.png: white on its right half."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = random.Random(1).randbytes(PICTURE[0] * PICTURE[1] * 3)
    Image.frombytes("RGB", PICTURE, noise).save(folder / "noise.png")
    mask = Image.new("RGB", PICTURE)
    mask.paste((255, 255, 255), (PICTURE[0] // 2, 0, *PICTURE))
    mask.save(folder / "half.png")


def write_models(base: Path) -> None:
    models, tiny = base / "models", base / "tiny"
    write_tiny_core(models)
    files.configs(tiny / "configs")
    files.tokenizer_folders(tiny / "comfy")
    for row in pipelines.ROWS:
        if row == FILES:
            for part in pipelines.families()[row].weights:
                folder = {"transformer": "diffusion_models", "vae": "vae"}.get(part.role, "text_encoders")
                files.single(models / folder / f"{row}-{part.role}.safetensors", row, part.role)
        else:
            pipelines.folder(models / "diffusers" / row.removesuffix("-local"), row)
    _share_as_on_the_hub(models / "diffusers")
    changes = {
        "flux-2-klein-9b": {"joint_attention_dim": TEXT * len(TAPS)},
        "qwen3-8b": {"hidden_size": TEXT},
    }
    for config, change in changes.items():
        path = tiny / "configs" / f"{config}.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    for row in CORES:
        _as_wide_as_cores(models / "diffusers" / row.removesuffix("-local"))


def _share_as_on_the_hub(folder: Path) -> None:
    """Every Qwen-Image repository has a copy of the same text encoder; the VAE is the same but for Layered's."""
    for name in (
        "qwen-image-2512",
        "qwen-image-edit",
        "qwen-image-edit-2509",
        "qwen-image-edit-2511",
        "qwen-image-layered",
    ):
        for part in ("text_encoder", "vae"):
            if (name, part) != ("qwen-image-layered", "vae"):
                shutil.rmtree(folder / name / part)
                shutil.copytree(folder / "qwen-image" / part, folder / name / part)


def _as_wide_as_cores(folder: Path) -> None:
    """Another transformer and another encoder in `folder`."""
    import torch
    from diffusers import Flux2Transformer2DModel
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(1)
    config = json.loads((folder / "transformer" / "config.json").read_text("utf-8"))
    known = {name: value for name, value in config.items() if not name.startswith("_")}
    made = Flux2Transformer2DModel(**{**known, "joint_attention_dim": TEXT * len(TAPS)})
    made.eval().save_pretrained(folder / "transformer")
    config = json.loads((folder / "text_encoder" / "config.json").read_text("utf-8"))
    config |= {
        "hidden_size": TEXT,
        "intermediate_size": 16,
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
    }
    Qwen3ForCausalLM(Qwen3Config(**config)).eval().save_pretrained(folder / "text_encoder")
