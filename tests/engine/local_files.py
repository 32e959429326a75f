"""Single files of tiny models as modules, what they answer, and how far that is off; a GGUF file by hand."""

from __future__ import annotations

import torch
from switchyard.engine.local import weights
from switchyard.engine.local.family import families
from switchyard.tests.tiny import files, pipelines

NEWEST = tuple(row for row in pipelines.ROWS if row == "qwen-image-2.1-local")
FP8 = torch.float8_e4m3fn
QWEN, FLUX_1, KLEIN = "qwen-image-local", "flux-1-dev-local", "flux-2-klein-4b-local"


def single(folder, configs, row, role="transformer", store="f32", *, dtype=torch.float32, prefix="", depth=0):
    """The module of a single file that is written into `folder` for it."""
    suffix = "gguf" if store in ("Q8_0", "BF16") else "safetensors"
    path = files.single(folder / f"{row}-{role}-{store}.{suffix}", row, role, store, prefix=prefix)
    return weights.build(weights.draw(families()[row].part(role), path, depth, configs), dtype)


def run(row, module, dtype=torch.float32):
    """One step of a tiny transformer, with the same numbers every time."""
    torch.manual_seed(1)
    config = module.config
    tokens = torch.randn(1, 16, config.in_channels).to(dtype)
    words = torch.randn(1, 8, config.joint_attention_dim).to(dtype)
    given = {
        "hidden_states": tokens,
        "encoder_hidden_states": words,
        "timestep": torch.tensor([0.5], dtype=dtype),
    }
    if row == QWEN:
        given["img_shapes"] = [[(1, 4, 4)]]
    else:
        axes = 3 if row == FLUX_1 else 4
        given |= {"img_ids": torch.randint(0, 4, (16, axes)).float(), "txt_ids": torch.zeros(8, axes)}
    if row == FLUX_1:
        pooled = torch.randn(1, config.pooled_projection_dim).to(dtype)
        given |= {"guidance": torch.tensor([3.5], dtype=dtype), "pooled_projections": pooled}
    with torch.no_grad():
        return module(**given, return_dict=False)[0]


def error(row, module, dtype=torch.float32):
    """How far off the original's answer it is, as a part of it."""
    true = run(row, pipelines.build(row).transformer)
    return ((run(row, module, dtype).float() - true).norm() / true.norm()).item()


def write_gguf(path, shapes):
    """A GGUF file of float32 zeros, by hand."""

    def text(word):
        return len(word).to_bytes(8, "little") + word.encode()

    head = b"GGUF" + (3).to_bytes(4, "little") + len(shapes).to_bytes(8, "little") + (2).to_bytes(8, "little")
    head += text("general.architecture") + (8).to_bytes(4, "little") + text("tiny")
    head += (
        text("words")
        + (9).to_bytes(4, "little")
        + (8).to_bytes(4, "little")
        + (2).to_bytes(8, "little")
        + text("a")
        + text("b")
    )
    offset = 0
    for name, shape in shapes.items():
        head += (
            text(name)
            + len(shape).to_bytes(4, "little")
            + b"".join(size.to_bytes(8, "little") for size in reversed(shape))
        )
        head += (0).to_bytes(4, "little") + offset.to_bytes(8, "little")
        offset += -(-4 * torch.Size(shape).numel() // 32) * 32
    head += bytes(-len(head) % 32)
    path.write_bytes(head + bytes(offset))
